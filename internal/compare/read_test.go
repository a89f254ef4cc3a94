package compare_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"cupclint/internal/catalogue"
	"cupclint/internal/compare"
	"cupclint/internal/jsonplace"
)

const finding = `{"rule":"PRES001","name":"n","severity":"error","message":"m","file":"x/a","fingerprint":"00:1","area":"presence","kind":"export"}`

func TestForms(t *testing.T) {
	for text, want := range map[string]compare.Form{
		"": compare.JSONLines, "\ufeff \n": compare.JSONLines, finding: compare.JSONLines, `{"findings":[`: compare.JSONReport,
		"{\n  \"findings\": []": compare.JSONReport, "{\n \"cupclintCase\": 1,": compare.SavedCase, "<xml/>": compare.NoForm,
		`{"a":1}`: compare.NoForm,
		"[]":      compare.NoForm,
	} {
		if got := compare.FormOf([]byte(text)); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestDamagedReportsNameThePlace(t *testing.T) {
	for text, want := range map[string]string{
		`{"findings":[` + "\n" + finding: "line 2, column 131: the text ends too early",
		`{"findings":[]} x`:              "line 1, column",
		`{"findings":[{"rule":"R"}]}`:    "finding 1: a finding needs a rule and a message",
		`{"findings":{}}`:                "line 1, column",
	} {
		_, err := compare.ReadReport("r.json", []byte(text))
		var at *jsonplace.Error
		if !errors.As(err, &at) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	s := compare.ReadLines("r.jsonl", []byte(finding+"\n{\"rule\":\n"+finding+"\n[]\n\n{}\n"))
	if len(s.Findings) != 2 || len(s.Errors) != 3 || s.Errors[0].Line != 2 || s.Errors[2].Line != 6 {
		t.Errorf("%d findings, %+v", len(s.Findings), s.Errors)
	}
	if s := compare.ReadLines("r.jsonl", []byte(strings.Repeat("{\n", 50))); len(s.Errors) != 21 {
		t.Errorf("%d errors", len(s.Errors))
	}
}

func FuzzReadReport(f *testing.F) {
	f.Add([]byte(`{"findings":[`+finding+
		`],"addresses":[{"file":"a","role":"primary"}],"probes":[{"area":"sip","target":"x:1"}],"summary":{"files":1},`+
		`"errors":[{"file":"b","message":"m"}],"version":"1"}`), []byte(finding+"\n"+finding))
	f.Add([]byte(`{"findings":null}`), []byte("\n"))
	f.Fuzz(func(t *testing.T, report, lines []byte) {
		s, err := compare.ReadReport("r.json", report)
		if err != nil {
			var at *jsonplace.Error
			if !errors.As(err, &at) || at.Line < 1 || at.Column < 1 {
				t.Fatalf("%v", err)
			}
			s = &compare.Side{Name: "r.json", Kind: compare.Report}
		}
		r := compare.Run(s, compare.ReadLines("l.jsonl", lines), compare.Options{})
		writeBounded(t, r)
	})
}

// writeBounded writes all formats: none fails, whatever was read.
func writeBounded(t *testing.T, r *compare.Result) {
	t.Helper()
	var b strings.Builder
	for _, err := range []error{r.WriteText(&b, compare.Style{Width: 80}), r.WriteHTML(&b), r.WriteJSON(&b)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if strings.ContainsRune(b.String(), 0x1b) {
		t.Error("a control character is written")
	}
}

func FuzzObserved(f *testing.F) {
	f.Add("directory", []byte(`[{"target":{"host":"dc1","port":389},"account":{"dn":"CN=a","failures":1},"at":"2026-03-02T04:00:00Z"}]`))
	f.Add("dns", []byte(`{"lookups":[{"name":"a.","type":"SRV","answers":[{"outcome":"found","records":[{"data":"10 10 5061 b."}]}]}]}`))
	f.Fuzz(func(t *testing.T, area string, text []byte) {
		if !json.Valid(text) {
			return
		}
		facts, err := compare.Observed(catalogue.Areas(nil), map[string]json.RawMessage{area: text})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range facts {
			if f.Name == "" || f.Area == "" {
				t.Errorf("%+v", f)
			}
		}
	})
}

package fix_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"cupclint/export"
	"cupclint/internal/fix"
	"cupclint/lint"
	"cupclint/lint/rules"
)

func judge(e *export.Export) ([]lint.Finding, error) {
	return lint.NewJudge(lint.Options{Rules: rules.All()}).Findings(e)
}

func compute(t *testing.T, name, data string) *fix.Result {
	t.Helper()
	m, err := fix.Compute(name, []byte(data), export.Auto, judge)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func utf16le(s string) string {
	out := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

func utf16be(s string) string {
	out := []byte(utf16le(s))
	for i := 0; i+1 < len(out); i += 2 {
		out[i], out[i+1] = out[i+1], out[i]
	}
	return string(out)
}

const (
	registry = "Windows Registry Editor Version 5.00\r\n\r\n" +
		"[HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services Framework\\AdminData]\r\n; " +
		"M\u00fcnchen\r\n\"Presence.Domain\"=\"%\"\r\n"
	soap1252 = "<?xml version=\"1.0\" encoding=\"Windows-1252\"?>\r\n<!-- M\xfcnchen \x80 --><e:get-system-config-resp " +
		"xmlns:e=\"urn:cisco:epas:soap\">\r\n" +
		"<e:property name=\"Presence.Domain\">%</e:property>\r\n</e:get-system-config-resp>"
)

// The parts that are not wrong keep every byte: encoding, byte order mark, line ends, the end of the last line.
func TestComputeKeepsEveryOtherByte(t *testing.T) {
	plain := func(s string) string { return s }
	for _, test := range []struct {
		name, text string
		encode     func(string) string
	}{
		{"lf.properties", "# \u00e9\nPresence.Domain = %\nX = 1 \n", plain},
		{"crlf.properties", "# \u00e9\r\nPresence.Domain = %\r\nX = 1 \r\n", plain},
		{"mixed.properties", "# \u00e9\r\nPresence.Domain = %\nX = 1 ", plain},
		{"bom.properties", "\ufeffPresence.Domain = %", plain},
		{"1252.xml", soap1252, plain},
		{"latin1.xml", strings.ReplaceAll(soap1252, "Windows-1252", "ISO-8859-1"), plain},
		{"le.reg", registry, utf16le},
		{"be.reg", registry, utf16be},
		{"old.reg", "REGEDIT4\r\n\r\n[HKEY_CURRENT_USER\\Software\\Cisco Systems, Inc.\\Client Services Framework\\AdminData]\r\n; " +
			"M\xfcnchen\r\n\"Presence.Domain\"=\"%\"", plain},
		{"a.json", "{\"Presence.Domain\":\t\"%\"}", plain},
		{"a.yaml", "Presence:\n  Domain: '%'   # \u00e9\n", plain},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := func(domain string) string { return test.encode(strings.Replace(test.text, "%", domain, 1)) }
			m := compute(t, test.name, file(" .ACME.com. "))
			if want := file("ACME.com"); string(m.After) != want {
				t.Errorf("fixed to\n%q\nwant\n%q", m.After, want)
			}
			if len(m.Refused) > 0 || len(m.Applied) < 2 {
				t.Errorf("%d findings applied, refused %v", len(m.Applied), m.Refused)
			}
			again := compute(t, test.name, string(m.After))
			if again.Changed() || len(again.Applied) > 0 {
				t.Errorf("a second time changes %v", again.Applied)
			}
		})
	}
}

// No rule whose edit was applied has a finding about that key afterwards.
func TestFixedExportsLintClean(t *testing.T) {
	paths, err := filepath.Glob("../../fixtures/*/*")
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := filepath.Glob("../../fixtures/*/*/*")
	if err != nil {
		t.Fatal(err)
	}
	deeper, err := filepath.Glob("../../fixtures/rules/*/*/*")
	if err != nil {
		t.Fatal(err)
	}
	fixed := 0
	for _, path := range slices.Concat(paths, wrong, deeper) {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // a folder
		}
		m, err := fix.Compute(path, data, export.Auto, judge)
		if err != nil || !m.Changed() {
			if errors.Is(err, fix.ErrUnsettled) {
				t.Errorf("%s: %v", path, err)
			}
			continue
		}
		fixed++
		var r export.Reader
		e, err := r.Parse(path, bytes.Clone(m.After))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		left, err := judge(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range left {
			if slices.ContainsFunc(m.Applied, func(a lint.Finding) bool { return a.Rule == f.Rule && a.Key == f.Key }) {
				t.Errorf("%s: %s was fixed and reports %q", path, f.Rule, f.Message)
			}
		}
	}
	if fixed < 20 {
		t.Errorf("only %d fixtures were fixed", fixed)
	}
}

// faulty judges with findings of the test: edits that no rule would offer.
func faulty(edits ...[]lint.Edit) fix.Judge {
	passes := 0
	return func(*export.Export) ([]lint.Finding, error) {
		var findings []lint.Finding
		for _, e := range edits {
			findings = append(findings, lint.Finding{Rule: "TEST001", Line: 1, Edits: e})
		}
		if passes++; passes > 1 {
			return nil, nil
		}
		return findings, nil
	}
}

func TestComputeRefusesEditsThatWouldChangeMore(t *testing.T) {
	const text = "Presence.Domain = a.com\nDirectory.Password = secret\nX = 1\nX2 = 2\n"
	at := func(s string) (int, int) { i := strings.Index(text, s); return i, i + len(s) }
	edit := func(old, text string) []lint.Edit {
		start, end := at(old)
		return []lint.Edit{{Start: start, End: end, Text: text}}
	}
	for _, test := range []struct {
		name, want string
		edits      []lint.Edit
	}{
		{"secret", "holds a secret", edit("secret", "other")},
		{"key", "intended", edit("X2", "X3")},
		{"two values", "would change as well", edit("1\nX2 = 2", "2\nX2 = 3")},
		{"new property", "other properties", edit("1\nX2", "1\nY = 1\nX2")},
		{"not ASCII", "ASCII", edit("a.com", "\u00e9.com")},
		{"outside", "outside the file", []lint.Edit{{Start: 5, End: 4000}}},
		{"backwards", "outside the file", []lint.Edit{{Start: 8, End: 4}}},
		{"nothing", "changes nothing", edit("a.com", "a.com")},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := fix.Compute("a.properties", []byte(text), export.Auto, faulty(test.edits, edit("a.com", "b.com")))
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(text, "a.com", "b.com", 1); string(m.After) != want {
				t.Errorf("the other edit was not applied: %q", m.After)
			}
			if len(m.Applied) != 1 {
				t.Errorf("applied %v", m.Applied)
			}
		})
		t.Run(test.name+" alone", func(t *testing.T) {
			m, err := fix.Compute("a.properties", []byte(text), export.Auto, faulty(test.edits))
			if err != nil {
				t.Fatal(err)
			}
			if m.Changed() || len(m.Refused) != 1 || !strings.Contains(m.Refused[0].Err.Error(), test.want) {
				t.Errorf("changed %v, refused %v, want %q", m.Changed(), m.Refused, test.want)
			}
			if len(m.Refused) == 1 && strings.Contains(m.Refused[0].Err.Error(), "secret\"") {
				t.Errorf("the reason shows the secret: %v", m.Refused[0].Err)
			}
		})
	}
}

func TestComputeResolvesOverlapsInOrder(t *testing.T) {
	text := "Presence.Domain = abcdef\n"
	at := strings.Index(text, "abcdef")
	first := []lint.Edit{{Start: at, End: at + 6, Text: "first"}}
	second := []lint.Edit{{Start: at, End: at + 6, Text: "second"}}
	for range 5 {
		m, err := fix.Compute("a.properties", []byte(text), export.Auto, faulty(first, second, first))
		if err != nil {
			t.Fatal(err)
		}
		if string(m.After) != "Presence.Domain = first\n" || len(m.Applied) != 2 {
			t.Fatalf("%q, %d applied", m.After, len(m.Applied))
		}
	}
}

func TestComputeGivesUpOnFixesThatUndoEachOther(t *testing.T) {
	swap := func(e *export.Export) ([]lint.Finding, error) {
		p := e.Get(export.PresenceDomain)
		r := e.Range(p)
		other := map[string]string{"a.com": "b.com", "b.com": "a.com"}[p.Value]
		return []lint.Finding{{Rule: "TEST001", Edits: []lint.Edit{{Start: r.Start, End: r.End, Text: other}}}}, nil
	}
	m, err := fix.Compute("a.properties", []byte("Presence.Domain = a.com\n"), export.Auto, swap)
	if !errors.Is(err, fix.ErrUnsettled) || m != nil {
		t.Errorf("%v, %v", m, err)
	}
}

// A log has the configuration several times: one place is not fixed without the others.
func TestComputeLeavesRepeatedKeysAlone(t *testing.T) {
	m := compute(t, "a.properties", "10:00 INFO Presence.Domain = acme.com.\n11:00 INFO Presence.Domain = acme.com.\n")
	if m.Changed() || len(m.Refused) == 0 || !strings.Contains(m.Refused[0].Err.Error(), "more than once") {
		t.Errorf("fixed to %q, refused %v", m.After, m.Refused)
	}
}

func FuzzCompute(f *testing.F) {
	for _, s := range []string{"Presence.Domain = ACME.com. \nDirectory.Password = secret\n", registry, soap1252, utf16le(registry),
		`{"Presence.Domain":"ACME.com"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := fix.Compute("f", data, export.Auto, judge)
		if err != nil {
			return
		}
		again, err := fix.Compute("f", m.After, export.Auto, judge)
		if err != nil || again.Changed() {
			t.Fatalf("a second time: %v, changed %v", err, again != nil && again.Changed())
		}
		_, _ = m.Patch("f")
	})
}

// What is in base64 in the file is not corrected there: no edit is offered.
func TestNothingIsFixedInBase64(t *testing.T) {
	const text = "Presence.Primary.Address = cup1\nPresence.Domain = acme.com \n"
	if m := compute(t, "a.properties", text); !m.Changed() {
		t.Fatal("the text itself has nothing to fix")
	}
	mail := "From: a@acme.com\nMIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n" +
		base64.StdEncoding.EncodeToString([]byte(text)) + "\n"
	if m := compute(t, "a.eml", mail); m.Changed() || len(m.Refused) > 0 {
		t.Errorf("changed: %v, refused: %v", m.Changed(), m.Refused)
	}
}

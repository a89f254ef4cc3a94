package report_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"cupclint/internal/report"
	"cupclint/lint"
)

// A cell that a spreadsheet would compute is text; nothing else is changed.
func TestCellsAreNoFormulas(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+49 30": "'+49 30", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\uff1dA1": "'\uff1dA1", "'=1": "'=1", " =1": " =1",
		"a=1": "a=1", "\t=1": `\t=1`, `say "a", b`: `say "a", b`, "": "",
	} {
		f := lint.Finding{Rule: "R001", Name: "n", Message: text, Key: text}
		rows, err := csv.NewReader(strings.NewReader(write(t, "csv", document(f), report.Style{}))).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%q: %v %v", text, rows, err)
		}
		at := slices.Index(rows[0], "message")
		if rows[1][at] != want || rows[1][slices.Index(rows[0], "key")] != want {
			t.Errorf("%q is written as %q, want %q", text, rows[1][at], want)
		}
	}
}

// A report in the folder of the exports is written over, and is not an input.
func TestTablesAreRecognisedAsReports(t *testing.T) {
	for _, s := range []report.Style{{}, {Statistics: true}} {
		if text := write(t, "csv", document(), s); !report.Recognise([]byte(text)) {
			t.Errorf("%q is not recognised", text)
		}
	}
	if report.Recognise([]byte("severity,rule\r\n")) {
		t.Error("any table is read as a report")
	}
}

func TestOnlyAddressesBecomeHelpURIs(t *testing.T) {
	for address, want := range map[string]bool{
		"https://wiki.test/R001.html": true, "http://wiki.test/?id=R001": true, "docs/rules/R001.md": false, "cupclint explain R001": false,
		"javascript:alert(1)": false, "https://wiki.test/a b": false, "": false,
	} {
		d := document()
		d.Rules = []*lint.Rule{{ID: "R001", Name: "n", Area: "a"}}
		d.RuleURL = func(string) string { return address }
		if got := strings.Contains(write(t, "sarif", d, report.Style{}), `"helpUri"`); got != want {
			t.Errorf("%q: helpUri %t, want %t", address, got, want)
		}
	}
}

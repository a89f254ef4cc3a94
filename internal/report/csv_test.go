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

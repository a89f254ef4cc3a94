package term

import (
	"strings"
	"testing"

	"cupclint/internal/report"
)

func TestPageOnATerminal(t *testing.T) {
	const page = "# PRES999 a-rule\n\nOne `value` and\nanother one, so that this goes over the end of the line.\n\n" +
		"- a point that is too long for one line of this\n  terminal\n- another\n\n```properties\na = `b`                                      " +
		"           c\n```\n\n" +
		"| what | means |\n| --- | --- |\n| `x` | the first |\n| longer | the second |\n"
	const want = `PRES999 a-rule

One value and another one, so that this
goes over the end of the line.

- a point that is too long for one line
  of this terminal
- another

    a = ` + "`b`" + `                                                 c

what    means
x       the first
longer  the second
`
	for _, color := range []bool{false, true} {
		var b strings.Builder
		if err := Page(&b, page, 40, color); err != nil {
			t.Fatal(err)
		}
		got := b.String()
		if color {
			if !strings.HasPrefix(got, "\x1b[1mPRES999 a-rule\x1b[0m\n") {
				t.Errorf("no bold heading: %q", got)
			}
			got = strings.NewReplacer("\x1b[1m", "", "\x1b[0m", "").Replace(got)
		}
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestTable(t *testing.T) {
	rows := [][]string{{"ID", "FINDS"}, {"PRES001", "a name of which the sentence is longer than the line"}, {"会議", ""}}
	for width, want := range map[int]string{
		0:  "ID       FINDS\nPRES001  a name of which the sentence is longer than the line\n会議\n",
		80: "ID       FINDS\nPRES001  a name of which the sentence is longer than the line\n会議\n",
		50: "ID       FINDS\nPRES001  a name of which the sentence is longer\n         than the line\n会議\n",
		40: "ID\n    FINDS\nPRES001\n    a name of which the sentence is\n    longer than the line\n会議\n",
	} {
		if got := report.Table(width, rows); got != want {
			t.Errorf("width %d:\n%q\nwant\n%q", width, got, want)
		}
	}
}

// TestTableOfProse proves that no column is wider than the terminal.
func TestTableOfProse(t *testing.T) {
	rows := [][]string{{"WHAT", "WHY", ""}, {"a first column that is", "a second one that is long as well", "and a third"}, {"x", "y", ""}}
	const want = "WHAT\n    WHY\na first column that is\n    a second one that is\n    long as well\n    and a third\nx\n    y\n"
	if got := report.Table(25, rows); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

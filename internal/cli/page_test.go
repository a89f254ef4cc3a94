package cli

import (
	"strings"
	"testing"

	"cupclint/docs"
	"cupclint/internal/catalogue"
	"cupclint/internal/report"
)

func TestPageOnATerminal(t *testing.T) {
	const page = "# PRES999 a-rule\n\nOne `value` and\nanother one, so that this goes over the end of the line.\n\n" +
		"- a point that is too long for one line of this\n  terminal\n- another\n\n```properties\na = `b`                                                 c\n```\n\n" +
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
		if err := writePage(&b, page, 40, color); err != nil {
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

// Nothing of a page but its marks is lost on a terminal, and only code, which is not broken, is wider than it.
func TestEveryPageFitsTheTerminal(t *testing.T) {
	words := func(s string) string {
		s = strings.NewReplacer("`", "", "#", "", "|", " ", "---", "").Replace(s)
		for _, fence := range []string{"properties", "yaml", "text", "xml", "console", "sh"} {
			s = strings.ReplaceAll(s, "\n"+fence+"\n", "\n")
		}
		return strings.Join(strings.Fields(s), " ")
	}
	for _, r := range catalogue.All() {
		page, err := docs.RulePage(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := writePage(&b, page, 80, false); err != nil {
			t.Fatal(err)
		}
		if got, want := words(b.String()), words(page); got != want {
			t.Errorf("%s: words are lost or added:\n%s\n%s", r.ID, got, want)
		}
		for line := range strings.Lines(b.String()) {
			if n := report.TextWidth(line) - 1; n > 80 && !strings.HasPrefix(line, "    ") {
				t.Errorf("%s: a line of %d columns: %s", r.ID, n, line)
			}
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
		if got := table(width, rows); got != want {
			t.Errorf("width %d:\n%q\nwant\n%q", width, got, want)
		}
	}
}

package cli

import (
	"strings"
	"testing"

	"cupclint/docs"
	"cupclint/internal/catalogue"
	"cupclint/internal/cli/term"
	"cupclint/internal/report"
)

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
		if err := term.Page(&b, page, 80, false); err != nil {
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

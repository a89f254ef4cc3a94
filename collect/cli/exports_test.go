package cli

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestExportsPage proves that docs/exports.md tells people to type only what is in the table, and everything of it that each run needs.
func TestExportsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/exports.md")
	if err != nil {
		t.Fatal(err)
	}
	table := func(mark string) []string {
		_, after, ok := strings.Cut(string(page), "<!-- "+mark+": a test")
		if !ok {
			t.Fatalf("the page has no table of %s", mark)
		}
		_, after, _ = strings.Cut(after, "\n\n")
		after, _, _ = strings.Cut(after, "\n\n")
		var list []string
		for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(after, -1) {
			list = append(list, m[1])
		}
		return list
	}
	named := make(map[string]bool)
	for _, text := range table("commands") {
		c, ok := Find(text)
		if !ok {
			t.Errorf("%q is not in the table", text)
			continue
		}
		named[c.Text] = true
	}
	for _, text := range table("statements") {
		c, ok := Find("run sql " + text)
		if !ok {
			t.Errorf("%q is not in the table", text)
			continue
		}
		named[c.Text] = true
	}
	if len(named) < 20 {
		t.Fatalf("%d commands in the page", len(named))
	}
	for _, c := range Commands() {
		optional := c.When != "" || c.ID == "show-myself" || c.ID == "show-tech-params-enterprise" || strings.HasPrefix(c.ID,
			"show-cert-own")
		if !named[c.Text] && !optional {
			t.Errorf("docs/exports.md does not name %q", c.Text)
		}
	}
}

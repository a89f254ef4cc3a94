package docs_test

import (
	"errors"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cupclint/docs"
)

// Every page of a rule is there as HTML, says what the Markdown says, and refers to nothing but other rules.
func TestRulePagesAreRendered(t *testing.T) {
	files, err := filepath.Glob("rules/*.md")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d pages, %v", len(files), err)
	}
	tag, reference := regexp.MustCompile(`<[^>]*>`), regexp.MustCompile(`(href|src)="[^"]*"`)
	marks := strings.NewReplacer("`", "", "*", "", "#", "", "\\", "", "|", "", "-", "", "<!", "")
	blank := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".md")
		if id == "README" {
			continue
		}
		page, err := docs.RulePageHTML(id)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, r := range reference.FindAllString(page, -1) {
			if !strings.HasPrefix(r, `href="#rule-`) {
				t.Errorf("%s refers to %s", id, r)
			}
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := blank(marks.Replace(html.UnescapeString(tag.ReplaceAllString(page, " "))))
		for line := range strings.Lines(string(source)) {
			fence := strings.HasPrefix(line, "```")
			line = blank(marks.Replace(line))
			if fence || strings.HasPrefix(line, id) || strings.ContainsAny(line, "[<~:") { // the title; what Markdown gives a meaning
				continue
			}
			if !strings.Contains(got, line) {
				t.Errorf("%s has no longer %q: run go generate ./docs", id, line)
			}
		}
	}
	if _, err := docs.RulePageHTML("PRES"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a page of no rule: %v", err)
	}
}

package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLinks proves that every link to a file or a heading of this repository leads somewhere.
func TestLinks(t *testing.T) {
	var pages []string
	for _, glob := range []string{"../*.md", "*.md", "decisions/*.md", "rules/*.md", "../fixtures/*.md", "../fixtures/reality/README.md"} {
		found, err := filepath.Glob(glob)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d pages, %v", glob, len(found), err)
		}
		pages = append(pages, found...)
	}
	link := regexp.MustCompile(`\]\(([^)#\s]*)(#[^)\s]*)?\)`)
	code := regexp.MustCompile("(?s)\n *```.*?\n *```|`[^`\n]*`")
	headings := make(map[string]map[string]bool)
	links := 0
	for _, page := range pages {
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(read(t, page), ""), -1) {
			if strings.Contains(m[1], ":") {
				continue
			}
			links++
			target := page
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(m[1]))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link %s leads nowhere", page, m[1])
				continue
			}
			if m[2] == "" {
				continue
			}
			if headings[target] == nil {
				headings[target] = anchors(read(t, target))
			}
			if !headings[target][m[2]] {
				t.Errorf("%s: %s has no heading %s", page, target, m[2])
			}
		}
	}
	if links < 300 {
		t.Errorf("only %d links were found", links)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return "\n" + strings.ReplaceAll(string(data), "\r\n", "\n")
}

// anchors are those that GitHub and GitLab give to the headings of a page.
func anchors(text string) map[string]bool {
	out := make(map[string]bool)
	text = regexp.MustCompile("(?s)\n *```.*?\n *```").ReplaceAllString(text, "")
	for _, m := range regexp.MustCompile(`(?m)^#+ +(.*?) *$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N}_ -]`).ReplaceAllString(strings.ToLower(m[1]), "")
		out["#"+strings.ReplaceAll(name, " ", "-")] = true
	}
	return out
}

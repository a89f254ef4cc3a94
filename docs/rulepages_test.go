package docs_test

import (
	"errors"
	"fmt"
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
		t.Errorf("there is a page without a rule: %v", err)
	}
}

// Every page says in its line Source on what its facts rest. If the page calls a fact an assumption, or says that it is from memory, that
// line says so, too: a reader who looks only there must not assume a document.
func TestEveryPageNamesItsSource(t *testing.T) {
	files, err := filepath.Glob("rules/*.md")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d pages, %v", len(files), err)
	}
	for _, file := range files {
		if filepath.Base(file) == "README.md" {
			continue
		}
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range sourceProblems(string(page)) {
			t.Errorf("%s: %s: correct lint/catalogue.tsv, and run go generate ./lint ./docs", file, problem)
		}
	}
}

// sourceProblems lists what is wrong with the line Source of a page.
func sourceProblems(page string) (problems []string) {
	paragraphs := strings.Split(page, "\n\n")
	var source string
	var rest []string
	for _, p := range paragraphs {
		switch text, ok := strings.CutPrefix(p, "Source: "); {
		case ok && source != "":
			problems = append(problems, "there is more than one line Source")
		case ok:
			source = strings.Join(strings.Fields(text), " ")
		default:
			rest = append(rest, strings.Join(strings.Fields(p), " "))
		}
	}
	if len(strings.Fields(source)) < 2 || strings.EqualFold(source, "General.") || !strings.HasSuffix(source, ".") {
		problems = append(problems, fmt.Sprintf("the line Source names no document: %q", source))
	}
	for _, word := range []string{"assumption", "from memory"} {
		if strings.Contains(strings.Join(rest, "\n"), word) && !strings.Contains(strings.ToLower(source), word) {
			problems = append(problems, fmt.Sprintf("the text says %q, but the line Source does not", word))
		}
	}
	return problems
}

func TestSourceProblems(t *testing.T) {
	for page, want := range map[string]int{
		"# X\n\nA fact.\n\nSource: RFC 4511,\nappendix A.\n\n## Wrong":                      0,
		"# X\n\nThis is an assumption.\n\nSource: RFC 4511. The rest is an assumption.\n\n": 0,
		"# X\n\nA fact.\n":                                      1,
		"# X\n\nSource: \n\n":                                   1,
		"# X\n\nSource: General.\n\n":                           1,
		"# X\n\nThis is from\nmemory.\n\nSource: RFC 4511.\n\n": 1,
		"# X\n\nSource: RFC 4511.\n\nSource: RFC 4512, 2.\n\n":  1,
	} {
		if got := sourceProblems(page); len(got) != want {
			t.Errorf("%q: %q, not %d problems", page, got, want)
		}
	}
}

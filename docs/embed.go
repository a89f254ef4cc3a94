// Package docs holds the pages that the program shows: one for each rule, and the glossary.
package docs

import (
	"embed"
	"io/fs"
	"strings"
)

//go:generate go run ../scripts/gendocs .
//go:generate go -C ../tools run ./rulepages ../docs/rules ../docs/rulepages.html

//go:embed rules/*.md
var pages embed.FS

// RulePage returns the page of the rule with the ID. The error is fs.ErrNotExist where there is none.
func RulePage(id string) (string, error) {
	data, err := fs.ReadFile(pages, "rules/"+id+".md")
	return string(data), err
}

//go:embed rulepages.html
var rendered string

// RulePageHTML returns the page of the rule with the ID as a fragment of HTML: without its title, with headings from the third level on,
// and with no references but those to #rule-ID of other rules. The error is fs.ErrNotExist where there is none.
func RulePageHTML(id string) (string, error) {
	const from, to = "\n<!-- ", " -->\n"
	_, page, ok := strings.Cut(rendered, from+id+to)
	if !ok {
		return "", &fs.PathError{Op: "open", Path: "rulepages.html: " + id, Err: fs.ErrNotExist}
	}
	page, _, _ = strings.Cut(page, from)
	return page, nil
}

//go:embed glossary.md
var glossary string

// A Term is one row of the glossary.
type Term struct {
	Names   []string // the term, and its other names
	Meaning string
}

// Glossary lists the terms in the order of the page.
func Glossary() []Term {
	var out []Term
	for line := range strings.Lines(glossary) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 4 || strings.HasPrefix(strings.TrimSpace(cells[1]), "---") || strings.TrimSpace(cells[1]) == "term" {
			continue
		}
		name, others, _ := strings.Cut(strings.TrimSpace(cells[1]), " (")
		t := Term{Names: []string{name}, Meaning: strings.TrimSpace(cells[2])}
		for other := range strings.SplitSeq(strings.TrimSuffix(others, ")"), ", ") {
			if other != "" {
				t.Names = append(t.Names, other)
			}
		}
		out = append(out, t)
	}
	return out
}

// Explain finds a term by one of its names, without regard to case, hyphens and a plural s.
func Explain(name string) (Term, bool) {
	for _, t := range Glossary() {
		for _, n := range t.Names {
			if plainTerm(n) == plainTerm(name) {
				return t, true
			}
		}
	}
	return Term{}, false
}

func plainTerm(s string) string {
	s = strings.NewReplacer("-", "", " ", "", "_", "").Replace(strings.ToLower(s))
	if len(s) > 4 {
		s = strings.TrimSuffix(s, "s")
	}
	return s
}

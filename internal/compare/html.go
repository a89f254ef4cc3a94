package compare

import (
	"bufio"
	"embed"
	"fmt"
	"html/template"
	"io"

	"cupclint/internal/report"
)

//go:embed page/compare.html
var pageFiles embed.FS

// Bounds of the page.
const (
	maxPageFindings = 300 // of one part
	maxPageFacts    = 500
	maxPageErrors   = 100
)

// page is what the template shows.
type page struct {
	Style          template.CSS
	Version        string
	Class, Verdict string
	Result         *Result
	Sides          []pageSide
	Parts          []pagePart
	Facts          []pageFact
	MoreFacts      int
	Unknown        []string
	Errors         []string
}

type pageSide struct {
	*Side
	Title, Found, Asked string
}

type pagePart struct {
	ID, Title, Count string
	Findings         []told
	More             int
}

type pageFact struct {
	changedFact
	Title, Before, After string
}

// WriteHTML writes one page in the design of the report, without scripts and without anything from elsewhere.
func (r *Result) WriteHTML(w io.Writer) error {
	css, err := report.PageStyle()
	if err != nil {
		return err
	}
	t, err := template.New("compare.html").Funcs(template.FuncMap{"clean": report.Clean, "upper": upper}).ParseFS(pageFiles,
		"page/compare.html")
	if err != nil {
		return err
	}
	p := &page{Style: template.CSS(css), Version: r.Version, Result: r} // the program's own
	p.Class, p.Verdict = r.verdict()
	for title, s := range r.sides() {
		side := pageSide{Side: s, Title: title, Found: in(s.Counts), Asked: "-"}
		if !s.At.IsZero() {
			side.Asked = s.At.UTC().Format("2 January 2006, 15:04 UTC")
		}
		p.Sides = append(p.Sides, side)
	}
	p.part("new", "New", in(r.NewCounts()), r.tell(r.Appeared))
	p.part("gone", "Gone", in(r.GoneCounts()), r.tell(r.Gone))
	var changes []told
	for _, c := range r.Changed {
		changes = append(changes, c.told())
	}
	p.part("changed", "Changed", counted(len(changes), "finding"), changes)
	p.facts(r)
	p.rest(r)
	b := bufio.NewWriter(w)
	if err := t.Execute(b, p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return b.Flush()
}

// sides yields both, the old one first.
func (r *Result) sides() func(yield func(string, *Side) bool) {
	return func(yield func(string, *Side) bool) { _ = yield("Before", r.Old) && yield("After", r.New) }
}

// verdict is the first thing to read.
func (r *Result) verdict() (class, text string) {
	n := r.NewCounts()
	switch {
	case n.Error > 0:
		return "error", "Worse: " + counted(n.Error, "new error")
	case len(r.Errors) > 0:
		return "warning", "Incomplete: inputs or probes are missing"
	case n.Warning > 0:
		return "warning", counted(n.Warning, "new warning")
	case len(r.Appeared)+len(r.Gone)+len(r.Changed)+len(r.Facts) == 0:
		return "ok", "Nothing changed"
	case len(r.Gone) > 0:
		return "ok", "Better: " + counted(len(r.Gone), "finding") + " gone, no new error or warning"
	}
	return "ok", "No new error or warning"
}

func (p *page) part(id, title, count string, list []told) {
	if len(list) == 0 {
		return
	}
	part := pagePart{ID: id, Title: title, Count: count, Findings: list[:min(len(list), maxPageFindings)]}
	part.More = len(list) - len(part.Findings)
	p.Parts = append(p.Parts, part)
}

func (p *page) facts(r *Result) {
	list := r.factsTold()
	p.MoreFacts = max(0, len(list)-maxPageFacts)
	for _, c := range list[:len(list)-p.MoreFacts] {
		f := pageFact{changedFact: c, Title: c.Name, Before: quotedIf(c.Change != added, c.Old), After: quotedIf(c.Change != removed, c.New)}
		switch {
		case c.Name == "":
			f.Title, f.Before, f.After = c.Says(), "", ""
		case c.Secret:
			f.Before, f.After = c.Change+" (a secret)", ""
		}
		p.Facts = append(p.Facts, f)
	}
}

func quotedIf(there bool, s string) string {
	if !there {
		return ""
	}
	return quoted(s)
}

// rest adds what is not known.
func (p *page) rest(r *Result) {
	p.Unknown = unknownTold(r.Unknown)
	for i, e := range r.Errors {
		if i == maxPageErrors {
			p.Errors = append(p.Errors, counted(len(r.Errors)-i, "more error"))
			break
		}
		p.Errors = append(p.Errors, fmt.Sprintf("%s side: %s", e.Side, report.Clean(e.Error())))
	}
}

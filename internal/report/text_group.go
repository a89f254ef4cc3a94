package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cupclint/internal/report/group"
	"cupclint/lint"
)

// maxSites is how many sites of a group, and of the statistics, are named unless all are asked for.
const (
	maxGroupSites = 3
	maxSiteRows   = 50
)

// places writes in how many places a finding is, and the first of them.
func (t *textWriter) places(g *group.Group) {
	const indent = "        "
	wrap(t, "  "+t.paint(Faint, "in:")+"   ", len(indent), extent(g)+sitesOf(g, t.All), t.Width)
	for i := range g.Places[1:] { // the first is the head of the finding
		p := &g.Places[i+1]
		line := position(p.File, p.Line, p.Column)
		if w := others(g, p); w != "" {
			line += ": " + w
		}
		wrap(t, indent, len(indent), line, t.Width)
	}
	if more := g.Findings - len(g.Places); more > 0 {
		fmt.Fprintf(t, "%sand %s; --all lists them\n", indent, counted(more, "more place"))
	}
}

// extent says how much of the run a fault affects: "601 exports of 20 sites".
func extent(g *group.Group) string {
	s := counted(g.Findings, "place")
	if g.Files > 0 {
		if s += " in "; g.Files == g.Findings {
			s = ""
		}
		s += counted(g.Files, "export")
	}
	switch n := len(g.Sites); {
	case n == 1 && g.Sites[0].Findings == g.Findings:
		s += " of the site " + Clean(g.Sites[0].Site)
	case n > 1:
		s += fmt.Sprintf(" of %d sites", n)
	}
	return s
}

// sitesOf names the sites, those with most findings first.
func sitesOf(g *group.Group, all bool) string {
	if len(g.Sites) < 2 {
		return ""
	}
	sites := slices.Clone(g.Sites)
	slices.SortStableFunc(sites, func(a, b group.SiteCount) int { return b.Findings - a.Findings })
	shown := len(sites)
	if !all {
		shown = min(shown, maxGroupSites)
	}
	var names []string
	for _, s := range sites[:shown] {
		names = append(names, fmt.Sprintf("%s (%d)", Clean(s.Site), s.Findings))
	}
	text := ": " + strings.Join(names, ", ")
	if more := len(sites) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// others are the words in which the message of a place differs from the one that is shown.
func others(g *group.Group, p *group.Place) string {
	first := g.Places[0].Words
	var words []string
	for i, w := range p.Words {
		if (i >= len(first) || w != first[i]) && !slices.Contains(words, Clean(w)) {
			words = append(words, Clean(w))
		}
	}
	return strings.Join(words, ", ")
}

// statistics writes the tables by rule, by site and by severity.
func (t *textWriter) statistics(d *Document) error {
	s, err := d.statistics()
	if err != nil {
		return err
	}
	if rows := ruleRows(s); len(rows) > 1 {
		t.numbers(rows, 1, len(rows[0])-2)
	}
	if rows := siteRows(s, t.All); len(rows) > 1 {
		t.numbers(rows, 0, 4)
		if more := len(s.Sites) - maxSiteRows; more > 0 && !t.All {
			fmt.Fprintf(t, "and %s; --all lists them\n\n", counted(more, "more site"))
		}
	}
	t.numbers(severityRows(s), 1, 1)
	Wrap(t, "", total(s), t.Width)
	t.WriteString("\n")
	return nil
}

// ruleRows, siteRows and severityRows are the tables of the statistics, the header first.
func ruleRows(s *group.Statistics) [][]string {
	rows := [][]string{{"RULE", "ERRORS", "WARNINGS", "INFO", "EXPORTS", "SITES", "NAME"}}
	for _, r := range s.Rules {
		rows = append(rows, slices.Concat([]string{Clean(r.Rule)}, weights(r.Findings), numerals(r.Exports, r.Sites), []string{Clean(r.Name)}))
	}
	if len(s.Sites) == 0 {
		for i := range rows {
			rows[i] = slices.Delete(rows[i], 5, 6)
		}
	}
	return rows
}

func siteRows(s *group.Statistics, all bool) [][]string {
	rows := [][]string{{"ERRORS", "WARNINGS", "INFO", "EXPORTS", "WITH FINDINGS", "SITE"}}
	for i, site := range s.Sites {
		if i == maxSiteRows && !all {
			break
		}
		name := Clean(site.Site)
		if name == "" {
			name = "(no site)"
		}
		rows = append(rows, slices.Concat(weights(site.Findings), numerals(site.Exports, site.Faulty), []string{name}))
	}
	return rows
}

func severityRows(s *group.Statistics) [][]string {
	rows := [][]string{{"SEVERITY", "FINDINGS"}}
	for i, n := range weights(s.Findings) {
		rows = append(rows, []string{(lint.Error - lint.Severity(i)).String(), n})
	}
	return rows
}

// weights are the counts from the heaviest severity to the lightest.
func weights(c lint.Counts) []string { return numerals(c.Error, c.Warning, c.Info) }

func numerals(numbers ...int) []string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return texts
}

// total is the statistics in a sentence.
func total(s *group.Statistics) string {
	text := counted(s.Findings.AtLeast(lint.Info), "finding") + ", " + fmt.Sprintf("%d different", s.Faults)
	if s.Exports == 0 {
		return text + "."
	}
	text += fmt.Sprintf(", in %d of %s", s.Faulty, counted(s.Exports, "export"))
	faulty, sites := 0, 0
	for _, site := range s.Sites {
		if site.Site == "" {
			continue
		}
		if sites++; site.Findings.AtLeast(lint.Info) > 0 {
			faulty++
		}
	}
	if sites > 0 {
		text += fmt.Sprintf(" and in %d of %s", faulty, counted(sites, "site"))
	}
	return text + "."
}

// numbers writes a table whose columns from first to last are numbers.
func (t *textWriter) numbers(rows [][]string, first, last int) {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], TextWidth(c))
		}
	}
	for _, r := range rows {
		for i := first; i <= last; i++ {
			r[i] = strings.Repeat(" ", widths[i]-TextWidth(r[i])) + r[i]
		}
	}
	t.WriteString(Table(t.Width, rows) + "\n")
}

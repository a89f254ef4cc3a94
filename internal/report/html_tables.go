package report

import (
	"cupclint/internal/report/group"
	"cupclint/lint"
)

// Rows of the tables that are shown without being asked for.
const (
	openRules = 25
	openSites = 25
)

// A pageRow is a rule in the table of rules.
type pageRow struct {
	group.RuleCount
	HasRule bool // its page is in the report
}

// pageRows are rows of the table of rules. Sites says that the inputs are of several sites.
type pageRows struct {
	Rows  []pageRow
	Sites bool
}

// ByRule are the rows of the table of rules: those that are open, and the others.
func (p *page) ByRule() [2]pageRows {
	var all []pageRow
	for _, r := range p.Statistics.Rules {
		all = append(all, pageRow{r, p.HasRule(r.Rule)})
	}
	n, sites := min(len(all), openRules), p.namedSites() > 1
	return [2]pageRows{{all[:n], sites}, {all[n:], sites}}
}

// namedSites counts the sites; what belongs to none is not a site.
func (p *page) namedSites() int {
	n := 0
	for _, s := range p.Statistics.Sites {
		if s.Site != "" {
			n++
		}
	}
	return n
}

// BySite are the rows of the table of sites: those that are open, and the others.
func (p *page) BySite() [2][]group.SiteTotal {
	all := p.Statistics.Sites
	n := min(len(all), openSites)
	return [2][]group.SiteTotal{all[:n], all[n:]}
}

// A severityRow is what was found of one severity.
type severityRow struct {
	Severity         lint.Severity
	Faults, Findings int
}

// BySeverity are the rows of the table of severities.
func (p *page) BySeverity() []severityRow {
	n := p.Statistics.Findings
	return []severityRow{{lint.Error, p.Faults[lint.Error], n.Error}, {lint.Warning, p.Faults[lint.Warning], n.Warning},
		{lint.Info, p.Faults[lint.Info], n.Info}}
}

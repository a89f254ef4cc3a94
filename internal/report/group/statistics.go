package group

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"cupclint/lint"
)

// Statistics count the findings of a run by rule, by site and by severity. Their JSON form is a part of docs/schema/report.schema.json.
type Statistics struct {
	// Faults is how many different faults there are: findings of one shape and severity are one.
	Faults int `json:"faults"`
	// Findings are all of them by severity.
	Findings lint.Counts `json:"findings"`
	// Exports is how many were read, and Faulty in how many of them something was found.
	Exports int `json:"exports"`
	Faulty  int `json:"exportsWithFindings"`
	// Rules are those that found something, the one with most errors first.
	Rules []RuleCount `json:"rules"`
	// Sites are all sites, those without findings too, the one with most errors first. It is empty where the run has one site. What belongs
	// to no site counts under the empty name.
	Sites []SiteTotal `json:"sites"`
}

// A RuleCount is one row by rule.
type RuleCount struct {
	Rule string `json:"rule"`
	Name string `json:"name"`
	Area string `json:"area"`
	// Findings by severity: a configuration may weigh a rule differently by path.
	Findings lint.Counts `json:"findings"`
	// Faults is how many different ones the rule found.
	Faults int `json:"faults"`
	// Exports and Sites say in how many of them the rule found something.
	Exports int `json:"exportsWithFindings"`
	Sites   int `json:"sitesWithFindings"`
}

// A SiteTotal is one row by site.
type SiteTotal struct {
	Site     string      `json:"site"`
	Findings lint.Counts `json:"findings"`
	// Exports is how many exports of the site were read, and Faulty in how many of them something was found.
	Exports int `json:"exports"`
	Faulty  int `json:"exportsWithFindings"`
}

// counter makes statistics. It keeps a few words for each rule, for each site, and for each pair of them.
type counter struct {
	out   Statistics
	sites *Sites
	file  string
	shape map[uint64]bool
	rule  map[string]*ruleCounter
	site  map[string]*SiteTotal
	names interner
}

type ruleCounter struct {
	RuleCount
	file  string
	sites map[string]bool
}

// Count counts. inputs says what was read; nil where no exports were. sites may be nil. The error is one of reading.
func Count(findings iter.Seq2[*lint.Finding, error], inputs iter.Seq2[*lint.InputRow, error], sites *Sites) (*Statistics, error) {
	c := &counter{sites: sites, shape: map[uint64]bool{}, rule: map[string]*ruleCounter{}, site: map[string]*SiteTotal{}}
	for f, err := range findings {
		if err != nil {
			return nil, err
		}
		c.add(f)
	}
	if inputs != nil {
		for row, err := range inputs {
			if err != nil {
				return nil, err
			}
			if !row.Skipped() {
				c.out.Exports++
				c.of(sites.Of(row.File)).Exports++
			}
		}
	}
	return c.finish(), nil
}

func (c *counter) of(site string) *SiteTotal {
	t := c.site[site]
	if t == nil {
		t = &SiteTotal{Site: strings.Clone(site)}
		c.site[t.Site] = t
	}
	return t
}

func (c *counter) add(f *lint.Finding) {
	file := c.names.of(f.File)
	c.out.Findings.Add(f.Severity)
	r := c.rule[f.Rule]
	if r == nil {
		r = &ruleCounter{RuleCount: RuleCount{Rule: strings.Clone(f.Rule), Name: strings.Clone(f.Name), Area: strings.Clone(f.Area)},
			sites: map[string]bool{}}
		c.rule[r.Rule] = r
	}
	r.Findings.Add(f.Severity)
	if h := hash(f); !c.shape[h] {
		c.shape[h] = true
		c.out.Faults++
		r.Faults++
	}
	site := c.of(c.sites.Of(file))
	site.Findings.Add(f.Severity)
	if file == "" {
		return
	}
	if file != c.file {
		c.file = file
		c.out.Faulty++
		site.Faulty++
	}
	if file != r.file {
		r.file = file
		r.Exports++
	}
	if site.Site != "" && !r.sites[site.Site] {
		r.sites[site.Site] = true
		r.Sites++
	}
}

func (c *counter) finish() *Statistics {
	c.out.Rules, c.out.Sites = []RuleCount{}, []SiteTotal{} // [] and not null
	for _, r := range c.rule {
		c.out.Rules = append(c.out.Rules, r.RuleCount)
	}
	slices.SortFunc(c.out.Rules, func(a, b RuleCount) int { return cmp.Or(byWeight(a.Findings, b.Findings), cmp.Compare(a.Rule, b.Rule)) })
	for _, s := range c.site {
		c.out.Sites = append(c.out.Sites, *s)
	}
	if len(c.out.Sites) == 1 && c.out.Sites[0].Site == "" {
		c.out.Sites = c.out.Sites[:0]
	}
	slices.SortFunc(c.out.Sites, func(a, b SiteTotal) int { return cmp.Or(byWeight(a.Findings, b.Findings), cmp.Compare(a.Site, b.Site)) })
	return &c.out
}

// byWeight puts the most errors first, then the most warnings.
func byWeight(a, b lint.Counts) int {
	return cmp.Or(cmp.Compare(b.Error, a.Error), cmp.Compare(b.Warning, a.Warning), cmp.Compare(b.Info, a.Info))
}

package report

import (
	"bufio"
	"embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"

	"cupclint/internal/lazy"
	"cupclint/internal/probe"
	"cupclint/internal/report/group"
	"cupclint/lint"
	"cupclint/resolve"
)

//go:embed page/report.html page/report.css
var pageFiles embed.FS

// Bounds of the page: a browser has to show it, and a person to read it. What is beyond is counted and said.
const (
	maxPageCards     = 300     // of one area
	maxCards         = 400     // of all areas
	maxPagePlaces    = 1 << 20 // bytes of all lists of places
	minPlace         = 8       // bytes of a place, at the least: its name, comma and blank
	maxPageAddresses = 100     // different derivations
	maxPageProbes    = 400
	maxPageErrors    = 300
	maxPageInputs    = 100 // of which something was skipped
	maxPagePictures  = 20  // of deployments
)

// writeHTML writes one file that a browser shows without asking anybody for anything: a summary of one page, a picture of each deployment,
// every fault once with its places, how each presence address is made, what was contacted and how long it took.
func writeHTML(w io.Writer, d *Document, s Style) error {
	p, err := newPage(d, s)
	if err != nil {
		return err
	}
	css, err := pageFiles.ReadFile("page/report.css")
	if err != nil {
		return err
	}
	p.Style = template.CSS(css) // the program's own
	t, err := template.New("report.html").Funcs(template.FuncMap{"clean": p.clean, "sentence": sentence, "counted": numbered,
		"number": grouped}).ParseFS(pageFiles, "page/report.html")
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	if err := t.Execute(b, p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return b.Flush()
}

// A page is what the template shows.
type page struct {
	root // of the names of files

	Style                 template.CSS
	Title, Customer, Date string
	Version               string
	At                    string // when the deployment was looked at
	Verdict               verdict
	Checked               []string
	Top                   []*card
	Rest                  string // what is said of the faults that are not at the top
	Summary               lint.Summary
	Statistics            *group.Statistics
	Faults                [3]int // different ones, by severity
	Errors                []lint.InputError
	MoreErrs              int
	Picture               *picture
	Pictures              []*picture // of one deployment each, where there are several
	MorePics              int
	Areas                 []*pageArea
	Cards                 int // on the page
	Origins               []*origin
	MoreRows              int
	Probes                *pageProbes
	Notes                 []string
	Rules                 []pageRule
	Silenced              []*card
	Inputs                []*lint.InputRow // of which something was skipped
	MoreIn                int

	sites *group.Sites
	room  int // bytes that lists of places may still take
}

// A verdict is the first thing to read. Class is bad, warn or good.
type verdict struct{ Class, Headline, Detail string }

type pageRule struct {
	ID, Name, Summary string
	Text              template.HTML
}

// areaTitles names the areas in the order of a client's way.
var areaTitles = [...][2]string{
	{"presence", "Presence address"}, {"sip", "Presence server (SIP)"}, {"xmpp", "Presence server (XMPP)"},
	{"credentials", "Credentials and second log-ins"},
	{"cti", "Desk phone (CTI)"},
	{"directory", "Directory (LDAP)"}, {"mail", "Voicemail and calendar"}, {"dns", "Names in DNS"}, {"ocs", "Phone control from OCS"},
	{"time", "Time of the servers"}, {"ntp", "Time servers (NTP)"}, {"edge", "Mobile and Remote Access"}, {"uds", "User data service " +
		"(UDS)"}, {"tftp", "Configuration download (TFTP)"},
	{"replication", "Replication of the database"},
	{"cluster", "Nodes of the cluster"},
	{"services", "Services"}, {"changes", "Change notification"}, {"system", "Disk, network card and hardware"},
	{"certificates", "Certificates of the servers"},
	{"phones", "Phones"}, {"versions", "Versions"}, {"licences", "Licences"},
	{"deployment", "Exports that belong together"}, {"jabber", "Jabber"}, {"hygiene", "The exports themselves"},
}

func newPage(d *Document, s Style) (*page, error) {
	p := &page{Version: d.Version, Summary: d.Summary, Errors: d.Errors[:min(len(d.Errors), maxPageErrors)], room: maxPagePlaces}
	p.MoreErrs = len(d.Errors) - len(p.Errors)
	if s.All {
		p.room = math.MaxInt
	}
	p.head(d, s.Head)
	var err error
	if p.root, err = rootOf(d); err != nil {
		return nil, err
	}
	if p.sites, err = d.Sites(); err != nil {
		return nil, fmt.Errorf("read inputs back: %w", err)
	}
	if err := p.addFindings(d); err != nil {
		return nil, err
	}
	if err := p.addOrigins(d); err != nil {
		return nil, err
	}
	if err := p.addSilenced(d); err != nil {
		return nil, err
	}
	if err := p.addInputs(d); err != nil {
		return nil, err
	}
	p.Probes = newPageProbes(d.Probes)
	p.Verdict = p.verdict(d)
	p.Notes = d.Notes
	return p, nil
}

// addFindings reads the findings: first for the groups, then for the sums and the pictures, then for the cards.
func (p *page) addFindings(d *Document) error {
	groups, err := group.Collect(d.Findings, p.sites, p.room/minPlace)
	if err != nil {
		return fmt.Errorf("read findings back: %w", err)
	}
	if p.Statistics, err = group.Count(d.Findings, d.Inputs, p.sites); err != nil {
		return fmt.Errorf("read findings back: %w", err)
	}
	pictures := newPictures(d, p.sites, p.Statistics.Sites)
	for f, err := range d.Findings {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		pictures.add(f)
	}
	areas := make(map[string]*pageArea)
	for _, t := range areaTitles {
		a := &pageArea{ID: t[0], Title: t[1]}
		areas[t[0]] = a
		p.Areas = append(p.Areas, a)
	}
	for told, err := range groups.All() {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		a := areas[told.Area]
		if a == nil {
			a = &pageArea{ID: fmt.Sprint(len(p.Areas)), Title: Clean(told.Area)} // an id takes no blanks
			areas[told.Area] = a
			p.Areas = append(p.Areas, a)
		}
		a.add(told)
		p.Faults[told.Severity]++
	}
	p.finish(d)
	p.Picture, p.Pictures, p.MorePics = pictures.finish()
	return nil
}

// finish chooses the cards that the page has room for, and makes them.
func (p *page) finish(d *Document) {
	left := maxCards
	for _, s := range severities {
		for _, a := range p.Areas {
			left -= a.choose(s, left)
		}
	}
	p.Areas = slices.DeleteFunc(p.Areas, func(a *pageArea) bool { return a.Counts == lint.Counts{} })
	p.addRules(d)
	var all []*card
	for _, a := range p.Areas {
		for _, t := range a.told {
			c := p.card(t)
			c.HasRule = p.HasRule(c.Rule)
			if i := slices.IndexFunc(d.Rules, func(r *lint.Rule) bool { return r.ID == c.Rule }); i >= 0 {
				c.rule = d.Rules[i]
			}
			a.Cards = append(a.Cards, c)
			all = append(all, c)
			p.Cards++
			c.Number = p.Cards
		}
	}
	p.rank(all)
}

// HasRule reports whether the page of a rule is in the report.
func (p *page) HasRule(id string) bool {
	return slices.ContainsFunc(p.Rules, func(r pageRule) bool { return r.ID == id })
}

// An origin is how one presence address comes about, and which exports have it so.
type origin struct {
	lint.AddressRow
	Lines []resolve.Line
	Files []string
	More  int
	XMPP  bool
}

// maxOriginFiles is how many exports the page lists below one address.
const maxOriginFiles = 3

// addOrigins shows each derivation once: a fleet has thousands of exports and a few nodes.
func (p *page) addOrigins(d *Document) error {
	if d.Addresses == nil {
		return nil
	}
	known := make(map[lint.AddressRow]*origin)
	for row, err := range d.Addresses {
		if err != nil {
			return fmt.Errorf("read addresses back: %w", err)
		}
		key := *row
		key.File = ""
		o := known[key]
		if o == nil {
			if len(p.Origins) == maxPageAddresses {
				p.MoreRows++
				continue
			}
			o = &origin{AddressRow: key, Lines: resolve.Presence(row.Node, row.Domain).Explain(), XMPP: row.Generation == string(resolve.XMPP)}
			known[key] = o
			p.Origins = append(p.Origins, o)
		}
		if len(o.Files) < maxOriginFiles {
			o.Files = append(o.Files, p.file(row.File))
		} else {
			o.More++
		}
	}
	return nil
}

func (p *page) addSilenced(d *Document) error {
	if d.Suppressed == nil {
		return nil
	}
	for f, err := range d.Suppressed {
		if err != nil {
			return fmt.Errorf("read suppressed findings back: %w", err)
		}
		if len(p.Silenced) < maxPageCards {
			kept := *f
			p.Silenced = append(p.Silenced, p.card(group.Told{Finding: &kept}))
		}
	}
	return nil
}

// addInputs lists the inputs that were understood in part.
func (p *page) addInputs(d *Document) error {
	if d.Inputs == nil {
		return nil
	}
	for row, err := range d.Inputs {
		switch {
		case err != nil:
			return fmt.Errorf("read inputs back: %w", err)
		case row.Ignored == nil || row.Skipped():
		case len(p.Inputs) == maxPageInputs:
			p.MoreIn++
		default:
			p.Inputs = append(p.Inputs, row)
		}
	}
	return nil
}

// addRules adds the pages of the rules that found something.
func (p *page) addRules(d *Document) {
	for _, r := range d.Rules {
		if d.PageHTML == nil || !slices.ContainsFunc(p.Statistics.Rules, func(c group.RuleCount) bool { return c.Rule == r.ID }) {
			continue
		}
		if text, err := d.PageHTML(r.ID); err == nil { // a rule without a page is shown by its finding alone
			p.Rules = append(p.Rules, pageRule{r.ID, r.Name, r.Summary, template.HTML(strings.TrimSpace(text))}) // the program's own
		}
	}
	for i := range p.Rules {
		p.Rules[i].Text = p.linked(p.Rules[i].Text)
	}
}

// ruleLink is a reference to the page of another rule, as pages have it.
var ruleLink = lazy.Pattern{Expr: `<a href="#rule-([A-Z0-9]+)">(.*?)</a>`}

// linked makes text of the references to rules whose page is not in the report.
func (p *page) linked(text template.HTML) template.HTML {
	return template.HTML(ruleLink.Get().ReplaceAllStringFunc(string(text), func(link string) string {
		m := ruleLink.Get().FindStringSubmatch(link)
		if p.HasRule(m[1]) {
			return link
		}
		return m[2]
	}))
}

// pageProbes is the table of what was contacted.
type pageProbes struct {
	Rows []pageProbe
	More int
}

type pageProbe struct {
	Probe
	Failed bool
	Total  probe.Duration
	Bars   []bar
}

// A bar is a phase: how wide it is, in percent of the longest probe.
type bar struct {
	Phase
	Percent float64
}

func newPageProbes(probes []Probe) *pageProbes {
	if probes == nil {
		return nil
	}
	t := &pageProbes{More: max(0, len(probes)-maxPageProbes)}
	longest := probe.Duration(1)
	for _, p := range probes[:len(probes)-t.More] {
		row := pageProbe{Probe: p}
		for _, ph := range p.Phases {
			row.Total += ph.Took
		}
		row.Failed = p.failed()
		longest = max(longest, row.Total)
		t.Rows = append(t.Rows, row)
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		for _, ph := range r.Phases {
			r.Bars = append(r.Bars, bar{ph, float64(int(1000*float64(ph.Took)/float64(longest))) / 10})
		}
	}
	return t
}

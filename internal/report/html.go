package report

import (
	"bufio"
	"embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/lint"
	"cupclint/resolve"
)

//go:embed page/report.html page/report.css
var pageFiles embed.FS

// Bounds of the page: a browser has to stand it, and a person to read it. What is beyond is counted and said.
const (
	maxPageFindings  = 300 // of one area
	maxPageAddresses = 100 // different derivations
	maxPageProbes    = 400
	maxPageErrors    = 300
	maxPageInputs    = 100 // of which something was passed over
)

// writeHTML writes one file that a browser shows without asking anybody for anything: the verdict, a picture of the deployment, findings
// by area, how each presence address is made, what was contacted and how long it took.
func writeHTML(w io.Writer, d *Document, _ Style) error {
	p, err := newPage(d)
	if err != nil {
		return err
	}
	css, err := pageFiles.ReadFile("page/report.css")
	if err != nil {
		return err
	}
	p.Style = template.CSS(css) // the program's own
	t, err := template.New("report.html").Funcs(template.FuncMap{"clean": Clean, "sentence": sentence, "counted": counted}).ParseFS(pageFiles,
		"page/report.html")
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
	Style    template.CSS
	Version  string
	At       string
	Verdict  verdict
	Summary  lint.Summary
	Errors   []lint.InputError
	MoreErrs int
	Picture  *picture
	Areas    []*pageArea
	Origins  []*origin
	MoreRows int
	Probes   *pageProbes
	Notes    []string
	Rules    []pageRule
	Silenced []*pageFinding
	Inputs   []*lint.InputRow // of which something was passed over
	MoreIn   int
}

// A verdict is the first thing to read. Class is bad, warn or good.
type verdict struct{ Class, Headline, Detail string }

// A pageArea is a part of the deployment with its findings, the worst first.
type pageArea struct {
	ID, Title string
	Counts    lint.Counts
	Findings  []*pageFinding
	More      int
	levels    [3][]*pageFinding
}

// A pageFinding is a finding with what the page derives from it.
type pageFinding struct {
	*lint.Finding
	Place                string
	Before, Marked, Rest string // the source line, cut at the mark
	HasRule              bool
}

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

func newPage(d *Document) (*page, error) {
	p := &page{Version: d.Version, Summary: d.Summary, Errors: d.Errors[:min(len(d.Errors), maxPageErrors)],
		Picture: newPicture(d.Links, d.Probes)}
	p.MoreErrs = len(d.Errors) - len(p.Errors)
	if !d.At.IsZero() {
		p.At = d.At.UTC().Format("2 January 2006, 15:04 UTC")
	}
	areas := make(map[string]*pageArea)
	for _, t := range areaTitles {
		a := &pageArea{ID: t[0], Title: t[1]}
		areas[t[0]] = a
		p.Areas = append(p.Areas, a)
	}
	seen := make(map[string]bool)
	for f, err := range d.Findings {
		if err != nil {
			return nil, fmt.Errorf("read findings back: %w", err)
		}
		a := areas[f.Area]
		if a == nil {
			a = &pageArea{ID: fmt.Sprint(len(p.Areas)), Title: Clean(f.Area)} // an id takes no blanks
			areas[f.Area] = a
			p.Areas = append(p.Areas, a)
		}
		a.add(f)
		p.Picture.add(f)
		seen[f.Rule] = true
	}
	for _, a := range p.Areas {
		a.finish()
	}
	p.Areas = slices.DeleteFunc(p.Areas, func(a *pageArea) bool { return len(a.Findings) == 0 })
	p.Picture.finish()
	if err := p.addOrigins(d); err != nil {
		return nil, err
	}
	if err := p.addSilenced(d); err != nil {
		return nil, err
	}
	if err := p.addInputs(d); err != nil {
		return nil, err
	}
	p.addRules(d, seen)
	p.Probes = newPageProbes(d.Probes)
	p.Verdict = verdictOf(d)
	p.Notes = d.Notes
	return p, nil
}

// add counts a finding and keeps it where the page has room for its weight.
func (a *pageArea) add(f *lint.Finding) {
	a.Counts.Add(f.Severity)
	level := &a.levels[f.Severity]
	if len(*level) < maxPageFindings {
		*level = append(*level, newPageFinding(f))
	}
}

func (a *pageArea) finish() {
	for _, s := range []lint.Severity{lint.Error, lint.Warning, lint.Info} {
		a.Findings = append(a.Findings, a.levels[s]...)
	}
	total := a.Counts.AtLeast(lint.Info)
	a.Findings = a.Findings[:min(len(a.Findings), maxPageFindings)]
	a.More = total - len(a.Findings)
}

func newPageFinding(f *lint.Finding) *pageFinding {
	kept := *f
	p := &pageFinding{Finding: &kept}
	if f.File != "" {
		p.Place = position(f.File, f.Line, f.Column)
	}
	if f.Source != "" {
		line := []rune(f.Source)
		from := min(max(0, f.Column-f.SourceColumn), len(line))
		to := len(line)
		switch {
		case strings.HasPrefix(string(line[from:]), export.Mask):
			to = from + len(export.Mask) // a secret: the mask stands for it, whatever its length
		case f.EndLine <= f.Line:
			to = min(max(from, from+f.EndColumn-f.Column), len(line))
		}
		p.Before, p.Marked, p.Rest = Clean(string(line[:from])), Clean(string(line[from:to])), Clean(string(line[to:]))
	}
	return p
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
			o.Files = append(o.Files, row.File)
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
		if len(p.Silenced) < maxPageFindings {
			p.Silenced = append(p.Silenced, newPageFinding(f))
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
		case row.Ignored == nil || row.PassedOver():
		case len(p.Inputs) == maxPageInputs:
			p.MoreIn++
		default:
			p.Inputs = append(p.Inputs, row)
		}
	}
	return nil
}

// addRules adds the pages of the rules that found something.
func (p *page) addRules(d *Document, seen map[string]bool) {
	for _, r := range d.Rules {
		if !seen[r.ID] || d.PageHTML == nil {
			continue
		}
		if text, err := d.PageHTML(r.ID); err == nil { // a rule without a page is shown by its finding alone
			p.Rules = append(p.Rules, pageRule{r.ID, r.Name, r.Summary, template.HTML(strings.TrimSpace(text))}) // the program's own
		}
	}
	for i := range p.Rules {
		p.Rules[i].Text = p.linked(p.Rules[i].Text)
	}
	for _, a := range p.Areas {
		for _, f := range a.Findings {
			f.HasRule = slices.ContainsFunc(p.Rules, func(r pageRule) bool { return r.ID == f.Rule })
		}
	}
}

// ruleLink is a reference to the page of another rule, as pages have it.
var ruleLink = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<a href="#rule-([A-Z0-9]+)">(.*?)</a>`) })

// linked makes text of the references to rules whose page is not in the report.
func (p *page) linked(text template.HTML) template.HTML {
	return template.HTML(ruleLink().ReplaceAllStringFunc(string(text), func(link string) string {
		m := ruleLink().FindStringSubmatch(link)
		if slices.ContainsFunc(p.Rules, func(r pageRule) bool { return r.ID == m[1] }) {
			return link
		}
		return m[2]
	}))
}

func verdictOf(d *Document) verdict {
	n := d.Summary.Findings
	detail := fmt.Sprintf("%s with %s", counted(d.Summary.Files, "export"), properties(d.Summary.Properties))
	switch {
	case len(d.Probes) > 0:
		detail += fmt.Sprintf(", %s contacted", counted(len(d.Probes), "target"))
	default:
		detail += ", nothing contacted"
	}
	for _, passed := range passedOver(d) {
		detail += ", " + passed
	}
	if d.Summary.Suppressed > 0 {
		detail += fmt.Sprintf(", %d suppressed", d.Summary.Suppressed)
	}
	detail += "."
	switch {
	case n.Error > 0:
		return verdict{"error", fmt.Sprintf("Not ready: %s that users will notice", counted(n.Error, "error")), detail}
	case len(d.Errors) > 0:
		return verdict{"warning", "Not all is known: inputs or probes are missing", detail}
	case n.Warning > 0:
		return verdict{"warning", fmt.Sprintf("Ready, with %s to look at", counted(n.Warning, "warning")), detail}
	}
	if d.nothingRead() {
		return verdict{"warning", "Nothing was read, so nothing was checked", detail}
	}
	return verdict{"ok", "Nothing is wrong", detail}
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

// Package report writes findings. A Document goes in, bytes in one of the formats come out. It decides nothing: what is
// found, how much it weighs and what is hidden was decided before. What comes from inputs is escaped for the format.
package report

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"cupclint/internal/report/group"
	"cupclint/lint"
)

// A Document is what there is to report. The sequences can be read more than once.
type Document struct {
	Findings iter.Seq2[*lint.Finding, error]
	// Suppressed are the findings that a suppression silenced; nil unless a format shows them, see ShowsSuppressed.
	Suppressed iter.Seq2[*lint.Finding, error]
	// Addresses is nil unless the table of presence addresses was asked for.
	Addresses iter.Seq2[*lint.AddressRow, error]
	// Inputs says of every input what it was read as and how much was skipped; nil where the command does not know.
	Inputs iter.Seq2[*lint.InputRow, error]
	// Deployments is nil unless it was asked what was judged together; empty when that is nothing.
	Deployments []*lint.Deployment
	// At is when the deployment was looked at; zero where the output must not depend on it.
	At      time.Time
	Summary lint.Summary
	Errors  []lint.InputError
	Version string
	// Rules are all rules that could have found something, and Page gives the page of one; for formats that describe them.
	Rules []*lint.Rule
	Page  func(id string) (string, error)
	// PageHTML gives the page of a rule as a fragment of HTML that the program made; see docs.RulePageHTML.
	PageHTML func(id string) (string, error)
	// Preface, if set, writes what the text format shows in front of the findings: what a probe asked and saw.
	Preface func(w io.Writer, width int) error
	// Probes are what was contacted; nil where nothing was to be.
	Probes []Probe
	// Notes are sentences about the run itself, for people.
	Notes []string
	// RuleURL gives the address of a rule's page, or ""; nil for none.
	RuleURL func(rule string) string
	// Named gives the name of the configuration's deployment that a file is part of, or ""; nil for none. See group.Sites.
	Named func(file string) string
	// Links returns the connections that pictures of the deployment show. It is called for formats with a picture; nil for none.
	Links func() []Link
	// Part is what the report of a shard has in addition to the others, for the JSON format; nil for the report of a whole run.
	Part *lint.Part
	// Members are further members of the JSON object: the observations of a probe.
	Members []Member
}

// hasExports reports whether the run was about exports: one with --server read none, and does not count them.
func (d *Document) hasExports() bool { return d.Summary.Files > 0 || d.Inputs != nil }

// url is the address of the page of a rule, or "".
func (d *Document) url(rule string) string {
	if d.RuleURL == nil {
		return ""
	}
	return d.RuleURL(rule)
}

// help says where to read the page of a rule: its address, or the command that shows it.
func (d *Document) help(rule string) string {
	if u := d.url(rule); u != "" {
		return u
	}
	return "cupclint explain " + rule
}

// Sites reads which sites there are from the inputs, or where the command does not know them from the findings.
func (d *Document) Sites() (*group.Sites, error) {
	var failed error
	files := func(yield func(string) bool) {
		if d.Inputs == nil {
			for f, err := range d.Findings {
				if failed = err; err != nil || f.File != "" && !yield(f.File) {
					return
				}
			}
			return
		}
		for row, err := range d.Inputs {
			if failed = err; err != nil || !row.Skipped() && !yield(row.File) {
				return
			}
		}
	}
	return group.NewSites(files, d.Named), failed
}

// groups reads which findings are the same, with all places of each where that is asked for.
func (d *Document) groups(all bool) (*group.Groups, error) {
	sites, err := d.Sites()
	if err != nil {
		return nil, fmt.Errorf("read inputs back: %w", err)
	}
	places := 0
	if all {
		places = math.MaxInt
	}
	g, err := group.Collect(d.Findings, sites, places)
	if err != nil {
		return nil, fmt.Errorf("read findings back: %w", err)
	}
	return g, nil
}

// statistics counts by rule, by site and by severity.
func (d *Document) statistics() (*group.Statistics, error) {
	sites, err := d.Sites()
	if err != nil {
		return nil, fmt.Errorf("read inputs back: %w", err)
	}
	s, err := group.Count(d.Findings, d.Inputs, sites)
	if err != nil {
		return nil, fmt.Errorf("read findings back: %w", err)
	}
	return s, nil
}

// A Member is a named part of the JSON object. Write writes its value.
type Member struct {
	Name  string
	Write func(*bufio.Writer) error
}

// Style says how text looks.
type Style struct {
	Color bool
	Quiet bool // findings alone: no summary
	// Verbose adds what was read, and what was skipped in it.
	Verbose bool
	// All lists all places of findings that are the same, and all sites.
	All bool
	// Statistics adds how many findings there are by rule, by site and by severity.
	Statistics bool
	// Head is what a page names at its top.
	Head Head
	// Width is how many columns the terminal has. 0, for a file or a pipe, breaks no line.
	Width int
}

// A Head is what a page says of itself. It is optional.
type Head struct {
	Title, Customer string
	// Date is that of the report, if one was chosen. Without it the page has the time at which the deployment was looked at, else
	// Today.
	Date, Today time.Time
}

// A Writer writes a document in one format.
type Writer func(w io.Writer, d *Document, s Style) error

// writers are the formats by name.
func writers() map[string]Writer {
	return map[string]Writer{
		"text":       writeText,
		"json":       inSafeJSON(writeJSON),
		"jsonl":      inSafeJSON(writeJSONLines),
		"sarif":      inSafeJSON(writeSARIF),
		"junit":      writeJUnit,
		"checkstyle": writeCheckstyle,
		"github":     writeGitHub,
		"gitlab":     inSafeJSON(writeGitLab),
		"markdown":   writeMarkdown,
		"csv":        writeCSV,
		"html":       writeHTML,
	}
}

// Formats lists the names of the formats.
func Formats() []string { return slices.Sorted(maps.Keys(writers())) }

// Find returns the writer of a format.
func Find(name string) (Writer, error) {
	if w, ok := writers()[name]; ok {
		return w, nil
	}
	return nil, fmt.Errorf("unknown format %q: use %s", name, strings.Join(Formats(), ", "))
}

// ShowsSuppressed reports whether a format shows suppressed findings.
func ShowsSuppressed(name string) bool { return name == "sarif" || name == "junit" || name == "html" }

// IsPage reports whether a format shows all that is known, presence addresses and targets included, without being asked to.
func IsPage(name string) bool { return name == "html" }

// Of makes a sequence of findings that are in memory.
func Of(findings []lint.Finding) iter.Seq2[*lint.Finding, error] {
	return func(yield func(*lint.Finding, error) bool) {
		for i := range findings {
			if !yield(&findings[i], nil) {
				return
			}
		}
	}
}

// Clean makes text safe for a terminal: control characters, and characters that turn the direction of writing, are shown as
// escapes. Line breaks are escaped as well.
func Clean(s string) string {
	if !strings.ContainsFunc(s, unsafe) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteString(cleanRune(r))
	}
	return b.String()
}

func cleanRune(r rune) string {
	switch {
	case !unsafe(r):
		return string(r)
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// unsafe reports control characters, format characters (zero-width space, direction marks) and what is not a character.
func unsafe(r rune) bool {
	return r < ' ' || r >= 0x7F && (r < 0xA0 || r == unicode.ReplacementChar || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co))
}

package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cupclint/internal/area"
	"cupclint/lint"
)

// A Case is all that an audit knows: what lint found and what probes saw. It holds no secret, and its JSON form (see Save) is enough
// to judge it again elsewhere.
type Case struct {
	// Version is that of the program that made the case.
	Version string `json:"version"`
	// At is when the probes began; zero where there were none.
	At time.Time `json:"at,omitzero"`
	// Findings are those of lint, standing and suppressed, in the order of lint.Compare.
	Findings []Finding `json:"findings"`
	// Comments are the suppressions in comments of the exports.
	Comments  []lint.Comment    `json:"comments,omitempty"`
	Addresses []lint.AddressRow `json:"addresses,omitempty"`
	Summary   lint.Summary      `json:"summary"`
	// Errors are inputs that could not be read.
	Errors []lint.InputError `json:"errors,omitempty"`
	// Known is what no server tells and a judgement needs.
	Known Known `json:"known"`
	// Facts are what the exports say about the setup, by the question of a diagnosis that they answer.
	Facts        map[string]Fact `json:"facts,omitempty"`
	Observations Observations    `json:"observations"`

	// Inputs say what each input was read as and what was skipped; of the run alone, nil for a case that was kept.
	Inputs []lint.InputRow `json:"-"`
}

// A Fact is what an export says about the setup: the answer to a question of a diagnosis, its place, and what is written there.
type Fact struct {
	Answer string `json:"answer"`
	Where  string `json:"where"`
	Text   string `json:"text"`
}

// Known is area.Known in a form that is kept.
type Known struct {
	Clients       int           `json:"clients,omitempty"`
	RetryInterval time.Duration `json:"retryInterval,omitempty"` // nanoseconds
	Soon          time.Duration `json:"soon,omitempty"`          // nanoseconds
	// CertificateSoon is what the run that judges has configured.
	CertificateSoon time.Duration `json:"certificateSoon,omitempty"` // nanoseconds
	// Local are Jabber's configuration files among the exports.
	Local []area.LocalFile `json:"local,omitempty"`
}

// A Finding is one of lint's with what its own JSON form leaves out.
type Finding struct {
	lint.Finding
	// Source is the line of the finding with secrets masked, SourceColumn the column of its first character.
	Source       string `json:"source,omitempty"`
	SourceColumn int    `json:"sourceColumn,omitempty"`
	// Anchor is where findings about output of servers come in the order.
	Anchor string `json:"anchor,omitempty"`
	// Suppressed is the reason that a suppression gave.
	Suppressed string `json:"suppressed,omitempty"`
}

func keep(f *lint.Finding) Finding {
	return Finding{Finding: *f, Source: f.Source, SourceColumn: f.SourceColumn, Anchor: f.Anchor, Suppressed: f.Suppressed}
}

func (f *Finding) restored() lint.Finding {
	out := f.Finding
	out.Source, out.SourceColumn, out.Anchor, out.Suppressed = f.Source, f.SourceColumn, f.Anchor, ""
	return out
}

// Lint reads and lints the sources of o and plans what they call for in the areas. o gets rules that gather the plan; its Filter
// must be set, so that suppressions of live findings are known as used. The error is that of the context; the case holds what was
// known by then.
func Lint(ctx context.Context, o lint.Options, areas []area.Area) (*Case, *Plan, error) {
	probes := newCollection(areas)
	o.Rules = append(slices.Clip(o.Rules), probes.collector())
	o.Suppressed, o.Addresses = true, true
	result, interrupted := lint.Run(ctx, o)
	defer func() { _ = result.Close() }() // it is only read from
	c := &Case{Summary: result.Summary, Errors: result.Errors, Comments: result.Comments, Observations: *NewObservations(areas)}
	for row, err := range result.Inputs() {
		if err != nil {
			return nil, nil, fmt.Errorf("read back the inputs: %w", err)
		}
		c.Inputs = append(c.Inputs, *row)
	}
	for row, err := range result.Addresses() {
		if err != nil {
			return nil, nil, fmt.Errorf("read back the presence addresses: %w", err)
		}
		c.Addresses = append(c.Addresses, *row)
	}
	for f, err := range result.Findings() {
		if err != nil {
			return nil, nil, fmt.Errorf("read back the findings of lint: %w", err)
		}
		c.Findings = append(c.Findings, keep(f))
	}
	for f, err := range result.Suppressed() {
		if err != nil {
			return nil, nil, fmt.Errorf("read back the suppressed findings of lint: %w", err)
		}
		c.Findings = append(c.Findings, keep(f))
	}
	plan, known := probes.plan()
	c.Known = Known(known)
	return c, plan, interrupted
}

// A Report is what came of a case under a policy.
type Report struct {
	Findings   []lint.Finding
	Suppressed []lint.Finding
	Summary    lint.Summary
}

// Judge turns the case into one list of findings, in the order of lint.Compare: those of lint and those of the probes, with what DNS
// says about a static one added to it.
func (c *Case) Judge(rules []*lint.Rule, policy *lint.Policy) *Report {
	filter := policy.NewFilter(rules)
	filter.AddComments(c.Comments...)
	r := &Report{Summary: c.Summary}
	let := func(findings []lint.Finding) (standing []lint.Finding) {
		for _, f := range findings {
			f.Evidence, f.Related = slices.Clone(f.Evidence), slices.Clone(f.Related) // a case can be judged twice
			switch {
			case filter.Apply(&f):
				standing = append(standing, f)
			case f.Suppressed != "":
				r.Suppressed = append(r.Suppressed, f)
			}
		}
		return standing
	}
	static := make([]lint.Finding, len(c.Findings))
	for i := range c.Findings {
		static[i] = c.Findings[i].restored()
		lint.Unnumber(&static[i])
	}
	standing, seen := let(static), c.withoutRepeats(let(c.live()))
	c.Observations.each(func(a area.Area, _ area.Info, list []area.Observation) {
		if w, ok := a.(area.Weigher); ok {
			w.Weigh(standing, list)
		}
	})
	r.Findings = lint.Join(append(standing, seen...))
	lint.Number(r.Findings)
	slices.SortStableFunc(r.Suppressed, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	lint.Number(r.Suppressed)
	r.Summary.Findings = lint.Counts{} // the severities may have changed
	for i := range r.Findings {
		r.Summary.Findings.Add(r.Findings[i].Severity)
	}
	r.Summary.Suppressed = filter.Suppressed()
	return r
}

// live judges what the probes saw.
func (c *Case) live() (out []lint.Finding) {
	c.Observations.each(func(a area.Area, _ area.Info, list []area.Observation) {
		out = append(out, a.Judge(list, area.Known(c.Known))...)
	})
	return out
}

// A spot is a rule at a place.
type spot struct {
	rule, file   string
	line, column int
}

// withoutRepeats leaves out that a server is not reached where its name does not resolve and a finding about the name says so: one cause,
// one finding.
func (c *Case) withoutRepeats(findings []lint.Finding) []lint.Finding {
	absent := make(map[string]bool)
	c.Observations.eachTarget(func(_ area.Info, s *area.Seen) {
		if s.Absent != "" {
			absent[s.Absent] = true
		}
	})
	if !slices.ContainsFunc(findings, func(f lint.Finding) bool { return f.Area == nameArea && f.Severity == lint.Error }) {
		return findings
	}
	repeats := make(map[spot]bool)
	c.Observations.eachTarget(func(info area.Info, s *area.Seen) {
		if info.Unreachable != nil && absent[s.Unresolved] {
			repeats[spot{info.Unreachable.ID, s.Place.File, s.Place.Line, s.Place.Column}] = true
		}
	})
	return slices.DeleteFunc(findings, func(f lint.Finding) bool { return repeats[spot{f.Rule, f.File, f.Line, f.Column}] })
}

// nameArea is the area of rules that find a name without an address.
const nameArea = "dns"

// Unused adds to the case a finding for every suppression that matches neither a finding of lint nor a live one. filter is
// the one that lint ran with. Call it once, after the probes.
func (c *Case) Unused(filter *lint.Filter) {
	for _, f := range c.live() {
		filter.Apply(&f)
	}
	for _, f := range filter.Review() {
		c.Findings = append(c.Findings, keep(&f))
	}
}

// Incomplete lists the inputs that could not be read and the probes that were not carried out to their end.
func (c *Case) Incomplete() []lint.InputError {
	errs := slices.Clone(c.Errors)
	add := func(subject, message string) {
		if message != "" {
			errs = append(errs, lint.InputError{File: subject, Message: message})
		}
	}
	c.Observations.each(func(_ area.Area, info area.Info, list []area.Observation) {
		for _, o := range list {
			if t, ok := o.(area.Troubled); ok {
				for _, message := range t.Trouble() {
					add(strings.ToUpper(info.Name), message)
				}
			}
		}
	})
	for _, p := range c.Observations.Probes() {
		add(p.Target, p.Incomplete)
	}
	return errs
}

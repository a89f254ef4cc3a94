package dnscheck

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"cupclint/internal/area"
	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/lint"
)

//go:embed facts.tsv
var facts string

// Area makes names in DNS a live area. All names of a deployment are one task, since they share the resolvers. o is read when the task is
// described or probed; it may be nil where nothing is probed.
func Area(o *Options) area.Area { return &dnsArea{options: o} }

const areaName = "dns"

type dnsArea struct{ options *Options }

func (a *dnsArea) Info() area.Info {
	return area.Info{
		Name: areaName, Command: areaName, Rules: Rules(), Facts: facts,
		Host: "Presence.Primary.Address", Metrics: metrics(),
		Link: area.Link{Order: 1, Name: "Names", Protocol: "DNS", Areas: []string{areaName}},
	}
}

func (a *dnsArea) NewGatherer() area.Gatherer { return &nameGatherer{area: a, names: NewNames()} }

func (a *dnsArea) Judge(seen []area.Observation, _ area.Known) []lint.Finding {
	return Judge(allNames(seen))
}

// Weigh implements area.Weigher.
func (a *dnsArea) Weigh(static []lint.Finding, seen []area.Observation) {
	Weigh(static, allNames(seen))
}

func (a *dnsArea) Encode(seen []area.Observation, into map[string]any) {
	for _, o := range seen {
		if o, ok := o.(*Asked); ok {
			into[areaName], into["resolvers"], into["silent"], into["errors"] = o.Names, o.Resolvers, o.Silent, o.Errors
		}
	}
}

func (a *dnsArea) Decode(from map[string]json.RawMessage) ([]area.Observation, error) {
	o, found := new(Asked), false
	for field, into := range map[string]any{areaName: &o.Names, "resolvers": &o.Resolvers, "silent": &o.Silent, "errors": &o.Errors} {
		text, ok := from[field]
		if !ok {
			continue
		}
		found = true
		if err := json.Unmarshal(text, into); err != nil {
			return nil, fmt.Errorf("observations.%s: %w", field, err)
		}
	}
	if !found {
		return nil, nil
	}
	return []area.Observation{o}, nil
}

func allNames(seen []area.Observation) []Observation {
	var all []Observation
	for _, o := range seen {
		if o, ok := o.(*Asked); ok {
			all = append(all, o.Names...)
		}
	}
	return all
}

// Asked has the results for all names of a run.
type Asked struct {
	Resolvers []string
	// Silent says that no resolver gave an answer.
	Silent bool
	Names  Kept
	// Errors say why the names were not asked for.
	Errors []string

	questions int
}

// Seen implements area.Observation: every name is a target.
func (o *Asked) Seen() []area.Seen {
	out := make([]area.Seen, len(o.Names))
	for i := range o.Names {
		out[i] = o.Names[i].seen()
	}
	return out
}

// Summary says in a few words how the run went.
func (o *Asked) Summary() string {
	return fmt.Sprintf("%s, %s asked", counted(len(o.Names), "name"), counted(o.questions, "question"))
}

// Trouble implements area.Troubled.
func (o *Asked) Trouble() []string {
	if o.Silent {
		return append(o.Errors[:len(o.Errors):len(o.Errors)], "no resolver gave an answer")
	}
	return o.Errors
}

// seen has one phase, whose time is that of all attempts, one after the other or not.
func (o *Observation) seen() area.Seen {
	o = new(unpacked).open(o)
	verdict, usable := o.Verdict()
	s := area.Seen{Target: o.Name, Summary: verdict, Looked: !o.Cancelled() && o.NotSent == "" && (o.Kind != Host || usable)}
	if o.Kind == Domain {
		s.Summary = o.services()
	}
	if len(o.Steps()) > 0 {
		phase := area.Phase{Name: string(probe.DNS), Took: o.took()}
		if !usable && o.Kind == Host {
			phase.Error = verdict
		}
		s.Phases = []area.Phase{phase}
	}
	if o.Cancelled() {
		s.Incomplete = "the run was cancelled"
	}
	if o.Kind == Host && !usable && !o.Cancelled() {
		s.Absent = o.Name
	}
	for _, u := range o.Uses {
		s.Keys = append(s.Keys, u.Key)
	}
	return s
}

func (o *Observation) took() probe.Duration {
	var took time.Duration
	for _, s := range o.Steps() {
		for i := range s.Answers {
			for _, a := range s.Answers[i].Attempts {
				took += time.Duration(a.Microseconds) * time.Microsecond
			}
		}
	}
	return probe.Duration(took)
}

// services: a domain need not have an address; what counts is which services it names.
func (o *Observation) services() string {
	found := 0
	for _, s := range o.Steps() {
		switch s.Why {
		case WhyNAPTR, WhySIP, WhyDiscovery:
			if s.Effective().Outcome == Found {
				found++
			}
		}
	}
	return counted(found, "service record") + " of the SIP domain found"
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// A nameGatherer is Names for an audit.
type nameGatherer struct {
	area  *dnsArea
	names *Names
}

func (g *nameGatherer) Add(in *lint.Input)        { g.names.Add(in) }
func (g *nameGatherer) Merge(other area.Gatherer) { g.names.Merge(other.(*nameGatherer).names) }
func (g *nameGatherer) Known() area.Known         { return area.Known{} }

func (g *nameGatherer) Covered() (places []live.Place) {
	for _, s := range g.names.covered {
		for _, u := range s.Uses {
			p := &u.Place
			places = append(places, live.Place{
				File: p.File, Line: p.Line, Column: p.Column, EndLine: p.EndLine, EndColumn: p.EndColumn, Key: p.Key,
				Source: p.Source, SourceColumn: p.SourceColumn,
			})
		}
	}
	return places
}

func (g *nameGatherer) Tasks() []area.Task {
	subjects := g.names.Subjects()
	if len(subjects) == 0 {
		return nil
	}
	return []area.Task{&nameTask{g.area, subjects}}
}

// A nameTask is all names of a deployment.
type nameTask struct {
	area     *dnsArea
	subjects []*Subject
}

func (t *nameTask) Row() area.Row {
	var resolvers []string
	if t.area.options != nil {
		for _, r := range t.area.options.Resolvers {
			resolvers = append(resolvers, r.String())
		}
	}
	use := counted(len(t.subjects), "name") + ": "
	for i, s := range t.subjects {
		if i == maxPlanned {
			use += ", ..."
			break
		}
		if i > 0 {
			use += ", "
		}
		use += s.Name
	}
	return area.Row{Area: areaName, Target: strings.Join(resolvers, ", "), Transport: "UDP, TCP", Use: use, LogIn: "none"}
}

// maxPlanned bounds how many names the line of a plan lists.
const maxPlanned = 20

func (t *nameTask) Login() area.Login { return area.Login{} }
func (t *nameTask) Outside()          {}

func (t *nameTask) Probe(ctx context.Context, tools area.Tools) area.Observation {
	var o Options
	if t.area.options != nil {
		o = *t.area.options
	}
	o.Progress = tools.Progress
	result, err := Check(ctx, t.subjects, o)
	seen := new(Asked)
	if err != nil {
		seen.Errors = append(seen.Errors, err.Error())
	}
	if result != nil {
		seen.Resolvers, seen.Silent, seen.Names, seen.questions = result.Resolvers, result.Silent, result.Observations, result.Asked
	}
	return seen
}

package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cupclint/internal/area"
	"cupclint/internal/live"
	"cupclint/lint"
)

// A Plan is every probe that a deployment calls for.
type Plan struct {
	areas   []area.Area
	tasks   []planned
	covered []live.Place // of targets that are left out
}

// A planned task belongs to an area.
type planned struct {
	area area.Area
	area.Task
}

// NewPlan makes an empty plan for the areas.
func NewPlan(areas []area.Area) *Plan { return &Plan{areas: areas} }

// Add takes tasks of one of the plan's areas into the plan.
func (p *Plan) Add(a area.Area, tasks ...area.Task) {
	for _, t := range tasks {
		p.tasks = append(p.tasks, planned{a, t})
	}
}

// Keep leaves in the plan the areas for which keep is true.
func (p *Plan) Keep(keep func(area.Info) bool) {
	p.tasks = slices.DeleteFunc(p.tasks, func(t planned) bool { return !keep(t.area.Info()) })
}

// Restrict drops the probes that have no rule that is on: what they would see could not be reported.
func (p *Plan) Restrict(on func(*lint.Rule) bool) {
	p.Keep(func(i area.Info) bool { return slices.ContainsFunc(slices.Concat(i.Rules, i.Shared), on) })
}

// Split gives the part of the plan whose areas are chosen, and the rest.
func (p *Plan) Split(chosen func(area.Info) bool) (first, rest *Plan) {
	first, rest = NewPlan(p.areas), NewPlan(p.areas)
	for _, t := range p.tasks {
		to := rest
		if chosen(t.area.Info()) {
			to = first
		}
		to.tasks = append(to.tasks, t)
	}
	return first, rest
}

// NoLogins takes every password out of the plan: all is looked at from outside.
func (p *Plan) NoLogins() {
	for _, t := range p.tasks {
		t.Outside()
	}
}

// Tasks lists all tasks.
func (p *Plan) Tasks() []area.Task {
	out := make([]area.Task, len(p.tasks))
	for i, t := range p.tasks {
		out[i] = t.Task
	}
	return out
}

// Of lists the tasks of an area, in their order.
func (p *Plan) Of(name string) []area.Task {
	var out []area.Task
	for _, t := range p.tasks {
		if t.area.Info().Name == name {
			out = append(out, t.Task)
		}
	}
	return out
}

// Requests gives every request of one type in the plan, to read or to change.
func Requests[R any](p *Plan) []*R {
	var out []*R
	for _, t := range p.tasks {
		if r, ok := area.Request[R](t.Task); ok {
			out = append(out, r)
		}
	}
	return out
}

// Rows lists the targets of the plan in the order in which the run numbers them.
func (p *Plan) Rows() []area.Row {
	var rows []area.Row
	for _, t := range p.tasks {
		rows = append(rows, t.Row())
	}
	return rows
}

// Notes are what the areas of the plan say about their log-ins.
func (p *Plan) Notes() []string {
	var notes []string
	for _, t := range p.tasks {
		if note := t.area.Info().Note; note != "" && !slices.Contains(notes, note) && t.Row().Tried {
			notes = append(notes, note)
		}
	}
	return notes
}

// Accounts counts the accounts whose password is tried. Each is tried once; only where that proved the password right, further
// connections log in with it.
func Accounts(rows []area.Row) int {
	accounts := make(map[string]bool)
	for _, r := range rows {
		if r.Tried {
			accounts[r.Scope+"\x00"+strings.ToLower(r.Account)] = true
		}
		if r.Auditor != "" {
			accounts[r.Scope+"\x00"+strings.ToLower(r.Auditor)] = true
		}
	}
	return len(accounts)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// A collection is a lint.Fleet that takes from every export the probes that it calls for, so that exports are read once. It makes no
// findings.
type collection struct {
	areas     []area.Area
	gatherers []area.Gatherer
	repeats   repeats
}

func newCollection(areas []area.Area) *collection {
	c := &collection{areas: areas}
	for _, a := range areas {
		c.gatherers = append(c.gatherers, a.NewGatherer())
	}
	return c
}

// collector makes a rule whose run leaves in c what all exports call for. It is not in the catalogue.
func (c *collection) collector() *lint.Rule {
	first := true
	c.repeats.table = newReadTable(c.gatherers)
	return &lint.Rule{
		ID: "collect-probes", Name: "collect-probes", Area: "dns", Kind: lint.FleetKind,
		// The run makes the accumulators one after the other and merges all others into the first.
		Fleet: func() lint.Fleet {
			if first {
				first = false
				return c
			}
			other := newCollection(c.areas)
			other.repeats.table = c.repeats.table
			return other
		},
	}
}

// Add implements lint.Fleet.
func (c *collection) Add(in *lint.Input) {
	c.repeats.look(in)
	for i, g := range c.gatherers {
		if !c.repeats.has(i) {
			g.Add(in)
			c.repeats.keep(i)
		}
	}
}

// Merge implements lint.Fleet.
func (c *collection) Merge(other lint.Fleet) {
	for i, g := range other.(*collection).gatherers {
		c.gatherers[i].Merge(g)
	}
}

// Findings finds nothing.
func (c *collection) Findings() []lint.Finding { return nil }

// PlanOnly is Lint for a plan that is only printed: nothing is linted, and the rules of o are not used. Of the case there is only which
// inputs could not be read.
func PlanOnly(ctx context.Context, o lint.Options, areas []area.Area) (*Case, *Plan, error) {
	probes := newCollection(areas)
	o.Rules = []*lint.Rule{probes.collector()}
	result, interrupted := lint.Run(ctx, o)
	defer func() { _ = result.Close() }() // nothing is read from it
	plan, _ := probes.plan()
	return &Case{Errors: result.Errors, Observations: *NewObservations(areas)}, plan, interrupted
}

// plan makes the plan, and says what the exports know.
func (c *collection) plan() (*Plan, area.Known) {
	p, known := NewPlan(c.areas), area.Known{}
	for i, g := range c.gatherers {
		p.Add(c.areas[i], g.Tasks()...)
		p.covered = append(p.covered, g.Covered()...)
		known = known.Merge(g.Known())
	}
	return p, known
}

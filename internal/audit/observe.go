package audit

import (
	"context"
	"fmt"

	"cupclint/internal/area"
	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/internal/report"
)

// Options say how a plan is carried out.
type Options struct {
	Tools area.Tools
	// Jobs is how many targets are probed at once; 0 means DefaultJobs.
	Jobs int
	// Watch, if set, gets what happens. It is called from many goroutines.
	Watch func(Event)
}

// DefaultJobs lets two hundred silent servers be waited for at the same time: what they cost is a socket each.
const DefaultJobs = 256

// An Event is something that happened to a target.
type Event struct {
	// Row is the target's place in Plan.Rows.
	Row int
	// Phase is what begins; for names in DNS, how far it is. Empty for the end.
	Phase string
	// End is how the probe ended; nil while it is under way.
	End *report.Probe
}

// Observe probes everything in the plan, side by side, and returns what was seen. When the context ends, the observations say which
// probes did not come to their end.
func (p *Plan) Observe(ctx context.Context, o Options) *Observations {
	jobs := o.Jobs
	if jobs <= 0 {
		jobs = DefaultJobs
	}
	rows := make([]int, len(p.tasks))
	for i := range rows {
		rows[i] = i
	}
	all := live.All(ctx, rows, jobs, func(ctx context.Context, row int) area.Observation {
		seen := p.tasks[row].Probe(ctx, o.toolsFor(row))
		end := endOf(p.tasks[row].area.Info().Name, seen)
		o.tell(Event{Row: row, End: &end})
		return seen
	}, nil)
	seen := NewObservations(p.areas)
	for i, t := range p.tasks {
		seen.Add(t.area, all[i])
	}
	return seen
}

func (o *Options) tell(e Event) {
	if o.Watch != nil {
		o.Watch(e)
	}
}

// toolsFor are the run's, which report the phases of one row.
func (o *Options) toolsFor(row int) area.Tools {
	t := o.Tools
	if o.Watch == nil {
		return t
	}
	if t.Prober != nil {
		p := *t.Prober
		p.Watch = func(ph probe.Phase) { o.Watch(Event{Row: row, Phase: string(ph)}) }
		t.Prober = &p
	}
	t.Progress = func(done, total int) { o.Watch(Event{Row: row, Phase: fmt.Sprintf("%d of %d", done, total)}) }
	return t
}

// endOf sums up what became of one task, which may be many targets.
func endOf(name string, o area.Observation) report.Probe {
	list := o.Seen()
	if s, ok := o.(area.Summarized); ok || len(list) != 1 {
		end := report.Probe{Area: name}
		if ok {
			end.Summary = s.Summary()
		}
		if t, ok := o.(area.Troubled); ok {
			for _, text := range t.Trouble() {
				end.Incomplete = text
			}
		}
		for i := range list {
			end.Phases = append(end.Phases, phasesOf(&list[i])...)
		}
		return end
	}
	return probeOf(name, &list[0])
}

package audit

import (
	"context"
	"fmt"
	"time"

	"cupclint/dnscheck"
	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/report"
	"cupclint/ldapcheck"
	"cupclint/mailcheck"
	"cupclint/sipcheck"
)

// Tools are what all probes of a run share.
type Tools struct {
	Prober *probe.Prober
	Budget *loginbudget.Budget
	// DNS says whom to ask for names; its Progress is set by the run.
	DNS dnscheck.Options
	// Directory, Mail and SIP are the settings of the checkers beside Prober and Budget, which the run sets.
	Directory ldapcheck.Checker
	Mail      mailcheck.Checker
	SIP       sipcheck.Checker
	// Jobs is how many targets are probed at once; 0 means DefaultJobs.
	Jobs int
	// Watch, if set, is told of what happens. It is called from many goroutines.
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

// Observations are what the probes of a plan saw. They hold no secret.
type Observations struct {
	Resolvers []string `json:"resolvers,omitempty"`
	// Silent says that no resolver answered anything.
	Silent      bool                             `json:"silent,omitempty"`
	Names       dnscheck.Kept                    `json:"dns,omitempty"`
	Directories []*ldapcheck.Observation         `json:"directory,omitempty"`
	Stores      []*mailcheck.IMAPObservation     `json:"mail,omitempty"`
	Calendars   []*mailcheck.CalendarObservation `json:"calendar,omitempty"`
	Presence    []*sipcheck.SIPObservation       `json:"sip,omitempty"`
	CTI         []*sipcheck.CTIObservation       `json:"cti,omitempty"`
	// Errors are what kept probes from being begun.
	Errors []string `json:"errors,omitempty"`
}

// Observe probes everything in the plan, side by side, and returns what was seen. When the context ends, the observations say which
// probes did not come to their end.
func (p *Plan) Observe(ctx context.Context, t Tools) *Observations {
	r := &observing{plan: p, tools: t, seen: &Observations{}}
	var tasks []task
	add := func(run func(context.Context, int) report.Probe) { tasks = append(tasks, task{len(tasks), run}) }
	if len(p.Names) > 0 {
		add(r.names)
	}
	r.seen.Directories = each(add, p.Directories, r.directory)
	r.seen.Stores = each(add, p.Stores, r.store)
	r.seen.Calendars = each(add, p.Calendars, r.calendar)
	r.seen.Presence = each(add, p.Presence, r.presence)
	r.seen.CTI = each(add, p.CTI, r.cti)
	jobs := t.Jobs
	if jobs <= 0 {
		jobs = DefaultJobs
	}
	live.All(ctx, tasks, jobs, func(ctx context.Context, one task) report.Probe {
		end := one.run(ctx, one.row)
		r.tell(Event{Row: one.row, End: &end})
		return end
	}, nil)
	return r.seen
}

// A task is one row of the plan.
type task struct {
	row int
	run func(context.Context, int) report.Probe
}

// each adds a task for every request and gives the list that their observations will fill.
func each[R, O any](add func(func(context.Context, int) report.Probe), requests []R, one func(context.Context, int, R) (O, report.Probe)) []O {
	out := make([]O, len(requests))
	for i, r := range requests {
		add(func(ctx context.Context, row int) report.Probe {
			o, end := one(ctx, row, r)
			out[i] = o
			return end
		})
	}
	return out
}

type observing struct {
	plan  *Plan
	tools Tools
	seen  *Observations
}

func (r *observing) tell(e Event) {
	if r.tools.Watch != nil {
		r.tools.Watch(e)
	}
}

// prober is the run's, telling of the phases of one row.
func (r *observing) prober(row int) *probe.Prober {
	p := *r.tools.Prober
	if r.tools.Watch != nil {
		p.Watch = func(ph probe.Phase) { r.tools.Watch(Event{Row: row, Phase: string(ph)}) }
	}
	return &p
}

func (r *observing) names(ctx context.Context, row int) report.Probe {
	o := r.tools.DNS
	o.Progress = func(done, total int) { r.tell(Event{Row: row, Phase: fmt.Sprintf("%d of %d", done, total)}) }
	start := time.Now()
	result, err := dnscheck.Check(ctx, r.plan.Names, o)
	end := report.Probe{Area: AreaDNS, Phases: []report.Phase{{Name: string(probe.DNS), Took: probe.Duration(time.Since(start))}}}
	if err != nil {
		r.seen.Errors = append(r.seen.Errors, err.Error())
		end.Incomplete = err.Error()
	}
	if result == nil {
		return end
	}
	r.seen.Resolvers, r.seen.Silent, r.seen.Names = result.Resolvers, result.Silent, result.Observations
	if result.Silent {
		end.Incomplete = "no resolver answered anything"
	}
	end.Summary = fmt.Sprintf("%s, %s asked", plural(len(result.Observations), "name"), plural(result.Asked, "question"))
	return end
}

func (r *observing) directory(ctx context.Context, row int, request ldapcheck.Request) (*ldapcheck.Observation, report.Probe) {
	c := r.tools.Directory
	c.Prober, c.Budget = r.prober(row), r.tools.Budget
	o := c.Probe(ctx, request)
	return o, directoryProbe(o)
}

func (r *observing) store(ctx context.Context, row int, request mailcheck.IMAPRequest) (*mailcheck.IMAPObservation, report.Probe) {
	c := r.tools.Mail
	c.Prober, c.Budget = r.prober(row), r.tools.Budget
	o := c.ProbeIMAP(ctx, request)
	return o, storeProbe(o)
}

func (r *observing) calendar(ctx context.Context, row int, request mailcheck.CalendarRequest) (*mailcheck.CalendarObservation, report.Probe) {
	c := r.tools.Mail
	c.Prober, c.Budget = r.prober(row), r.tools.Budget
	o := c.ProbeCalendar(ctx, request)
	return o, calendarProbe(o)
}

func (r *observing) presence(ctx context.Context, row int, request sipcheck.SIPRequest) (*sipcheck.SIPObservation, report.Probe) {
	c := r.tools.SIP
	c.Prober, c.Budget = r.prober(row), r.tools.Budget
	o := c.ProbeSIP(ctx, request)
	return o, presenceProbe(o)
}

func (r *observing) cti(ctx context.Context, row int, request sipcheck.CTIRequest) (*sipcheck.CTIObservation, report.Probe) {
	c := r.tools.SIP
	c.Prober, c.Budget = r.prober(row), r.tools.Budget
	o := c.ProbeCTI(ctx, request)
	return o, ctiProbe(o)
}

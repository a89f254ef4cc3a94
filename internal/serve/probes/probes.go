// Package probes are the live probes that the page of `cupclint serve` may make: those that the file of --allow-probes names, and no
// others. A request chooses one of them by its ID; no address comes from a request.
//
// A probe never logs in. The file has no place for a password; what exports say of accounts is taken out of the plan; and the log-in
// budget of the probes grants nothing.
package probes

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/diagnose"
	"cupclint/internal/loginbudget"
	"cupclint/internal/serve/page"
	"cupclint/lint"
	"cupclint/resolve"
)

// The bounds of probing.
const (
	atOnce     = 8                // probes of different targets
	most       = 60 * time.Second // for one probe
	maxTargets = 2000
)

// Options say how targets are probed.
type Options struct {
	// Areas can be probed. Tools are what probes share; their budget is not used.
	Areas []area.Area
	Tools area.Tools
	// Rules and Policy judge what was seen.
	Rules  []*lint.Rule
	Policy *lint.Policy
	// CertificateSoon is the time before the end of a certificate in which it is a finding; negative for never.
	CertificateSoon time.Duration
	// Now is the clock; nil for the system's.
	Now func() time.Time
}

// Errors of Run.
var (
	ErrUnknown = errors.New("the target is not one that may be probed")
	ErrBusy    = errors.New("the target is being probed already. Try again in a minute")
	ErrFull    = errors.New("many targets are being probed. Try again in a minute")
)

// errNoLogins is why the budget grants nothing.
var errNoLogins = errors.New("the page makes no log-ins")

// A List is what may be probed. It may be used by many goroutines.
type List struct {
	options Options
	targets []*target
	places  chan struct{}
}

// A target is one task.
type target struct {
	page.Target
	plan  *audit.Plan
	known audit.Known
	busy  atomic.Bool
}

// New makes the list of the entries. Exports are read now.
func New(ctx context.Context, entries []Entry, o Options) (*List, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Tools.Budget = loginbudget.Open(loginbudget.Options{NoDir: errNoLogins})
	l := &List{options: o, places: make(chan struct{}, atOnce)}
	for i := range entries {
		if err := l.add(ctx, &entries[i]); err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", entries[i].Line, entries[i].Name, err)
		}
	}
	return l, nil
}

// add takes what an entry allows into the list.
func (l *List) add(ctx context.Context, e *Entry) error {
	before := len(l.targets)
	var err error
	if e.Exports != "" {
		err = l.addExports(ctx, e)
	} else {
		err = l.addServer(e)
	}
	if err == nil && len(l.targets) == before {
		err = errors.New("it names no server of these areas, so there is nothing to probe")
	}
	return err
}

// addExports offers the plan of exports.
func (l *List) addExports(ctx context.Context, e *Entry) error {
	if e.Exports == export.Stdin {
		return errors.New("exports are files or folders, not standard input")
	}
	sources, errs := export.Find([]string{e.Exports})
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	c, plan, err := audit.Lint(ctx, lint.Options{Sources: sources, Policy: l.options.Policy, InMemory: true,
		Filter: l.options.Policy.NewFilter(l.options.Rules), NewReader: func() *export.Reader { return new(export.Reader) }}, l.options.Areas)
	if err != nil {
		return err
	}
	if len(c.Errors) > 0 {
		return &c.Errors[0]
	}
	for _, a := range l.options.Areas {
		if name := a.Info().Name; len(e.Areas) == 0 || slices.Contains(e.Areas, name) {
			if err := l.allow(e, a, plan.Of(name), c.Known); err != nil {
				return err
			}
		}
	}
	return nil
}

// addServer offers what one area asks of the settings of the entry, in the form of an export.
func (l *List) addServer(e *Entry) error {
	for key, value := range e.Settings {
		if export.IsSecret(key, value) {
			return fmt.Errorf("%s is a secret: the page makes no log-ins, and the file holds no password", key)
		}
	}
	text, err := json.Marshal(e.Settings)
	if err != nil {
		return err
	}
	r := export.Reader{Force: export.JSON}
	x, err := r.Parse(e.Name, text)
	if err != nil {
		return fmt.Errorf("read the settings: %w", err)
	}
	at := slices.IndexFunc(l.options.Areas, func(a area.Area) bool { return a.Info().Name == e.Area })
	if at < 0 {
		return fmt.Errorf("unknown area %s", e.Area)
	}
	a := l.options.Areas[at]
	for _, generation := range []resolve.Generation{cmp.Or(a.Info().Generation, lint.GenerationOf(x)), resolve.SIP, resolve.XMPP} {
		in := lint.NewInput(x)
		in.Generation = generation // the servers of some areas are those of one generation
		g := a.NewGatherer()
		g.Add(in)
		if tasks := g.Tasks(); len(tasks) > 0 {
			if err := move(tasks, e); err != nil {
				return err
			}
			return l.allow(e, a, tasks, audit.Known(g.Known()))
		}
	}
	return nil
}

// move gives tasks the port and security of the entry.
func move(tasks []area.Task, e *Entry) error {
	if e.Port == 0 && e.Security == "" {
		return nil
	}
	for _, t := range tasks {
		m, ok := t.(area.Movable)
		if !ok {
			return fmt.Errorf("the area %s takes neither a port nor a security", e.Area)
		}
		if err := m.Move(e.Port, e.Security, ""); err != nil {
			return err
		}
	}
	return nil
}

// allow takes tasks of an area into the list, without their log-ins.
func (l *List) allow(e *Entry, a area.Area, tasks []area.Task, known audit.Known) error {
	known.CertificateSoon = l.options.CertificateSoon
	for _, t := range tasks {
		t.Outside()
		if login := t.Login(); login.Secret != nil && login.Secret.Set() {
			return fmt.Errorf("the area %s keeps its log-in", a.Info().Name) // a mistake of the area
		}
		if len(l.targets) == maxTargets {
			return fmt.Errorf("more than %d targets", maxTargets)
		}
		one := audit.NewPlan(l.options.Areas)
		one.Add(a, t)
		l.targets = append(l.targets, l.target(e, t.Row(), one, known))
	}
	return nil
}

// target describes a task for the page.
func (l *List) target(e *Entry, row area.Row, plan *audit.Plan, known audit.Known) *target {
	t := &target{plan: plan, known: known}
	t.Area, t.Name = row.Area, row.Target
	if e.Name != row.Target {
		t.Name = e.Name + ": " + row.Target
	}
	t.Plan = steps(row)
	t.ID = slug(row.Area + "-" + row.Target)
	for n := 2; slices.ContainsFunc(l.targets, func(have *target) bool { return have.ID == t.ID }); n++ {
		t.ID = fmt.Sprintf("%s_%d", slug(row.Area+"-"+row.Target), n)
	}
	return t
}

// slug keeps letters and digits.
func slug(s string) string {
	const longest = 80
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(s))
	return out[:min(len(out), longest)]
}

// Targets implements page.Probes.
func (l *List) Targets() []page.Target {
	out := make([]page.Target, len(l.targets))
	for i, t := range l.targets {
		out[i] = t.Target
	}
	return out
}

// Run implements page.Probes.
func (l *List) Run(ctx context.Context, id string) (*page.ProbeResult, error) {
	i := slices.IndexFunc(l.targets, func(t *target) bool { return t.ID == id })
	if i < 0 {
		return nil, ErrUnknown
	}
	t := l.targets[i]
	if !t.busy.CompareAndSwap(false, true) {
		return nil, ErrBusy
	}
	defer t.busy.Store(false)
	select {
	case l.places <- struct{}{}:
		defer func() { <-l.places }()
	default:
		return nil, ErrFull
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	began := l.options.Now()
	seen := t.plan.Observe(ctx, audit.Options{Tools: l.options.Tools})
	c := audit.Case{At: began.UTC(), Known: t.known, Observations: *seen}
	r := &page.ProbeResult{Findings: c.Judge(l.options.Rules, l.options.Policy).Findings, At: began, Took: l.options.Now().Sub(began)}
	for _, looked := range seen.LookedFor() {
		r.Looked = append(r.Looked, diagnose.Looked{Rule: looked.Rule, Key: looked.Key})
	}
	probed := seen.Probes()
	for _, p := range probed {
		r.Summary, r.Incomplete = cmp.Or(r.Summary, p.Summary), cmp.Or(r.Incomplete, p.Incomplete)
	}
	if len(probed) > 1 {
		r.Summary = fmt.Sprintf("%d targets were asked; the first: %s", len(probed), r.Summary)
	}
	return r, nil
}

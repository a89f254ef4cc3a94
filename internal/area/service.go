package area

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// A Service is an Area of servers with requests R and observations *O. The functions are all required unless they say otherwise.
type Service[R any, O any] struct {
	About Info
	// Requests finds the servers of one export and copies them. What it returns as Known may be zero.
	Requests func(in *lint.Input) ([]R, Known)
	// Reads, if set, reports whether Requests looks at values of a key: see Selective. A test finds keys that it forgets.
	Reads func(k export.KeyID) bool
	// Same is what makes two requests ask the same, the password left out. Of requests that ask the same the first is made; a later one
	// is made too when it has another password.
	Same func(r *R) string
	// Fallback, if set, says of a request that an export only suggests it, as a list of nodes suggests what runs on them. It is made where no
	// other request asks the same, and comes after all others.
	Fallback func(r *R) bool
	// Describe makes the row of a request without its log-in: RowTo does most of it.
	Describe func(r *R) Row
	// Login points at the account of a request; nil where no log-in is ever made.
	Login func(r *R) Login
	// Target points at the target of a request, for Info.Ports; nil where a port cannot be chosen. Moved, if set, is called when it was
	// changed.
	Target func(r *R) *probe.Target
	Moved  func(r *R)
	// Outside takes the log-in out of a request; nil where there is none.
	Outside func(r *R)
	Probe   func(ctx context.Context, t Tools, r R) *O
	Judged  func(seen []*O, known Known) []lint.Finding
}

// seen is what a Service asks of its observations.
type seen[O any] interface {
	*O
	Observation
}

// New checks at compile time that *O is an Observation, and returns the service as an Area.
func New[R, O any, P seen[O]](s Service[R, O]) *Service[R, O] { return &s }

// Info implements Area.
func (s *Service[R, O]) Info() Info { return s.About }

// Judge implements Area.
func (s *Service[R, O]) Judge(list []Observation, known Known) []lint.Finding {
	typed := make([]*O, 0, len(list))
	for _, o := range list {
		if t, ok := any(o).(*O); ok {
			typed = append(typed, t)
		}
	}
	return s.Judged(typed, known)
}

// Encode implements Area.
func (s *Service[R, O]) Encode(list []Observation, into map[string]any) {
	if len(list) > 0 {
		into[s.About.Name] = list
	}
}

// Decode implements Area.
func (s *Service[R, O]) Decode(from map[string]json.RawMessage) ([]Observation, error) {
	text, ok := from[s.About.Name]
	if !ok {
		return nil, nil
	}
	var typed []*O
	if err := json.Unmarshal(text, &typed); err != nil {
		return nil, fmt.Errorf("observations.%s: %w", s.About.Name, err)
	}
	out := make([]Observation, len(typed))
	for i, o := range typed {
		if o == nil {
			return nil, fmt.Errorf("observations.%s[%d] is null", s.About.Name, i)
		}
		out[i] = any(o).(Observation)
	}
	return out, nil
}

// Task makes the task of one request.
func (s *Service[R, O]) Task(r R) Task { return &task[R, O]{service: s, request: r} }

// Merge drops requests that ask the same of the same server: many exports of one deployment name one server. The first of them stays,
// with its place. Two passwords for one account stay apart: the budget lets one of them be tried.
func (s *Service[R, O]) Merge(requests []R) []R {
	g := &gatherer[R, O]{service: s}
	g.add(0, requests)
	out := make([]R, len(g.entries))
	for i := range g.entries {
		out[i] = g.entries[i].request
	}
	return out
}

// Observe probes the requests side by side, at most jobs at a time, and returns the observations in their order. done, when not nil, is
// called for each as it ends; it is never called twice at once.
func (s *Service[R, O]) Observe(ctx context.Context, t Tools, requests []R, jobs int, done func(*O)) []*O {
	return live.All(ctx, requests, jobs, func(ctx context.Context, r R) *O { return s.Probe(ctx, t, r) }, done)
}

// NewGatherer implements Area.
func (s *Service[R, O]) NewGatherer() Gatherer { return &gatherer[R, O]{service: s} }

// A task is one request.
type task[R, O any] struct {
	service *Service[R, O]
	request R
}

func (t *task[R, O]) Row() Row {
	row := t.service.Describe(&t.request).with(t.Login())
	row.Area = t.service.About.Name
	return row
}

func (t *task[R, O]) Login() Login {
	if t.service.Login == nil {
		return Login{}
	}
	return t.service.Login(&t.request)
}

func (t *task[R, O]) Outside() {
	if t.service.Outside != nil {
		t.service.Outside(&t.request)
	}
}

func (t *task[R, O]) Probe(ctx context.Context, tools Tools) Observation {
	return any(t.service.Probe(ctx, tools, t.request)).(Observation)
}

// Request gives the request of a task, to read or to change, when it is one of R.
func Request[R any](t Task) (r *R, ok bool) {
	holder, ok := t.(interface{ pointer() any })
	if !ok {
		return nil, false
	}
	r, ok = holder.pointer().(*R)
	return r, ok
}

func (t *task[R, O]) pointer() any { return &t.request }

// A gatherer holds requests without those that ask the same as one before.
type gatherer[R, O any] struct {
	service *Service[R, O]
	entries []entry[R]
	same    map[string][]int // places in entries
	known   Known
	covered []live.Place
	whole   bool // all requests are there, fallbacks last
}

type entry[R any] struct {
	request R
	index   int // of the export it comes from
}

func (g *gatherer[R, O]) Add(in *lint.Input) {
	requests, known := g.service.Requests(in)
	g.known = g.known.Merge(known)
	g.add(in.Index, requests)
}

// Reads implements Selective.
func (g *gatherer[R, O]) Reads() Reads { return Reads{Key: g.service.Reads} }

func (g *gatherer[R, O]) add(index int, requests []R) {
	if g.same == nil {
		g.same = make(map[string][]int)
	}
	for i := range requests {
		key := g.service.Same(&requests[i])
		if !g.whole && g.fallback(&requests[i]) {
			key += "\nfallback" // another export may ask the same in earnest
		}
		if slices.ContainsFunc(g.same[key], func(at int) bool { return g.covers(&g.entries[at].request, &requests[i]) }) {
			continue
		}
		g.same[key] = append(g.same[key], len(g.entries))
		g.entries = append(g.entries, entry[R]{requests[i], index})
	}
}

func (g *gatherer[R, O]) fallback(r *R) bool {
	return g.service.Fallback != nil && g.service.Fallback(r)
}

// covers reports whether the first of two requests that ask the same makes the second unnecessary.
func (g *gatherer[R, O]) covers(first, second *R) bool {
	secret := func(r *R) *loginbudget.Secret {
		if g.service.Login == nil {
			return nil
		}
		return g.service.Login(r).Secret
	}
	have, want := secret(first), secret(second)
	return want == nil || !want.Set() || have.Equal(*want)
}

func (g *gatherer[R, O]) Merge(other Gatherer) {
	o := other.(*gatherer[R, O])
	g.entries = append(g.entries, o.entries...) // Tasks drops what asks the same
	g.known = g.known.Merge(o.known)
}

func (g *gatherer[R, O]) Known() Known { return g.known }

// Tasks gives the requests in the order of the exports, in whatever order they were read.
func (g *gatherer[R, O]) Tasks() []Task {
	slices.SortStableFunc(g.entries, func(a, b entry[R]) int {
		if x, y := g.fallback(&a.request), g.fallback(&b.request); x != y {
			if x {
				return 1
			}
			return -1
		}
		return a.index - b.index
	})
	whole := &gatherer[R, O]{service: g.service, whole: true}
	for _, e := range g.entries {
		whole.add(e.index, []R{e.request})
	}
	out := make([]Task, len(whole.entries))
	for i := range whole.entries {
		out[i] = g.service.Task(whole.entries[i].request)
	}
	out, g.covered = WithoutCovered(out)
	return out
}

// Covered implements Gatherer.
func (g *gatherer[R, O]) Covered() []live.Place { return g.covered }

// Joined makes one text of several, and different ones of different texts, for Service.Same.
func Joined(texts ...string) string {
	size := 0
	for _, t := range texts {
		size += len(t) + 4
	}
	b := make([]byte, 0, size)
	for _, t := range texts {
		b = append(append(strconv.AppendInt(b, int64(len(t)), 10), ':'), t...)
	}
	return string(b)
}

// SameTarget is the part of Service.Same that is about the server. Case does not count in a host name.
func SameTarget(t probe.Target) string {
	return strings.ToLower(t.Host) + " " + strconv.Itoa(t.Port) + " " + t.Network + " " + string(t.Security) + " " + t.ServerName + "\n"
}

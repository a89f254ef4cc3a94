package lockouts

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Bounds of what is kept: a month of a busy domain stays far below.
const (
	maxAccounts = 10_000
	maxSources  = 5_000
	maxLocks    = 1_000
)

// A Source is one computer or address that failed to log on.
type Source struct {
	// Name is a computer name or an IP address. It is empty when the events do not tell.
	Name string `json:"name"`
	// Behind is the domain controller that the events name instead of the client: the real source is hidden.
	Behind   string         `json:"hiddenBehind,omitempty"`
	Address  string         `json:"address,omitempty"`
	Failures int            `json:"failures"`
	Locks    int            `json:"locks"` // locks that name it as the caller
	Binds    int            `json:"ldapBinds,omitempty"`
	First    time.Time      `json:"first,omitzero"`
	Last     time.Time      `json:"last,omitzero"`
	Reasons  map[string]int `json:"reasons,omitempty"`
	Events   map[int]int    `json:"events"`
}

// A Lock is one moment the account was locked.
type Lock struct {
	Time   time.Time `json:"time,omitzero"`
	Caller string    `json:"caller,omitempty"`
	Logger string    `json:"logger,omitempty"`
	// Hidden says that the caller is a domain controller: an LDAP simple bind came through it.
	Hidden bool `json:"hidden,omitempty"`
}

// A Report is what the events tell about one account.
type Report struct {
	Account  string    `json:"account"`
	Failures int       `json:"failures"`
	Locks    []Lock    `json:"locks,omitempty"`
	Unlocks  int       `json:"unlocks,omitempty"`
	First    time.Time `json:"first,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Sources  []Source  `json:"sources,omitempty"`
	Cut      bool      `json:"cut,omitempty"` // there was more than is kept
}

// A Collector gathers events into reports. The zero value is not usable; see NewCollector.
type Collector struct {
	want     string
	accounts map[string]*gathered
	loggers  map[string]bool
	cut      bool
}

type gathered struct {
	name    string
	events  map[sourceKey]*Source
	locks   []Lock
	unlocks int
	cut     bool
}

type sourceKey struct{ computer, address string }

// NewCollector gathers for one account, named in any form, or for all of them when the name is empty.
func NewCollector(account string) *Collector {
	return &Collector{want: leaf(account), accounts: map[string]*gathered{}, loggers: map[string]bool{}}
}

// leaf takes the user part out of a DN, user@domain or DOMAIN\user.
func leaf(s string) string {
	s = strings.TrimSpace(s)
	if _, v, ok := strings.Cut(s, "="); ok {
		s, _, _ = strings.Cut(v, ",")
	} else if _, u, ok := cutAccount(s); ok {
		s = u
	} else if i := strings.IndexByte(s, '@'); i > 0 {
		s = s[:i]
	}
	return strings.ToLower(s)
}

// Add takes one event.
func (c *Collector) Add(e *Event) {
	c.loggers[hostPart(e.Logger)] = true
	key := leaf(e.User)
	if c.want != "" && key != c.want {
		return
	}
	if e.ID == NTLM && !e.failed() {
		return
	}
	g := c.accounts[key]
	if g == nil {
		if len(c.accounts) >= maxAccounts {
			c.cut = true
			return
		}
		g = &gathered{name: e.User, events: map[sourceKey]*Source{}}
		c.accounts[key] = g
	}
	g.add(e)
}

func (g *gathered) add(e *Event) {
	switch e.ID {
	case Unlocked:
		g.unlocks++
		return
	case Locked:
		if len(g.locks) < maxLocks {
			g.locks = append(g.locks, Lock{Time: e.Time, Caller: e.Computer, Logger: e.Logger})
		} else {
			g.cut = true
		}
	}
	k := sourceKey{e.Computer, e.Address}
	s := g.events[k]
	if s == nil {
		if len(g.events) >= maxSources {
			g.cut = true
			return
		}
		s = &Source{Reasons: map[string]int{}, Events: map[int]int{}}
		g.events[k] = s
	}
	s.count(e)
}

func (s *Source) count(e *Event) {
	s.Events[e.ID]++
	switch {
	case e.ID == Locked:
		s.Locks++
	case e.ID == LDAPBind:
		s.Binds++
	default:
		s.Failures++
		if r := Reason(e.Status); r != "" {
			s.Reasons[r]++
		}
	}
	s.extend(e.Time, e.Time)
}

func (s *Source) extend(first, last time.Time) {
	if !first.IsZero() && (s.First.IsZero() || first.Before(s.First)) {
		s.First = first
	}
	if last.After(s.Last) {
		s.Last = last
	}
}

func hostPart(name string) string {
	if h, _, ok := strings.Cut(name, "."); ok && strings.Trim(name, "0123456789.") != "" {
		return h
	}
	return name
}

// Reports gives what was gathered: accounts with locks first, then by failures.
func (c *Collector) Reports() []Report {
	var out []Report
	for _, k := range slices.Sorted(maps.Keys(c.accounts)) {
		r := c.accounts[k].report(c.loggers)
		r.Cut = r.Cut || c.cut
		if len(r.Locks) > 0 || r.Failures > 0 || r.Unlocks > 0 || c.want != "" {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Report) int {
		return cmp.Or(cmp.Compare(len(b.Locks), len(a.Locks)), cmp.Compare(b.Failures, a.Failures))
	})
	return out
}

// report merges the combinations of computer and address into sources. A computer that is itself a logger, that is a domain
// controller, is not blamed: with an address beside it the address is the source, without one the source is hidden.
func (g *gathered) report(loggers map[string]bool) Report {
	r := Report{Account: g.name, Locks: g.locks, Unlocks: g.unlocks, Cut: g.cut}
	isDC := func(name string) bool { return name != "" && loggers[hostPart(name)] }
	merged := map[sourceKey]*Source{}
	for k, s := range g.events {
		name, behind := k.computer, ""
		if isDC(name) {
			name, behind = "", name
		}
		if name == "" && k.address != "" {
			name, behind = k.address, ""
		}
		mk := sourceKey{name, behind}
		m := merged[mk]
		if m == nil {
			m = &Source{Name: name, Behind: behind, Reasons: map[string]int{}, Events: map[int]int{}}
			merged[mk] = m
		}
		m.merge(s)
		if k.address != "" && k.address != name && (m.Address == "" || k.address < m.Address) {
			m.Address = k.address
		}
	}
	for i := range r.Locks {
		r.Locks[i].Hidden = isDC(r.Locks[i].Caller) || r.Locks[i].Caller == ""
	}
	var span Source
	for _, s := range merged {
		r.Failures += s.Failures
		span.extend(s.First, s.Last)
		r.Sources = append(r.Sources, *s)
	}
	r.First, r.Last = span.First, span.Last
	slices.SortFunc(r.Sources, func(a, b Source) int {
		return cmp.Or(cmp.Compare(b.Failures, a.Failures), cmp.Compare(b.Locks, a.Locks), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Behind, b.Behind))
	})
	slices.SortStableFunc(r.Locks, func(a, b Lock) int { return a.Time.Compare(b.Time) })
	return r
}

func (s *Source) merge(o *Source) {
	s.Failures += o.Failures
	s.Locks += o.Locks
	s.Binds += o.Binds
	for k, n := range o.Reasons {
		s.Reasons[k] += n
	}
	for k, n := range o.Events {
		s.Events[k] += n
	}
	s.extend(o.First, o.Last)
}

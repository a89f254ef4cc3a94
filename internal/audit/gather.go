package audit

import (
	"slices"
	"strings"
	"time"

	"cupclint/dnscheck"
	"cupclint/ldapcheck"
	"cupclint/lint"
	"cupclint/mailcheck"
	"cupclint/resolve"
	"cupclint/sipcheck"
)

// A gatherer is a lint.Fleet that takes from every export the probes that it calls for, so that exports are read once. It makes no
// findings.
type gatherer struct {
	directories list[ldapcheck.Request]
	stores      list[mailcheck.IMAPRequest]
	calendars   list[mailcheck.CalendarRequest]
	presence    list[sipcheck.SIPRequest]
	cti         list[sipcheck.CTIRequest]
	clients     int
	retry       time.Duration
}

func newGatherer() *gatherer {
	g := new(gatherer)
	g.directories = newList(ldapcheck.Merge, func(r *ldapcheck.Request) string { return r.Target.String() })
	g.stores = newList(mailcheck.MergeStores, func(r *mailcheck.IMAPRequest) string { return r.Target.String() })
	g.calendars = newList(mailcheck.MergeCalendars, func(r *mailcheck.CalendarRequest) string { return r.Target.String() })
	g.presence = newList(sipcheck.MergeServers, func(r *sipcheck.SIPRequest) string { return r.Target.String() })
	g.cti = newList(sipcheck.MergeCTI, func(r *sipcheck.CTIRequest) string { return r.Target.String() })
	return g
}

// collector makes a rule whose run leaves in g what all exports call for. It is no part of the catalogue.
func (g *gatherer) collector() *lint.Rule {
	first := true
	return &lint.Rule{
		ID: "collect-probes", Name: "collect-probes", Area: "dns", Kind: lint.FleetKind,
		// The run makes the accumulators one after the other and merges all others into the first.
		Fleet: func() lint.Fleet {
			if first {
				first = false
				return g
			}
			return newGatherer()
		},
	}
}

// Add takes the probes of one export. What it keeps is copied.
func (g *gatherer) Add(in *lint.Input) {
	directory := ldapcheck.FromExport(in.Export)
	g.directories.add(in.Index, directory.Requests)
	g.note(directory.Clients, directory.RetryInterval)
	mail := mailcheck.FromExport(in.Export)
	g.stores.add(in.Index, mail.Stores)
	g.calendars.add(in.Index, mail.Calendars)
	sip := sipcheck.FromExport(in.Export)
	if len(sip.Servers) > 0 {
		login := sipcheck.LoginOf(in.Export)
		for i := range sip.Servers {
			sip.Servers[i].Login = login
		}
	}
	if in.Generation != resolve.XMPP { // whose clients find the server by DNS and speak XMPP to it: nobody registers to that address
		g.presence.add(in.Index, sip.Servers)
	}
	g.cti.add(in.Index, sip.CTI)
}

// note keeps what makes a lock-out most likely: the most clients, the shortest interval.
func (g *gatherer) note(clients int, retry time.Duration) {
	g.clients = max(g.clients, clients)
	if retry > 0 && (g.retry == 0 || retry < g.retry) {
		g.retry = retry
	}
}

// Merge takes over what another worker gathered.
func (g *gatherer) Merge(other lint.Fleet) {
	o := other.(*gatherer)
	g.directories.take(&o.directories)
	g.stores.take(&o.stores)
	g.calendars.take(&o.calendars)
	g.presence.take(&o.presence)
	g.cti.take(&o.cti)
	g.note(o.clients, o.retry)
}

// Findings finds nothing.
func (g *gatherer) Findings() []lint.Finding { return nil }

func (g *gatherer) plan(names *dnscheck.Names) *Plan {
	return &Plan{
		Names: names.Subjects(), Directories: g.directories.merged(), Stores: g.stores.merged(), Calendars: g.calendars.merged(),
		Presence: g.presence.merged(), CTI: g.cti.merged(), Clients: g.clients, RetryInterval: g.retry,
	}
}

// A list holds requests without those that ask the same as one before. Only requests to one target are compared: a fleet has
// thousands of targets.
type list[R any] struct {
	entries  []entry[R]
	byTarget map[string][]int
	merge    func([]R) []R
	target   func(*R) string
}

type entry[R any] struct {
	request R
	index   int // of the export it comes from
}

func newList[R any](merge func([]R) []R, target func(*R) string) list[R] {
	return list[R]{byTarget: make(map[string][]int), merge: merge, target: target}
}

func (l *list[R]) add(index int, requests []R) {
	for i := range requests {
		key := strings.ToLower(l.target(&requests[i]))
		same := make([]R, 0, len(l.byTarget[key])+1)
		for _, at := range l.byTarget[key] {
			same = append(same, l.entries[at].request)
		}
		if len(l.merge(append(same, requests[i]))) == len(same) {
			continue
		}
		l.byTarget[key] = append(l.byTarget[key], len(l.entries))
		l.entries = append(l.entries, entry[R]{requests[i], index})
	}
}

func (l *list[R]) take(other *list[R]) { l.entries = append(l.entries, other.entries...) }

// merged gives the requests in the order of the exports, whoever read them.
func (l *list[R]) merged() []R {
	slices.SortStableFunc(l.entries, func(a, b entry[R]) int { return a.index - b.index })
	whole := newList(l.merge, l.target)
	for _, e := range l.entries {
		whole.add(e.index, []R{e.request})
	}
	out := make([]R, len(whole.entries))
	for i, e := range whole.entries {
		out[i] = e.request
	}
	return out
}

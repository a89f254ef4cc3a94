package xmpp

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"path"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/lint"
	"cupclint/resolve"
)

// Bounds on what hostile exports can make a run keep, for one group.
const (
	maxServers = 500
	maxDomains = 8
)

// A server is a presence server that an export names.
type server struct {
	host, rank string
	place      live.Place
	index      int
	// sure says that the export is of the XMPP generation. Otherwise the other exports of the run decide.
	sure bool
}

// A domain is a presence domain that an export names.
type domain struct {
	name  string
	place live.Place
	index int
	// services is the domain in which clients begin to search for servers. It often is the presence domain, but need not be.
	services bool
}

// A group is what was found in one folder, archive or deployment of the configuration.
type group struct {
	servers map[string]server // by name, without case
	domains map[string]domain // likewise
}

// A gatherer collects servers and domains, and puts them together by groups.
type gatherer struct {
	area   *Area
	groups map[string]*group
	// sip and xmpp say of which generations clients in the run are.
	sip, xmpp bool
	covered   []live.Place
}

// Add implements area.Gatherer.
func (g *gatherer) Add(in *lint.Input) {
	name := groupOf(in)
	g.addServers(in, name)
	add := func(key export.KeyID, services bool) {
		for p := range in.All(key) {
			g.addDomain(in, name, p, services)
		}
	}
	if in.Generation == resolve.XMPP {
		add(export.PresenceDomain, false)
	}
	add(export.JabberDirectoryPresenceDomain, false)
	add(export.SIPProxyDomain, false)
	add(export.ClusterNodePresenceDomain, false)
	add(export.JabberBootstrapServicesDomain, true)
}

// Reads implements area.Selective. Members of an archive are at one place in the order of the run, so each of them counts.
func (g *gatherer) Reads() area.Reads {
	return area.Reads{
		Key: area.KeysOf("Presence.", "Jabber.Presence.", "Jabber.Bootstrap.", "Jabber.Directory.PresenceDomain", "SIPProxy.Domain",
			"Cluster.Node.", "UCService."),
		Group: func(in *lint.Input) string {
			if strings.Contains(in.File, "!") {
				return in.File
			}
			return groupOf(in)
		},
	}
}

// groupOf returns the name of the group of an export.
func groupOf(in *lint.Input) string {
	if in.Deployment != "" {
		return "deployment " + in.Deployment
	}
	if archive, _, ok := strings.Cut(in.File, "!"); ok {
		return archive
	}
	return path.Dir(in.File)
}

func (g *gatherer) group(name string) *group {
	have := g.groups[name]
	if have == nil {
		have = &group{servers: make(map[string]server), domains: make(map[string]domain)}
		g.groups[strings.Clone(name)] = have
	}
	return have
}

func (g *gatherer) addServers(in *lint.Input, name string) {
	client := in.Generation == resolve.XMPP
	add := func(host string, place live.Place, rank string, sure bool) {
		if host != "" && len(host) <= 255 && !strings.ContainsAny(host, "/ \t") {
			g.group(name).addServer(strings.ToLower(host), server{host: host, rank: rank, place: place, index: in.Index, sure: sure})
		}
	}
	keep := func(p *export.Property, rank string, sure bool) {
		add(strings.Clone(strings.TrimSpace(p.Value)), live.PlaceOf(in.Export, p), rank, sure)
	}
	for _, k := range [...]struct {
		key  export.KeyID
		rank string
	}{{export.PresencePrimaryAddress, "primary"}, {export.PresenceBackupAddress, "backup"}, {export.PresenceBackup2Address, "backup 2"}} {
		for p := range in.All(k.key) {
			if client {
				keep(p, k.rank, true)
			}
			g.xmpp, g.sip = g.xmpp || client, g.sip || !client
		}
	}
	for _, key := range [...]export.KeyID{export.JabberPresencePresenceServerAddress, export.JabberBootstrapCupAddress} {
		for p := range in.All(key) {
			keep(p, "", true)
		}
	}
	g.xmpp = g.xmpp || in.Jabber()
	for n := range live.Nodes(in.Export, "cups") { // the role of a node in AXL came with IM and Presence 10
		add(n.Host, n.Place, "cluster", client || in.Format == export.AXL)
	}
	for s := range live.UCServices(in.Export, "IM and Presence") {
		add(s.Host, s.Place, "UC service", true)
	}
}

func (gr *group) addServer(key string, s server) {
	have, ok := gr.servers[key]
	switch {
	case ok && have.index < s.index, ok && have.index == s.index && have.place.Line <= s.place.Line:
		have.sure = have.sure || s.sure
		gr.servers[key] = have
	default:
		s.sure = s.sure || have.sure
		gr.servers[key] = s
	}
	bound(gr.servers, maxServers, func(s server) (int, int, string) { return s.index, s.place.Line, s.host })
}

func (g *gatherer) addDomain(in *lint.Input, name string, p *export.Property, services bool) {
	text := strings.TrimSpace(p.Value)
	if text == "" || len(text) > 255 || strings.ContainsAny(text, "/@ \t") {
		return
	}
	d := domain{name: strings.Clone(text), place: live.PlaceOf(in.Export, p), index: in.Index, services: services}
	g.group(name).addDomain(strings.ToLower(d.name), d) // not of text, which is overwritten by the next export
}

func (gr *group) addDomain(key string, d domain) {
	have, ok := gr.domains[key]
	if ok && (have.services == d.services && have.before(d) || !have.services && d.services) {
		return
	}
	gr.domains[key] = d
	bound(gr.domains, maxDomains, func(d domain) (int, int, string) { return d.index, d.place.Line, d.name })
}

func (d domain) before(o domain) bool {
	return d.index < o.index || d.index == o.index && d.place.Line <= o.place.Line
}

// bound drops the last entry if there are too many. The kept ones do not depend on the order in which exports were read.
func bound[T any](m map[string]T, most int, order func(T) (int, int, string)) {
	if len(m) <= most {
		return
	}
	last := slices.MaxFunc(slices.Collect(maps.Keys(m)), func(a, b string) int { return byOrder(order)(m[a], m[b]) })
	delete(m, last)
}

func byOrder[T any](order func(T) (int, int, string)) func(a, b T) int {
	return func(a, b T) int {
		ai, al, an := order(a)
		bi, bl, bn := order(b)
		return cmp.Or(cmp.Compare(ai, bi), cmp.Compare(al, bl), strings.Compare(an, bn))
	}
}

// Merge implements area.Gatherer.
func (g *gatherer) Merge(other area.Gatherer) {
	o := other.(*gatherer)
	g.sip, g.xmpp = g.sip || o.sip, g.xmpp || o.xmpp
	for name, gr := range o.groups {
		mine := g.group(name)
		for key, s := range gr.servers {
			mine.addServer(key, s)
		}
		for key, d := range gr.domains {
			mine.addDomain(key, d)
		}
	}
}

// Known implements area.Gatherer.
func (g *gatherer) Known() area.Known { return area.Known{} }

// Tasks implements area.Gatherer. Every server is asked for every presence domain that its group names: this finds a domain that is
// configured in one place only and is not served.
func (g *gatherer) Tasks() []area.Task {
	requests := g.requests()
	tasks := make([]area.Task, len(requests))
	for i := range requests {
		tasks[i] = g.area.Task(requests[i])
	}
	tasks, g.covered = area.WithoutCovered(tasks)
	return tasks
}

// Covered implements area.Gatherer.
func (g *gatherer) Covered() []live.Place { return g.covered }

func (g *gatherer) requests() []Request {
	type placed struct {
		server
		group *group
	}
	var all []placed
	for _, gr := range g.groups {
		for _, s := range gr.servers {
			if s.sure || g.xmpp && !g.sip {
				all = append(all, placed{s, gr})
			}
		}
	}
	slices.SortFunc(all, byOrder(func(p placed) (int, int, string) { return p.index, p.place.Line, p.host }))
	var out []Request
	for _, p := range all {
		for _, d := range g.domainsOf(p.group, p.host) {
			out = append(out, Request{Target: probe.Target{Host: p.host, Port: Port, Security: probe.StartTLS}, Domain: d, Rank: p.rank,
				Place: p.place})
		}
	}
	return g.area.Merge(out)
}

// domainsOf finds the presence domains of a server: those of its group, else the only one of the whole run, else a substitute, and the
// report says so.
func (g *gatherer) domainsOf(gr *group, host string) []Domain {
	if own := gr.named(false); len(own) > 0 {
		return own
	}
	var everywhere []Domain
	for _, name := range slices.Sorted(maps.Keys(g.groups)) {
		for _, d := range g.groups[name].named(false) {
			if !slices.ContainsFunc(everywhere, func(o Domain) bool { return strings.EqualFold(o.Name, d.Name) }) {
				everywhere = append(everywhere, d)
			}
		}
	}
	if len(everywhere) == 1 {
		return everywhere
	}
	if services := gr.named(true); len(services) > 0 {
		for i := range services {
			services[i].Assumed = fmt.Sprintf("the services domain of %s", services[i].Place.File)
		}
		return services
	}
	return []Domain{AssumedDomain(host)}
}

// AssumedDomain is what is asked for if no presence domain is known: the DNS domain of the server, else its own name.
func AssumedDomain(host string) Domain {
	_, parent, ok := strings.Cut(host, ".")
	if _, err := netip.ParseAddr(host); err == nil || !ok || !strings.Contains(parent, ".") {
		return Domain{Name: host, Assumed: "the name of the server itself"}
	}
	return Domain{Name: parent, Assumed: "the DNS domain of the server"}
}

// named lists the presence domains of a group, or the services domains.
func (gr *group) named(services bool) []Domain {
	list := slices.SortedFunc(maps.Values(gr.domains), byOrder(func(d domain) (int, int, string) { return d.index, d.place.Line, d.name }))
	var out []Domain
	for _, d := range list {
		if d.services == services {
			out = append(out, Domain{Name: d.name, Place: d.place})
		}
	}
	return out
}

// FromExport finds the presence servers of one export, with the domains that it names.
func FromExport(in *lint.Input) []Request {
	g := Servers().NewGatherer().(*gatherer)
	g.Add(in)
	return g.requests()
}

// FromExports finds the presence servers of exports that a user names for XMPP: all of them are treated as exports of that generation.
func FromExports(exports func(yield func(*export.Export))) []Request {
	g := Servers().NewGatherer().(*gatherer)
	index := 0
	exports(func(e *export.Export) {
		in := lint.NewInput(e)
		in.Generation, in.Index = resolve.XMPP, index
		g.Add(in)
		index++
	})
	return g.requests()
}

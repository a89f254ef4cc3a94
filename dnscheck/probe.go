package dnscheck

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/miekg/dns"

	"cupclint/dnscheck/wire"
	"cupclint/resolve"
)

// A Prober asks about subjects. All fields but Client may be left empty.
type Prober struct {
	Client *Client
	// Types limits what is asked for; 0 means AllTypes.
	Types Types
	// Search lists the suffixes that this machine's resolver would try. They are asked about only after
	// NXDOMAIN, and only to say so.
	Search []string
	// Hosts is this machine's hosts file.
	Hosts *HostsFile
	// Jobs is how many subjects are looked at at once; 0 means wire.DefaultOutstanding.
	Jobs int
	// Progress, if set, is called now and then with the number of subjects that are done. It is never called twice at once.
	Progress func(done, total int)

	missing atomic.Int64 // names without an address, and domains without a service
}

// Bounds on what one name can make the prober ask.
const (
	maxReverse  = 8  // addresses of a name whose reverse record is asked for
	maxTargets  = 32 // targets of an SRV record that are followed
	maxPointers = 16 // NAPTR records that are followed
)

// Probe observes every subject and gives the observations in the same order. When the context ends it returns at
// once with what is known; what is missing is marked.
func (p *Prober) Probe(ctx context.Context, subjects []*Subject) []Observation {
	observations := make([]Observation, len(subjects))
	jobs := p.Jobs
	if jobs <= 0 {
		jobs = wire.DefaultOutstanding
	}
	var next, done atomic.Int64
	var telling sync.Mutex
	var workers sync.WaitGroup
	for range min(jobs, len(subjects)) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= len(subjects) {
					return
				}
				o := &observations[i]
				o.Subject = subjects[i]
				p.observe(ctx, o)
				p.Client.store.keep(o)
				if n := done.Add(1); p.Progress != nil && n%16 == 0 && telling.TryLock() {
					p.Progress(int(n), len(subjects))
					telling.Unlock()
				}
			}
		})
	}
	workers.Wait()
	for i := range observations {
		observations[i].Subject = subjects[i]
	}
	if p.Progress != nil {
		p.Progress(int(done.Load()), len(subjects))
	}
	return observations
}

func (p *Prober) wants(t Types) bool { return p.Types == 0 || p.Types&t != 0 }

func (p *Prober) observe(ctx context.Context, o *Observation) {
	o.Begun = true
	o.Hosts = p.Hosts.Lookup(o.Name)
	if o.Kind == Address {
		p.reverse(ctx, o, []string{o.Name})
		return
	}
	name, err := wire.Absolute(o.Name)
	if err != nil {
		o.NotSent = err.Error()
		return
	}
	if o.Kind == Domain {
		p.domain(ctx, o, name)
		return
	}
	p.host(ctx, o, name)
}

func (p *Prober) ask(ctx context.Context, o *Observation, why Why, name string, t uint16) *Lookup {
	l := p.Client.Lookup(ctx, name, t)
	o.steps = append(o.steps, Step{why, l})
	return l
}

// host asks for the addresses of a name, and for what explains their absence.
func (p *Prober) host(ctx context.Context, o *Observation, name string) {
	var a, aaaa *Lookup
	o.steps = make([]Step, 0, 2)
	if p.wants(A) {
		a = p.ask(ctx, o, WhyAddress, name, dns.TypeA)
	}
	if p.wants(AAAA) {
		aaaa = p.ask(ctx, o, WhyAddress, name, dns.TypeAAAA)
	}
	if a == nil {
		return
	}
	if a.outcome() != Found {
		p.missing.Add(1)
	}
	switch a.outcome() {
	case Found:
		p.reverse(ctx, o, append(addresses(a), addresses(aaaa)...))
		p.wildcard(ctx, o, name)
	case NXDomain, NoData, Refused: // a server that serves its own zones only refuses a bare name
		p.explain(ctx, o)
	}
}

// reverse asks for the names of addresses.
func (p *Prober) reverse(ctx context.Context, o *Observation, addrs []string) {
	if !p.wants(PTR) {
		return
	}
	for _, text := range addrs[:min(len(addrs), maxReverse)] {
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			continue
		}
		if name, err := dns.ReverseAddr(addr.Unmap().String()); err == nil {
			p.ask(ctx, o, WhyReverse, name, dns.TypePTR)
		}
	}
}

// explain asks why a name may be missing: does it resolve with a search suffix, and does the node name resolve without
// the domain that the client appends.
func (p *Prober) explain(ctx context.Context, o *Observation) {
	if o.Step == resolve.DomainAppended && strings.Contains(o.Node, ".") {
		if name, err := wire.Absolute(o.Node); err == nil {
			p.ask(ctx, o, WhyNode, name, dns.TypeA)
		}
	}
	if strings.HasSuffix(o.Name, ".") {
		return // a name with the root dot gets no suffix
	}
	for _, suffix := range p.Search {
		if name, err := wire.Absolute(o.Name + "." + suffix); err == nil {
			p.ask(ctx, o, WhySuffix, name, dns.TypeA)
		}
	}
}

// wildcardLabel is a host name that no computer has.
const wildcardLabel = "cupclint-no-such-host."

// wildcardService is a service that no host offers.
const wildcardService = "_cupclint-no-such-service._tcp."

// wildcard asks whether every name of the same domain resolves: then it proves nothing that a name resolves. For a presence address made
// of two names it asks below the domain that was appended. It asks nothing below a top-level domain.
func (p *Prober) wildcard(ctx context.Context, o *Observation, name string) {
	_, domain, _ := strings.Cut(name, ".")
	if o.Step == resolve.DomainAppended && strings.Contains(o.Node, ".") {
		domain = o.NodeDomain
	}
	if !strings.Contains(strings.TrimSuffix(domain, "."), ".") && domain != o.NodeDomain {
		return
	}
	if name, err := wire.Absolute(wildcardLabel + strings.TrimSuffix(domain, ".")); err == nil {
		p.ask(ctx, o, WhyWildcard, name, dns.TypeA)
	}
}

// domain walks NAPTR, SRV and A in the order of RFC 3263, and asks for the discovery records where clients do.
func (p *Prober) domain(ctx context.Context, o *Observation, name string) {
	o.steps = make([]Step, 0, 6)
	defer p.serviceWildcards(ctx, o, name)
	if o.used(RoleDomain) {
		p.sip(ctx, o, name)
	}
	if o.discovers() && p.wants(SRV) {
		for _, s := range discoveryServices {
			p.service(ctx, o, WhyDiscovery, s.prefix+name)
		}
	}
}

func (p *Prober) sip(ctx context.Context, o *Observation, name string) {
	var services []string
	if p.wants(NAPTR) {
		pointers := p.ask(ctx, o, WhyNAPTR, name, dns.TypeNAPTR).Effective().Pointers()
		for _, pointer := range pointers[:min(len(pointers), maxPointers)] {
			if pointer.leadsToSRV() {
				services = append(services, pointer.Replacement)
			}
		}
	}
	if !p.wants(SRV) {
		return
	}
	for _, s := range sipServices {
		services = append(services, s.prefix+name)
	}
	found := false
	for i, srv := range services {
		if slices.ContainsFunc(services[:i], func(s string) bool { return sameName(s, srv) }) {
			continue
		}
		found = p.service(ctx, o, WhySIP, srv) || found
	}
	if !found {
		p.missing.Add(1)
	}
	if !found && p.wants(A) {
		p.ask(ctx, o, WhyAddress, name, dns.TypeA)
	}
}

// service asks for an SRV record and follows its targets.
func (p *Prober) service(ctx context.Context, o *Observation, why Why, name string) (found bool) {
	if len(name) > wire.MaxName+1 && !strings.Contains(name, `\`) {
		return false // the prefix makes the name too long to be asked for: no such record can exist
	}
	l := p.ask(ctx, o, why, name, dns.TypeSRV)
	if l.outcome() != Found {
		return false
	}
	targets := l.Effective().Targets()
	for _, t := range targets[:min(len(targets), maxTargets)] {
		if t.Host == "." || isAddressName(t.Host) {
			continue
		}
		if p.wants(A) {
			p.ask(ctx, o, WhyTarget, t.Host, dns.TypeA)
		}
		if p.wants(AAAA) {
			p.ask(ctx, o, WhyTarget, t.Host, dns.TypeAAAA)
		}
	}
	return true
}

// serviceWildcards asks, if SRV records were found, whether every service has one, and whether every name in the domains of their targets
// resolves: then it proves nothing that they exist.
func (p *Prober) serviceWildcards(ctx context.Context, o *Observation, name string) {
	found := false
	asked := make(map[string]bool)
	for _, s := range slices.Clone(o.steps) {
		switch {
		case s.Type == dns.TypeSRV && s.outcome() == Found:
			found = true
		case s.Why == WhyTarget && s.Type == dns.TypeA && s.outcome() == Found:
			_, domain, _ := strings.Cut(strings.ToLower(s.Name), ".")
			if asked[domain] || !strings.Contains(strings.TrimSuffix(domain, "."), ".") {
				continue
			}
			asked[domain] = true
			if none, err := wire.Absolute(wildcardLabel + strings.TrimSuffix(domain, ".")); err == nil {
				p.ask(ctx, o, WhyTargetWildcard, none, dns.TypeA)
			}
		}
	}
	if found {
		if none, err := wire.Absolute(wildcardService + strings.TrimSuffix(name, ".")); err == nil {
			p.ask(ctx, o, WhyServiceWildcard, none, dns.TypeSRV)
		}
	}
}

// isAddressName finds an address that is written in the place of a host name.
func isAddressName(name string) bool {
	return kindOf(strings.TrimSuffix(name, ".")) == Address
}

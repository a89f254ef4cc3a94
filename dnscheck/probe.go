package dnscheck

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"cupclint/dnscheck/wire"
	"cupclint/lint"
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

	view    View
	missing atomic.Int64      // names without an address, and domains without a service
	growing func(missing int) // if set, called now and then with about how many are missing; perhaps twice at once
	judges  []*judge          // of the last Probe, each with the findings about some of the subjects
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
	var workers sync.WaitGroup
	p.judges = nil
	for range min(jobs, len(subjects)) {
		w := newWorker(p)
		p.judges = append(p.judges, w.judge)
		workers.Add(1)
		w.start(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= len(subjects) {
					return
				}
				o := &observations[i]
				o.Subject = subjects[i]
				w.observe(ctx, o)
				w.judge.one(i, o)
				p.Client.store.keep(o)
				done.Add(1)
			}
		}, workers.Done)
	}
	p.tell(&workers, func() { p.Progress(int(done.Load()), len(subjects)) })
	for i := range observations {
		observations[i].Subject, observations[i].View = subjects[i], p.view
	}
	return observations
}

// tell waits for the workers and reports their progress now and then, and at the end.
func (p *Prober) tell(workers *sync.WaitGroup, progress func()) {
	if p.Progress == nil {
		workers.Wait()
		return
	}
	end := make(chan struct{})
	go func() {
		workers.Wait()
		close(end)
	}()
	ticks := time.NewTicker(progressInterval)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			progress()
		case <-end:
			progress()
			return
		}
	}
}

const progressInterval = 50 * time.Millisecond

// findings are those of Judge for the observations of the last Probe. The workers have judged each subject as soon as it had its answers.
// That is not enough if a question failed: then a finding may be about several subjects.
func (p *Prober) findings(ctx context.Context, observations []Observation) []lint.Finding {
	if ctx.Err() != nil || p.Client.store.failed.Load() {
		p.judges = nil
		return Judge(observations)
	}
	return inOrder(nil, p.judges, observations)
}

func (p *Prober) wants(t Types) bool { return p.Types == 0 || p.Types&t != 0 }

// miss counts one that is missing. Each makes a finding, which takes memory.
func (p *Prober) miss() {
	if n := p.missing.Add(1); n%missingStep == 0 && p.growing != nil {
		p.growing(int(n) + missingStep)
	}
}

const missingStep = 128

func (w *worker) observe(ctx context.Context, o *Observation) {
	o.Begun, o.View = true, w.view
	o.Hosts = w.Hosts.Lookup(o.Name)
	if o.Kind == Address {
		w.reverse(ctx, o, []string{o.Name})
		return
	}
	name, err := wire.Absolute(o.Name)
	if err != nil {
		o.NotSent = err.Error()
		return
	}
	if o.Kind == Domain {
		w.domain(ctx, o, name)
		return
	}
	w.host(ctx, o, name)
}

func (w *worker) step(ctx context.Context, o *Observation, why Why, name string, t uint16) *Lookup {
	l := w.Client.lookup(ctx, name, t, w)
	o.steps = append(o.steps, Step{why, l})
	return l
}

// host asks for the addresses of a name, and for what explains their absence.
func (w *worker) host(ctx context.Context, o *Observation, name string) {
	var a, aaaa *Lookup
	o.steps = make([]Step, 0, 2)
	if w.wants(A) {
		a = w.step(ctx, o, WhyAddress, name, dns.TypeA)
	}
	if w.wants(AAAA) {
		aaaa = w.step(ctx, o, WhyAddress, name, dns.TypeAAAA)
	}
	if a == nil {
		return
	}
	if a.outcome() != Found {
		w.miss()
	}
	switch a.outcome() {
	case Found:
		w.reverse(ctx, o, append(addresses(a), addresses(aaaa)...))
		w.wildcard(ctx, o, name)
	case NXDomain, NoData, Refused: // a server that serves its own zones only refuses a bare name
		w.explain(ctx, o)
	}
}

// reverse asks for the names of addresses.
func (w *worker) reverse(ctx context.Context, o *Observation, addrs []string) {
	if !w.wants(PTR) {
		return
	}
	for _, text := range addrs[:min(len(addrs), maxReverse)] {
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			continue
		}
		if name, err := dns.ReverseAddr(addr.Unmap().String()); err == nil {
			w.step(ctx, o, WhyReverse, name, dns.TypePTR)
		}
	}
}

// explain asks why a name may be missing: does it resolve with a search suffix, and does the node name resolve without
// the domain that the client appends.
func (w *worker) explain(ctx context.Context, o *Observation) {
	if o.Step == resolve.DomainAppended && strings.Contains(o.Node, ".") {
		if name, err := wire.Absolute(o.Node); err == nil {
			w.step(ctx, o, WhyNode, name, dns.TypeA)
		}
	}
	if strings.HasSuffix(o.Name, ".") {
		return // a name with the root dot gets no suffix
	}
	for _, suffix := range w.Search {
		if name, err := wire.Absolute(o.Name + "." + suffix); err == nil {
			w.step(ctx, o, WhySuffix, name, dns.TypeA)
		}
	}
}

// wildcardLabel is a host name that no computer has.
const wildcardLabel = "cupclint-no-such-host."

// wildcardService is a service that no host offers.
const wildcardService = "_cupclint-no-such-service._tcp."

// wildcard asks whether every name of the same domain resolves: then it proves nothing that a name resolves. For a presence address made
// of two names it asks below the domain that was appended. It asks nothing below a top-level domain.
func (w *worker) wildcard(ctx context.Context, o *Observation, name string) {
	_, domain, _ := strings.Cut(name, ".")
	if o.Step == resolve.DomainAppended && strings.Contains(o.Node, ".") {
		domain = o.NodeDomain
	}
	if !strings.Contains(strings.TrimSuffix(domain, "."), ".") && domain != o.NodeDomain {
		return
	}
	domain = strings.TrimSuffix(domain, ".")
	if l := w.wildcardLookup; l != nil && domain == w.wildcardDomain {
		o.steps = append(o.steps, Step{WhyWildcard, l})
		return
	}
	if name, err := wire.Absolute(wildcardLabel + domain); err == nil {
		if l := w.step(ctx, o, WhyWildcard, name, dns.TypeA); l.number != 0 {
			w.wildcardDomain, w.wildcardLookup = domain, l
		}
	}
}

// domain walks NAPTR, SRV and A in the order of RFC 3263, and asks for the discovery records where clients do.
func (w *worker) domain(ctx context.Context, o *Observation, name string) {
	o.steps = make([]Step, 0, 6)
	defer w.serviceWildcards(ctx, o, name)
	if o.used(RoleDomain) {
		w.sip(ctx, o, name)
	}
	if o.discovers() && w.wants(SRV) {
		for _, s := range discoveryServices {
			w.service(ctx, o, WhyDiscovery, s.prefix+name)
		}
	}
}

func (w *worker) sip(ctx context.Context, o *Observation, name string) {
	var services []string
	if w.wants(NAPTR) {
		pointers := w.step(ctx, o, WhyNAPTR, name, dns.TypeNAPTR).Effective().Pointers()
		for _, pointer := range pointers[:min(len(pointers), maxPointers)] {
			if pointer.leadsToSRV() {
				services = append(services, pointer.Replacement)
			}
		}
	}
	if !w.wants(SRV) {
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
		found = w.service(ctx, o, WhySIP, srv) || found
	}
	if !found {
		w.miss()
	}
	if !found && w.wants(A) {
		w.step(ctx, o, WhyAddress, name, dns.TypeA)
	}
}

// service asks for an SRV record and follows its targets.
func (w *worker) service(ctx context.Context, o *Observation, why Why, name string) (found bool) {
	if len(name) > wire.MaxName+1 && !strings.Contains(name, `\`) {
		return false // the prefix makes the name too long to be asked for: no such record can exist
	}
	l := w.step(ctx, o, why, name, dns.TypeSRV)
	if l.outcome() != Found {
		return false
	}
	targets := l.Effective().Targets()
	for _, t := range targets[:min(len(targets), maxTargets)] {
		if t.Host == "." || isAddressName(t.Host) {
			continue
		}
		if w.wants(A) {
			w.step(ctx, o, WhyTarget, t.Host, dns.TypeA)
		}
		if w.wants(AAAA) {
			w.step(ctx, o, WhyTarget, t.Host, dns.TypeAAAA)
		}
	}
	return true
}

// serviceWildcards asks, if SRV records were found, whether every service has one, and whether every name in the domains of their targets
// resolves: then it proves nothing that they exist.
func (w *worker) serviceWildcards(ctx context.Context, o *Observation, name string) {
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
				w.step(ctx, o, WhyTargetWildcard, none, dns.TypeA)
			}
		}
	}
	if found {
		if none, err := wire.Absolute(wildcardService + strings.TrimSuffix(name, ".")); err == nil {
			w.step(ctx, o, WhyServiceWildcard, none, dns.TypeSRV)
		}
	}
}

// isAddressName finds an address that is written in the place of a host name.
func isAddressName(name string) bool {
	return kindOf(strings.TrimSuffix(name, ".")) == Address
}

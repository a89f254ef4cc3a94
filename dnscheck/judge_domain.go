package dnscheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"cupclint/internal/fold"
	"cupclint/lint"
	"cupclint/resolve"
)

// domain judges the records of a SIP domain.
func (j *judge) domain(o *Observation) {
	if o.NotSent != "" {
		j.add(o, ruleSRV.New(o.Name, "DNS cannot be asked for %s (%s)", o.what(), o.NotSent), []string{"not sent: " + o.NotSent},
			"Correct the domain.")
		return
	}
	for _, s := range o.Steps() {
		if s.Why == WhyTarget || s.Why == WhyTargetWildcard || s.Why == WhyServiceWildcard || s.Why == WhyAddress && s.Type != dns.TypeA {
			continue
		}
		j.failures(o, s.Lookup)
		j.split(o, s.Lookup)
		if s.Type == dns.TypeSRV && s.outcome() == Found {
			j.service(o, s)
		}
	}
	if o.Cancelled() {
		return // a record that was not asked for is not missing
	}
	j.everyService(o)
	j.missingSIP(o)
	if o.View != ViewOutside { // the edge area judges the outside view
		j.missingDiscovery(o)
		j.edge(o)
	}
}

// absent reports whether all questions with the reason were answered, each with nothing.
func (o *Observation) absent(why Why) (absent bool, evidence []string) {
	for l := range o.each(why) {
		if outcome := l.outcome(); outcome != NXDomain && outcome != NoData && outcome != CNAMELoop {
			return false, nil
		}
	}
	for l := range o.each(why) {
		evidence = append(evidence, answersOf(l)...)
	}
	return len(evidence) > 0, evidence
}

// missingSIP is DNS107 for the SIP domain.
func (j *judge) missingSIP(o *Observation) {
	absent, evidence := o.absent(WhySIP)
	if !absent || o.Routed || o.Generation == resolve.XMPP { // such clients and servers find each other by other records
		return
	}
	a := o.step(WhyAddress, dns.TypeA)
	f := ruleSRV.New(o.Name, "%s has neither an SRV record nor a static route. A SIP server elsewhere cannot find it", o.what())
	if addrs := addresses(a); len(addrs) > 0 {
		f = ruleSRV.New(o.Name, "%s has neither an SRV record nor a static route. A SIP server elsewhere uses its address %s, port 5060 (RFC "+
			"3263), instead",
			o.what(), strings.Join(addrs, ", "))
		f.Severity = lint.Info
		evidence = append(evidence, answersOf(a)...)
	} else if a != nil {
		evidence = append(evidence, answersOf(a)...)
	}
	j.add(o, f, evidence, fmt.Sprintf("Add an SRV record, such as: _sip._tcp.%s. IN SRV 0 0 5060 <presence server>. Inside one cluster, "+
		"where clients use only the presence address, the record is not needed: switch the rule off.", o.Name))
}

// missingDiscovery is DNS107 for clients of the XMPP generation.
func (j *judge) missingDiscovery(o *Observation) {
	var evidence []string
	for l := range o.each(WhyDiscovery) {
		if fold.HasPrefix(l.Name, edgePrefix) {
			continue
		}
		if outcome := l.outcome(); outcome != NXDomain && outcome != NoData {
			return
		}
		evidence = append(evidence, answersOf(l)...)
	}
	if len(evidence) == 0 {
		return
	}
	j.add(o, ruleSRV.New(o.Name+" discovery", "%s has neither %s nor %s. Clients do not find a server automatically and ask the user for one",
		o.what(), strings.TrimSuffix(udsPrefix, "."), strings.TrimSuffix(loginPrefix, ".")), evidence,
		fmt.Sprintf("Add an SRV record, such as: _cisco-uds._tcp.%s. IN SRV 10 60 8443 <CUCM>, or _cuplogin._tcp.%s. IN SRV 0 0 8443 <presence "+
			"server>.", o.Name, o.Name))
}

// edge is DNS113: it assumes that clients inside the network use the resolvers that were asked.
func (j *judge) edge(o *Observation) {
	for l := range o.each(WhyDiscovery) {
		if fold.HasPrefix(l.Name, edgePrefix) && l.outcome() == Found {
			j.add(o, ruleEdgeInside.New(l.Name,
				"%s resolves here. A client that finds it but no %s or %s assumes that it is outside, and logs in through the edge",
				bare(l.Name), strings.TrimSuffix(udsPrefix, "."), strings.TrimSuffix(loginPrefix, ".")), answersOf(l),
				"Keep this record in the outside zone only. If you asked outside resolvers, the record is right.")
		}
	}
}

// service judges one SRV record that exists.
func (j *judge) service(o *Observation, s Step) {
	targets := s.Effective().Targets()
	evidence := func() []string { // most records are right, and need none
		list := answersOf(s.Lookup)
		if len(targets) > 1 {
			list = append(append(list, "a client tries them in this order:"), Order(targets)...)
		}
		return list
	}
	var said []string
	for _, t := range targets {
		if !slices.Contains(said, t.Host) {
			said = append(said, t.Host)
			j.target(o, s, t, evidence)
		}
	}
	known, ok := serviceOf(s.Name)
	if !ok {
		return
	}
	for _, t := range targets {
		// The peer authentication listener of the proxy has port 5062 unless federation took 5061 for it.
		if t.Host == "." || t.Port == known.port || known.port == 5061 && t.Port == 5062 {
			continue
		}
		j.add(o, rulePort.New(fmt.Sprintf("%s %s %d", s.Name, t.Host, t.Port), "%s points to %s port %d, but the service's own port is %d",
			bare(s.Name), bare(t.Host), t.Port, known.port), evidence(),
			fmt.Sprintf("Check that the service listens on port %d of %s, or correct the record.", t.Port, bare(t.Host)))
	}
}

// target is DNS108, and DNS105 for a target that is an alias.
func (j *judge) target(o *Observation, s Step, t Target, evidence func() []string) {
	subject := s.Name + " " + t.Host
	bad := func(rule lint.Live, lookup *Lookup, fix, format string, args ...any) {
		f := rule.New(subject, format, args...)
		if rule == ruleAlias {
			f.Severity = lint.Warning
		}
		lines := evidence()
		if lookup != nil {
			lines = append(lines, answersOf(lookup)...)
		}
		j.add(o, f, lines, fix)
	}
	srv := bare(s.Name)
	switch {
	case t.Host == ".":
		bad(ruleTarget, nil, "Remove the record, or name the server.",
			"%s has the target \".\", which means that the service is not offered (RFC 2782)", srv)
		return
	case isAddressName(t.Host):
		bad(ruleTarget, nil, "Name the server by its host name.",
			"%s has an address (%s) as its target. RFC 2782 requires a host name, and clients look the target up as a host name", srv, bare(t.Host))
		return
	}
	a := o.target(t.Host, dns.TypeA)
	if a == nil {
		return
	}
	switch e := a.Effective(); e.Outcome {
	case NXDomain:
		bad(ruleTarget, a, fmt.Sprintf("Add an A record for %s, or correct the target.", bare(t.Host)),
			"%s points to %s, which does not exist in DNS (NXDOMAIN)", srv, bare(t.Host))
	case NoData:
		what := "which exists without an address (NODATA)"
		if six := o.target(t.Host, dns.TypeAAAA); len(addresses(six)) > 0 {
			what = "which has only an IPv6 address, but these clients use IPv4"
		}
		bad(ruleTarget, a, fmt.Sprintf("Add an A record for %s.", bare(t.Host)), "%s points to %s, %s", srv, bare(t.Host), what)
	case CNAMELoop:
		bad(ruleTarget, a, "Break the loop: give one of the names an address record.", "%s points to %s, which is an alias in a loop", srv,
			bare(t.Host))
	}
	if chain, loop := a.Effective().chain(question(a)); len(chain) > 1 && !loop {
		bad(ruleAlias, a, fmt.Sprintf("Change the target of the record to %s itself.", bare(chain[len(chain)-1])),
			"%s points to an alias (%s). RFC 2782 does not allow this, and some clients fail",
			srv, chainText(chain))
	}
	if a.outcome() == Found {
		j.unusableTarget(o, srv, t, a)
		j.everyTarget(o, srv, t, a)
	}
	j.failures(o, a)
	j.split(o, a)
}

// unusableTarget is DNS115 for the target of an SRV record.
func (j *judge) unusableTarget(o *Observation, srv string, t Target, a *Lookup) {
	for _, text := range append(addresses(a), addresses(o.target(t.Host, dns.TypeAAAA))...) {
		if kind := unusable(text); kind != "" {
			j.add(o, ruleUnusable.New(t.Host+" "+text,
				"%s points to %s. DNS gives that name the %s address %s, which no other computer can use. Clients cannot reach it", srv, bare(t.Host),
				kind, text),
				answersOf(a), fmt.Sprintf("Correct the address record of %q. A resolver that filters names (a sinkhole) also answers like this.",
					bare(t.Host)))
			return
		}
	}
}

// everyTarget is DNS114 for the target of an SRV record.
func (j *judge) everyTarget(o *Observation, srv string, t Target, a *Lookup) {
	_, domain, _ := strings.Cut(t.Host, ".")
	for wild := range o.each(WhyTargetWildcard) {
		if _, asked, _ := strings.Cut(wild.Name, "."); !sameName(asked, domain) || wild.outcome() != Found ||
			!within(addresses(a), addresses(wild)) {
			continue
		}
		j.add(o, ruleWildcard.New(t.Host,
			"%s points to %s, which resolves to %s, but so does every name below %q. A wildcard record or a rewriting resolver answers, so this "+
				"proves nothing",
			srv, bare(t.Host), strings.Join(addresses(a), ", "), bare(domain)),
			append(answersOf(a), "asked separately: "+wild.Effective().Records[0].String()),
			fmt.Sprintf("Add an A record of its own for %q, and check that the address is the server's.", bare(t.Host)))
		return
	}
}

// everyService is DNS114 for SRV records that every service has.
func (j *judge) everyService(o *Observation) {
	wild := o.step(WhyServiceWildcard, dns.TypeSRV)
	if wild == nil || wild.outcome() != Found {
		return
	}
	all := wild.Effective().data(dns.TypeSRV)
	var same []string
	var evidence []string
	for _, s := range o.Steps() {
		if s.Type == dns.TypeSRV && s.Why != WhyServiceWildcard && s.outcome() == Found && within(s.Effective().data(dns.TypeSRV), all) {
			same = append(same, bare(s.Name))
			evidence = append(evidence, answersOf(s.Lookup)...)
		}
	}
	if len(same) == 0 {
		return
	}
	j.add(o, ruleWildcard.New(o.Name+" services",
		"%s has an SRV record for every service, even for one that does not exist. A wildcard record answers, so these records prove nothing: %s",
		o.what(), strings.Join(same, ", ")), append(evidence, "asked separately: "+wild.Effective().Records[0].String()),
		"Add an SRV record for each service that clients need, and remove the wildcard.")
}

// within reports whether all elements of the first list are in the second.
func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// target finds the question about an SRV record's target.
func (o *Observation) target(host string, t uint16) *Lookup {
	for l := range o.each(WhyTarget) {
		if l.Type == t && sameName(l.Name, host) {
			return l
		}
	}
	return nil
}

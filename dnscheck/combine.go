package dnscheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"cupclint/lint"
)

// The static rules that DNS can confirm or contradict. They say that the client makes an address that no one would put into DNS.
// DNS can contradict the softened ones. It can only confirm the others: what they find is wrong even if it resolves.
var (
	softened  = [...]string{"PRES001", "PRES002", "PRES003"}
	confirmed = [...]string{"PRES004", "PRES007", "PRES008"}
)

// Combine puts the findings of a lint run and of a probe into one list, after Weigh. Findings that are equal in rule, place and message
// are listed once.
func Combine(static, live []lint.Finding, observations []Observation) []lint.Finding {
	all := slices.Concat(static, live)
	Weigh(all[:len(static)], observations)
	return lint.Join(all)
}

// Weigh confirms or contradicts static findings with answers from DNS. A finding about an address that was asked for gets the answer as
// evidence: if DNS contradicts it, its severity becomes info; if DNS confirms it, it says so.
func Weigh(static []lint.Finding, observations []Observation) {
	known := make(map[string]*Observation)
	for i := range static {
		if address := static[i].Address; address != "" {
			known[address] = nil
		}
	}
	if len(known) == 0 {
		return
	}
	for i := range observations {
		o := &observations[i]
		if _, needed := known[o.Name]; needed && o.presence() {
			known[o.Name] = o
		}
	}
	for i := range static {
		if o := known[static[i].Address]; o != nil {
			new(unpacked).open(o).weigh(&static[i])
		}
	}
}

// weigh adds to a static finding what DNS says about its address.
func (o *Observation) weigh(f *lint.Finding) {
	soft := slices.Contains(softened[:], f.Rule)
	if !soft && !slices.Contains(confirmed[:], f.Rule) {
		return
	}
	if o.NotSent != "" {
		f.Evidence = append(f.Evidence, "DNS was not asked: "+o.NotSent)
		return
	}
	a := o.step(WhyAddress, dns.TypeA)
	if a == nil || o.Cancelled() {
		return
	}
	wild := o.step(WhyWildcard, dns.TypeA)
	switch a.outcome() {
	case Found:
		if !soft {
			return
		}
		line := fmt.Sprintf("DNS contradicts (DNS111): %q resolves to %s", o.Name, strings.Join(addresses(a), ", "))
		if wild != nil && wild.outcome() == Found {
			line += ", by a wildcard that answers for every name"
		} else {
			f.Severity = lint.Info
		}
		f.Evidence = append(f.Evidence, line)
	case NXDomain:
		f.Evidence = append(f.Evidence, fmt.Sprintf("DNS confirms (DNS101): %q does not exist (NXDOMAIN)", o.Name))
	case NoData, CNAMELoop:
		f.Evidence = append(f.Evidence, fmt.Sprintf("DNS confirms (DNS102): %q has no IPv4 address", o.Name))
	}
}

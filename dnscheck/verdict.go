package dnscheck

import (
	"strings"

	"github.com/miekg/dns"
)

// Verdict says in one sentence what DNS says about the address of a host. Usable reports whether a client gets an IPv4
// address.
func (o *Observation) Verdict() (text string, usable bool) {
	switch {
	case o.Kind == Address:
		return "it is an address, so no lookup is needed", true
	case o.NotSent != "":
		return "DNS cannot be asked for it: " + o.NotSent, false
	case !o.Begun || o.Cancelled():
		return "the lookup is not finished: the run was cancelled", false
	}
	a := o.step(WhyAddress, dns.TypeA)
	if a == nil {
		return "its address was not looked up", false
	}
	e := a.Effective()
	switch e.Outcome {
	case Found:
		text = "found: " + strings.Join(addresses(a), ", ")
		if wild := o.step(WhyWildcard, dns.TypeA); wild != nil && wild.outcome() == Found {
			text += " (a wildcard answers there for every name)"
		}
		return text, true
	case NXDomain:
		return "it does not exist (NXDOMAIN)", false
	case NoData, CNAMELoop:
		return "it exists without an IPv4 address", false
	}
	return "no resolver could answer: " + e.text(), false
}

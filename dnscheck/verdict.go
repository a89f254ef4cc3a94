package dnscheck

import (
	"strings"

	"github.com/miekg/dns"
)

// Verdict says in one sentence what DNS makes of the address of a host. Usable reports whether a client gets an IPv4
// address.
func (o *Observation) Verdict() (text string, usable bool) {
	switch {
	case o.Kind == Address:
		return "it is an address: nothing has to be looked up", true
	case o.NotSent != "":
		return "it cannot be asked for in DNS: " + o.NotSent, false
	case !o.Begun || o.Cancelled():
		return "it was not asked for to the end: the run was cancelled", false
	}
	a := o.step(WhyAddress, dns.TypeA)
	if a == nil {
		return "its address was not asked for", false
	}
	e := a.Effective()
	switch e.Outcome {
	case Found:
		text = "it exists: " + strings.Join(addresses(a), ", ")
		if wild := o.step(WhyWildcard, dns.TypeA); wild != nil && wild.outcome() == Found {
			text += " (a wildcard answers there for every name)"
		}
		return text, true
	case NXDomain:
		return "it does not exist (NXDOMAIN)", false
	case NoData, CNAMELoop:
		return "it exists without an IPv4 address", false
	}
	return "no resolver could tell: " + e.text(), false
}

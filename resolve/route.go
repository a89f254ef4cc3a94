package resolve

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Proxy is what a presence server knows of itself.
type Proxy struct {
	SIPDomain string
	Nodes     []string // node names, as in System > Server
	Aliases   []string
}

// Local reports whether the proxy takes the domain of a request for its own, and by which of its names: its SIP
// domain, a node name, a node name with the SIP domain behind it, or an alias. The proxy compares strings, so case
// counts, although SIP says that it does not in host names (RFC 3261 section 19.1.4).
func (p *Proxy) Local(domain string) (why string, ok bool) {
	if domain == "" {
		return "", false
	}
	if domain == p.SIPDomain {
		return "it is the SIP domain", true
	}
	for _, n := range p.Nodes {
		if n == "" {
			continue
		}
		if domain == n {
			return fmt.Sprintf("it is the node name %q", n), true
		}
		if rest, ok := strings.CutPrefix(domain, n+"."); ok && rest == p.SIPDomain {
			return fmt.Sprintf("it is the node name %q with the SIP domain behind it", n), true
		}
	}
	if slices.Contains(p.Aliases, domain) {
		return "it is an alias of the proxy", true
	}
	return "", false
}

// nearlyLocal names a local domain that differs from domain only in case.
func (p *Proxy) nearlyLocal(domain string) (string, bool) {
	names := slices.Concat([]string{p.SIPDomain}, p.Nodes, p.Aliases)
	for _, n := range p.Nodes {
		names = append(names, n+"."+p.SIPDomain)
	}
	for _, n := range names {
		if n != "" && n != domain && strings.EqualFold(n, domain) {
			return n, true
		}
	}
	return "", false
}

// A StaticRoute is one entry of the proxy's static routes.
//
// The destination is a domain ("acme.com"); a domain with its labels in reverse between a leading dot and ".*", as the
// federation guides of Cisco Unified Presence write it (".com.acme.*": acme.com and all below it); a suffix that begins with a
// dot (".acme.com": all below acme.com); or a number pattern without letters, in which "." stands for one
// character and "*" for any run of them ("6...", "+4930*"). That a suffix and a number pattern are taken in these ways is an
// assumption.
type StaticRoute struct {
	Destination string
	NextHop     string // host name or address
	Port        int    // 0 when not stated
	Protocol    string // as written: TCP, UDP, TLS
	Priority    int    // the lower one first, among routes that match equally well
	Weight      int    // the higher one first, among equal priorities
}

type pattern struct {
	domain string // a domain that must be equal
	suffix string // "." and the domain that the name lies below
	under  string // a domain that must be equal or above
	number string
}

func (r *StaticRoute) pattern() pattern {
	d := r.Destination
	if labels, ok := strings.CutSuffix(d, ".*"); ok && strings.HasPrefix(d, ".") && hasLetter(d) {
		parts := strings.Split(strings.Trim(labels, "."), ".")
		slices.Reverse(parts)
		return pattern{under: strings.Join(parts, ".")}
	}
	switch {
	case !hasLetter(d) && !IsDottedDecimal(d):
		return pattern{number: d}
	case strings.HasPrefix(d, "."):
		return pattern{suffix: d}
	}
	return pattern{domain: d}
}

func hasLetter(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
}

// match returns how many bytes of the destination count as matched: more is longer.
func (p pattern) match(u *URI) (length int, ok bool) {
	switch {
	case p.number != "":
		return len(strings.ReplaceAll(p.number, "*", "")), matchNumber(p.number, u.User)
	case p.under != "":
		return len(p.under), u.Host == p.under || strings.HasSuffix(u.Host, "."+p.under)
	case p.suffix != "":
		return len(p.suffix) - 1, len(u.Host) > len(p.suffix) && strings.HasSuffix(u.Host, p.suffix)
	case p.domain != "":
		return len(p.domain), u.Host == p.domain
	}
	return 0, false
}

// matchNumber matches iteratively: a "*" that turns out too short is widened by one, so the time is bounded by the product of
// the lengths.
func matchNumber(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark, p = p, i, p+1
		case p < len(pattern) && (pattern[p] == '.' || pattern[p] == s[i]):
			p, i = p+1, i+1
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// A Hop names how a request leaves the proxy.
type Hop string

// The hops, in the order in which the proxy looks.
const (
	LocalHop   Hop = "local"
	StaticHop  Hop = "static-route"
	SRVHop     Hop = "srv"
	AddressHop Hop = "address"
)

// A Candidate is one way that was considered.
type Candidate struct {
	Hop    Hop    `json:"hop"`
	Target string `json:"target"` // what was looked at: the domain, a route's destination, a name to ask
	Taken  bool   `json:"taken"`
	Why    string `json:"why"`
}

// A Route says where a request goes next, as far as strings can tell.
type Route struct {
	URI    URI          `json:"-"`
	Hop    Hop          `json:"hop"`
	Static *StaticRoute `json:"-"` // the route taken; nil for other hops
	// SRV and Names are what the proxy asks DNS, in order, when it is neither local nor routed: SRV records
	// (RFC 3263 section 4), and if there are none, the address of the host.
	SRV        []string    `json:"srv,omitempty"`
	Names      []string    `json:"names,omitempty"`
	Candidates []Candidate `json:"candidates"`
}

// NextHop decides where a request to the URI goes: it stays when the domain is local, else the longest matching
// static route takes it, else DNS: SRV, then A and AAAA. Nothing is looked up.
func NextHop(u URI, p Proxy, routes []StaticRoute) Route {
	r := Route{URI: u}
	if why, ok := p.Local(u.Host); ok {
		r.Hop = LocalHop
		r.add(LocalHop, u.Host, true, why)
		return r
	}
	why := "it is neither the SIP domain, a node name, node name and SIP domain, nor an alias"
	if n, ok := p.nearlyLocal(u.Host); ok {
		why = fmt.Sprintf("it differs from the local name %q in case, and case counts", n)
	}
	r.add(LocalHop, u.Host, false, why)
	if best := r.static(u, routes); best != nil {
		r.Hop, r.Static = StaticHop, best
		return r
	}
	r.dns(u)
	return r
}

func (r *Route) add(h Hop, target string, taken bool, why string) {
	r.Candidates = append(r.Candidates, Candidate{h, target, taken, why})
}

func (r *Route) static(u URI, routes []StaticRoute) *StaticRoute {
	type match struct{ index, length int }
	var matches []match
	for i := range routes {
		length, ok := routes[i].pattern().match(&u)
		if ok {
			matches = append(matches, match{i, length})
		} else {
			r.add(StaticHop, routes[i].Destination, false, "the destination does not match")
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int {
		ra, rb := &routes[a.index], &routes[b.index]
		return cmp.Or(cmp.Compare(b.length, a.length), cmp.Compare(ra.Priority, rb.Priority), cmp.Compare(rb.Weight, ra.Weight))
	})
	for i, m := range matches {
		if i == 0 {
			r.add(StaticHop, routes[m.index].Destination, true, "it is the longest destination that matches")
		} else {
			r.add(StaticHop, routes[m.index].Destination, false, fmt.Sprintf("it matches, but %q comes first", routes[matches[0].index].Destination))
		}
	}
	if len(matches) == 0 {
		return nil
	}
	return &routes[matches[0].index]
}

// dns lists what is asked. An address needs no question, and a port in the URI rules out SRV (RFC 3263 section 4.2).
func (r *Route) dns(u URI) {
	if IsDottedDecimal(u.Host) || strings.Contains(u.Host, ":") {
		r.Hop = AddressHop
		r.add(AddressHop, u.Host, true, "it is an address: nothing is asked")
		return
	}
	r.Names = []string{u.Host}
	if u.Port != 0 {
		r.Hop = AddressHop
		r.add(AddressHop, u.Host, true, "the URI names a port, so no SRV record is asked for")
		return
	}
	r.Hop = SRVHop
	r.SRV = srvNames(u)
	for _, n := range r.SRV {
		r.add(SRVHop, n, true, "no static route matches: DNS decides")
	}
	r.add(AddressHop, u.Host, false, "asked when there is no SRV record")
}

func srvNames(u URI) []string {
	const tcp, udp, tls = "_sip._tcp.", "_sip._udp.", "_sips._tcp."
	switch {
	case u.Scheme == "sips" || u.Transport == "tls":
		return []string{tls + u.Host}
	case u.Transport == "tcp":
		return []string{tcp + u.Host}
	case u.Transport == "udp":
		return []string{udp + u.Host}
	}
	return []string{tls + u.Host, tcp + u.Host, udp + u.Host}
}

// Shadowed returns why the route with the index is never taken: its destination is local, or an earlier route sends the
// same requests to the same place. It returns the empty string for a route that can be taken. Routes with one
// destination and different next hops are not shadowed: the later ones are there for fail-over.
func Shadowed(i int, p Proxy, routes []StaticRoute) string {
	route := &routes[i]
	pat := route.pattern()
	if pat.domain != "" {
		if why, ok := p.Local(pat.domain); ok {
			return "the proxy keeps this domain: " + why
		}
	}
	for j := range routes[:i] {
		if other := &routes[j]; other.pattern() == pat && other.NextHop == route.NextHop && other.Port == route.Port {
			return fmt.Sprintf("route %d already sends %q to the same place", j+1, route.Destination)
		}
	}
	return ""
}

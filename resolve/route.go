package resolve

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

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
	Route  int    `json:"route,omitempty"` // which static route, from 1; 0 for other hops
	Target string `json:"target"`          // what was looked at: the domain, a route's destination, a name to ask
	Taken  bool   `json:"taken"`
	Why    string `json:"why"` // why it was used or not: a clause without a full stop
}

// A Route says where a request goes next, as far as strings show it.
type Route struct {
	URI    URI          `json:"-"`
	Hop    Hop          `json:"hop"`
	Static *StaticRoute `json:"static,omitempty"` // the route taken, of the slice given; nil for other hops
	// SRV and Names are what the proxy asks DNS next, in order: SRV records, and if there are none or none are asked for,
	// the A and AAAA records of Names. Both are empty where the next hop is an address, or the proxy itself.
	SRV   []string `json:"srv,omitempty"`
	Names []string `json:"names,omitempty"`
	Port  int      `json:"port,omitempty"` // the port where no SRV record gives one; 0 for a local request

	Candidates []Candidate `json:"candidates"` // all ways considered, in order
}

// NextHop decides where a request to the URI goes: it stays if the domain is local, else the longest matching static
// route is used, else DNS: SRV, then A and AAAA (UC Corner, "SIP domain and DNS domain", 2009; RFC 3263 section 4). Nothing
// is looked up.
//
// Of routes that match, the one that prescribes more characters wins, then the one with fewer wildcards, then priority and weight. The
// first is from the support note, the last two are from Cisco's table of static route settings, the second is an
// assumption. It is also an assumption that routes for users and for domains are compared by length.
func NextHop(u URI, p Proxy, routes []StaticRoute) Route {
	r := Route{URI: u}
	matches := matching(&u, routes)
	if name, ok := p.Local(u.Host); ok {
		r.Hop = LocalHop
		r.add(Candidate{Hop: LocalHop, Target: u.Host, Taken: true, Why: name.String()})
		for _, m := range matches {
			r.add(Candidate{Hop: StaticHop, Route: m.index + 1, Target: routes[m.index].Destination,
				Why: "it matches, but static routes are not used for a local domain"})
		}
		return r
	}
	why := "it is neither the SIP domain, a node name, node name and SIP domain, nor an alias"
	if n, ok := p.nearlyLocal(u.Host); ok {
		why = fmt.Sprintf("it differs from the local name %q in upper and lower case, which matter", n)
	}
	r.add(Candidate{Hop: LocalHop, Target: u.Host, Why: why})
	r.static(&u, routes, matches)
	r.dns(&u)
	return r
}

func (r *Route) add(c Candidate) { r.Candidates = append(r.Candidates, c) }

// A routeMatch is a static route that matches a request.
type routeMatch struct {
	index           int
	pattern         pattern
	length, literal int
}

// matching returns the routes that match the request, the one that wins first.
func matching(u *URI, routes []StaticRoute) []routeMatch {
	var list []routeMatch
	for i := range routes {
		if pat := routes[i].pattern(); pat.match(u) {
			m := routeMatch{index: i, pattern: pat}
			m.length, m.literal = pat.specific()
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b routeMatch) int {
		ra, rb := &routes[a.index], &routes[b.index]
		return cmp.Or(cmp.Compare(b.length, a.length), cmp.Compare(b.literal, a.literal), compareBool(a.pattern.below, b.pattern.below),
			cmp.Compare(ra.priority(), rb.priority()), cmp.Compare(rb.Weight, ra.Weight))
	})
	return list
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func (r *Route) static(u *URI, routes []StaticRoute, matches []routeMatch) {
	taken := make([]bool, len(routes))
	for i, m := range matches {
		taken[m.index] = true
		c := Candidate{Hop: StaticHop, Route: m.index + 1, Target: routes[m.index].Destination, Taken: i == 0}
		if i == 0 {
			r.Hop, r.Static = StaticHop, &routes[m.index]
			c.Why = "it is the longest destination that matches"
		} else {
			c.Why = whyLost(m, matches[0], routes)
		}
		r.add(c)
	}
	for i := range routes {
		if !taken[i] {
			r.add(Candidate{Hop: StaticHop, Route: i + 1, Target: routes[i].Destination, Why: routes[i].whyNot(u)})
		}
	}
	if r.Static == nil {
		return
	}
	r.Port = cmp.Or(r.Static.Port, 5060)
	switch hop := r.Static.NextHop; {
	case hop == "" || isAddress(hop):
	case r.Static.NextHopSRV:
		r.SRV = []string{hop}
	default:
		r.Names = []string{hop}
	}
}

func whyLost(m, winner routeMatch, routes []StaticRoute) string {
	mine, its := &routes[m.index], &routes[winner.index]
	switch {
	case m.pattern != winner.pattern:
		return fmt.Sprintf("it matches, but route %d (%q) is more specific", winner.index+1, its.Destination)
	case mine.priority() != its.priority():
		return fmt.Sprintf("it matches, but is used only if route %d fails: priority %d against %d", winner.index+1, mine.priority(),
			its.priority())
	}
	return fmt.Sprintf("it shares the requests with route %d by weight: %d against %d", winner.index+1, mine.Weight, its.Weight)
}

// whyNot explains a destination that does not match, with the two mistakes that are easy to make.
func (r *StaticRoute) whyNot(u *URI) string {
	p := r.pattern()
	folded := URI{User: strings.ToLower(u.User), Host: strings.ToLower(u.Host)}
	lower := pattern{of: p.of, text: strings.ToLower(p.text), below: p.below}
	switch {
	case p.text == "":
		return "the destination is empty"
	case lower.match(&folded):
		return "the destination would match if upper and lower case were ignored, but they matter"
	case p.of == DomainRoute && strings.HasPrefix(r.Destination, ".") &&
		(u.Host == r.Destination[1:] || strings.HasSuffix(u.Host, r.Destination)):
		return fmt.Sprintf("a destination that begins with a dot has its labels in reverse, so this one means %q", p.text)
	}
	return "the destination does not match"
}

func isAddress(host string) bool { return IsDottedDecimal(host) || strings.Contains(host, ":") }

// dns lists what is asked when no static route was taken, and what is not and why.
func (r *Route) dns(u *URI) {
	target := cmp.Or(u.MAddr, u.Host) // RFC 3263 section 4
	names, why := srvNames(u, target)
	if r.Static != nil {
		for _, n := range names {
			r.add(Candidate{Hop: SRVHop, Target: n, Why: "a static route comes before DNS"})
		}
		r.add(Candidate{Hop: AddressHop, Target: target, Why: "a static route comes before DNS"})
		return
	}
	r.Hop, r.SRV, r.Port = AddressHop, names, u.Port
	if r.Port == 0 {
		r.Port = 5060
		if u.secure() {
			r.Port = 5061 // RFC 3261 section 19.1.2
		}
	}
	if isAddress(target) {
		r.add(Candidate{Hop: AddressHop, Target: target, Taken: true, Why: "it is an address, so nothing is looked up"})
		return
	}
	r.Names = []string{target}
	if len(names) == 0 {
		r.add(Candidate{Hop: AddressHop, Target: target, Taken: true, Why: why})
		return
	}
	r.Hop = SRVHop
	for _, n := range names {
		r.add(Candidate{Hop: SRVHop, Target: n, Taken: true, Why: "no static route matches, so DNS is used"})
	}
	r.add(Candidate{Hop: AddressHop, Target: target, Why: "used if there is no SRV record"})
}

func (u *URI) secure() bool { return u.Scheme == "sips" || u.Transport == "tls" }

// srvNames returns the SRV names of the target by RFC 3263 section 4.1, or why there are none. Without a transport all that the
// proxy speaks are asked for, TLS first; NAPTR is left out, as the support note names SRV and A alone.
func srvNames(u *URI, target string) (names []string, why string) {
	switch {
	case isAddress(target):
		return nil, "it is an address"
	case u.Port != 0:
		return nil, "the URI names a port, so SRV records are not used"
	case u.secure() && (u.Transport == "" || u.Transport == "tls" || u.Transport == "tcp"):
		return []string{"_sips._tcp." + target}, ""
	case u.Scheme == "sips" && u.Transport == "sctp":
		return []string{"_sips._sctp." + target}, ""
	case u.Scheme == "sips":
		return nil, fmt.Sprintf("there is no SRV service for sips over %q", u.Transport)
	case u.Transport == "":
		return []string{"_sips._tcp." + target, "_sip._tcp." + target, "_sip._udp." + target}, ""
	case u.Transport == "tcp" || u.Transport == "udp" || u.Transport == "sctp":
		return []string{"_sip._" + u.Transport + "." + target}, ""
	}
	return nil, fmt.Sprintf("there is no SRV service for the transport %q", u.Transport)
}

// A Shadow is why a static route is never used.
type Shadow struct {
	By  int    // the index of the route that always wins; -1 if it is a local domain, or the destination is empty
	Why string // ends a sentence that begins with the route
}

// Shadowed reports whether the route with the index is never used, and why: its domain is local, or a preferred or
// earlier route sends the same requests to the same place, or its destination is empty.
//
// A route for fewer requests is longer, so it wins for the requests that it matches, and the others get the rest. A route with the
// same destination and another next hop is for fail-over or shares the load. Neither is shadowed. In partitioned
// intradomain federation a route for the local domain is intended (Cisco's guide of that name): the caller knows.
func Shadowed(index int, p Proxy, routes []StaticRoute) (Shadow, bool) {
	route := &routes[index]
	pat := route.pattern()
	if pat.text == "" {
		return Shadow{-1, "has no destination"}, true
	}
	if pat.of == DomainRoute && !pat.below && !hasRun(pat) {
		if name, ok := p.Local(unescaped(pat.text)); ok {
			return Shadow{-1, fmt.Sprintf("is for the domain %q, which the proxy treats as local: %s", unescaped(pat.text), name)}, true
		}
	}
	for i := range routes {
		other := &routes[i]
		if i == index || other.pattern() != pat || !other.sameHop(route) {
			continue
		}
		if order := cmp.Or(cmp.Compare(other.priority(), route.priority()), cmp.Compare(route.Weight, other.Weight),
			cmp.Compare(i, index)); order < 0 {
			return Shadow{i, fmt.Sprintf("sends %q to where route %d already sends it", route.Destination, i+1)}, true
		}
	}
	return Shadow{}, false
}

func (r *StaticRoute) sameHop(o *StaticRoute) bool {
	return r.NextHop == o.NextHop && r.NextHopSRV == o.NextHopSRV && cmp.Or(r.Port, 5060) == cmp.Or(o.Port, 5060) &&
		strings.EqualFold(cmp.Or(r.Protocol, "TCP"), cmp.Or(o.Protocol, "TCP"))
}

func hasRun(p pattern) bool {
	for i := 0; i < len(p.text); {
		_, kind, size := token(p.text[i:], p.of == UserRoute)
		if kind == run {
			return true
		}
		i += size
	}
	return false
}

func unescaped(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		c, _, size := token(text[i:], false)
		b.WriteByte(c)
		i += size
	}
	return b.String()
}

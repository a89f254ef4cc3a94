package resolve

import (
	"slices"
	"strings"
)

// A RouteType says which part of a request URI a static route looks at.
type RouteType string

// The route types. The administration page has "user" for its default; an export that does not say is read by the shape of
// the destination.
const (
	AnyRoute    RouteType = ""       // not stated
	UserRoute   RouteType = "user"   // the user part
	DomainRoute RouteType = "domain" // the host
)

// A StaticRoute is one entry of the proxy's static routes.
//
// Destination, for a user route, is a number in which "." stands for one character and "*" at the end for any run of
// them ("6...", "+4930*"). For a domain route it is a host name or address in which the dot is a dot and "*" stands for any
// run ("acme.com", "*.acme.com"); or, with a dot in front, a domain with its labels in reverse, alone (".com.acme") or with
// everything below it (".com.acme.*"). "\*" is the character itself everywhere.
//
// Sources: "Administration Guide for Cisco Unified Presence Server 1.0(2)", table 9-1, and "Configuration and
// Administration of the IM and Presence Service 12.5(1)", static route parameters, for the fields and the wildcards;
// "Interdomain Federation Guide" (".com.domaina.*") and "Partitioned Intradomain Federation Guide" (".com.remote") for the
// reversed domains. Assumptions, because no source says: that ".*" includes the domain itself and all below it, that
// the form without it is for the domain alone, that case matters, that a route without a stated type is for domains
// if its destination has a letter or is an IPv4 address, and that route embed templates exist as they
// should.
type StaticRoute struct {
	Destination string    `json:"destination"`
	Type        RouteType `json:"type,omitempty"`
	NextHop     string    `json:"nextHop"`              // host name, address, or with NextHopSRV the name of an SRV record
	NextHopSRV  bool      `json:"nextHopSRV,omitempty"` // the next hop port is stated as 0: the next hop is found by SRV
	Port        int       `json:"port,omitempty"`       // 0 when not stated: 5060
	Protocol    string    `json:"protocol,omitempty"`   // as written: TCP (the default), UDP, TLS
	Priority    int       `json:"priority,omitempty"`   // the lower one first; the rest is for when it fails. 0 when not stated: 1
	Weight      int       `json:"weight,omitempty"`     // the share among equal priorities; the higher one is listed first
}

func (r *StaticRoute) priority() int { return max(r.Priority, 1) }

// pattern is a destination in a form for comparison. Two that match the same requests are equal as values, except for needless stars
// in the middle of a pattern.
type pattern struct {
	of    RouteType
	text  string // with wildcards
	below bool   // of a domain: all below it too
}

func (r *StaticRoute) pattern() pattern {
	d := r.Destination
	of := r.Type
	if of == AnyRoute {
		of = UserRoute
		if strings.ContainsFunc(d, isLetter) || IsDottedDecimal(d) {
			of = DomainRoute
		}
	}
	if of == UserRoute || !strings.HasPrefix(d, ".") {
		for strings.HasSuffix(d, "**") && !strings.HasSuffix(d, `\**`) {
			d = d[:len(d)-1]
		}
		return pattern{of: of, text: d}
	}
	labels, below := strings.CutSuffix(d[1:], ".*")
	return pattern{of: of, text: reversed(labels), below: below}
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func reversed(domain string) string {
	labels := strings.Split(domain, ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".")
}

// match reports whether the pattern matches the request.
func (p pattern) match(u *URI) bool {
	switch {
	case p.text == "":
		return false
	case p.of == UserRoute:
		return matchWildcards(p.text, u.number(), true)
	case matchWildcards(p.text, u.Host, false):
		return true
	}
	if !p.below {
		return false
	}
	for host := u.Host; ; {
		i := strings.IndexByte(host, '.')
		if i < 0 {
			return false
		}
		if host = host[i+1:]; matchWildcards(p.text, host, false) {
			return true
		}
	}
}

// specific returns how many characters the pattern prescribes, "." counting for one, and how many of them by name.
func (p pattern) specific() (length, literal int) {
	for i := 0; i < len(p.text); {
		_, kind, size := token(p.text[i:], p.of == UserRoute)
		i += size
		if kind != run {
			length++
		}
		if kind == char {
			literal++
		}
	}
	return length, literal
}

type tokenKind uint8

const (
	char tokenKind = iota // itself
	one                   // any character
	run                   // any run of characters
)

// token reads the first token of a pattern that is not empty.
func token(pattern string, dotIsWildcard bool) (c byte, kind tokenKind, size int) {
	switch c := pattern[0]; {
	case c == '\\' && len(pattern) > 1:
		return pattern[1], char, 2
	case c == '*':
		return c, run, 1
	case c == '.' && dotIsWildcard:
		return c, one, 1
	default:
		return c, char, 1
	}
}

// matchWildcards goes back to the last "*" only and widens it by one, so the time is bounded by the product of the lengths.
func matchWildcards(pattern, s string, dotIsWildcard bool) bool {
	p, i, afterRun, mark := 0, 0, -1, 0
	for p < len(pattern) || i < len(s) {
		if p < len(pattern) {
			c, kind, size := token(pattern[p:], dotIsWildcard)
			if kind == run {
				p += size
				afterRun, mark = p, i
				continue
			}
			if i < len(s) && (kind == one || c == s[i]) {
				p, i = p+size, i+1
				continue
			}
		}
		if afterRun < 0 || mark >= len(s) {
			return false
		}
		mark++
		p, i = afterRun, mark
	}
	return true
}

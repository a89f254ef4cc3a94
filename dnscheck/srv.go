package dnscheck

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// A Target is one SRV record (RFC 2782).
type Target struct {
	Host             string // with the root dot; "." means that the service is not offered
	Port             uint16
	Priority, Weight uint16
}

// Targets reads the SRV records of an answer in the order in which a client tries them: the lowest priority first. Within
// one priority the client chooses at random, and a higher weight has a higher chance. A weight of zero among others
// has a very small chance (RFC 2782).
func (a *Answer) Targets() []Target {
	var list []Target
	for _, data := range a.data(dns.TypeSRV) {
		if t, ok := parseSRV(data); ok {
			list = append(list, t)
		}
	}
	slices.SortStableFunc(list, func(x, y Target) int {
		return cmp.Or(cmp.Compare(x.Priority, y.Priority), cmp.Compare(y.Weight, x.Weight), cmp.Compare(x.Host, y.Host))
	})
	return list
}

// parseSRV reads "priority weight port target".
func parseSRV(data string) (Target, bool) {
	f := strings.Fields(data)
	if len(f) != 4 {
		return Target{}, false
	}
	var n [3]uint16
	for i := range n {
		v, err := strconv.ParseUint(f[i], 10, 16)
		if err != nil {
			return Target{}, false
		}
		n[i] = uint16(v)
	}
	return Target{Host: f[3], Priority: n[0], Weight: n[1], Port: n[2]}, true
}

// Order describes in which order a client tries the targets, one a line.
func Order(targets []Target) []string {
	totals := make(map[uint16]int)
	for _, t := range targets {
		totals[t.Priority] += int(t.Weight)
	}
	count := make(map[uint16]int)
	for _, t := range targets {
		count[t.Priority]++
	}
	lines := make([]string, len(targets))
	for i, t := range targets {
		chance := "alone in its priority"
		switch total := totals[t.Priority]; {
		case count[t.Priority] == 1:
		case total == 0:
			chance = fmt.Sprintf("one of %d with equal chances", count[t.Priority])
		case t.Weight == 0:
			chance = "almost never before the others of its priority"
		default:
			chance = fmt.Sprintf("first of its priority in %.0f %% of tries", 100*float64(t.Weight)/float64(total))
		}
		lines[i] = fmt.Sprintf("%d. %s port %d (priority %d, weight %d: %s)", i+1, t.Host, t.Port, t.Priority, t.Weight, chance)
	}
	return lines
}

// A Pointer is one NAPTR record of a SIP domain (RFC 3263, section 4.1).
type Pointer struct {
	Order, Preference   uint16
	Flags, Service      string
	Regexp, Replacement string
}

// Pointers reads the NAPTR records of an answer in the order in which a client tries them.
func (a *Answer) Pointers() []Pointer {
	var list []Pointer
	for _, r := range a.Records {
		if r.Type != dns.TypeNAPTR {
			continue
		}
		rr, err := dns.NewRR(". 0 IN NAPTR " + r.Data)
		if n, ok := rr.(*dns.NAPTR); err == nil && ok {
			list = append(list, Pointer{n.Order, n.Preference, n.Flags, n.Service, n.Regexp, n.Replacement})
		}
	}
	slices.SortStableFunc(list, func(x, y Pointer) int {
		return cmp.Or(cmp.Compare(x.Order, y.Order), cmp.Compare(x.Preference, y.Preference))
	})
	return list
}

// leadsToSRV reports whether the record names an SRV record of a SIP transport.
func (p Pointer) leadsToSRV() bool {
	sip := strings.HasPrefix(strings.ToUpper(p.Service), "SIP+") || strings.HasPrefix(strings.ToUpper(p.Service), "SIPS+")
	return sip && strings.EqualFold(p.Flags, "s") && p.Replacement != "." && p.Replacement != ""
}

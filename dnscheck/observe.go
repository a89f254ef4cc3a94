package dnscheck

import (
	"fmt"
	"strings"

	"cupclint/resolve"
)

// A Why says why a question was asked.
type Why uint8

// The reasons.
const (
	WhyAddress         Why = iota // the address of the name itself
	WhyReverse                    // which name an address has
	WhySuffix                     // whether a search suffix would have made the name resolve; never part of the verdict
	WhyNode                       // whether the node name resolves on its own, without the domain appended
	WhyWildcard                   // whether every name resolves there
	WhyNAPTR                      // which transports the domain offers (RFC 3263, section 4.1)
	WhySIP                        // where SIP goes (RFC 3263, section 4.2)
	WhyDiscovery                  // where clients of the XMPP generation log in
	WhyTarget                     // the address of the target of an SRV record
	WhyTargetWildcard             // whether every name resolves in the domain of such a target
	WhyServiceWildcard            // whether every service has an SRV record there
)

var whyNames = [...]string{"address", "reverse", "search-suffix", "node-alone", "wildcard", "naptr", "sip", "discovery", "target",
	"target-wildcard", "service-wildcard"}

func (w Why) String() string { return whyNames[w] }

// A Step is one question asked about a subject.
type Step struct {
	Why Why
	*Lookup
}

// An Observation has all questions and answers about one subject. It judges nothing.
type Observation struct {
	*Subject
	// NotSent says why the name cannot be put into a question at all; empty where it was asked.
	NotSent string
	// Hosts is what this machine's hosts file says about the name.
	Hosts []HostsEntry
	// Begun is false for subjects that the run did not reach.
	Begun bool
	// View is the one that the resolvers have, if the user gave it.
	View View

	steps []Step
	kept  string // the reasons and numbers of the questions in the store; then steps is nil
	store *store
}

// Steps lists the questions in the order in which they were asked.
func (o *Observation) Steps() []Step {
	if o.kept == "" {
		return o.steps
	}
	return new(unpacked).open(o).steps
}

// step gives the first question with the reason and type, or nil.
func (o *Observation) step(why Why, t uint16) *Lookup {
	for _, s := range o.Steps() {
		if s.Why == why && s.Type == t {
			return s.Lookup
		}
	}
	return nil
}

// each yields the questions with a reason.
func (o *Observation) each(why Why) func(yield func(*Lookup) bool) {
	return func(yield func(*Lookup) bool) {
		for _, s := range o.Steps() {
			if s.Why == why && !yield(s.Lookup) {
				return
			}
		}
	}
}

// Cancelled reports whether the run ended before all was known about the subject.
func (o *Observation) Cancelled() bool {
	if !o.Begun {
		return true
	}
	for _, s := range o.Steps() {
		if s.cancelled() {
			return true
		}
	}
	return false
}

// Types says which kinds of records are asked for.
type Types uint8

// The kinds of records.
const (
	A Types = 1 << iota
	AAAA
	PTR
	SRV
	NAPTR
	AllTypes = A | AAAA | PTR | SRV | NAPTR
)

var typesByName = [...]struct {
	name string
	bit  Types
}{{"a", A}, {"aaaa", AAAA}, {"ptr", PTR}, {"srv", SRV}, {"naptr", NAPTR}, {"all", AllTypes}}

// ParseTypes reads a list such as "a,aaaa,srv", or "all". Case does not matter.
func ParseTypes(list []string) (Types, error) {
	var t Types
next:
	for _, word := range list {
		for _, known := range typesByName {
			if strings.EqualFold(word, known.name) {
				t |= known.bit
				continue next
			}
		}
		return 0, fmt.Errorf("unknown record type %q: use a, aaaa, ptr, srv, naptr or all", word)
	}
	return t, nil
}

// service is one SRV record to ask for.
type service struct {
	prefix string
	port   uint16 // the service's own
}

// The services of SIP in the order of RFC 3263, section 4.2, TLS first.
var sipServices = [...]service{{"_sips._tcp.", 5061}, {"_sip._tcp.", 5060}, {"_sip._udp.", 5060}}

// The discovery records in the order in which clients of the XMPP generation take them: Cisco Jabber DNS
// Configuration Guide 9.7.
var discoveryServices = [...]service{{udsPrefix, 8443}, {loginPrefix, 8443}, {edgePrefix, 8443}}

const (
	udsPrefix   = "_cisco-uds._tcp."
	loginPrefix = "_cuplogin._tcp."
	edgePrefix  = "_collab-edge._tls."
)

// serviceOf finds the service of an SRV name.
func serviceOf(name string) (service, bool) {
	for _, list := range [][]service{sipServices[:], discoveryServices[:]} {
		for _, s := range list {
			if len(name) > len(s.prefix) && strings.EqualFold(name[:len(s.prefix)], s.prefix) {
				return s, true
			}
		}
	}
	return service{}, false
}

// discovers reports whether clients look for discovery records at the subject.
func (s *Subject) discovers() bool {
	return (s.used(RoleDomain) || s.used(RoleServices)) && s.Generation == resolve.XMPP
}

func uitoa(n uint32) string { return fmt.Sprint(n) }

// addresses gives the addresses of the effective answer.
func addresses(l *Lookup) []string {
	if l == nil || l.outcome() != Found {
		return nil
	}
	return l.Effective().data(l.Type)
}

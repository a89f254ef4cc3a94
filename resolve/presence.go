package resolve

import (
	"slices"
	"strings"
)

// A Step names the one of the three steps that decided.
type Step string

// The steps, in the order of the client. Without a node name, none of them decides.
const (
	NoStep         Step = ""
	DottedDecimal  Step = "dotted-decimal"  // the node name is an IPv4 address: it is the address
	DomainIncluded Step = "domain-included" // the node name ends with the domain: it is the address
	DomainAppended Step = "domain-appended" // anything else: node name, dot, domain
)

// A Verdict says whether a client can use the address.
type Verdict string

// The verdicts. Wrong means that the address is neither an IPv4 address nor a name that DNS can be expected to
// resolve. The proxy may still accept the string, but the client's SIP stack does not.
const (
	Right Verdict = "right"
	Wrong Verdict = "wrong"
)

// An Address is a presence address and how it was found.
type Address struct {
	Node, Domain string // as given
	Value        string // the address; empty when there is no node name
	Step         Step
	Problems     Problems
}

// Presence computes the presence address from the node name (Presence.Primary.Address: System > Server on the presence
// server) and the domain (Presence.Domain: the SIP proxy domain service parameter). The comparison is byte-exact and
// case-sensitive, as the client's is; the steps are followed even if the values make no sense.
//
// Every string ends with the empty domain, so the second step decides. It allocates once when the domain is
// appended, once more for a value with an invisible character, and not at all otherwise.
func Presence(node, domain string) Address {
	a := Address{Node: node, Domain: domain}
	switch {
	case node == "":
	case IsDottedDecimal(node):
		a.Step, a.Value = DottedDecimal, node
	case strings.HasSuffix(node, domain):
		a.Step, a.Value = DomainIncluded, node
	default:
		a.Step, a.Value = DomainAppended, node+"."+domain
	}
	a.Problems = problemsOf(&a)
	return a
}

// Verdict judges the address. An IPv4 address works whatever the domain is, because the first step does not look at it.
// An address of the other steps is wrong if a problem of node name or domain is an error; upper case that
// matches and a node name that equals the domain are not errors.
func (a Address) Verdict() Verdict {
	if a.Step != DottedDecimal && a.Problems&spoiling != 0 {
		return Wrong
	}
	return Right
}

// Rules returns the IDs of the catalogue's rules that apply to the pair on its own, sorted and each once.
func (a Address) Rules() []string {
	ids := make([]string, 0, 2)
	for p := range a.Problems.All() {
		ids = append(ids, p.RuleID())
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

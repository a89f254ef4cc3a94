package resolve

import "strings"

// A Step names the one of the three steps that decided.
type Step string

// The steps, in the order the client takes them. A node name that is missing decides at none of them.
const (
	NoStep         Step = ""
	DottedDecimal  Step = "dotted-decimal"  // the node name is an IPv4 address: it is the address
	DomainIncluded Step = "domain-included" // the node name ends with the domain: it is the address
	DomainAppended Step = "domain-appended" // anything else: node name, dot, domain
)

// A Verdict says whether a client can use the address.
type Verdict string

// The verdicts. Wrong means that the address is neither an IPv4 address nor a name that DNS can be expected to
// resolve; the proxy may still be content with the string, the client's SIP stack is not.
const (
	Right Verdict = "right"
	Wrong Verdict = "wrong"
)

// An Address is a presence address and how it came about.
type Address struct {
	Node, Domain string // as given
	Value        string // the address; empty when there is no node name
	Step         Step
	Problems     Problems
}

// Presence computes the presence address from the node name (Presence.Primary.Address: System > Server on the presence server) and
// the domain (Presence.Domain: the SIP proxy domain service parameter). The comparison is byte-exact and
// case-sensitive, as the client's is. It allocates only when the domain is appended.
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

// Verdict judges the address. An IPv4 address works whatever the domain is; anything else works unless one of the problems
// spoils it.
func (a *Address) Verdict() Verdict {
	switch {
	case a.Step == DottedDecimal:
		return Right
	case a.Problems&spoiling != 0:
		return Wrong
	}
	return Right
}

// Rules returns the IDs of the catalogue's rules that apply to the pair on its own, sorted.
func (a *Address) Rules() []string {
	ids := make([]string, 0, 2)
	for p := range a.Problems.All() {
		ids = append(ids, p.RuleID())
	}
	return compactSorted(ids)
}

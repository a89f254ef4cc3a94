package resolve

import (
	"iter"
	"math/bits"
	"strings"
)

// Problems is a set of what is wrong, or worth knowing, about a node name and a domain. A single problem is a set of one.
type Problems uint32

// The problems. Each belongs to one rule of the catalogue. One cause gives one problem: if two apply, only the
// more exact one is in the set. The order is that of Reason: an earlier one explains more.
const (
	NodeMissing      Problems = 1 << iota // no node name
	NodeWhiteSpace                        // white space at an end of the node name, or an invisible character in it
	DomainWhiteSpace                      // the same in the domain
	NodeStrayDot                          // the node name begins or ends with a dot
	DomainStrayDot                        // the domain does
	MalformedNode                         // the node name looks like an address but is not one
	MalformedDomain                       // the domain looks like an address but is not one
	DomainMissing                         // no domain: every node name counts as complete
	DomainIsAddress                       // the domain is dotted decimal, the node name is not
	CaseMismatch                          // the node name ends with the domain only if case is ignored
	AppendedToFQDN                        // the node name has dots and does not end with the domain
	SuffixNotLabel                        // it ends with the domain, but not at a label
	InvalidHostname                       // the address is not a host name
	UpperCase                             // upper case that does no harm today
	NodeIsDomain                          // node name and domain are the same name
	NodeIsAddress                         // the node name is an IPv4 address
	numProblems      = iota
)

// spoiling are the problems that give an address a client cannot use; they belong to rules that are errors.
const spoiling = NodeMissing | NodeWhiteSpace | DomainWhiteSpace | NodeStrayDot | DomainStrayDot | MalformedNode | MalformedDomain |
	DomainMissing | DomainIsAddress | CaseMismatch | AppendedToFQDN | SuffixNotLabel | InvalidHostname

var ruleIDs = [numProblems]string{
	"PRES005", "PRES010", "PRES010", "PRES011", "PRES011", "PRES008", "PRES008", "PRES006",
	"PRES003", "PRES002", "PRES001", "PRES004", "PRES007", "PRES009", "PRES012", "PRES013",
}

// Has reports whether the set has all of q.
func (p Problems) Has(q Problems) bool { return p&q == q }

// All yields the problems of the set one by one, in the order of the constants.
func (p Problems) All() iter.Seq[Problems] {
	return func(yield func(Problems) bool) {
		for ; p != 0; p &= p - 1 {
			if !yield(p & -p) {
				return
			}
		}
	}
}

// RuleID returns the rule that the problem belongs to. It is empty for a set that is not exactly one problem.
func (p Problems) RuleID() string {
	if p == 0 || p&(p-1) != 0 || p >= 1<<numProblems {
		return ""
	}
	return ruleIDs[bits.TrailingZeros32(uint32(p))]
}

// problemsOf looks at node name and domain without what is wrong at their ends, which is a separate cause: a name with
// a blank at its end is not also in the wrong domain. It does not allocate, unless it must remove invisible characters
// from the middle.
func problemsOf(a *Address) Problems {
	node, spoiltNode := clean(a.Node)
	domain, spoiltDomain := clean(a.Domain)
	p := spoiltNode.as(NodeWhiteSpace, NodeStrayDot) | spoiltDomain.as(DomainWhiteSpace, DomainStrayDot)
	if a.Node == "" {
		p |= NodeMissing
	}
	if a.Domain == "" {
		p |= DomainMissing
	}
	if LooksLikeAddress(domain) || !validLabels(domain) && nearAddress(domain) != notNear {
		p |= MalformedDomain
	}
	switch {
	case a.Step == DottedDecimal:
		p |= NodeIsAddress
	case LooksLikeAddress(node):
		p |= MalformedNode
	case node != "" && !IsDottedDecimal(node):
		pair := Problems(0)
		if domain != "" {
			pair = problemOfPair(node, domain)
		}
		if pair == AppendedToFQDN && !validLabels(node) {
			host := pastedHost(node)
			if p := problemOfPair(host, domain); validLabels(host) && p&(AppendedToFQDN|SuffixNotLabel) == 0 {
				pair = p // what was pasted with the name is a cause of its own
			}
		}
		if (pair == AppendedToFQDN || !validLabels(node)) && nearAddress(node) != notNear {
			pair = MalformedNode
		}
		p |= pair
	}
	// If the two do not match, or one is missing, case is not the problem.
	const unmatched = NodeMissing | DomainMissing | MalformedNode | DomainIsAddress | CaseMismatch | AppendedToFQDN
	if p&unmatched == 0 && (hasUpper(node) || hasUpper(domain)) {
		p |= UpperCase
	}
	if invalidHostname(node, domain, p) {
		p |= InvalidHostname
	}
	return p
}

// problemOfPair compares a node name that is not an address with the domain. At most one thing is wrong with the pair.
func problemOfPair(node, domain string) Problems {
	switch {
	case IsDottedDecimal(domain):
		return DomainIsAddress
	case node == domain:
		return NodeIsDomain
	case strings.HasSuffix(node, domain):
		if node[len(node)-len(domain)-1] != '.' {
			return SuffixNotLabel
		}
		return 0
	case hasSuffixFold(node, domain):
		return CaseMismatch
	case strings.IndexByte(node, '.') >= 0:
		return AppendedToFQDN
	}
	return 0
}

// pastedHost is the name in a text that has more around it, as a URL has: sip:cup1.acme.com, cup1.acme.com:5060, "cup1.acme.com".
func pastedHost(s string) string {
	if inside, ok := wrapped(s); ok {
		s = inside
	}
	if i := strings.IndexByte(s, ':'); i > 0 && isScheme(s[:i]) {
		s = s[i+1:]
	}
	s = strings.TrimLeft(s, `/\ `)
	if i := strings.IndexAny(s, `:/\;?#, `); i >= 0 {
		s = s[:i]
	}
	return s
}

// invalidHostname judges the labels of node name and domain separately, so that the address need not be built, and leaves out
// what another problem already explains.
func invalidHostname(node, domain string, p Problems) bool {
	if node == "" || IsDottedDecimal(node) {
		return false
	}
	length, last := len(node), node
	if domain != "" && !strings.HasSuffix(node, domain) {
		length, last = length+1+len(domain), domain
		if p&(MalformedDomain|DomainIsAddress) == 0 && !validLabels(domain) {
			return true
		}
	}
	if length > MaxHostname || p&MalformedNode == 0 && !validLabels(node) {
		return true
	}
	return p&(MalformedNode|MalformedDomain|DomainIsAddress) == 0 && endsInNumber(last)
}

func hasUpper(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			return true
		}
	}
	return false
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

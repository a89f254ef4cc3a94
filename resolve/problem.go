package resolve

import (
	"fmt"
	"iter"
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problems is a set of what is wrong, or worth knowing, about a node name and a domain.
type Problems uint32

// The problems. Each belongs to one rule of the catalogue; one cause gives one problem, so that of two that apply only the more
// exact one is in the set.
const (
	AppendedToFQDN   Problems = 1 << iota // the node name has dots and does not end with the domain
	CaseMismatch                          // it ends with the domain only if case is ignored
	DomainIsAddress                       // the domain is dotted decimal, the node name is not
	SuffixNotLabel                        // it ends with the domain, but not at a label
	NodeMissing                           // no node name
	DomainMissing                         // no domain: every node name counts as complete
	InvalidHostname                       // the address is no host name
	MalformedNode                         // the node name looks like an address and is none
	MalformedDomain                       // the domain looks like an address and is none
	UpperCase                             // upper case, although node name and domain match
	NodeWhiteSpace                        // white space at an end of the node name, or an invisible character in it
	DomainWhiteSpace                      // the same in the domain
	NodeStrayDot                          // the node name begins or ends with a dot
	DomainStrayDot                        // the domain does
	NodeIsDomain                          // node name and domain are the same name
	NodeIsAddress                         // the node name is an IPv4 address
	numProblems      = iota
)

// spoiling are the problems that leave an address a client cannot use.
const spoiling = AppendedToFQDN | CaseMismatch | DomainIsAddress | SuffixNotLabel | NodeMissing | DomainMissing | InvalidHostname |
	MalformedNode | MalformedDomain | NodeWhiteSpace | DomainWhiteSpace | NodeStrayDot | DomainStrayDot

var ruleIDs = [numProblems]string{
	"PRES001", "PRES002", "PRES003", "PRES004", "PRES005", "PRES006", "PRES007", "PRES008", "PRES008", "PRES009",
	"PRES010", "PRES010", "PRES011", "PRES011", "PRES012", "PRES013",
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

// RuleID returns the rule that the problem belongs to. The set must hold exactly one problem.
func (p Problems) RuleID() string { return ruleIDs[bits.TrailingZeros32(uint32(p))] }

func compactSorted(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

func problemsOf(a *Address) (p Problems) {
	node, nodeSpoilt := clean(a.Node)
	domain, domainSpoilt := clean(a.Domain)
	p |= nodeSpoilt.as(NodeWhiteSpace, NodeStrayDot) | domainSpoilt.as(DomainWhiteSpace, DomainStrayDot)
	if a.Node == "" {
		p |= NodeMissing
	}
	if a.Domain == "" {
		p |= DomainMissing
	} else if LooksLikeAddress(domain) {
		p |= MalformedDomain
	}
	if a.Step == DottedDecimal {
		return p | NodeIsAddress | upperCase("", a.Domain)
	}
	if node == "" || domain == "" {
		return p
	}
	// The pair is compared without what is wrong at the ends, which is a cause of its own.
	switch {
	case LooksLikeAddress(node):
		p |= MalformedNode
	case IsDottedDecimal(domain):
		if !IsDottedDecimal(node) {
			p |= DomainIsAddress
		}
	case strings.HasSuffix(node, domain):
		if cut := len(node) - len(domain); cut == 0 {
			p |= NodeIsDomain
		} else if node[cut-1] != '.' {
			p |= SuffixNotLabel
		}
		p |= upperCase(node, domain)
	case hasSuffixFold(node, domain):
		p |= CaseMismatch
	case strings.Contains(node, ".") && !IsDottedDecimal(node):
		p |= AppendedToFQDN
	default:
		p |= upperCase(node, domain)
	}
	const exacter = MalformedNode | MalformedDomain | NodeWhiteSpace | DomainWhiteSpace | NodeStrayDot | DomainStrayDot
	if p&exacter == 0 && !isHostname(a.Value) {
		p |= InvalidHostname
	}
	return p
}

func upperCase(node, domain string) Problems {
	for _, s := range [...]string{node, domain} {
		for i := 0; i < len(s); i++ {
			if s[i] >= 'A' && s[i] <= 'Z' {
				return UpperCase
			}
		}
	}
	return 0
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}

type spoilt uint8

const (
	byWhiteSpace spoilt = 1 << iota
	byDot
)

func (s spoilt) as(whiteSpace, dot Problems) (p Problems) {
	if s&byWhiteSpace != 0 {
		p |= whiteSpace
	}
	if s&byDot != 0 {
		p |= dot
	}
	return p
}

// clean takes away what cannot be seen or does not belong at the ends, and says what it was. The result serves comparison
// and suggestions only; the address is made of the values as they are.
func clean(s string) (string, spoilt) {
	var found spoilt
	if i := strings.IndexFunc(s, invisible); i >= 0 {
		s = strings.Map(func(r rune) rune {
			if invisible(r) {
				return -1
			}
			return r
		}, s)
		found |= byWhiteSpace
	}
	if t := strings.Trim(s, " "); t != s {
		s, found = t, found|byWhiteSpace
	}
	if t := strings.Trim(s, "."); t != s {
		s, found = t, found|byDot
	}
	return s, found
}

// invisible reports whether a reader of a configuration page cannot see r: control and format characters (zero-width
// space, soft hyphen, byte order mark) and every kind of blank but the ordinary one, which is
// only wrong at an end, or else makes no host name.
func invisible(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7F
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zs, unicode.Zl, unicode.Zp)
}

// A Fix is a value that mends one problem.
type Fix struct {
	Domain bool // the domain is to be changed, not the node name
	Value  string
}

// Fix suggests the value that mends the problem, where there is exactly one sensible way.
func (a *Address) Fix(p Problems) (Fix, bool) {
	node, _ := clean(a.Node)
	domain, _ := clean(a.Domain)
	switch p {
	case CaseMismatch:
		if node != strings.ToLower(node) {
			return Fix{Value: strings.ToLower(node)}, domain == strings.ToLower(domain)
		}
		return Fix{Domain: true, Value: strings.ToLower(domain)}, true
	case NodeWhiteSpace, NodeStrayDot:
		return Fix{Value: node}, node != ""
	case DomainWhiteSpace, DomainStrayDot:
		return Fix{Domain: true, Value: domain}, domain != ""
	}
	return Fix{}, false
}

// text says what is wrong, as the end of a sentence that begins with the address.
func (a *Address) text(p Problems) string {
	switch p {
	case AppendedToFQDN:
		return fmt.Sprintf("the node name %q is a full name in another domain than %q, and the domain is appended to it", a.Node, a.Domain)
	case CaseMismatch:
		return fmt.Sprintf("the node name %q ends with the domain %q only if case is ignored; the client does not ignore it and appends the domain again", a.Node, a.Domain)
	case DomainIsAddress:
		return fmt.Sprintf("the domain %q is an IPv4 address, and a name with an address behind it resolves nowhere", a.Domain)
	case SuffixNotLabel:
		return fmt.Sprintf("the node name %q ends with the string %q but lies in another domain, so the client takes it as complete", a.Node, a.Domain)
	case NodeMissing:
		return "there is no node name"
	case DomainMissing:
		return "there is no domain, so every node name counts as complete"
	case InvalidHostname:
		return fmt.Sprintf("the address is no host name: %s", HostnameProblem(a.Value))
	case MalformedNode:
		return fmt.Sprintf("the node name %q looks like an address and is no dotted decimal IPv4 address", a.Node)
	case MalformedDomain:
		return fmt.Sprintf("the domain %q looks like an address and is none", a.Domain)
	case UpperCase:
		return "node name or domain has upper case; they match today, but the comparison is case-sensitive"
	case NodeWhiteSpace:
		return fmt.Sprintf("the node name %+q has white space at an end or an invisible character", a.Node)
	case DomainWhiteSpace:
		return fmt.Sprintf("the domain %+q has white space at an end or an invisible character", a.Domain)
	case NodeStrayDot:
		return fmt.Sprintf("the node name %q begins or ends with a dot", a.Node)
	case DomainStrayDot:
		return fmt.Sprintf("the domain %q begins or ends with a dot", a.Domain)
	case NodeIsDomain:
		return "the node name is the domain itself"
	case NodeIsAddress:
		return "the node name is an IPv4 address, which needs no DNS"
	}
	return ""
}

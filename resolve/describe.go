package resolve

import (
	"fmt"
	"strings"
)

// A Field is one of the values from which an address is made, or the address itself.
type Field string

// The fields.
const (
	NodeField   Field = "node"
	DomainField Field = "domain"
	ResultField Field = "address" // not one value alone: the address that both give
)

// Fault returns the value that causes a problem of the address.
func (a Address) Fault(p Problems) Field {
	switch p {
	case DomainWhiteSpace, DomainStrayDot, MalformedDomain, DomainMissing, DomainIsAddress:
		return DomainField
	case CaseMismatch, UpperCase:
		if hasUpper(a.Node) {
			return NodeField
		}
		return DomainField
	case InvalidHostname:
		node, _ := clean(a.Node)
		domain, _ := clean(a.Domain)
		switch {
		case !a.Problems.Has(MalformedNode) && !validLabels(node):
			return NodeField
		case domain != "" && (!validLabels(domain) || endsInNumber(domain)):
			return DomainField
		case domain == "" || strings.HasSuffix(node, domain):
			return NodeField
		}
		return ResultField
	}
	return NodeField
}

// A Fix is a value that must be replaced.
type Fix struct {
	Field Field // NodeField or DomainField
	Value string
}

// Fixes returns the replacements that fix the problem, if there is exactly one sensible way: without the stray blanks,
// dots and invisible characters, or in lower case. All of them together fix it; other problems may stay. For a
// name in the wrong domain there is no such way, because only a person knows which of the two is right.
func (a Address) Fixes(p Problems) []Fix {
	node, _ := clean(a.Node)
	domain, _ := clean(a.Domain)
	switch p {
	case NodeWhiteSpace, NodeStrayDot:
		return fixes(Fix{NodeField, node})
	case DomainWhiteSpace, DomainStrayDot:
		return fixes(Fix{DomainField, domain})
	case CaseMismatch, UpperCase:
		var list []Fix
		if hasUpper(node) {
			list = append(list, fixes(Fix{NodeField, strings.ToLower(node)})...)
		}
		if hasUpper(domain) {
			list = append(list, fixes(Fix{DomainField, strings.ToLower(domain)})...)
		}
		return list
	}
	return nil
}

// Advice says how to fix a problem if the value shows which mistake was made; empty if it does not.
func (a Address) Advice(p Problems) string {
	value := a.Node
	switch p {
	case MalformedDomain:
		value = a.Domain
	case MalformedNode:
	default:
		return ""
	}
	value, _ = clean(value)
	return nearFix[nearAddress(value)]
}

// fixes leaves out an empty value: it would only replace one problem by another.
func fixes(f Fix) []Fix {
	if f.Value == "" {
		return nil
	}
	return []Fix{f}
}

// Describe says in one sentence what a problem of the address is and, if it is not obvious, what the client does with it.
func (a Address) Describe(p Problems) string {
	switch p {
	case NodeMissing:
		return "There is no node name."
	case NodeWhiteSpace:
		return fmt.Sprintf("The node name %+q has white space at an end or an invisible character.", a.Node)
	case DomainWhiteSpace:
		return fmt.Sprintf("The domain %+q has white space at an end or an invisible character.", a.Domain)
	case NodeStrayDot:
		return fmt.Sprintf("The node name %q begins or ends with a dot.", a.Node)
	case DomainStrayDot:
		return fmt.Sprintf("The domain %q begins or ends with a dot.", a.Domain)
	case MalformedNode:
		return fmt.Sprintf("The node name %q looks like an IP address but is not dotted decimal: %s.", a.Node, addressProblem(a.Node))
	case MalformedDomain:
		return fmt.Sprintf("The domain %q looks like an IP address but is not dotted decimal: %s.", a.Domain, addressProblem(a.Domain))
	case DomainMissing:
		return "There is no domain, so every node name counts as complete."
	case DomainIsAddress:
		return fmt.Sprintf("The domain %q is an IPv4 address. A name with an address appended resolves nowhere.", a.Domain)
	case CaseMismatch:
		return fmt.Sprintf("The node name %q ends with the domain %q only if upper and lower case are ignored. The client does not ignore them "+
			"and appends the domain again.", a.Node, a.Domain)
	case AppendedToFQDN:
		return fmt.Sprintf("The node name %q is a full name in another domain than %q, so the client appends the domain to it.", a.Node,
			a.Domain)
	case SuffixNotLabel:
		return fmt.Sprintf("The node name %q ends with the string %q but is in another domain. The client treats it as complete.", a.Node,
			a.Domain)
	case InvalidHostname:
		return fmt.Sprintf("The address %q is not a host name: %s.", a.Value, a.hostnameProblem())
	case UpperCase:
		return "Node name or domain has upper case. It does no harm today, but the client's comparison is case-sensitive."
	case NodeIsDomain:
		return "The node name is the domain itself."
	case NodeIsAddress:
		return fmt.Sprintf("The node name %q is an IPv4 address, which needs no DNS.", a.Node)
	}
	return ""
}

// hostnameProblem ignores what other problems explain.
func (a Address) hostnameProblem() string {
	node, _ := clean(a.Node)
	domain, _ := clean(a.Domain)
	if domain != "" && !strings.HasSuffix(node, domain) {
		node += "." + domain
	}
	return HostnameProblem(node)
}

// Reason returns the reason of the verdict in one sentence.
func (a Address) Reason() string {
	if a.Step == DottedDecimal {
		return a.Describe(NodeIsAddress)
	}
	for p := range (a.Problems & spoiling).All() {
		return a.Describe(p)
	}
	switch {
	case a.Problems.Has(NodeIsDomain):
		return a.Describe(NodeIsDomain)
	case a.Step == DomainIncluded:
		return fmt.Sprintf("The node name already ends with the domain %q.", a.Domain)
	}
	return fmt.Sprintf("The domain %q is appended to the bare host name %q.", a.Domain, a.Node)
}

// A Line is one step of an explanation.
type Line struct {
	Step     Step   `json:"step"`     // the step that was looked at
	Question string `json:"question"` // what the client asks
	Answer   string `json:"answer"`   // what it finds
	Decided  bool   `json:"decided"`  // the step gave the address
}

// Explain shows how the address is found, step by step, up to the step that decided. Without a node name it is one line that says so.
func (a Address) Explain() []Line {
	if a.Step == NoStep {
		return []Line{{Question: "Is there a node name?", Answer: "no: there is no address"}}
	}
	first := Line{Step: DottedDecimal, Question: fmt.Sprintf("Is the node name %q dotted decimal (four numbers, 0 to 255)?", a.Node)}
	if a.Step == DottedDecimal {
		first.Answer, first.Decided = "yes: the address is the node name", true
		return []Line{first}
	}
	first.Answer = "no"
	if a.Problems.Has(MalformedNode) {
		first.Answer = "no, although it looks like an IP address: " + addressProblem(a.Node)
	}
	second := Line{Step: DomainIncluded, Question: fmt.Sprintf("Does it end with the domain %q, byte for byte?", a.Domain)}
	if a.Step == DomainIncluded {
		second.Answer, second.Decided = "yes: the address is the node name", true
		if a.Domain == "" {
			second.Answer = "yes, because every string ends with the empty string: the address is the node name"
		}
		return []Line{first, second}
	}
	second.Answer = "no"
	if hasSuffixFold(a.Node, a.Domain) {
		second.Answer = "no, only if upper and lower case were ignored"
	}
	third := Line{Step: DomainAppended, Question: "Neither, so a dot and the domain are appended:",
		Answer: fmt.Sprintf("the address is %q", a.Value), Decided: true}
	return []Line{first, second, third}
}

// For returns what the user registers to, "user@address": the address alone without a user, nothing without an address.
func (a Address) For(user string) string {
	if user == "" || a.Value == "" {
		return a.Value
	}
	return user + "@" + a.Value
}

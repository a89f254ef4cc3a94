package resolve

import (
	"fmt"
	"strings"
)

// Reason gives the verdict's reason in one sentence.
func (a *Address) Reason() string {
	if a.Step == DottedDecimal {
		return sentence(a.text(NodeIsAddress))
	}
	for p := range (a.Problems & spoiling).All() {
		return sentence(a.text(p))
	}
	switch a.Step {
	case DomainIncluded:
		return fmt.Sprintf("The node name already ends with the domain %q.", a.Domain)
	default:
		return fmt.Sprintf("The domain %q is appended to a bare host name.", a.Domain)
	}
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

// A Line is one step of an explanation.
type Line struct {
	Step     Step   // which step was looked at
	Question string // what the client asks
	Answer   string // what it finds
	Decided  bool   // the step gave the address
}

// Explain tells the derivation step by step, up to the one that decided.
func (a *Address) Explain() []Line {
	if a.Step == NoStep {
		return nil
	}
	lines := []Line{{Step: DottedDecimal, Question: fmt.Sprintf("Is the node name %q an IPv4 address (four numbers, 0 to 255)?", a.Node)}}
	if a.Step == DottedDecimal {
		lines[0].Answer, lines[0].Decided = "yes: the address is the node name", true
		return lines
	}
	lines[0].Answer = "no"
	if LooksLikeAddress(a.Node) {
		lines[0].Answer = "no, though it looks like one"
	}
	ends := Line{Step: DomainIncluded, Question: fmt.Sprintf("Does it end with the domain %q, byte for byte?", a.Domain)}
	if a.Step == DomainIncluded {
		ends.Answer, ends.Decided = "yes: the address is the node name", true
		return append(lines, ends)
	}
	ends.Answer = "no"
	if hasSuffixFold(a.Node, a.Domain) {
		ends.Answer = "no, only if case were ignored"
	}
	return append(lines, ends, Line{
		Step: DomainAppended, Question: "Neither: the domain is appended behind a dot.", Answer: fmt.Sprintf("the address is %q", a.Value), Decided: true,
	})
}

package ownrules

import (
	"errors"
	"slices"
)

// The bounds of one evaluation. They are counts, not times, so a rule that costs too much fails on every computer.
const (
	maxExpression = 4096      // bytes of an expression
	maxNodes      = 400       // parts of it: names, values, operators, calls
	maxSteps      = 1_000_000 // parts that are evaluated, those in a loop once for each round; see evaluator.see for long values
	maxMemory     = 100_000   // members of the lists that it makes
	maxJoined     = 64 << 10  // bytes of a text that it puts together
	longValue     = 64        // so many bytes of the longest value count as one step more for every part
)

var (
	errSteps  = errors.New("the expression takes too many steps: more than 1,000,000 for one evaluation")
	errTexts  = errors.New("a list of texts is needed")
	errJoined = errors.New("the expression makes a text of more than 65,536 bytes")
)

// charge counts steps.
func (e *evaluator) charge(steps int) {
	e.steps += steps * e.weight
	if e.steps > maxSteps || e.steps < 0 {
		panic(errSteps)
	}
}

// see notes that the expression works on a text: each part of it may walk over the whole of it.
func (e *evaluator) see(s string) string {
	if w := 1 + len(s)/longValue; w > e.weight {
		e.weight = w
		e.charge(e.nodes)
	}
	return s
}

// texts reads a list of the language: of an input, or written in the expression. A member that is not a text is an error of the rule.
func (e *evaluator) texts(list any) []string {
	switch list := list.(type) {
	case []string:
		return e.seeAll(list)
	case []any:
		texts := make([]string, len(list))
		for i, v := range list {
			s, ok := v.(string)
			if !ok {
				panic(errTexts)
			}
			texts[i] = s
		}
		return e.seeAll(texts)
	}
	panic(errTexts)
}

// contains is the operator in.
func (e *evaluator) contains(v, list any) bool {
	switch list := list.(type) {
	case []string:
		s, ok := v.(string)
		return slices.Contains(e.seeAll(list), s) && ok
	case []any:
		e.charge(len(list))
		return slices.Contains(list, v)
	}
	panic(errTexts)
}

// seeAll is see for a list, which costs a step for each member.
func (e *evaluator) seeAll(list []string) []string {
	e.charge(len(list))
	for _, s := range list {
		e.see(s)
	}
	return list
}

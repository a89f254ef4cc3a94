package lint

//go:generate go run ../scripts/genrules catalogue.tsv cataloguetable.go

import "sync/atomic"

// definitions (cataloguetable.go) are the rows of catalogue.tsv by ID. They are not changed: live rules are what is in the table.

// Define makes a rule of this project's catalogue: catalogue.tsv says what it is called, its area, severity, kind, summary and source, and
// how holds what it does. A Kind in how replaces that of the table: for a live finding of a static rule. Define panics when the table does
// not have the ID; rules of one's own are made as Rule literals.
func Define(id string, how Rule) *Rule {
	r := definitions[place(id)]
	r.Check, r.Value, r.Types, r.Fleet, r.Joined = how.Check, how.Value, how.Types, how.Fleet, how.Joined
	if how.Kind != "" {
		r.Kind = how.Kind
	}
	r.defined = true
	return &r
}

// A Live is the ID of a rule of the catalogue in its live form: findings come from servers, not from exports. It is a constant, so that a
// program makes its live rules when it needs them and not each time it starts. Its methods panic when the catalogue does not have the ID.
type Live string

// Rule returns the rule, always the same one for an ID.
func (l Live) Rule() *Rule {
	at := place(string(l))
	if definitions[at].Kind == LiveKind {
		return &definitions[at]
	}
	made := &liveRules[at] // a static rule that also has live findings
	if made.Load() == nil {
		made.CompareAndSwap(nil, Define(string(l), Rule{Kind: LiveKind}))
	}
	return made.Load()
}

var liveRules [len(definitions)]atomic.Pointer[Rule] // in the order of the definitions

// New is Rule.New.
func (l Live) New(subject, format string, args ...any) Finding {
	return l.Rule().New(subject, format, args...)
}

// LiveRules returns the rules.
func LiveRules(ids ...Live) []*Rule {
	rules := make([]*Rule, len(ids))
	for i, id := range ids {
		rules[i] = id.Rule()
	}
	return rules
}

// AllLive returns the rules of the catalogue that are only live, in alphabetical order of their IDs.
func AllLive() []*Rule {
	rules := make([]*Rule, 0, len(definitions)/2)
	for i := range definitions {
		if definitions[i].Kind == LiveKind {
			rules = append(rules, &definitions[i])
		}
	}
	return rules
}

// Defined lists the IDs of the catalogue in alphabetical order.
func Defined() []string {
	ids := make([]string, len(definitions))
	for i := range definitions {
		ids[i] = definitions[i].ID
	}
	return ids
}

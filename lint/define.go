package lint

//go:generate go run ../scripts/genrules catalogue.tsv cataloguetable.go

import (
	"sort"
	"sync/atomic"
)

// A definition is a row of catalogue.tsv.
type definition struct {
	id, name, area, service string
	severity                Severity
	unless                  string
	kind                    Kind
	printed, fixable        bool
	since, summary, source  string
}

// Define makes a rule of this project's catalogue: catalogue.tsv says what it is called, its area, severity, kind, summary and source, and
// how holds what it does. A Kind in how replaces that of the table: for a live finding of a static rule. Define panics when the table does
// not have the ID; rules of one's own are made as Rule literals.
func Define(id string, how Rule) *Rule {
	d := &definitions[place(id)]
	how.ID, how.Name, how.Area, how.Service, how.Severity, how.Unless = d.id, d.name, d.area, d.service, d.severity, d.unless
	how.Printed, how.Fixable, how.Since, how.Summary, how.Source = d.printed, d.fixable, d.since, d.summary, d.source
	if how.Kind == "" {
		how.Kind = d.kind
	}
	return &how
}

// place finds a definition. It panics when there is none.
func place(id string) int {
	at := sort.Search(len(definitions), func(i int) bool { return definitions[i].id >= id })
	if at == len(definitions) || definitions[at].id != id {
		panic("lint: catalogue.tsv has no rule " + id)
	}
	return at
}

// A Live is the ID of a rule of the catalogue in its live form: findings come from servers, not from exports. It is a constant, so that a
// program makes its live rules when it needs them and not each time it starts. Its methods panic when the catalogue does not have the ID.
type Live string

// Rule returns the rule, always the same one for an ID.
func (l Live) Rule() *Rule {
	made := &liveRules[place(string(l))]
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

// Defined lists the IDs of the catalogue in alphabetical order.
func Defined() []string {
	ids := make([]string, len(definitions))
	for i := range definitions {
		ids[i] = definitions[i].id
	}
	return ids
}

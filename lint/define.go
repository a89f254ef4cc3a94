package lint

//go:generate go run ../scripts/genrules catalogue.tsv cataloguetable.go

import (
	"slices"
	"strings"
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
	at, found := slices.BinarySearchFunc(definitions[:], id, func(d definition, id string) int { return strings.Compare(d.id, id) })
	if !found {
		panic("lint: catalogue.tsv has no rule " + id)
	}
	d := &definitions[at]
	how.ID, how.Name, how.Area, how.Service, how.Severity, how.Unless = d.id, d.name, d.area, d.service, d.severity, d.unless
	how.Printed, how.Fixable, how.Since, how.Summary, how.Source = d.printed, d.fixable, d.since, d.summary, d.source
	if how.Kind == "" {
		how.Kind = d.kind
	}
	return &how
}

// Defined lists the IDs of the catalogue in alphabetical order.
func Defined() []string {
	ids := make([]string, len(definitions))
	for i := range definitions {
		ids[i] = definitions[i].id
	}
	return ids
}

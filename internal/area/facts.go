package area

import (
	_ "embed"
	"strings"
)

// serverFacts are what every server has that is probed: addresses, TLS, certificate, failure.
//
//go:embed facts.tsv
var serverFacts string

// A FactSpec says what of an observation is a fact that two cases are compared by, and what it is called. It is data: a row of a table of
// the area, see Info.Facts.
type FactSpec struct {
	// Path leads to the value in the JSON form of an observation: names of fields with dots between them. A list has brackets after its name:
	// [] for all members, [0] for the first, [name,type] for all, distinguished by these fields. An object may have brackets with fields, too.
	// These fields, and the target of the observation, are what the fact is about. A path that begins with brackets leaves the target out.
	Path string
	// Name says what the value is, as a person reads it.
	Name string
	// Form is how the value is shown: empty for as it is, date for a time.
	Form string
}

// FactSpecs lists the facts of the area, those of all servers first.
func (i *Info) FactSpecs() []FactSpec {
	return append(parseFacts(serverFacts), parseFacts(i.Facts)...)
}

// parseFacts reads a table: path, name and form with tabs between them. A line that begins with # is a comment.
func parseFacts(table string) []FactSpec {
	var out []FactSpec
	for line := range strings.Lines(table) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		path, rest, _ := strings.Cut(line, "\t")
		name, form, _ := strings.Cut(rest, "\t")
		out = append(out, FactSpec{Path: path, Name: name, Form: form})
	}
	return out
}

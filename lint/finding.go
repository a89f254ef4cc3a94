// Package lint is the rule engine. Exports go in, findings come out.
//
// A Rule is a value: what it is called, how much it weighs, what it looks at, and a function that turns properties into findings. Run reads
// inputs in parallel, gives each export to the export rules, and gathers the facts of the fleet rules. For the joined rules it reads the
// exports that are together with exports of servers a second time. Then it applies the Policy (severities, ignored paths, suppressions) and
// yields findings in a fixed order: by file, position, rule. Live probes judge their observations into the same Finding and pass through
// the same Policy.
//
// The package never prints, never opens a socket, and never keeps a secret.
package lint

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Severity says how much a finding weighs. The zero value is Info.
type Severity uint8

// The severities, from lightest to heaviest.
const (
	Info Severity = iota
	Warning
	Error
)

var severityNames = [...]string{"info", "warning", "error"}

func (s Severity) String() string { return severityNames[s] }

// MarshalText gives the name used in every format.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText accepts the names that String gives.
func (s *Severity) UnmarshalText(b []byte) error {
	v, err := ParseSeverity(string(b))
	*s = v
	return err
}

// ParseSeverity accepts "info", "warning" and "error".
func ParseSeverity(s string) (Severity, error) {
	for i, n := range severityNames {
		if n == s {
			return Severity(i), nil
		}
	}
	return Info, fmt.Errorf("unknown severity %q: use error, warning or info", s)
}

// Kind says what a rule looks at.
type Kind string

// The kinds of rules.
const (
	ExportKind Kind = "export" // one export
	FleetKind  Kind = "fleet"  // what the exports of a run share
	LiveKind   Kind = "live"   // an observation made by a probe
	JoinedKind Kind = "joined" // the exports of clients and servers of one deployment
)

// A Finding is the one result type of static, fleet and live rules. Its JSON form is published as
// docs/schema/finding.schema.json. It never carries a secret.
type Finding struct {
	Rule     string   `json:"rule"`
	Name     string   `json:"name"`
	Severity Severity `json:"severity"`
	// Message says in one sentence what is wrong and what the client will do.
	Message string `json:"message"`
	// File is empty for live findings about a target that no file names.
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
	// Key is the property's key in canonical spelling.
	Key string `json:"key,omitempty"`
	// Related are further places that the finding is based on, in other files or in this one.
	Related []Related `json:"related,omitempty"`
	// Address is the presence address, where one was computed.
	Address string `json:"address,omitempty"`
	// Evidence lists what was seen, one fact a line.
	Evidence []string `json:"evidence,omitempty"`
	// Fix says what to do.
	Fix string `json:"fix,omitempty"`
	// Edits fix the file mechanically; all or none are applied.
	Edits []Edit `json:"edits,omitempty"`
	// DaysLeft is the number of whole days until a certificate expires, where the finding is about that.
	DaysLeft    *int   `json:"daysLeft,omitempty"`
	Fingerprint string `json:"fingerprint"`
	Area        string `json:"area"`
	Kind        Kind   `json:"kind"`

	// Source is the text of the wrong line with secrets masked, for the caret; it is not part of the JSON form. A
	// long line is cut to the part around Column.
	Source string `json:"-"`
	// SourceColumn is the column of Source's first character: 1, or more where the beginning of the line was cut.
	SourceColumn int `json:"-"`

	// Anchor is the first file of the deployment for findings about output of servers: they are sorted there, in the order of their
	// causes. It is not part of the JSON form.
	Anchor string `json:"-"`

	// Suppressed is the reason of the suppression that silenced the finding; it is not part of the JSON form.
	Suppressed string `json:"-"`
	// InSource says that the suppression is a comment in the file.
	InSource bool `json:"-"`
}

// Related is a further place that a finding is based on.
type Related struct {
	File      string `json:"file"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
	// Key is the property's key in canonical spelling.
	Key string `json:"key,omitempty"`
	// Message says what is written there.
	Message string `json:"message"`
}

// maxText bounds, in bytes, each text of a finding. A value can have megabytes, and shows in several of them.
const maxText = 4096

// bound cuts what is longer than a reader will want it.
func (f *Finding) bound() {
	f.Message, f.Key, f.Address, f.Fix = bounded(f.Message), bounded(f.Key), bounded(f.Address), bounded(f.Fix)
	for i, e := range f.Evidence {
		f.Evidence[i] = bounded(e)
	}
	for i := range f.Related {
		f.Related[i].Key, f.Related[i].Message = bounded(f.Related[i].Key), bounded(f.Related[i].Message)
	}
}

// bounded cuts a text at a code point and says how much is missing.
func bounded(s string) string {
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for end > maxText-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s... (%d more bytes)", s[:end], len(s)-end)
}

// An Edit replaces the bytes [Start, End) of the original file by Text, which is ASCII and written in the encoding of the file. Rules
// offer only safe edits: the value is certainly wrong, and there is only one way to fix it.
type Edit struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
}

// causeRank is the order in which what servers print is corrected: without time no replication, without replication no services.
func causeRank(area string) int {
	for i, a := range [...]string{"time", "cluster", "replication", "services", "changes", "versions", "licences", "certificates", "system",
		"phones"} {
		if a == area {
			return i
		}
	}
	return lastRank
}

// lastRank is the rank of all findings that are not about output of servers.
const lastRank = 100

// place is where a finding comes in the order: its file, or that of its deployment's first finding about output of servers.
func (f *Finding) place() (file string, rank int) {
	if f.Anchor == "" {
		return f.File, lastRank
	}
	return f.Anchor, causeRank(f.Area)
}

// Compare orders findings by file, position and rule, then by everything else that shows, so that the order is total. Findings about output
// of servers come together for each deployment, at its first file and in the order of their causes.
func Compare(a, b *Finding) int {
	fileA, rankA := a.place()
	fileB, rankB := b.place()
	return cmp.Or(
		cmp.Compare(fileA, fileB),
		cmp.Compare(rankA, rankB),
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Key, b.Key),
		cmp.Compare(a.Message, b.Message),
		cmp.Compare(a.Fingerprint, b.Fingerprint),
	)
}

// Join sorts findings as Compare orders them, in place, and leaves out those that are equal in rule, place and message to another one.
func Join(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int { return Compare(&a, &b) })
	return slices.CompactFunc(findings, func(a, b Finding) bool {
		return a.Rule == b.Rule && a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Key == b.Key && a.Message == b.Message
	})
}

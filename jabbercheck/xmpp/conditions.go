package xmpp

import (
	_ "embed"
	"slices"
	"strings"

	"cupclint/internal/lazy"
	"cupclint/internal/loginbudget"
	"cupclint/lint"
)

//go:embed conditions.tsv
var conditionsTSV string

// A condition is one of the standard's reasons for an error, in plain words.
type condition struct {
	kind, name, flag, text, fix, source string
}

// The kinds of conditions.
const (
	streamKind = "stream"
	saslKind   = "sasl"
)

var conditions = lazy.Value[[]condition]{New: func() []condition {
	var out []condition
	for line := range strings.Lines(conditionsTSV) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if !strings.HasPrefix(line, "#") && len(f) == 6 {
			out = append(out, condition{f[0], f[1], f[2], f[3], f[4], f[5]})
		}
	}
	return out
}}

// explain finds the meaning of a condition; ok is false for one that the standard does not have.
func explain(kind, name string) (c condition, ok bool) {
	i := slices.IndexFunc(conditions.Get(), func(c condition) bool { return c.kind == kind && c.name == name })
	if i < 0 {
		return condition{}, false
	}
	return conditions.Get()[i], true
}

// severity returns the severity of a stream error.
func (c condition) severity() lint.Severity {
	if s, err := lint.ParseSeverity(c.flag); err == nil {
		return s
	}
	return lint.Error
}

// outcome is what the budget remembers about a refused log-in. A reason that the standard does not have counts as a refusal.
func (c condition) outcome() loginbudget.Outcome {
	switch c.flag {
	case "unjudged":
		return loginbudget.Untested
	case "barred":
		return loginbudget.Barred
	}
	return loginbudget.Rejected
}

package lint

import (
	"cmp"
	"fmt"
	"strings"

	"cupclint/export"
)

// A Place is where a finding points to. It holds copies, so a fleet rule can keep it after the export is
// gone, and the rule that asked for it. Making one costs a scan for the line number: ask only when there is something
// to say, or to keep.
type Place struct {
	// Index of the export in the order of the run: the Place with the least Index is the first.
	Index int
	File  string
	// Line and Column count from 1; 0 when the place is an export as a whole. The end is 0 for a secret.
	Line, Column, EndLine, EndColumn int
	// Key in canonical spelling, as written for keys that the key space does not have, or empty.
	Key string
	// Source is the text of the line with secrets masked, or the part of it around Column that begins in SourceColumn.
	Source       string
	SourceColumn int

	rule  *Rule
	value string // what the fingerprint is taken of; empty for secrets
}

// At makes a finding of the running rule at the value of p, or at its key where the value is empty. A nil p stands
// for the export as a whole. The message is formatted as by fmt.Sprintf.
func (in *Input) At(p *export.Property, format string, args ...any) Finding {
	return in.Place(p).Finding(format, args...)
}

// AtName makes a finding of the running rule at the key of p.
func (in *Input) AtName(p *export.Property, format string, args ...any) Finding {
	return in.NamePlace(p).Finding(format, args...)
}

// Missing makes a finding of the running rule about a property that is not there. It points to the
// key of near, the property that makes the missing one needed, or to the export as a whole when near is nil.
func (in *Input) Missing(k export.KeyID, near *export.Property, format string, args ...any) Finding {
	pl := in.NamePlace(near)
	pl.Key, pl.value = k.Name(0), ""
	return pl.Finding(format, args...)
}

// Place returns the place of p's value, or of its key where the value is empty; a nil p stands for the export
// as a whole.
func (in *Input) Place(p *export.Property) Place {
	if p == nil {
		return in.whole()
	}
	pl := in.place(p, in.Range(p))
	if (p.Secret() || p.Covered()) && p.Value != "" {
		pl.EndLine, pl.EndColumn = 0, 0 // they would show how long it is
	}
	return pl
}

// NamePlace returns the place of p's key; a nil p stands for the export as a whole.
func (in *Input) NamePlace(p *export.Property) Place {
	if p == nil {
		return in.whole()
	}
	return in.place(p, in.NameRange(p))
}

// PlaceAt returns a place that is not that of a property.
func (in *Input) PlaceAt(r export.Range) Place {
	pl := in.whole()
	pl.Line, pl.Column, pl.EndLine, pl.EndColumn = r.Line, r.Column, r.EndLine, r.EndColumn
	pl.Source, pl.SourceColumn = in.Source(r, sourceLead, maxSource)
	return pl
}

func (in *Input) whole() Place {
	return Place{Index: in.Index, File: strings.Clone(in.File), rule: in.rule}
}

func (in *Input) place(p *export.Property, r export.Range) Place {
	pl := in.whole()
	pl.Line, pl.Column, pl.EndLine, pl.EndColumn = r.Line, r.Column, r.EndLine, r.EndColumn
	pl.Key = p.CanonicalCopy()
	pl.Source, pl.SourceColumn = in.Source(r, sourceLead, maxSource)
	if !p.Secret() {
		pl.value = strings.Clone(p.Value)
	}
	return pl
}

// A line longer than maxSource code points, as in an export without line breaks, is cut to that many: some before
// the place, for context, and the rest from there on.
const (
	maxSource  = 200
	sourceLead = 60
)

// Related makes a further position of a finding: the value of p, or its key where the value is empty. The message says what
// is written there and is formatted as by fmt.Sprintf.
func (in *Input) Related(p *export.Property, format string, args ...any) Related {
	return in.Place(p).Related(format, args...)
}

// Related makes a further position of a finding; the message says what is written there.
func (f *Fact) Related(format string, args ...any) Related { return f.Place.Related(format, args...) }

// Related makes a further position of a finding; the message says what is written there.
func (pl Place) Related(format string, args ...any) Related {
	return Related{
		File: pl.File, Line: pl.Line, Column: pl.Column, EndLine: pl.EndLine, EndColumn: pl.EndColumn, Key: pl.Key,
		Message: fmt.Sprintf(format, args...),
	}
}

// Finding makes a finding at the place, of the rule that asked for it.
func (pl Place) Finding(format string, args ...any) Finding {
	f := pl.rule.finding(format, args...)
	f.File = pl.File
	f.Line, f.Column, f.EndLine, f.EndColumn = pl.Line, pl.Column, pl.EndLine, pl.EndColumn
	f.Key = pl.Key
	f.Source, f.SourceColumn = pl.Source, pl.SourceColumn
	f.Fingerprint = fingerprint(f.Rule, f.Key, pl.value)
	return f
}

// Before reports whether the place comes before the other in the order of the run. Fleet rules keep the first of
// several places by it, so that the result does not depend on which worker saw which export.
func (pl Place) Before(other Place) bool {
	return cmp.Or(
		cmp.Compare(pl.Index, other.Index),
		cmp.Compare(pl.File, other.File),
		cmp.Compare(pl.Line, other.Line),
		cmp.Compare(pl.Column, other.Column),
	) < 0
}

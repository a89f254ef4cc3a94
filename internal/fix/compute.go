package fix

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"cupclint/export"
	"cupclint/lint"
)

// maxPasses bounds how often a file is mended and linted again. One value can have white space at its ends, dots below it and upper
// case below these, each a finding of its own; more than that is two fixes that undo each other.
const maxPasses = 16

// ErrUnsettled says that fixes undo each other.
var ErrUnsettled = errors.New("the fixes of this file undo each other, so none was applied")

// A Judge lints one export. Findings come in the same order for the same export.
type Judge func(*export.Export) ([]lint.Finding, error)

// A Mend is what became of one file.
type Mend struct {
	Name          string
	Before, After []byte // equal when nothing was to do
	// Applied are the findings whose edits are in After, in the order in which they were applied.
	Applied []lint.Finding
	// Refused are the findings whose edits were left out, with the reason.
	Refused []Refusal

	force export.Format
}

// Changed reports whether there is anything to write.
func (m *Mend) Changed() bool { return !bytes.Equal(m.Before, m.After) }

// A Refusal is a finding that has edits which cannot be applied.
type Refusal struct {
	Finding lint.Finding
	Err     error
}

// Compute mends an export. Errors are those of reading it (*export.Error), of the judge, and ErrUnsettled.
func Compute(name string, data []byte, force export.Format, judge Judge) (*Mend, error) {
	m := &Mend{Name: name, Before: data, After: data, force: force}
	for range maxPasses {
		n, err := m.pass(judge)
		if n == 0 || err != nil {
			return m, err
		}
	}
	return nil, ErrUnsettled
}

// pass applies the edits that fit together and returns how many findings were mended.
func (m *Mend) pass(judge Judge) (int, error) {
	e, err := m.parse(m.After)
	if err != nil {
		return 0, err
	}
	findings, err := judge(e)
	if err != nil {
		return 0, err
	}
	m.Refused = m.Refused[:0] // those that still stand come again
	findings = slices.DeleteFunc(findings, func(f lint.Finding) bool { return len(f.Edits) == 0 })
	chosen := compatible(findings)
	if len(chosen) == 0 {
		return 0, nil
	}
	after, err := m.apply(e, chosen)
	if err != nil { // one of them is at fault: each shows on its own
		if chosen, after, err = m.oneByOne(e, findings); err != nil {
			return 0, err
		}
	}
	m.After = after
	m.Applied = append(m.Applied, chosen...)
	return len(chosen), nil
}

func (m *Mend) parse(data []byte) (*export.Export, error) {
	r := export.Reader{Force: m.force}
	return r.Parse(m.Name, bytes.Clone(data)) // the lexer writes into what it reads
}

// compatible picks findings in their order. One is passed over when an edit of it overlaps one that was taken; the same edit twice is
// no conflict. What is passed over comes again in the next pass, if it still stands.
func compatible(findings []lint.Finding) []lint.Finding {
	var chosen []lint.Finding
	var taken []lint.Edit // by their place
	for _, f := range findings {
		clash := slices.ContainsFunc(f.Edits, func(e lint.Edit) bool {
			i, _ := slices.BinarySearchFunc(taken, e, byPlace)
			return i > 0 && conflict(taken[i-1], e) || i < len(taken) && conflict(taken[i], e)
		})
		if clash {
			continue
		}
		chosen = append(chosen, f)
		for _, e := range f.Edits {
			if i, found := slices.BinarySearchFunc(taken, e, byPlace); !found {
				taken = slices.Insert(taken, i, e)
			}
		}
	}
	return chosen
}

func byPlace(a, b lint.Edit) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

// conflict reports whether two edits that are not the same touch the same bytes. Two insertions at one place do: their order would be
// chance.
func conflict(a, b lint.Edit) bool {
	switch {
	case a == b:
		return false
	case a.Start == a.End, b.Start == b.End:
		return a.Start <= b.End && b.Start <= a.End
	}
	return a.Start < b.End && b.Start < a.End
}

// oneByOne applies the first finding whose edits hold on their own, and notes the reason for those before it.
func (m *Mend) oneByOne(e *export.Export, findings []lint.Finding) ([]lint.Finding, []byte, error) {
	for _, f := range findings {
		after, err := m.apply(e, []lint.Finding{f})
		if err == nil {
			return []lint.Finding{f}, after, nil
		}
		m.Refused = append(m.Refused, Refusal{f, err})
	}
	return nil, m.After, nil
}

// apply returns the bytes with the edits of the findings, or says why the result is not what was meant.
func (m *Mend) apply(e *export.Export, findings []lint.Finding) ([]byte, error) {
	var edits []lint.Edit
	for _, f := range findings {
		edits = append(edits, f.Edits...)
	}
	slices.SortFunc(edits, byPlace)
	edits = slices.Compact(edits)
	data := m.After
	var out []byte
	at := 0
	for _, d := range edits {
		if d.Start < at || d.End < d.Start || d.End > len(data) {
			return nil, fmt.Errorf("the edit at byte %d lies outside of the file or across another one", d.Start)
		}
		text, err := e.Encode(d.Text)
		if err != nil {
			return nil, err
		}
		out = append(append(out, data[at:d.Start]...), text...)
		at = d.End
	}
	out = append(out, data[at:]...)
	if bytes.Equal(out, data) {
		return nil, errors.New("the edit changes nothing")
	}
	return out, m.verify(e, edits, out)
}

// verify reads the mended text back: as many properties, the same keys, and other values only where an edit stands.
func (m *Mend) verify(before *export.Export, edits []lint.Edit, out []byte) error {
	after, err := m.parse(out)
	if err != nil {
		return fmt.Errorf("the file could not be read any more: %w", err)
	}
	if len(after.Properties) != len(before.Properties) || after.Format != before.Format {
		return errors.New("the file would hold other properties")
	}
	meant := make(map[[2]int]string, len(edits))
	for _, d := range edits {
		meant[[2]int{d.Start, d.End}] = d.Text
	}
	for i := range before.Properties {
		was, is := &before.Properties[i], &after.Properties[i]
		want := was.Value
		if was.Value != is.Value { // else there is no need to count lines
			at := before.Range(was)
			text, ok := meant[[2]int{at.Start, at.End}]
			switch {
			case !ok:
				return fmt.Errorf("%s would change as well", was.Canonical())
			case was.Secret():
				return fmt.Errorf("%s holds a secret", was.Canonical())
			case repeated(before, was):
				return fmt.Errorf("%s stands more than once", was.Canonical())
			}
			want = text
		}
		if is.Key != was.Key || is.N != was.N || is.Name != was.Name || is.Value != want {
			return fmt.Errorf("%s would not read as it should", was.Canonical())
		}
	}
	return nil
}

// repeated reports whether the key stands more than once, as in a log: to mend one place would only make the places differ.
func repeated(e *export.Export, p *export.Property) bool {
	n := 0
	for other := range e.All(p.Key) {
		if other.N == p.N {
			n++
		}
	}
	return n > 1
}

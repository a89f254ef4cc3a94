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

// maxPasses bounds how often a file is fixed and linted again. One value can have white space at its ends, then dots, then upper case,
// each a separate finding; more passes mean that two fixes undo each other.
const maxPasses = 16

// ErrUnsettled says that fixes undo each other.
var ErrUnsettled = errors.New("the fixes of this file undo each other, so none was applied")

// A Judge lints one export. Findings come in the same order for the same export.
type Judge func(*export.Export) ([]lint.Finding, error)

// A Result is one file before and after its fixes.
type Result struct {
	Name          string
	Before, After []byte // equal if nothing was fixed
	// Applied are the findings whose edits are in After, in the order in which they were applied.
	Applied []lint.Finding
	// Refused are the findings whose edits were left out, with the reason.
	Refused []Refusal

	force export.Format
}

// Changed reports whether there is anything to write.
func (r *Result) Changed() bool { return !bytes.Equal(r.Before, r.After) }

// A Refusal is a finding that has edits which cannot be applied.
type Refusal struct {
	Finding lint.Finding
	Err     error
}

// Compute fixes an export. Errors are those of reading it (*export.Error), of the judge, and ErrUnsettled.
func Compute(name string, data []byte, force export.Format, judge Judge) (*Result, error) {
	r := &Result{Name: name, Before: data, After: data, force: force}
	for range maxPasses {
		n, err := r.pass(judge)
		if n == 0 || err != nil {
			return r, err
		}
	}
	return nil, ErrUnsettled
}

// pass applies the edits that fit together and returns how many findings were fixed.
func (r *Result) pass(judge Judge) (int, error) {
	e, err := r.parse(r.After)
	if err != nil {
		return 0, err
	}
	findings, err := judge(e)
	if err != nil {
		return 0, err
	}
	r.Refused = r.Refused[:0] // those that remain are found again
	findings = slices.DeleteFunc(findings, func(f lint.Finding) bool { return len(f.Edits) == 0 })
	chosen := compatible(findings)
	if len(chosen) == 0 {
		return 0, nil
	}
	after, err := r.apply(e, chosen)
	if err != nil { // one of them is wrong: try each alone
		if chosen, after, err = r.oneByOne(e, findings); err != nil {
			return 0, err
		}
	}
	r.After = after
	r.Applied = append(r.Applied, chosen...)
	return len(chosen), nil
}

func (r *Result) parse(data []byte) (*export.Export, error) {
	reader := export.Reader{Force: r.force}
	return reader.Parse(r.Name, bytes.Clone(data)) // the lexer writes into what it reads
}

// compatible picks findings in their order. A finding is skipped if one of its edits overlaps an edit that was taken; the same edit twice
// is not a conflict. A skipped finding is found again in the next pass, if it remains.
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
// undefined.
func conflict(a, b lint.Edit) bool {
	switch {
	case a == b:
		return false
	case a.Start == a.End, b.Start == b.End:
		return a.Start <= b.End && b.Start <= a.End
	}
	return a.Start < b.End && b.Start < a.End
}

// oneByOne applies the first finding whose edits alone are valid, and notes the reason for those before it.
func (r *Result) oneByOne(e *export.Export, findings []lint.Finding) ([]lint.Finding, []byte, error) {
	for _, f := range findings {
		after, err := r.apply(e, []lint.Finding{f})
		if err == nil {
			return []lint.Finding{f}, after, nil
		}
		r.Refused = append(r.Refused, Refusal{f, err})
	}
	return nil, r.After, nil
}

// apply returns the bytes with the edits of the findings, or the reason why the result would be wrong.
func (r *Result) apply(e *export.Export, findings []lint.Finding) ([]byte, error) {
	var edits []lint.Edit
	for _, f := range findings {
		edits = append(edits, f.Edits...)
	}
	slices.SortFunc(edits, byPlace)
	edits = slices.Compact(edits)
	data := r.After
	var out []byte
	at := 0
	for _, d := range edits {
		if d.Start < at || d.End < d.Start || d.End > len(data) {
			return nil, fmt.Errorf("the edit at byte %d is outside the file or overlaps another one", d.Start)
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
	return out, r.verify(e, edits, out)
}

// verify reads the fixed text again: it must have as many properties, the same keys, and other values only where there is an edit.
func (r *Result) verify(before *export.Export, edits []lint.Edit, out []byte) error {
	after, err := r.parse(out)
	if err != nil {
		return fmt.Errorf("the file could not be read after the change: %w", err)
	}
	if len(after.Properties) != len(before.Properties) || after.Format != before.Format {
		return errors.New("the file would have other properties")
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
				return fmt.Errorf("%s is set more than once", was.Canonical())
			}
			want = text
		}
		if is.Key != was.Key || is.N != was.N || is.Name != was.Name || is.Value != want {
			return fmt.Errorf("%s would not have the intended value", was.Canonical())
		}
	}
	return nil
}

// repeated reports whether the key is set more than once, as in a log: an edit of one place would only make the places different.
func repeated(e *export.Export, p *export.Property) bool {
	n := 0
	for other := range e.All(p.Key) {
		if other.N == p.N {
			n++
		}
	}
	return n > 1
}

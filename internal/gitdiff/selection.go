package gitdiff

import (
	"fmt"
	"iter"

	"cupclint/export"
	"cupclint/lint"
)

// A Selection says which inputs of a run changed.
type Selection struct {
	sources map[string]bool // by name: whether they changed
}

// Select finds out which of the sources changed. One outside of the work tree has no history to compare with: to pass it over would call it
// right, so it is an error.
func (s *Set) Select(sources []export.Source) (*Selection, error) {
	c := &Selection{sources: make(map[string]bool, len(sources))}
	for _, source := range sources {
		changed := s.Has(source.Name)
		if !changed && !s.Inside(source.Name) {
			return nil, fmt.Errorf("%s is outside of the work tree of the current folder", source.Name)
		}
		c.sources[source.Name] = changed
	}
	return c, nil
}

// Count counts the sources that changed, and all.
func (c *Selection) Count() (changed, all int) {
	for _, has := range c.sources {
		if has {
			changed++
		}
	}
	return changed, len(c.sources)
}

// Has reports whether a finding's file, or the archive that it is in, changed.
func (c *Selection) Has(file string) bool {
	changed, named := c.sources[file]
	if !named { // a member, or no export at all
		for i := range len(file) {
			if file[i] == '!' && c.sources[file[:i]] {
				return true
			}
		}
	}
	return changed
}

// Concerns reports whether a finding belongs into a report on what changed. What rules over several exports find may have its cause in a
// changed file and its place in another, so that all stays.
func (c *Selection) Concerns(f *lint.Finding) bool {
	return f.Kind != lint.ExportKind || f.Rule == lint.UnusedSuppression || c.Has(f.File)
}

// Findings yields those that concern what changed, as often as it is called, and counts them.
func (c *Selection) Findings(all iter.Seq2[*lint.Finding, error]) (iter.Seq2[*lint.Finding, error], lint.Counts, error) {
	some := func(yield func(*lint.Finding, error) bool) {
		for f, err := range all {
			if err == nil && !c.Concerns(f) {
				continue
			}
			if !yield(f, err) {
				return
			}
		}
	}
	var counts lint.Counts
	for f, err := range some {
		if err != nil {
			return nil, counts, err
		}
		counts.Add(f.Severity)
	}
	return some, counts, nil
}

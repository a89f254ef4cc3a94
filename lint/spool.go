package lint

import (
	"fmt"
	"iter"
	"slices"
)

// A record is what a spool keeps.
type record[T any] interface {
	*T
	encode([]byte) []byte
	decode(*decoder)
}

// A spool takes the records of inputs in any order, from many goroutines, and returns them sorted by file name and,
// within one file name, by compare.
type spool[T any, R record[T]] struct {
	pile
	compare func(a, b *T) int
}

func newSpool[T any, R record[T]](compare func(a, b *T) int) *spool[T, R] {
	return &spool[T, R]{compare: compare, pile: pile{limit: spillAt}}
}

// all yields every record in order. It may be called again, and after sort from many goroutines. A yielded record
// is the caller's. The error is one of reading the temporary file; it ends the sequence.
func (s *spool[T, R]) all() iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		var group []T
		first := ""
		for e, err := range s.entries() {
			if len(group) > 0 && (err != nil || e.file != first) {
				if !s.yield(group, yield) {
					return
				}
				group = nil // its records are the caller's
			}
			first = e.file
			d := decoder{file: e.file, text: e.text}
			for err == nil && d.text != "" {
				group = append(group, *new(T))
				R(&group[len(group)-1]).decode(&d)
				err = d.err
			}
			if err != nil {
				yield(nil, fmt.Errorf("read back findings from the temporary file: %w", err))
				return
			}
		}
		s.yield(group, yield)
	}
}

// yield gives the records of one file name. Several inputs may have it: members of an archive, or a fleet rule's finding and the file's
// own.
func (s *spool[T, R]) yield(group []T, yield func(*T, error) bool) bool {
	slices.SortStableFunc(group, func(a, b T) int { return s.compare(&a, &b) })
	for i := range group {
		if !yield(&group[i], nil) {
			return false
		}
	}
	return true
}

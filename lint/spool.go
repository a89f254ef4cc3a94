package lint

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
)

const (
	spillAt   = 512 << 10 // bytes of encoded records that wait in memory before they go to a temporary file
	readAhead = 64 << 10  // bytes read from the temporary file at once
)

// A record is what a spool keeps.
type record[T any] interface {
	*T
	encode([]byte) []byte
	decode(*decoder)
}

// A spool takes the records of inputs in any order, from many goroutines, and returns them sorted by file name and,
// within one file name, by compare. It holds a few words per input in memory and the records themselves only up
// to a limit; beyond it they are in a temporary file that only its owner may read and that has no
// name any more. Where no temporary file can be written they stay in memory.
type spool[T any, R record[T]] struct {
	compare func(a, b *T) int
	limit   int
	dir     string // for the temporary file; "" is the system's

	mu      sync.Mutex
	blocks  []block
	buf     []byte // what is not in the file yet
	flushed int64  // how much is
	file    *os.File
	named   bool // file could not be removed while open
}

// A block is the place of the records of one input.
type block struct {
	file  string
	at    int64 // offset: file first, then buf
	index int32
	size  uint32
}

func newSpool[T any, R record[T]](compare func(a, b *T) int) *spool[T, R] {
	return &spool[T, R]{compare: compare, limit: spillAt}
}

// add takes the encoded records of one input. It copies encoded and keeps file.
func (s *spool[T, R]) add(file string, index int, encoded []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocks = append(s.blocks, block{file, s.flushed + int64(len(s.buf)), int32(index), uint32(len(encoded))})
	s.buf = append(s.buf, encoded...)
	if len(s.buf) >= s.limit {
		s.spill()
	}
}

// spill moves buf to the temporary file.
func (s *spool[T, R]) spill() {
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, "cupclint-*") // mode 0600
		if err != nil {
			s.limit = math.MaxInt
			return
		}
		// Where the system removes no open file (Windows), close does it.
		s.named = os.Remove(f.Name()) != nil
		s.file = f
	}
	if _, err := s.file.WriteAt(s.buf, s.flushed); err != nil {
		s.limit = math.MaxInt // no space left: nothing is lost, flushed is unchanged
		return
	}
	s.flushed += int64(len(s.buf))
	s.buf = s.buf[:0]
}

// sort brings the blocks into the order of output. It is called when nothing is added any more.
func (s *spool[T, R]) sort() {
	slices.SortFunc(s.blocks, func(a, b block) int {
		return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.index, b.index), cmp.Compare(a.at, b.at))
	})
}

// all yields every record in order. It may be called again, and after sort from many goroutines. A yielded record
// is the caller's. The error is one of reading the temporary file; it ends the sequence.
func (s *spool[T, R]) all() iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		w := window[T, R]{spool: s}
		for i := 0; i < len(s.blocks); {
			// Several inputs may have one name: members of an archive, or a fleet rule's finding and the file's own.
			var group []T
			first := s.blocks[i].file
			for ; i < len(s.blocks) && s.blocks[i].file == first; i++ {
				var err error
				if group, err = w.records(group, s.blocks[i]); err != nil {
					yield(nil, err)
					return
				}
			}
			slices.SortStableFunc(group, func(a, b T) int { return s.compare(&a, &b) })
			for i := range group {
				if !yield(&group[i], nil) {
					return
				}
			}
		}
	}
}

// A window is the part of the temporary file that was read last. Inputs are judged in about the order in which
// they are put out, so the next block is mostly in it.
type window[T any, R record[T]] struct {
	spool *spool[T, R]
	at    int64
	buf   []byte
}

// records appends the records of a block to group.
func (w *window[T, R]) records(group []T, b block) ([]T, error) {
	encoded, err := w.bytes(b)
	if err != nil {
		return nil, fmt.Errorf("read back findings from the temporary file: %w", err)
	}
	d := decoder{text: string(encoded)}
	for d.text != "" {
		group = append(group, *new(T))
		R(&group[len(group)-1]).decode(&d)
	}
	if d.err != nil {
		return nil, fmt.Errorf("read back findings from the temporary file: %w", d.err)
	}
	return group, nil
}

func (w *window[T, R]) bytes(b block) ([]byte, error) {
	s := w.spool
	if b.at >= s.flushed {
		return s.buf[b.at-s.flushed:][:b.size], nil
	}
	if b.at < w.at || b.at+int64(b.size) > w.at+int64(len(w.buf)) {
		n := min(int64(max(int(b.size), readAhead)), s.flushed-b.at)
		w.buf = slices.Grow(w.buf[:0], int(n))[:n]
		w.at = b.at
		if _, err := s.file.ReadAt(w.buf, w.at); err != nil {
			w.buf = w.buf[:0]
			return nil, err
		}
	}
	return w.buf[b.at-w.at:][:b.size], nil
}

func (s *spool[T, R]) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.named {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	s.file = nil
	return err
}

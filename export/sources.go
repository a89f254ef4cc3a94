package export

import (
	"cmp"
	"encoding/binary"
	"errors"
	"iter"
	"math"

	"cupclint/internal/spill"
)

// Sources keeps many sources in little memory, in their order: of a name what is new against the one before, and what does not fit in a
// temporary file. The zero value is ready, and keeps all in memory. Close it.
type Sources struct {
	given []Source // what SourcesOf got
	log   spill.Log
	n     int
	last  Source
	kept  []Source // those whose content is in memory
}

// SourcesOf makes a list of sources that are in memory in any case.
func SourcesOf(sources []Source) *Sources { return &Sources{given: sources, n: len(sources)} }

// NewSources makes an empty list. Beyond limit bytes it writes a temporary file into the folder; "" is the system's. With the limit 0 all
// stays in memory.
func NewSources(dir string, limit int) *Sources {
	return &Sources{log: spill.Log{Dir: dir, Limit: limit}}
}

// Len is the number of sources.
func (l *Sources) Len() int {
	if l == nil {
		return 0
	}
	return l.n
}

// What the first byte of a source says, in addition to its naming.
const (
	namings    = 3
	isInMemory = 2 << iota // the source is in Sources.kept
	isInFolder
	isStdin
	hasTarget // another one than the source before
	hasHome   // another one than the source before
)

// Add adds sources. It copies what it needs. Nothing may be added to a list that SourcesOf made.
func (l *Sources) Add(sources []Source) {
	var all []byte
	for i := range sources {
		all = l.encode(all, &sources[i])
	}
	l.n += len(sources)
	l.log.Append(all)
}

func (l *Sources) encode(b []byte, s *Source) []byte {
	if s.memory != nil {
		l.kept = append(l.kept, *s)
		return append(b, isInMemory)
	}
	first := byte(s.naming)
	if s.folder {
		first |= isInFolder
	}
	if s.stdin {
		first |= isStdin
	}
	if s.target != l.last.target {
		first |= hasTarget
	}
	if s.home != l.last.home {
		first |= hasHome
	}
	b = append(b, first)
	if first&hasTarget != 0 {
		b = append(binary.AppendUvarint(b, uint64(len(s.target))), s.target...)
	}
	if first&hasHome != 0 {
		b = append(binary.AppendUvarint(b, uint64(len(s.home))), s.home...)
	}
	same := 0
	for same < min(len(s.Name), len(l.last.Name)) && s.Name[same] == l.last.Name[same] {
		same++
	}
	l.last = *s
	b = binary.AppendUvarint(b, uint64(same))
	return append(binary.AppendUvarint(b, uint64(len(s.Name)-same)), s.Name[same:]...)
}

// Close removes the temporary file. The list cannot be read any more.
func (l *Sources) Close() error {
	if l == nil {
		return nil
	}
	return l.log.Close()
}

// All yields the sources. The error is one of reading the temporary file; it ends the sequence.
func (l *Sources) All() iter.Seq2[Source, error] {
	return func(yield func(Source, error) bool) {
		r := l.Reader()
		for {
			s, ok, err := r.Next()
			if !ok && err == nil || !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// Slice returns all sources.
func (l *Sources) Slice() ([]Source, error) {
	if l == nil {
		return nil, nil
	}
	if l.given != nil {
		return l.given, nil
	}
	all := make([]Source, 0, l.n)
	for s, err := range l.All() {
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// A SourceReader reads a list from the beginning, while sources are added.
type SourceReader struct {
	list   *Sources
	window *spill.Window
	at     int64
	read   int    // sources, those in ready included
	kept   int    // of Sources.kept
	last   Source // its target and home are those of the source that was read last
	name   []byte // of that source

	ready  []Source // in memory
	memory []Source
	names  []byte // of ready
	ends   []int  // in names
	err    error
}

// Reader makes a reader. Neither Add nor another method of the reader may run at the same time as Next.
func (l *Sources) Reader() *SourceReader {
	r := &SourceReader{list: l}
	if l != nil {
		r.window = l.log.Window()
	}
	return r
}

// Next returns the next source. ok is false where there is none yet.
func (r *SourceReader) Next() (s Source, ok bool, err error) {
	if len(r.ready) == 0 {
		r.fill()
	}
	if r.err != nil || len(r.ready) == 0 {
		return s, false, r.err
	}
	s, r.ready = r.ready[0], r.ready[1:]
	return s, true, nil
}

// atOnce is how many sources are read together: their names are one string.
const atOnce = 32

func (r *SourceReader) fill() {
	n := min(r.list.Len()-r.read, atOnce)
	if n <= 0 {
		return
	}
	if given := r.list.given; given != nil {
		r.ready = given[r.read:][:n]
		r.read += n
		return
	}
	if len(r.memory) < n {
		r.memory = make([]Source, n)
	}
	r.ready, r.names, r.ends = r.memory[:n], r.names[:0], r.ends[:0]
	for i := range r.ready {
		r.decode(&r.ready[i])
		r.ends = append(r.ends, len(r.names))
	}
	r.read += n
	names, from := string(r.names), 0
	for i, end := range r.ends {
		if r.ready[i].memory == nil {
			r.ready[i].Name = names[from:end]
		}
		from = end
	}
}

// decode reads a source, and its name into names.
func (r *SourceReader) decode(s *Source) {
	first := r.bytes(1)
	if len(first) == 0 {
		return
	}
	says := first[0]
	if says&isInMemory != 0 {
		*s = r.list.kept[r.kept]
		r.kept++
		return
	}
	if says&hasTarget != 0 {
		r.last.target = string(r.bytes(r.number()))
	}
	if says&hasHome != 0 {
		r.last.home = string(r.bytes(r.number()))
	}
	same := r.number()
	r.name = append(r.name[:min(same, len(r.name))], r.bytes(r.number())...)
	r.names = append(r.names, r.name...)
	*s = r.last
	s.naming, s.folder, s.stdin = naming(says&namings), says&isInFolder != 0, says&isStdin != 0
}

func (r *SourceReader) number() int {
	if r.err != nil {
		return 0
	}
	b, err := r.window.Bytes(r.at, binary.MaxVarintLen64)
	u, n := binary.Uvarint(b)
	if r.err = err; n <= 0 || u > math.MaxInt32 {
		r.err = cmp.Or(err, errList)
		return 0
	}
	r.at += int64(n)
	return int(u)
}

func (r *SourceReader) bytes(n int) []byte {
	if r.err != nil {
		return nil
	}
	b, err := r.window.Bytes(r.at, n)
	if r.err = err; err == nil && len(b) < n {
		r.err = errList
	}
	r.at += int64(n)
	return b
}

var errList = errors.New("the list of inputs in the temporary file is damaged")

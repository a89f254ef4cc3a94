package lint

import (
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"iter"
	"slices"
	"strings"
	"sync"

	"cupclint/internal/spill"
)

const (
	spillAt = 256 << 10 // bytes of encoded records that wait in memory before they go to a temporary file
	chunk   = 32 << 10  // bytes that are allocated, and written there, at once
)

// A pile is encoded records of inputs, which are added in any order and read in the order of names. It holds them in memory only up to a
// limit. Beyond it they are sorted and become a part in a temporary file (see spill.Log). Parts are merged while they are read: memory
// does not grow with the number of inputs. Inputs are judged in about the order of their names, so few parts are read at the same time.
type pile struct {
	limit int
	dir   string // for the temporary file; "" is the system's

	mu     sync.Mutex
	blocks []block
	chunks [][]byte // of blocks; those after the last block are empty
	filled int      // the chunk that is filled
	size   int      // of all blocks
	parts  []part
	log    spill.Log // has the parts
}

// A block is the records of one input: in a chunk, the name of its file and then the records. It has no pointer, so that the collector
// does not look at blocks.
type block struct {
	chunk, at, name, size uint32
	index                 int32
}

// A part is blocks that were sorted and written to the log.
type part struct {
	from, to int64
	first    string // the name of the first file
}

// add takes the encoded records of one input. It copies both.
func (p *pile) add(file string, index int, encoded []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	to := p.room(len(file) + len(encoded))
	p.blocks = append(p.blocks, block{uint32(p.filled), uint32(len(*to)), uint32(len(file)), uint32(len(encoded)), int32(index)})
	*to = append(append(*to, file...), encoded...)
	if p.size += len(file) + len(encoded); p.size >= p.limit {
		p.spill()
	}
}

// room returns the chunk that takes n bytes. Chunks never move: a slice that grows would leave several times its size to the collector.
func (p *pile) room(n int) *[]byte {
	for ; p.filled < len(p.chunks); p.filled++ {
		if c := &p.chunks[p.filled]; cap(*c)-len(*c) >= n {
			return c
		}
	}
	p.chunks = append(p.chunks, make([]byte, 0, max(n, chunk)))
	return &p.chunks[p.filled]
}

func (p *pile) bytes(b block) []byte { return p.chunks[b.chunk][b.at:][:b.name+b.size] }
func (p *pile) name(b block) []byte  { return p.bytes(b)[:b.name] }

// sort brings the blocks that are in memory into the order of output. It is called when nothing is added any more.
func (p *pile) sort() {
	order := func(a, b block) int {
		return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(a.chunk, b.chunk), cmp.Compare(a.at, b.at))
	}
	byName := func(a, b block) int {
		if c := bytes.Compare(p.name(a), p.name(b)); c != 0 {
			return c
		}
		return order(a, b)
	}
	slices.SortFunc(p.blocks, order) // mostly that of the names
	if !slices.IsSortedFunc(p.blocks, byName) {
		slices.SortFunc(p.blocks, byName)
	}
}

// spill makes a part of what is in memory. The name of a file is written as what it has in common with the one before, and the rest.
func (p *pile) spill() {
	p.sort()
	p.log.Limit, p.log.Dir = min(chunk, p.limit), p.dir
	made := part{from: p.log.Size(), first: string(p.name(p.blocks[0]))}
	var before, encoded, whole []byte
	for _, b := range p.blocks {
		name := p.name(b)
		same := 0
		for same < min(len(name), len(before)) && name[same] == before[same] {
			same++
		}
		before = name
		encoded = binary.AppendUvarint(encoded[:0], uint64(same))
		encoded = binary.AppendUvarint(encoded, uint64(len(name)-same))
		encoded = binary.AppendUvarint(encoded, uint64(b.index))
		encoded = append(encoded, p.bytes(b)[same:]...)
		whole = append(binary.AppendUvarint(whole[:0], uint64(len(encoded))), encoded...)
		p.log.Append(whole)
	}
	made.to = p.log.Size()
	p.parts = append(p.parts, made)
	p.blocks, p.filled, p.size = p.blocks[:0], 0, 0
	p.chunks = slices.DeleteFunc(p.chunks, func(c []byte) bool { return cap(c) > chunk }) // one bad file must not hold memory
	for i := range p.chunks {
		p.chunks[i] = p.chunks[i][:0]
	}
}

func (p *pile) close() error { return p.log.Close() }

// An entry is the records of one input.
type entry struct {
	file, text string
	index      int
}

// entries yields what was added, by file name, index of the input, and time of adding. sort must be called before. The error is one of
// reading the temporary file; it ends the sequence.
func (p *pile) entries() iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		waiting := make([]*reader, 0, len(p.parts)+1)
		for i, part := range p.parts {
			waiting = append(waiting, &reader{order: i, at: part.from, to: part.to, entry: entry{file: part.first}})
		}
		slices.SortStableFunc(waiting, func(a, b *reader) int { return strings.Compare(a.file, b.file) })
		if len(p.blocks) > 0 {
			last := &reader{order: len(p.parts), pile: p, blocks: p.blocks}
			waiting = append([]*reader{last}, waiting...) // it needs no memory of its own
		}
		var open readers
		var free []*spill.Window // of readers that are at their end
		for len(open)+len(waiting) > 0 {
			for len(waiting) > 0 && (len(open) == 0 || waiting[0].file <= open[0].file) {
				if len(free) == 0 {
					free = append(free, p.log.Window())
				}
				waiting[0].window, free = free[len(free)-1], free[:len(free)-1]
				if more, err := waiting[0].next(); err != nil {
					yield(entry{}, err)
					return
				} else if more {
					heap.Push(&open, waiting[0])
				}
				waiting = waiting[1:]
			}
			if !yield(open[0].entry, nil) {
				return
			}
			switch more, err := open[0].next(); {
			case err != nil:
				yield(entry{}, err)
				return
			case more:
				heap.Fix(&open, 0)
			default:
				free = append(free, open[0].window)
				heap.Pop(&open)
			}
		}
	}
}

// A reader reads the blocks of one part, or those that are in memory.
type reader struct {
	entry
	order  int // of the part: an earlier one was added earlier
	pile   *pile
	blocks []block // of the pile

	at, to int64
	window *spill.Window
	whole  []byte
}

// next reads the next block, if there is one.
func (r *reader) next() (more bool, err error) {
	if len(r.blocks) > 0 {
		b := r.blocks[0]
		r.blocks = r.blocks[1:]
		text := string(r.pile.bytes(b))
		r.entry = entry{text[:b.name], text[b.name:], int(b.index)}
		return true, nil
	}
	if r.at == r.to {
		return false, nil
	}
	head, err := r.window.Bytes(r.at, binary.MaxVarintLen64)
	if err != nil {
		return false, err
	}
	size, n := binary.Uvarint(head)
	if n <= 0 || size > uint64(r.to-r.at) {
		return false, errCodec
	}
	encoded, err := r.window.Bytes(r.at+int64(n), int(size))
	if err != nil {
		return false, err
	}
	r.at += int64(n) + int64(size)
	var numbers [3]uint64 // bytes in common with the name before, further bytes of the name, index
	for i := range numbers {
		numbers[i], n = binary.Uvarint(encoded)
		encoded = encoded[max(n, 0):]
	}
	same, rest := numbers[0], numbers[1]
	if same > uint64(len(r.file)) || rest > uint64(len(encoded)) {
		return false, errCodec
	}
	r.whole = append(append(r.whole[:0], r.file[:same]...), encoded...)
	text := string(r.whole) // one string for both
	r.entry = entry{text[:same+rest], text[same+rest:], int(numbers[2])}
	return true, nil
}

// readers are a heap: the one with the first entry is at the top.
type readers []*reader

func (r readers) Len() int { return len(r) }

func (r readers) Less(i, j int) bool {
	a, b := r[i], r[j]
	return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.index, b.index), cmp.Compare(a.order, b.order)) < 0
}

func (r readers) Swap(i, j int) { r[i], r[j] = r[j], r[i] }
func (r *readers) Push(x any)   { *r = append(*r, x.(*reader)) }

func (r *readers) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}

package appliance

import (
	"strconv"
	"strings"

	"cupclint/internal/chars"
)

// A Property is one value of a record.
type Property struct {
	Field Field
	// N is the number of the record in the text, from 1.
	N int
	// Node that the output speaks of, and Of, what the record is about where the name of the property has it: a service, a server.
	Node, Of string
	// Value without blanks around it.
	Value string
	// Start and End are the place of the value in the original text.
	Start, End int
}

// Name is the name of the property in the key space.
func (p *Property) Name() string {
	return "Appliance." + p.Node + "." + strings.Replace(p.Field.String(), "{name}", p.Of, 1)
}

// An Out takes the records that a reader finds.
type Out struct {
	yield func(*Property) error
	text  *Text
	block *Block
	n     int
	of    string
	err   error

	command *Property // of the block; it goes before its first record
}

// Record begins a record. of names what it is about, where its fields want that.
func (o *Out) Record(of string) {
	o.n++
	o.of = of
}

// Put adds the value between two offsets of the text to the record. An empty value is left out.
func (o *Out) Put(f Field, from, to int) {
	from, to = o.trim(from, to)
	if from < to {
		o.PutAs(f, o.text.S[from:to], from, to)
	}
}

// PutAs adds a value that is not spelled in the text as it is meant, or a number that was computed.
func (o *Out) PutAs(f Field, value string, from, to int) {
	if o.err != nil || value == "" {
		return
	}
	if !o.block.Read {
		o.block.Read = true
		o.err = o.yield(o.command)
	}
	if o.err != nil {
		return
	}
	from, to = o.trim(from, to)
	start, end := o.text.original(from), o.text.original(from)
	if to > from {
		end = o.text.original(to-1) + 1
	}
	o.err = o.yield(&Property{Field: f, N: o.n, Node: o.block.Node, Of: o.of, Value: value, Start: start, End: end})
}

// PutInt is PutAs for a number.
func (o *Out) PutInt(f Field, value, from, to int) { o.PutAs(f, strconv.Itoa(value), from, to) }

// Word adds a word.
func (o *Out) Word(f Field, w Word) { o.Put(f, w.At, w.At+len(w.S)) }

func (o *Out) trim(from, to int) (int, int) {
	for from < to && chars.Blank(o.text.S[from]) {
		from++
	}
	for to > from && chars.Blank(o.text.S[to-1]) {
		to--
	}
	return from, to
}

// maxBlock bounds the part of one output that is read.
const maxBlock = 4 << 20

// Read yields the properties of the blocks that count, and returns the first error of yield.
func (s *Session) Read(yield func(*Property) error) error {
	o := Out{yield: yield}
	for _, i := range s.current() {
		b := &s.Blocks[i]
		o.block = b
		o.n++
		o.command = &Property{Field: Command, N: o.n, Node: b.Node, Value: b.label(), Start: b.At, End: b.At + lineLen(s.text[b.At:])}
		o.text = clean(s.text, b.Start, min(b.End, b.Start+maxBlock))
		if b.cmd.read != nil {
			b.cmd.read(o.text, &o)
		}
		if o.err != nil {
			return o.err
		}
	}
	return nil
}

// label is the value of a Command property: the command, marked where the node is a guess.
func (b *Block) label() string {
	if b.Guessed {
		return b.Command + " " + Guessed
	}
	return b.Command
}

// Guessed ends the value of a Command property whose node was guessed from the name of the file.
const Guessed = "(node guessed)"

func lineLen(s string) int {
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return i
	}
	return len(s)
}

// current lists the blocks that are read: of each command and node the last two.
func (s *Session) current() []int {
	type key struct{ node, command string }
	seen := make(map[key]int)
	keep := make([]bool, len(s.Blocks))
	n := 0
	for i := len(s.Blocks) - 1; i >= 0; i-- {
		b := &s.Blocks[i]
		if b.cmd == nil {
			continue
		}
		k := key{strings.ToLower(host(b.Node)), b.Command}
		if b.Older = !b.cmd.all && seen[k] >= 2; !b.Older {
			seen[k]++
			keep[i] = true
			n++
		}
	}
	out := make([]int, 0, n)
	for i, k := range keep {
		if k {
			out = append(out, i)
		}
	}
	return out
}

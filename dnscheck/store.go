package dnscheck

import (
	"encoding/binary"
	"hash/maphash"
	"strings"
	"sync"

	"cupclint/dnscheck/wire"
)

// A store keeps lookups as text: a fleet has a hundred thousand of them. As structs they take four times the memory, and the collector
// visits each of their strings again and again. Its methods may be called from many goroutines at once.
type store struct {
	resolvers []string // those of the client

	mu     sync.Mutex
	seed   maphash.Seed
	slots  []uint32 // numbers of lookups, each after the hash of its name and type; 0 is free
	places []textPlace
	chunks []string // the last one is what was written to it so far
	last   strings.Builder
	odds   []*wire.Odd // what few attempts have
}

// A textPlace is where the text of a lookup begins.
type textPlace struct{ chunk, at uint32 }

// chunkSize is large against the text of a lookup, so that little of a chunk stays empty.
const chunkSize = 64 << 10

func newStore(resolvers []string) *store {
	return &store{resolvers: resolvers, seed: maphash.MakeSeed(), slots: make([]uint32, 16)}
}

// expect reserves memory for so many lookups.
func (s *store) expect(lookups int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.places) == 0 {
		for 3*len(s.slots) < 4*lookups {
			s.slots = make([]uint32, 2*len(s.slots))
		}
		s.places = make([]textPlace, 0, lookups)
	}
}

// put keeps a lookup and gives it its number. Folded is its name in lower case.
func (s *store) put(l *Lookup, folded string) {
	var space [512]byte
	text := s.pack(space[:0], l)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.places = append(s.places, s.write(text))
	l.number = uint32(len(s.places))
	if 4*len(s.places) > 3*len(s.slots) {
		s.slots = make([]uint32, 2*len(s.slots))
		for i, p := range s.places[:l.number-1] {
			name, t := s.key(p)
			s.slots[s.slot(wire.Fold(name), t)] = uint32(i + 1)
		}
	}
	s.slots[s.slot(folded, l.Type)] = l.number
}

// write appends to the last chunk. What it returns stays valid, since a chunk never moves.
func (s *store) write(text []byte) textPlace {
	if s.last.Cap()-s.last.Len() < len(text) {
		s.last.Reset()
		s.last.Grow(max(chunkSize, len(text)))
		s.chunks = append(s.chunks, "")
	}
	p := textPlace{uint32(len(s.chunks) - 1), uint32(s.last.Len())}
	s.last.Write(text)
	s.chunks[p.chunk] = s.last.String()
	return p
}

func (s *store) text(p textPlace) reader { return reader{s.chunks[p.chunk][p.at:]} }

func (s *store) key(p textPlace) (name string, t uint16) {
	r := s.text(p)
	r.byte()
	return r.string(), uint16(r.number())
}

// slot is where the number of a lookup is, or would be.
func (s *store) slot(folded string, t uint16) int {
	mask := len(s.slots) - 1
	for i := int(maphash.String(s.seed, folded)+uint64(t)) & mask; ; i = (i + 1) & mask {
		n := s.slots[i]
		if n == 0 {
			return i
		}
		if name, its := s.key(s.places[n-1]); its == t && wire.Fold(name) == folded {
			return i
		}
	}
}

// get finds a lookup, or returns nil. Each call makes another one, with the same number.
func (s *store) get(folded string, t uint16) *Lookup {
	s.mu.Lock()
	n := s.slots[s.slot(folded, t)]
	s.mu.Unlock()
	if n == 0 {
		return nil
	}
	return new(unpacked).lookup(s, n)
}

// at returns the text of a lookup, and whether every answer in it says something about the name.
func (s *store) at(number uint32) (r reader, says bool) {
	s.mu.Lock()
	r = s.text(s.places[number-1])
	s.mu.Unlock()
	return r, r.byte() == 1
}

// keep replaces the questions of an observation by their numbers. One that has a question without a number stays as it is.
func (s *store) keep(o *Observation) {
	var space [64]byte
	b := space[:0]
	for _, step := range o.steps {
		if step.number == 0 {
			return
		}
		b = binary.AppendUvarint(append(b, byte(step.Why)), uint64(step.number))
	}
	if len(b) == 0 {
		return
	}
	s.mu.Lock()
	p := s.write(b)
	o.kept = s.chunks[p.chunk][p.at:]
	s.mu.Unlock()
	o.steps, o.store = nil, s
}

// numbers yields the questions of an observation that was kept.
func (o *Observation) numbers() func(yield func(Why, uint32) bool) {
	return func(yield func(Why, uint32) bool) {
		for r := (reader{o.kept}); r.text != ""; {
			if why := Why(r.byte()); !yield(why, uint32(r.number())) {
				return
			}
		}
	}
}

// Bits of an answer's text.
const (
	bitAA = 1 << iota
	bitRA
	bitMore  // more records than those kept
	bitZone  // the zone is a part of the name
	bitOther // the zone is another one
	bitOnce  // one attempt, with nothing unusual
)

func (s *store) pack(b []byte, l *Lookup) []byte {
	says := byte(1)
	for i := range l.Answers {
		if !l.Answers[i].Outcome.Says() {
			says = 0
		}
	}
	b = appendString(append(b, says), l.Name)
	b = binary.AppendUvarint(b, uint64(l.Type))
	for i := range l.Answers {
		b = s.packAnswer(b, l.Name, &l.Answers[i])
	}
	return b
}

func (s *store) packAnswer(b []byte, name string, a *Answer) []byte {
	var bits byte
	set := func(bit byte, is bool) {
		if is {
			bits |= bit
		}
	}
	once := len(a.Attempts) == 1 && a.Attempts[0].Odd == nil
	inside := a.Zone != "" && strings.HasSuffix(name, a.Zone)
	set(bitAA, a.AA)
	set(bitRA, a.RA)
	set(bitMore, a.More != 0)
	set(bitZone, inside)
	set(bitOther, a.Zone != "" && !inside)
	set(bitOnce, once)
	b = append(b, byte(a.Outcome), bits)
	b = binary.AppendUvarint(b, uint64(a.Rcode+1))
	if a.More != 0 {
		b = binary.AppendUvarint(b, uint64(a.More))
	}
	switch {
	case inside:
		b = binary.AppendUvarint(b, uint64(len(a.Zone)))
	case a.Zone != "":
		b = appendString(b, a.Zone)
	}
	b = binary.AppendUvarint(b, uint64(len(a.Records)))
	for i := range a.Records {
		r := &a.Records[i]
		if r.Name == name {
			b = append(b, 0) // no record has an empty name
		} else {
			b = appendString(b, r.Name)
		}
		b = binary.AppendUvarint(b, uint64(r.TTL))
		b = binary.AppendUvarint(b, uint64(r.Type))
		b = appendString(b, r.Data)
	}
	if !once {
		b = binary.AppendUvarint(b, uint64(len(a.Attempts)))
	}
	for _, t := range a.Attempts {
		b = append(b, byte(t.Transport), byte(t.End))
		b = binary.AppendUvarint(b, uint64(t.Microseconds))
		if !once {
			b = binary.AppendUvarint(b, s.odd(t.Odd))
		}
	}
	return b
}

// odd returns the number of the unusual facts about an attempt, 0 if there are none.
func (s *store) odd(o *wire.Odd) uint64 {
	if o == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.odds = append(s.odds, o)
	return uint64(len(s.odds))
}

func (s *store) oddAt(number uint64) *wire.Odd {
	if number == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.odds[number-1]
}

func appendString(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// A reader takes values from the front of a text that this file has written.
type reader struct{ text string }

func (r *reader) byte() byte {
	c := r.text[0]
	r.text = r.text[1:]
	return c
}

func (r *reader) number() (n uint64) {
	for shift := 0; ; shift += 7 {
		c := r.byte()
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
}

func (r *reader) string() string {
	n := r.number()
	text := r.text[:n]
	r.text = r.text[n:]
	return text
}

// unpacked is the memory of lookups that were read from a store.
type unpacked struct {
	view     Observation
	steps    []Step
	lookups  []Lookup
	answers  []Answer
	records  []Record
	attempts []wire.Attempt
}

// open gives an observation with its questions, which is valid until the next call.
func (u *unpacked) open(o *Observation) *Observation {
	if o.kept == "" {
		return o
	}
	u.steps, u.lookups, u.answers, u.records, u.attempts = u.steps[:0], u.lookups[:0], u.answers[:0], u.records[:0], u.attempts[:0]
	for why, number := range o.numbers() {
		u.steps = append(u.steps, Step{why, u.lookup(o.store, number)})
	}
	u.view = *o
	u.view.steps, u.view.kept = u.steps, ""
	return &u.view
}

func (u *unpacked) lookup(s *store, number uint32) *Lookup {
	r, _ := s.at(number)
	u.lookups = append(u.lookups, Lookup{Name: r.string(), Type: uint16(r.number()), number: number})
	l := &u.lookups[len(u.lookups)-1]
	first := len(u.answers)
	for _, resolver := range s.resolvers {
		a := Answer{Resolver: resolver}
		u.answer(s, &r, l.Name, &a)
		u.answers = append(u.answers, a)
	}
	l.Answers = u.answers[first:len(u.answers):len(u.answers)]
	return l
}

func (u *unpacked) answer(s *store, r *reader, name string, a *Answer) {
	a.Outcome = Outcome(r.byte())
	bits := r.byte()
	a.AA, a.RA = bits&bitAA != 0, bits&bitRA != 0
	a.Rcode = int16(r.number()) - 1
	if bits&bitMore != 0 {
		a.More = int32(r.number())
	}
	switch {
	case bits&bitZone != 0:
		a.Zone = name[len(name)-int(r.number()):]
	case bits&bitOther != 0:
		a.Zone = r.string()
	}
	first := len(u.records)
	for range r.number() {
		owner := r.string()
		if owner == "" {
			owner = name
		}
		u.records = append(u.records, Record{owner, uint32(r.number()), uint16(r.number()), r.string()})
	}
	if len(u.records) > first {
		a.Records = u.records[first:len(u.records):len(u.records)]
	}
	first = len(u.attempts)
	count := uint64(1)
	if bits&bitOnce == 0 {
		count = r.number()
	}
	for range count {
		t := wire.Attempt{Transport: wire.Transport(r.byte()), End: wire.End(r.byte()), Microseconds: uint32(r.number())}
		if bits&bitOnce == 0 {
			t.Odd = s.oddAt(r.number())
		}
		u.attempts = append(u.attempts, t)
	}
	a.Attempts = u.attempts[first:len(u.attempts):len(u.attempts)]
}

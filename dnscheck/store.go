package dnscheck

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"cupclint/dnscheck/wire"
)

// A store keeps lookups as text: a fleet has a hundred thousand of them. As structs they take four times the memory, and the collector
// visits each of their strings again and again. Its methods may be called from many goroutines at once.
type store struct {
	resolvers []string // those of the client
	seed      maphash.Seed
	failed    atomic.Bool // a lookup that is kept has an answer that says nothing about the name
	shards    [shards]shard
}

// shards is how many parts a store has, so that its users seldom wait for one another.
const shards = 8

// A shard has the lookups with some of the hashes of name and type.
type shard struct {
	mu       sync.Mutex
	slots    []slot // a hash table
	places   []textPlace
	chunks   []string // the last one is what was written to it so far
	last     strings.Builder
	odds     []*wire.Odd // what few attempts have
	underway []*flight   // few: at most one for each worker
}

// A slot has a part of a lookup's hash, and its place in places, counted from 1. 0 is free.
type slot struct{ hash, place uint32 }

// A textPlace is where the text of a lookup begins.
type textPlace struct{ chunk, at uint32 }

// chunkSize is large against the text of a lookup, so that little of a chunk stays empty.
const chunkSize = 32 << 10

// A flight is a lookup that does not have its answers yet.
type flight struct {
	*Lookup
	question wire.Question // with the name in lower case
	hash     uint64        // of the question
	done     chan struct{} // closed when the answers are there; nil while its asker is the only one that waits
	dropped  bool          // its asker was called off; set before done is closed
}

// lookupSpace is the memory of a lookup with the answer of one resolver.
type lookupSpace struct {
	lookup Lookup
	answer [1]Answer
}

func newLookup(q wire.Question, answers int) *Lookup {
	space := &lookupSpace{lookup: Lookup{Name: q.Name, Type: q.Type}}
	if answers == 1 {
		space.lookup.Answers = space.answer[:]
	} else {
		space.lookup.Answers = make([]Answer, answers)
	}
	return &space.lookup
}

func newStore(resolvers []string) *store {
	s := &store{resolvers: resolvers, seed: maphash.MakeSeed()}
	for i := range s.shards {
		s.shards[i].slots = make([]slot, 8)
	}
	return s
}

// expect reserves memory for so many lookups.
func (s *store) expect(lookups int) {
	lookups /= shards
	for i := range s.shards {
		h := &s.shards[i]
		h.mu.Lock()
		if len(h.places) == 0 {
			for 3*len(h.slots) < 4*lookups {
				h.slots = make([]slot, 2*len(h.slots))
			}
			h.places = make([]textPlace, 0, lookups)
		}
		h.mu.Unlock()
	}
}

// hash chooses the shard of a question by its lowest bits.
func (s *store) hash(q wire.Question) uint64 {
	return maphash.String(s.seed, q.Name) + uint64(q.Type)*0x9e3779b97f4a7c15
}

// begin gives the number of a lookup that is kept, or the flight of one under way. The caller has to answer and finish a flight that is its
// own. The name is in lower case.
func (s *store) begin(q wire.Question) (number uint32, f *flight, own bool) {
	hash := s.hash(q)
	h := &s.shards[hash%shards]
	h.mu.Lock()
	defer h.mu.Unlock()
	if place := h.slots[h.slot(hash, q)].place; place != 0 {
		return place*shards + uint32(hash%shards), nil, false
	}
	for _, f := range h.underway {
		if f.hash == hash && f.question == q {
			if f.done == nil {
				f.done = make(chan struct{})
			}
			return 0, f, false
		}
	}
	f = &flight{question: q, hash: hash}
	h.underway = append(h.underway, f)
	return 0, f, true
}

// finish ends a flight. Its lookup is kept unless the flight was dropped.
func (s *store) finish(f *flight) {
	var space [512]byte
	text := space[:0]
	h := &s.shards[f.hash%shards]
	if !f.dropped {
		text = pack(text, f.Lookup, h)
		if text[0] == 0 {
			s.failed.Store(true)
		}
	}
	h.mu.Lock()
	i, last := slices.Index(h.underway, f), len(h.underway)-1
	h.underway[i], h.underway[last] = h.underway[last], nil
	h.underway = h.underway[:last]
	if !f.dropped {
		f.number = h.keep(f, text)
	}
	h.mu.Unlock()
	if f.done != nil {
		close(f.done)
	}
}

// keep gives the text of a lookup a number.
func (h *shard) keep(f *flight, text []byte) (number uint32) {
	h.places = append(h.places, h.write(text))
	place := uint32(len(h.places))
	if 4*len(h.places) > 3*len(h.slots) {
		h.grow()
	}
	h.slots[h.slot(f.hash, f.question)] = slot{uint32(f.hash >> 32), place}
	return place*shards + uint32(f.hash%shards)
}

// find gives the number of a lookup that is kept, or 0.
func (s *store) find(q wire.Question) uint32 {
	hash := s.hash(q)
	h := &s.shards[hash%shards]
	h.mu.Lock()
	defer h.mu.Unlock()
	if place := h.slots[h.slot(hash, q)].place; place != 0 {
		return place*shards + uint32(hash%shards)
	}
	return 0
}

// slot is where a lookup is, or would be.
func (h *shard) slot(hash uint64, q wire.Question) int {
	mask := len(h.slots) - 1
	for i := int(hash>>32) & mask; ; i = (i + 1) & mask {
		s := h.slots[i]
		if s.place == 0 || s.hash == uint32(hash>>32) && h.is(s.place, q) {
			return i
		}
	}
}

// is reports whether a lookup is the one of the question.
func (h *shard) is(place uint32, q wire.Question) bool {
	r := h.text(h.places[place-1])
	r.byte()
	name := r.string()
	return uint16(r.number()) == q.Type && wire.Fold(name) == q.Name
}

func (h *shard) grow() {
	old := h.slots
	h.slots = make([]slot, 2*len(old))
	mask := len(h.slots) - 1
	for _, s := range old {
		if s.place != 0 {
			i := int(s.hash) & mask
			for h.slots[i].place != 0 {
				i = (i + 1) & mask
			}
			h.slots[i] = s
		}
	}
}

// write appends to the last chunk. What it returns stays valid, since a chunk never moves.
func (h *shard) write(text []byte) textPlace {
	if h.last.Cap()-h.last.Len() < len(text) {
		h.last.Reset()
		h.last.Grow(max(chunkSize, len(text)))
		h.chunks = append(h.chunks, "")
	}
	p := textPlace{uint32(len(h.chunks) - 1), uint32(h.last.Len())}
	h.last.Write(text)
	h.chunks[p.chunk] = h.last.String()
	return p
}

func (h *shard) text(p textPlace) reader { return reader{h.chunks[p.chunk][p.at:]} }

// at returns the text of a lookup, and whether every answer in it says something about the name.
func (s *store) at(number uint32) (r reader, says bool) {
	h := &s.shards[number%shards]
	h.mu.Lock()
	r = h.text(h.places[number/shards-1])
	h.mu.Unlock()
	return r, r.byte() == 1
}

// get makes a lookup of its text. Each call makes another one, with the same number.
func (s *store) get(number uint32) *Lookup { return new(unpacked).lookup(s, number) }

// forget frees the memory that only finding lookups needs.
func (s *store) forget() {
	for i := range s.shards {
		h := &s.shards[i]
		h.mu.Lock()
		h.slots = make([]slot, 8)
		h.mu.Unlock()
	}
}

// numbered is a bound for the numbers of lookups.
func (s *store) numbered() int {
	most := 0
	for i := range s.shards {
		h := &s.shards[i]
		h.mu.Lock()
		most = max(most, len(h.places))
		h.mu.Unlock()
	}
	return (most + 1) * shards
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
	h := &s.shards[o.steps[0].number%shards]
	h.mu.Lock()
	p := h.write(b)
	o.kept = h.text(p).text
	h.mu.Unlock()
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

func pack(b []byte, l *Lookup, h *shard) []byte {
	says := byte(1)
	for i := range l.Answers {
		if !l.Answers[i].Outcome.Says() {
			says = 0
		}
	}
	b = appendString(append(b, says), l.Name)
	b = binary.AppendUvarint(b, uint64(l.Type))
	for i := range l.Answers {
		b = packAnswer(b, l.Name, &l.Answers[i], h)
	}
	return b
}

func packAnswer(b []byte, name string, a *Answer, h *shard) []byte {
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
			b = binary.AppendUvarint(b, h.odd(t.Odd))
		}
	}
	return b
}

// odd returns the place of the unusual facts about an attempt, 0 if there are none.
func (h *shard) odd(o *wire.Odd) uint64 {
	if o == nil {
		return 0
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.odds = append(h.odds, o)
	return uint64(len(h.odds))
}

func (h *shard) oddAt(place uint64) *wire.Odd {
	if place == 0 {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.odds[place-1]
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
		u.answer(&s.shards[number%shards], &r, l.Name, &a)
		u.answers = append(u.answers, a)
	}
	l.Answers = u.answers[first:len(u.answers):len(u.answers)]
	return l
}

func (u *unpacked) answer(h *shard, r *reader, name string, a *Answer) {
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
			t.Odd = h.oddAt(r.number())
		}
		u.attempts = append(u.attempts, t)
	}
	a.Attempts = u.attempts[first:len(u.attempts):len(u.attempts)]
}

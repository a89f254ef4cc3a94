package dnscheck

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"

	"cupclint/dnscheck/wire"
)

// keptLookups has an answer of every form.
func keptLookups(resolvers []string) []*Lookup {
	once := []wire.Attempt{{Transport: wire.UDP, End: wire.Answered, Microseconds: 3_600_000_000}}
	answers := []Answer{
		{Outcome: NXDomain, Rcode: 3, AA: true, Zone: "example.com.", Attempts: once},
		{Outcome: NoData, RA: true, Zone: "other.example.", Attempts: once},
		{Outcome: Timeout, Rcode: -1, Attempts: []wire.Attempt{
			{Transport: wire.UDP, End: wire.TimedOut, Microseconds: 1, Odd: &wire.Odd{Detail: "late", Strays: wire.Strays{WrongID: 65535}}},
			{Transport: wire.TCP, End: wire.Failed, Odd: &wire.Odd{Detail: strings.Repeat("x", chunkSize)}},
		}},
		{Outcome: NotAsked, Rcode: -1, Attempts: []wire.Attempt{{End: wire.NotTried, Odd: &wire.Odd{Detail: "dead"}}}},
		{Outcome: OtherRcode, Rcode: 4095, Attempts: once},
		{Outcome: Found, AA: true, RA: true, More: 1 << 30, Attempts: once, Records: []Record{
			{Name: "n.example.com.", TTL: 1<<32 - 1, Type: dns.TypeCNAME, Data: "N.example.com."},
			{Name: "N.example.com.", TTL: 0, Type: 65535, Data: ""},
			{Name: ".", TTL: 60, Type: dns.TypeTXT, Data: strings.Repeat("long", chunkSize)},
		}},
		{Outcome: Refused, Rcode: 5, Attempts: once},
	}
	var list []*Lookup
	for i, a := range answers {
		l := &Lookup{Name: "n.example.com.", Type: uint16(i), Answers: make([]Answer, len(resolvers))}
		for k := range l.Answers {
			l.Answers[k] = a
			l.Answers[k].Resolver = resolvers[k]
		}
		list = append(list, l)
	}
	return list
}

// putIn asks for a lookup that has its answers.
func putIn(s *store, l *Lookup) {
	key := wire.Question{Name: wire.Fold(l.Name), Type: l.Type}
	_, f, _ := s.begin(key)
	f.Lookup = l
	s.finish(f)
}

func TestStoreGivesBackWhatItKeeps(t *testing.T) {
	for _, resolvers := range [][]string{{"10.0.0.53:53"}, {"10.0.0.53:53", "tls://[::1]:853"}} {
		s := newStore(resolvers)
		lookups := keptLookups(resolvers)
		o := &Observation{Subject: &Subject{Name: "n.example.com"}, NotSent: "kept"}
		for i, l := range lookups {
			putIn(s, l)
			o.steps = append(o.steps, Step{Why(i), l})
		}
		before := *o
		s.keep(o)
		if o.steps != nil || o.kept == "" {
			t.Fatal("the questions were not kept")
		}
		var memory unpacked
		for range 2 { // the memory is used again
			after := memory.open(o)
			if after.NotSent != "kept" || !reflect.DeepEqual(after.steps, before.steps) {
				t.Errorf("steps\n%+v\nwant\n%+v", after.steps, before.steps)
			}
		}
		if !reflect.DeepEqual(o.Steps(), before.steps) {
			t.Error("Steps gives other questions than open")
		}
		for _, l := range lookups {
			if got := s.get(s.find(wire.Question{Name: l.Name, Type: l.Type})); !reflect.DeepEqual(got, l) {
				t.Errorf("got %+v, want %+v", got, l)
			}
		}
		if s.find(wire.Question{Name: "n.example.com.", Type: 999})+s.find(wire.Question{Name: "m.example.com.", Type: 1}) != 0 {
			t.Error("the store has a question that was never asked")
		}
	}
}

func TestStoreFindsManyLookupsInAnyCase(t *testing.T) {
	s := newStore([]string{"10.0.0.53:53"})
	s.expect(10)
	const names = 5000
	lookup := func(i int, t uint16) *Lookup {
		return &Lookup{Name: fmt.Sprintf("CUP%d.Example.com.", i), Type: t, Answers: []Answer{{Resolver: s.resolvers[0], Rcode: int16(i % 16)}}}
	}
	var writers sync.WaitGroup
	for _, rrType := range []uint16{dns.TypeA, dns.TypeAAAA} {
		writers.Go(func() {
			for i := range names {
				putIn(s, lookup(i, rrType))
			}
		})
	}
	writers.Wait()
	numbers := make(map[uint32]bool)
	for i := range names {
		for _, rrType := range []uint16{dns.TypeA, dns.TypeAAAA} {
			want := lookup(i, rrType)
			l := s.get(s.find(wire.Question{Name: wire.Fold(want.Name), Type: rrType}))
			if l == nil || l.Name != want.Name || l.Type != rrType || l.Answers[0].Rcode != want.Answers[0].Rcode || numbers[l.number] {
				t.Fatalf("%s %d: %+v", want.Name, rrType, l)
			}
			numbers[l.number] = true
		}
	}
}

func TestSharedLookupIsKeptOnceAsJSON(t *testing.T) {
	s := newStore([]string{"10.0.0.53:53"})
	shared := keptLookups(s.resolvers)[0]
	putIn(s, shared)
	seen := make(Kept, 3)
	for i := range seen {
		seen[i] = Observation{Subject: &Subject{Name: "n", Uses: []Use{{Role: RoleMail}}}, Begun: true, steps: []Step{{WhyWildcard, shared}}}
		if i > 0 {
			s.keep(&seen[i])
		}
	}
	text, err := json.Marshal(seen[1:])
	if err != nil {
		t.Fatal(err)
	}
	var again Kept
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if len(again) != 2 || again[0].Steps()[0].Lookup != again[1].Steps()[0].Lookup {
		t.Errorf("two lookups of one: %s", text)
	}
	if dead, _ := deadResolvers(seen[1:]); len(dead) != 0 {
		t.Errorf("dead %+v", dead)
	}
}

func TestFailureThatSubjectsShareCountsOnce(t *testing.T) {
	s := newStore([]string{"10.0.0.53:53"})
	l := &Lookup{Name: "n.", Type: dns.TypeA, Answers: []Answer{{Resolver: s.resolvers[0], Outcome: Timeout, Rcode: -1}}}
	putIn(s, l)
	seen := make([]Observation, 3)
	for i := range seen {
		seen[i] = Observation{Subject: &Subject{Name: "n"}, Begun: true, steps: []Step{{WhyAddress, l}}}
		s.keep(&seen[i])
	}
	if dead, _ := deadResolvers(seen); len(dead) != 1 || dead[0].failed != 1 {
		t.Errorf("dead %+v, want one resolver with one question", dead)
	}
}

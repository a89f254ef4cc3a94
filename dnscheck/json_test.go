package dnscheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestPlainStringSeesEveryByteAnywhere(t *testing.T) {
	for length := range 18 {
		for at := range length {
			for c := range 256 {
				text := bytes.Repeat([]byte{'~'}, length)
				text[at] = byte(c)
				if got, want := plainString(text), c >= ' ' && c <= '~' && c != '"' && c != '\\'; got != want {
					t.Fatalf("byte %#x at %d of %d: %t, want %t", c, at, length, got, want)
				}
			}
		}
	}
}

func manyObservations(n int) []Observation {
	s := newStore([]string{"10.0.0.53:53"})
	list := make([]Observation, n)
	for i := range list {
		l := &Lookup{Name: fmt.Sprintf("n%d.", i), Type: dns.TypeA, Answers: []Answer{{Resolver: s.resolvers[0], Outcome: NXDomain, Rcode: 3}}}
		putIn(s, l)
		list[i] = Observation{
			Subject: &Subject{Name: fmt.Sprintf("n%d", i), Uses: []Use{{Role: RolePresence, Place: Place{Index: i, Line: i + 1}}}}, Begun: true,
			steps: []Step{{WhyAddress, l}},
		}
		s.keep(&list[i])
	}
	return list
}

func TestBlocksOfJSONAreInOrder(t *testing.T) {
	for _, n := range []int{0, 1, blockSize, 10*blockSize + 1} {
		observations := manyObservations(n)
		var out bytes.Buffer
		if err := WriteJSON(&out, observations); err != nil {
			t.Fatal(err)
		}
		var read []struct{ Name string }
		if err := json.Unmarshal(out.Bytes(), &read); err != nil || len(read) != n || strings.Count(out.String(), "\n") != n+1 {
			t.Fatalf("%d observations of %d on %d lines: %v", len(read), n, strings.Count(out.String(), "\n"), err)
		}
		for i := range read {
			if read[i].Name != observations[i].Name {
				t.Fatalf("%s at %d", read[i].Name, i)
			}
		}
	}
}

// fullDisk takes a few bytes.
type fullDisk struct{ left int }

var errFull = errors.New("no space left")

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestJSONEndsAtTheFirstError(t *testing.T) {
	for _, left := range []int{0, 1, 5000, 100_000} {
		if err := WriteJSON(&fullDisk{left}, manyObservations(20*blockSize)); !errors.Is(err, errFull) {
			t.Errorf("after %d bytes: %v", left, err)
		}
	}
}

func TestPartsOfTheJudgeFindWhatOneFinds(t *testing.T) {
	observations := manyObservations(50 * minPart)
	one := judge{failed: map[string]int{}}
	one.all(observations, 0, len(observations))
	found := Judge(observations)
	if len(found) != len(one.findings) || len(found) != len(observations) {
		t.Fatalf("%d findings, want %d", len(found), len(one.findings))
	}
	for i := range found {
		if found[i].Address != observations[i].Name || found[i].Message != one.findings[i].Message {
			t.Fatalf("finding %d is that of %s, want %s", i, found[i].Address, observations[i].Name)
		}
	}
}

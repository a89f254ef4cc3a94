package export

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"
)

// A list returns the same sources in the same order, also while others are added, and whether or not they fit into memory.
func TestAListGivesBackItsSources(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	names := []string{"-", "", "a/b.xml", "a/b.xml.zip", "a/c.xml", "b", "é/x", "é/y", "very/long/" + string(make([]byte, 300))}
	for range 100 {
		dir := t.TempDir()
		if rnd.IntN(4) == 0 {
			dir = filepath.Join(dir, "missing") // all stays in memory
		}
		l := NewSources(dir, rnd.IntN(1000))
		var want, got []Source
		r := l.Reader()
		for range rnd.IntN(12) {
			more := make([]Source, rnd.IntN(50))
			for i := range more {
				s := &more[i]
				switch rnd.IntN(12) {
				case 0:
					*s = Memory(names[rnd.IntN(len(names))], []byte(fmt.Sprint(len(want), i)))
				case 1:
					*s = Source{Name: Stdin, target: Stdin}.Named(names[rnd.IntN(len(names))])
				default:
					s.Name, s.naming = names[rnd.IntN(len(names))], naming(rnd.IntN(int(gathered)+1))
					s.target, s.folder = names[rnd.IntN(3)], rnd.IntN(2) == 0
					s.home = names[rnd.IntN(2)+1]
				}
			}
			l.Add(more)
			want = append(want, more...)
			for len(got) < rnd.IntN(len(want)+1) {
				s, ok, err := r.Next()
				if !ok {
					t.Fatalf("%d of %d sources, %v", len(got), len(want), err)
				}
				got = append(got, s)
			}
		}
		for s, ok, err := r.Next(); ok || err != nil; s, ok, err = r.Next() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, s)
		}
		again, err := l.Slice()
		if err != nil || l.Len() != len(want) || len(got)+len(again) > 0 && !(reflect.DeepEqual(got, want) && reflect.DeepEqual(again, want)) {
			t.Fatalf("%v\ngot  %v\nthen %v\nwant %v", err, got, again, want)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADamagedListIsAnError(t *testing.T) {
	l := NewSources(t.TempDir(), 1)
	l.Add([]Source{{Name: "a"}, {Name: "b"}})
	if err := l.log.File().Truncate(1); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Slice(); err == nil {
		t.Error("no error")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

func TestSourcesInMemoryAreAListAsTheyAre(t *testing.T) {
	want := []Source{Memory("a", nil), {Name: "b"}}
	if got, err := SourcesOf(want).Slice(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	n := 0
	for range SourcesOf(want).All() {
		n++
		if n == 1 {
			continue
		}
		break
	}
	if n != 2 || SourcesOf(nil).Len() != 0 {
		t.Errorf("%d sources", n)
	}
}

package lint

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// Whatever the order of adding and whatever fits into memory, what comes out is sorted and whole.
func TestASpoolSortsWhatManyWorkersAdd(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		var want []Finding
		byInput := make([][]Finding, rnd.IntN(40))
		for i := range byInput {
			file := oddNames[rnd.IntN(len(oddNames))] // several inputs have one name
			for range 1 + rnd.IntN(4) {
				f := Finding{File: file, Line: rnd.IntN(5), Rule: fmt.Sprintf("R%d", rnd.IntN(3)), Message: fmt.Sprint(rnd.IntN(3))}
				byInput[i] = append(byInput[i], f)
				want = append(want, f)
			}
		}
		slices.SortFunc(want, func(a, b Finding) int { return Compare(&a, &b) })

		s := newSpool[Finding, *Finding](Compare)
		s.limit, s.dir = 1+rnd.IntN(600), t.TempDir()
		var wg sync.WaitGroup
		for w := range 3 {
			wg.Go(func() {
				for i := w; i < len(byInput); i += 3 {
					var encoded []byte
					for _, f := range byInput[i] {
						encoded = f.encode(encoded)
					}
					s.add(byInput[i][0].File, i, encoded)
				}
			})
		}
		wg.Wait()
		s.sort()
		var got []Finding
		for f, err := range s.all() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, *f)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("got\n%v\nwant\n%v", got, want)
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNothingIsLostWhenTheTemporaryFileCannotBeMade(t *testing.T) {
	s := newSpool[Finding, *Finding](Compare)
	s.limit, s.dir = 1, filepath.Join(t.TempDir(), "missing")
	for i := range 10 {
		f := Finding{File: fmt.Sprint(9 - i)}
		s.add(f.File, i, f.encode(nil))
	}
	s.sort()
	var got []string
	for f, err := range s.all() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, f.File)
	}
	if len(got) != 10 || !slices.IsSorted(got) {
		t.Errorf("%q", got)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

func TestAReaderMayStopEarly(t *testing.T) {
	s := newSpool[Finding, *Finding](Compare)
	for i := range 3 {
		f := Finding{File: fmt.Sprint(i)}
		s.add(f.File, i, f.encode(nil))
	}
	s.sort()
	n := 0
	for range s.all() {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d findings", n)
	}
}

package lazy

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

func TestAValueIsMadeOnce(t *testing.T) {
	var made atomic.Int32
	v := Value[[]int]{New: func() []int {
		made.Add(1)
		return []int{1, 2}
	}}
	if made.Load() != 0 {
		t.Error("made before it was asked for")
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := v.Get(); !slices.Equal(got, []int{1, 2}) {
				t.Errorf("got %v", got)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
}

func TestAPatternIsCompiledOnce(t *testing.T) {
	p := Pattern{Expr: `^a+$`}
	first := p.Get()
	if !first.MatchString("aa") || first.MatchString("b") {
		t.Error("not the expression")
	}
	if p.Get() != first {
		t.Error("compiled again")
	}
}

func TestAPatternThatIsNotValidPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	(&Pattern{Expr: `(`}).Get()
}

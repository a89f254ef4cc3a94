package main

import (
	"slices"
	"strings"
	"testing"
)

func measure(t *testing.T, args ...string) (lines []string, err error) {
	t.Helper()
	t.Chdir("testdata/module")
	var out strings.Builder
	err = run(t.Context(), args, &out)
	lines = strings.Split(strings.TrimSpace(out.String()), "\n")
	slices.Sort(lines)
	return lines, err
}

func TestWhatNoTestNotices(t *testing.T) {
	got, err := measure(t, "-limit", "5s", ".", ".")
	if err != nil {
		t.Fatal(err)
	}
	want := `
.: 58.3 % of 24 mutants noticed (13 by a test that fails, 1 by one that does not end, 5 survived, 5 not reached)
NOT REACHED  measured.go:15:27: && len(by) > 0: always true
NOT REACHED  measured.go:15:27: len(by) > 0: >= instead of >
NOT REACHED  measured.go:15:27: len(by) > 0: the opposite
NOT REACHED  measured.go:29:41: returns time.Duration(n) * time.Second: returns the zero value
NOT REACHED  measured.go:29:41: time.Duration(n) * time.Second: / instead of *
SURVIVED     measured.go:15:18: n < 0: <= instead of <
SURVIVED     measured.go:15:18: || n < 0 && len(by) > 0: always false
SURVIVED     measured.go:15:5: n > limit: >= instead of >
SURVIVED     measured.go:21:4: continue: removed
SURVIVED     measured.go:25:9: left - 0: + instead of -
`
	if got := strings.Join(got, "\n"); got != strings.TrimSpace(want) {
		t.Errorf("got:\n%s", got)
	}
}

func TestTheScoreIsHeldAgainstTheFloor(t *testing.T) {
	lines, err := measure(t, "-floor", "100", "-sample", "3", "-limit", "5s", ".", ".")
	if err == nil || err.Error() != "the score is below 100.0 %" || !strings.Contains(strings.Join(lines, "\n"), "(a sample of 24, seed 1)") {
		t.Errorf("error %v after %q", err, lines)
	}
}

func TestASampleIsTheSameForTheSameSeed(t *testing.T) {
	mutants := make([]mutant, 100)
	for i := range mutants {
		mutants[i].id = i
	}
	a, again, other := choose(mutants, 10, 1), choose(mutants, 10, 1), choose(mutants, 10, 2)
	if len(a) != 10 || !slices.Equal(a, again) || slices.Equal(a, other) {
		t.Errorf("%v, %v, %v", a, again, other)
	}
}

func TestTestsThatFailWithoutAMutantAreAnError(t *testing.T) {
	t.Setenv("MEASURED_FAILS", "1")
	if lines, err := measure(t, ".", "."); err == nil || !strings.Contains(err.Error(), "fail without a mutant") {
		t.Errorf("error %v after %q", err, lines)
	}
}

func TestTestsThatAreSkippedDoNotCount(t *testing.T) {
	t.Setenv("MEASURED_FAILS", "1")
	lines, err := measure(t, "-skip", "TestUntil", "-limit", "5s", ".", ".=TestTake|TestUntil|TestGeneric")
	const want = " of 24 mutants noticed (10 by a test that fails, 0 by one that does not end, 5 survived, 9 not reached)"
	if err != nil || !strings.Contains(lines[0], want) {
		t.Errorf("error %v after %q", err, lines)
	}
}

package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// withoutRace skips a test that takes long or measures the program where the race detector is on, and with -short. make test runs it
// without the race detector: the pattern in the Makefile names it.
func withoutRace(t *testing.T, why string) {
	t.Helper()
	if testing.Short() {
		t.Skip(why)
	}
	slowWithRace(t, why)
}

// slowWithRace skips a test where the race detector is on. The test starts nothing that runs at the same time, so the detector finds
// nothing in it that the tests of the packages do not find.
func slowWithRace(t *testing.T, why string) {
	t.Helper()
	if raceDetector {
		t.Skip(why + ": make test runs it without the race detector")
	}
}

// TestTheMakefileRunsWhatTheRaceDetectorSkips keeps a test that is skipped with the race detector from never being run.
func TestTheMakefileRunsWhatTheRaceDetectorSkips(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`go test \S.* ./internal/cli -run '([^']+)'`).FindSubmatch(makefile)
	if found == nil {
		t.Fatal("the Makefile does not run tests of this package without the race detector")
	}
	pattern := regexp.MustCompile(string(found[1]))
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	skipped := regexp.MustCompile(`(?m)^\t(?:withoutRace\(t,|slowWithRace\(t,|s := attack\(t)`)
	n := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, function := range strings.Split(string(text), "\nfunc ")[1:] {
			name, _, _ := strings.Cut(function, "(")
			if !strings.HasPrefix(name, "Test") || !skipped.MatchString(function) {
				continue
			}
			if n++; !pattern.MatchString(name) {
				t.Errorf("%s: %s is skipped with the race detector, and the Makefile does not run it without", file, name)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d such tests were found", n)
	}
}

package house

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTheMakefileRunsWhatTheRaceDetectorSkips keeps a test that is skipped with the race detector from never being run.
func TestTheMakefileRunsWhatTheRaceDetectorSkips(t *testing.T) {
	makefile, err := os.ReadFile(root + "/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`@go test -timeout \S+ -run '([^']+)' (.+) & plain=`).FindSubmatch(makefile)
	if found == nil {
		t.Fatal("the Makefile does not run tests without the race detector")
	}
	pattern, packages := regexp.MustCompile(string(found[1])), strings.Fields(string(found[2]))
	skipped := regexp.MustCompile(`(?m)^\t(?:withoutRace\(t,|testrace\.Slow\(t,|s := attack\(t)`)
	n := 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, function := range strings.Split(string(text), "\nfunc ")[1:] {
			name, _, _ := strings.Cut(function, "(")
			if !strings.HasPrefix(name, "Test") || !skipped.MatchString(function) {
				continue
			}
			n++
			folder, err := filepath.Rel(root, filepath.Dir(path))
			if err != nil {
				return err
			}
			if !pattern.MatchString(name) || !slices.Contains(packages, "./"+filepath.ToSlash(folder)) {
				t.Errorf("%s: %s is skipped with the race detector, and the Makefile does not run it without", path, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 15 {
		t.Errorf("only %d such tests were found", n)
	}
}

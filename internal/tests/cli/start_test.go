package cli_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"
)

// Each run of the program pays for the package variables that code makes before main: maps, compiled expressions, rules. What is made when
// it is first used (internal/lazy), or is plain data that the linker lays out, costs nothing. The packages below only draw the seed of a
// hash.
func TestNothingIsMadeBeforeMain(t *testing.T) {
	seeds := []string{"cupclint/lint", "cupclint/internal/recent", "cupclint/internal/report/group"}

	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	trace, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, trace)
	}
	var own []string
	for _, line := range regexp.MustCompile(`(?m)^init (\S+) @`).FindAllStringSubmatch(string(trace), -1) {
		own = append(own, line[1])
	}
	if !slices.Contains(own, "net/http") {
		t.Fatalf("the trace does not list what runs before main:\n%s", trace)
	}
	for _, p := range own {
		if regexp.MustCompile(`^cupclint/`).MatchString(p) && !slices.Contains(seeds, p) {
			t.Errorf("%s makes a package variable while the program starts", p)
		}
	}
}

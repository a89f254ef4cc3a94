// Command gotest runs "go test" with the arguments given and ends with one line that counts the tests:
//
//	412 passed, 0 failed, 3 skipped (2 for missing servers)
//
// It is run in the top folder. Packages are named as they end; the output of a test is shown when it fails, and every test that was skipped
// because a server is missing is named. With -shuffle=on a package that fails is shown with the seed of its order: -shuffle=SEED runs its
// tests in the same order again. The exit status is go test's own.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
)

// missingPrefix begins the reason of a skip for a missing server; internal/servertest writes it.
const missingPrefix = "missing server: "

func main() {
	code, err := run(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		code = 1
	}
	os.Exit(code)
}

// testModule is the module of the tests that take libraries which the product does not need.
const testModule = "internal/tests"

// run runs go test, follows it, and gives its exit status. What is run for ./... is run in the module of tests as well.
func run(args []string, out io.Writer) (int, error) {
	// An interrupt from the terminal reaches go test too; its end is what to wait for.
	signal.Ignore(os.Interrupt)
	s := newSummary(out)
	code, err := goTest(s, ".", args)
	if slices.Contains(args, "./...") && err == nil {
		var more int
		more, err = goTest(s, testModule, args)
		code = max(code, more)
	}
	s.close()
	return code, err
}

// goTest runs go test in a folder.
func goTest(s *summary, folder string, args []string) (int, error) {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Dir = folder
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	readErr := s.read(events)
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), readErr
	}
	return 0, errors.Join(err, readErr)
}

// event is one line of go test -json, see "go doc test2json".
type event struct {
	Action     string
	Package    string
	ImportPath string // of a build
	Test       string
	Elapsed    float64
	Output     string
}

// test names a test, or with an empty name what a package says outside its tests.
type test struct{ pkg, name string }

// summary follows the events and counts.
type summary struct {
	out                     io.Writer
	output                  map[test][]string // of tests and packages that have not ended
	passed, failed, skipped int
	failedIn                map[string]bool // packages with a failed test
	missing                 []string        // tests skipped because a server is missing, with the reason
}

func newSummary(out io.Writer) *summary {
	return &summary{out: out, output: make(map[test][]string), failedIn: make(map[string]bool)}
}

// read follows the events to their end. A line that is not an event is shown as it is.
func (s *summary) read(events io.Reader) error {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil && e.Action != "" {
				s.event(e)
			} else {
				fmt.Fprintf(s.out, "%s", line)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *summary) event(e event) {
	at := test{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(s.out, e.Output)
	case "output":
		s.output[at] = append(s.output[at], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.endPackage(e)
		} else {
			s.endTest(at, e.Action)
		}
		delete(s.output, at)
	}
}

func (s *summary) endTest(at test, action string) {
	switch action {
	case "pass":
		s.passed++
	case "fail":
		s.fail(at)
	case "skip":
		s.skipped++
		for _, line := range s.output[at] {
			if _, reason, found := strings.Cut(line, missingPrefix); found {
				s.missing = append(s.missing, fmt.Sprintf("%s %s: %s", at.pkg, at.name, strings.TrimSpace(reason)))
			}
		}
	}
}

// endPackage says how a package ended. One that failed shows what it said outside its tests, and the output of tests that
// never ended: a panic or the time limit cuts them off.
func (s *summary) endPackage(e event) {
	if e.Action == "skip" {
		return // a package without tests
	}
	if e.Action == "pass" {
		fmt.Fprintf(s.out, "ok    %s  %.1fs\n", e.Package, e.Elapsed)
		return
	}
	for _, at := range s.unfinished(e.Package) {
		s.fail(at)
		delete(s.output, at)
	}
	if said := (test{pkg: e.Package}); s.failedIn[e.Package] {
		s.show(said)
	} else {
		s.fail(said) // the package itself: it did not build, or ended early
	}
	fmt.Fprintf(s.out, "FAIL  %s  %.1fs%s\n", e.Package, e.Elapsed, s.order(e.Package))
}

// order names the flag that gives the tests of a package the order that they had; empty for the order in which they are written.
func (s *summary) order(pkg string) string {
	for _, line := range s.output[test{pkg: pkg}] {
		if seed, ok := strings.CutPrefix(line, "-test.shuffle "); ok {
			return "  in the order of -shuffle=" + strings.TrimSpace(seed)
		}
	}
	return ""
}

// fail counts a failure and shows what was said.
func (s *summary) fail(at test) {
	s.failed++
	s.failedIn[at.pkg] = true
	s.show(at)
}

// unfinished lists the tests of a package that have said something and not ended.
func (s *summary) unfinished(pkg string) []test {
	var tests []test
	for at := range s.output {
		if at.pkg == pkg && at.name != "" {
			tests = append(tests, at)
		}
	}
	slices.SortFunc(tests, func(a, b test) int { return strings.Compare(a.name, b.name) })
	return tests
}

// show prints what a test said.
func (s *summary) show(at test) {
	for _, line := range s.output[at] {
		fmt.Fprint(s.out, line)
	}
}

// close prints the skipped tests and the last line.
func (s *summary) close() {
	for _, skipped := range s.missing {
		fmt.Fprintln(s.out, "skipped:", skipped)
	}
	fmt.Fprintf(s.out, "%d passed, %d failed, %d skipped (%d for missing servers)\n", s.passed, s.failed, s.skipped, len(s.missing))
}

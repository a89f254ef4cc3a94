package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// suite is the test program of a package.
type suite struct {
	name, dir, program string
	only, skip         string              // the tests that are run, and those that are not
	reached            map[int][]selection // by mutant: the tests that reach it
	took               map[selection]time.Duration
}

// selection is one test that can run alone: a test, or a subtest of one that has many.
type selection struct{ test, sub string }

func (s selection) pattern() string {
	if s.sub == "" {
		return "^" + regexp.QuoteMeta(s.test) + "$"
	}
	return "^" + regexp.QuoteMeta(s.test) + "$/^" + regexp.QuoteMeta(s.sub) + "$"
}

// build compiles the tests of the packages with all mutants in them.
func build(ctx context.Context, work, overlay, skip string, packages []string) ([]*suite, error) {
	var suites []*suite
	for i, name := range packages {
		name, only, _ := strings.Cut(name, "=")
		dir, err := goList(ctx, "-f", "{{.Dir}}", name)
		if err != nil {
			return nil, err
		}
		program := filepath.Join(work, fmt.Sprintf("test%d", i))
		cmd := exec.CommandContext(ctx, "go", "test", "-c", "-ldflags=-s -w", "-overlay", overlay, "-o", program, name)
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // so that go removes its files
		cmd.WaitDelay = 10 * time.Second
		if said, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build the tests of %s with the mutants: %w\n%s", name, err, said)
		}
		suites = append(suites, &suite{name: name, dir: strings.TrimSpace(string(dir)), program: program, only: only, skip: skip,
			reached: map[int][]selection{}, took: map[selection]time.Duration{}})
	}
	return suites, nil
}

// command is a run of the test program. Its memory is bounded: a mutant may fill it.
func (s *suite) command(ctx context.Context, mutant int, args ...string) *exec.Cmd {
	args = append([]string{"-c", `ulimit -v 8000000 2>/dev/null; exec "$@"`, "sh", s.program, "-test.short", "-test.skip", s.skip}, args...)
	cmd := exec.CommandContext(ctx, "sh", args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "MUTANT="+strconv.Itoa(mutant))
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

var passed = regexp.MustCompile(`(?m)^ *--- PASS: ([^/ ]+)(?:/([^/ ]+))? \(([0-9.]+)s\)$`)

// many is the number of subtests from which on each is a selection of its own.
const many = 8

// reach runs each test alone and notes which mutants it reaches.
func (s *suite) reach(ctx context.Context, work string, workers int) error {
	var out bytes.Buffer
	all := s.command(ctx, 0, "-test.v", "-test.run", s.only)
	all.Stdout, all.Stderr = &out, &out
	if err := all.Run(); err != nil {
		return fmt.Errorf("the tests of %s fail without a mutant: %w\n%s", s.name, err, out.String())
	}
	subs := map[string][]string{}
	for _, m := range passed.FindAllStringSubmatch(out.String(), -1) {
		test, sub := m[1], m[2]
		if _, seen := subs[test]; !seen {
			subs[test] = nil
		}
		if sub != "" && !slices.Contains(subs[test], sub) {
			subs[test] = append(subs[test], sub)
		}
	}
	var selections []selection
	for test, names := range subs {
		if len(names) < many {
			names = []string{""}
		}
		for _, sub := range names {
			selections = append(selections, selection{test, sub})
		}
	}
	var mu sync.Mutex
	return inParallel(workers, selections, func(i int, one selection) error {
		file := filepath.Join(work, fmt.Sprintf("reached-%s-%d", filepath.Base(s.program), i))
		cmd := s.command(ctx, -1, "-test.run", one.pattern())
		cmd.Env = append(cmd.Env, "MUTANT_REACHED="+file)
		began := time.Now()
		if said, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s of %s fails when it runs alone: %w\n%s", one.pattern(), s.name, err, said)
		}
		mu.Lock()
		defer mu.Unlock()
		s.took[one] = time.Since(began)
		numbers, err := os.Open(file)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		defer numbers.Close()
		for lines := bufio.NewScanner(numbers); lines.Scan(); {
			id, err := strconv.Atoi(lines.Text())
			if err != nil {
				return err
			}
			if !slices.Contains(s.reached[id], one) {
				s.reached[id] = append(s.reached[id], one)
			}
		}
		return nil
	})
}

// inParallel calls a function for each of the things, for so many at the same time, and gives the first error.
func inParallel[T any](workers int, things []T, do func(int, T) error) error {
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		first error
		free  = make(chan bool, max(workers, 1))
	)
	for i, thing := range things {
		free <- true
		mu.Lock()
		failed := first != nil
		mu.Unlock()
		if failed {
			break
		}
		wait.Go(func() {
			defer func() { <-free }()
			if err := do(i, thing); err != nil {
				mu.Lock()
				first = errors.Join(first, err)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return first
}

// verdict is what became of a mutant.
type verdict string

const (
	killed    verdict = "noticed"
	timedOut  verdict = "did not end"
	survived  verdict = "SURVIVED"
	unreached verdict = "NOT REACHED"
)

// score counts the verdicts.
type score map[verdict]int

func (s score) total() int { return s[killed] + s[timedOut] + s[survived] + s[unreached] }

func (s score) percent() float64 {
	if s.total() == 0 {
		return 100
	}
	return 100 * float64(s[killed]+s[timedOut]) / float64(s.total())
}

func (s score) String() string {
	return fmt.Sprintf("%.1f %% of %d mutants noticed (%d by a test that fails, %d by one that does not end, %d survived, %d not reached)",
		s.percent(), s.total(), s[killed], s[timedOut], s[survived], s[unreached])
}

// try runs every mutant and prints those that no test notices.
func try(ctx context.Context, out io.Writer, mutants []mutant, suites []*suite, workers int, limit time.Duration) (score, error) {
	counts := score{}
	var mu sync.Mutex
	err := inParallel(workers, mutants, func(_ int, m mutant) error {
		v, err := judge(ctx, m.id, suites, limit)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		counts[v]++
		if v == survived || v == unreached {
			fmt.Fprintf(out, "%-11s  %s: %s\n", v, m.where, m.what)
		}
		return nil
	})
	return counts, err
}

// judge runs the tests that reach a mutant, the quick ones first.
func judge(ctx context.Context, id int, suites []*suite, limit time.Duration) (verdict, error) {
	result := unreached
	for _, s := range suites {
		for _, group := range s.groups(id) {
			if result == unreached {
				result = survived
			}
			within, cancel := context.WithTimeout(ctx, limit+10*group.took)
			err := s.command(within, id, "-test.failfast", "-test.run", group.pattern()).Run()
			late := within.Err() != nil
			cancel()
			switch {
			case ctx.Err() != nil:
				return "", ctx.Err()
			case late:
				return timedOut, nil
			case err != nil:
				return killed, nil
			}
		}
	}
	return result, nil
}

// group is what one run of a test program runs.
type group struct {
	parent string // of subtests
	names  []string
	took   time.Duration
}

func (g group) pattern() string {
	names := "^(" + strings.Join(g.names, "|") + ")$"
	if g.parent == "" {
		return names
	}
	return "^" + g.parent + "$/" + names
}

// slow is the time from which on a test is run alone, after the quick ones.
const slow = 300 * time.Millisecond

// groups puts the tests that reach a mutant into few runs, the quick ones first: all quick tests in one, the quick subtests of each test in
// one.
func (s *suite) groups(id int) []group {
	var groups []group
	at := map[string]int{} // by test: its group
	add := func(key string, g group) {
		if i, ok := at[key]; ok && key != "" {
			groups[i].took += g.took
			groups[i].names = append(groups[i].names, g.names...)
			return
		}
		at[key] = len(groups)
		groups = append(groups, g)
	}
	for _, one := range s.reached[id] {
		took := s.took[one]
		name := regexp.QuoteMeta(cmp.Or(one.sub, one.test))
		switch {
		case one.sub != "":
			add("sub "+one.test, group{parent: regexp.QuoteMeta(one.test), names: []string{name}, took: took})
		case took < slow:
			add("quick", group{names: []string{name}, took: took})
		default:
			add("", group{names: []string{name}, took: took})
		}
	}
	slices.SortStableFunc(groups, func(a, b group) int { return cmp.Compare(a.took, b.took) })
	return groups
}

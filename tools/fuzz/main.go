// Fuzz runs the fuzz targets of the packages in the current folder and below, one after the other:
//
//	fuzz [-total TIME | -each TIME] [-least N] [-save N] [PACKAGE...]
//
// The time of -total is spread over all targets; compiling them comes on top. Only the packages of the module are compiled so that fuzzing
// sees which code an input reaches: it is their code that is searched, and the libraries then come from the cache of other builds. Each
// target begins with its seeds and with the inputs in testdata/fuzz, which are the saved corpus, and makes at least as many executions as
// -least says, however short its time is.
//
// With -save, inputs that reached code which no input before them reached go to testdata/fuzz, until there are N for each target. Go has
// made them as short as it could. The ones found last are taken first: they are the hardest to find again. Inputs over 1 KB stay out.
//
// A target that fails ends the program with status 1 after all others have run. What the test says is printed, with the input that was
// found and the file in which Go keeps it: commit that with the fix. What follows a word such as password is masked in all that is printed,
// because an input may come from something that someone pasted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

// options are those of the command line.
type options struct {
	each  time.Duration
	least int
	save  int
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("fuzz", flag.ContinueOnError)
	total := flags.Duration("total", 0, "time for all targets together")
	flags.DurationVar(&o.each, "each", 10*time.Second, "time for each target")
	flags.IntVar(&o.least, "least", 100, "executions that each target makes at least")
	flags.IntVar(&o.save, "save", 0, "save inputs until each target has so many")
	if err := flags.Parse(args); err != nil {
		return err
	}
	patterns := flags.Args()
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	module, err := command(ctx, "go", "list", "-m").Output()
	if err != nil {
		return fmt.Errorf("go list -m: %w", err)
	}
	packages, count, err := find(ctx, patterns)
	if err != nil {
		return err
	}
	if count == 0 {
		return errors.New("there are no fuzz targets")
	}
	if *total > 0 {
		o.each = *total / time.Duration(count)
	}
	work, err := os.MkdirTemp("", "fuzz")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	var sum result
	for i, p := range packages {
		r, err := p.fuzz(ctx, out, filepath.Join(work, strconv.Itoa(i)), strings.TrimSpace(string(module)), o)
		if err != nil {
			return err
		}
		sum.add(r)
	}
	fmt.Fprintf(out, "%d fuzz targets, %d executions in %.0f s, compiled in %.0f s of processor time, %d inputs saved, %d failed\n",
		count, sum.executions, sum.took.Seconds(), sum.compiling.Seconds(), sum.saved, sum.failed)
	if sum.failed > 0 {
		return errors.New("fuzz targets have failed")
	}
	return nil
}

// command is interrupted when the context ends: go and the tests then remove the files that they made.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// pkg is a package with fuzz targets.
type pkg struct {
	path, dir string
	targets   []string
}

var target = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

// find lists the packages with fuzz targets, and counts the targets.
func find(ctx context.Context, patterns []string) (packages []pkg, count int, err error) {
	const format = `{{.ImportPath}}{{"\t"}}{{.Dir}}{{range .TestGoFiles}}{{"\t"}}{{.}}{{end}}{{range .XTestGoFiles}}{{"\t"}}{{.}}{{end}}`
	cmd := command(ctx, "go", append([]string{"list", "-f", format}, patterns...)...)
	cmd.Stderr = os.Stderr
	listed, err := cmd.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("go list: %w", err)
	}
	for line := range strings.Lines(string(listed)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		p := pkg{path: fields[0], dir: fields[1]}
		for _, name := range fields[2:] {
			text, err := os.ReadFile(filepath.Join(p.dir, name))
			if err != nil {
				return nil, 0, err
			}
			for _, m := range target.FindAllSubmatch(text, -1) {
				p.targets = append(p.targets, string(m[1]))
			}
		}
		if len(p.targets) > 0 {
			packages = append(packages, p)
			count += len(p.targets)
		}
	}
	return packages, count, nil
}

// result is what came out of some targets.
type result struct {
	took       time.Duration
	compiling  time.Duration // of the processors
	executions int
	saved      int
	failed     int
}

func (r *result) add(more result) {
	r.took += more.took
	r.compiling += more.compiling
	r.executions += more.executions
	r.saved += more.saved
	r.failed += more.failed
}

// fuzz compiles the targets of a package once and runs each of them.
func (p pkg) fuzz(ctx context.Context, out io.Writer, work, module string, o options) (sum result, err error) {
	if err := os.Mkdir(work, 0o700); err != nil {
		return sum, err
	}
	program := filepath.Join(work, "test")
	compile := command(ctx, "go", "test", "-c", "-gcflags="+module+"/...=-d=libfuzzer", "-ldflags=-s -w", "-o", program, p.path)
	if said, err := compile.CombinedOutput(); err != nil {
		return sum, fmt.Errorf("compile the tests of %s: %w\n%s", p.path, err, said)
	}
	sum.compiling = compile.ProcessState.UserTime() + compile.ProcessState.SystemTime()
	for _, name := range p.targets {
		r, said, err := p.run(ctx, program, name, work, o.each.String())
		if err != nil {
			return sum, err
		}
		if r.failed == 0 && r.executions < o.least {
			var more result
			if more, said, err = p.run(ctx, program, name, work, strconv.Itoa(o.least)+"x"); err != nil {
				return sum, err
			}
			r.add(more)
		}
		if r.failed > 0 {
			fmt.Fprintf(out, "FAIL  %s %s\n%s%s", p.path, name, masked(said), masked(p.found(said)))
		} else {
			if r.saved, err = p.save(filepath.Join(work, name), name, o.save); err != nil {
				return sum, err
			}
			fmt.Fprintf(out, "ok    %s %s  %d executions, %d inputs saved\n", p.path, name, r.executions, r.saved)
		}
		sum.add(r)
	}
	return sum, nil
}

var executions = regexp.MustCompile(`execs: (\d+)`)

// run runs one target for a time, or so many times.
func (p pkg) run(ctx context.Context, program, name, cache, long string) (r result, said string, err error) {
	cmd := command(ctx, program, "-test.run", "^"+name+"$", "-test.fuzz", "^"+name+"$", "-test.fuzztime", long,
		"-test.fuzzcachedir", cache, "-test.fuzzminimizetime", "1s")
	cmd.Dir = p.dir
	began := time.Now()
	output, err := cmd.CombinedOutput()
	r.took = time.Since(began)
	for _, m := range executions.FindAllSubmatch(output, -1) {
		r.executions, _ = strconv.Atoi(string(m[1]))
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && ctx.Err() == nil {
		r.failed, err = 1, nil
		if onlyLate(string(output)) {
			r.failed = 0
		}
	}
	return r, string(output), err
}

// onlyLate reports whether a target failed for no other reason than that its time ended at an unlucky moment, while Go still ran the saved
// inputs (https://go.dev/issue/75804).
func onlyLate(said string) bool {
	return late.MatchString(said) && !strings.Contains(said, "Failing input") && !strings.Contains(said, "failure while testing")
}

var late = regexp.MustCompile(`(?m)^--- FAIL: Fuzz\w+ \([0-9.]+s\)\n    context deadline exceeded\nFAIL\n?\z`)

var written = regexp.MustCompile(`Failing input written to (\S+)`)

// longestShown bounds how much of an input is printed, in bytes.
const longestShown = 4096

// found is the input that a target wrote to a file, from what the target said; empty when there is none.
func (p pkg) found(said string) string {
	m := written.FindStringSubmatch(said)
	if m == nil {
		return ""
	}
	data, err := os.ReadFile(filepath.Join(p.dir, filepath.FromSlash(m[1])))
	if err != nil {
		return fmt.Sprintf("the input cannot be read: %v\n", err)
	}
	if len(data) > longestShown {
		return fmt.Sprintf("the input, the first %d of %d bytes:\n%s\n", longestShown, len(data), data[:longestShown])
	}
	return fmt.Sprintf("the input:\n%s", data)
}

var secrets = regexp.MustCompile(`(?i)((?:pass(?:wor[dt]|phrase)?|pwd|secret|pin|digest|credential|token)\w*` +
	`(?:\\.|[^\w\n])+)(\w[^\s"'<>\\,;]*)`)

func masked(text string) string { return secrets.ReplaceAllString(text, "$1***") }

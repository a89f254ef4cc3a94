//go:build unix

// Command benchlint measures cupclint lint against a program that only reads the same files, and holds the
// project to its bounds: it exits with 1 when one is broken. It prints ratios, because seconds belong to a machine.
//
//	benchlint -programs FOLDER -work FOLDER [-files N] [-large N] [-runs N]
//
// The folder given with -programs holds the programs cupclint, benchread and empty. scripts/bench-lint.sh builds them.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"cupclint/internal/benchexport"
)

// The bounds. docs/benchmarks.md says where they come from.
const (
	maxLintRatio    = 1.7 // lint against reading, SOAP and jabber-config.xml
	maxLintCPU      = 1.9 // the same in processor time, which depends less on what else the computer does
	maxPeakMiB      = 32  // peak resident memory of lint
	maxLargeMiB     = 36  // the same with ten times the files
	maxPlanRatio    = 1.5 // audit --plan against lint, SOAP
	maxPlanMiB      = 34  // peak resident memory of audit --plan
	maxScaling      = 1.1 // the large set against its size times the small one
	maxFormatRatio  = 10  // another format against SOAP, a file
	maxStartupRatio = 2.5 // cupclint version against an empty Go program
	maxOneFileRatio = 3   // lint of one export against it
	seed            = 20090120
)

func main() {
	programs := flag.String("programs", "", "folder with the programs")
	work := flag.String("work", "", "folder for the exports; existing exports are used again")
	files := flag.Int("files", 10_000, "exports in a set")
	large := flag.Int("large", 100_000, "exports in the large set; 0 leaves it out")
	runs := flag.Int("runs", 7, "runs of each program; the median counts")
	generate := flag.String("generate", "", "make one set and stop: FORMAT:N")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b := &bench{ctx: ctx, programs: *programs, work: *work, runs: *runs, starts: 1}
	var err error
	if *generate != "" {
		var format string
		var n int
		if format, n, err = parseSet(*generate); err == nil {
			err = makeSet(*work, format, n)
		}
	} else {
		err = b.all(*files, *large)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchlint:", err)
		os.Exit(2)
	}
	if b.broken > 0 {
		fmt.Printf("%d bounds broken\n", b.broken)
		os.Exit(1)
	}
}

type bench struct {
	ctx            context.Context
	programs, work string
	runs           int
	starts         int // of a run
	broken         int
}

// all makes the sets, each in a process of its own so that this one stays small (Linux counts the parent's
// resident memory at the time of exec into the child's maximum), and measures.
func (b *bench) all(files, large int) error {
	soap, err := b.set("soap", files)
	if err != nil {
		return err
	}
	read, lint := b.pair([]string{"benchread", soap}, b.lint(soap))
	b.say("lint against reading, SOAP", ratio(lint, read), maxLintRatio)
	b.say("the same, processor time", float64(lint.processor)/float64(read.processor), maxLintCPU)
	b.say("peak memory, MiB", lint.peakMiB, maxPeakMiB)
	plan, lint := b.pair(b.plan(soap), b.lint(soap))
	b.say("audit --plan against lint, SOAP", ratio(plan, lint), maxPlanRatio)
	b.say("its peak memory, MiB", plan.peakMiB, maxPlanMiB)
	jabber, err := b.set("jabber", files)
	if err != nil {
		return err
	}
	read, lint = b.pair([]string{"benchread", jabber}, b.lint(jabber))
	b.say("lint against reading, jabber-config.xml", ratio(lint, read), maxLintRatio)
	b.say("the same, processor time", float64(lint.processor)/float64(read.processor), maxLintCPU)
	for _, format := range []string{"yaml", "properties", "registry"} {
		dir, err := b.set(format, files)
		if err != nil {
			return err
		}
		other, base := b.pair(b.lint(dir), b.lint(soap))
		b.say(format+" against SOAP, a file", ratio(other, base), maxFormatRatio)
	}
	if large > 0 {
		dir, err := b.set("soap", large)
		if err != nil {
			return err
		}
		many, few := b.pair(b.lint(dir), b.lint(soap))
		scale := float64(large) / float64(files)
		b.say(fmt.Sprintf("%d files against %g times %d", large, scale, files), ratio(many, few)/scale, maxScaling)
		b.say(fmt.Sprintf("peak memory at %d files, MiB", large), many.peakMiB, maxLargeMiB)
	}
	b.runs, b.starts = 3*b.runs, 20 // a start takes a hundredth of a run, and differs more between copies of the program than between starts
	version, empty := b.pair([]string{"cupclint", "version"}, []string{"empty"})
	b.say("start-up against an empty program", ratio(version, empty), maxStartupRatio)
	one, err := oneOf(soap)
	if err != nil {
		return err
	}
	lint, empty = b.pair([]string{"cupclint", "lint", one}, []string{"empty"})
	b.say("lint of one export against an empty program", ratio(lint, empty), maxOneFileRatio)
	return b.ctx.Err()
}

func (b *bench) lint(dir string) []string {
	return []string{"cupclint", "lint", "--format", "json", "--output", filepath.Join(b.work, "out.json"), dir}
}

// oneOf returns the first export of a set.
func oneOf(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.xml"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s has no exports", dir)
	}
	if err != nil {
		return "", err
	}
	return files[0], nil
}

// plan names a resolver, so that none must be configured. It is not asked.
func (b *bench) plan(dir string) []string {
	return []string{"cupclint", "audit", "--plan", "--resolver", "127.0.0.1", "--format", "json", "--output",
		filepath.Join(b.work, "plan.json"), dir}
}

func (b *bench) say(what string, got, bound float64) {
	verdict := "ok"
	if got > bound {
		verdict = "BROKEN"
		b.broken++
	}
	fmt.Printf("%-42s %6.2f  (at most %g)  %s\n", what, got, bound, verdict)
}

type figures struct {
	elapsed   time.Duration // median
	processor time.Duration // median, user and system
	peakMiB   float64       // largest
}

func ratio(a, b figures) float64 { return float64(a.elapsed) / float64(b.elapsed) }

// pair runs two programs in turn, so that both see the same machine, and returns the median of each. The first run
// of each only warms the page cache. Each run has a new copy of the program: where the kernel puts its pages is luck, and changes the
// time of a start by up to a third for as long as they are in memory.
func (b *bench) pair(first, second []string) (figures, figures) {
	var times, processor [2][]time.Duration
	var peak [2]float64
	for run := range b.runs + 1 {
		programs := [2]string{b.copy(first[0]), b.copy(second[0])}
		for range b.starts {
			for i, argv := range [][]string{first, second} {
				one := b.run(programs[i], argv[1:])
				if run > 0 {
					times[i] = append(times[i], one.elapsed)
					processor[i] = append(processor[i], one.processor)
				}
				peak[i] = max(peak[i], one.peakMiB)
			}
		}
	}
	return figures{median(times[0]), median(processor[0]), peak[0]}, figures{median(times[1]), median(processor[1]), peak[1]}
}

// copy installs a program in a new file. What the linker wrote is in memory in small pieces, and such a program starts a fifth slower.
func (b *bench) copy(program string) string {
	to := filepath.Join(b.work, "bin", program)
	err := os.Remove(to)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = exec.CommandContext(b.ctx, "cp", filepath.Join(b.programs, program), to).Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchlint: copy a program:", err)
		os.Exit(2)
	}
	return to
}

func (b *bench) run(program string, args []string) figures {
	cmd := exec.CommandContext(b.ctx, program, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	start := time.Now()
	err := cmd.Run()
	elapsed := time.Since(start)
	// Findings are expected: one export in twenty is faulty.
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != 1 {
		fmt.Fprintf(os.Stderr, "benchlint: %s %v: %v\n%s", program, args, err, stderr.Bytes())
		os.Exit(2)
	}
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return figures{elapsed, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), float64(usage.Maxrss) / 1024}
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// set returns the folder of a set and makes it first when it is not there.
func (b *bench) set(format string, n int) (string, error) {
	dir := setDir(b.work, format, n)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the generator: %w", err)
	}
	cmd := exec.CommandContext(b.ctx, self, "-work", b.work, "-generate", fmt.Sprintf("%s:%d", format, n))
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("make %d %s exports: %w", n, format, err)
	}
	return dir, nil
}

func setDir(work, format string, n int) string {
	return filepath.Join(work, fmt.Sprintf("%s-%d", format, n))
}

func parseSet(s string) (format string, n int, err error) {
	before, after, _ := bytes.Cut([]byte(s), []byte(":"))
	if _, err := fmt.Sscan(string(after), &n); err != nil {
		return "", 0, fmt.Errorf("set %q: want FORMAT:N: %w", s, err)
	}
	return string(before), n, nil
}

// makeSet writes into a folder next to the final one and renames it, so that a broken run leaves no half set.
func makeSet(work, format string, n int) error {
	write := map[string]struct {
		ext   string
		bytes func(benchexport.Export) []byte
	}{
		"soap":       {".xml", benchexport.Export.SOAP},
		"jabber":     {".xml", benchexport.Export.Jabber},
		"yaml":       {".yaml", benchexport.Export.YAML},
		"properties": {".properties", benchexport.Export.Properties},
		"registry":   {".reg", benchexport.Export.Registry},
	}[format]
	if write.bytes == nil {
		return fmt.Errorf("no format %q", format)
	}
	final := setDir(work, format, n)
	tmp := final + ".part"
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	for i := range n {
		// A thousand files a folder, as a repository of exports would hold them.
		dir := filepath.Join(tmp, fmt.Sprintf("site%03d", i/1000))
		if i%1000 == 0 {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
		}
		name := filepath.Join(dir, fmt.Sprintf("pc%06d%s", i, write.ext))
		if err := os.WriteFile(name, write.bytes(benchexport.New(seed, i)), 0o644); err != nil {
			return err
		}
	}
	return os.Rename(tmp, final)
}

//go:build unix

// Command benchdns measures cupclint dns against dnsperf on one name server, and holds the project to its bounds: it
// exits with 1 when one is broken. It prints ratios, because seconds belong to a machine.
//
//	benchdns -cupclint PROGRAM [-names N] [-runs N]
//
// Four things are measured, each against nsd on loopback: the A records of all names; A, AAAA and SRV records of as many names; the A
// records of all names, read from as many exports; and the truth of all answers while nsd's response rate limiting is on as it comes. The
// two programs take turns and the medians count. The whole run of cupclint counts, from its start to the last byte of its report.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// The bounds: shares of dnsperf's questions a second, and the peak of resident memory.
const (
	minShare       = 0.5
	minWideShare   = 0.45 // five questions a name, each name in a domain of its own
	minExportShare = 0.25 // names from exports
	maxPeakMiB     = 64
)

func main() {
	program := flag.String("cupclint", "", "the program to measure")
	names := flag.Int("names", 20_000, "presence addresses")
	runs := flag.Int("runs", 7, "runs of each program; the median counts")
	measuring := flag.Bool("measure", false, "run the program named by the arguments and print what it needed")
	flag.Parse()
	if *measuring {
		if err := measure(flag.Args()); err != nil {
			fmt.Fprintln(os.Stderr, "benchdns:", err)
			os.Exit(2)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	broken, err := all(ctx, *program, *names, *runs)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "benchdns:", err)
		os.Exit(2)
	case broken:
		os.Exit(1)
	}
}

func all(ctx context.Context, program string, names, runs int) (broken bool, err error) {
	program, err = filepath.Abs(program)
	if err != nil {
		return false, err
	}
	dir, err := os.MkdirTemp("", "benchdns")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		return false, err
	}
	b := &bench{ctx: ctx, program: program, dir: dir, runs: runs}
	flat, wide := flatSet(names), wideSet(names)
	for _, s := range []*set{flat, wide} {
		if err := s.write(dir); err != nil {
			return false, err
		}
	}
	exports := filepath.Join(dir, "exports")
	if err := writeExports(exports, names); err != nil {
		return false, err
	}
	free, err := startNSD(ctx, dir, "free", false, flat, wide)
	if err != nil {
		return false, err
	}
	defer free.stop()
	if err := b.compare(free, flat, "A", "a", minShare, "--pairs", flat.pairsFile(dir)); err != nil {
		return false, err
	}
	if err := b.compare(free, wide, "A, AAAA and SRV", "a,aaaa,srv", minWideShare, "--pairs", wide.pairsFile(dir)); err != nil {
		return false, err
	}
	if err := b.compare(free, flat, "A, from exports", "a", minExportShare, exports); err != nil {
		return false, err
	}
	limited, err := startNSD(ctx, dir, "limited", true, flat, wide)
	if err != nil {
		return false, err
	}
	defer limited.stop()
	if err := b.truth(limited, flat, "A, rate limit on", "a", "--pairs", flat.pairsFile(dir)); err != nil {
		return false, err
	}
	return b.broken, nil
}

type bench struct {
	ctx     context.Context
	program string
	dir     string
	runs    int
	broken  bool
}

// result is one run of cupclint.
type result struct {
	took    time.Duration
	peakMiB float64
}

// cupclint runs the program once and checks every answer in its report.
func (b *bench) cupclint(server *nsd, s *set, types string, input []string) (result, error) {
	out := filepath.Join(b.dir, "report.json")
	self, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	args := append([]string{"-measure", b.program, "dns"}, input...)
	cmd := exec.CommandContext(b.ctx, self, append(args, "--resolver", server.addr, "--types", types,
		"--format", "json", "--output", out, "--hosts-file", os.DevNull, "--resolv-conf", os.DevNull)...)
	cmd.Stderr = os.Stderr
	cmd.Dir = b.dir
	text, err := cmd.Output()
	if err != nil {
		return result{}, fmt.Errorf("measure cupclint: %w", err)
	}
	var m measurement
	if err := json.Unmarshal(text, &m); err != nil {
		return result{}, err
	}
	if m.Code != 0 && m.Code != 1 {
		return result{}, fmt.Errorf("cupclint dns: exit code %d", m.Code)
	}
	return result{m.Took, float64(m.PeakKiB) / 1024}, s.verify(out)
}

// A measurement is what a process of this program's own reports about one run. It is made in a process of its own because Linux
// counts the memory of the process that starts another to the peak of the one that is started.
type measurement struct {
	Took    time.Duration
	PeakKiB int64
	Code    int
}

func measure(args []string) error {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		return err
	}
	took := time.Since(start)
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return json.NewEncoder(os.Stdout).Encode(measurement{took, usage.Maxrss, cmd.ProcessState.ExitCode()})
}

// compare lets the two programs take turns.
func (b *bench) compare(server *nsd, s *set, title, types string, least float64, input ...string) error {
	var shares, peaks, rates []float64
	for range b.runs {
		theirs, err := dnsperf(b.ctx, server.addr, s.queriesFile(b.dir))
		if err != nil {
			return err
		}
		ours, err := b.cupclint(server, s, types, input)
		if err != nil {
			return err
		}
		rate := float64(len(s.queries)) / ours.took.Seconds()
		shares, peaks, rates = append(shares, rate/theirs), append(peaks, ours.peakMiB), append(rates, rate)
	}
	b.report(title+": share of dnsperf's rate", median(shares), least, true)
	b.report(title+": peak memory, MiB", slices.Max(peaks), maxPeakMiB, false)
	fmt.Printf("    %d questions, every rcode right, none asked twice; shares %.2f; about %.0f questions a second here\n", len(s.queries),
		shares, median(rates))
	return nil
}

// truth checks the answers of a run whatever it takes; the time is for information.
func (b *bench) truth(server *nsd, s *set, title, types string, input ...string) error {
	r, err := b.cupclint(server, s, types, input)
	if err != nil {
		return err
	}
	b.report(title+": peak memory, MiB", r.peakMiB, maxPeakMiB, false)
	fmt.Printf("    %d questions, every rcode right, %.1f s here\n", len(s.queries), r.took.Seconds())
	return nil
}

func (b *bench) report(what string, value, bound float64, atLeast bool) {
	verdict, sign := "ok", "at most"
	good := value <= bound
	if atLeast {
		sign, good = "at least", value >= bound
	}
	if !good {
		verdict, b.broken = "BROKEN", true
	}
	fmt.Printf("%-48s %8.2f  (%s %g)  %s\n", what, value, sign, bound, verdict)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// Mutate measures the tests of a package: it changes the package in many small places, one at a time, and counts how many of the changes
// (mutants) a test notices.
//
//	mutate [-sample N] [-seed S] [-j N] [-limit TIME] [-floor PERCENT] [-skip PATTERN] PACKAGE TESTS...
//
// PACKAGE is the package that is changed, and TESTS are the packages whose tests are run, PACKAGE itself for example. Packages are paths
// such as ./resolve, and mutate is run in the top folder of their module. After a package of tests there may be a pattern of the tests to
// run, as for go test: ./resolve=Presence.
//
// All mutants of a package are compiled into one test program, through an overlay, so no file of the checkout changes; a variable of the
// environment selects the one that is active. First each test runs alone, and it is recorded which mutants it reaches. Then each mutant
// runs the tests that reach it, until one fails or does not end in time. The tests run with -short, and without those that -skip names: a
// test that counts allocations, for example, fails in this program, because the compiler can keep fewer variables on the stack.
//
// The last line is the score: the share of the mutants that the tests notice. Mutants that no test reaches count as not noticed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
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
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	sample := flags.Int("sample", 0, "try only this many mutants, chosen with the seed (0: all)")
	seed := flags.Uint64("seed", 1, "seed of the sample")
	workers := flags.Int("j", 1, "mutants tried at the same time")
	limit := flags.Duration("limit", 10*time.Second, "how much longer than ten times its usual time a test may take")
	floor := flags.Float64("floor", 0, "fail when the score in percent is below this")
	skip := flags.String("skip", "", "tests that are not run, as for go test")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() < 2 {
		return errors.New("usage: mutate [-sample N] [-seed S] [-j N] [-limit TIME] [-floor PERCENT] [-skip PATTERN] PACKAGE TESTS...")
	}
	work, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)

	pkg, err := load(ctx, flags.Arg(0))
	if err != nil {
		return err
	}
	mutants := pkg.instrument()
	overlay, err := pkg.overlay(work)
	if err != nil {
		return err
	}
	suites, err := build(ctx, work, overlay, *skip, flags.Args()[1:])
	if err != nil {
		return err
	}
	for _, s := range suites {
		if err := s.reach(ctx, work, *workers); err != nil {
			return err
		}
	}
	total := len(mutants)
	if *sample > 0 && *sample < total {
		mutants = choose(mutants, *sample, *seed)
	}
	score, err := try(ctx, out, mutants, suites, *workers, *limit)
	if err != nil {
		return err
	}
	of := ""
	if len(mutants) < total {
		of = fmt.Sprintf(" (a sample of %d, seed %d)", total, *seed)
	}
	fmt.Fprintf(out, "%s: %s%s\n", flags.Arg(0), score, of)
	if score.percent() < *floor {
		return fmt.Errorf("the score is below %.1f %%", *floor)
	}
	return nil
}

// choose takes n of the mutants, the same ones for the same seed, in their order.
func choose(mutants []mutant, n int, seed uint64) []mutant {
	order := rand.New(rand.NewPCG(seed, 0)).Perm(len(mutants))[:n]
	slices.Sort(order)
	chosen := make([]mutant, n)
	for i, at := range order {
		chosen[i] = mutants[at]
	}
	return chosen
}

// Command pgo records what lint does, for the compiler (profile-guided optimisation): make pgo writes cmd/cupclint/default.pgo, which
// make build and the benchmark hand to it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime/pprof"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
)

func main() {
	out := flag.String("o", "cmd/cupclint/default.pgo", "the profile to write")
	runs := flag.Int("runs", 30, "how often the folder is linted")
	flag.Parse()
	if err := record(*out, *runs, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "pgo:", err)
		os.Exit(1)
	}
}

func record(out string, runs int, paths []string) error {
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	for range runs {
		sources, errs := export.Find(paths)
		if len(errs) > 0 {
			return errs[0]
		}
		result, err := lint.Run(context.Background(), lint.Options{Sources: sources, Rules: rules.All()})
		if err != nil {
			return err
		}
		if err := result.Close(); err != nil {
			return err
		}
	}
	pprof.StopCPUProfile()
	return f.Close()
}

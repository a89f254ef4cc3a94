// Command pgo records what lint does with each format, and dns with names, for the compiler (profile-guided optimisation): make pgo writes
// cmd/cupclint/default.pgo, which make build and the benchmark hand to it.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
	"time"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
)

func main() {
	out := flag.String("o", "cmd/cupclint/default.pgo", "the profile to write")
	each := flag.Duration("each", 5*time.Second, "how long each folder is linted, and DNS is asked, again and again")
	serving := flag.Bool("serve", false, "be the name server")
	flag.Parse()
	run := serve
	if !*serving {
		run = func() error { return record(*out, *each, flag.Args()) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pgo:", err)
		os.Exit(1)
	}
}

// record gives all folders the same time, so that the formats that take longest do not have all the weight. The file stays as it is if
// something fails.
func record(out string, each time.Duration, paths []string) (err error) {
	var names fleet
	defer func() { err = errors.Join(err, names.end()) }()
	if err := names.begin(); err != nil {
		return err
	}
	var profile bytes.Buffer
	if err := pprof.StartCPUProfile(&profile); err != nil {
		return err
	}
	err = work(&names, each, paths)
	pprof.StopCPUProfile()
	if err != nil {
		return err
	}
	return os.WriteFile(out, profile.Bytes(), 0o644)
}

// work is what the profile shows.
func work(names *fleet, each time.Duration, paths []string) error {
	for _, path := range paths {
		for start := time.Now(); time.Since(start) < each; {
			if err := lintOnce(path); err != nil {
				return err
			}
		}
	}
	for start := time.Now(); time.Since(start) < 3*each; { // it waits, and its code is larger
		if err := names.ask(); err != nil {
			return err
		}
	}
	return nil
}

func lintOnce(path string) error {
	sources, errs := export.Find([]string{path})
	if len(errs) > 0 {
		return errs[0]
	}
	result, err := lint.Run(context.Background(), lint.Options{Sources: sources, Rules: rules.All()})
	if err != nil {
		return err
	}
	return result.Close()
}

// Command pin writes the digests of base images and the commits of actions next to their tags, so that a build takes what was looked at and
// nothing that is put in the place of a tag later:
//
//	FROM debian:bookworm-slim            FROM debian:bookworm-slim@sha256:...
//	uses: actions/checkout@v4            uses: actions/checkout@0123... # v4
//
// It asks the registry of an image (HTTP) and the repository of an action (git ls-remote). What cannot be looked up stays as it is, is
// named, and makes the exit code 1. Run again, it moves the pins to what the tags mean now. With --check it changes nothing: the exit code
// is 1 for what is not pinned and for a tag that has moved; a pin that cannot be compared, because the registry does not answer, is named
// and is not a fault.
//
//	go run ./scripts/pin [--check] [FILE...]     without a FILE: Dockerfile, action.yml and the workflows
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// defaults are the files of this repository that name images and actions.
var defaults = []string{"Dockerfile", "action.yml", ".github/workflows/*.yml", ".github/workflows/*.yaml", "docs/ci/*.yml"}

func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	flags := flag.NewFlagSet("pin", flag.ContinueOnError)
	flags.SetOutput(errOut)
	check := flags.Bool("check", false, "change nothing: exit code 1 for what is not pinned or has moved")
	server := flags.String("git", "https://github.com", "where the repositories of actions are")
	limit := flags.Duration("timeout", 30*time.Second, "how long one look-up may take")
	mirrors := mirrorFlag{}
	flags.Var(mirrors, "registry", "HOST=URL: ask URL for the images of the registry HOST; may be repeated")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	files := flags.Args()
	if len(files) == 0 {
		for _, glob := range defaults {
			found, _ := filepath.Glob(glob)
			files = append(files, found...)
		}
	}
	look := &lookup{git: strings.TrimSuffix(*server, "/"), mirrors: mirrors, limit: *limit, known: map[string]answer{}}
	var total count
	for _, file := range files {
		if err := pinFile(ctx, file, *check, look, out, &total); err != nil {
			fmt.Fprintln(errOut, "pin:", err)
			return 2
		}
	}
	fmt.Fprintf(out, "pin: %d references: %d pinned, %d changed, %d not pinned, %d not compared\n",
		total.all, total.pinned, total.changed, total.loose, total.unknown)
	if total.loose > 0 {
		fmt.Fprintf(out, "pin: %d references are NOT pinned: a build takes whatever the tag means on that day.\n", total.loose)
	}
	if total.loose > 0 || *check && total.changed > 0 {
		return 1
	}
	return 0
}

// mirrorFlag is a registry's name and where to ask instead.
type mirrorFlag map[string]string

func (m mirrorFlag) String() string { return "" }

func (m mirrorFlag) Set(s string) error {
	host, url, ok := strings.Cut(s, "=")
	if !ok {
		return fmt.Errorf("%q is not HOST=URL", s)
	}
	m[host] = strings.TrimSuffix(url, "/")
	return nil
}

// count counts references: pinned, of these changed (with check: moved) and not compared, and those that are not pinned.
type count struct{ all, pinned, changed, loose, unknown int }

// pinFile looks at each line of a file, and writes the file when a pin changed.
func pinFile(ctx context.Context, file string, check bool, look *lookup, out io.Writer, total *count) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	find := findUses
	if strings.HasPrefix(filepath.Base(file), "Dockerfile") {
		find = (&stages{}).find
	}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		r, ok := find(line)
		if !ok {
			b.WriteString(line)
			continue
		}
		total.all++
		got, err := look.up(ctx, r)
		word := ""
		switch {
		case err != nil && r.pin == "":
			total.loose++
			word = "NOT pinned: " + err.Error()
		case err != nil:
			total.pinned++
			total.unknown++
			word = "pinned, not compared: " + err.Error()
		case got == r.pin:
			total.pinned++
			word = "pinned, up to date"
		case check && r.pin == "":
			total.loose++
			word = "NOT pinned; it is " + got
		case check:
			total.pinned++
			total.changed++
			word = "MOVED: it is " + got + " now, not " + r.pin
		default:
			total.pinned++
			total.changed++
			line = r.with(got)
			word = "pinned to " + got
		}
		fmt.Fprintf(out, "%s:%d: %s %s\n", file, number, r, word)
		b.WriteString(line)
	}
	if check || bytes.Equal(b.Bytes(), text) {
		return nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), info.Mode().Perm())
}

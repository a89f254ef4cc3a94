package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"cupclint/internal/testrace"
)

// A block is a fenced code block of a page.
type block struct {
	language string
	line     int // of its first line, from 1
	text     string
}

func blocks(t *testing.T, page string) []block {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var all []block
	var open *block
	for i, line := range strings.Split(string(data), "\n") {
		switch fence, found := strings.CutPrefix(line, "```"); {
		case found && open == nil:
			open = &block{language: fence, line: i + 2}
		case found:
			all = append(all, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		t.Errorf("%s:%d: a block that does not end", page, open.line)
	}
	return all
}

func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(found, "../../README.md", "../../CONTRIBUTING.md")
}

// A session is what a console block shows: a command after "$ ", and what it writes. A line that is "..." alone stands for any
// number of lines.
type session struct{ command, output string }

func sessions(b block) []session {
	var all []session
	for line := range strings.Lines(b.text) {
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case isCommand:
			all = append(all, session{command: strings.TrimSpace(command)})
		case len(all) > 0:
			all[len(all)-1].output += line
		}
	}
	return all
}

// matches compares an output with the one that a page shows.
func matches(shown, got string) bool {
	pattern := regexp.QuoteMeta(shown)
	pattern = regexp.MustCompile(`(?m)^\\\.\\\.\\\.\n`).ReplaceAllString(pattern, `(?:.*\n)*?`)
	return regexp.MustCompile(`\A` + pattern + `\z`).MatchString(got)
}

// The console blocks of the pages are run, in a folder that has nothing but the fixtures, and must show what the program writes.
func TestPagesShowWhatTheProgramWrites(t *testing.T) {
	testrace.Slow(t, "starts the program hundreds of times")
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell is installed")
	}
	run := 0
	for _, page := range pages(t) {
		var dir string // one for each page, so that blocks can build on one another
		for _, b := range blocks(t, page) {
			if b.language != "console" {
				continue
			}
			if dir == "" {
				dir = t.TempDir()
				if err := os.CopyFS(filepath.Join(dir, "fixtures"), os.DirFS("../../fixtures")); err != nil {
					t.Fatal(err)
				}
			}
			for _, s := range sessions(b) {
				run++
				cmd := exec.Command("sh", "-c", strings.ReplaceAll(s.command, "go run ./cmd/cupclint", "cupclint"))
				cmd.Dir = dir
				cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_STATE_HOME=" + dir, "LC_ALL=C",
					"GOCOVERDIR=" + t.TempDir()} // with make cover the program says on stderr if it is not set
				got, err := cmd.CombinedOutput()
				var exit *exec.ExitError
				if err != nil && !errors.As(err, &exit) {
					t.Fatal(err)
				}
				if !matches(s.output, string(got)) {
					t.Errorf("%s:%d: %s\nwrites\n%s\nbut the page shows\n%s", page, b.line, s.command, got, s.output)
				}
			}
		}
	}
	if run == 0 {
		t.Error("no page has a console block")
	}
}

func TestAPageThatShowsSomethingElseIsNoticed(t *testing.T) {
	for _, c := range []struct {
		shown, got string
		want       bool
	}{
		{"a\nb\n", "a\nb\n", true},
		{"a\n", "a\nb\n", false},
		{"a\n...\nd\n", "a\nb\nc\nd\n", true},
		{"a\n...\n", "a\n", true},
		{"...\n", "", true},
		{"", "a\n", false},
		{"a.c\n", "abc\n", false},
		{"a ...\n", "a b\n", false},
	} {
		if got := matches(c.shown, c.got); got != c.want {
			t.Errorf("%q shown, %q written: %v", c.shown, c.got, got)
		}
	}
}

// spelled returns the arguments of every call of cupclint in a piece of shell, as the shell takes them apart. Nothing is run.
func spelled(t *testing.T, text string) [][]string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	redirection := regexp.MustCompile(`>\s*\S+`) // no example writes to a file of this machine
	// docker run has its own words first, then the image, which is called cupclint, then those of cupclint.
	script := `set -f; cupclint() { for a; do printf '%s\037' "$a"; done >&3; printf '\n' >&3; }
docker() { while [ "$1" != cupclint ]; do shift; done; shift; cupclint "$@"; }
` + redirection.ReplaceAllString(text, "")
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir, cmd.ExtraFiles = t.TempDir(), []*os.File{w}
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := out.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) { // cat of a file that is only an example fails
		t.Fatal(err)
	}
	var calls [][]string
	for line := range strings.Lines(out.String()) {
		args := strings.Split(strings.TrimSuffix(line, "\n"), "\x1f")
		calls = append(calls, args[:len(args)-1])
	}
	return calls
}

// understood reports why a command line would be refused before it does anything.
func understood(args []string) error {
	root := newRootCmd(&environment{getenv: func(string) string { return "" }}, commands())
	root.InitDefaultCompletionCmd(args...)
	cmd, rest, err := root.Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}

// Every command that a page or a help text names has the flags that are given there.
func TestExamplesAreUnderstood(t *testing.T) {
	testrace.Slow(t, "starts the program hundreds of times")
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell is installed")
	}
	examples := map[string]string{}
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		examples["the help of "+cmd.CommandPath()] = cmd.Example
		for _, c := range cmd.Commands() {
			visit(c)
		}
	}
	visit(newRootCmd(&environment{getenv: func(string) string { return "" }}, commands()))
	for _, page := range pages(t) {
		for _, b := range blocks(t, page) {
			if b.language == "sh" {
				examples[page] += b.text
			}
		}
	}
	for where, text := range examples {
		var calls strings.Builder
		want := 0
		for line := range strings.Lines(text) {
			line, _, _ = strings.Cut(line, "   ") // the text after three blanks is prose
			line, _, _ = strings.Cut(strings.TrimSpace(strings.ReplaceAll(line, "go run ./cmd/cupclint", "cupclint")), " #")
			if n := strings.Count(" "+line, " cupclint "); n > 0 && !strings.HasPrefix(line, "docker build ") {
				want += n
				calls.WriteString(line + "\n")
			}
		}
		got := spelled(t, calls.String())
		if len(got) != want {
			t.Errorf("%s: %d calls, the shell made %d of them", where, want, len(got))
		}
		for _, args := range got {
			if err := understood(args); err != nil {
				t.Errorf("%s: cupclint %s: %v", where, strings.Join(args, " "), err)
			}
		}
	}
}

func TestAMisspelledExampleIsNoticed(t *testing.T) {
	for _, line := range []string{"cupclint lint --adresses x", "cupclint lnt x", "cupclint resolve", "cupclint lint --jobs many x"} {
		for _, args := range spelled(t, line) {
			if understood(args) == nil {
				t.Errorf("%q would be taken", line)
			}
		}
	}
}

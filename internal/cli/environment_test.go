package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime/debug"
	"strings"
	"testing"
	"testing/iotest"
)

func getenv(pairs ...string) func(string) string {
	return func(name string) string {
		for _, p := range pairs {
			if value, ok := strings.CutPrefix(p, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestColor(t *testing.T) {
	for _, c := range []struct {
		mode     string
		terminal bool
		env      func(string) string
		want     bool
	}{
		{"auto", true, getenv("TERM=xterm"), true},
		{"auto", true, getenv("TERM=xterm", "NO_COLOR=1"), false},
		{"auto", true, getenv("TERM=xterm", "NO_COLOR="), true}, // no-color.org: only when it is not empty
		{"auto", true, getenv("TERM=dumb"), false},
		{"auto", false, getenv("TERM=xterm"), false},
		{"always", false, getenv("TERM=dumb", "NO_COLOR=1"), true}, // asked for in so many words
		{"never", true, getenv("TERM=xterm"), false},
	} {
		env := &environment{outTerminal: c.terminal, getenv: c.env}
		if got := env.colored(c.mode); got != c.want {
			t.Errorf("%s, terminal %v, TERM=%s NO_COLOR=%q: %v", c.mode, c.terminal, c.env("TERM"), c.env("NO_COLOR"), got)
		}
	}
}

// One error may hold several, and may hold what came from an input.
func TestComplaintsAreLinesOfTheProgram(t *testing.T) {
	var stderr bytes.Buffer
	env := &environment{stderr: &stderr}
	env.complain(errors.Join(errors.New("first"), errors.New("second \x1b[31m\ncupclint: all is well")))
	if got, want := stderr.String(), "cupclint: first\ncupclint: second \\x1b[31m\\ncupclint: all is well\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Standard input that stays silent does not hold a run that is interrupted. A plan that was asked for is not replaced by findings.
func TestAnInterruptedRunDoesNotWaitForStandardInput(t *testing.T) {
	for want, args := range map[string][]string{"interrupted": {"lint", "-"}, "interrupted: no plan is printed": {"audit", "--plan", "-"}} {
		silent, writer := io.Pipe()
		defer writer.Close()
		ctx, cancel := context.WithCancel(context.Background())
		var stdout, stderr bytes.Buffer
		env := &environment{stdin: silent, stdout: &stdout, stderr: &stderr, getenv: getenv(), workDir: t.TempDir()}
		code := make(chan int)
		go func() { code <- execute(ctx, env, args) }()
		if _, err := io.WriteString(writer, "Presence"); err != nil { // returns when the command is reading
			t.Fatal(err)
		}
		cancel()
		if got := <-code; got != exitInput || !strings.Contains(stderr.String(), want) || args[0] == "audit" && stdout.Len() > 0 {
			t.Errorf("%q: exit code %d, %q, %q", args, got, &stdout, &stderr)
		}
	}
}

func TestInputIsReadWhole(t *testing.T) {
	text := strings.Repeat("a line of some length\n", 20_000)
	env := &environment{stdin: iotest.OneByteReader(strings.NewReader(text[:5000]))}
	if got, err := io.ReadAll(env.input(context.Background())); err != nil || string(got) != text[:5000] {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	env.stdin = strings.NewReader(text)
	if got, err := io.ReadAll(env.input(context.Background())); err != nil || string(got) != text {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// A command bounds the memory of the program, unless the user did, and never that of a process which does other work as well: the collector
// would take most of the time of the tests that run after lint.
func TestMemoryIsBoundInTheProgramOnly(t *testing.T) {
	limit := debug.SetMemoryLimit(-1)
	percent := debug.SetGCPercent(100)
	defer func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	}()
	const bound, growth = 1 << 40, 150
	for _, c := range []struct {
		name string
		env  *environment
		want bool
	}{
		{"the program", systemEnvironment(), true}, {"a limit of the user", systemEnvironment(), false},
		{"another process", &environment{}, false},
	} {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(100)
		c.env.getenv = getenv()
		if c.name == "a limit of the user" {
			c.env.getenv = getenv("GOMEMLIMIT=1GiB")
		}
		limitMemory(c.env, bound)
		collectAt(c.env, growth)
		if got := debug.SetMemoryLimit(-1) == bound; got != c.want {
			t.Errorf("%s: the limit is set: %v", c.name, got)
		}
		if got := debug.SetGCPercent(100) == growth; got != c.want {
			t.Errorf("%s: the growth is set: %v", c.name, got)
		}
	}
	if code, _, errs := cupclint(t, "", "lint", t.TempDir()); code == exitUsage || debug.SetMemoryLimit(-1) != limit {
		t.Errorf("a test that lints has the memory limit %d, was %d; exit code %d %s", debug.SetMemoryLimit(-1), limit, code, errs)
	}
}

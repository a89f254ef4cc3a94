package cli

import (
	"context"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"cupclint/export"
	"cupclint/internal/cli/term"
	"cupclint/internal/loginbudget"
	"cupclint/internal/platform"
	"cupclint/internal/safefile"
	"cupclint/internal/secret"
)

// An environment is all that a command touches of the world in addition to its inputs.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	workDir        string      // "" for that of the process
	reads, written []namedFile // files that are named, or found, to be read, and those that are written
	// ownProcess says that the process is the program's own, so that a command may bound the memory of it.
	ownProcess bool
	// log takes what --verbose and --debug show; nil without them.
	log *slog.Logger
	// outTerminal and errTerminal say that the streams are terminals; width is that of the first, 0 when unknown.
	outTerminal, errTerminal bool
	width                    int
	// errWidth is the width of the second.
	errWidth int
	// typed says that a person types standard input although it is not a terminal: a test plays a person.
	typed bool
	// listen has interrupts end the context of the run from now on; nil where they are not caught.
	listen func()
	// now is the clock that dates of suppressions are compared with; nil for the system's.
	now func() time.Time
	// loginCost is what a comparison with a remembered password costs; zero for the default. Tests are cheap.
	loginCost loginbudget.Cost
	// promptQuiet is how long nothing may follow a prompt of a server's command line; zero for the default. Tests do not wait.
	promptQuiet time.Duration
}

// A Process is what a command line runs in where it is not the program's own process: in tests.
type Process struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	WorkDir        string // "" for that of the process
	// Now is the clock that dates of suppressions are compared with; nil for the system's.
	Now func() time.Time
	// LoginCost is what a comparison with a remembered password costs; zero for the default.
	LoginCost loginbudget.Cost
}

// Run runs one command line and returns its exit code.
func (p Process) Run(ctx context.Context, args ...string) int {
	env := &environment{stdin: p.Stdin, stdout: p.Stdout, stderr: p.Stderr, getenv: p.Getenv, workDir: p.WorkDir, loginCost: p.LoginCost,
		now: p.Now}
	return execute(ctx, env, args)
}

// clock returns the time that dates of suppressions are compared with.
func (env *environment) clock() time.Time {
	if env.now == nil {
		return time.Now()
	}
	return env.now()
}

// dir is the folder that the names of files are relative to.
func (env *environment) dir() string {
	if env.workDir == "" {
		dir, _ := os.Getwd() // without one, only absolute paths work, and opening the others says so
		return dir
	}
	return env.workDir
}

// asks reports whether questions can be asked: a person types, and sees the answer.
func (env *environment) asks() bool {
	return env.outTerminal && (env.typed || promptTerminal(env) != nil)
}

func systemEnvironment() *environment {
	env := &environment{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv, ownProcess: true}
	env.outTerminal, env.width = term.Size(os.Stdout)
	env.errTerminal, env.errWidth = term.Size(os.Stderr)
	if env.outTerminal && !platform.Sequences(os.Stdout) || env.errTerminal && !platform.Sequences(os.Stderr) {
		env.getenv = func(name string) string {
			if name == "TERM" {
				return "dumb"
			}
			return os.Getenv(name)
		}
	}
	return env
}

// complain writes an error for a person, a line for each of a joined one. A line break in a file's name makes no line of its own.
func (env *environment) complain(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			env.complain(e)
		}
		return
	}
	env.note(hideTyped(err.Error()))
}

// hideTyped masks credentials that a user typed as a part of something else, such as the password in ldap://alice:password@dc1: an error
// repeats what was typed.
func hideTyped(text string) string {
	if strings.IndexByte(text, '@') < 0 && !strings.ContainsAny(text, "?&") {
		return text
	}
	return secret.Replace(text, slices.DeleteFunc(secret.Find(text, nil), func(s secret.Span) bool { return !s.Inside }), secret.Mask)
}

// colored decides on colour of standard output.
func (env *environment) colored(mode string) bool {
	return term.Color(mode, env.outTerminal, env.getenv)
}

// screen is standard error: there people are asked, and see how far a run is.
func (env *environment) screen() term.Screen {
	return term.Screen{W: env.stderr, Width: env.errWidth, Live: env.errTerminal && env.log == nil && env.getenv("TERM") != "dumb"}
}

// input is standard input for a command that listens for signals: the end of the context ends a read.
func (env *environment) input(ctx context.Context) io.Reader {
	return term.NewInterruptible(ctx, env.stdin)
}

// open opens a file that the user named, for reading; - is standard input. The context ends every wait for it.
func (env *environment) open(ctx context.Context, name string) (io.ReadCloser, error) {
	if name == export.Stdin {
		return io.NopCloser(env.input(ctx)), nil
	}
	f, err := safefile.Open(ctx, name)
	if err == nil {
		env.info("opened", "file", name)
	}
	return f, err
}

// A checkedWriter keeps the first error of standard output: the end of the run reports what was lost.
type checkedWriter struct {
	w   io.Writer
	err error
}

func (c *checkedWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}

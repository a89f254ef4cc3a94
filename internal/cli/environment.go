package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"cupclint/export"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
	"cupclint/internal/secret"
)

// An environment is all that a command touches of the world besides its inputs.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	workDir        string
	// outTerminal and errTerminal say that the streams are terminals; width is that of the first, 0 when unknown.
	outTerminal, errTerminal bool
	width                    int
	// errWidth is the width of the second.
	errWidth int
	// typed says that somebody types standard input although it is not a terminal: a test plays a person.
	typed bool
}

// asks reports whether questions can be asked: somebody types, and sees the answer.
func (env *environment) asks() bool {
	return env.outTerminal && (env.typed || promptTerminal(env) != nil)
}

func systemEnvironment() *environment {
	env := &environment{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv,
		outTerminal: term.IsTerminal(int(os.Stdout.Fd())), errTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
	if env.outTerminal {
		env.width, _, _ = term.GetSize(int(os.Stdout.Fd()))
	}
	if env.errTerminal {
		env.errWidth, _, _ = term.GetSize(int(os.Stderr.Fd()))
	}
	env.workDir, _ = os.Getwd() // without one, only absolute paths work, and opening the others says so
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
	fmt.Fprintln(env.stderr, "cupclint:", report.Clean(hideTyped(err.Error())))
}

// hideTyped masks credentials that somebody typed as a part of something else, such as the password in ldap://alice:password@dc1: an error
// repeats what was typed.
func hideTyped(text string) string {
	if strings.IndexByte(text, '@') < 0 && !strings.ContainsAny(text, "?&") {
		return text
	}
	return secret.Replace(text, slices.DeleteFunc(secret.Find(text, nil), func(s secret.Span) bool { return !s.Inside }), secret.Mask)
}

// colored decides on colour: always, never, or on a terminal that is not dumb and without NO_COLOR (no-color.org).
func (env *environment) colored(mode string) bool {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	}
	return env.outTerminal && env.getenv("NO_COLOR") == "" && env.getenv("TERM") != "dumb"
}

// input is standard input for a command that listens for signals. A read of a terminal or a pipe cannot be called back, and may last for
// ever; when the context ends, it is left to itself.
func (env *environment) input(ctx context.Context) io.Reader {
	if in, ok := env.stdin.(*interruptible); ok {
		return in
	}
	return &interruptible{ctx: ctx, in: env.stdin}
}

// open opens a file that the user named, for reading; - is standard input. The context ends every wait for it.
func (env *environment) open(ctx context.Context, name string) (io.ReadCloser, error) {
	if name == export.Stdin {
		return io.NopCloser(env.input(ctx)), nil
	}
	return safefile.Open(ctx, name)
}

// A checkedWriter keeps the first error of standard output: what was lost is said at the end, whoever wrote it.
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

type interruptible struct {
	ctx     context.Context
	in      io.Reader
	buf     []byte // of the read that is under way
	results chan readResult
}

type readResult struct {
	n   int
	err error
}

// Read reads into memory of its own: a read that was given up may still write to it. After one that was given up it
// only returns the context's error.
func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if r.buf == nil {
		r.buf, r.results = make([]byte, 64<<10), make(chan readResult, 1)
	}
	into := r.buf[:min(len(p), len(r.buf))]
	go func() {
		n, err := r.in.Read(into)
		r.results <- readResult{n, err}
	}()
	select {
	case got := <-r.results:
		return copy(p, into[:got.n]), got.err
	case <-r.ctx.Done():
		return 0, r.ctx.Err()
	}
}

// Package term is what the program does on a terminal: tables and pages in its width, questions, progress, input that an interrupt ends.
package term

import (
	"context"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// A Screen is where people read.
type Screen struct {
	W io.Writer
	// Width is its columns; 0 when unknown.
	Width int
	// Live says that lines can be drawn again: it is a terminal that is not dumb.
	Live bool
	// Color says that questions are shown in bold.
	Color bool
}

// Color decides on colour: always, never, or on a terminal that is not dumb and without NO_COLOR (no-color.org).
func Color(mode string, terminal bool, getenv func(string) string) bool {
	switch mode {
	case "always":
		return true
	case "never":
		return false
	}
	return terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
}

// Size reports whether the stream is a terminal, and its columns; 0 when unknown.
func Size(f *os.File) (terminal bool, columns int) {
	if !term.IsTerminal(int(f.Fd())) {
		return false, 0
	}
	columns, _, _ = term.GetSize(int(f.Fd()))
	return true, columns
}

// Terminal is the terminal that in reads, or nil.
func Terminal(in io.Reader) *os.File {
	if over, ok := in.(*Interruptible); ok {
		in = over.in
	}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}

// Password reads a line without echo. The program catches interrupts, so the prompt ends with ctx, and gives the terminal its echo back.
func Password(ctx context.Context, w io.Writer, terminal *os.File, prompt string) ([]byte, error) {
	fd := int(terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(w, "%s: ", prompt)
	defer fmt.Fprintln(w)
	type answer struct {
		text []byte
		err  error
	}
	read := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		read <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		_ = term.Restore(fd, before)
		return nil, ctx.Err()
	case a := <-read:
		return a.text, a.err
	}
}

// An Interruptible reads what a context ends. A read of a terminal or a pipe cannot be cancelled, and may last for ever; when the context
// ends, it is abandoned.
type Interruptible struct {
	ctx     context.Context
	in      io.Reader
	buf     []byte // of the read that is under way
	results chan readResult
}

type readResult struct {
	n   int
	err error
}

// NewInterruptible wraps in, unless it is wrapped already.
func NewInterruptible(ctx context.Context, in io.Reader) *Interruptible {
	if over, ok := in.(*Interruptible); ok {
		return over
	}
	return &Interruptible{ctx: ctx, in: in}
}

// Read reads into memory of its own: a read that was given up may still write to it. After one that was given up it
// only returns the context's error.
func (r *Interruptible) Read(p []byte) (int, error) {
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

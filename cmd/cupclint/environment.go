package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"cupclint/internal/report"
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
}

func systemEnvironment() *environment {
	env := &environment{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv,
		outTerminal: term.IsTerminal(int(os.Stdout.Fd())), errTerminal: term.IsTerminal(int(os.Stderr.Fd())),
	}
	if env.outTerminal {
		env.width, _, _ = term.GetSize(int(os.Stdout.Fd()))
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
	fmt.Fprintln(env.stderr, "cupclint:", report.Clean(err.Error()))
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

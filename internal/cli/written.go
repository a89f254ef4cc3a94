package cli

import (
	"fmt"
	"io"
	"strings"

	"cupclint/internal/report"
	"cupclint/internal/safefile"
)

// toStdout is the name of a file that means standard output. As an input it means standard input.
const toStdout = "-"

// note writes a line for a person to standard error, in lines of the terminal's width where there is one.
func (env *environment) note(text string) {
	report.Wrap(env.stderr, "cupclint: ", report.Clean(text), env.errWidth)
}

// folded folds the lines that write writes for a terminal of that width; 0 for none.
func folded(w io.Writer, width int, write func(io.Writer) error) error {
	if width <= 0 {
		return write(w)
	}
	var b strings.Builder
	if err := write(&b); err != nil {
		return err
	}
	_, err := io.WriteString(w, report.Fold(b.String(), width))
	return err
}

// wrote says that a file was written, and what is in it. All commands say it in this form, unless --quiet is given.
func (env *environment) wrote(quiet bool, name, what string) {
	if !quiet {
		env.note(name + " written: " + what)
	}
}

// writeOther writes a file that is not a report: readable by the user alone, or to standard output for -.
func (env *environment) writeOther(name string, write func(io.Writer) error) error {
	if name == toStdout {
		return write(env.stdout)
	}
	return safefile.Write(name, 0o600, write)
}

// fileOf is the name without the one that means standard output.
func fileOf(name string) string {
	if name == toStdout {
		return ""
	}
	return name
}

// reportCounts says what a report holds.
func reportCounts(d *report.Document) string {
	n := d.Summary.Findings
	text := "no findings"
	if n.Error+n.Warning+n.Info > 0 {
		text = plural(n.Error, "error", "errors") + ", " + plural(n.Warning, "warning", "warnings")
	}
	if n.Info > 0 {
		text += fmt.Sprintf(", %d info", n.Info)
	}
	if k := len(d.Errors); k > 0 {
		text += fmt.Sprintf("; %d not read or not probed to the end", k)
	}
	return text
}

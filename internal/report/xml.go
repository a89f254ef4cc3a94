package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"cupclint/lint"
)

// noFile is written where a format wants a file and a live finding has none.
const noFile = "network"

// An xmlWriter writes elements. Text is cleaned first: what is not a character of XML 1.0 cannot be escaped there either.
type xmlWriter struct{ *bufio.Writer }

func (x xmlWriter) text(s string) {
	_ = xml.EscapeText(x, []byte(Clean(s))) // the buffer keeps the error
}

// start writes a start tag. Attributes are name and value in turn.
func (x xmlWriter) start(name string, attributes ...string) {
	x.WriteString("<" + name)
	for i := 0; i < len(attributes); i += 2 {
		x.WriteString(" " + attributes[i] + `="`)
		x.text(attributes[i+1])
		x.WriteByte('"')
	}
	x.WriteString(">")
}

func (x xmlWriter) end(name string) { x.WriteString("</" + name + ">\n") }

// told are message, evidence and fix of a finding and the page of its rule, one a line.
func (d *Document) told(f *lint.Finding) []string {
	return append(append([]string{f.Message}, details(f)...), "help: "+d.help(f.Rule))
}

// details are evidence and fix of a finding, one a line.
func details(f *lint.Finding) []string {
	var lines []string
	if f.Address != "" {
		lines = append(lines, "registers to: "+f.Address)
	}
	for _, e := range f.Evidence {
		lines = append(lines, "seen: "+e)
	}
	for i := range f.Related {
		r := &f.Related[i]
		lines = append(lines, "with: "+place(r.File, r.Line, r.Column)+": "+r.Message)
	}
	if f.Fix != "" {
		lines = append(lines, "fix: "+f.Fix)
	}
	return lines
}

// place is file:line:column, as far as known.
func place(file string, line, column int) string {
	switch {
	case file == "":
		return noFile
	case line == 0:
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}

// writeJUnit writes a test case for each finding, as most readers of the format know it (there is no standard; the elements are those of
// Jenkins' xUnit schema). Errors and warnings are failures, infos pass with their text, suppressed findings are skipped, and
// inputs that could not be read are errors. A run that finds nothing has one test case that passes.
func writeJUnit(w io.Writer, d *Document, _ Style) error {
	x := xmlWriter{bufio.NewWriterSize(w, 64<<10)}
	count := d.Summary.Findings
	tests, skipped := count.Error+count.Warning+count.Info+len(d.Errors), 0
	if d.Suppressed != nil {
		skipped = d.Summary.Suppressed
	}
	tests += skipped
	empty := tests == 0
	if empty {
		tests = 1
	}
	x.WriteString(xml.Header)
	numbers := []string{"tests", fmt.Sprint(tests), "failures", fmt.Sprint(count.Error + count.Warning), "errors", fmt.Sprint(len(d.Errors))}
	x.start("testsuites", append([]string{"name", "cupclint"}, numbers...)...)
	x.WriteString("\n")
	x.start("testsuite", append(append([]string{"name", "cupclint"}, numbers...), "skipped", fmt.Sprint(skipped))...)
	x.WriteString("\n")
	if empty {
		x.start("testcase", "classname", "cupclint", "name", "nothing found")
		x.end("testcase")
	}
	for f, err := range both(d) {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		x.testCase(d, f)
	}
	for i := range d.Errors {
		e := &d.Errors[i]
		x.start("testcase", "classname", place(e.File, 0, 0), "name", "readable "+place(e.File, e.Line, e.Column))
		x.start("error", "message", e.Message, "type", "unreadable")
		x.text(e.Error())
		x.WriteString("</error>")
		x.end("testcase")
	}
	x.end("testsuite")
	x.end("testsuites")
	return x.Flush()
}

func (x xmlWriter) testCase(d *Document, f *lint.Finding) {
	where := place(f.File, f.Line, f.Column)
	x.start("testcase", "classname", place(f.File, 0, 0), "name", fmt.Sprintf("%s %s %s", f.Rule, f.Name, where))
	element := "failure"
	switch {
	case f.Suppressed != "":
		x.start("skipped", "message", "suppressed: "+f.Suppressed)
		element = "skipped"
	case f.Severity == lint.Info:
		x.start("system-out")
		element = "system-out"
	default:
		x.start("failure", "message", f.Message, "type", f.Severity.String())
	}
	for _, line := range append([]string{where + ": " + f.Severity.String() + ": " + f.Message}, d.told(f)[1:]...) {
		x.text(line) // a line break in a value stays within its line
		x.WriteByte('\n')
	}
	x.WriteString("</" + element + ">")
	x.end("testcase")
}

// writeCheckstyle writes the XML of Checkstyle (its report has no schema of its own; the elements are those of version 4.3 on, which
// every reader knows).
func writeCheckstyle(w io.Writer, d *Document, _ Style) error {
	x := xmlWriter{bufio.NewWriterSize(w, 64<<10)}
	x.WriteString(xml.Header)
	x.start("checkstyle", "version", "4.3")
	x.WriteString("\n")
	open, file := false, ""
	into := func(name string) {
		if open && name == file {
			return
		}
		if open {
			x.end("file")
		}
		open, file = true, name
		x.start("file", "name", place(name, 0, 0))
		x.WriteString("\n")
	}
	line := func(line, column int, severity, message, source string) {
		attributes := []string{"line", fmt.Sprint(max(line, 1))}
		if column > 0 {
			attributes = append(attributes, "column", fmt.Sprint(column))
		}
		x.start("error", append(attributes, "severity", severity, "message", message, "source", source)...)
		x.end("error")
	}
	for f, err := range d.Findings {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		into(f.File)
		line(f.Line, f.Column, f.Severity.String(), strings.Join(d.told(f), "; "), "cupclint."+f.Area+"."+f.Rule)
	}
	for i := range d.Errors {
		e := &d.Errors[i]
		into(e.File)
		line(e.Line, e.Column, "error", e.Message, "cupclint.unreadable")
	}
	if open {
		x.end("file")
	}
	x.end("checkstyle")
	return x.Flush()
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"cupclint/export"
	"cupclint/lint"
)

// Colours of a terminal (ECMA-48).
const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	blue   = "1;34"
	green  = "32"
	faint  = "2"
)

type textWriter struct {
	*bufio.Writer
	Style
}

func (t *textWriter) paint(color, s string) string {
	if !t.Color || s == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

func writeText(w io.Writer, d *Document, s Style) error {
	t := &textWriter{bufio.NewWriter(w), s}
	if d.Preface != nil && !s.Quiet {
		if err := d.Preface(t); err != nil {
			return err
		}
	}
	for f, err := range d.Findings {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		t.finding(f)
	}
	if d.Addresses != nil {
		if err := t.addresses(d); err != nil {
			return err
		}
	}
	if !s.Quiet {
		t.summary(d)
	}
	return t.Flush()
}

func (t *textWriter) finding(f *lint.Finding) {
	color := map[lint.Severity]string{lint.Error: red, lint.Warning: yellow, lint.Info: blue}[f.Severity]
	if f.File != "" {
		place := Clean(f.File)
		if f.Line > 0 {
			place += fmt.Sprintf(":%d:%d", f.Line, f.Column)
		}
		t.WriteString(t.paint(bold, place) + ": ")
	}
	fmt.Fprintf(t, "%s %s %s\n", t.paint(color, f.Severity.String()), t.paint(bold, f.Rule), f.Name)
	fmt.Fprintf(t, "  %s\n", sentence(Clean(f.Message)))
	if f.Source != "" {
		t.source(f, color)
	}
	for _, e := range f.Evidence {
		fmt.Fprintf(t, "  %s %s\n", t.paint(faint, "seen:"), Clean(e))
	}
	if f.Fix != "" {
		fmt.Fprintf(t, "  %s  %s\n", t.paint(green, "fix:"), Clean(f.Fix))
	}
	t.WriteString("\n")
}

// sentence gives a message, which is written as a clause, the look of a sentence.
func sentence(s string) string {
	if s == "" {
		return s
	}
	first, rest := s[:1], s[1:]
	if i := strings.IndexAny(s, " ."); i < 0 || s[i] == ' ' { // a key such as Directory.DN keeps its case
		first = strings.ToUpper(first)
	}
	s = first + rest
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// source shows the line at fault with carets below the place.
func (t *textWriter) source(f *lint.Finding, color string) {
	number := fmt.Sprint(f.Line)
	gutter := strings.Repeat(" ", len(number))
	skip := max(0, f.Column-f.SourceColumn)
	length := f.EndColumn - f.Column
	if f.EndLine > f.Line || length < 1 {
		length = 1
	}
	var line, below strings.Builder
	at, marked := 0, 0
	runes := []rune(f.Source)
	if skip <= len(runes) && strings.HasPrefix(string(runes[skip:]), export.Mask) {
		length = len(export.Mask) // a secret: the mask stands for it, whatever its length
	}
	for _, r := range runes {
		shown, columns := cleanRune(r), 1
		switch {
		case r == '\t':
			shown = "\t"
		case len(shown) > 1 && shown[0] == '\\':
			columns = len(shown)
		default:
			columns = cells(r)
		}
		line.WriteString(shown)
		switch {
		case at < skip && r == '\t':
			below.WriteByte('\t')
		case at < skip:
			below.WriteString(strings.Repeat(" ", columns))
		case at < skip+length:
			marked += columns
		}
		at++
	}
	below.WriteString(t.paint(color, strings.Repeat("^", max(1, marked))))
	fmt.Fprintf(t, "  %s %s\n", t.paint(faint, number+" |"), line.String())
	fmt.Fprintf(t, "  %s %s\n", t.paint(faint, gutter+" |"), below.String())
}

// cells is how many columns a character takes on a terminal (UAX #11).
func cells(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

func (t *textWriter) summary(d *Document) {
	n := d.Summary.Findings
	total := n.Error + n.Warning + n.Info
	color := green
	if total > 0 {
		color = bold
	}
	s := t.paint(color, counted(total, "finding"))
	if total > 0 {
		s += fmt.Sprintf(" (%s, %s, %d info)", counted(n.Error, "error"), counted(n.Warning, "warning"), n.Info)
	}
	s += fmt.Sprintf(" in %s with %s", counted(d.Summary.Files, "export"), properties(d.Summary.Properties))
	if d.Summary.Suppressed > 0 {
		s += fmt.Sprintf("; %d suppressed", d.Summary.Suppressed)
	}
	if len(d.Errors) > 0 {
		s += "; " + t.paint(red, counted(len(d.Errors), "input")+" could not be read")
	}
	fmt.Fprintln(t, s)
}

func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func properties(n int) string {
	if n == 1 {
		return "1 property"
	}
	return fmt.Sprintf("%d properties", n)
}

// addresses writes the table of presence addresses. The rows are read twice, for the widths and for the text.
func (t *textWriter) addresses(d *Document) error {
	header := []string{"FILE", "NODE", "ADDRESS", "STEP", "VERDICT"}
	widths := make([]int, len(header))
	for i, h := range header {
		widths[i] = len(h)
	}
	for row, err := range d.Addresses {
		if err != nil {
			return fmt.Errorf("read addresses back: %w", err)
		}
		for i, c := range cellsOf(row) {
			widths[i] = max(widths[i], textWidth(c))
		}
	}
	t.row(header, widths)
	for row, err := range d.Addresses {
		if err != nil {
			return fmt.Errorf("read addresses back: %w", err)
		}
		t.row(cellsOf(row), widths)
	}
	t.WriteString("\n")
	return nil
}

func cellsOf(r *lint.AddressRow) []string {
	verdict := r.Verdict
	if r.Generation == "xmpp" {
		verdict += " (SIP generation)" // clients of the XMPP generation do not register to it
	}
	return []string{Clean(r.File), r.Role, Clean(r.Address), r.Step, verdict}
}

func textWidth(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}

func (t *textWriter) row(cells []string, widths []int) {
	var b strings.Builder
	for i, c := range cells {
		if i == len(cells)-1 {
			b.WriteString(c)
			break
		}
		b.WriteString(c + strings.Repeat(" ", widths[i]-textWidth(c)+2))
	}
	fmt.Fprintln(t, strings.TrimRight(b.String(), " "))
}

package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"cupclint/export"
	"cupclint/internal/report/group"
	"cupclint/lint"
)

type textWriter struct {
	*bufio.Writer
	Style
}

func (t *textWriter) paint(color, s string) string {
	return Paint(t.Color, color, s)
}

func writeText(w io.Writer, d *Document, s Style) error {
	t := &textWriter{bufio.NewWriter(w), s}
	if d.Preface != nil && !s.Quiet {
		if err := d.Preface(t, t.Width); err != nil {
			return err
		}
	}
	if len(d.Probes) > 0 && !s.Quiet {
		if err := t.probes(d); err != nil {
			return err
		}
	}
	groups, err := d.groups(s.All)
	if err != nil {
		return err
	}
	for f, err := range groups.All() {
		if err != nil {
			return fmt.Errorf("read findings back: %w", err)
		}
		t.finding(f.Finding, f.Group)
		if u := d.url(f.Rule); u != "" || s.Verbose {
			fmt.Fprintf(t, "  %s %s\n", t.paint(Faint, "help:"), Clean(d.help(f.Rule)))
		}
		t.WriteString("\n")
	}
	if d.Addresses != nil {
		if err := t.addresses(d); err != nil {
			return err
		}
	}
	if d.Deployments != nil {
		t.deployments(d)
	}
	if s.Verbose && d.Inputs != nil {
		if err := t.inputs(d); err != nil {
			return err
		}
	}
	if s.Statistics {
		if err := t.statistics(d); err != nil {
			return err
		}
	}
	if !s.Quiet {
		for _, n := range d.Notes {
			Wrap(t, "", Clean(n), t.Width)
			t.WriteString("\n")
		}
		t.summary(d)
	}
	return t.Flush()
}

// finding writes a finding, or with its places all that are the same: g is nil where there is one.
func (t *textWriter) finding(f *lint.Finding, g *group.Group) {
	color := map[lint.Severity]string{lint.Error: Red, lint.Warning: Magenta, lint.Info: Blue}[f.Severity]
	if f.File != "" {
		t.WriteString(t.paint(Bold, position(f.File, f.Line, f.Column)) + ": ")
	}
	fmt.Fprintf(t, "%s %s %s\n", t.paint(color, f.Severity.String()), t.paint(Bold, Clean(f.Rule)), Clean(f.Name))
	Wrap(t, "  ", sentence(Clean(f.Message), f.Key), t.Width)
	if f.Source != "" {
		t.source(f, color)
	}
	if g != nil {
		t.places(g)
	}
	for _, r := range f.Related {
		wrap(t, "  "+t.paint(Faint, "with:")+" ", len("  with: "), position(r.File, r.Line, r.Column)+": "+Clean(r.Message), t.Width)
	}
	for _, e := range f.Evidence {
		wrap(t, "  "+t.paint(Faint, "seen:")+" ", len("  seen: "), Clean(e), t.Width)
	}
	if f.Fix != "" {
		wrap(t, "  "+t.paint(Green, "fix:")+"  ", len("  fix:  "), Clean(f.Fix), t.Width)
	}
}

// sentence gives a message, which is written as a clause, the look of a sentence. The key that it begins with keeps its case.
func sentence(s, key string) string {
	if s == "" {
		return s
	}
	first, _, _ := strings.Cut(s, " ")
	name := strings.TrimRight(first, ":,")
	isKey := strings.EqualFold(name, key[strings.LastIndexAny(key, `.\`)+1:]) || strings.EqualFold(name, key)
	if !isKey && !strings.ContainsAny(first, "._ABCDEFGHIJKLMNOPQRSTUVWXYZ") { // a name such as Directory.DN or selfcareURL keeps its case
		r, size := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(r)) + s[size:]
	}
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// source shows the line of a finding with carets below the place. A line that the terminal would break is cut: the carets would
// be below something else.
func (t *textWriter) source(f *lint.Finding, color string) {
	number := fmt.Sprint(f.Line)
	skip := max(0, f.Column-f.SourceColumn)
	length := f.EndColumn - f.Column
	if f.EndLine > f.Line || length < 1 {
		length = 1
	}
	runes := []rune(f.Source)
	if skip <= len(runes) && strings.HasPrefix(string(runes[skip:]), export.Mask) {
		length = len(export.Mask) // a secret: the mask stands for it, whatever its length
	}
	shown := make([]cell, len(runes))
	for i, r := range runes {
		shown[i] = t.cell(r)
	}
	from, to := window(shown, skip, length, t.Width-len("   | ")-len(number))
	var line, below strings.Builder
	if from > 0 {
		line.WriteString(cut)
		below.WriteString(strings.Repeat(" ", len(cut)))
	}
	marked := 0
	for at := from; at < to; at++ {
		c := shown[at]
		line.WriteString(c.shown)
		switch {
		case at < skip && c.shown == "\t":
			below.WriteByte('\t')
		case at < skip:
			below.WriteString(strings.Repeat(" ", c.columns))
		case at < skip+length:
			marked += c.columns
		}
	}
	if to < len(shown) {
		line.WriteString(cut)
	}
	below.WriteString(t.paint(color, strings.Repeat("^", max(1, marked))))
	fmt.Fprintf(t, "  %s %s\n", t.paint(Faint, number+" |"), line.String())
	fmt.Fprintf(t, "  %s %s\n", t.paint(Faint, strings.Repeat(" ", len(number))+" |"), below.String())
}

// cell is how a character of a source line is shown. Where the width counts, a tab is some blanks: their number depends on
// its place.
func (t *textWriter) cell(r rune) cell {
	shown := cleanRune(r)
	switch {
	case r == '\t' && t.Width > 0:
		return cell{"    ", 4}
	case r == '\t':
		return cell{"\t", 1}
	case len(shown) > 1 && shown[0] == '\\':
		return cell{shown, len(shown)}
	}
	return cell{shown, cells(r)}
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

// CountsText says how many findings there are of each severity.
func CountsText(n lint.Counts) string {
	return fmt.Sprintf("%s, %s, %d info", counted(n.Error, "error"), counted(n.Warning, "warning"), n.Info)
}

func (t *textWriter) summary(d *Document) {
	n := d.Summary.Findings
	total := n.Error + n.Warning + n.Info
	color := Green
	if total > 0 || d.nothingRead() || len(d.Errors) > 0 {
		color = Bold // green is for what was read and found to be good
	}
	s := t.paint(color, counted(total, "finding"))
	if total > 0 {
		s += " (" + CountsText(n) + ")"
	}
	if d.hasExports() {
		s += fmt.Sprintf(" in %s with %s", counted(d.Summary.Files, "export"), properties(d.Summary.Properties))
	}
	if d.Summary.Files == 0 && d.Probes == nil && d.Inputs != nil {
		s = t.paint(Red, "nothing was read") + "; no export was checked"
	}
	for _, passed := range skipped(d) {
		s += "; " + passed
	}
	if d.Summary.Suppressed > 0 {
		s += fmt.Sprintf("; %d suppressed", d.Summary.Suppressed)
	}
	if d.Summary.Baseline > 0 {
		s += fmt.Sprintf("; %d in the baseline", d.Summary.Baseline)
	}
	switch n := len(d.Errors); {
	case n > 0 && d.Probes != nil:
		s += "; " + t.paint(Red, fmt.Sprintf("%d not read or not fully probed", n))
	case n > 0:
		s += "; " + t.paint(Red, counted(n, "input")+" could not be read")
	}
	fmt.Fprint(t, Fold(s+"\n", t.Width))
}

// skipped says which files were skipped, by kind.
func skipped(d *Document) (parts []string) {
	if n := d.Summary.Passed; n > 0 {
		parts = append(parts, counted(n, "file")+" of other tools skipped")
	}
	if n := d.Summary.Answers; n > 0 {
		parts = append(parts, counted(n, "answer")+" that no rule uses skipped")
	}
	return parts
}

// inputs lists what was read, what it was read as, and the first places of what was skipped.
func (t *textWriter) inputs(d *Document) error {
	for row, err := range d.Inputs {
		if err != nil {
			return fmt.Errorf("read inputs back: %w", err)
		}
		if row.Skipped() {
			what := "a file of another tool"
			if row.Format == lint.UnknownAnswer {
				what = "an answer that no rule uses"
			}
			fmt.Fprintf(t, "%s: %s, skipped\n", t.paint(Bold, Clean(row.File)), what)
			continue
		}
		fmt.Fprintf(t, "%s: %s, %s", t.paint(Bold, Clean(row.File)), row.Format, properties(row.Properties))
		if row.Ignored == nil {
			t.WriteString("\n")
			continue
		}
		fmt.Fprintf(t, "; %s skipped:\n", counted(row.Ignored.Count, "place"))
		for _, p := range row.Ignored.First {
			fmt.Fprintf(t, "  %s %s\n", t.paint(Faint, fmt.Sprintf("line %d |", p.Line)), Clean(p.Text))
		}
		if more := row.Ignored.Count - len(row.Ignored.First); more > 0 {
			fmt.Fprintf(t, "  and %s\n", counted(more, "more place"))
		}
	}
	t.WriteString("\n")
	return nil
}

// nothingRead reports that there is nothing that could have been found good.
func (d *Document) nothingRead() bool {
	return d.Probes == nil && d.Inputs != nil && d.Summary.Properties == 0
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

// addresses writes the table of presence addresses. The rows are read twice, for the widths and for the text. Where the table is too
// wide for the terminal, the file has a line of its own above its addresses.
func (t *textWriter) addresses(d *Document) error {
	header := []string{"FILE", "NODE", "ADDRESS", "STEP", "VERDICT"}
	widths := make([]int, len(header))
	for i, h := range header {
		widths[i] = len(h)
	}
	none := true
	for row, err := range d.Addresses {
		if err != nil {
			return fmt.Errorf("read addresses back: %w", err)
		}
		none = false
		for i, c := range cellsOf(row) {
			widths[i] = max(widths[i], TextWidth(c))
		}
	}
	if none {
		return nil
	}
	total := 2 * (len(widths) - 1)
	for _, n := range widths {
		total += n
	}
	narrow := t.Width > 0 && total > t.Width
	if narrow {
		t.row(append([]string{""}, header[1:]...), append([]int{0}, widths[1:]...))
	} else {
		t.row(header, widths)
	}
	file := ""
	for row, err := range d.Addresses {
		if err != nil {
			return fmt.Errorf("read addresses back: %w", err)
		}
		columns := cellsOf(row)
		if !narrow {
			t.row(columns, widths)
			continue
		}
		if columns[0] != file {
			file = columns[0]
			fmt.Fprintln(t, t.paint(Bold, file))
		}
		t.row(append([]string{""}, columns[1:]...), append([]int{0}, widths[1:]...))
	}
	t.WriteString("\n")
	return nil
}

func cellsOf(r *lint.AddressRow) []string {
	verdict := r.Verdict
	if r.Generation == "xmpp" {
		verdict += " (SIP generation)" // clients of the XMPP generation do not register to it
	}
	return []string{Clean(r.File), Clean(r.Role), Clean(r.Address), Clean(r.Step), Clean(verdict)}
}

// TextWidth is how many columns a text takes on a terminal.
func TextWidth(s string) int {
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
		b.WriteString(c + strings.Repeat(" ", widths[i]-TextWidth(c)+2))
	}
	fmt.Fprintln(t, strings.TrimRight(b.String(), " "))
}

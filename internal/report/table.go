package report

import (
	"bufio"
	"io"
	"iter"
	"strings"
)

// Table writes rows below a header, in columns as wide as their widest cell. The last column is wrapped at width columns, unless that is
// 0 or too small for it. Cells must be clean.
func Table(w io.Writer, header []string, rows [][]string, width int) error {
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i, c := range row {
			widths[i] = max(widths[i], TextWidth(c))
		}
	}
	last := len(header) - 1
	indent := 0
	for _, n := range widths[:last] {
		indent += n + 2
	}
	b := bufio.NewWriter(w)
	t := &textWriter{b, Style{}}
	for _, row := range append([][]string{header}, rows...) {
		if width > 0 && min(width, widest)-indent >= minLast {
			var lead strings.Builder
			for i, c := range row[:last] {
				lead.WriteString(c + strings.Repeat(" ", widths[i]-TextWidth(c)+2))
			}
			wrap(t, lead.String(), indent, row[last], width)
			continue
		}
		t.row(row, widths)
	}
	return b.Flush()
}

// minLast is the least width worth wrapping into, in columns.
const minLast = 20

// probes writes what was contacted.
func (t *textWriter) probes(d *Document) error {
	rows := make([][]string, len(d.Probes))
	for i, p := range d.Probes {
		result := Clean(p.Summary)
		if p.Incomplete != "" {
			result += "; not to the end: " + Clean(p.Incomplete)
		}
		rows[i] = []string{p.Area, Clean(p.Target), result}
	}
	if err := Table(t, []string{"AREA", "TARGET", "RESULT"}, rows, t.Width); err != nil {
		return err
	}
	_, err := t.WriteString("\n")
	return err
}

// Rows makes a sequence of rows that are in memory: addresses, inputs.
func Rows[R any](rows []R) iter.Seq2[*R, error] {
	return func(yield func(*R, error) bool) {
		for i := range rows {
			if !yield(&rows[i], nil) {
				return
			}
		}
	}
}

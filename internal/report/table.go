package report

import (
	"iter"
	"strings"
)

// leastColumn is the width below which a table's last column, which is prose, is moved into lines of its own.
const leastColumn = 40

// Table aligns rows, the header first. On a terminal that is too narrow the last column is broken, so that the others stay in line.
func Table(width int, rows [][]string) string {
	last := len(rows[0]) - 1
	widths := make([]int, last+1)
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], TextWidth(c))
		}
	}
	start := 0 // of the last column
	for _, n := range widths[:last] {
		start += n + 2
	}
	fits := width <= 0 || start+widths[last] <= width
	var out strings.Builder
	for _, r := range rows {
		var head strings.Builder
		for i, c := range r[:last] {
			head.WriteString(c + strings.Repeat(" ", widths[i]-TextWidth(c)+2))
		}
		switch {
		case fits, r[last] == "" && start <= width:
			out.WriteString(strings.TrimRight(head.String()+r[last], " ") + "\n")
		case width-start >= leastColumn:
			Wrap(&out, head.String(), r[last], width)
		case start <= width:
			out.WriteString(strings.TrimRight(head.String(), " ") + "\n")
			Wrap(&out, "    ", r[last], width)
		default: // several columns of prose
			Wrap(&out, "", r[0], width)
			for _, c := range r[1:] {
				if c != "" {
					Wrap(&out, "    ", c, width)
				}
			}
		}
	}
	return out.String()
}

// probes writes what was contacted.
func (t *textWriter) probes(d *Document) error {
	rows := make([][]string, len(d.Probes))
	for i, p := range d.Probes {
		result := Clean(p.Summary)
		if p.Incomplete != "" {
			result += "; not finished: " + Clean(p.Incomplete)
		}
		rows[i] = []string{p.Area, Clean(p.Target), result}
	}
	_, err := t.WriteString(Table(t.Width, append([][]string{{"AREA", "TARGET", "RESULT"}}, rows...)) + "\n")
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

package term

import (
	"io"
	"strings"

	"cupclint/internal/report"
)

// leastColumn is the width below which a table's last column, which is prose, is moved into lines of its own.
const leastColumn = 40

// Table aligns rows, the header first. On a terminal that is too narrow the last column is broken, so that the others stay in line.
func Table(width int, rows [][]string) string {
	last := len(rows[0]) - 1
	widths := make([]int, last+1)
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], report.TextWidth(c))
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
			head.WriteString(c + strings.Repeat(" ", widths[i]-report.TextWidth(c)+2))
		}
		switch {
		case fits, r[last] == "" && start <= width:
			out.WriteString(strings.TrimRight(head.String()+r[last], " ") + "\n")
		case width-start >= leastColumn:
			report.Wrap(&out, head.String(), r[last], width)
		case start <= width:
			out.WriteString(strings.TrimRight(head.String(), " ") + "\n")
			report.Wrap(&out, "    ", r[last], width)
		default: // several columns of prose
			report.Wrap(&out, "", r[0], width)
			for _, c := range r[1:] {
				if c != "" {
					report.Wrap(&out, "    ", c, width)
				}
			}
		}
	}
	return out.String()
}

// Page shows a page of the documentation on a terminal: paragraphs and points are broken anew for its width, headings and code stand
// out without their marks. Elsewhere a page is written as it is, for whatever shows Markdown.
func Page(w io.Writer, page string, width int, color bool) error {
	bold := func(s string) string {
		if !color {
			return s
		}
		return "\x1b[1m" + s + "\x1b[0m"
	}
	var out strings.Builder
	var lead, paragraph string
	var rows [][]string
	flush := func() {
		if paragraph != "" {
			report.Wrap(&out, lead, paragraph, width)
		}
		if rows != nil {
			out.WriteString(Table(width, rows))
		}
		lead, paragraph, rows = "", "", nil
	}
	code := false
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\r\n")
		point, isPoint := strings.CutPrefix(line, "- ")
		row, isRow := strings.CutPrefix(line, "|")
		switch {
		case strings.HasPrefix(line, "```"):
			flush()
			code = !code
		case code:
			out.WriteString("    " + line + "\n")
		case strings.HasPrefix(line, "#"):
			flush()
			out.WriteString(bold(strings.TrimLeft(line, "# ")) + "\n")
		case isRow && strings.HasPrefix(row, " ---"): // the rule below the header
		case isRow:
			if rows == nil {
				flush()
			}
			cells := strings.Split(plain(strings.TrimSuffix(row, "|")), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		case line == "":
			flush()
			out.WriteByte('\n')
		case isPoint:
			flush()
			lead, paragraph = "- ", plain(point)
		case paragraph == "":
			paragraph = plain(line)
		default:
			paragraph += " " + plain(strings.TrimSpace(line))
		}
	}
	flush()
	_, err := io.WriteString(w, out.String())
	return err
}

// plain takes the marks of code away.
func plain(s string) string { return strings.ReplaceAll(s, "`", "") }

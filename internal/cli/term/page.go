package term

import (
	"io"
	"strings"

	"cupclint/internal/report"
)

// Page shows a page of the documentation on a terminal: paragraphs and points are broken for its width, headings and code are
// shown without their marks. Elsewhere a page is written as Markdown.
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
			out.WriteString(report.Table(width, rows))
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

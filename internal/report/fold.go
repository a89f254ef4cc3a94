package report

import "strings"

// mostHang is the column up to which a folded line is continued below its last column.
const mostHang = 40

// Fold breaks the lines of a text that are wider than a terminal. A line is continued below its last column where that begins in the left
// half, else two columns to the right of where the line begins. Columns are at least two blanks apart. A word is not broken: people copy
// names and addresses. With a width of 0 the text stays as it is.
func Fold(text string, width int) string {
	if width <= 0 {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		body, end := strings.CutSuffix(line, "\n")
		if shownWidth(body) > width {
			body = foldLine(body, width)
		}
		b.WriteString(body)
		if end {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func foldLine(line string, width int) string {
	rest := strings.TrimLeft(line, " ")
	begin := len(line) - len(rest)
	hang, lead := begin+2, begin
	for { // over the gaps between columns
		i := strings.Index(line[lead:], "  ")
		if i < 0 {
			break
		}
		next := lead + i + len(line[lead+i:]) - len(strings.TrimLeft(line[lead+i:], " "))
		if shownWidth(line[:next]) > min(mostHang, width/2) {
			break
		}
		lead, hang = next, shownWidth(line[:next])
	}
	var b strings.Builder
	b.WriteString(line[:lead])
	used, begun := shownWidth(line[:lead]), false
	for word := range strings.SplitSeq(line[lead:], " ") {
		n := shownWidth(word)
		switch {
		case !begun:
		case used+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", hang))
			used = hang
		default:
			b.WriteByte(' ')
			used++
		}
		begun = true
		b.WriteString(word)
		used += n
	}
	return b.String()
}

// shownWidth is the width of a text that may have colours of Paint in it.
func shownWidth(s string) int {
	n := 0
	for {
		before, rest, ok := strings.Cut(s, "\x1b[")
		n += TextWidth(before)
		if !ok {
			return n
		}
		_, s, _ = strings.Cut(rest, "m")
	}
}

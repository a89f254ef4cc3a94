package report

import (
	"fmt"
	"io"
	"strings"
)

// widest is where lines end on a wider terminal: longer ones are hard to read.
const widest = 100

// Wrap writes a text in lines of at most width columns. The first begins with lead, the others with as many blanks. A word that is
// too long for a line is not broken: people copy names and addresses. With a width of 0 all is one line. Errors are left to the
// writer's owner, who flushes it.
func Wrap(w io.Writer, lead, text string, width int) { wrap(w, lead, shownWidth(lead), text, width) }

// wrap gets how many columns the lead takes: it may hold colours.
func wrap(w io.Writer, lead string, indent int, text string, width int) {
	if width <= 0 || indent+shownWidth(text) <= min(width, widest) {
		fmt.Fprintln(w, lead+text)
		return
	}
	room := max(20, min(width, widest)-indent)
	line := lead
	used := 0
	for word := range strings.SplitSeq(text, " ") {
		columns := shownWidth(word)
		if used > 0 && used+1+columns > room {
			fmt.Fprintln(w, line)
			line, used = strings.Repeat(" ", indent), 0
		}
		if used > 0 {
			line += " "
			used++
		}
		line += word
		used += columns
	}
	fmt.Fprintln(w, line)
}

// A cell is one character of a source line as it is shown.
type cell struct {
	shown   string
	columns int
}

// window returns which cells fit into a number of columns, given that those from mark on matter most, and how long the mark is.
// A cut end is shown by a mark of its own, three columns wide, for which room is kept.
func window(line []cell, mark, length, columns int) (from, to int) {
	total := 0
	for _, c := range line {
		total += c.columns
	}
	if columns <= 0 || total <= columns {
		return 0, len(line)
	}
	room := max(20, columns-2*len(cut))
	mark = min(mark, len(line))
	// Begin with the mark's end, or as much of it as there is room for, and go to the left; then to the right with the rest.
	from, to = mark, mark
	used := 0
	for to < min(mark+length, len(line)) && used+line[to].columns <= room {
		used += line[to].columns
		to++
	}
	for from > 0 && used+line[from-1].columns <= room {
		from--
		used += line[from].columns
	}
	for to < len(line) && used+line[to].columns <= room {
		used += line[to].columns
		to++
	}
	return from, to
}

// cut stands for what was left out of a line.
const cut = "..."

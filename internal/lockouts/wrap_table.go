package lockouts

import "strings"

// A table is what Format-Table of PowerShell prints: a line of names, a line of hyphens below them, and a line for each event. Columns of
// words begin where their hyphens begin, columns of numbers end where these end.
type table struct {
	runs   [][2]int // of the hyphens: from and to
	layout layout
	header string // the line before, which is the header where hyphens follow
}

// tabled takes a line of a table. It reports whether the line was one.
func (t *textReader) tabled(line string) bool {
	tb := &t.table
	switch runs := hyphens(line); {
	case runs != nil:
		names := cells(tb.header, runs)
		l, ok := t.w.columns(names)
		if !ok || !l.header {
			return false
		}
		t.flush()
		l.message = -1 // columns gives the text a place after the last column
		for i, name := range names {
			if meaning, _, _ := column(name); meaning == "message" {
				l.message = i
			}
		}
		t.table = table{runs: runs, layout: l}
		return true
	case tb.runs == nil:
		tb.header = line
		return false
	case strings.TrimSpace(line) == "":
		t.table = table{}
		return true
	}
	row := cells(line, tb.runs)
	for i, v := range row {
		if strings.HasSuffix(v, "...") || strings.HasSuffix(v, "…") {
			row[i] = "" // it was cut to the width of the window
		}
	}
	t.w.csvRow(row, &tb.layout)
	return true
}

// hyphens finds the runs of a line that has nothing but runs of hyphens and blanks; nil for fewer than three, which a text may have.
func hyphens(line string) (runs [][2]int) {
	if !strings.Contains(line, "--") || strings.Trim(line, "- ") != "" {
		return nil
	}
	for at := 0; at < len(line); {
		from := at + len(line[at:]) - len(strings.TrimLeft(line[at:], " "))
		to := from + len(line[from:]) - len(strings.TrimLeft(line[from:], "-"))
		if to > from {
			runs = append(runs, [2]int{from, to})
		}
		at = max(to, at+1)
	}
	if len(runs) < 3 {
		return nil
	}
	return runs
}

// cells cuts a line at the last blank between two columns: a word may be longer than its hyphens, and a number wider.
func cells(line string, runs [][2]int) []string {
	out := make([]string, 0, len(runs))
	from := 0
	for i := range runs {
		to := len(line)
		if i+1 < len(runs) {
			start, end := min(runs[i][1], len(line)), min(runs[i+1][0], len(line))
			to = end
			if blank := strings.LastIndexByte(line[start:end], ' '); blank >= 0 {
				to = start + blank
			}
		}
		to = max(to, from)
		out = append(out, strings.TrimSpace(line[from:to]))
		from = to
	}
	return out
}

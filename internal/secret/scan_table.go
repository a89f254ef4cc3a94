package secret

import "strings"

const maxColumns = 200

// table takes the secret columns of a table whose head has the name [start, end): a line of names with a sign between them, and below it
// lines with as many cells. It returns where to continue, or 0 where the line is not a head.
func (s *scanner) table(start, end int) int {
	s.line(start)
	sep, first := s.separatorBeside(start, end)
	if sep == 0 {
		return 0
	}
	text := s.text
	head := splitCells(text[s.lineStart:s.lineEnd], sep)
	if len(head) < 2 || len(head) > maxColumns || first && len(head) == 2 {
		return 0 // "password,X" is a name and its value
	}
	strengths := make([]Strength, len(head))
	for i, cell := range head {
		if i == 0 {
			cell = cell[strings.LastIndexAny(cell, ":#>")+1:] // after a prompt
		}
		name := unquote(cell)
		if name == "" || len(name) > 60 || strings.ContainsAny(name, "=:@<>\\?!") || mixed(name) && madeUp(name) || name[0] == ' ' {
			return 0
		}
		strengths[i] = s.strength(strings.TrimSpace(name))
	}
	next := 0
	for lineEnd := s.lineEnd; ; {
		from, to, ok := s.lineAfter(lineEnd)
		if !ok || from == to {
			return next
		}
		cells := splitCells(text[from:to], sep)
		if len(cells) != len(head) {
			return next
		}
		at := from
		for i, cell := range cells {
			value := unquote(cell)
			begin := at + strings.Index(cell, value)
			if strengths[i] != None {
				s.take(Span{Name: unquote(head[i]), NameStart: begin, NameEnd: begin}, begin, begin+len(value), strengths[i])
			} else {
				for _, f := range Find(value, s.keys) {
					f.Start, f.End, f.NameStart, f.NameEnd = f.Start+begin, f.End+begin, f.NameStart+begin, f.NameEnd+begin
					s.add(f)
				}
			}
			at += len(cell) + 1
		}
		next, lineEnd = to, to
	}
}

// separatorBeside gives the sign between cells that is next to a name, and whether the name is the first of its line.
func (s *scanner) separatorBeside(start, end int) (sep byte, first bool) {
	if start > s.lineStart && quoteBefore(s.text, start) == `"` {
		start--
		end = min(end+1, s.lineEnd)
	}
	first = start == s.lineStart
	for _, c := range []byte(",;\t|") {
		if (first || s.text[start-1] == c) && (end == s.lineEnd || s.text[end] == c) && !(first && end == s.lineEnd) {
			return c, first
		}
	}
	return 0, first
}

// splitCells cuts a line at a sign, apart from signs between double quotes.
func splitCells(line string, sep byte) []string {
	var cells []string
	from, quoted := 0, false
	for i := 0; i < len(line) && len(cells) <= maxColumns; i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == sep && !quoted:
			cells = append(cells, line[from:i])
			from = i + 1
		}
	}
	return append(cells, line[from:])
}

func unquote(cell string) string {
	if len(cell) > 1 && cell[0] == '"' && cell[len(cell)-1] == '"' {
		return cell[1 : len(cell)-1]
	}
	return cell
}

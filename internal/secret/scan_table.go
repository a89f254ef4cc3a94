package secret

import (
	"strings"

	"cupclint/internal/fold"
)

const maxColumns = 200

// table takes the secret columns of a table whose head has the name [start, end): a line of names with a sign between them, and below it
// lines with as many cells. It returns where to continue, or 0 where the line is not a head.
func (s *scanner) table(start, end int) int {
	s.line(start)
	sep, first := s.separatorBeside(start, end)
	phrase := sep == 0
	if phrase {
		if sep, first = s.separatorBeside(s.phrase(start, end)); sep == 0 {
			return 0
		}
	}
	text := s.text
	line := text[s.lineStart:s.lineEnd]
	if len(line) > maxValue {
		return 0
	}
	if sep == '|' {
		line = strings.ReplaceAll(line, "||", "|") // the head of a table in a ticket
	}
	head := splitCells(line, sep)
	if n := len(head); sep == '|' && n > 2 && strings.TrimSpace(head[0]) == "" && strings.TrimSpace(head[n-1]) == "" {
		return s.wiki(head)
	}
	if len(head) < 2 || len(head) > maxColumns || first && len(head) == 2 {
		return 0 // "password,X" is a name and its value
	}
	strengths := make([]Strength, len(head))
	for i, cell := range head {
		if i == 0 {
			cell = cell[strings.LastIndexAny(cell, ":#>")+1:] // after a prompt
		}
		name := unquote(cell)
		if sep == '|' {
			name = strings.TrimSpace(name)
		}
		if name == "" || len(name) > 60 || strings.ContainsAny(name, "=:@<>\\?!") || mixed(name) && madeUp(name) || name[0] == ' ' {
			return 0
		}
		if phrase && strings.ContainsAny(name, "0123456789") {
			return 0 // a row, such as 1;Reset PIN;open
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
		if strings.Trim(text[from:to], "=-"+string(sep)) == "" { // the rule below the head
			next, lineEnd = to, to
			continue
		}
		at := from
		for i, cell := range cells {
			value := unquote(cell)
			begin := at + strings.Index(cell, value)
			switch {
			case strengths[i] != None && (!phrase || mixed(value) || number(strings.TrimSpace(value))):
				s.take(Span{Name: unquote(head[i]), NameStart: begin, NameEnd: begin}, begin, begin+len(value), strengths[i])
			default:
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

// phrase widens a name to the head of a column of several words: VM PIN, Mot de passe.
func (s *scanner) phrase(start, end int) (from, to int) {
	text := s.text
	for start > s.lineStart && end-start < maxHead && (text[start-1] == ' ' || wordByte(text[start-1])) {
		start--
	}
	for end < s.lineEnd && end-start < maxHead && (text[end] == ' ' || wordByte(text[end])) {
		end++
	}
	return start, end
}

// maxHead is more than the head of a column with a password has, in bytes.
const maxHead = 40

// wiki takes the secret columns of a table of a wiki or a ticket, whose lines begin and end with a bar.
func (s *scanner) wiki(head []string) int {
	strengths := make([]Strength, len(head))
	for i, cell := range head {
		name := strings.Trim(cell, " \t*_`")
		if len(name) > 60 || strings.ContainsAny(name, "=@<>\\?!") || mixed(name) && madeUp(name) {
			return 0
		}
		if name != "" {
			strengths[i] = s.strength(name)
		}
	}
	next := 0
	for lineEnd := s.lineEnd; ; {
		from, to, ok := s.lineAfter(lineEnd)
		if !ok || from == to {
			return next
		}
		cells := splitCells(s.text[from:to], '|')
		if len(cells) != len(head) {
			return next
		}
		at := from
		for i, cell := range cells {
			value := strings.Trim(cell, " \t*_`")
			if begin := at + strings.Index(cell, value); strengths[i] != None && strings.Trim(value, "-:") != "" {
				s.take(Span{Name: strings.TrimSpace(head[i]), NameStart: begin, NameEnd: begin}, begin, begin+len(value), strengths[i])
			}
			at += len(cell) + 1
		}
		next, lineEnd = to, to
	}
}

// inserted takes the values of secret columns of a statement: insert into x (name, password) values ('a', 'X').
func (s *scanner) inserted(start, end int) int {
	s.line(start)
	text := s.text
	before, after := text[max(s.lineStart, start-maxTag):start], text[end:min(s.lineEnd, end+maxTag)]
	from, to := strings.LastIndexByte(before, '('), strings.IndexByte(after, ')')
	if from < 0 || to < 0 || fold.LastIndex(before[:from], "insert into ") < 0 {
		return 0
	}
	columns := strings.Split(text[start-len(before)+from+1:end+to], ",")
	values := fold.Index(after[to:], "values")
	if values < 0 {
		return 0
	}
	open := strings.IndexByte(after[to+values:], '(')
	if open < 0 {
		return 0
	}
	next, at := 0, end+to+values+open+1
	for i, cell := range splitCells(strings.ReplaceAll(text[at:min(s.lineEnd, at+maxValue)], "'", `"`), ',') {
		value := strings.Trim(cell, " \t\"();")
		if i < len(columns) && value != "" {
			name := strings.Trim(columns[i], " \t\"'`[]")
			if st := s.strength(name); st != None {
				begin := at + strings.Index(cell, value)
				next = max(next, s.take(Span{Name: name, NameStart: begin, NameEnd: begin}, begin, begin+len(value), st))
			}
		}
		at += len(cell) + 1
	}
	return next
}

// nextCell takes the cell after one that holds a name, of a table in HTML: <td>Password</td><td>X</td>.
func (s *scanner) nextCell(start, end int) int {
	text := s.text
	window := text[end:min(len(text), end+maxTag)]
	rest := strings.TrimLeft(window, ": \t\u00a0")
	closed, cell := false, "<td"
	for strings.HasPrefix(rest, "</") { // the ends of bold text and of the cell
		i := strings.IndexByte(rest, '>')
		if i < 0 {
			return 0
		}
		tag := strings.ToLower(rest[2:i])
		closed = closed || tag == "td" || tag == "th" || tag == "dt"
		if tag == "dt" { // the name in a list of descriptions
			cell = "<dd"
		}
		rest = strings.TrimLeft(rest[i+1:], " \t\r\n")
	}
	if !closed || len(rest) < len("<td>") || !strings.EqualFold(rest[:len(cell)], cell) {
		return 0
	}
	for strings.HasPrefix(rest, "<") && !strings.HasPrefix(rest, "</") {
		i := strings.IndexByte(rest, '>')
		if i < 0 {
			return 0
		}
		rest = strings.TrimLeft(rest[i+1:], " \t\r\n")
	}
	to := strings.IndexByte(rest, '<')
	if to <= 0 {
		return 0
	}
	from := end + len(window) - len(rest)
	name := Span{Name: text[start:end], NameStart: start, NameEnd: end}
	return s.take(name, from, from+len(strings.TrimRight(rest[:to], " \t\r\n")), s.strength(text[start:end]))
}

// separatorBeside gives the sign between cells that is next to a name, and whether the name is the first of its line.
func (s *scanner) separatorBeside(start, end int) (sep byte, first bool) {
	if start > s.lineStart && quoteBefore(s.text, start) == `"` {
		start--
		end = min(end+1, s.lineEnd)
	}
	first = start == s.lineStart
	if from, to := s.barBefore(start), s.barAfter(end); from && to {
		return '|', false
	}
	for _, c := range []byte(",;\t|") {
		if (first || s.text[start-1] == c) && (end == s.lineEnd || s.text[end] == c) && !(first && end == s.lineEnd) {
			return c, first
		}
	}
	return 0, first
}

// barBefore and barAfter look for a bar next to a name, with blanks and signs of bold text between.
func (s *scanner) barBefore(start int) bool {
	before := strings.TrimRight(s.text[s.lineStart:start], " \t*_`")
	return strings.HasSuffix(before, "|")
}

func (s *scanner) barAfter(end int) bool {
	return strings.HasPrefix(strings.TrimLeft(s.text[end:s.lineEnd], " \t*_`"), "|")
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

// columns takes the secret columns of a table whose cells are below one another: the line that was asked for last is its head, and the line
// below that a rule. It returns where to continue, or 0 where the table has no such column.
func (s *scanner) columns() int {
	text := s.text
	head := text[s.lineStart:s.lineEnd]
	from, to, _ := s.lineAfter(s.lineEnd)
	if len(head) > maxTag || to-from > maxTag {
		return 0
	}
	starts := runs(text[from:to], 1)
	if len(starts) < 2 { // one rule below all
		starts = runs(head, 2)
	}
	if len(starts) < 2 || len(starts) > maxColumns {
		return 0
	}
	names, strengths, secret := make([]string, len(starts)), make([]Strength, len(starts)), false
	for i := range starts {
		a, b := cellAt(head, starts, i)
		names[i] = strings.TrimSpace(head[a:b])
		strengths[i] = s.strength(names[i])
		secret = secret || strengths[i] != None
	}
	if !secret {
		return 0
	}
	next := 0
	for {
		var ok bool
		if from, to, ok = s.lineAfter(to); !ok || to-from > maxValue || strings.TrimSpace(text[from:to]) == "" || isPrompt(text[from:to]) {
			return next
		}
		for i := range starts {
			a, b := cellAt(text[from:to], starts, i)
			a, b = a+from, b+from
			if strengths[i] != None {
				a += indentOf(text[a:b])
				s.take(Span{Name: names[i], NameStart: a, NameEnd: a}, a, b, strengths[i])
				continue
			}
			for _, f := range Find(text[a:b], s.keys) {
				f.Start, f.End, f.NameStart, f.NameEnd = f.Start+a, f.End+a, f.NameStart+a, f.NameEnd+a
				s.add(f)
			}
		}
		next = to
	}
}

// isPrompt reports whether a line is the next command of a server's session, which ends the table above it.
func isPrompt(line string) bool {
	command, found := strings.CutPrefix(strings.TrimSpace(line), "admin:")
	if !found {
		return false
	}
	verb, _, _ := strings.Cut(strings.TrimLeft(command, " \t"), " ")
	switch strings.ToLower(verb) {
	case "", "show", "utils", "run", "file", "set", "unset", "license", "delete", "exit", "quit", "help":
		return true
	}
	return false
}

// runs lists the columns, in characters, at which a text begins after at least so many blanks, or after a sign between the parts of a rule.
func runs(line string, blanks int) []int {
	var starts []int
	n := blanks
	for column, c := range []rune(line) {
		switch {
		case c == ' ' || c == '+' || c == '|':
			n++
		case n >= blanks:
			starts = append(starts, column)
			fallthrough
		default:
			n = 0
		}
	}
	return starts
}

// cellAt is the place of a cell of a line: what begins before the next column. A word that begins earlier or ends later is part of it.
func cellAt(line string, starts []int, i int) (from, to int) {
	from, to = len(line), len(line)
	column := 0
	for at := range line {
		if column == starts[i] {
			from = at
		}
		if i+1 < len(starts) && column == starts[i+1] {
			to = at
		}
		column++
	}
	for from > 0 && from < len(line) && line[from] != ' ' && line[from-1] != ' ' {
		from--
	}
	for to > 0 && to < len(line) && line[to] != ' ' && line[to-1] != ' ' {
		to--
	}
	return min(from, to), to
}

package export

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/export/tables"
)

// What ticket systems and web pages do to a table: runs of blanks become one blank, and all lines become one. Then the columns do not tell
// any more where a cell ends. What the columns hold does, often: a name of a host, a number, a key of the database. A cell is taken only
// where that leaves one way to read it; otherwise the table is said to be damaged.

// A DamagedTableError says that it is not certain where the cells of a table end.
type DamagedTableError struct {
	// Table is the name of the table, or its columns.
	Table string
	// Folded says that all lines became one; else runs of blanks are lost.
	Folded bool
}

func (e *DamagedTableError) Error() string {
	what := "the runs of spaces between its columns are lost"
	if e.Folded {
		what = "its lines were joined to one"
	}
	return fmt.Sprintf("%s is damaged: %s, so it is not certain which value is in which column. Copy the output again as plain text, or "+
		"attach it as a file", e.Table, what)
}

// damaged notes that a table is damaged. The first one is reported.
func (r *Reader) damaged(at int, t *sqlTable) {
	if r.exp.Problem == nil {
		r.exp.Problem = r.fail(at, &DamagedTableError{Table: tableName(t.table, t.names)})
	}
}

// whole reports whether a row reads well by its columns: blanks are between them, and the cells are what the columns hold. A row that has
// runs of blanks was not squeezed, for any content of its cells.
func (t *sqlTable) whole(row []place, cells []sqlCell) bool {
	if t.tabs || !t.aligned(row) {
		return false
	}
	for i := range cells {
		c := t.record.Column(t.names[i])
		if c == nil || cells[i].text == "" && !c.Required || cells[i].text != "" && c.Fits(cells[i].text) {
			continue
		}
		return strings.Contains(strings.TrimSpace(textOf(row)), "  ")
	}
	return true
}

// repair reads a row that lost its runs of blanks. It fails where the cells of columns that feed keys, or are secret, can be read in more
// than one way.
func (t *sqlTable) repair(line physicalLine) ([]sqlCell, bool) {
	words := words(line.text, 0, len(line.text))
	if strings.Contains(line.text, "\t") {
		if cells, ok := t.tabbed(line); ok {
			return cells, true
		}
	}
	spans, ok := t.spans(words)
	if !ok {
		return nil, false
	}
	cells := make([]sqlCell, len(t.columns))
	for i, s := range spans {
		if s[0] < s[1] {
			from, to := words[s[0]].start, words[s[1]-1].start+len(words[s[1]-1].text)
			cells[i] = sqlCell{line.text[from:to], line.start + from, line.start + to}
		}
	}
	return cells, true
}

// tabbed reads a row whose cells are separated by tabs, as spreadsheets do.
func (t *sqlTable) tabbed(line physicalLine) ([]sqlCell, bool) {
	parts := strings.Split(line.text, "\t")
	if len(parts) != len(t.columns) {
		return nil, false
	}
	var cells []sqlCell
	at := line.start
	for i, part := range parts {
		text := strings.TrimSpace(part)
		if c := t.record.Column(t.names[i]); text != "" && c != nil && !c.Fits(text) {
			return nil, false
		}
		from := at + strings.Index(part, text)
		cells = append(cells, sqlCell{text, from, from + len(text)})
		at += len(part) + 1
	}
	return cells, true
}

// maxSqueezed bounds the words of a row that is repaired.
const maxSqueezed = 64

// spans gives every column the words from the first to before the second number. Of a column that feeds no key they may be none where
// they are not certain.
func (t *sqlTable) spans(words []word) ([][2]int, bool) {
	n, columns := len(words), len(t.columns)
	if n == 0 || n > maxSqueezed {
		return nil, false
	}
	texts := make([]string, n)
	for i, w := range words {
		texts[i] = w.text
	}
	known := make([]*tables.Column, columns)
	for c := range known {
		known[c] = t.record.Column(t.names[c])
	}
	fits := func(c, i, j int) bool {
		if i == j {
			return known[c] == nil || !known[c].Required
		}
		cell := strings.Join(texts[i:j], " ")
		if width := t.columns[c][1] - t.columns[c][0]; len(cell) > width && width > 0 {
			return false
		}
		return known[c] == nil || known[c].Fits(cell)
	}
	// forward[c][i]: the columns before c can hold the words before i; backward[c][i]: those from c on the words from i on.
	forward, backward := reach(columns, n), reach(columns, n)
	forward[0][0], backward[columns][n] = true, true
	for c := range columns {
		for i := 0; i <= n; i++ {
			for j := i; forward[c][i] && j <= n; j++ {
				forward[c+1][j] = forward[c+1][j] || fits(c, i, j)
			}
		}
	}
	for c := columns - 1; c >= 0; c-- {
		for i := 0; i <= n; i++ {
			for j := i; j <= n && !backward[c][i]; j++ {
				backward[c][i] = backward[c+1][j] && fits(c, i, j)
			}
		}
	}
	all := make([][2]int, columns)
	for c := range columns {
		var ways [][2]int
		for i := 0; i <= n; i++ {
			for j := i; forward[c][i] && j <= n; j++ {
				if backward[c+1][j] && fits(c, i, j) {
					ways = append(ways, [2]int{i, j})
				}
			}
		}
		counts := known[c] != nil && (known[c].Key != "" || known[c].Type == "secret" || known[c].Skip != "")
		counts = counts || t.record.Name == "parameter"
		switch {
		case len(ways) == 0:
			return nil, false
		case len(ways) == 1 || sameText(texts, ways):
			all[c] = ways[0]
		case counts:
			return nil, false
		}
	}
	return all, true
}

// sameText reports whether all ways to read a cell give the same text.
func sameText(texts []string, ways [][2]int) bool {
	first := strings.Join(texts[ways[0][0]:ways[0][1]], " ")
	return !slices.ContainsFunc(ways[1:], func(w [2]int) bool { return strings.Join(texts[w[0]:w[1]], " ") != first })
}

func reach(columns, words int) [][]bool {
	all := make([][]bool, columns+1)
	for i := range all {
		all[i] = make([]bool, words+1)
	}
	return all
}

// foldedTable reads a table whose lines were joined: query, header, row of "=" and rows all follow the prompt. The rows are recognised by
// the key of the database that begins each, or by a fixed number of words where no cell can be empty or have blanks.
func (r *Reader) foldedTable(s section, query string) error {
	text := r.exp.text
	end := s.end
	at := s.at + max(0, strings.Index(text[s.at:end], query))
	all := words(text, at, end)
	first := slices.IndexFunc(all, func(w word) bool { return isRule(w.text) })
	if first <= 0 { // the = are part of a word, or nothing is before them
		r.ignore(s.at, end)
		return nil
	}
	last := first
	for last < len(all) && isRule(all[last].text) {
		last++
	}
	columns := last - first
	t := sqlTable{r: r, table: tableOf(query), per: 1, from: s}
	for _, w := range all[max(0, first-columns):first] {
		t.names = append(t.names, strings.ToLower(w.text))
	}
	for _, w := range all[first:last] {
		t.columns = append(t.columns, [2]int{0, len(w.text)})
	}
	t.record = recordOf(t.table, t.names, r.exp.File)
	if t.record == nil {
		r.ignore(s.at, end)
		r.looksLike(tableName(t.table, t.names), "")
		return nil
	}
	rest := all[last:]
	var rows [][]word
	if c := t.record.Column(t.names[0]); c != nil && c.Type == "uuid" && len(t.names) == columns {
		for _, w := range rest {
			if c.Fits(w.text) && (len(rows) == 0 || len(rows[len(rows)-1]) > 1) {
				rows = append(rows, nil)
			}
			if len(rows) == 0 {
				break
			}
			rows[len(rows)-1] = append(rows[len(rows)-1], w)
		}
	} else if len(rest)%columns == 0 && t.fixed() {
		rows = slices.Collect(slices.Chunk(rest, columns))
	}
	ok := len(rows) > 0 && len(t.names) == columns
	var read [][]sqlCell
	for _, row := range rows {
		spans, certain := t.spans(row)
		if !certain {
			ok = false
			break
		}
		cells := make([]sqlCell, columns)
		for i, s := range spans {
			if s[0] < s[1] {
				from, to := row[s[0]].start, row[s[1]-1].start+len(row[s[1]-1].text)
				cells[i] = sqlCell{text[from:to], from, to}
			}
		}
		read = append(read, cells)
	}
	if !ok {
		r.ignore(s.at, end)
		if r.exp.Problem == nil {
			r.exp.Problem = r.fail(s.at, &DamagedTableError{Table: tableName(t.table, t.names), Folded: true})
		}
		return nil
	}
	r.exp.recognised = true
	for _, cells := range read {
		if err := t.take(cells, nil); err != nil {
			return err
		}
	}
	return nil
}

// fixed reports whether every row of the table has one word for each column.
func (t *sqlTable) fixed() bool {
	return !slices.ContainsFunc(t.names, func(name string) bool {
		c := t.record.Column(name)
		return c == nil || !c.Required || c.Type == "text"
	})
}

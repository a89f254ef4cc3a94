package export

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cupclint/export/appliance"
	"cupclint/export/tables"
	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// A physicalLine is a line of the text without its end.
type physicalLine struct {
	text  string
	start int // in the decoded text
}

func physicalLines(text string, offset int) []physicalLine {
	var lines []physicalLine
	for line := range strings.Lines(text) {
		if text, at := withoutPager(strings.TrimRight(line, "\r\n")); at == 0 || !chars.AllBlank(text) {
			lines = append(lines, physicalLine{text, offset + at})
		}
		offset += len(line)
	}
	return lines
}

// undoubled removes the empty line after each line of a table: mail programs make a paragraph of every line.
func undoubled(lines []physicalLine) []physicalLine {
	for i := 2; i+2 < len(lines); i++ {
		if !isRule(lines[i].text) || !chars.AllBlank(lines[i-1].text) || chars.AllBlank(lines[i-2].text) || !chars.AllBlank(lines[i+1].text) ||
			chars.AllBlank(lines[i+2].text) {
			continue
		}
		var out []physicalLine
		for k, l := range lines {
			if !chars.AllBlank(l.text) || k > 0 && chars.AllBlank(lines[k-1].text) {
				out = append(out, l)
			}
		}
		return out
	}
	return lines
}

// isRule reports whether a line is the row of "=" runs below the header of a table: one run a column, a blank between two; in a copy, a
// tab.
func isRule(line string) bool {
	line = strings.TrimSpace(line)
	return strings.HasPrefix(line, "=") && strings.Trim(line, "= \t") == ""
}

// isTable reports whether a row of "=" runs has the names of columns above it. A line of "=" below a heading makes no table.
func isTable(header, rule string) bool {
	names := strings.Fields(header)
	return len(names) > 0 && len(names) == len(strings.Fields(rule)) && !slices.ContainsFunc(names, func(name string) bool {
		return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_().*") != ""
	})
}

// isRunSQL knows the command, or looks for such a row among the first lines, below a header.
func isRunSQL(command, text string) bool {
	if command != "" {
		return strings.HasPrefix(command, "run sql")
	}
	const most = 20
	n, before := 0, ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if isRule(line) && (isTable(before, line) || wrappedTable(text)) {
			return true
		}
		if strings.HasPrefix(line, "No records found") {
			return n <= 2
		}
		if line != "" {
			before = line
		}
		if n++; n == most {
			break
		}
	}
	return false
}

// readRunSQL reads what the CLI command "run sql" prints, one table after the other: a header, a row of "=" whose runs give the
// widths of the columns, rows of fixed width. A terminal may have wrapped all of them at one column. A table ends at an
// empty line, at the prompt, or at the next query.
func (r *Reader) readRunSQL(s section) error {
	lines := undoubled(physicalLines(r.exp.text[s.start:s.end], s.start))
	query := ""
	if at := fold.Index(s.command, "run sql "); at >= 0 {
		query = s.command[at+len("run sql "):]
	}
	if rule := strings.Index(query, " =="); rule >= 0 {
		return r.foldedTable(s, query)
	}
	for i := 0; i < len(lines); i++ {
		line := lines[i].text
		if at := fold.Index(line, "run sql "); at >= 0 {
			query = line[at+len("run sql "):]
			continue
		}
		if strings.HasPrefix(strings.TrimSpace(line), "No records found") || strings.HasPrefix(line, "Rows: ") {
			r.answered(query, lines[i].start, lines[i].start+len(line))
			continue
		}
		if !isRule(line) || i == 0 {
			if !chars.AllBlank(line) && (i+1 >= len(lines) || !isRule(lines[i+1].text)) {
				r.ignore(lines[i].start, lines[i].start+len(line))
			}
			continue
		}
		wrapped := 1 // physical lines for one row
		for i+wrapped < len(lines) && isRule(lines[i+wrapped].text) {
			wrapped++
		}
		if i < wrapped {
			return r.fail(lines[i].start, errHeader)
		}
		t := sqlTable{r: r, wrap: len(line), per: wrapped, table: tableOf(query), from: s}
		t.layout(lines[i-wrapped:i], lines[i:i+wrapped])
		t.record = recordOf(t.table, t.names, r.exp.File)
		if t.record == nil && t.table == "" && hasPseudoRow(t.names, lines[i+wrapped:]) {
			t.record = tables.OfTable("processnode")
		}
		t.joined = joinsTables(query)
		gained := len(r.exp.Properties)
		next, err := t.rows(lines, i+wrapped)
		if err != nil {
			return err
		}
		// Such as select count(*) from enduser. The rows of a join are understood: each is about a pair, and none is a record.
		unused := t.record != nil && !t.joined && t.valued && len(r.exp.Properties) == gained
		if t.record == nil || unused {
			what := tableName(t.table, t.names)
			if unused {
				r.ignoreLines(lines[i+wrapped].start, lines[next-1].start+len(lines[next-1].text))
				what += " with the columns " + trim(strings.Join(t.names, ", "))
			}
			r.looksLike(what, "")
		} else {
			r.exp.recognised = true
		}
		i, query = next-1, ""
	}
	return nil
}

func firstField(s string) string {
	for word := range strings.FieldsSeq(s) {
		return word
	}
	return ""
}

func tableName(table string, columns []string) string {
	if table == "" {
		return fmt.Sprintf("a run sql table with the columns %s", trim(strings.Join(columns, ", ")))
	}
	return "a run sql table of " + trim(table)
}

// tableOf is the first table that a query names.
func tableOf(query string) string {
	words := strings.Fields(strings.ToLower(query))
	for i, w := range words {
		if w == "from" && i+1 < len(words) {
			return strings.Trim(words[i+1], ",;()")
		}
	}
	return ""
}

// joinsTables reports whether a query names more than one table: then a row is not one record of the first one.
func joinsTables(query string) bool {
	words := strings.Fields(strings.ToLower(query))
	from := slices.Index(words, "from")
	if from < 0 {
		return false
	}
	for i, w := range words[from+1:] {
		switch {
		case w == "where" || w == "order" || w == "group":
			return false
		case w == "join" || strings.Contains(strings.TrimSuffix(w, ","), ",") || strings.HasSuffix(w, ",") && i < len(words)-from-2:
			return true
		}
	}
	return false
}

// A sqlTable is one table.
type sqlTable struct {
	r       *Reader
	from    section
	table   string // its name, where the query is known
	wrap    int    // characters of a physical line, where rows are wrapped
	per     int    // physical lines of one row
	names   []string
	columns [][2]int       // first character and the one after the last, in an unwrapped row
	record  *tables.Record // nil for a table that no one knows
	joined  bool           // the rows are of several tables
	tabs    bool           // tabs are between the columns
	valued  bool           // a row has a value, whether cupclint knows its column or not
}

// layout takes the columns from the row of "=" and their names from the header, which may have lost its runs of blanks.
func (t *sqlTable) layout(header, rule []physicalLine) {
	runs, head := t.join(rule), t.join(header)
	aligned := true
	for i := 0; i < len(runs); {
		if runs[i].c != '=' {
			t.tabs = t.tabs || runs[i].c == '\t'
			i++
			continue
		}
		from := i
		for i < len(runs) && runs[i].c == '=' {
			i++
		}
		t.columns = append(t.columns, [2]int{from, i})
		name, _, _ := t.cell(head, from, i)
		t.names = append(t.names, name)
		aligned = aligned && name != "" && !strings.Contains(name, " ")
	}
	if words := strings.Fields(textOf(head)); (!aligned || !t.aligned(head)) && len(words) == len(t.columns) {
		t.names = words
	}
}

func textOf(row []place) string {
	var b strings.Builder
	for _, p := range row {
		b.WriteRune(p.c)
	}
	return b.String()
}

// aligned reports whether a blank is between the columns wherever there must be one.
func (t *sqlTable) aligned(row []place) bool {
	for i, c := range t.columns {
		if i < len(t.columns)-1 && c[1] < len(row) && row[c[1]].c != ' ' {
			return false
		}
	}
	last := t.columns[len(t.columns)-1][1]
	return len(row) <= last || strings.TrimSpace(textOf(row[last:])) == "" || t.wide()
}

// wide reports whether a value of the last column may be longer than the column: free text, to which the servers add a sentence.
func (t *sqlTable) wide() bool {
	if t.record == nil || t.per > 1 {
		return false
	}
	c := t.record.Column(t.names[len(t.names)-1])
	return c != nil && c.Type == "text" && len(t.columns) == 1
}

// A place is a character and where it is in the text.
type place struct {
	c  rune
	at int
}

// join undoes the wrapping of one row: every physical line but the last is as wide as the terminal.
func (t *sqlTable) join(lines []physicalLine) []place {
	var out []place
	for i, l := range lines {
		n := 0
		for at, c := range l.text {
			out = append(out, place{c, l.start + at})
			n++
		}
		for ; i < len(lines)-1 && n < t.wrap; n++ {
			out = append(out, place{' ', l.start + len(l.text)})
		}
	}
	return out
}

// cell is the text of a column without the padding, and its place.
func (t *sqlTable) cell(row []place, from, to int) (value string, start, end int) {
	from, to = min(from, len(row)), min(to, len(row))
	for to > from && row[to-1].c == ' ' {
		to--
	}
	for from < to && row[from].c == ' ' { // numbers are padded on the left
		from++
	}
	if from == to {
		return "", 0, 0
	}
	var b strings.Builder
	for _, p := range row[from:to] {
		b.WriteRune(p.c)
	}
	last := row[to-1]
	return b.String(), row[from].at, last.at + utf8.RuneLen(last.c)
}

// fill notes where the cell of a secret is, padding included: once for each physical line that it is wrapped over.
func (t *sqlTable) fill(lines []physicalLine, column [2]int) {
	e := &t.r.exp
	for i, l := range lines {
		first, last := 0, 1<<30 // the columns of the row that this line holds
		if t.per > 1 {
			first, last = i*t.wrap, (i+1)*t.wrap
		}
		from, to := max(column[0], first), min(column[1], last)
		if from >= to {
			continue
		}
		cell := cellSpan{start: -1, width: to - from}
		n := first
		for at, c := range l.text {
			if n == from {
				cell.start = l.start + at
			}
			if n++; n > from && n <= to {
				cell.end = l.start + at + utf8.RuneLen(c)
			}
		}
		if cell.start >= 0 && cell.end > cell.start {
			e.cells = append(e.cells, cell)
		}
	}
}

// A sqlCell is the text of a cell and its place.
type sqlCell struct {
	text       string
	start, end int
}

// rows reads the rows from a line on and returns the first line after them.
func (t *sqlTable) rows(lines []physicalLine, i int) (next int, err error) {
	for ; i < len(lines); i += t.per {
		line := lines[i].text
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, appliance.Prompt) {
			return i, nil
		}
		row := t.join(lines[i:min(i+t.per, len(lines))])
		cells := make([]sqlCell, len(t.columns))
		for c, column := range t.columns {
			to := column[1]
			if c == len(t.columns)-1 && t.wide() {
				to = len(row)
			}
			cells[c].text, cells[c].start, cells[c].end = t.cell(row, column[0], to)
		}
		profile, err := t.profiles(row, cells)
		if err != nil {
			return i, err
		}
		if profile {
			continue
		}
		physical := lines[i:min(i+t.per, len(lines))]
		if last := physical[len(physical)-1]; t.record == nil {
			t.r.ignoreLines(physical[0].start, last.start+len(last.text))
		}
		if t.record != nil && t.per == 1 && !t.whole(row, cells) {
			repaired, ok := t.repair(lines[i])
			if !ok {
				t.r.damaged(lines[i].start, t)
				t.r.ignore(lines[i].start, lines[i].start+len(line))
				continue
			}
			cells, physical = repaired, nil
		}
		if err := t.take(cells, physical); err != nil {
			return i, err
		}
	}
	return min(i, len(lines)), nil // a wrapped row may be cut
}

// take adds the properties of a row. lines are those that it takes up; nil where its cells are not where the columns are.
func (t *sqlTable) take(cells []sqlCell, lines []physicalLine) error {
	rec := serverRecord{Record: t.record, joined: t.joined}
	texts := make([]string, len(cells))
	for i := range cells {
		texts[i] = cells[i].text
	}
	if pseudo(t.record, t.names, texts) {
		return nil
	}
	for i, c := range cells {
		if c.text == "" || c.text == "NULL" {
			continue
		}
		t.valued = true
		p := Property{
			Name: t.names[i], Value: c.text, nameStart: int32(c.start), nameEnd: int32(c.start), valueStart: int32(c.start), valueEnd: int32(c.end),
		}
		if t.record != nil && t.record.Name == "sync-agent" && strings.EqualFold(t.names[i], "ccmpublisherip") {
			if err := t.publisher(p); err != nil {
				return err
			}
			continue
		}
		if !t.r.takeField(&rec, &p) {
			continue
		}
		if p.secret || p.Key.Secret() {
			t.fill(lines, t.columns[i])
		}
		if err := t.r.add(&p); err != nil {
			return err
		}
	}
	return nil
}

// publisher adds the call manager that the Sync Agent is set to, as an output of the node.
func (t *sqlTable) publisher(p Property) error {
	if t.from.node == "" {
		return nil
	}
	command, node := "run sql", "Appliance."+t.from.node+"."
	if t.from.guessed {
		command += " " + appliance.Guessed
	}
	for _, e := range [...]struct {
		field appliance.Field
		value string
	}{{appliance.Command, command}, {appliance.SyncAgentPublisher, p.Value}} {
		p.Key, p.Name, p.Value = ApplianceKey(e.field), node+e.field.String(), e.value
		if err := t.r.add(&p); err != nil {
			return err
		}
	}
	return nil
}

// wrappedTable looks for a table whose header and row of "=" are wrapped over several lines.
func wrappedTable(text string) bool {
	const most = 40
	n, rules, header := 0, 0, 0
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case isRule(line):
			rules++
		case rules > 0:
			return rules > 1 && header >= rules
		case strings.TrimSpace(line) != "" && !strings.Contains(line, appliance.Prompt):
			header++
		}
		if n++; n == most {
			break
		}
	}
	return rules > 1 && header >= rules
}

// profiles reads the cells of a row that are settings of Jabber as XML, and reports whether there was one: the other cells of such a row
// are names.
func (t *sqlTable) profiles(row []place, cells []sqlCell) (found bool, err error) {
	for c := range cells {
		if cells[c].text == "" || strings.IndexByte("<&%", cells[c].text[0]) < 0 {
			continue
		}
		ours, err := t.r.readEmbedded(t.embedded(row, t.columns[c][0], t.columnEnd(c, row)))
		if err != nil {
			return found, err
		}
		found = found || ours
	}
	return found, nil
}

// columnEnd is where a column ends: the last one may be wider than its header says.
func (t *sqlTable) columnEnd(c int, row []place) int {
	if c == len(t.columns)-1 {
		return len(row)
	}
	return t.columns[c][1]
}

// embedded is the text of a column with the place of each of its bytes.
func (t *sqlTable) embedded(row []place, from, to int) embeddedText {
	var out embeddedText
	var b strings.Builder
	end := 0
	for _, p := range row[min(from, len(row)):min(to, len(row))] {
		for range utf8.RuneLen(p.c) {
			out.at = append(out.at, int32(p.at))
		}
		b.WriteRune(p.c)
		end = p.at + utf8.RuneLen(p.c)
	}
	out.text, out.at = b.String(), append(out.at, int32(end))
	return out
}

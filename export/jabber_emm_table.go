package export

import (
	"slices"
	"strings"

	"cupclint/internal/chars"
)

// Consoles of device management systems show an app configuration as a table of keys, types and values. People export it as CSV, or copy
// it into a spreadsheet, a mail or a ticket.

// A settingsTable says how the lines of such a table are cut, and what their columns are.
type settingsTable struct {
	delimiter  string // the blanks of an aligned table are two
	key, value int    // columns; -1 where the lines themselves say it
	columns    int    // of the header
	header     int    // where the line with the names of the columns begins; -1 without one
	across     bool   // the header has the keys, and the next line has the values
	padded     bool   // a blank is after every delimiter, and belongs to it
	rows       int    // with a key of device management
}

// isSet is the delimiter in what "defaults read" of macOS prints: Key = "value";
const isSet = " = "

// arrow is the delimiter in what "plutil -p" of macOS prints: "Key" => "value"
const arrow = " => "

// A tableCell is a part of a line, without the quotes around it.
type tableCell struct {
	start, end int
	quoted     bool
}

// maxTableLines bounds the lines that a table is looked for in: an app configuration has fewer than a hundred settings.
const maxTableLines = 2000

var tableReader = formatReader{JabberEMM, nil, (*Reader).readSettingsTable}

// tableLooks finds a table of settings. Text of another kind costs one search.
func (r *Reader) tableLooks(text string) []look {
	if r.Force != Auto && r.Force != JabberEMM || isXML(strings.TrimLeft(text[:min(len(text), 64)], " \t\r\n")) {
		return nil
	}
	if t := findSettingsTable(text); t == nil {
		return nil
	}
	return []look{{as: &tableReader}}
}

// findSettingsTable looks for the table with each delimiter and takes the one in which most lines are settings.
func findSettingsTable(text string) *settingsTable {
	var best *settingsTable
	for _, delimiter := range [...]string{",", ";", "\t", "|", "  ", isSet, arrow} {
		if !strings.Contains(text, delimiter) {
			continue
		}
		t := settingsTable{delimiter: delimiter, key: -1, value: -1, header: -1}
		t.look(text)
		if (t.rows > 1 || t.rows > 0 && t.header >= 0) && (best == nil || t.rows > best.rows) {
			best = &t
		}
	}
	return best
}

// look finds the header and counts the settings.
func (t *settingsTable) look(text string) {
	lines, padded := 0, 0
	var cells []tableCell
	for start, line := range chars.Lines(text) {
		if lines++; lines > maxTableLines {
			break
		}
		if cells = t.cells(cells, text, start, start+len(line)); len(cells) < 2 {
			continue
		}
		if t.header < 0 && t.rows == 0 && t.names(text, start, cells) {
			if t.across {
				return
			}
			continue
		}
		key, value, ok := t.setting(text, cells)
		if !ok || !managed(text[key.start:key.end]) {
			continue
		}
		t.rows++
		if !value.quoted && value.start < value.end && text[value.start] == ' ' {
			padded++
		}
	}
	t.padded = padded > 0 && padded == t.rows
}

// managed reports whether a name is one that device management has.
func managed(name string) bool {
	k := bootstrapKey(name)
	return k != NoKey && table[k].Formats.Has(JabberEMM)
}

// keyTitles and valueTitles are the names that consoles and exports give to the columns, without blanks and in small letters.
var (
	keyTitles = []string{"key", "configurationkey", "configkey", "appconfigkey", "name", "configurationname", "setting", "settingname",
		"parameter", "parametername", "property", "attribute"}
	valueTitles = []string{"value", "configurationvalue", "configvalue", "appconfigkeyvalue", "appconfigvalue", "settingvalue",
		"parametervalue", "currentvalue"}
)

// names looks at a line with the names of the columns, or with the keys themselves.
func (t *settingsTable) names(text string, start int, cells []tableCell) bool {
	key, value, keys := -1, -1, 0
	if t.delimiter == "|" { // Jira has two bars between the names
		cells = slices.DeleteFunc(slices.Clone(cells), func(c tableCell) bool { return c.start == c.end })
	}
	for i, c := range cells {
		name := text[c.start:c.end]
		title := strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "", "*", "").Replace(name))
		switch {
		case key < 0 && slices.Contains(keyTitles, title):
			key = i
		case value < 0 && slices.Contains(valueTitles, title):
			value = i
		case managed(name):
			keys++
		}
	}
	switch {
	case key >= 0 && value >= 0:
		t.key, t.value, t.columns, t.header = key, value, len(cells), start
		return true
	case keys > 1 && keys == len(cells):
		if rest := text[cells[len(cells)-1].end:]; t.acrossIn(rest, len(cells)) {
			t.header, t.across, t.rows = start, true, keys
			return true
		}
	}
	return false
}

// acrossIn reports whether what follows the line of the keys is one line with as many values.
func (t *settingsTable) acrossIn(rest string, n int) bool {
	_, rest, _ = strings.Cut(rest, "\n")
	line, after, _ := strings.Cut(rest, "\n")
	return len(t.cells(nil, line, 0, len(strings.TrimRight(line, "\r")))) == n && chars.AllBlank(after)
}

// cells cuts a line. The bars around the row of a table are not delimiters.
func (t *settingsTable) cells(cells []tableCell, text string, start, end int) []tableCell {
	cells = cells[:0]
	if t.aligned() {
		start += chars.Blanks(text[start:end])
		end = start + len(strings.TrimRight(text[start:end], " \t"))
	}
	for t.delimiter == "|" && end-start > 1 && text[start] == '|' && text[end-1] == '|' {
		start, end = start+1, end-1
	}
	if t.delimiter == isSet && start < end && text[end-1] == ';' {
		end--
	}
	for start <= end {
		c, next := t.cell(text, start, end)
		cells = append(cells, c)
		start = next
	}
	return cells
}

// aligned reports whether blanks around a cell are padding.
func (t *settingsTable) aligned() bool {
	return t.delimiter == "|" || t.delimiter == "  " || t.delimiter == isSet || t.delimiter == arrow
}

// cell cuts the cell that begins at start. In quotes a delimiter is text (RFC 4180).
func (t *settingsTable) cell(text string, start, end int) (c tableCell, next int) {
	from := start
	for from < end && text[from] == ' ' {
		from++
	}
	if from < end && text[from] == '"' {
		if stop := quotedEnd(text, from+1, end); stop >= 0 {
			if rest := text[stop+1 : end]; chars.AllBlank(rest) {
				return tableCell{from + 1, stop, true}, end + 1
			} else if i := strings.Index(rest, t.delimiter); i >= 0 && chars.AllBlank(rest[:i]) {
				return tableCell{from + 1, stop, true}, t.skip(text, stop+1+i, end)
			}
		}
	}
	stop, next := end, end+1
	if i := strings.Index(text[start:end], t.delimiter); i >= 0 {
		stop, next = start+i, t.skip(text, start+i, end)
	}
	if t.aligned() {
		start += chars.Blanks(text[start:stop])
		stop = start + len(strings.TrimRight(text[start:stop], " "))
		if stop-start > 2 && text[start] == '`' && text[stop-1] == '`' { // code in Markdown
			start, stop = start+1, stop-1
		}
	}
	return tableCell{start: start, end: stop}, next
}

// skip is the place after a delimiter. That of an aligned table is as long as it takes.
func (t *settingsTable) skip(text string, at, end int) int {
	at += len(t.delimiter)
	for t.delimiter == "  " && at < end && text[at] == ' ' {
		at++
	}
	return at
}

// quotedEnd finds the quote that ends a cell: two in a row are one of the text.
func quotedEnd(text string, from, end int) int {
	for i := from; i < end; i++ {
		if text[i] == '"' {
			if i+1 == end || text[i+1] != '"' {
				return i
			}
			i++
		}
	}
	return -1
}

// setting is the key and the value of a line. Without a header the key is first, and a type may be before or after the value.
func (t *settingsTable) setting(text string, cells []tableCell) (key, value tableCell, ok bool) {
	switch {
	case t.key >= 0:
		if len(cells) <= max(t.key, t.value) {
			return tableCell{}, tableCell{}, false
		}
		key, value = cells[t.key], cells[t.value]
		if n := len(cells); n > t.columns && t.value == t.columns-1 { // a list that should have been in quotes
			value.end = cells[n-1].end
		}
	case len(cells) == 2:
		key, value = cells[0], cells[1]
	case len(cells) == 3 && valueType(text[cells[1].start:cells[1].end]):
		key, value = cells[0], cells[2]
	case len(cells) == 3 && valueType(text[cells[2].start:cells[2].end]):
		key, value = cells[0], cells[1]
	case len(cells) > 2 && t.delimiter == "," && managed(text[cells[0].start:cells[0].end]):
		key, value = cells[0], tableCell{start: cells[1].start, end: cells[len(cells)-1].end}
	default:
		return tableCell{}, tableCell{}, false
	}
	name := text[key.start:key.end]
	key.start += chars.Blanks(name)
	key.end = key.start + len(strings.TrimSpace(name))
	return key, value, key.start < key.end
}

// valueType knows the words for the type of a value.
func valueType(word string) bool {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "string", "boolean", "bool", "integer", "int", "number", "text", "real", "date", "stringtype", "booleantype", "integertype",
		"realtype", "tokentype", "choice", "hidden", "multiselect", "valuestring", "valuebool", "valueinteger":
		return true
	}
	return false
}

// readSettingsTable reads the table. Lines without a setting of Jabber are skipped, and said so.
func (r *Reader) readSettingsTable() error {
	text := r.exp.text
	t := findSettingsTable(text)
	if t == nil {
		return r.notUnderstood(ErrNoProperties)
	}
	if t.across {
		return r.readAcross(t)
	}
	var cells []tableCell
	for start, line := range chars.Lines(text) {
		if chars.AllBlank(line) || start == t.header || strings.Trim(line, "|-: +\t") == "" {
			continue
		}
		cells = t.cells(cells, text, start, start+len(line))
		key, value, ok := t.setting(text, cells)
		if !ok {
			r.ignore(start, start+len(line))
			continue
		}
		if t.padded && !value.quoted && value.start < value.end && text[value.start] == ' ' {
			value.start++
		}
		if err := r.tableSetting(key, value, start, start+len(line)); err != nil {
			return err
		}
		for _, c := range cells {
			if c != value && valueType(text[c.start:c.end]) {
				r.exp.types = append(r.exp.types, c) // it is not the value of a name that sounds like a secret
			}
		}
	}
	r.exp.recognised = r.exp.known()
	return nil
}

// readAcross reads a table whose header has the keys.
func (r *Reader) readAcross(t *settingsTable) error {
	text := r.exp.text
	r.ignoreLines(0, t.header)
	end, next := lineAt(text, t.header)
	keys := t.cells(nil, text, t.header, end)
	end, _ = lineAt(text, next)
	for i, value := range t.cells(nil, text, next, end) {
		if err := r.tableSetting(keys[i], value, next, end); err != nil {
			return err
		}
	}
	r.exp.recognised = r.exp.known()
	return nil
}

// tableSetting adds a setting of Jabber. A secret of another name is noted, so that it is not shown.
func (r *Reader) tableSetting(key, value tableCell, start, end int) error {
	text := r.exp.text
	p := Property{
		Name: text[key.start:key.end], Value: text[value.start:value.end], nameStart: int32(key.start), nameEnd: int32(key.end),
		valueStart: int32(value.start), valueEnd: int32(value.end),
	}
	if value.quoted {
		p.Value = strings.ReplaceAll(p.Value, `""`, `"`)
	}
	if emmKey(&p) {
		return r.add(&p)
	}
	if p.Value != "" && IsSecret(p.Name, p.Value) {
		p.secret = true
		r.exp.Found = append(r.exp.Found, p)
	}
	r.ignore(start, end)
	return nil
}

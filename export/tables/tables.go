// Package tables says what the records of the servers are: the tables of the database, as "run sql" prints them and AXL's executeSQLQuery
// answers, and the records of other AXL answers; which columns they have and which keys these feed. It is data: records.tsv, columns.tsv
// and parameters.tsv, which name their sources. The package reads nothing else and knows nothing of keys but their names.
package tables

import (
	"embed"
	"slices"
	"strings"

	"cupclint/internal/lazy"
)

//go:embed records.tsv columns.tsv parameters.tsv
var files embed.FS

// A Record is a kind of record.
type Record struct {
	Name    string
	Tables  []string // of the database, in lower case
	Answers []string // operations of AXL
	Inner   string   // an element that is a record inside; empty for none
	Source  string
	Columns []Column

	marks [][]string
}

// A Column is a column of a table, or an element of AXL.
type Column struct {
	Name string // in lower case
	// Type is text, host, port, flag, number, code, dn, uuid or secret.
	Type string
	// Required says that a cell is never empty.
	Required bool
	// Key is the name of the key that the value feeds, with {n} in an indexed one; empty for a column that feeds none.
	Key string
	// Skip is a value that marks a row as no record; empty for none.
	Skip string

	values [][2]string
}

// A Parameter is a service parameter that feeds a key.
type Parameter struct {
	Pattern, Key, Source string
}

type data struct {
	records    []*Record
	parameters []Parameter
}

var all = lazy.Value[data]{New: load}

// All lists the records.
func All() []*Record { return all.Get().records }

// Parameters lists the service parameters.
func Parameters() []Parameter { return all.Get().parameters }

// OfTable returns the record of a table of the database, or nil.
func OfTable(table string) *Record {
	return find(func(r *Record) bool { return slices.Contains(r.Tables, strings.ToLower(table)) })
}

// OfAnswer returns the record of the answer to an operation of AXL, or nil. The name may have the ending Response.
func OfAnswer(operation string) *Record {
	operation = strings.TrimSuffix(operation, "Response")
	return find(func(r *Record) bool {
		return slices.ContainsFunc(r.Answers, func(a string) bool { return strings.EqualFold(a, operation) })
	})
}

// OfColumns returns the record that the columns tell, or nil.
func OfColumns(columns []string) *Record {
	has := func(name string) bool {
		return slices.ContainsFunc(columns, func(c string) bool { return strings.EqualFold(c, name) })
	}
	return find(func(r *Record) bool {
		return slices.ContainsFunc(r.marks, func(set []string) bool {
			return !slices.ContainsFunc(set, func(name string) bool { return !has(name) })
		})
	})
}

func find(fits func(*Record) bool) *Record {
	for _, r := range all.Get().records {
		if fits(r) {
			return r
		}
	}
	return nil
}

// Column returns the column with the name, without regard to case, or nil.
func (r *Record) Column(name string) *Column {
	for i := range r.Columns {
		if strings.EqualFold(r.Columns[i].Name, name) {
			return &r.Columns[i]
		}
	}
	return nil
}

// Fits reports whether a text can be a cell of the column, by its type alone. An empty one is up to Required.
func (c *Column) Fits(cell string) bool {
	digits := cell != "" && strings.Trim(cell, "0123456789") == ""
	switch {
	case cell == "NULL":
		return !c.Required
	case cell == c.Skip && c.Skip != "":
		return true
	}
	switch c.Type {
	case "host":
		return !digits && cell != "t" && cell != "f" && !strings.ContainsAny(cell, " \t@=/\\")
	case "port", "number", "code":
		return digits || c.Type == "code" && len(c.values) > 0 && c.means(cell)
	case "flag":
		return cell == "t" || cell == "f" || strings.EqualFold(cell, "true") || strings.EqualFold(cell, "false")
	case "uuid":
		return isUUID(cell)
	case "secret":
		return !strings.Contains(cell, " ")
	}
	return true
}

func (c *Column) means(cell string) bool {
	_, ok := c.Meaning(cell)
	return ok
}

// isUUID reports whether a text has the shape of a key of the database.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(s[i])) {
			return false
		}
	}
	return true
}

// OfFile returns the record of the table that a file is named after, or nil.
func OfFile(name string) *Record {
	base := strings.ToLower(name[strings.LastIndexAny(name, "/!")+1:])
	words := strings.FieldsFunc(base, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
	for _, w := range words {
		if r := OfTable(w); r != nil {
			return r
		}
	}
	return nil
}

// Meaning returns what a value of the column stands for, and whether it is one that means anything. A column without a list of values means
// what it says.
func (c *Column) Meaning(value string) (string, bool) {
	if len(c.values) == 0 {
		return value, true
	}
	for _, v := range c.values {
		if strings.EqualFold(v[0], value) {
			return v[1], true
		}
		if strings.EqualFold(v[1], value) {
			return value, true // said in words already
		}
	}
	return "", false
}

// Matches reports whether a parameter's name is the one.
func (p *Parameter) Matches(name string) bool {
	name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
	if suffix, loose := strings.CutPrefix(p.Pattern, "*"); loose {
		return strings.HasSuffix(name, suffix)
	}
	return name == p.Pattern
}

func load() data {
	var d data
	for _, row := range rows("records.tsv") {
		r := &Record{Name: row[0], Tables: list(row[1]), Answers: list(row[2]), Source: row[5]}
		if row[3] != "-" {
			r.Inner = row[3]
		}
		for _, set := range list(row[4]) {
			r.marks = append(r.marks, strings.Split(set, "+"))
		}
		d.records = append(d.records, r)
	}
	for _, row := range rows("columns.tsv") {
		c := Column{Name: row[1], Skip: row[5]}
		c.Type, c.Required = strings.CutSuffix(row[2], "!")
		if row[3] != "-" {
			c.Key = row[3]
		}
		for pair := range strings.SplitSeq(row[4], ";") {
			if code, value, ok := strings.Cut(pair, "="); ok {
				c.values = append(c.values, [2]string{code, value})
			}
		}
		i := slices.IndexFunc(d.records, func(r *Record) bool { return r.Name == row[0] })
		d.records[i].Columns = append(d.records[i].Columns, c)
	}
	for _, row := range rows("parameters.tsv") {
		d.parameters = append(d.parameters, Parameter{row[0], row[1], row[2]})
	}
	return d
}

// rows reads a file: its lines without comments and without the header.
func rows(name string) [][]string {
	text, err := files.ReadFile(name)
	if err != nil {
		return nil // it is part of the program
	}
	var all [][]string
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			all = append(all, strings.Split(strings.TrimRight(line, "\r\n"), "\t"))
		}
	}
	return all[1:]
}

func list(s string) []string {
	if s == "-" {
		return nil
	}
	return strings.Fields(s)
}

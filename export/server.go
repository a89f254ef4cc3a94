package export

import (
	"slices"
	"strings"

	"cupclint/export/tables"
	"cupclint/internal/chars"
)

// What the server side says comes as records: rows of a query, elements of an AXL answer. What they hold is data, see package tables. A
// serverRecord turns one field after the other into a property of the key space, or into none.
type serverRecord struct {
	*tables.Record
	param string // name of the service parameter whose value comes next
	// n is the number of the record among those of its kind in the export; 0 until it has a field that is kept.
	n int
	// joined says that a query joined tables: then several rows may be of one user.
	joined bool
}

// begin begins the next record of the kind.
func (rec *serverRecord) begin() { rec.n, rec.param = 0, "" }

// takeField decides on a field: its key and number, and whether it is kept. A secret is kept under its own name, so that redact and the
// rules on secrets see it.
func (r *Reader) takeField(rec *serverRecord, p *Property) (keep bool) {
	if rec.Record == nil {
		return secretField(p)
	}
	c := rec.Column(p.Name)
	if rec.Name == "parameter" {
		return rec.parameter(strings.ToLower(p.Name), p)
	}
	if c == nil || c.Key == "" {
		if c != nil && c.Type == "secret" {
			p.secret = true
		}
		return p.Value != "" && (p.secret || secretField(p))
	}
	if rec.joined && rec.Name == "user" {
		return false
	}
	meaning, ok := c.Meaning(p.Value)
	if !ok {
		return false
	}
	p.Value = meaning
	p.Key, p.N, _ = Lookup(strings.Replace(c.Key, "{n}", "1", 1))
	if !p.Key.Indexed() {
		return true
	}
	if rec.n == 0 {
		family, _, _ := strings.Cut(c.Key, "{n}")
		rec.n = r.number(family)
	}
	if rec.n > MaxIndex && rec.Name == "user" {
		r.ignore(int(p.valueStart), int(p.valueEnd))
		return false
	}
	p.N = min(rec.n, MaxIndex)
	return true
}

// number counts the records that feed the keys of a family, over all tables of the export.
func (r *Reader) number(family string) int {
	if r.numbers == nil {
		r.numbers = make(map[string]int)
	}
	r.numbers[family]++
	return r.numbers[family]
}

// parameter takes a service parameter: its name comes first, then its value. The property keeps the name that was matched.
func (rec *serverRecord) parameter(name string, p *Property) bool {
	switch name {
	case "paramname", "name":
		rec.param = p.Value
	case "paramvalue", "value":
		for _, known := range tables.Parameters() {
			if known.Matches(rec.param) {
				p.Key, _, _ = Lookup(known.Key)
				p.Name = rec.param
				return true
			}
		}
		if IsSecret(rec.param, p.Value) {
			p.Name, p.secret = rec.param, true
			return true
		}
		return false
	}
	return secretField(p)
}

// secretField marks a field as a secret when its name and its value say so.
func secretField(p *Property) bool {
	p.secret = IsSecret(p.Name, p.Value)
	return p.secret
}

// pseudo reports whether a row is none of a server but one that holds what goes for all.
func pseudo(rec *tables.Record, names, cells []string) bool {
	if rec == nil {
		return false
	}
	for i, name := range names {
		if c := rec.Column(name); c != nil && c.Skip != "" && i < len(cells) && cells[i] == c.Skip {
			return true
		}
	}
	return false
}

// hasPseudoRow reports whether a table without its query has the row that only the table of the servers has.
func hasPseudoRow(names []string, rows []physicalLine) bool {
	rec := tables.OfTable("processnode")
	for _, name := range names {
		c := rec.Column(name)
		if c == nil || c.Skip == "" {
			continue
		}
		for _, row := range rows {
			if chars.AllBlank(row.text) {
				break
			}
			if slices.Contains(strings.Fields(row.text), c.Skip) {
				return true
			}
		}
	}
	return false
}

// recordOf finds the record of a query's table, or tells it by the columns, or by the name of the file.
func recordOf(table string, columns []string, file string) *tables.Record {
	if table != "" {
		return tables.OfTable(table)
	}
	if rec := tables.OfFile(file); rec != nil && slices.ContainsFunc(columns, func(c string) bool { return rec.Column(c) != nil }) {
		return rec
	}
	return tables.OfColumns(columns)
}

package export

import (
	"strings"

	"cupclint/export/appliance"
	"cupclint/export/tables"
)

// answered notes a query that found nothing; its answer is from start to end.
func (r *Reader) answered(query string, start, end int) {
	table := tableOf(query)
	if verb := firstField(query); verb != "" && !strings.EqualFold(verb, "select") {
		r.looksLike("the answer to run sql "+trim(strings.ToLower(verb)), "It says how many rows were changed, and has no settings.")
		return
	}
	if table == "" || tables.OfTable(table) != nil {
		r.exp.recognised = true
		if r.exp.nothing.Name == "" {
			name := "to run sql"
			if table != "" {
				name += " from " + trim(table)
			}
			r.exp.nothing = Hollow{name, span0{int32(start), int32(end)}}
		}
		return
	}
	r.looksLike(tableName(table, nil), "")
}

// allHollow notes the answer of a query that found nothing, where the input has no other value: among others it is a fact.
func (e *Export) allHollow() {
	if e.nothing.Name != "" && len(e.Properties) == 0 && e.Problem == nil {
		e.Hollow = append(e.Hollow, e.nothing)
	}
}

// withoutPager is what of a line follows the phrase of a pager, and where it begins: the terminal goes back to the begin of the line before
// it writes the next row.
func withoutPager(line string) (rest string, at int) {
	lead := len(line) - len(strings.TrimLeft(line, " \t\r"))
	n := appliance.Pager(line[lead:])
	if n == 0 {
		return line, 0
	}
	at = lead + n
	if i := strings.LastIndexByte(line[at:], '\r'); i >= 0 {
		at += i + 1
	}
	return line[at:], at
}

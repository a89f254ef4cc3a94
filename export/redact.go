package export

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"cupclint/export/copied"
	"cupclint/internal/secret"
)

// Redacted is what Redact writes in the place of a secret.
const Redacted = secret.Redacted

// A Redaction is a copy of an export without its secrets.
type Redaction struct {
	Data []byte
	// Lines are the lines, from 1, of what was replaced: one for each value.
	Lines []int
	// Left are the lines of the copy in which a last look still finds what is likely a secret.
	Left []int
}

// Foreign reports whether a file is of another tool, so that a Reader with SkipForeign skips it. A damaged export is not.
func Foreign(file string, data []byte, force Format) bool {
	foreign := false
	r := Reader{Force: force, SkipForeign: true, Passed: func(*Passed) { foreign = true }}
	r.one(file, bytes.Clone(data), named, func(*Export, error) bool { return true }) // the lexer writes into what it reads
	return foreign
}

// Redact returns a copy of an export in which every secret value reads Redacted, in the file's own encoding and
// syntax, and every other byte is the same. Empty values stay: whether a secret is there at all is what rules ask. In the tables of
// "run sql" the mask fills the column. Beyond the properties the whole text is searched, comments included. Errors are those of Parse.
func Redact(file string, data []byte, force Format) (*Redaction, error) {
	r := Reader{Force: force}
	e, err := r.Parse(file, bytes.Clone(data)) // the lexer writes into what it reads
	if err != nil {
		return nil, err
	}
	out := &Redaction{Data: data}
	out.apply(e, e.cuts())
	// What the mask made visible: one more pass, then a last look.
	if e, err = r.Parse(file, bytes.Clone(out.Data)); err == nil {
		if cuts := e.cuts(); len(cuts) > 0 {
			out.apply(e, cuts)
			e, err = r.Parse(file, bytes.Clone(out.Data))
		}
	}
	if err != nil {
		return out, nil // the mask broke the syntax around an odd value; the value is gone
	}
	for _, c := range e.cuts() {
		out.Left = append(out.Left, e.seek(c.start).line)
	}
	for _, at := range secret.Suspects(e.text, keyTable{}) {
		out.Left = append(out.Left, e.seek(at).line)
	}
	slices.Sort(out.Left)
	out.Left = slices.Compact(out.Left)
	return out, nil
}

// cuts are the places of secrets in the decoded text, with what is written there, in order and apart.
func (e *Export) cuts() []span {
	var cuts []span
	for i := range e.Properties {
		if p := &e.Properties[i]; p.Secret() {
			cuts = append(cuts, span{start: int(p.valueStart), end: int(p.valueEnd), text: e.standIn(p)})
		}
	}
	for i := range e.Found {
		p := &e.Found[i]
		cuts = append(cuts, span{start: int(p.valueStart), end: int(p.valueEnd), text: Redacted})
	}
	own := joined(slices.Clone(cuts))
	e.scan()
	for _, s := range e.scanned {
		if e.isCut(s, own) {
			cuts = append(cuts, span{start: s.start, end: s.end, text: Redacted})
		}
	}
	cuts = slices.DeleteFunc(cuts, func(c span) bool { return c.start >= c.end || done(e.text[c.start:c.end]) })
	for i := range len(cuts) {
		cuts = append(cuts, e.fillCell(&cuts[i])...)
	}
	slices.SortStableFunc(cuts, func(a, b span) int { return cmp.Or(cmp.Compare(a.start, b.start), -cmp.Compare(a.end, b.end)) })
	apart := cuts[:0]
	for _, c := range cuts {
		if n := len(apart); n > 0 && c.start < apart[n-1].end {
			continue // the strings of one multi-string value, an anchor used twice
		}
		apart = append(apart, c)
	}
	return apart
}

// done reports that a place holds no secret any more: the mask, or stars.
func done(text string) bool {
	return strings.Trim(strings.ReplaceAll(text, Redacted, ""), "*\\ \t\r\n\"'") == ""
}

// apply writes the copy.
func (r *Redaction) apply(e *Export, cuts []span) {
	switch {
	case len(e.lifted) > 0:
		r.applyLifted(e, cuts)
		return
	case len(e.copy.Copies) > 0:
		r.applyAgain(e, cuts)
		return
	}
	var out bytes.Buffer
	at := 0
	for _, c := range cuts {
		r.Lines = append(r.Lines, e.seek(c.start).line)
		from := e.at.original
		out.Write(r.Data[at:from])
		out.Write(e.encode(c.text))
		at = e.originalEnd(c.end)
	}
	out.Write(r.Data[at:])
	r.Data = out.Bytes()
}

// applyAgain writes a copy in which outputs are twice: the secrets of the first copy are cut from the others, too.
func (r *Redaction) applyAgain(e *Export, cuts []span) {
	// The outputs that have copies are apart, and the cuts in order: those before a cut are not looked at again.
	slices.SortStableFunc(e.copy.Copies, func(a, b copied.Copy) int { return cmp.Compare(a.Of[0], b.Of[0]) })
	var all []span // in the decoded text of the file
	first := 0
	for _, c := range cuts {
		c.start, c.end = e.copy.Place(c.start), e.copy.Place(c.end)-len(e.copy.Cut(c.end))
		all = append(all, c)
		for first < len(e.copy.Copies) && int(e.copy.Copies[first].Of[len(e.copy.Copies[first].Of)-1]) < c.start {
			first++
		}
		for _, m := range e.copy.Copies[first:] {
			if int(m.Of[0]) >= c.end {
				break
			}
			from, _ := slices.BinarySearch(m.Of, int32(c.start))
			if to, _ := slices.BinarySearch(m.Of, int32(c.end)); from < to && to < len(m.At) {
				all = append(all, span{start: int(m.At[from]), end: int(m.At[to]), text: c.text})
			}
		}
	}
	for _, c := range r.replace(e, all) {
		line, _ := e.rawAt.seek(e.copy.Original, c.start)
		r.Lines = append(r.Lines, line)
	}
}

// replace writes other text in the place of parts of the decoded text of the file. It returns those that it wrote, in their order: one that
// begins inside an earlier one is left out.
func (r *Redaction) replace(e *Export, all []span) (written []span) {
	slices.SortStableFunc(all, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var out bytes.Buffer
	at, raw, file := 0, 0, e.markLen() // of the copy, and the same place in the text and in the file
	place := func(to int) int {
		file += e.originalLen(e.copy.Original[raw:to])
		raw = to
		return file
	}
	written = all[:0]
	for _, c := range all {
		if c.start < raw {
			continue
		}
		written = append(written, c)
		out.Write(r.Data[at:place(c.start)])
		out.Write(e.encode(c.text))
		at = place(c.end)
	}
	out.Write(r.Data[at:])
	r.Data = out.Bytes()
	return written
}

type span struct {
	start, end int
	text       string
	name       int // where the name of a scanned secret begins
}

// A cellSpan is the place of a table's cell in one line of the text, padding included, and how many columns it has.
type cellSpan struct {
	start, end, width int
}

// fillCell makes a replacement fill the cell that it is in, so that the columns after it stay where they are and the secret's length
// does not show. A column too narrow for the word is filled with stars. It returns the cells in further lines that the row is wrapped over.
func (e *Export) fillCell(c *span) (more []span) {
	end := c.end
	for i, cell := range e.cells {
		if c.start < cell.start || c.start >= cell.end {
			continue
		}
		for _, next := range e.cells[i+1:] {
			if next.start >= end {
				break
			}
			more = append(more, span{start: next.start, end: next.end, text: strings.Repeat(" ", next.width)})
			end = max(end, next.end)
		}
		text := Redacted
		if cell.width < len(text) {
			text = strings.Repeat("*", cell.width)
		}
		c.start, c.end = cell.start, cell.end
		c.text = text + strings.Repeat(" ", cell.width-len(text))
		return more
	}
	return nil
}

// standIn adds quotes where the value had none and the format wants text in them.
func (e *Export) standIn(p *Property) string {
	quoted := p.valueStart > 0 && strings.IndexByte(`"'`, e.text[p.valueStart-1]) >= 0
	if !quoted && (e.Format == JSON || e.Format == Registry && p.valueStart > 0 && e.text[p.valueStart-1] == '=') {
		return `"` + Redacted + `"`
	}
	return Redacted
}

// tableHeader reports whether a place is in the header of a table: the row of "=" is the next line.
func (e *Export) tableHeader(at int) bool {
	if e.Format != RunSQL && e.Format != CLI {
		return false
	}
	i := strings.IndexByte(e.text[at:min(len(e.text), at+maxHeader)], '\n')
	if i < 0 {
		return false
	}
	next, _, _ := strings.Cut(e.text[at+i+1:], "\n")
	return isRule(next)
}

// maxHeader is more than the names of all columns of a table have, in bytes.
const maxHeader = 64 << 10

// Scrub is Redact for a text of any kind. Where the format is unknown or the text is damaged, the whole of it is searched as it is.
func Scrub(file string, data []byte) *Redaction {
	if out, err := Redact(file, data, Auto); err == nil {
		return out
	}
	out := &Redaction{Data: data}
	for range 2 { // what the mask made visible
		text := string(out.Data)
		found := slices.DeleteFunc(secret.Find(text, keyTable{}), func(s secret.Span) bool { return done(text[s.Start:s.End]) })
		if len(found) == 0 {
			break
		}
		lines := lineCounter{text: text}
		for _, s := range found {
			out.Lines = append(out.Lines, lines.at(s.Start))
		}
		out.Data = []byte(secret.Replace(text, found, Redacted))
	}
	text := string(out.Data)
	lines := lineCounter{text: text}
	for _, at := range secret.Suspects(text, keyTable{}) {
		out.Left = append(out.Left, lines.at(at))
	}
	slices.Sort(out.Left)
	out.Left = slices.Compact(out.Left)
	return out
}

// A lineCounter finds the numbers of lines, from 1. Places that come in order cost no more than one look at the text.
type lineCounter struct {
	text         string
	place, lines int // where it was last, and the line ends before
}

func (c *lineCounter) at(place int) int {
	if place < c.place {
		c.place, c.lines = 0, 0
	}
	c.lines += strings.Count(c.text[c.place:place], "\n")
	c.place = place
	return 1 + c.lines
}

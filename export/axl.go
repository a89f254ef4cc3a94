package export

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/export/tables"
	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// axlNamespace begins the namespace of the Administrative XML interface of Unified CM; the version is after it.
const axlNamespace = "http://www.cisco.com/AXL/API/"

// An axlAnswer is where in an AXL answer the reader is: below the response element, whose children have no namespace.
type axlAnswer struct {
	name   string // of the response element; empty for none
	depth  int    // of it; 0 where the document was cut below it
	record serverRecord
	query  bool // the rows of a query: their columns show what they are
	pseudo bool // the record that is read now is not a server
	held   bool // a field has a value
	at     span0
	known  int  // records that were understood, or skipped
	other  int  // rows of a query that were not
	unread bool // the row that is read now is one of these, and is noted as skipped
}

// axlAnswerName reports whether an element without its namespace is the begin of an answer.
func axlAnswerName(local string) bool {
	for _, verb := range [...]string{"get", "list", "executeSQLQuery"} {
		if rest, ok := strings.CutPrefix(local, verb); ok && strings.HasSuffix(rest, "Response") {
			return true
		}
	}
	return false
}

// axlCut begins an answer that was cut out of its response element: the element return, or the records below it. Their name tells the
// operation.
func (x *xmlReader) axlCut(start int, local string) bool {
	record := local
	if local == "return" {
		_, rest, _ := strings.Cut(x.text[start:], ">")
		_, rest, _ = strings.Cut(rest, "<")
		record = rest[:max(0, strings.IndexAny(rest, " \t\r\n/>"))]
	}
	operation := "executeSQLQuery"
	if record != "row" {
		if operation = "get" + record; tables.OfAnswer(operation) == nil {
			operation = "list" + record
		}
		if tables.OfAnswer(operation) == nil {
			return false
		}
	}
	x.doc = x.beginService()
	x.memo = nil
	x.service.axlResponse(x, start, operation+"Response")
	x.service.axl.depth = 0
	if local != "return" {
		x.open = slices.Insert(x.open, 0, element{name: "return", start: start})
		x.outer, x.begins, x.cut = true, true, true
	}
	x.r.exp.recognised = false // other programs have such names, too
	x.r.looksLike(fmt.Sprintf("XML with the root element %s", trim(local)), "")
	return true
}

// axlResponse begins an answer.
func (d *serviceDocument) axlResponse(x *xmlReader, start int, local string) {
	x.r.exp.Format = AXL
	d.axl = axlAnswer{name: local, depth: len(x.open)}
	d.axl.at = span0{int32(start + 1), int32(start + 1 + len(x.open[len(x.open)-1].name))}
	operation, answer := strings.CutSuffix(local, "Response")
	if !answer {
		return // a request
	}
	d.axl.record.Record = tables.OfAnswer(operation)
	d.axl.query = operation == "executeSQLQuery"
	// An answer without records says that there are none.
	x.r.exp.recognised = d.axl.record.Record != nil || d.axl.query
}

// axlElement begins an element below the response. It may be a field or hold others; which one it is shows when it ends.
func (d *serviceDocument) axlElement(x *xmlReader, start int, local string) {
	x.into = false
	a := &d.axl
	if axlProfile(x, start, local) {
		if x.into {
			a.holdsProfile(x.r)
		}
		return
	}
	switch {
	case len(x.open) == a.depth+2: // below return
		a.record.begin()
		a.unread = false
		names, cells := x.leaves(start)
		if a.query {
			a.record.Record = recordOf("", names, x.r.exp.File)
		}
		a.pseudo = pseudo(a.record.Record, names, cells)
		if a.record.Record == nil {
			x.r.ignore(start, len(x.text))
			a.unread = true
			if a.other++; a.other == 1 && a.query {
				x.r.looksLike("rows of an AXL query with the columns "+trim(strings.Join(names, ", ")), "")
			}
		} else {
			a.known++
		}
	case a.record.Record != nil && local == a.record.Inner:
		a.record.begin()
	}
	x.property = Property{Name: local, nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(local))}
	x.enter()
}

// leaves looks ahead at the elements inside the one that begins, which hold text or nothing: their names and texts.
func (x *xmlReader) leaves(start int) (names, cells []string) {
	const most = 64 << 10
	rest := x.text[start:min(len(x.text), start+most)]
	own := x.open[len(x.open)-1].name
	if end := strings.Index(rest, "</"+own); end >= 0 {
		rest = rest[:end]
	}
	_, rest, _ = strings.Cut(rest, ">")
	for {
		i := strings.IndexByte(rest, '<')
		if i < 0 || i+1 >= len(rest) {
			return names, cells
		}
		tag, after, _ := strings.Cut(rest[i+1:], ">")
		rest = after
		if tag == "" || tag[0] == '/' || tag[0] == '!' || tag[0] == '?' {
			continue
		}
		words := strings.Fields(tag)
		if len(words) == 0 { // blanks: not well-formed, as the reader finds out
			continue
		}
		name := strings.TrimSuffix(words[0], "/")
		cell := ""
		if !strings.HasSuffix(tag, "/") {
			cell, _, _ = strings.Cut(rest, "<")
		}
		names, cells = append(names, name), append(cells, cell)
	}
}

// axlProfile takes the settings of Jabber that are as elements inside the field xml or ucServiceXml of an answer.
func axlProfile(x *xmlReader, start int, local string) bool {
	for i := len(x.open) - 2; i > 0; i-- {
		if name := x.open[i].name; !strings.EqualFold(name, "xml") && !strings.EqualFold(name, "ucServiceXml") {
			continue
		}
		inner := x.open[i+1:]
		if strings.EqualFold(inner[0].name, "config") {
			inner = inner[1:]
		}
		if len(inner) > 0 && !jabberSection(inner[0].name) {
			return false
		}
		if len(inner) < 2 {
			return true
		}
		name := jabberPrefix + inner[0].name
		for _, e := range inner[1:] {
			name += "." + e.name
		}
		k, n, ok := Lookup(name)
		if !ok && len(inner) == 2 {
			k = inOtherSection(local)
		}
		x.property = Property{Key: k, N: n, Name: name, nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(local))}
		x.enter()
		return true
	}
	return false
}

// axlValue ends a field and says whether it is kept.
func (d *serviceDocument) axlValue(x *xmlReader, p *Property) bool {
	d.axl.held = d.axl.held || !chars.AllBlank(p.Value)
	if d.axl.pseudo {
		return false
	}
	if strings.HasPrefix(p.Name, jabberPrefix) {
		return true
	}
	if strings.HasSuffix(strings.ToLower(p.Name), "xml") && strings.TrimSpace(p.Value) != "" {
		start, end := int(p.valueStart), int(p.valueEnd)
		ours, err := x.r.readEmbedded(embeddedAt(x.text[start:end], start))
		if err != nil && x.r.exp.Problem == nil {
			x.r.exp.Problem = err
		}
		if ours {
			d.axl.holdsProfile(x.r)
			return false
		}
	}
	return x.r.takeField(&d.axl.record, p)
}

// holdsProfile: settings of Jabber were read in the row, so that it is not skipped.
func (a *axlAnswer) holdsProfile(r *Reader) {
	if a.unread {
		r.exp.ignored--
		a.unread = false
	}
}

func (d *serviceDocument) axlEnd(x *xmlReader) error {
	if !strings.HasSuffix(d.axl.name, "Response") {
		x.r.looksLike(fmt.Sprintf("an AXL request (%s)", trim(d.axl.name)), "Save the answer to it.")
		return nil
	}
	if d.axl.query {
		x.r.exp.recognised = d.axl.known > 0 || d.axl.other == 0
	}
	if e := &x.r.exp; e.recognised && !d.axl.held {
		e.Hollow = append(e.Hollow, Hollow{trim(d.axl.name), d.axl.at})
	}
	x.r.looksLike(fmt.Sprintf("an AXL answer %s", trim(d.axl.name)), "")
	return nil
}

// A Hollow is an answer without a value: of a server that has no such record, or that does not show it to the account.
type Hollow struct {
	Name string // of the element
	at   span0
}

// HollowAt is the place of an answer without a value.
func (e *Export) HollowAt(h Hollow) Range { return e.rangeOf(h.at.start, h.at.end) }

// htmlPage reads an HTML page, which is never configuration: servers answer so when they refuse a request.
func (r *Reader) htmlPage() error {
	text := r.exp.text
	what := "an HTML page"
	if title := between(text, "<title>", "</title>"); title != "" {
		what = fmt.Sprintf("an HTML page (%s)", trim(title))
	}
	hint := ""
	if strings.Contains(text, "599") && strings.Contains(strings.ToLower(text), "axl") {
		what = "an error page of AXL (HTTP status 599)"
		hint = "The server does not know the AXL version of the request: ask again with one that it supports."
		if supported := sentenceWith(text, "Supported"); supported != "" {
			hint = "The server does not know the AXL version of the request. " + supported + "."
		}
	}
	r.looksLike(what, hint)
	return r.notUnderstood(ErrUnknownFormat)
}

// sentenceWith returns the part of a line that begins with a word, up to the next tag; "" where there is none.
func sentenceWith(text, word string) string {
	i := strings.Index(text, word)
	if i < 0 {
		return ""
	}
	sentence := text[i:min(len(text), i+200)]
	if end := strings.IndexAny(sentence, "<\r\n"); end >= 0 {
		sentence = sentence[:end]
	}
	return strings.TrimRight(strings.TrimSpace(sentence), ".")
}

// between returns the text between two marks, without regard to case, or "".
func between(text, from, to string) string {
	text = text[:min(len(text), 16<<10)]
	i := fold.Index(text, from)
	if i < 0 {
		return ""
	}
	i += len(from)
	j := fold.Index(text[i:], to)
	if j < 0 {
		return ""
	}
	return strings.TrimSpace(text[i : i+j])
}

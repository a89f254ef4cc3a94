package export

import (
	"strings"

	"cupclint/internal/chars"
)

// Bounds on what is remembered of the begin of documents.
const (
	maxPrologues = 4
	maxPrologue  = 4 << 10 // bytes
)

// A prologue is the begin of a document up to the start tag of its first property, and what the reader knows there. Exports of one server
// begin with the same bytes, which mean the same and need no second look.
type prologue struct {
	text   string // with the tag of the property
	start  int    // of that tag
	force  Format
	format Format

	open       []element
	bindings   []binding
	cut, loose bool
	memo       *memo

	// What the document knows: of the kind whose memory is not nil.
	service *serviceDocument
	section []byte // of a jabberDocument
}

// learnPrologue remembers the begin of a document when the start tag of its first property was read.
func (x *xmlReader) learnPrologue(start int, void bool) {
	n := len(x.open) - 1
	if !x.into || x.intoAt != n+1 {
		return
	}
	x.begins = true // only the first property counts
	e, end := &x.r.exp, x.in.Offset()
	if void || end > maxPrologue || x.memo == nil || x.memoDepth != n || x.open[n].bindings != len(x.bindings) ||
		len(e.Properties) > 0 || len(e.Found) > 0 || len(e.scanned) > 0 || e.ignored > 0 || e.looks != "" || e.Problem != nil {
		return
	}
	p := prologue{
		text: strings.Clone(x.text[:end]), start: start, force: x.r.Force, format: e.Format, cut: x.cut, loose: x.loose, memo: x.memo,
	}
	switch d := x.doc.(type) {
	case *serviceDocument:
		if d.axl.name != "" || d.fault > 0 {
			return
		}
		p.service = &serviceDocument{properties: d.properties, first: strings.Clone(d.first), message: strings.Clone(d.message)}
	case *jabberDocument:
		p.section = append([]byte{}, d.section...)
	default:
		return
	}
	for _, o := range x.open[:n] {
		o.name = strings.Clone(o.name)
		p.open = append(p.open, o)
	}
	for _, b := range x.bindings {
		p.bindings = append(p.bindings, binding{strings.Clone(b.prefix), strings.Clone(b.space)})
	}
	if len(x.prologues) < maxPrologues {
		x.prologues = append(x.prologues, p)
		return
	}
	x.prologues[x.oldest] = p
	x.oldest = (x.oldest + 1) % maxPrologues
}

// resume skips the begin of a document where it is known. It reports whether it did.
func (x *xmlReader) resume() bool {
	for i := range x.prologues {
		p := &x.prologues[i]
		if p.force != x.r.Force || !strings.HasPrefix(x.text, p.text) {
			continue
		}
		x.r.exp.Format = p.format
		x.open, x.bindings = append(x.open, p.open...), append(x.bindings, p.bindings...)
		x.cut, x.loose = p.cut, p.loose
		x.memo, x.memoDepth = p.memo, len(p.open)
		x.memo.next = 0
		if p.service != nil {
			x.service = *p.service
			x.doc = &x.service
		} else {
			x.jabber.section = append(x.jabber.section[:0], p.section...)
			x.doc = &x.jabber
		}
		x.in.Move(p.start)
		x.in.Skip()
		return true
	}
	return false
}

// endTags reads the end tags from here on that follow one another and close the open elements.
func (x *xmlReader) endTags() {
	begin := x.in.Offset()
	at := begin
	for n := len(x.open); n > 0; n-- {
		start := at + chars.Blanks(x.text[at:])
		rest, isEnd := strings.CutPrefix(x.text[start:], "</")
		rest, fits := strings.CutPrefix(rest, x.open[n-1].name)
		if !isEnd || !fits || rest == "" || rest[0] != '>' {
			break
		}
		at = len(x.text) - len(rest) + len(">")
		_ = x.close() // no property ends with it
	}
	if at > begin {
		x.in.Move(at - begin)
		x.in.Skip()
	}
}

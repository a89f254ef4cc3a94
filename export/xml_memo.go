package export

import (
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/recent"
)

// Bounds on what is remembered of start tags. Exports have a few hundred tags of less than a hundred bytes.
const (
	maxTags  = 1024 // of one place
	maxTag   = 256  // bytes
	maxMemos = 32   // places

	maxBlanks = 64 // in front of an element that is remembered
)

// A memo holds start tags that were read and checked at one kind of place, in this document or in one before: below the same parent, or of
// the element that is known to be a property. The same bytes at such a place mean the same and need no second look.
type memo struct {
	element string // the only element whose tags are learned; "" for every one without a prefix
	tags    []seenTag
	byText  map[string]int
	next    int // the tag that is expected: files of one server name the same keys in the same order
}

type seenTag struct {
	text, end string         // the tag, and the end tag that closes its element; "" for an empty-element tag
	property  Property       // that the element is; the places of its name count from the begin of the tag
	attrs     []attribute    // of the tag, without their places: they decide what messages may show
	harmless  *recent.Values // of its values, those without a secret in them; nil for none
	// last is the element as it was read last, with the blanks in front of it, where there is no secret in it; else it is empty.
	last   []byte
	blanks int    // how many of them
	number uint32 // of its value in harmless
}

// learns reports whether tags are remembered: not in the first document, since most runs have only one.
func (x *xmlReader) learns() bool { return x.documents > 1 }

// expect says that the elements below the one that is open at a depth are those of a memo.
func (x *xmlReader) expect(place, element string, depth int) {
	m := x.memos[place]
	if m == nil {
		if x.memos == nil || len(x.memos) >= maxMemos {
			x.memos = make(map[string]*memo)
		}
		m = &memo{element: strings.Clone(element), byText: make(map[string]int)}
		x.memos[strings.Clone(place)] = m
	}
	m.next = 0
	x.memo, x.memoDepth = m, depth
}

// learn remembers the tag that was read last, if its element is a property and nothing but its own bytes decides what it means.
// Attributes next to the name of a property are looked at in each document: there may be a secret in them.
func (x *xmlReader) learn(start int, void bool) {
	m, n := x.memo, len(x.open)
	if m == nil || n != x.memoDepth+1 || !x.into || x.intoAt != n {
		return
	}
	if m.element == "" && len(x.attrs) > 0 || m.element != "" && (len(x.attrs) != 1 || !x.attrs[0].plain) {
		return
	}
	name, tag := x.open[n-1].name, x.text[start:x.in.Offset()]
	if len(tag) > maxTag || strings.IndexByte(tag, '>') != len(tag)-1 || strings.Contains(tag, remarkSign) ||
		name != m.element && (m.element != "" || strings.Contains(name, ":")) {
		return
	}
	if i, known := m.byText[tag]; known {
		m.next = i + 1
		x.property.seenName = m.tags[i].property.seenName
		return
	}
	if len(m.tags) >= maxTags {
		clear(m.tags)
		clear(m.byText)
		m.tags, m.next = m.tags[:0], 0
	}
	s := seenTag{text: strings.Clone(tag), end: "</" + name + ">", property: x.property}
	s.property.Name = strings.Clone(s.property.Name)
	s.property.nameStart -= int32(start)
	s.property.nameEnd -= int32(start)
	if void {
		s.end = ""
	}
	for _, a := range x.attrs {
		s.attrs = append(s.attrs, attribute{name: strings.Clone(a.name), value: strings.Clone(a.value)})
	}
	m.byText[s.text] = len(m.tags)
	x.seenTags++
	s.property.seenName = x.seenTags
	m.tags = append(m.tags, s)
	x.property.seenName = x.seenTags
}

// again returns the tag that is expected, where text begins with the same element as the last time, or nil.
func (m *memo) again(text string) *seenTag {
	if m.next == len(m.tags) {
		return nil
	}
	tag := &m.tags[m.next]
	if n := len(tag.last); n == 0 || n > len(text) || text[:n] != string(tag.last) {
		return nil
	}
	m.next++
	return tag
}

// find returns the tag that text begins with, or nil where it is not known.
func (m *memo) find(text string) *seenTag {
	if m.next < len(m.tags) && strings.HasPrefix(text, m.tags[m.next].text) {
		m.next++
		return &m.tags[m.next-1]
	}
	i, known := m.byText[text[:strings.IndexByte(text, '>')+1]]
	if !known {
		return nil
	}
	m.next = i + 1
	return &m.tags[i]
}

// known reads the elements from here on whose tags are known and whose values stand for themselves. It stops in front of the first other
// one.
func (x *xmlReader) known() error {
	begin := x.in.Offset()
	at := begin
	var last *seenTag
	for {
		tag := x.memo.again(x.text[at:])
		again := tag != nil
		start, end := at, 0
		if again {
			start, end = at+tag.blanks, at+len(tag.last)
		} else {
			start += chars.Blanks(x.text[at:])
			if tag = x.memo.find(x.text[start:]); tag == nil {
				break
			}
			end = start + len(tag.text)
			if tag.end != "" {
				end += plainRun(x.text[end:])
			}
			if !strings.HasPrefix(x.text[end:], tag.end) {
				break
			}
			end += len(tag.end)
		}
		from, to := start+len(tag.text), end-len(tag.end)
		p := &x.property
		*p = tag.property
		p.Value = x.text[from:to]
		p.nameStart += int32(start)
		p.nameEnd += int32(start)
		p.valueStart, p.valueEnd = int32(from), int32(to)
		if x.doc.value(x, p) {
			if p.seenValue = tag.number; !again {
				x.harmless(tag, p, x.text[at:end], start-at)
			}
			if err := x.r.store(p); err != nil {
				return err
			}
		}
		at, last = end, tag
	}
	if last != nil {
		x.attrs = append(x.attrs[:0], last.attrs...)
	}
	if at > begin {
		x.r.exp.without = append(x.r.exp.without, span0{int32(begin), int32(at)})
	}
	x.in.Move(at - begin)
	x.in.Skip()
	return nil
}

// harmless hides the secrets of a property whose element has blanks in front. If there are none, it is remembered.
func (x *xmlReader) harmless(tag *seenTag, p *Property, element string, blanks int) {
	if p.seenValue = tag.harmless.Find(p.Value); p.seenValue == 0 {
		x.r.exp.unsure = x.r.exp.unsure || strings.Contains(x.text[p.valueStart:p.valueEnd], remarkSign)
		if x.r.hide(p); p.Secret() || p.covered || x.r.exp.unsure {
			return
		}
		if tag.harmless == nil {
			tag.harmless = new(recent.Values)
		}
		p.seenValue = tag.harmless.Add(p.Value)
	}
	if blanks <= maxBlanks && (p.seenValue != 0 || p.Value == "") {
		tag.last, tag.blanks, tag.number = append(tag.last[:0], element...), blanks, p.seenValue
	}
}

// plainRun counts the bytes up to the next tag or to the first one that needs a second look.
func plainRun(text string) int {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c == '<' || classes[c] != ordinary {
			return i
		}
	}
	return len(text)
}

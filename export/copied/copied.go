// Package copied takes away what programs add to a text that is copied: signs of quoting of a mail program, line numbers of an editor, the
// times that a logging terminal writes before each line, fences of a wiki, blanks of a web page, the page or the JSON around an output.
//
// A text comes in, and the same text without these comes out, with the place in the original of every byte, so that lines, columns,
// corrections and redacted copies are those of the original. No line end is removed: a line keeps its number, except in pages and JSON,
// whose lines become those that are shown. What has a secret in it stays in the text. The package reads no settings. What it has to know of
// the formats that are read, its caller says.
package copied

import (
	"sort"
	"strings"

	"cupclint/internal/fold"
	"cupclint/internal/secret"
)

// Max bounds the texts that are looked at, in bytes: a longer one is a log or a session of hours, which no one quotes. The map of places
// takes several times the memory of the text.
const Max = 2 << 20

// Formats answers for what is read. Each question is about a text that begins with the first character that is not blank, and is cheap.
type Formats struct {
	// Printed reports whether a text is the output of a server, Table whether it is one of "run sql".
	Printed, Table func(text string) bool
	// Log reports whether a text is a log whose lines have times of their own.
	Log func(text string) bool
	// XML reports whether a text is a document, in which signs of HTML are right.
	XML func(text string) bool
	// Document reports whether a line begins an XML document that is read.
	Document func(line string) bool
	// RegistryKey reports whether the values of a key of the Windows registry are read.
	RegistryKey func(key string) bool
	// Depth is how deep objects and lists of JSON may be inside one another.
	Depth int
	// Names knows which names have secret values.
	Names secret.Table
}

// A Text is a text without what was around it. The zero value is none.
type Text struct {
	// S is the text, and Original what it was made from.
	S, Original string
	// InDocument reports that it was found in a document of another kind: a page of HTML, or JSON.
	InDocument bool
	// Copies are outputs that were found once more in the document, and are in S once.
	Copies []Copy

	places  []int32         // the place in Original of each byte of S, and of its end
	removed map[int32]int32 // the parts of Original that were taken out, from their end to their begin
}

// A Copy is a second copy of an output in the same document: Ansible has each as one string and as lines. Of are the places of the first
// one in the original, byte by byte, and one more for the end; At are those of the same bytes of the second one. A secret is in both.
type Copy struct {
	Of, At []int32
}

// maxLayers bounds how often a text is looked at again: the quote of a listing with line numbers has two.
const maxLayers = 3

// New is a text that was made from another in a way that this package does not know. places are the place in original of each byte of s,
// and of its end; removed has the parts that were taken out, from their end to their begin.
func New(s, original string, places []int32, removed map[int32]int32) Text {
	return Text{S: s, Original: original, places: places, removed: removed}
}

// Undecorate takes away what is not part of the text that was copied. It reports whether it found something of the kind. S and Original are
// the same in a text of which nothing was taken away before.
func (f *Formats) Undecorate(t *Text) (found bool) {
	text := t.S
	if len(text) > Max {
		return false
	}
	if edits := f.pages(text); edits != nil {
		t.Replace(edits)
		t.InDocument, found = true, true
	} else if edits, copies := f.carried(text); edits != nil {
		t.Replace(edits)
		t.InDocument, t.Copies, found = true, copies, true
	} else if head := strings.TrimSpace(text[:min(len(text), 256)]); f.XML(head) && !fold.HasPrefix(head, "<pre") {
		return t.Replace(doubledReturns(text))
	}
	found = t.Replace(QuotedPrintable(t.S)) || t.Replace(f.blockScalars(t.S)) || found
	return f.peel(t) || found
}

// Paste is Undecorate for a text that someone typed or pasted, of which nothing is known: documents stay as they are, and odd characters
// are replaced in all of it.
func (f *Formats) Paste(text string) string {
	t := Text{S: text, Original: text}
	f.peel(&t)
	t.Replace(odd(t.S))
	return t.S
}

// peel takes away the layers that are around a text.
func (f *Formats) peel(t *Text) (found bool) {
	for range maxLayers {
		if !t.Replace(f.layer(t.S)) {
			break
		}
		found = true
	}
	return found
}

// layer finds one layer of what was added to a text; nil where there is none.
func (f *Formats) layer(text string) []Edit {
	for _, find := range [...]func(string) []Edit{byteOrderMarks, doubledReturns, fences, quoted, f.diffed, f.barred, f.bulleted, numbered,
		f.stamps, breaks, preformatted, f.registryObjects, f.escaped, f.marked, f.oddCharacters} {
		if edits := find(text); len(edits) > 0 {
			return edits
		}
	}
	return nil
}

// printedIn reports whether a text is the output of a server once edits are made. The begin of what they leave is looked at: the style of a
// page may be longer than the output.
func (f *Formats) printedIn(text string, edits []Edit) bool {
	const most = 32 << 10
	var b strings.Builder
	at := 0
	for _, c := range edits {
		b.WriteString(text[at:c.Start])
		b.WriteString(c.With)
		if at = c.End; b.Len() > most {
			break
		}
	}
	b.WriteString(text[at:min(len(text), at+most)])
	trimmed := strings.TrimLeft(b.String(), " \t\r\n")
	return trimmed != "" && f.Printed(trimmed)
}

// An Edit replaces a part of a text.
type Edit struct {
	Start, End int
	With       string
}

// Replace replaces parts of S, which are in order and apart. It reports whether there are any.
func (t *Text) Replace(edits []Edit) bool {
	if len(edits) == 0 {
		return false
	}
	var b strings.Builder
	b.Grow(len(t.S))
	places := make([]int32, 0, len(t.S)+1)
	at := 0
	keep := func(to int) {
		for i := at; i < to; i++ {
			places = append(places, int32(t.Place(i)))
		}
		b.WriteString(t.S[at:to])
	}
	for _, c := range edits {
		keep(c.Start)
		start := int32(t.Place(c.Start))
		if c.With == "" {
			if t.removed == nil {
				t.removed = make(map[int32]int32)
			}
			t.removed[int32(t.Place(c.End))] = start
		}
		for range len(c.With) {
			places = append(places, start)
		}
		b.WriteString(c.With)
		at = c.End
	}
	keep(len(t.S))
	t.S, t.places = b.String(), append(places, int32(t.Place(len(t.S))))
	return true
}

// Decorated reports whether something was taken away; else S and Original are the same.
func (t *Text) Decorated() bool { return t.places != nil }

// Place turns an offset in S into one in Original.
func (t *Text) Place(offset int) int {
	if t.places == nil {
		return offset
	}
	return int(t.places[offset])
}

// Find is the first offset in S whose place in Original is not before a given one; the end of S where there is none.
func (t *Text) Find(place int) int {
	return sort.Search(len(t.S), func(i int) bool { return t.Place(i) >= place })
}

// Cut is what was taken out of Original before the place of an offset: a value that ends there does not have it.
func (t *Text) Cut(offset int) string {
	end := int32(t.Place(offset))
	from := end
	for {
		start, ok := t.removed[from]
		if !ok || start >= from {
			return t.Original[from:end]
		}
		from = start
	}
}

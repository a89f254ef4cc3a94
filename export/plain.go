package export

import (
	"strings"

	"cupclint/export/appliance"
	"cupclint/internal/chars"
)

// maxPlain bounds the texts that readPlain looks at, in bytes: in longer ones to ask which format they have takes little.
const maxPlain = 4 << 10

// readPlain reads a text in which every line gives a known key a word, as scripts write them for all users of a fleet: there is one way to
// read it, and nothing in it that a mail program, a terminal or a wiki could have added. It reports whether the text is one; else nothing
// has changed. It gives what the reader of pairs gives, which takes most of its time to ask whether such a text is anything else.
func (r *Reader) readPlain(file string) bool {
	e := &r.exp
	if r.Force != Auto || len(e.text) > maxPlain || !chars.Letter(e.text[0]) {
		return false
	}
	if r.plainLines() && len(r.finder.Find(e.text, keyTable{})) == 0 && !appliance.Named(file) {
		e.Format, e.whole = Properties, true
		return true
	}
	if len(e.Properties) > 0 {
		clear(e.first[:])
		clear(e.Properties)
		e.Properties = e.Properties[:0]
	}
	return false
}

// plainLines adds the pairs of a text, as far as its lines are plain.
func (r *Reader) plainLines() (all bool) {
	text := r.exp.text
	for at := 0; at < len(text); {
		p := plainPair(text, at)
		if p.Key == NoKey || mayHoldSecret(&p) || r.store(&p) != nil {
			return false
		}
		at = int(p.valueEnd)
		if strings.HasPrefix(text[at:], "\r\n") {
			at++
		}
		if at < len(text) && text[at] != '\n' {
			return false
		}
		at++
	}
	return true
}

// plainPair is the known key at a place with the word after it; without a key where the text is anything else there.
func plainPair(text string, start int) (p Property) {
	at := start
	for at < len(text) && chars.Key(text[at]) {
		at++
	}
	nameEnd := at
	if at+1 < len(text) && text[at] == ' ' {
		at++
	}
	if at == start || at == len(text) || text[at] != '=' {
		return p
	}
	if at++; at < len(text) && text[at] == ' ' {
		at++
	}
	value := at
	for at < len(text) && (chars.Letter(text[at]) || text[at] >= '0' && text[at] <= '9' || text[at] == '-' || text[at] == '.') {
		at++
	}
	name := text[start:nameEnd]
	k, n, _ := Lookup(name)
	if at == value || k.Secret() {
		return p
	}
	return Property{
		Key: k, N: n, Name: name, Value: text[value:at],
		nameStart: int32(start), nameEnd: int32(nameEnd), valueStart: int32(value), valueEnd: int32(at),
	}
}

package export

import (
	"slices"
	"strings"

	"cupclint/internal/lazy"
	"cupclint/internal/nearest"
	"cupclint/internal/secret"
)

// keyTable answers for the key space: names in full, and those of Jabber's keys also without their section, as Jabber's own files and
// logs have them.
type keyTable struct{}

// Key says whether the table knows a name, and whether its values are secret.
func (keyTable) Key(name string) (isSecret, known bool) {
	k, _, ok := Lookup(name)
	if !ok {
		k = ByShortName(name)
	}
	return k.Secret(), k != NoKey
}

// Near does the same for a name with a slip or two.
func (t keyTable) Near(name string) (isSecret, known bool) {
	edits := 1
	if len(name) > 8 {
		edits = 2
	}
	near := nearest.Within(name, keyNames.Get(), edits)
	if near == "" {
		if i := strings.LastIndexByte(name, '.'); i >= 0 && len(name)-i > 8 {
			near = nearest.Within(name[i+1:], keyNames.Get(), 1)
		}
	}
	if near == "" {
		return false, false
	}
	return t.Key(near)
}

// keyNames are the names of keys, in small letters: in full, and Jabber's also without the section.
var keyNames = lazy.Value[[]string]{New: func() []string {
	var names []string
	for i := range table[1:] {
		k := KeyID(1 + i)
		for _, name := range append([]string{table[k].Name}, table[k].Aliases...) {
			name = strings.ToLower(name) // here, not in each of the comparisons
			names = append(names, name)
			if g := k.Group(); g == JabberKeys || g == BootstrapKeys {
				names = append(names, name[strings.LastIndexByte(name, '.')+1:])
			}
		}
	}
	return names
}}

// IsSecret reports whether the value of a name must never be shown: the key table decides, then the nearest known key, then the words of
// the name and the shape of the value.
func IsSecret(name, value string) bool { return secret.Is(name, value, keyTable{}) }

// Hide returns a text with Mask in the place of everything that looks like a secret: for a line that was not understood, what a server
// answered, or any other text that is about to be shown, stored or sent and that no reader gave a structure.
func Hide(text string) string { return secret.Hide(text, keyTable{}) }

// scan finds the secrets of the whole text. Formats without structure are scanned once, when they are read; of the others only what is
// shown is.
func (e *Export) scan() {
	if e.whole {
		return
	}
	e.whole = true
	for _, f := range secret.Find(e.text, keyTable{}) {
		s := e.withoutType(span{start: f.Start, end: f.End, text: f.Name, name: f.NameStart})
		if s.start < s.end {
			e.scanned = append(e.scanned, s)
		}
	}
}

// mayHoldSecret is a cheap look at a value: everything that can hide a secret in one has one of these signs. A name with an @ is an
// account, and a DN has blanks: user info has a colon in front of the @, and so has a sentence in a DN.
func mayHoldSecret(p *Property) bool {
	v := p.Value
	if len(v) < 6 {
		return false
	}
	if t := p.Key.Type(); t == DN || t == BindName {
		return strings.IndexByte(v, ':') >= 0 || strings.IndexByte(v, '<') >= 0
	}
	if len(v) > 40 && strings.Contains(v, "eyJ") { // a JSON Web Token
		return true
	}
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '=', ' ', '\t', '\n', '<':
			return true
		case ':':
			if i+2 < len(v) && v[i+1] != '/' && strings.Trim(v[i+1:], "0123456789") != "" {
				return true
			}
		}
	}
	return false
}

// cover puts Mask in the place of secrets inside a value, so that nothing that is made of the value (a message, evidence, a question to
// DNS, a case file) can carry one. Where the value is in the file in another spelling, all of it counts as secret there.
func (r *Reader) cover(p *Property) {
	found := secret.Find(p.Value, keyTable{})
	if len(found) == 0 {
		return
	}
	e := &r.exp
	raw := ""
	if int(p.valueEnd) <= len(e.text) && p.valueStart <= p.valueEnd {
		raw = e.text[p.valueStart:p.valueEnd]
	}
	places := found
	if raw != p.Value {
		if places = secret.Find(raw, keyTable{}); len(places) != len(found) {
			places = nil
		}
	}
	for i, f := range found {
		q := Property{Name: p.Canonical(), Value: p.Value[f.Start:f.End], nameStart: p.nameStart, nameEnd: p.nameEnd, valueStart: p.valueStart,
			valueEnd: p.valueEnd, secret: true}
		if places != nil {
			q.valueStart, q.valueEnd = p.valueStart+int32(places[i].Start), p.valueStart+int32(places[i].End)
		}
		e.Found = append(e.Found, q)
	}
	p.Value, p.covered = secret.Replace(p.Value, found, Mask), true
}

// coverAgain puts Mask in the place of a password that another key has as its value: it was typed in the wrong place, or is there twice. It
// must look generated, so that no name becomes a secret.
func (r *Reader) coverAgain() {
	e := &r.exp
	var words []string
	for i := range e.Properties {
		p := &e.Properties[i]
		if p.Secret() && len(words) < maxAgain && secret.Generated(p.Value) && !slices.Contains(words, p.Value) {
			words = append(words, p.Value)
		}
	}
	for _, word := range words {
		for i := range e.Properties {
			p := &e.Properties[i]
			if len(p.Value) < len(word) || p.Secret() {
				continue
			}
			at := secret.Again(p.Value, word)
			if at < 0 {
				continue
			}
			q := Property{Name: p.Canonical(), Value: word, nameStart: p.nameStart, nameEnd: p.nameEnd, valueStart: p.valueStart,
				valueEnd: p.valueEnd, secret: true}
			if e.text[p.valueStart:p.valueEnd] == p.Value {
				q.valueStart += int32(at)
				q.valueEnd = q.valueStart + int32(len(word))
			}
			e.Found = append(e.Found, q)
			p.Value, p.covered = p.Value[:at]+Mask+strings.ReplaceAll(p.Value[at+len(word):], word, Mask), true
			p.seenName, p.seenValue = 0, 0
		}
	}
}

// maxAgain is how many passwords of an export are looked for in the values of other keys.
const maxAgain = 16

// standIn is a secret as long as secret.Redacted.
const standIn = "Rq7dAcT9"

// addScanned notes the secrets of the whole text, for formats without structure. It returns them with what redact put in the place of
// others: a value ends before the name of a redacted secret as it did before the secret, so that both copies are read in the same way.
func (r *Reader) addScanned(text string) []secret.Span {
	e := &r.exp
	found := r.finder.Find(text, keyTable{})
	e.whole = true
	for _, f := range found {
		e.scanned = append(e.scanned, span{start: f.Start, end: f.End})
	}
	if strings.Contains(text, secret.Redacted) {
		return r.finder.Find(strings.ReplaceAll(text, secret.Redacted, standIn), keyTable{})
	}
	return found
}

// secretsIn finds the secrets of one line of a text whose other lines are skipped.
func (r *Reader) secretsIn(start, end int) []secret.Span {
	found := secret.Find(r.exp.text[start:end], keyTable{})
	for i := range found {
		f := &found[i]
		f.Start, f.End, f.NameStart, f.NameEnd = f.Start+start, f.End+start, f.NameStart+start, f.NameEnd+start
	}
	return found
}

// findOutside adds the secrets that are outside of every value: in comments, in elements and lines that are skipped. Formats without
// structure have theirs already. The SOAP responses of a deployment come in thousands, so of those only what can hold one is searched.
func (r *Reader) findOutside() {
	e := &r.exp
	outside := true
	switch e.Format {
	case SOAP, Jabber:
		outside = r.xml.loose
	case YAML:
		outside = strings.Contains(e.text, "#")
	case JSON:
		outside = strings.Contains(e.text, "/*")
	}
	if e.whole || !outside && e.ignored == 0 {
		return
	}
	e.scan()
	own := joined(e.secretPlaces())
	name := -1
	for _, f := range e.scanned {
		if e.isCut(f, own) && f.name != name {
			name = f.name // a secret of several lines is one
			e.Found = append(e.Found, Property{
				Name: f.text, Value: e.text[f.start:f.end], nameStart: int32(f.start), nameEnd: int32(f.start), valueStart: int32(f.start),
				valueEnd: int32(f.end), secret: true,
			})
		}
	}
}

// secretPlaces are the places of secrets that are known so far.
func (e *Export) secretPlaces() (places []span) {
	for i := range e.Properties {
		if p := &e.Properties[i]; p.Secret() {
			places = append(places, span{start: int(p.valueStart), end: int(p.valueEnd)})
		}
	}
	for i := range e.Found {
		p := &e.Found[i]
		places = append(places, span{start: int(p.valueStart), end: int(p.valueEnd)})
	}
	return places
}

// isCut reports whether what the scanner found is a secret that is not among the places that the reader knows, which are joined: that one's
// place counts, as the scanner does not know the file's syntax.
func (e *Export) isCut(f span, own []span) bool {
	switch {
	case e.Format == YAML && e.text[f.start] == '*': // an alias: the text that it stands for counts
		return false
	case e.tableHeader(f.start): // names of columns
		return false
	case done(e.text[f.start:f.end]):
		return false
	}
	return !overlap(own, f.start, f.end)
}

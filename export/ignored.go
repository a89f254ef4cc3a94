package export

import (
	"strings"
	"unicode/utf8"

	"cupclint/export/appliance"
	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// What a reader does not understand it skips, and says so: how much there was, and where the first places are.

// maxIgnored is how many places are kept.
const maxIgnored = 5

// maxPassage bounds the text of a place, in bytes.
const maxPassage = 120

// Ignored says what of an input was skipped.
type Ignored struct {
	// Count is the number of lines; in XML, of elements.
	Count int `json:"count"`
	// First are the first places.
	First []Passage `json:"first"`
}

// A Passage is a line that was skipped. Secrets in the text are masked.
type Passage struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

// Passed is a file that was skipped.
type Passed struct {
	File string
	// Gathered says that it is an answer in a folder of cupclint collect, of which no rule knows anything; else it is of another tool.
	Gathered bool
	// Lines counts those that are not blank. What they say is not our business.
	Lines int
}

// span0 is a part of the decoded text.
type span0 struct{ start, end int32 }

// ignore notes that a part of the text was skipped.
func (r *Reader) ignore(start, end int) {
	e := &r.exp
	if e.ignored < maxIgnored {
		e.ignoredAt[e.ignored] = span0{int32(start), int32(end)}
	}
	e.ignored++
}

// ignoreLines skips every line from start to end that is not blank.
func (r *Reader) ignoreLines(start, end int) {
	for start < end {
		next := end
		if i := strings.IndexByte(r.exp.text[start:end], '\n'); i >= 0 {
			next = start + i + 1
		}
		if !chars.AllBlank(r.exp.text[start:next]) {
			r.ignore(start, next)
		}
		start = next
	}
}

// Ignored says what was skipped; nil where nothing was. The strings are copies.
func (e *Export) Ignored() *Ignored {
	e.Asked.Else = true
	if e.ignored == 0 {
		return nil
	}
	out := &Ignored{Count: e.ignored}
	for _, at := range e.ignoredAt[:min(e.ignored, maxIgnored)] {
		line := e.seek(int(at.start)).line
		out.First = append(out.First, Passage{line, e.passage(int(at.start), int(at.end))})
	}
	return out
}

// passage is a part of the text on one line, shortened and without secrets.
func (e *Export) passage(start, end int) string {
	if i := strings.IndexByte(e.text[start:end], '\n'); i >= 0 {
		end = start + i
	}
	end = min(end, start+maxPassage)
	for end < len(e.text) && end > start && !utf8.RuneStart(e.text[end]) {
		end--
	}
	return strings.TrimSpace(e.withoutSecrets(start, end))
}

// looksLike notes what the input is, where it may be none that is read. The first note counts.
func (r *Reader) looksLike(what, hint string) {
	if r.exp.looks == "" {
		r.exp.looks, r.exp.hint = what, hint
	}
}

// judge decides whether anything was understood.
func (r *Reader) judge() error {
	e := &r.exp
	if damage := e.Problem; damage != nil && len(e.Properties) == 0 {
		return damage
	}
	e.allHollow()
	if e.recognised || e.Problem != nil || r.Force != Auto && len(e.Properties) > 0 && !e.empty {
		return nil
	}
	secret := false
	var at lineOfProperty
	for i := range e.Properties {
		p := &e.Properties[i]
		if !e.empty && (p.Key != NoKey || ofFamily(p.Name)) && !e.inMarkup(p, &at) {
			return nil
		}
		secret = secret || p.Secret()
	}
	secret = secret || len(e.Found) > 0
	err := r.notUnderstood(ErrNoProperties)
	if secret {
		e.Problem = err
		return nil
	}
	return err
}

// A lineOfProperty remembers where the line of the last property begins, so that a long line is searched once.
type lineOfProperty struct{ begin, seen int }

func (l *lineOfProperty) of(text string, p *Property) string {
	at := int(p.nameStart)
	if at < l.seen {
		l.begin, l.seen = 0, 0
	}
	if i := strings.LastIndexByte(text[l.seen:at], '\n'); i >= 0 {
		l.begin = l.seen + i + 1
	}
	l.seen = at
	return text[l.begin:at]
}

// inMarkup reports whether a secret was found in XML that is read as text: what is around it was not understood.
func (e *Export) inMarkup(p *Property, l *lineOfProperty) bool {
	if e.Format != Properties || !p.Secret() {
		return false
	}
	line := strings.TrimLeft(l.of(e.text, p), " \t>\ufeff")
	return strings.HasPrefix(line, "<") || strings.HasPrefix(line, "&lt;") || strings.HasPrefix(line, `\u003c`)
}

// notUnderstood makes the error of an input of which nothing was understood.
func (r *Reader) notUnderstood(cause error) error {
	e := &r.exp
	if e.looks == "" {
		e.looks, e.hint = looksLike(e.text)
	}
	at := 0
	if e.ignored > 0 {
		at = int(e.ignoredAt[0].start)
	}
	return r.fail(at, &NotUnderstoodError{Looks: e.looks, Hint: e.hint, Foreign: !e.empty && !r.hasSigns(), empty: e.empty, err: cause})
}

// families are the first parts of the known keys that have several: a name that begins with one is a slip rather than another tool's.
func ofFamily(name string) bool {
	first, _, dotted := strings.Cut(name, ".")
	if !dotted {
		return false
	}
	for i := range table[1:] {
		if known := table[1+i].Name; len(known) > len(first) && known[len(first)] == '.' && strings.EqualFold(known[:len(first)], first) {
			return true
		}
	}
	return false
}

// maxKey is a length that no key reaches.
const maxKey = 128

// signs are words that only files about these servers and clients have.
var signs = [...]string{"urn:cisco:epas", "www.cisco.com/AXL", `\Client Services Framework\`}

// hasSigns reports whether anything in the input, or its name, points to the servers and clients that cupclint knows. It is asked only
// where reading failed.
func (r *Reader) hasSigns() bool {
	const most = 256 << 10
	e := &r.exp
	base := e.File[strings.LastIndexAny(e.File, "/!")+1:]
	if fold.HasPrefix(base, "jabber-config") || fold.HasPrefix(base, "jabber-bootstrap") {
		return true
	}
	text := e.text[:min(len(e.text), most)]
	for _, s := range signs {
		if strings.Contains(text, s) {
			return true
		}
	}
	for at := 0; at < len(text); {
		i := strings.Index(text[at:], appliance.Prompt)
		if i < 0 {
			break
		}
		at += i + len(appliance.Prompt)
		if line, _, _ := strings.Cut(text[at:], "\n"); isCommand(line) {
			return true
		}
	}
	for at := 0; at < len(text); { // a known key
		if !chars.Letter(text[at]) {
			at++
			continue
		}
		from, dots := at, 0
		for at < len(text) && chars.Key(text[at]) {
			if text[at] == '.' {
				dots++
			}
			at++
		}
		if dots > 0 && at-from <= maxKey {
			if _, _, ok := Lookup(text[from:at]); ok && setsValue(text[at:min(len(text), at+maxKey)]) {
				return true
			}
		}
	}
	return false
}

// setsValue reports whether what follows a key gives it a value, in any of the formats: a key in prose is none.
func setsValue(rest string) bool {
	rest = strings.TrimLeft(strings.TrimLeft(rest, `"'`), " \t")
	return rest != "" && strings.IndexByte(":=>", rest[0]) >= 0
}

// looksLike says what a text that no reader knows looks like.
func looksLike(text string) (what, hint string) {
	trimmed := strings.TrimSpace(text[:min(len(text), 4<<10)])
	lower := strings.ToLower(trimmed)
	switch {
	case strings.Contains(lower, "invalid request") && len(lower) < 2<<10:
		return `an error of the server ("Invalid request")`, "Send the request again, with a session key that is valid."
	case strings.HasPrefix(lower, "<!doctype html"), strings.HasPrefix(lower, "<html"):
		return "an HTML page", ""
	case strings.HasPrefix(trimmed, richText):
		return "a document of WordPad or Word (RTF)", "Save it as plain text."
	case strings.HasPrefix(trimmed, "<"):
		return "XML", ""
	case strings.HasPrefix(trimmed, "- <"), strings.HasPrefix(trimmed, "-<"):
		return "XML as a browser shows it", "Save the file itself, without the - before the elements."
	case isJSON(trimmed):
		return "JSON without a key that cupclint knows", ""
	case strings.Contains(trimmed, "\n==="), hasCells(trimmed):
		return "a table", ""
	case onlyComments(text):
		return "a file of comments only", `Remove the "#" before the lines that count, as in the template of cupclint init.`
	case detectLines(text) == YAML:
		return "YAML without a key that cupclint knows", ""
	case detectLines(text) == Properties:
		return "text with keys that cupclint does not know", ""
	}
	return "plain text", ""
}

// hasCells reports whether the first lines have as many cells each, with commas, semicolons, tabs or bars between them. A comma with a
// blank after it is prose.
func hasCells(text string) bool {
	const most = 5
	for _, delimiter := range [...]string{",", ";", "\t", "|"} {
		rows, cells := 0, 0
		for line := range strings.Lines(text) {
			n := strings.Count(line, delimiter) - strings.Count(line, delimiter+" ")
			if delimiter == "|" {
				n = strings.Count(line, delimiter)
			}
			if n == 0 || rows > 0 && n != cells {
				rows = 0
				break
			}
			cells = n
			if rows++; rows == most {
				break
			}
		}
		if rows > 1 {
			return true
		}
	}
	return false
}

// onlyComments reports whether every line that is not blank begins with #.
func onlyComments(text string) bool {
	found := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			return false
		}
		found = found || line != ""
	}
	return found
}

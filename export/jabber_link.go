package export

import (
	"strings"

	"cupclint/export/copied"
	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// linkScheme begins links that set a client up. What is after the question mark are settings, as in the query of a URL.
const linkScheme = "ciscojabber:"

// isJabberLink looks for such a link in mail, notes and web pages. XML and JSON have readers of their own: there it is a value.
func isJabberLink(text string) bool {
	if isXML(text) && !copied.IsPage(text) || isJSON(text) {
		return false
	}
	at := nextLink(text, 0)
	return at >= 0
}

// nextLink finds the query of the next link, -1 where there is none.
func nextLink(text string, from int) int {
	for {
		i := fold.Index(text[from:], linkScheme)
		if i < 0 {
			return -1
		}
		at := from + i + len(linkScheme)
		rest := strings.TrimLeft(text[at:], "/")
		if fold.HasPrefix(rest, "provision") {
			rest = strings.TrimLeft(rest[len("provision"):], "/")
			if strings.HasPrefix(rest, "?") {
				return len(text) - len(rest) + 1
			}
		}
		from = at
	}
}

// readJabberLink reads all links of a text. Names are case-sensitive in a link (deployment guide, configuration URL): a name in other case
// is kept as it is written, and a rule says so.
func (r *Reader) readJabberLink() error {
	text := r.exp.text
	done := 0
	for {
		at := nextLink(text, done)
		if at < 0 {
			break
		}
		r.ignoreLines(done, strings.LastIndexByte(text[:at], '\n')+1)
		var err error
		if done, err = r.linkQuery(at); err != nil {
			return err
		}
		if i := strings.IndexByte(text[done:], '\n'); i >= 0 && strings.IndexByte(text[at:done], '\n') < 0 {
			done += i + 1
		}
	}
	r.ignoreLines(done, len(text))
	r.looksLike("text with a ciscojabber: link without a setting in it", "")
	r.exp.recognised = r.exp.known()
	return nil
}

// linkQuery reads name=value pairs up to where the link ends: a blank, a quote, < or >. It undoes what HTML (&amp;) and URLs (%40)
// do to them.
func (r *Reader) linkQuery(at int) (end int, err error) {
	text := r.exp.text
	for end = at; end < len(text); end++ {
		if next := broken(text, at, end); next > 0 {
			end = next
			continue
		}
		if c := text[end]; chars.Blank(c) || strings.IndexByte("\"'<>`|\\^", c) >= 0 {
			break
		}
	}
	for from := at; from < end; {
		next, stop := end, end
		if i := strings.IndexByte(text[from:end], '&'); i >= 0 {
			stop = from + i
			next = stop + 1
			if fold.HasPrefix(text[next:end], "amp;") {
				next += len("amp;")
			}
		}
		if err := r.linkPair(from, stop); err != nil {
			return end, err
		}
		from = next
	}
	return end, nil
}

// broken returns the last byte of what a mail program put into a long link to break its line at end, 0 where the link ends: the line ends
// with an & or the next one begins with it. Both lines may be quoted.
func broken(text string, at, end int) int {
	lf := end
	if text[lf] == '\r' && lf+1 < len(text) {
		lf++
	}
	if text[lf] != '\n' || end == at {
		return 0
	}
	next := lf + 1
	for next < len(text) && (text[next] == ' ' || text[next] == '>') {
		next++
	}
	word := text[next:]
	if i := strings.IndexAny(word, " \t\r\n"); i >= 0 {
		word = word[:i]
	}
	if strings.HasPrefix(word, "&") || text[end-1] == '&' && strings.IndexByte(word, '=') > 0 {
		return next - 1
	}
	return 0
}

func (r *Reader) linkPair(from, to int) error {
	text := r.exp.text
	const around = " \r\n>" // what breaks a line, and the mark of a quote after it
	from += len(text[from:to]) - len(strings.TrimLeft(text[from:to], around))
	to = from + len(strings.TrimRight(text[from:to], around))
	eq := strings.IndexByte(text[from:to], '=')
	if eq <= 0 {
		return nil
	}
	nameEnd, valueStart := from+eq, from+eq+1
	name := text[from:nameEnd]
	if to > valueStart && strings.IndexByte(".,;)]", text[to-1]) >= 0 && to < len(text) {
		if next := text[to]; chars.Blank(next) { // the end of a sentence
			to--
		}
	}
	value := percentDecoded(text[valueStart:to])
	for i := 0; i < len(name); i++ {
		if c := name[i]; !chars.Letter(c) && c != '_' && (c < '0' || c > '9') {
			return nil
		}
	}
	return r.add(&Property{
		Key: bootstrapKey(name), Name: name, Value: value,
		nameStart: int32(from), nameEnd: int32(nameEnd), valueStart: int32(valueStart), valueEnd: int32(to),
	})
}

// percentDecoded undoes %40 and leaves alone what is none. A text that would not be valid UTF-8 stays as it is.
func percentDecoded(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' {
			if c, ok := chars.Hex(s[i+1:]); ok {
				b.WriteByte(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	if out := b.String(); validUTF8(out) {
		return out
	}
	return s
}

func validUTF8(s string) bool {
	_, ok := validText(s)
	return ok && strings.IndexByte(s, 0) < 0
}

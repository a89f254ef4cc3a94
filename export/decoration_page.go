package export

import (
	"cmp"
	"slices"
	"strings"

	"cupclint/internal/fold"
	"cupclint/internal/secret"
)

// A page is a text of HTML, as tickets, web interfaces and mail programs save it, that becomes the text that it shows.
type page struct {
	text    string
	edits   []edit
	last    int            // where the last tag ends at the latest
	without map[string]int // from where on a text has no further element of a name, or comment
	filled  bool           // the line that is made has something in it
	pre     string         // the element in which line ends count; empty where none is open
	depth   int            // of elements of that name
	after   bool           // the last text was in such an element
	cells   bool           // the row has a cell before this place
}

// markup says what an element means for the lines of the text.
type markup uint8

const (
	inline   markup = iota + 1
	block           // it begins a line, and so does what is after it
	lineEnd         // it ends a line
	cell            // a cell of a table
	asIs            // a block in which line ends count
	notShown        // its text is not shown
)

// elementOf knows the elements of HTML. What is in other brackets is text: the pager of the servers says "Press <enter>".
func elementOf(name string) markup {
	switch name {
	case "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "colgroup", "col", "data", "del", "dfn", "em", "font",
		"i", "img", "input", "ins", "kbd", "label", "link", "mark", "meta", "nobr", "option", "s", "samp", "select", "small", "span", "strike",
		"strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "base", "svg", "path", "o:p":
		return inline
	case "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset", "figure",
		"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "html", "iframe", "legend", "li", "main", "menu", "nav",
		"noscript", "ol", "p", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul":
		return block
	case "br", "hr":
		return lineEnd
	case "td", "th":
		return cell
	case "pre", "textarea", "listing", "xmp":
		return asIs
	case "script", "style":
		return notShown
	}
	return 0
}

// isPage reports whether a text begins as HTML does, a whole page or a piece of one, or is a mail in HTML alone. Documents with a
// namespace are left to the readers of XML.
func isPage(text string) bool {
	head := strings.TrimLeft(text[:min(len(text), 64<<10)], " \t\r\n")
	if head == "" {
		return false
	}
	if head[0] != '<' {
		return hasMailHead(head) && fold.Index(head, "content-type: text/html") >= 0 && fold.Index(head, "content-type: text/plain") < 0
	}
	if strings.HasPrefix(head, "<?xml") || strings.HasPrefix(head, "<!--") { // XHTML
		return fold.Index(head[:min(len(head), 1<<10)], "<html") >= 0
	}
	if len(head) > 2 && head[1] == '!' {
		return hasFold(head, "<!doctype html")
	}
	return elementOf(tagName(head[1:])) > 0
}

// hasMailHead reports whether a text begins with headers of a mail.
func hasMailHead(head string) bool {
	line, _, _ := strings.Cut(head, "\n")
	name, _, found := strings.Cut(line, ":")
	if !found {
		return false
	}
	switch strings.ToLower(name) {
	case "from", "to", "subject", "date", "received", "return-path", "delivered-to", "message-id", "mime-version", "content-type",
		"content-transfer-encoding", "x-sender", "reply-to", "authentication-results", "dkim-signature", "x-mozilla-status":
		return true
	}
	return false
}

// tagName is the name that a tag begins with, in lower case; a slash before it does not belong to it.
func tagName(s string) string {
	s = strings.TrimPrefix(s, "/")
	n := 0
	for n < len(s) && n < 16 && (letter(s[n]) || n > 0 && (s[n] >= '0' && s[n] <= '9' || s[n] == ':')) {
		n++
	}
	if n < len(s) && strings.IndexByte(" \t\r\n/>", s[n]) < 0 {
		return ""
	}
	return strings.ToLower(s[:n])
}

// pages finds the tags in the output of a server that is in HTML. Line ends become those that a browser shows; nil where no output is.
func pages(text string) []edit {
	if !isPage(text) {
		return nil
	}
	p := page{text: text, last: strings.LastIndexByte(text, '>'), without: map[string]int{}}
	at := 0
	if text[blankRun(text)] != '<' { // the head of a mail
		if at = strings.IndexByte(text, '<'); at < 0 {
			return nil
		}
	}
	for at < len(text) {
		i := strings.IndexByte(text[at:], '<')
		if i < 0 {
			i = len(text) - at
		}
		p.shown(at, at+i)
		if at += i; at < len(text) {
			at = p.tag(at)
		}
	}
	if !printedIn(text, p.edits) {
		return nil
	}
	return keepSecrets(text, p.edits)
}

// shown makes the text between tags what a browser shows.
func (p *page) shown(from, to int) {
	if p.pre != "" {
		p.edits = append(p.edits, references(p.text[from:to], from)...)
		if i := strings.LastIndexByte(p.text[from:to], '\n'); i >= 0 {
			p.filled = !blankText(p.text[from+i : to])
		} else if from < to {
			p.filled = true
		}
		return
	}
	if p.after && !blankText(p.text[from:to]) { // prose after an output is not a row of it
		p.edits = append(p.edits, edit{start: from, end: from, with: "\n" + prompt + "\n"})
		p.after = false
	}
	for from < to {
		end := strings.IndexByte(p.text[from:to], '\n')
		if end < 0 {
			end = to - from
		}
		end += from
		p.edits = append(p.edits, references(p.text[from:end], from)...)
		p.filled = p.filled || !blankText(p.text[from:end])
		if from = end; from < to {
			with := ""
			if p.filled {
				with = " "
			}
			p.edits = append(p.edits, edit{start: from, end: from + 1, with: with})
			from++
		}
	}
}

// tag takes away what begins with a bracket, and returns where the text continues.
func (p *page) tag(at int) int {
	if strings.HasPrefix(p.text[at:], "<!") {
		end := p.end(at, "-->")
		if !strings.HasPrefix(p.text[at:], "<!--") {
			end = p.close(at)
		}
		return p.cut(at, end, "")
	}
	if strings.HasPrefix(p.text[at:], "<?") {
		return p.cut(at, p.close(at), "")
	}
	name := tagName(p.text[at+1:])
	kind := elementOf(name)
	end := p.close(at)
	if kind == 0 || end == at {
		return p.cut(at, at, "")
	}
	closing := p.text[at+1] == '/'
	if kind == notShown && !closing {
		if stop := p.end(end, "</"+name); stop > end {
			return p.cut(at, max(p.close(stop), stop), "")
		}
	}
	with := ""
	switch {
	case kind == lineEnd, kind >= block && kind != cell && p.filled:
		with, p.filled, p.cells = "\n", false, false
	case kind == cell && closing:
		p.cells = true
	case kind == cell && p.cells:
		with = "\t"
	}
	p.preformatted(name, kind, p.text[at:end], closing)
	return p.cut(at, end, with)
}

// preformatted notes where line ends count.
func (p *page) preformatted(name string, kind markup, tag string, closing bool) {
	switch {
	case p.pre == "" && !closing && (kind == asIs || kind != lineEnd && keepsLines(tag)):
		p.pre, p.depth, p.after = name, 1, false
	case p.pre == name && closing:
		if p.depth--; p.depth == 0 {
			p.pre, p.after = "", true
		}
	case p.pre == name:
		p.depth++
	}
}

// keepsLines reports whether the style of an element says that its line ends count.
func keepsLines(tag string) bool {
	const property = "white-space:"
	i := fold.Index(tag, property)
	return i >= 0 && hasFold(strings.TrimLeft(tag[i+len(property):], " "), "pre")
}

// printedIn reports whether a document with edits is the output of a server: the style of a page may be longer than the output.
func printedIn(text string, edits []edit) bool {
	const most = 32 << 10
	var b strings.Builder
	at := 0
	for _, c := range edits {
		b.WriteString(text[at:c.start])
		b.WriteString(c.with)
		if at = c.end; b.Len() > most {
			break
		}
	}
	b.WriteString(text[at:min(len(text), at+most)])
	trimmed := strings.TrimLeft(b.String(), " \t\r\n")
	return trimmed != "" && looksPrinted(trimmed)
}

// cut replaces a part. It returns where the text continues.
func (p *page) cut(from, to int, with string) int {
	if from == to { // no tag
		p.filled = true
		return from + 1
	}
	p.edits = append(p.edits, edit{start: from, end: to, with: with})
	return to
}

// keepSecrets leaves in the text what has a secret in it: an attribute, a comment, a script. What is not in the text would not be hidden.
func keepSecrets(text string, edits []edit) []edit {
	secrets := secret.Find(text, keyTable{})
	slices.SortFunc(secrets, func(a, b secret.Span) int { return cmp.Compare(a.Start, b.Start) })
	next := 0
	for i := range edits {
		c := &edits[i]
		for next < len(secrets) && secrets[next].Start <= c.start {
			next++
		}
		if next < len(secrets) && secrets[next].End <= c.end && strings.ContainsAny(text[c.start:c.end], " \t\n") { // a mere tag has none
			*c = edit{start: c.end, end: c.end, with: "\n"}
		}
	}
	return edits
}

// maxQuotedTag is how far the values of attributes are looked at.
const maxQuotedTag = 4 << 10

// close is where a tag ends; at where it does not.
func (p *page) close(at int) int {
	if at >= p.last {
		return at
	}
	quote := byte(0)
	for i, c := range []byte(p.text[at:min(len(p.text), at+maxQuotedTag)]) {
		switch {
		case quote == 0 && c == '>':
			return at + i + 1
		case quote == c:
			quote = 0
		case quote == 0 && (c == '"' || c == '\'') && i > 0 && p.text[at+i-1] == '=':
			quote = c
		}
	}
	return at + strings.IndexByte(p.text[at:], '>') + 1
}

// end is where a sign begins or, if it has no name in it, ends; at where there is none.
func (p *page) end(at int, sign string) int {
	if none, known := p.without[sign]; known && at >= none {
		return at
	}
	i := fold.Index(p.text[at:], sign)
	switch {
	case i < 0:
		p.without[sign] = at
		return at
	case sign == "-->":
		i += len(sign)
	}
	return at + i
}

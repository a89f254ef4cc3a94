package copied

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"cupclint/export/appliance"
	"cupclint/internal/chars"
	"cupclint/internal/fold"
	"cupclint/internal/secret"
)

// A page is a text of HTML, as tickets, web interfaces and mail programs save it, that becomes the text that it shows.
type page struct {
	text   string
	edits  []Edit
	filled bool   // the line that is made has something in it
	pre    string // the element in which line ends count; empty where none is open
	depth  int    // of elements of that name
	after  bool   // the last text was in such an element
	cells  bool   // the row has a cell before this place
	hidden bool   // the next text is a script or a style
	// document says that a document is looked for in the page: no prompt goes between an output and prose, and a section of CDATA is shown.
	document bool
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

// IsPage reports whether a text begins as HTML does, a whole page or a piece of one, or is a mail in HTML alone. Documents with a
// namespace are left to the readers of XML. It is asked about every file, and cheap.
func IsPage(text string) bool {
	head := text[chars.Blanks(text):]
	if head == "" {
		return false
	}
	if head[0] != '<' {
		head = head[:min(len(head), MaxMailHead)]
		return HasMailHead(head) && fold.Index(head, "content-type: text/html") >= 0 && fold.Index(head, "content-type: text/plain") < 0
	}
	if declaration, ok := strings.CutPrefix(head, "<?xml"); ok {
		_, rest, _ := strings.Cut(declaration, "?>")
		return IsHTML(rest)
	}
	if strings.HasPrefix(head, "<!") {
		return IsHTML(head)
	}
	end := 1
	for end < len(head) && end < 16 && (chars.Letter(head[end]) || head[end] >= '0' && head[end] <= '9' || head[end] == ':') {
		end++
	}
	return elementOf(strings.ToLower(head[1:end])) > 0 && end < len(head) && strings.IndexByte(" \t\r\n/>", head[end]) >= 0
}

// IsHTML knows a page of HTML, which may have comments in front.
func IsHTML(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	for strings.HasPrefix(text, "<!--") {
		_, after, ended := strings.Cut(text, "-->")
		if !ended {
			return false
		}
		text = strings.TrimLeft(after, " \t\r\n")
	}
	return len(text) > 1 && (text[1] == '!' || text[1]|0x20 == 'h') &&
		(fold.HasPrefix(text, "<!doctype html") || fold.HasPrefix(text, "<html"))
}

// MaxMailHead is more than the headers of a mail have, in bytes.
const MaxMailHead = 64 << 10

// HasMailHead reports whether a text begins with headers of a mail.
func HasMailHead(head string) bool {
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

// pages finds the tags in the output of a server that is in HTML. Line ends become those that a browser shows; nil where no output is.
func (f *Formats) pages(text string) []Edit {
	if !IsPage(text) {
		return nil
	}
	p := page{text: text}
	if !p.read() || !f.printedIn(text, p.edits) {
		return nil
	}
	return keepSecrets(p.edits, secret.Find(text, f.Names), text)
}

// A Showing is a text with what makes it the text that a page shows, or a form returns. The edits of JSON come first, and then the others.
type Showing struct {
	json, marks []Edit
	// Shown is the text with its places in one without the escapes of JSON. Page says that its own brackets are of tags.
	Shown Text
	Page  bool
}

// Show finds what makes a page the text that it shows, for a caller that looks for a document in it: as references (&lt;config&gt;), in a
// section of CDATA, as the storage format of Confluence has it, or in a string of JSON, as interfaces of wikis and ticket systems answer.
func (f *Formats) Show(text string) (s Showing) {
	inner := text
	head := strings.TrimLeft(text, " \t\r\n")
	isJSON := head != "" && (head[0] == '{' || head[0] == '[')
	if isJSON {
		s.json = jsonEscapes(text)
		t := Text{S: text, Original: text}
		t.Replace(s.json)
		inner = t.S
	}
	s.Shown = Text{S: inner, Original: inner}
	switch {
	case isJSON && !strings.Contains(inner, "&lt;"):
	case isJSON, IsPage(head), strings.HasPrefix(head, "<ac:"):
		p := page{text: inner, document: true}
		if p.read() {
			s.marks, s.Page = keepSecrets(p.edits, secret.Find(inner, f.Names), inner), true
		}
	case !f.XML(head):
		s.marks, s.Page = references(text, 0), true
	}
	s.Shown.Replace(s.marks)
	return s
}

// Apply makes a text, which is the one that was looked at, what is shown. It reports whether that is another one.
func (s *Showing) Apply(t *Text) bool {
	changed := t.Replace(s.json)
	return t.Replace(s.marks) || changed
}

// CDATA begins a section in which nothing is a reference or a tag, and ends with "]]>".
const CDATA = "<![CDATA["

// read goes through the tags. It reports whether there can be any.
func (p *page) read() bool {
	text := p.text
	at := 0
	if text[chars.Blanks(text)] != '<' { // the head of a mail, or JSON
		if at = strings.IndexByte(text, '<'); at < 0 {
			return false
		}
	}
	z := html.NewTokenizer(strings.NewReader(text[at:]))
	z.AllowCDATA(p.document)
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		from := at
		at += len(z.Raw())
		switch kind {
		case html.TextToken:
			if p.hidden {
				p.cut(from, at, "")
			} else if p.document && strings.HasPrefix(text[from:at], CDATA) {
				p.section(from, at)
			} else {
				p.shown(from, at)
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			p.tag(from, at, string(name), kind == html.EndTagToken)
		default: // a comment, a declaration
			p.cut(from, at, "")
		}
	}
	p.shown(at, len(text)) // a tag that does not end
	return true
}

// section shows what is in a section of CDATA.
func (p *page) section(from, to int) {
	p.cut(from, from+len(CDATA), "\n")
	if end := to - len("]]>"); end >= from+len(CDATA) && p.text[end:to] == "]]>" {
		p.cut(end, to, "\n")
	}
	p.filled = false
}

// shown makes the text between tags what a browser shows.
func (p *page) shown(from, to int) {
	if p.pre != "" {
		p.edits = append(p.edits, references(p.text[from:to], from)...)
		if i := strings.LastIndexByte(p.text[from:to], '\n'); i >= 0 {
			p.filled = !chars.AllBlank(p.text[from+i : to])
		} else if from < to {
			p.filled = true
		}
		return
	}
	if p.after && !p.document && !chars.AllBlank(p.text[from:to]) { // prose after an output is not a row of it
		p.edits = append(p.edits, Edit{Start: from, End: from, With: "\n" + appliance.Prompt + "\n"})
		p.after = false
	}
	for from < to {
		end := strings.IndexByte(p.text[from:to], '\n')
		if end < 0 {
			end = to - from
		}
		end += from
		p.edits = append(p.edits, references(p.text[from:end], from)...)
		p.filled = p.filled || !chars.AllBlank(p.text[from:end])
		if from = end; from < to {
			with := ""
			if p.filled {
				with = " "
			}
			p.edits = append(p.edits, Edit{Start: from, End: from + 1, With: with})
			from++
		}
	}
}

// tag takes away a tag. What is in other brackets is text.
func (p *page) tag(from, to int, name string, closing bool) {
	kind := elementOf(name)
	p.hidden = kind == notShown && !closing
	with := ""
	switch {
	case kind == 0:
		p.shown(from, to)
		return
	case kind == lineEnd, kind >= block && kind != cell && p.filled:
		with, p.filled, p.cells = "\n", false, false
	case kind == cell && closing:
		p.cells = true
	case kind == cell && p.cells:
		with = "\t"
	}
	p.preformatted(name, kind, p.text[from:to], closing)
	p.cut(from, to, with)
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
	return i >= 0 && fold.HasPrefix(strings.TrimLeft(tag[i+len(property):], " "), "pre")
}

// cut replaces a part.
func (p *page) cut(from, to int, with string) {
	p.edits = append(p.edits, Edit{Start: from, End: to, With: with})
}

// keepSecrets leaves in the text what a secret begins in: an attribute, a comment, a script. What is not in the text would not be hidden.
func keepSecrets(edits []Edit, secrets []secret.Span, text string) []Edit {
	slices.SortFunc(secrets, func(a, b secret.Span) int { return cmp.Compare(a.Start, b.Start) })
	next := 0
	for i := range edits {
		c := &edits[i]
		for next < len(secrets) && secrets[next].Start <= c.Start {
			next++
		}
		if next < len(secrets) && secrets[next].Start < c.End && !isBare(text[c.Start:c.End]) {
			*c = Edit{Start: c.End, End: c.End, With: "\n"}
		}
	}
	return edits
}

// isBare reports whether a part of a page is a tag without attributes, or a reference.
func isBare(part string) bool {
	return len(part) > 1 && (part[0] == '&' || part[0] == '<' && part[1] != '!') && !strings.ContainsAny(part, " \t\n")
}

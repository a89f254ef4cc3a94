package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"cupclint/export/copied"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/xml"
)

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// An xmlReader reads XML documents over the tokens of a lexer. The lexer only cuts the text. That the tokens make a well-formed document
// (XML 1.0 and Namespaces in XML) is checked here, except that names may hold any character above ASCII. A document type declaration
// must not declare anything, so there are no entities but the five that XML has. What elements mean is said by an xmlDocument, which
// the root element decides.
type xmlReader struct {
	r   *Reader
	in  *parse.Input
	lex *xml.Lexer
	// What in and lex point to: the memory is used again for each document.
	input parse.Input
	lexer xml.Lexer
	text  string
	doc   xmlDocument

	open     []element
	bindings []binding
	attrs    []attribute
	rootDone bool
	stray    bool   // end tags of what was around the document were met
	cut      bool   // the document was cut out of another: prefixes may be bound outside
	outer    bool   // the outermost open element is not in the text: the sections of a jabber-config.xml were cut out
	first    string // of these sections
	loose    bool   // there is text in places that no property has: comments, instructions, attributes

	into     bool   // the text of property is being read
	intoAt   int    // its depth: len(open) while its own text is read
	plainEnd int    // the value is the text from its start to here, as long as it is not pieced
	pieces   []byte // else its value so far
	pieced   bool
	property Property
	// byAttribute is the same property with the value of an attribute; without a name where there is none.
	byAttribute Property

	documents int // that were begun
	memos     map[string]*memo
	memo      *memo // of the elements at the place that is being read; nil where none are known
	memoDepth int   // len(open) at that place
	seenTags  uint32
	prologues []prologue
	oldest    int  // of prologues
	begins    bool // nothing was found in the document yet, or its prologue is known

	// The kinds of documents, whose memory is used again.
	service serviceDocument
	jabber  jabberDocument
}

// An xmlDocument says what the elements of a kind of document mean.
type xmlDocument interface {
	// element looks at an element that begins: its attributes are x.attrs, and its depth is len(x.open). It calls x.enter where the text
	// of the element is the value of a property.
	element(x *xmlReader, start int, space, local string) error
	// value decides whether a property, whose element ends, is kept.
	value(x *xmlReader, p *Property) (keep bool)
	// text reports characters that are not blank in an element whose text is not used.
	text(x *xmlReader, start, end int)
	// end is called at the end of the document.
	end(x *xmlReader) error
}

// An xmlKind is a kind of documents, known by the root element.
type xmlKind struct {
	format Format
	root   func(space, local string) bool
	begin  func(x *xmlReader) xmlDocument
}

// xmlKinds are the kinds of documents that are read. A new one is a line here.
var xmlKinds = [...]xmlKind{
	{Jabber, jabberRoot, (*xmlReader).beginJabber},
	{JabberEMM, plistRoot, (*xmlReader).beginPlist},
	{JabberLocal, localRoot, (*xmlReader).beginLocal},
	{JabberUpdate, updateRoot, (*xmlReader).beginUpdate},
	{Registry, objectsRoot, (*xmlReader).beginObjects},
	{Registry, policyRoot, (*xmlReader).beginPolicy},
	{SOAP, serviceRoot, (*xmlReader).beginService},
}

type element struct {
	name     string // as written
	start    int
	bindings int // how many there were outside
}

type binding struct{ prefix, space string }

func (r *Reader) readXML() error {
	data := r.data
	if r.exp.enc != utf8Plain || r.exp.copy.Decorated() {
		data = []byte(r.exp.text) // the lexer reads bytes; Windows-1252 and UTF-16 came as others
	}
	x := &r.xml
	x.r, x.text, x.doc = r, r.exp.text, nil
	x.documents++
	if to := r.exp.to; to > 0 {
		x.text = x.text[:to]
		data = []byte(x.text)
	}
	x.open, x.bindings, x.attrs, x.pieces = x.open[:0], x.bindings[:0], x.attrs[:0], x.pieces[:0]
	x.rootDone, x.stray, x.cut, x.outer, x.loose, x.into, x.pieced, x.memo = false, false, false, false, false, false, false, nil
	if copied.IsHTML(x.text) {
		return r.htmlPage()
	}
	x.input = *parse.NewInputBytes(data)
	x.in = &x.input
	x.lexer = *xml.NewLexer(x.in)
	x.lex = &x.lexer
	defer x.in.Restore()
	if from := r.exp.from; from > 0 {
		x.in.Move(from)
		x.in.Skip()
		x.begins = false
	} else {
		x.begins = x.resume()
	}
	if err := x.run(); err != nil {
		if r.Force == Auto && errors.Is(err, ErrUnknownFormat) && installs(x.text) {
			r.exp.looks, r.exp.hint, r.exp.Format = "", "", JabberInstall
			return r.readJabberInstall()
		}
		return r.clientIgnores(err)
	}
	return x.doc.end(x)
}

func (x *xmlReader) run() error {
	for {
		if x.memo != nil && !x.into && len(x.open) == x.memoDepth {
			if err := x.known(); err != nil {
				return err
			}
		}
		if !x.into {
			x.endTags()
		}
		start := x.in.Offset()
		tt, token := x.lex.Next()
		var err error
		switch tt {
		case xml.StartTagToken:
			err = x.startTag(start, string0(x.text, start+1, len(x.lex.Text())))
		case xml.EndTagToken:
			if !bytes.HasSuffix(token, []byte(">")) {
				return x.fail(start, "the end tag is not closed: the text ends here")
			}
			err = x.endTag(start, string0(x.text, start+2, len(x.lex.Text())))
		case xml.TextToken:
			err = x.characters(start, x.text[start:start+len(token)])
		case xml.CDATAToken:
			err = x.cdata(start, x.text[start:start+len(token)])
		case xml.CommentToken:
			err = x.comment(start, x.text[start:start+len(token)])
		case xml.StartTagPIToken:
			err = x.instruction(start, string0(x.text, start+2, len(x.lex.Text())))
		case xml.DOCTYPEToken:
			err = x.doctype(start, x.text[start:start+len(token)])
		case xml.ErrorToken:
			return x.end(start)
		default:
			return x.fail(start, "unexpected %s", tt)
		}
		if err != nil {
			return err
		}
	}
}

func string0(text string, start, n int) string { return text[start : start+n] }

func (x *xmlReader) fail(offset int, format string, args ...any) error {
	return x.r.fail(offset, fmt.Errorf(format, args...))
}

func (x *xmlReader) end(offset int) error {
	if err := x.lex.Err(); !errors.Is(err, io.EOF) {
		return x.fail(offset, "the file contains a NUL character")
	}
	if n := len(x.open); n > 1 || n == 1 && !x.outer {
		return x.fail(len(x.text), "the text ends inside the element %s, which line %d begins", x.name(x.open[n-1].name),
			x.r.lineOf(x.open[n-1].start))
	}
	if !x.rootDone && !x.outer {
		return x.fail(offset, "there is no root element")
	}
	return nil
}

// maxAttributes bounds the attributes of one element, which are compared with one another.
const maxAttributes = 64

// unbound is the namespace of a prefix that is bound outside of a document that was cut out of another.
const unbound = "?"

func (x *xmlReader) beginProperty(start int) error {
	for i := range x.attrs {
		a := &x.attrs[i]
		if a.name != "name" {
			continue
		}
		name, err := x.attributeValue(a)
		if err != nil {
			return err
		}
		if name == "" {
			return x.fail(a.start, "the name of a property is empty")
		}
		k, n, _ := Lookup(name)
		x.property = Property{Key: k, N: n, Name: name, nameStart: int32(a.start), nameEnd: int32(a.end)}
		x.enter()
		return x.valueAttribute()
	}
	return x.fail(start, "a property has no name")
}

// valueAttribute notes the value that is in an attribute, as some tools write it: it counts where the element has no text.
func (x *xmlReader) valueAttribute() (err error) {
	for i := range x.attrs {
		if a := &x.attrs[i]; a.name == "value" {
			x.byAttribute = x.property
			x.byAttribute.valueStart, x.byAttribute.valueEnd = int32(a.start), int32(a.end)
			x.byAttribute.Value, err = x.attributeValue(a)
		}
	}
	return err
}

func (x *xmlReader) enter() {
	x.byAttribute.Name = ""
	x.into, x.intoAt, x.pieced = true, len(x.open), false
	x.plainEnd = x.in.Offset()
	at := int32(x.plainEnd)
	x.property.valueStart, x.property.valueEnd = at, at
}

func (x *xmlReader) inside(local string) bool {
	for _, e := range x.open {
		if e.name == local || strings.HasSuffix(e.name, ":"+local) {
			return true
		}
	}
	return false
}

func (x *xmlReader) endTag(start int, name string) error {
	if i := strings.IndexAny(name, "< \t\r\n"); i >= 0 && strings.Trim(name[i:], " \t\r\n") != "" {
		return x.fail(start, "the end tag %s is not closed: its > is missing", x.name(name[:i]))
	}
	n := len(x.open)
	if (n == 0 && x.rootDone || n == 1 && x.outer) && (x.stray || x.belowEnvelope()) {
		x.stray = true
		return nil
	}
	if n == 0 {
		return x.fail(start, "the end tag %s has no start tag", x.name(name))
	}
	if x.open[n-1].name != name {
		return x.fail(start, "the end tag %s does not close the element %s of line %d", x.name(name), x.name(x.open[n-1].name),
			x.r.lineOf(x.open[n-1].start))
	}
	if x.into {
		x.property.valueEnd = int32(start)
	}
	return x.close()
}

// belowEnvelope reports whether the capture of a web service begins inside of its Envelope. End tags of what was around may follow it.
func (x *xmlReader) belowEnvelope() bool {
	if _, service := x.doc.(*serviceDocument); !service {
		return false
	}
	text := x.text[max(x.r.exp.from, 0):]
	for {
		i := strings.IndexByte(text, '<')
		if i < 0 || i+1 == len(text) {
			return false
		}
		if text = text[i+1:]; text[0] != '?' && text[0] != '!' {
			end := max(strings.IndexAny(text, " \t\r\n/>"), 0)
			return text[strings.IndexByte(text[:end], ':')+1:end] != "Envelope"
		}
	}
}

func (x *xmlReader) close() error {
	n := len(x.open) - 1
	if x.open[n].bindings < len(x.bindings) {
		x.bindings = x.bindings[:x.open[n].bindings]
		x.memo = nil // the prefix may mean something else now
	}
	x.open = x.open[:n]
	if n == 0 {
		x.rootDone = true
	}
	if !x.into || n+1 != x.intoAt {
		return nil
	}
	p := &x.property
	x.into = false
	if x.pieced {
		p.Value = string(x.pieces)
	} else {
		p.Value = x.text[p.valueStart:p.valueEnd]
	}
	if p.Value == "" && x.byAttribute.Name != "" {
		p = &x.byAttribute
	}
	if !x.doc.value(x, p) {
		return nil
	}
	return x.r.add(p)
}

// Classes of bytes that need a second look. All others stand for themselves, in values and between tags.
const (
	ordinary  byte = iota
	forbidden      // a control character
	decoded        // a blank other than the ordinary one, or the begin of a reference or of ]]>
	lead           // may begin U+FFFE or U+FFFF
)

package export

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/xml"

	"cupclint/internal/secret"
)

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"

// An xmlReader reads XML documents over the tokens of a lexer. The lexer only cuts the text. That the tokens make a well-formed document
// (XML 1.0 and Namespaces in XML) is checked here, except that names may hold any character above ASCII. A document type declaration
// must not declare anything, so there are no entities but the five that XML has. What elements mean is said by an xmlDocument, which
// the root element decides.
type xmlReader struct {
	r    *Reader
	in   *parse.Input
	lex  *xml.Lexer
	text string
	doc  xmlDocument

	open     []element
	bindings []binding
	attrs    []attribute
	rootDone bool
	cut      bool // the document was cut out of another: prefixes may be bound outside

	into     bool   // the text of property is being read
	intoAt   int    // its depth: len(open) while its own text is read
	plainEnd int    // the value is the text from its start to here, as long as it is not pieced
	pieces   []byte // else its value so far
	pieced   bool
	property Property
	// byAttribute is the same property with the value of an attribute; without a name where there is none.
	byAttribute Property

	// The last element that was a property, as written, and how many namespaces were bound then: the next one with both the
	// same is a property, too.
	usual         string
	usualBindings int

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
	// text tells of characters that are not blank in an element whose text nobody takes.
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
	{SOAP, serviceRoot, (*xmlReader).beginService},
}

type element struct {
	name     string // as written
	start    int
	bindings int // how many there were outside
}

type binding struct{ prefix, space string }

type attribute struct {
	name       string
	value      string // raw
	plain      bool   // the value stands for itself
	start, end int    // of the value
}

func (r *Reader) readXML() error {
	data := r.data
	if r.exp.enc != utf8Plain {
		data = []byte(r.exp.text) // the lexer reads bytes; Windows-1252 and UTF-16 came as others
	}
	x := &r.xml
	x.r, x.text, x.doc = r, r.exp.text, nil
	x.open, x.bindings, x.attrs, x.pieces = x.open[:0], x.bindings[:0], x.attrs[:0], x.pieces[:0]
	x.rootDone, x.cut, x.into, x.pieced, x.usual = false, false, false, false, ""
	if isHTML(x.text) {
		return r.htmlPage()
	}
	x.in = parse.NewInputBytes(data)
	x.lex = xml.NewLexer(x.in)
	defer x.in.Restore()
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
		return x.fail(offset, "a NUL character")
	}
	if n := len(x.open); n > 0 {
		return x.fail(len(x.text), "the text ends inside the element %s, which line %d begins", x.name(x.open[n-1].name),
			x.r.lineOf(x.open[n-1].start))
	}
	if !x.rootDone {
		return x.fail(offset, "there is no root element")
	}
	return nil
}

// startTag reads a tag up to its closing bracket.
func (x *xmlReader) startTag(start int, name string) error {
	if x.rootDone && len(x.open) == 0 {
		return x.fail(start, "a second root element: %s", x.name(name))
	}
	if name == x.usual && len(x.bindings) == x.usualBindings && !x.into && len(x.open) > 0 && len(x.open) < MaxDepth {
		return x.usualProperty(start, name)
	}
	if !validName(name) {
		return x.fail(start, "%s is not an element name", x.quoted(name))
	}
	if len(x.open) >= MaxDepth {
		return x.r.fail(start, &BoundError{"elements inside one another", MaxDepth, "deep"})
	}
	x.open = append(x.open, element{name: name, start: start, bindings: len(x.bindings)})
	void, err := x.attributes(start)
	if err != nil {
		return err
	}
	space, local, err := x.resolve(start, name)
	if err != nil {
		return err
	}
	if err := x.attributePrefixes(); err != nil {
		return err
	}
	if len(x.open) == 1 {
		if err := x.root(start, space, local); err != nil {
			return err
		}
	}
	if err := x.doc.element(x, start, space, local); err != nil {
		return err
	}
	if void {
		return x.close()
	}
	return nil
}

// root finds the kind of the document.
func (x *xmlReader) root(start int, space, local string) error {
	e := &x.r.exp
	for i := range xmlKinds {
		k := &xmlKinds[i]
		if !k.root(space, local) || x.r.Force == SOAP && k.format == Jabber || x.r.Force == Jabber && k.format != Jabber {
			continue
		}
		e.Format = k.format
		x.doc = k.begin(x)
		return nil
	}
	if prefix, _, _ := strings.Cut(x.open[0].name, ":"); space == unbound {
		return x.fail(start, "the prefix %s is bound to no namespace", x.name(prefix))
	}
	x.r.looksLike(fmt.Sprintf("XML with the root element %s", trim(local)), "")
	return x.r.notUnderstood(ErrUnknownFormat)
}

// isHTML knows a page of HTML, which may have comments in front.
func isHTML(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	for strings.HasPrefix(text, "<!--") {
		_, after, ended := strings.Cut(text, "-->")
		if !ended {
			return false
		}
		text = strings.TrimLeft(after, " \t\r\n")
	}
	return hasFold(text, "<!doctype html") || hasFold(text, "<html")
}

// cutSpace is the namespace of an element whose prefix is bound outside, by its name.
func cutSpace(local string) string {
	switch {
	case local == "Envelope", local == "Header", local == "Body", local == "Fault":
		return soap11Namespace
	case axlAnswerName(local):
		return axlNamespace
	}
	return epasNamespace
}

// doctype passes over a document type declaration that declares nothing.
func (x *xmlReader) doctype(start int, token string) error {
	switch {
	case x.rootDone || len(x.open) > 0:
		return x.fail(start, "a document type declaration that is not before the root element")
	case !strings.HasSuffix(token, ">"):
		return x.fail(start, "the document type declaration does not end")
	case strings.IndexByte(token, '[') >= 0:
		return x.fail(start, "a document type declaration with declarations in it: it could declare entities and is refused")
	}
	_, err := x.legal(start, token)
	return err
}

// usualProperty reads the start tag of one more property: name and namespace are known to be right. What servers write,
// one attribute that stands for itself, is taken without the general machinery.
func (x *xmlReader) usualProperty(start int, name string) error {
	x.open = append(x.open, element{name: name, start: start, bindings: len(x.bindings)})
	x.attrs = x.attrs[:0]
	before := x.in.Offset()
	tt, token := x.lex.Next()
	if tt == xml.AttributeToken && string(x.lex.Text()) == "name" && blank(token[0]) {
		value := x.lex.AttrVal()
		end := before + len(token) - 1
		a := attribute{name: "name", start: end - len(value) + 2, end: end}
		if n := len(value); n > 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			a.value = x.text[a.start:a.end]
			if plain, err := x.legal(a.start, a.value); err == nil && plain && strings.IndexByte(a.value, '<') < 0 {
				a.plain = true
				x.attrs = append(x.attrs, a)
				before = x.in.Offset()
				tt, token = x.lex.Next()
			}
		}
	}
	void, err := x.restOfTag(start, before, tt, token)
	if err != nil {
		return err
	}
	if len(x.attrs) != 1 || len(x.bindings) != x.usualBindings {
		// A namespace bound here could change what the prefix means, and other attributes have prefixes of their own.
		if err := x.qualified(start, name); err != nil {
			return err
		}
	}
	if err := x.beginProperty(start); err != nil {
		return err
	}
	if void {
		return x.close()
	}
	return nil
}

// qualified checks that the prefixes of an element's attributes are bound and that the element is still a property.
func (x *xmlReader) qualified(start int, name string) error {
	if space, _, err := x.resolve(start, name); err != nil || space != epasNamespace {
		return cmp.Or(err, x.fail(start, "the prefix of %s means another namespace here", x.name(name)))
	}
	return x.attributePrefixes()
}

func (x *xmlReader) attributePrefixes() error {
	for i := range x.attrs {
		if strings.IndexByte(x.attrs[i].name, ':') >= 0 {
			if _, _, err := x.resolveIn(x.attrs[i].start, x.attrs[i].name, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// attributes reads up to the end of the tag, keeps the attributes and notes the namespaces they bind.
func (x *xmlReader) attributes(start int) (void bool, err error) {
	x.attrs = x.attrs[:0]
	before := x.in.Offset()
	tt, token := x.lex.Next()
	return x.restOfTag(start, before, tt, token)
}

// restOfTag goes on with the token at before.
func (x *xmlReader) restOfTag(start, before int, tt xml.TokenType, token []byte) (void bool, err error) {
	for {
		switch tt {
		case xml.StartTagCloseToken:
			return false, nil
		case xml.StartTagCloseVoidToken:
			return true, nil
		case xml.AttributeToken:
			// The token begins at the blanks in front of it.
			a, err := x.attribute(before, before+len(token))
			if err != nil {
				return false, err
			}
			for i := range x.attrs {
				if x.attrs[i].name == a.name {
					return false, x.fail(a.start, "the attribute %s stands twice", x.name(a.name))
				}
			}
			x.attrs = append(x.attrs, a)
			if len(x.attrs) > maxAttributes {
				return false, x.r.fail(start, &BoundError{"attributes of one element", maxAttributes, "attributes"})
			}
			if err := x.bind(&x.attrs[len(x.attrs)-1]); err != nil {
				return false, err
			}
		default:
			return false, x.fail(len(x.text), "the text ends inside a tag that line %d begins", x.r.lineOf(start))
		}
		before = x.in.Offset()
		tt, token = x.lex.Next()
	}
}

// maxAttributes bounds the attributes of one element, which are compared with one another.
const maxAttributes = 64

func (x *xmlReader) attribute(from, to int) (attribute, error) {
	nameAt := from + blankRun(x.text[from:to])
	trimmed := x.text[nameAt:to]
	if nameAt == from {
		return attribute{}, x.fail(from, "a blank is missing before an attribute")
	}
	eq := strings.IndexByte(trimmed, '=')
	if eq < 0 {
		return attribute{}, x.fail(nameAt, "the attribute %s has no value", x.quoted(trimmed))
	}
	name := trimmed[:eq]
	for name != "" && blank(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	if !validName(name) {
		return attribute{}, x.fail(nameAt, "%s is not an attribute name", x.quoted(name))
	}
	rest := trimmed[eq+1:]
	rest = rest[blankRun(rest):]
	at := to - len(rest)
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return attribute{}, x.fail(at, "the value of %s is not quoted", x.name(name))
	}
	if len(rest) < 2 || rest[len(rest)-1] != rest[0] {
		return attribute{}, x.fail(at, "the quoted value of %s does not end", x.name(name))
	}
	a := attribute{name: name, value: rest[1 : len(rest)-1], start: at + 1, end: to - 1}
	if i := strings.IndexByte(a.value, '<'); i >= 0 {
		return attribute{}, x.fail(a.start+i, "a < inside the value of %s: the quote may be missing", x.name(name))
	}
	var err error
	if a.plain, err = x.legal(a.start, a.value); err == nil && !a.plain {
		_, err = x.decode(a.start, a.value) // its references must be defined, whether or not anybody reads it
	}
	return a, err
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func blankRun(s string) int {
	n := 0
	for n < len(s) && blank(s[n]) {
		n++
	}
	return n
}

func (x *xmlReader) bind(a *attribute) error {
	prefix, declares := strings.CutPrefix(a.name, "xmlns")
	if !declares || prefix != "" && prefix[0] != ':' {
		return nil
	}
	space, err := x.attributeValue(a)
	if err != nil {
		return err
	}
	if prefix != "" {
		prefix = prefix[1:]
		if prefix == "" || prefix == "xmlns" || prefix == "xml" && space != xmlNamespace || space == "" {
			return x.fail(a.start, "%s=%s binds no namespace", x.name(a.name), x.quoted(space))
		}
	}
	x.bindings = append(x.bindings, binding{prefix, space})
	x.usual = ""
	return nil
}

// unbound is the namespace of a prefix that is bound outside of a document that was cut out of another.
const unbound = "?"

// resolve splits a name and finds the namespace of its prefix.
func (x *xmlReader) resolve(start int, name string) (space, local string, err error) {
	return x.resolveIn(start, name, len(x.open) <= 1)
}

// resolveIn does that; root says that the name is that of the root element.
func (x *xmlReader) resolveIn(start int, name string, root bool) (space, local string, err error) {
	prefix, local, found := strings.Cut(name, ":")
	if !found {
		prefix, local = "", name
	} else if prefix == "" || local == "" || strings.Contains(local, ":") {
		return "", "", x.fail(start, "%s is not a qualified name", x.quoted(name))
	}
	for i := len(x.bindings) - 1; i >= 0; i-- {
		if x.bindings[i].prefix == prefix {
			return x.bindings[i].space, local, nil
		}
	}
	switch prefix {
	case "", "xmlns":
		return "", local, nil
	case "xml":
		return xmlNamespace, local, nil
	}
	if x.cut || root { // the document may have been cut out of the element that binds the prefix
		x.cut = true
		return unbound, local, nil
	}
	return "", "", x.fail(start, "the prefix %s is bound to no namespace", x.name(prefix))
}

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
			return x.fail(a.start, "a property with an empty name")
		}
		k, n := x.r.lookup(name)
		x.property = Property{Key: k, N: n, Name: name, nameStart: int32(a.start), nameEnd: int32(a.end)}
		x.enter()
		return x.valueAttribute()
	}
	return x.fail(start, "a property without a name")
}

// valueAttribute notes the value that stands in an attribute, as some tools write it: it counts where the element has no text.
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
	if n == 0 {
		return x.fail(start, "an end tag %s, and no element is open", x.name(name))
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

func (x *xmlReader) close() error {
	n := len(x.open) - 1
	if x.open[n].bindings < len(x.bindings) {
		x.bindings = x.bindings[:x.open[n].bindings]
		x.usual = "" // the prefix may mean something else now
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

// characters handles text between tags.
func (x *xmlReader) characters(start int, text string) error {
	if len(x.open) == 0 {
		if n := blankRun(text); n < len(text) {
			return x.fail(start+n, "text outside of the root element")
		}
		return nil
	}
	plain, err := x.legal(start, text)
	if err != nil {
		return err
	}
	if plain && x.into {
		if x.pieced {
			x.piece(text)
		} else {
			x.plainEnd = start + len(text) // behind the start tag: anything else pieces the value
		}
		return nil
	}
	if !x.into {
		n := blankRun(text)
		if n == len(text) {
			return nil
		}
		if x.doc != nil {
			x.doc.text(x, start+n, start+len(text))
		}
	}
	if plain {
		return nil
	}
	if i := strings.Index(text, "]]>"); i >= 0 {
		return x.fail(start+i, "]]> outside of a CDATA section")
	}
	value, err := x.decode(start, text)
	if err != nil || !x.into {
		return err
	}
	x.piece(lineEnds(value))
	return nil
}

func (x *xmlReader) cdata(start int, token string) error {
	if !strings.HasSuffix(token, "]]>") {
		return x.fail(start, "the CDATA section does not end")
	}
	if len(x.open) == 0 {
		return x.fail(start, "a CDATA section outside of the root element")
	}
	text := token[len("<![CDATA[") : len(token)-len("]]>")]
	if _, err := x.legal(start, text); err != nil {
		return err
	}
	if x.into {
		x.piece(lineEnds(text))
	}
	return nil
}

// piece adds to the value what is no plain run of the file's text.
func (x *xmlReader) piece(value string) {
	if !x.pieced {
		x.pieces = append(x.pieces[:0], x.text[x.property.valueStart:x.plainEnd]...)
		x.pieced = true
	}
	x.pieces = append(x.pieces, value...)
}

func (x *xmlReader) comment(start int, token string) error {
	if !strings.HasSuffix(token, "-->") || len(token) < len("<!---->") {
		return x.fail(start, "the comment does not end")
	}
	text := token[len("<!--") : len(token)-len("-->")]
	if i := strings.Index(text, "--"); i >= 0 || strings.HasSuffix(text, "-") {
		return x.fail(start, "two hyphens side by side in a comment")
	}
	if x.into {
		x.piece("") // the value is no plain run of the file any more
	}
	_, err := x.legal(start, text)
	return err
}

// instruction reads a processing instruction, the XML declaration above all, and passes over it.
func (x *xmlReader) instruction(start int, target string) error {
	if strings.EqualFold(target, "xml") && (start != 0 || target != "xml") {
		return x.fail(start, "an XML declaration that does not stand at the very beginning")
	}
	if !validName(target) {
		return x.fail(start, "%s is not a name of a processing instruction", x.quoted(target))
	}
	if x.into {
		x.piece("")
	}
	end := strings.Index(x.text[start:], "?>")
	if end < 0 {
		return x.fail(start, "the processing instruction does not end")
	}
	end += start + len("?>")
	if _, err := x.legal(start, x.text[start:end]); err != nil {
		return err
	}
	if target == "xml" {
		if why := declarationProblem(x.text[start+len("<?xml") : end-len("?>")]); why != "" {
			return x.fail(start, "the XML declaration: %s", why)
		}
	}
	for x.in.Offset() < end {
		if tt, _ := x.lex.Next(); tt == xml.ErrorToken {
			break
		}
	}
	if at := x.in.Offset(); at != end { // the lexer takes it for a tag, which can end elsewhere
		x.in.Move(end - at)
		x.in.Skip()
		x.lex = xml.NewLexer(x.in)
	}
	return nil
}

// declarationProblem says what is wrong with the inside of an XML declaration (XML 1.0, 2.8): a version, then an encoding, then standalone.
func declarationProblem(s string) string {
	next := 0
	for _, name := range [...]string{"version", "encoding", "standalone"} {
		rest := strings.TrimLeft(s, " \t\r\n")
		if !strings.HasPrefix(rest, name) {
			if next == 0 {
				return "the version is missing"
			}
			continue
		}
		if len(rest) == len(s) {
			return "a blank is missing"
		}
		rest = strings.TrimLeft(rest[len(name):], " \t\r\n")
		if rest == "" || rest[0] != '=' {
			return name + " has no value"
		}
		rest = strings.TrimLeft(rest[1:], " \t\r\n")
		if rest == "" || rest[0] != '"' && rest[0] != '\'' {
			return name + " is not quoted"
		}
		value, after, ended := strings.Cut(rest[1:], rest[:1])
		switch {
		case !ended:
			return "the value of " + name + " does not end"
		case name == "version" && value != "1.0":
			return "only version 1.0 is supported"
		case name == "standalone" && value != "yes" && value != "no":
			return "standalone is yes or no"
		case name == "encoding" && (value == "" || !letter(value[0])):
			return "the encoding has no name"
		}
		s = after
		next++
	}
	if !blankText(s) {
		return "it has something else in it"
	}
	return ""
}

// attributeValue decodes a value: line ends and tabs count as blanks there (XML 1.0, 3.3.3).
func (x *xmlReader) attributeValue(a *attribute) (string, error) {
	if a.plain {
		return a.value, nil
	}
	// Blanks that a reference stands for stay what they are.
	return x.decode(a.start, blanks.Replace(a.value))
}

// decode undoes references (XML 1.0, 4.1). Without any the string itself comes back.
func (x *xmlReader) decode(start int, raw string) (string, error) {
	if strings.IndexByte(raw, '&') < 0 {
		return raw, nil
	}
	var b strings.Builder
	for i := 0; i < len(raw); {
		c := raw[i]
		if c != '&' {
			b.WriteByte(c)
			i++
			continue
		}
		end := strings.IndexByte(raw[i:min(len(raw), i+maxReference)], ';')
		if end < 0 {
			return "", x.fail(start+i, "an & that begins no reference: write &amp;")
		}
		r, ok := reference(raw[i+1 : i+end])
		if !ok {
			return "", x.fail(start+i, "the reference %s is not defined", x.name(raw[i:i+end+1]))
		}
		b.WriteRune(r)
		i += end + 1
	}
	return b.String(), nil
}

const maxReference = len("&#x0010FFFF;") + 8

var blanks = strings.NewReplacer("\r\n", " ", "\t", " ", "\n", " ", "\r", " ")

func lineEnds(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\r\n", "\n")
}

func reference(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, isNumber := strings.CutPrefix(name, "#")
	if !isNumber {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !legalRune(rune(n)) || n > utf8.MaxRune {
		return 0, false
	}
	return rune(n), true
}

// Classes of bytes that need a second look. All others stand for themselves, in values and between tags.
const (
	ordinary  byte = iota
	forbidden      // a control character
	decoded        // a blank other than the ordinary one, or the begin of a reference or of ]]>
	lead           // may begin U+FFFE or U+FFFF
)

var classes = [256]byte{
	0: forbidden, 1: forbidden, 2: forbidden, 3: forbidden, 4: forbidden, 5: forbidden, 6: forbidden, 7: forbidden, 8: forbidden,
	'\t': decoded, '\n': decoded, 11: forbidden, 12: forbidden, '\r': decoded, 14: forbidden, 15: forbidden,
	16: forbidden, 17: forbidden, 18: forbidden, 19: forbidden, 20: forbidden, 21: forbidden, 22: forbidden, 23: forbidden,
	24: forbidden, 25: forbidden, 26: forbidden, 27: forbidden, 28: forbidden, 29: forbidden, 30: forbidden, 31: forbidden,
	'&': decoded, ']': decoded, 0xEF: lead,
}

// legal checks that all characters may stand in XML 1.0 (section 2.2) and reports whether the text is plain: nothing in it
// has to be decoded.
func (x *xmlReader) legal(start int, text string) (plain bool, err error) {
	plain = true
	for i := 0; i < len(text); i++ {
		switch c := text[i]; classes[c] {
		case ordinary:
		case decoded:
			plain = false
		case forbidden:
			return false, x.fail(start+i, "the control character U+%04X is not allowed in XML", c)
		case lead:
			if i+2 < len(text) && text[i+1] == 0xBF && text[i+2] >= 0xBE {
				return false, x.fail(start+i, "the character U+%04X is not allowed in XML", 0xFFC0+rune(text[i+2])-0x80)
			}
		}
	}
	return plain, nil
}

func legalRune(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}

// validName accepts what XML 1.0 (section 2.3) accepts, and every character above ASCII.
func validName(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case letter(c), c == '_', c == ':', c >= utf8.RuneSelf:
		case i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return name != ""
}

// name is a name of the input for a message.
func (x *xmlReader) name(n string) string {
	if x.hidden() {
		return "(not shown)"
	}
	return trim(n)
}

// quoted is text of the input for a message, in quotes.
func (x *xmlReader) quoted(text string) string {
	if x.hidden() {
		return "something (not shown, because it may be part of a secret)"
	}
	return strconv.Quote(trim(Hide(text)))
}

// hidden reports whether what is being read may be a part of a secret: a password with a < or an & in it that was not escaped looks like an
// element or a reference, and messages must not show it.
func (x *xmlReader) hidden() bool {
	announces := func(name string) bool {
		return secret.Name(name[strings.IndexByte(name, ':')+1:], keyTable{}) != secret.None
	}
	if x.into && (x.property.Key.Secret() || announces(x.property.Name)) {
		return true
	}
	for i := range x.open {
		if announces(x.open[i].name) {
			return true
		}
	}
	for i := range x.attrs {
		if announces(x.attrs[i].name) || announces(x.attrs[i].value) {
			return true
		}
	}
	return false
}

// trim shortens text of the input for a message.
func trim(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

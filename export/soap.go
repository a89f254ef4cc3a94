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
)

// Namespaces of the client configuration web service.
const (
	epasNamespace   = "urn:cisco:epas:soap"
	soap11Namespace = "http://schemas.xmlsoap.org/soap/envelope/"
	soap12Namespace = "http://www.w3.org/2003/05/soap-envelope"
	xmlNamespace    = "http://www.w3.org/XML/1998/namespace"
)

// A soapReader reads the answer of the client configuration web service: elements property of the namespace
// urn:cisco:epas:soap under any prefix, and the secrets and the client version of a captured log-in.
//
// The lexer only cuts the text into tokens. That the tokens make a well-formed document (XML 1.0 and Namespaces in XML) is
// checked here, except that names may hold any character above ASCII. Document type declarations are refused, so
// there are no entities but the five that XML has.
type soapReader struct {
	r    *Reader
	in   *parse.Input
	lex  *xml.Lexer
	text string

	axl     axlAnswer
	jabber  bool   // the document is a jabber-config.xml
	section []byte // of it that is being read, as a key begins
	nested  []byte

	open     []element
	bindings []binding
	attrs    []attribute
	rootDone bool

	into     bool   // the text of property is being read
	intoAt   int    // its depth: len(open) while its own text is read
	plainEnd int    // the value is the text from its start to here, as long as it is not pieced
	pieces   []byte // else its value so far
	pieced   bool
	property Property

	// The last element that was a property, as written, and how many namespaces were bound then: the next one with both the
	// same is a property, too.
	usual         string
	usualBindings int
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

func (r *Reader) readSOAP(data []byte) error {
	s := &r.soap
	*s = soapReader{r: r, text: r.exp.text, open: s.open[:0], bindings: s.bindings[:0], attrs: s.attrs[:0], pieces: s.pieces[:0], section: s.section[:0], nested: s.nested[:0]}
	s.in = parse.NewInputBytes(data)
	s.lex = xml.NewLexer(s.in)
	defer s.in.Restore()
	if err := s.run(); err != nil {
		return err
	}
	if r.exp.Format == AXL {
		return nil // an answer without records says that there are none
	}
	if len(r.exp.Properties) == 0 || s.jabber && !r.exp.knownJabber() {
		return r.fail(0, ErrNoProperties)
	}
	return nil
}

func (s *soapReader) run() error {
	for {
		start := s.in.Offset()
		tt, token := s.lex.Next()
		var err error
		switch tt {
		case xml.StartTagToken:
			err = s.startTag(start, string0(s.text, start+1, len(s.lex.Text())))
		case xml.EndTagToken:
			if !bytes.HasSuffix(token, []byte(">")) {
				return s.fail(start, "the end tag is not closed: the text ends here")
			}
			err = s.endTag(start, string0(s.text, start+2, len(s.lex.Text())))
		case xml.TextToken:
			err = s.characters(start, s.text[start:start+len(token)])
		case xml.CDATAToken:
			err = s.cdata(start, s.text[start:start+len(token)])
		case xml.CommentToken:
			err = s.comment(start, s.text[start:start+len(token)])
		case xml.StartTagPIToken:
			err = s.instruction(start, string0(s.text, start+2, len(s.lex.Text())))
		case xml.DOCTYPEToken:
			return s.fail(start, "a document type declaration: it could declare entities and is refused")
		case xml.ErrorToken:
			return s.end(start)
		default:
			return s.fail(start, "unexpected %s", tt)
		}
		if err != nil {
			return err
		}
	}
}

func string0(text string, start, n int) string { return text[start : start+n] }

func (s *soapReader) fail(offset int, format string, args ...any) error {
	return s.r.fail(offset, fmt.Errorf(format, args...))
}

func (s *soapReader) end(offset int) error {
	if err := s.lex.Err(); !errors.Is(err, io.EOF) {
		return s.fail(offset, "a NUL character")
	}
	if n := len(s.open); n > 0 {
		return s.fail(len(s.text), "the text ends inside the element %s, which line %d begins", s.open[n-1].name, s.r.lineOf(s.open[n-1].start))
	}
	if !s.rootDone {
		return s.fail(offset, "there is no root element")
	}
	return nil
}

// startTag reads a tag up to its closing bracket.
func (s *soapReader) startTag(start int, name string) error {
	if s.rootDone && len(s.open) == 0 {
		return s.fail(start, "a second root element: %s", s.name(name))
	}
	if name == s.usual && len(s.bindings) == s.usualBindings && !s.into && len(s.open) > 0 && len(s.open) < MaxDepth {
		return s.usualProperty(start, name)
	}
	if !validName(name) {
		return s.fail(start, "%q is no element name", trim(name))
	}
	if s.into && !s.jabber && s.axl.depth == 0 {
		return s.fail(start, "an element %s inside the value of %s", s.name(name), trim(s.property.Name))
	}
	if len(s.open) >= MaxDepth {
		return s.r.fail(start, &BoundError{"elements inside one another", MaxDepth, "deep"})
	}
	s.open = append(s.open, element{name: name, start: start, bindings: len(s.bindings)})
	void, err := s.attributes(start)
	if err != nil {
		return err
	}
	space, local, err := s.resolve(start, name)
	if err != nil {
		return err
	}
	if err := s.attributePrefixes(); err != nil {
		return err
	}
	if len(s.open) == 1 {
		if err := s.root(start, space, local); err != nil {
			return err
		}
	}
	switch {
	case s.jabber:
		if err := s.jabberElement(start, local); err != nil {
			return err
		}
	case space == epasNamespace:
		if err := s.begin(start, local); err != nil {
			return err
		}
	case s.axl.depth > 0 && len(s.open) > s.axl.depth:
		s.axlElement(start, local)
	case strings.HasPrefix(space, axlNamespace):
		s.axlResponse(local)
	}
	if void {
		return s.close()
	}
	return nil
}

func (s *soapReader) root(start int, space, local string) error {
	e := &s.r.exp
	switch {
	case s.jabberRoot(space, local) && s.r.Force != SOAP:
		s.jabber, e.Format = true, Jabber
	case e.Format == Jabber:
		return s.fail(start, "the root element is %s, and that of jabber-config.xml is config", trim(local))
	case space == epasNamespace:
	case (space == soap11Namespace || space == soap12Namespace) && local == "Envelope":
	default:
		return s.fail(start, "the root element %s is neither a SOAP envelope nor in the namespace %s, nor that of jabber-config.xml", trim(local), epasNamespace)
	}
	return nil
}

// usualProperty reads the start tag of one more property: name and namespace are known to be right. What servers write,
// one attribute that stands for itself, is taken without the general machinery.
func (s *soapReader) usualProperty(start int, name string) error {
	s.open = append(s.open, element{name: name, start: start, bindings: len(s.bindings)})
	s.attrs = s.attrs[:0]
	before := s.in.Offset()
	tt, token := s.lex.Next()
	if tt == xml.AttributeToken && string(s.lex.Text()) == "name" && blank(token[0]) {
		value := s.lex.AttrVal()
		end := before + len(token) - 1
		a := attribute{name: "name", start: end - len(value) + 2, end: end}
		if n := len(value); n > 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			a.value = s.text[a.start:a.end]
			if plain, err := s.legal(a.start, a.value); err == nil && plain && strings.IndexByte(a.value, '<') < 0 {
				a.plain = true
				s.attrs = append(s.attrs, a)
				before = s.in.Offset()
				tt, token = s.lex.Next()
			}
		}
	}
	void, err := s.restOfTag(start, before, tt, token)
	if err != nil {
		return err
	}
	if len(s.attrs) != 1 || len(s.bindings) != s.usualBindings {
		// A namespace bound here could change what the prefix means, and other attributes have prefixes of their own.
		if err := s.qualified(start, name); err != nil {
			return err
		}
	}
	if err := s.beginProperty(start); err != nil {
		return err
	}
	if void {
		return s.close()
	}
	return nil
}

// qualified checks that the prefixes of an element's attributes are bound and that the element is still a property.
func (s *soapReader) qualified(start int, name string) error {
	if space, _, err := s.resolve(start, name); err != nil || space != epasNamespace {
		return cmp.Or(err, s.fail(start, "the prefix of %s means another namespace here", s.name(name)))
	}
	return s.attributePrefixes()
}

func (s *soapReader) attributePrefixes() error {
	for i := range s.attrs {
		if strings.IndexByte(s.attrs[i].name, ':') >= 0 {
			if _, _, err := s.resolve(s.attrs[i].start, s.attrs[i].name); err != nil {
				return err
			}
		}
	}
	return nil
}

// attributes reads up to the end of the tag, keeps the attributes and notes the namespaces they bind.
func (s *soapReader) attributes(start int) (void bool, err error) {
	s.attrs = s.attrs[:0]
	before := s.in.Offset()
	tt, token := s.lex.Next()
	return s.restOfTag(start, before, tt, token)
}

// restOfTag goes on with the token at before.
func (s *soapReader) restOfTag(start, before int, tt xml.TokenType, token []byte) (void bool, err error) {
	for {
		switch tt {
		case xml.StartTagCloseToken:
			return false, nil
		case xml.StartTagCloseVoidToken:
			return true, nil
		case xml.AttributeToken:
			// The token begins at the blanks in front of it.
			a, err := s.attribute(before, before+len(token))
			if err != nil {
				return false, err
			}
			for i := range s.attrs {
				if s.attrs[i].name == a.name {
					return false, s.fail(a.start, "the attribute %s stands twice", s.name(a.name))
				}
			}
			s.attrs = append(s.attrs, a)
			if len(s.attrs) > maxAttributes {
				return false, s.r.fail(start, &BoundError{"attributes of one element", maxAttributes, "attributes"})
			}
			if err := s.bind(&s.attrs[len(s.attrs)-1]); err != nil {
				return false, err
			}
		default:
			return false, s.fail(len(s.text), "the text ends inside a tag that line %d begins", s.r.lineOf(start))
		}
		before = s.in.Offset()
		tt, token = s.lex.Next()
	}
}

// maxAttributes bounds the attributes of one element, which are compared with one another.
const maxAttributes = 64

func (s *soapReader) attribute(from, to int) (attribute, error) {
	nameAt := from + blankRun(s.text[from:to])
	trimmed := s.text[nameAt:to]
	if nameAt == from {
		return attribute{}, s.fail(from, "a blank is missing before an attribute")
	}
	eq := strings.IndexByte(trimmed, '=')
	if eq < 0 {
		return attribute{}, s.fail(nameAt, "the attribute %q has no value", trim(trimmed))
	}
	name := trimmed[:eq]
	for name != "" && blank(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	if !validName(name) {
		return attribute{}, s.fail(nameAt, "%q is no attribute name", trim(name))
	}
	rest := trimmed[eq+1:]
	rest = rest[blankRun(rest):]
	at := to - len(rest)
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return attribute{}, s.fail(at, "the value of %s is not quoted", s.name(name))
	}
	if len(rest) < 2 || rest[len(rest)-1] != rest[0] {
		return attribute{}, s.fail(at, "the quoted value of %s does not end", s.name(name))
	}
	a := attribute{name: name, value: rest[1 : len(rest)-1], start: at + 1, end: to - 1}
	if i := strings.IndexByte(a.value, '<'); i >= 0 {
		return attribute{}, s.fail(a.start+i, "a < inside the value of %s: the quote may be missing", s.name(name))
	}
	var err error
	a.plain, err = s.legal(a.start, a.value)
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

func (s *soapReader) bind(a *attribute) error {
	prefix, declares := strings.CutPrefix(a.name, "xmlns")
	if !declares || prefix != "" && prefix[0] != ':' {
		return nil
	}
	space, err := s.attributeValue(a)
	if err != nil {
		return err
	}
	if prefix != "" {
		prefix = prefix[1:]
		if prefix == "" || prefix == "xmlns" || prefix == "xml" && space != xmlNamespace || space == "" {
			return s.fail(a.start, "%s=%q binds no namespace", trim(a.name), trim(space))
		}
	}
	s.bindings = append(s.bindings, binding{prefix, space})
	s.usual = ""
	return nil
}

// resolve splits a name and finds the namespace of its prefix.
func (s *soapReader) resolve(start int, name string) (space, local string, err error) {
	prefix, local, found := strings.Cut(name, ":")
	if !found {
		prefix, local = "", name
	} else if prefix == "" || local == "" || strings.Contains(local, ":") {
		return "", "", s.fail(start, "%q is no qualified name", trim(name))
	}
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if s.bindings[i].prefix == prefix {
			return s.bindings[i].space, local, nil
		}
	}
	switch prefix {
	case "", "xmlns":
		return "", local, nil
	case "xml":
		return xmlNamespace, local, nil
	}
	return "", "", s.fail(start, "the prefix %s is bound to no namespace", s.name(prefix))
}

// begin looks at an element of the service's namespace.
func (s *soapReader) begin(start int, local string) error {
	switch local {
	case "property":
		if n := len(s.open) - 1; len(s.bindings) == s.open[n].bindings {
			s.usual, s.usualBindings = s.open[n].name, len(s.bindings)
		}
		return s.beginProperty(start)
	case "session-key":
		s.capture(start, local, SessionKey)
	case "app-session-id":
		s.capture(start, local, LoginAppSessionID)
	case "username":
		s.capture(start, local, LoginUsername)
	case "password":
		k := LoginPassword
		if s.inside("get-onetime-password-resp") {
			k = SessionOneTimePassword
		}
		s.capture(start, local, k)
	case "login":
		return s.clientVersion(start)
	}
	return nil
}

func (s *soapReader) beginProperty(start int) error {
	for i := range s.attrs {
		a := &s.attrs[i]
		if a.name != "name" {
			continue
		}
		name, err := s.attributeValue(a)
		if err != nil {
			return err
		}
		if name == "" {
			return s.fail(a.start, "a property with an empty name")
		}
		k, n := s.r.lookup(name)
		s.property = Property{Key: k, N: n, Name: name, nameStart: int32(a.start), nameEnd: int32(a.end)}
		s.enter()
		return nil
	}
	return s.fail(start, "a property without a name")
}

// capture takes the text of an element as the value of a key.
func (s *soapReader) capture(start int, local string, k KeyID) {
	s.property = Property{Key: k, Name: local, nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(s.open[len(s.open)-1].name))}
	s.enter()
}

func (s *soapReader) enter() {
	s.into, s.intoAt, s.pieced = true, len(s.open), false
	s.plainEnd = s.in.Offset()
	at := int32(s.plainEnd)
	s.property.valueStart, s.property.valueEnd = at, at
}

func (s *soapReader) clientVersion(start int) error {
	for i := range s.attrs {
		a := &s.attrs[i]
		if a.name != "client-version" {
			continue
		}
		value, err := s.attributeValue(a)
		if err != nil {
			return err
		}
		nameAt := strings.LastIndex(s.text[:a.start], a.name)
		return s.r.add(&Property{
			Key: ClientVersion, Name: a.name, Value: value,
			nameStart: int32(nameAt), nameEnd: int32(nameAt + len(a.name)), valueStart: int32(a.start), valueEnd: int32(a.end),
		})
	}
	return nil
}

func (s *soapReader) inside(local string) bool {
	for _, e := range s.open {
		if e.name == local || strings.HasSuffix(e.name, ":"+local) {
			return true
		}
	}
	return false
}

func (s *soapReader) endTag(start int, name string) error {
	n := len(s.open)
	if n == 0 {
		return s.fail(start, "an end tag %s, and no element is open", s.name(name))
	}
	if s.open[n-1].name != name {
		return s.fail(start, "the end tag %s does not close the element %s of line %d", s.name(name), s.name(s.open[n-1].name), s.r.lineOf(s.open[n-1].start))
	}
	if s.into {
		s.property.valueEnd = int32(start)
	}
	return s.close()
}

func (s *soapReader) close() error {
	n := len(s.open) - 1
	if s.open[n].bindings < len(s.bindings) {
		s.bindings = s.bindings[:s.open[n].bindings]
		s.usual = "" // the prefix may mean something else now
	}
	s.open = s.open[:n]
	if n == 0 {
		s.rootDone = true
	}
	if !s.into || n+1 != s.intoAt {
		return nil
	}
	p := &s.property
	s.into = false
	if s.pieced {
		p.Value = string(s.pieces)
	} else {
		p.Value = s.text[p.valueStart:p.valueEnd]
	}
	if s.axl.depth > 0 && !s.axlField(p) {
		return nil
	}
	return s.r.add(p)
}

// characters handles text between tags.
func (s *soapReader) characters(start int, text string) error {
	if len(s.open) == 0 {
		if n := blankRun(text); n < len(text) {
			return s.fail(start+n, "text outside of the root element")
		}
		return nil
	}
	plain, err := s.legal(start, text)
	if err != nil {
		return err
	}
	if plain && s.into {
		if s.pieced {
			s.piece(text)
		} else {
			s.plainEnd = start + len(text) // behind the start tag: anything else pieces the value
		}
		return nil
	}
	if plain || !s.into && blankRun(text) == len(text) {
		return nil
	}
	if i := strings.Index(text, "]]>"); i >= 0 {
		return s.fail(start+i, "]]> outside of a CDATA section")
	}
	value, err := s.decode(start, text)
	if err != nil || !s.into {
		return err
	}
	s.piece(lineEnds(value))
	return nil
}

func (s *soapReader) cdata(start int, token string) error {
	if !strings.HasSuffix(token, "]]>") {
		return s.fail(start, "the CDATA section does not end")
	}
	if len(s.open) == 0 {
		return s.fail(start, "a CDATA section outside of the root element")
	}
	text := token[len("<![CDATA[") : len(token)-len("]]>")]
	if _, err := s.legal(start, text); err != nil {
		return err
	}
	if s.into {
		s.piece(lineEnds(text))
	}
	return nil
}

// piece adds to the value what is no plain run of the file's text.
func (s *soapReader) piece(value string) {
	if !s.pieced {
		s.pieces = append(s.pieces[:0], s.text[s.property.valueStart:s.plainEnd]...)
		s.pieced = true
	}
	s.pieces = append(s.pieces, value...)
}

func (s *soapReader) comment(start int, token string) error {
	if !strings.HasSuffix(token, "-->") || len(token) < len("<!---->") {
		return s.fail(start, "the comment does not end")
	}
	text := token[len("<!--") : len(token)-len("-->")]
	if i := strings.Index(text, "--"); i >= 0 || strings.HasSuffix(text, "-") {
		return s.fail(start, "two hyphens side by side in a comment")
	}
	if s.into {
		s.piece("") // the value is no plain run of the file any more
	}
	_, err := s.legal(start, text)
	return err
}

// instruction reads a processing instruction, the XML declaration above all, and passes over it.
func (s *soapReader) instruction(start int, target string) error {
	if strings.EqualFold(target, "xml") && (start != 0 || target != "xml") {
		return s.fail(start, "an XML declaration that does not stand at the very beginning")
	}
	if !validName(target) {
		return s.fail(start, "%q is no name of a processing instruction", trim(target))
	}
	if s.into {
		s.piece("")
	}
	end := strings.Index(s.text[start:], "?>")
	if end < 0 {
		return s.fail(start, "the processing instruction does not end")
	}
	end += start + len("?>")
	if _, err := s.legal(start, s.text[start:end]); err != nil {
		return err
	}
	for s.in.Offset() < end {
		if tt, _ := s.lex.Next(); tt == xml.ErrorToken {
			return s.fail(start, "the processing instruction does not end")
		}
	}
	if s.in.Offset() != end {
		return s.fail(start, "a processing instruction with a quoted ?>") // legal XML that nothing writes
	}
	return nil
}

// attributeValue decodes a value: line ends and tabs count as blanks there (XML 1.0, 3.3.3).
func (s *soapReader) attributeValue(a *attribute) (string, error) {
	if a.plain {
		return a.value, nil
	}
	// Blanks that a reference stands for stay what they are.
	return s.decode(a.start, blanks.Replace(a.value))
}

// decode undoes references (XML 1.0, 4.1). Without any the string itself comes back.
func (s *soapReader) decode(start int, raw string) (string, error) {
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
			return "", s.fail(start+i, "an & that begins no reference: write &amp;")
		}
		r, ok := reference(raw[i+1 : i+end])
		if !ok {
			return "", s.fail(start+i, "the reference %s is not defined", trim(raw[i:i+end+1]))
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
func (s *soapReader) legal(start int, text string) (plain bool, err error) {
	plain = true
	for i := 0; i < len(text); i++ {
		switch c := text[i]; classes[c] {
		case ordinary:
		case decoded:
			plain = false
		case forbidden:
			return false, s.fail(start+i, "the control character U+%04X is not allowed in XML", c)
		case lead:
			if i+2 < len(text) && text[i+1] == 0xBF && text[i+2] >= 0xBE {
				return false, s.fail(start+i, "the character U+%04X is not allowed in XML", 0xFFC0+rune(text[i+2])-0x80)
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

func (s *soapReader) name(n string) string { return trim(n) }

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

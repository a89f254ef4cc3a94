package xmpp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"cupclint/internal/probe"
)

// The namespaces of RFC 6120 and of XEP-0078.
const (
	nsStream  = "http://etherx.jabber.org/streams"
	nsClient  = "jabber:client"
	nsServer  = "jabber:server"
	nsTLS     = "urn:ietf:params:xml:ns:xmpp-tls"
	nsSASL    = "urn:ietf:params:xml:ns:xmpp-sasl"
	nsErrors  = "urn:ietf:params:xml:ns:xmpp-streams"
	nsIQAuth  = "http://jabber.org/features/iq-auth"
	streamEnd = "</stream:stream>"
)

// Bounds on what a server may send. A stream header, features and the answer to a log-in are some kilobytes.
const (
	maxStream   = 256 << 10 // bytes of one stream
	maxDepth    = 8         // elements inside one another, the stream left out
	maxElements = 1000      // elements of one stream
	maxAttrs    = 64        // attributes of one element
	maxFirst    = 160       // bytes of the beginning that are kept as evidence
)

// Errors of an answer that is not an XMPP stream.
var (
	errNotXML = errors.New("the answer does not begin as XML")
	errDTD    = errors.New("the server sends a DTD or entity declarations, which RFC 6120 (section 11.1) forbids")
	errMarkup = errors.New("the server sends comments or processing instructions, which RFC 6120 (section 11.1) forbids")
	errEnded  = errors.New("the server ends the stream")
)

// A source reads a connection and bounds it. The decoder reads it byte by byte, so that what follows an element stays in the source: TLS
// begins there.
type source struct {
	r     io.Reader
	left  int
	block [4096]byte
	ahead []byte // read, but not yet used
	first []byte // the beginning, for evidence
	err   error  // the first error of reading
}

func newSource(r io.Reader) *source { return &source{r: r, left: maxStream} }

func (s *source) fill() error {
	if len(s.ahead) > 0 {
		return nil
	}
	if s.err != nil {
		return s.err
	}
	if s.left == 0 {
		s.err = probe.ErrTooMuch
		return s.err
	}
	for range 100 { // a reader may return nothing a few times
		n, err := s.r.Read(s.block[:min(len(s.block), s.left)])
		s.left -= n
		s.ahead = s.block[:n]
		s.first = append(s.first, s.ahead[:min(n, maxFirst-len(s.first))]...)
		if err != nil {
			s.err = err
		}
		switch {
		case n > 0:
			return nil
		case err != nil:
			return err
		}
	}
	s.err = io.ErrNoProgress
	return s.err
}

// ReadByte implements io.ByteReader.
func (s *source) ReadByte() (byte, error) {
	if err := s.fill(); err != nil {
		return 0, err
	}
	b := s.ahead[0]
	s.ahead = s.ahead[1:]
	return b, nil
}

// Read implements io.Reader.
func (s *source) Read(b []byte) (int, error) {
	if err := s.fill(); err != nil {
		return 0, err
	}
	n := copy(b, s.ahead)
	s.ahead = s.ahead[n:]
	return n, nil
}

// markup skips blanks and reports whether an element comes next.
func (s *source) markup() (bool, error) {
	for {
		if err := s.fill(); err != nil {
			return false, err
		}
		if rest := bytes.TrimLeft(s.ahead, " \t\r\n"); len(rest) > 0 {
			s.ahead = rest
			return rest[0] == '<', nil
		}
		s.ahead = nil
	}
}

// speaksTLS reports whether the beginning is a TLS record: an alert or a handshake.
func speaksTLS(first []byte) bool {
	return len(first) > 1 && (first[0] == 0x15 || first[0] == 0x16) && first[1] == 3
}

// A parser reads the elements of one stream.
type parser struct {
	src      *source
	dec      *xml.Decoder
	elements int
}

func newParser(r io.Reader) *parser {
	src := newSource(r)
	return &parser{src: src, dec: xml.NewDecoder(src)}
}

// A header is the beginning of a server's stream.
type header struct{ from, version, content string }

// header reads the stream header.
func (p *parser) header() (h header, err error) {
	ok, err := p.src.markup()
	switch {
	case err != nil:
		return h, err
	case !ok:
		return h, errNotXML
	}
	for begun := false; ; begun = true {
		token, err := p.token()
		if err != nil {
			return h, err
		}
		switch t := token.(type) {
		case xml.ProcInst:
			if begun || t.Target != "xml" {
				return h, errMarkup
			}
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return h, errNotXML
			}
		case xml.StartElement:
			if t.Name != (xml.Name{Space: nsStream, Local: "stream"}) {
				return h, fmt.Errorf("the answer is the XML element %s, not an XMPP stream", named(t.Name))
			}
			for _, a := range t.Attr {
				switch a.Name {
				case xml.Name{Local: "from"}:
					h.from = a.Value
				case xml.Name{Local: "version"}:
					h.version = a.Value
				case xml.Name{Local: "xmlns"}:
					h.content = a.Value
				}
			}
			return h, nil
		default:
			return h, fmt.Errorf("the answer begins with %T, not with a stream", token)
		}
	}
}

func named(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Local + " of the namespace " + n.Space
}

// An element is one child of the stream.
type element struct {
	name     xml.Name
	text     string // its own text
	children []element
}

// child finds a child by its name; nil where there is none.
func (e *element) child(space, local string) *element {
	for i := range e.children {
		if e.children[i].name == (xml.Name{Space: space, Local: local}) {
			return &e.children[i]
		}
	}
	return nil
}

// next reads the whole next child of the stream.
func (p *parser) next() (*element, error) {
	for {
		token, err := p.token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, errNotXML
			}
		case xml.StartElement:
			return p.tree(t, 1)
		case xml.EndElement:
			return nil, errEnded
		default:
			return nil, errMarkup
		}
	}
}

func (p *parser) tree(start xml.StartElement, depth int) (*element, error) {
	if p.elements++; p.elements > maxElements || depth > maxDepth || len(start.Attr) > maxAttrs {
		return nil, fmt.Errorf("%w: elements of a stream", probe.ErrTooMuch)
	}
	e := &element{name: start.Name}
	var text strings.Builder
	for {
		token, err := p.token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			c, err := p.tree(t, depth+1)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, *c)
		case xml.EndElement:
			e.text = text.String()
			return e, nil
		default:
			return nil, errMarkup
		}
	}
}

// token reads one token. What streams must not have is an error. The decoder knows only the entities of XML itself.
func (p *parser) token() (xml.Token, error) {
	token, err := p.dec.Token()
	if err != nil {
		if p.src.err != nil { // the decoder reports the end as a syntax error
			return nil, p.src.err
		}
		return nil, err
	}
	switch t := token.(type) {
	case xml.Directive:
		return nil, errDTD
	case xml.Comment:
		return nil, errMarkup
	case xml.ProcInst:
		if t.Target != "xml" {
			return nil, errMarkup
		}
	}
	return token, nil
}

// opening is the header that a client sends. The domain is the only part that is not fixed.
func opening(domain string) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version='1.0'?><stream:stream to='")
	_ = xml.EscapeText(&b, []byte(domain))
	b.WriteString("' version='1.0' xml:lang='en' xmlns='" + nsClient + "' xmlns:stream='" + nsStream + "'>")
	return b.Bytes()
}

const startTLS = "<starttls xmlns='" + nsTLS + "'/>"

// The parts of the features that a probe looks at.

// starttls reads the offer of StartTLS.
func (e *element) starttls() TLSOffer {
	offer := e.child(nsTLS, "starttls")
	switch {
	case offer == nil:
		return OfferNone
	// A server that offers only StartTLS requires it (RFC 6120, section 5.3.1).
	case offer.child(nsTLS, "required") != nil, len(e.mechanisms()) == 0:
		return OfferRequired
	}
	return OfferOptional
}

// legacyAuth is listed among the mechanisms for the log-in of older servers.
const legacyAuth = "jabber:iq:auth"

// maxMechanisms bounds the mechanisms that are kept.
const maxMechanisms = 40

// mechanisms are the ways to log in that the features offer. The order is the server's, which is often random.
func (e *element) mechanisms() []string {
	out := []string{}
	if list := e.child(nsSASL, "mechanisms"); list != nil {
		for i := range list.children {
			if c := &list.children[i]; c.name == (xml.Name{Space: nsSASL, Local: "mechanism"}) && len(out) < maxMechanisms {
				out = append(out, probe.Clean(strings.TrimSpace(c.text)))
			}
		}
	}
	if e.child(nsIQAuth, "auth") != nil {
		out = append(out, legacyAuth)
	}
	return out
}

// reason reads the condition and the text of an error; namespace is that of its children.
func (e *element) reason(namespace string) Condition {
	var c Condition
	for i := range e.children {
		switch child := &e.children[i]; {
		case child.name.Space != namespace:
		case child.name.Local == "text":
			c.Text = probe.Clean(strings.TrimSpace(child.text))
		case c.Name == "":
			c.Name = probe.Clean(child.name.Local)
			c.Host = probe.Clean(strings.TrimSpace(child.text))
		}
	}
	return c
}

package lab

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net"
)

// A messenger is the XMPP service of an IM and Presence node: stream header, StartTLS, SASL PLAIN, resource binding (RFC 6120). It delivers
// nothing.
type messenger struct {
	domain   string
	optional bool // StartTLS is offered and not required
	secured  *tls.Config
	password string
}

// maxStream bounds what one client may send, in bytes.
const maxStream = 256 << 10

const (
	nsTLS  = "urn:ietf:params:xml:ns:xmpp-tls"
	nsSASL = "urn:ietf:params:xml:ns:xmpp-sasl"
)

func (m *messenger) serve(c net.Conn) {
	if secure := m.plain(c); secure != nil {
		_ = m.stream(secure, true)
	}
}

// plain serves the stream before TLS; it gives the connection with TLS where the client began it.
func (m *messenger) plain(c net.Conn) net.Conn {
	if !m.stream(c, false) {
		return nil
	}
	secure := tls.Server(c, m.secured)
	if secure.Handshake() != nil {
		return nil
	}
	return secure
}

// stream serves one stream and reports whether the client wants TLS.
func (m *messenger) stream(c io.ReadWriter, secure bool) (startTLS bool) {
	in := xml.NewDecoder(io.LimitReader(c, maxStream))
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(c, format, args...) } // a client that has gone misses nothing
	authenticated := false
	for {
		t, err := in.RawToken()
		if err != nil {
			return false
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			if end, ok := t.(xml.EndElement); ok && end.Name.Local == "stream" {
				say("</stream:stream>")
				return false
			}
			continue
		}
		switch start.Name.Local {
		case "stream":
			say("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='%s' "+
				"from='%s' version='1.0'>",
				rand.Text(), m.domain)
			if to := attribute(start, "to"); to != m.domain {
				say("<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>")
				return false
			}
			say("%s", m.features(secure, authenticated))
		case "starttls":
			say("<proceed xmlns='%s'/>", nsTLS)
			return true
		case "auth":
			var text string
			if err := textOf(in, &text); err != nil {
				return false
			}
			if !m.passes(text) || !secure && !m.optional {
				say("<failure xmlns='%s'><not-authorized/></failure>", nsSASL)
				continue
			}
			authenticated = true
			say("<success xmlns='%s'/>", nsSASL)
			in = xml.NewDecoder(io.LimitReader(c, maxStream)) // the stream begins anew
		}
	}
}

func (m *messenger) features(secure, authenticated bool) string {
	var b bytes.Buffer
	b.WriteString("<stream:features>")
	if !secure {
		required := "<required/>"
		if m.optional {
			required = ""
		}
		fmt.Fprintf(&b, "<starttls xmlns='%s'>%s</starttls>", nsTLS, required)
	}
	switch {
	case authenticated:
		b.WriteString("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
	case secure || m.optional:
		fmt.Fprintf(&b, "<mechanisms xmlns='%s'><mechanism>PLAIN</mechanism><mechanism>CISCO-VTG-TOKEN</mechanism></mechanisms>", nsSASL)
	}
	b.WriteString("</stream:features>")
	return b.String()
}

// passes checks SASL PLAIN (RFC 4616).
func (m *messenger) passes(text string) bool {
	raw, err := base64.StdEncoding.DecodeString(text)
	parts := bytes.Split(raw, []byte{0})
	return err == nil && len(parts) == 3 && known(string(parts[1])) && string(parts[2]) == m.password
}

// textOf reads the text of the element that was begun, to its end.
func textOf(in *xml.Decoder, text *string) error {
	for {
		t, err := in.RawToken()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.CharData:
			*text += string(t)
		case xml.EndElement:
			return nil
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

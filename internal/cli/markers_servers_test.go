package cli

import (
	"bufio"
	"crypto/tls"
	"cupclint/internal/servertest"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"github.com/miekg/dns"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"
)

// A tape is what servers of the test were sent, by service.
type tape struct {
	mu   sync.Mutex
	sent map[string][]byte
}

func (r *tape) record(service string, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent[service] = append(append(r.sent[service], b...), '\n')
}

// take returns what was sent since the last call.
func (r *tape) take() map[string][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	sent := r.sent
	r.sent = map[string][]byte{}
	return sent
}

// A marked deployment is one whose servers record what they are sent, and send back every secret that they get.
type marked struct {
	tape
	resolver, ldap, imap, sip, cti, https string
	ca                                    string // of its certificates, a file
}

func serveMarked(t *testing.T) *marked {
	t.Helper()
	s := &marked{tape: tape{sent: map[string][]byte{}}}
	listen := func(service string, serve func(net.Conn)) string {
		return servertest.Listen(t, func(c net.Conn) { serve(&recorded{Conn: c, service: service, tape: &s.tape}) })
	}
	s.ldap, s.imap, s.sip = listen("ldap", echoLDAP), listen("imap", echoIMAP), listen("sip", echoSIP)
	s.cti = listen("cti", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	ca := servertest.CA(t)
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dump, _ := httputil.DumpRequest(r, true)
		s.record("https", dump)
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		for _, v := range r.Header["Authorization"] {
			w.Header().Add("Server", v)
			w.Header().Add("X-OWA-Version", v)
			_, password, _ := r.BasicAuth()
			w.Header().Add("MS-WebStorage", password)
		}
		w.WriteHeader(http.StatusUnauthorized)
	}))
	web.TLS = &tls.Config{Certificates: []tls.Certificate{ca.Issue(t, servertest.Right, "mail.mark.test").TLS}}
	web.StartTLS()
	t.Cleanup(web.Close)
	s.https, s.ca = web.Listener.Addr().String(), ca.File
	s.resolver = s.serveDNS(t)
	return s
}

// serveDNS knows *.mark.test and nothing else.
func (s *marked) serveDNS(t *testing.T) string {
	t.Helper()
	packets, streams := servertest.BothTransports(t)
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		wire, _ := q.Pack()
		s.record("dns", wire)
		m := new(dns.Msg).SetReply(q)
		for _, question := range q.Question {
			s.record("dns", []byte(question.Name))
			switch {
			case !strings.HasSuffix(strings.ToLower(question.Name), "mark.test."):
				m.Rcode = dns.RcodeNameError
			case question.Qtype == dns.TypeA:
				m.Answer = append(m.Answer,
					&dns.A{Hdr: dns.RR_Header{Name: question.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}, A: net.IPv4(127, 0, 0, 1)})
			}
		}
		_ = w.WriteMsg(m)
	})
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: streams, Handler: handler}} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go func() { _ = server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = server.Shutdown() })
	}
	return packets.LocalAddr().String()
}

// A recorded connection keeps what it reads.
type recorded struct {
	net.Conn
	service string
	tape    *tape
}

func (c *recorded) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.tape.record(c.service, p[:n])
	return n, err
}

func echoLDAP(c net.Conn) {
	answer := func(id any, tag ber.Tag, code int64, text string) {
		p := ber.NewSequence("")
		p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
		op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
		op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
		for _, s := range []string{"", text} {
			op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, ""))
		}
		p.AppendChild(op)
		_, _ = c.Write(p.Bytes())
	}
	for {
		p, err := ber.ReadPacket(c)
		if err != nil || len(p.Children) < 2 {
			return
		}
		switch op := p.Children[1]; op.Tag {
		case ldap.ApplicationBindRequest:
			password := ber.DecodeString(op.Children[2].Data.Bytes())
			answer(p.Children[0].Value, ldap.ApplicationBindResponse, ldap.LDAPResultInvalidCredentials,
				"data 52e, you sent "+password+", "+hex.EncodeToString([]byte(password)))
		case ldap.ApplicationSearchRequest:
			answer(p.Children[0].Value, ldap.ApplicationSearchResultDone, 0, "")
		default:
			return
		}
	}
}

func echoIMAP(c net.Conn) {
	_, _ = io.WriteString(c, "* OK ready\r\n")
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		tag, rest, _ := strings.Cut(lines.Text(), " ")
		switch {
		case strings.HasPrefix(rest, "CAPABILITY"):
			_, _ = io.WriteString(c, "* CAPABILITY IMAP4rev1\r\n"+tag+" OK done\r\n")
		case strings.HasPrefix(rest, "LOGIN"):
			_, _ = io.WriteString(c, tag+" NO [AUTHENTICATIONFAILED] you sent "+rest+" "+base64.StdEncoding.EncodeToString([]byte(rest))+"\r\n")
		default:
			_, _ = io.WriteString(c, tag+" OK done\r\n")
		}
	}
}

func echoSIP(c net.Conn) {
	r := bufio.NewReader(c)
	for {
		var keep strings.Builder
		authorization, status := "none", "200 OK"
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			if line == "\r\n" {
				break
			}
			name, value, _ := strings.Cut(line, ":")
			switch {
			case strings.HasPrefix(line, "REGISTER"):
				status = "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"mark.test\", nonce=\"abc\", algorithm=MD5"
			case name == "Authorization":
				authorization = strings.TrimSpace(value)
			case strings.Contains(" Via From To Call-ID CSeq ", " "+name+" "):
				keep.WriteString(line)
			}
		}
		_, _ = fmt.Fprintf(c, "SIP/2.0 %s\r\n%sServer: %s\r\nContent-Length: 0\r\n\r\n", status, keep.String(), authorization)
	}
}

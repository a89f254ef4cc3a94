package servertest

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Script is a server that no real program stands for: what products of other makers answer on the wire, word by word. Exactly one of its
// members is set.
type Script struct {
	SIP   *SIPScript
	LDAP  *LDAPScript
	IMAP  *IMAPScript
	HTTPS *HTTPSScript
	DNS   *DNSScript
	// Days is how long the certificate of a server with TLS is valid; 0 means 200.
	Days int
	// Names are those of the certificate; 127.0.0.1 where none are given.
	Names []string
}

// A Scripted is a Script that answers, on loopback, as long as the test runs.
type Scripted struct {
	Addr   string // IP:port
	CAFile string // the authority of its certificate as PEM; empty without TLS

	tls   *tls.Config
	mu    sync.Mutex
	asked []string
	binds int
}

// Asked are the requests so far, a line each.
func (s *Scripted) Asked() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.asked, "\n")
}

func (s *Scripted) log(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, line)
}

// Play starts a scripted server.
func Play(t testing.TB, script *Script) *Scripted {
	t.Helper()
	s := &Scripted{}
	switch {
	case script.SIP != nil:
		s.secure(t, script, script.SIP.TLS)
		if script.SIP.UDP {
			s.packets(t, func(b []byte) [][]byte { return script.SIP.answers(s, string(b)) })
			return s
		}
		s.Addr = Listen(t, func(c net.Conn) { script.SIP.serve(s, s.wrap(c, script.SIP.TLS)) })
	case script.LDAP != nil:
		s.secure(t, script, script.LDAP.TLS || script.LDAP.StartTLS)
		s.Addr = Listen(t, func(c net.Conn) { script.LDAP.serve(s, s.wrap(c, script.LDAP.TLS)) })
	case script.IMAP != nil:
		s.secure(t, script, true)
		s.Addr = Listen(t, func(c net.Conn) { script.IMAP.serve(s, s.wrap(c, script.IMAP.TLS)) })
	case script.HTTPS != nil:
		s.secure(t, script, true)
		s.Addr = Listen(t, func(c net.Conn) { script.HTTPS.serve(s, s.wrap(c, true)) })
	case script.DNS != nil:
		script.DNS.play(t, s)
	default:
		t.Fatal("a script without a server")
	}
	return s
}

// secure makes the certificate where it is needed.
func (s *Scripted) secure(t testing.TB, script *Script, needed bool) {
	t.Helper()
	if !needed {
		return
	}
	ca := CA(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	days, names := script.Days, script.Names
	if days == 0 {
		days = 200
	}
	if len(names) == 0 {
		names = []string{"127.0.0.1"}
	}
	template := &x509.Certificate{
		SerialNumber: serial(t), NotBefore: time.Now().Add(-48 * time.Hour),
		NotAfter: time.Now().Add(time.Duration(days)*24*time.Hour + time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	setNames(template, names)
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		t.Fatal(err)
	}
	s.CAFile = ca.File
	s.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

func (s *Scripted) wrap(c net.Conn, secured bool) net.Conn {
	if secured {
		return tls.Server(c, s.tls)
	}
	return c
}

// packets answers datagrams.
func (s *Scripted) packets(t testing.TB, answer func([]byte) [][]byte) {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = conn.LocalAddr().String()
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 64<<10)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return // the test has ended
			}
			for _, a := range answer(buffer[:n]) {
				_, _ = conn.WriteTo(a, from)
			}
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
}

// A SIPScript has the answers to each method: a list of answers to one request, each a status line and header lines. An empty list is
// silence; the answer "CLOSE" closes the connection, and one that begins with "RAW " is sent as it is. "REGISTER with credential" is for
// requests that have one.
type SIPScript struct {
	TLS, UDP bool
	Answers  map[string][][]string `yaml:",inline"`
}

func (p *SIPScript) serve(s *Scripted, c net.Conn) {
	var buf []byte
	chunk := make([]byte, 64<<10)
	for {
		n, err := c.Read(chunk)
		if err != nil {
			return
		}
		buf = append(buf, chunk[:n]...)
		for {
			request, rest, whole := bytes.Cut(buf, []byte("\r\n\r\n"))
			if !whole {
				break
			}
			buf = rest
			for _, a := range p.answers(s, string(request)) {
				if a == nil {
					return
				}
				if _, err := c.Write(a); err != nil {
					return
				}
			}
		}
	}
}

// answers gives the messages that answer one request; nil among them closes the connection.
func (p *SIPScript) answers(s *Scripted, request string) (out [][]byte) {
	lines := strings.Split(strings.TrimRight(request, "\r\n"), "\r\n")
	method, _, _ := strings.Cut(lines[0], " ")
	var same []string
	credential := false
	for _, l := range lines[1:] {
		name, _, _ := strings.Cut(strings.ToLower(l), ":")
		switch name {
		case "authorization", "proxy-authorization":
			credential = true
		case "via", "from", "to", "call-id", "cseq":
			same = append(same, l)
		}
	}
	if _, own := p.Answers[method+" with credential"]; credential {
		s.log(method + " with credential")
		if own {
			method += " with credential"
		}
	} else {
		s.log(method)
	}
	for _, a := range p.Answers[method] {
		switch raw, isRaw := strings.CutPrefix(a[0], "RAW "); {
		case a[0] == "CLOSE":
			return append(out, nil)
		case isRaw:
			out = append(out, []byte(raw))
		default:
			all := append([]string{"SIP/2.0 " + a[0]}, same...)
			if a[0][0] != '1' {
				for i, l := range all {
					if strings.HasPrefix(strings.ToLower(l), "to:") && !strings.Contains(l, ";tag=") {
						all[i] += ";tag=srv1"
					}
				}
			}
			out = append(out, []byte(strings.Join(append(append(all, a[1:]...), "Content-Length: 0", "", ""), "\r\n")))
		}
	}
	return out
}

// An IMAPScript has the lines that answer each command, in which {tag} is the command's tag. Commands without an answer get a usual one.
type IMAPScript struct {
	TLS           bool // from the first byte; else STARTTLS is taken
	Greeting      []string
	Capability    string
	CapabilityTLS string              `yaml:"capability_tls"` // inside STARTTLS; as outside where empty
	Close         []string            // commands after whose answer the connection is closed
	Commands      map[string][]string `yaml:",inline"`
}

func (p *IMAPScript) serve(s *Scripted, c net.Conn) {
	say := func(line string) { _, _ = io.WriteString(c, line+"\r\n") }
	for _, line := range p.Greeting {
		say(line)
	}
	secured := p.TLS
	in := bufio.NewReader(c)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		tag, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		command, _, _ := strings.Cut(rest, " ")
		command = strings.ToUpper(command)
		s.log(command)
		lines, own := p.Commands[command]
		switch {
		case own:
		case command == "STARTTLS":
			say(tag + " OK Begin TLS negotiation now.")
			c = tls.Server(c, s.tls)
			in, secured = bufio.NewReader(c), true
			continue
		case command == "CAPABILITY":
			list := p.Capability
			if secured && p.CapabilityTLS != "" {
				list = p.CapabilityTLS
			}
			lines = []string{"* CAPABILITY " + list, "{tag} OK CAPABILITY completed."}
		case command == "EXAMINE":
			lines = []string{"* 0 EXISTS", "* 0 RECENT", `* FLAGS (\Seen)`, "* OK [UIDVALIDITY 1] valid", "* OK [UIDNEXT 1] next",
				"{tag} OK [READ-ONLY] done"}
		case command == "LOGOUT":
			lines = []string{"* BYE good bye", "{tag} OK LOGOUT completed."}
		default:
			lines = []string{"{tag} BAD Command Error. 12"}
		}
		for _, l := range lines {
			say(strings.ReplaceAll(l, "{tag}", tag))
		}
		if command == "LOGOUT" || slices.Contains(p.Close, command) {
			return
		}
	}
}

// An HTTPSScript is a list of answers; the first that fits a request is given, and 404 where none does.
type HTTPSScript []HTTPSAnswer

// An HTTPSAnswer fits a request whose path begins with Path, without regard to case.
type HTTPSAnswer struct {
	Path, Method string
	Auth         *bool // only with, or without, an Authorization header
	Status       string
	Headers      []string
	Body         string
}

func (p *HTTPSScript) serve(s *Scripted, c net.Conn) {
	req, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	auth := req.Header.Get("Authorization") != ""
	line := req.Method + " " + req.RequestURI
	if auth {
		line += " with-account"
	}
	s.log(line)
	answer := HTTPSAnswer{Status: "404 Not Found"}
	for _, a := range *p {
		if strings.HasPrefix(strings.ToLower(req.RequestURI), strings.ToLower(a.Path)) && (a.Method == "" || a.Method == req.Method) &&
			(a.Auth == nil || *a.Auth == auth) {
			answer = a
			break
		}
	}
	head := append([]string{"HTTP/1.1 " + answer.Status}, answer.Headers...)
	head = append(head, "Connection: close", "", answer.Body)
	_, _ = io.WriteString(c, strings.Join(head, "\r\n"))
	if t, ok := c.(*tls.Conn); ok {
		_ = t.CloseWrite() // the end of the body
	}
}

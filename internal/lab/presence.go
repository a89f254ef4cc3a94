package lab

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"strings"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// The presence servers and their listeners.
var (
	sipCUPS1  = service{hostCUPS1, 5060}
	sipsCUPS1 = service{hostCUPS1, 5061}
	sipCUPS2  = service{hostCUPS2, 5060}
)

// realm is that of the challenge, hqUser the end user of the head office; digest credentials are Lab.Password, too.
const (
	realm  = "acme.test"
	hqUser = "bob"
)

func (l *Lab) startPresence(ctx context.Context, ca *authority) error {
	secured, err := ca.server(hostCUPS1.name)
	if err != nil {
		return err
	}
	p := &proxy{credential: l.Password}
	if err := l.begin(ctx, "presence server 1", sipCUPS1, nil, p.serve); err != nil {
		return err
	}
	if err := l.begin(ctx, "presence server 1 over TLS", sipsCUPS1, secured, p.serve); err != nil {
		return err
	}
	return l.begin(ctx, "presence server 2", sipCUPS2, nil, p.serve)
}

// A proxy is the SIP proxy of a presence server with its authentication module on.
type proxy struct{ credential string }

// maxSIP bounds one message, in bytes.
const maxSIP = 64 << 10

// serve answers requests without bodies, one after the other.
func (p *proxy) serve(c net.Conn) {
	in := bufio.NewReader(c)
	nonce := rand.Text()
	for {
		text, err := readRequest(in)
		if err != nil {
			return
		}
		m, err := sip.ParseMessage(text)
		if err != nil {
			return
		}
		req, ok := m.(*sip.Request)
		if !ok {
			return
		}
		if _, err := fmt.Fprint(c, p.answer(req, nonce).String()); err != nil {
			return
		}
	}
}

// readRequest reads to the empty line after the headers.
func readRequest(in *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if text = append(text, line...); len(text) > maxSIP {
			return nil, bufio.ErrBufferFull
		}
		if strings.TrimRight(string(line), "\r\n") == "" && len(text) > len(line) {
			return text, nil
		}
	}
}

func (p *proxy) answer(req *sip.Request, nonce string) *sip.Response {
	switch {
	case req.Method == sip.OPTIONS:
		return response(req, 200, "OK")
	case req.Method != sip.REGISTER:
		return response(req, 405, "Method Not Allowed")
	case p.passes(req, nonce):
		res := response(req, 200, "OK")
		if c := req.GetHeader("Contact"); c != nil && !strings.Contains(c.Value(), "expires=0") {
			res.AppendHeader(sip.NewHeader("Contact", c.Value()))
		}
		return res
	}
	res := response(req, 401, "Unauthorized")
	res.AppendHeader(sip.NewHeader("WWW-Authenticate", fmt.Sprintf(`Digest realm=%q, nonce=%q, algorithm=MD5, qop="auth"`, realm, nonce)))
	return res
}

func response(req *sip.Request, status int, reason string) *sip.Response {
	res := sip.NewResponseFromRequest(req, status, reason, nil)
	res.AppendHeader(sip.NewHeader("Server", "Cisco-CUP/7.0"))
	return res
}

// passes checks the digest (RFC 7616, section 3.4) by making it.
func (p *proxy) passes(req *sip.Request, nonce string) bool {
	h := req.GetHeader("Authorization")
	if h == nil {
		return false
	}
	given, err := digest.ParseCredentials(h.Value())
	if err != nil || given.Nonce != nonce {
		return false
	}
	want, err := digest.Digest(&digest.Challenge{Realm: realm, Nonce: nonce, Algorithm: "MD5", QOP: []string{"auth"}}, digest.Options{
		Method: string(req.Method), URI: given.URI, Username: given.Username, Password: p.credential, Count: given.Nc, Cnonce: given.Cnonce,
	})
	return err == nil && want.Response == given.Response && (given.Username == MailUser || given.Username == hqUser)
}

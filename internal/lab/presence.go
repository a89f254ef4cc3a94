package lab

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"strings"

	"github.com/icholy/digest"

	"cupclint/internal/sip"
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

// serve answers requests one after the other.
func (p *proxy) serve(c net.Conn) {
	in := sip.NewReader(c)
	nonce := rand.Text()
	for {
		req, err := in.Next()
		if err != nil || req.Status != 0 {
			return
		}
		if _, err := fmt.Fprint(c, p.answer(req, nonce)); err != nil {
			return
		}
	}
}

func (p *proxy) answer(req *sip.Message, nonce string) string {
	switch {
	case req.Method == "OPTIONS":
		return response(req, "200 OK", "")
	case req.Method != "REGISTER":
		return response(req, "405 Method Not Allowed", "")
	case p.passes(req, nonce):
		if c := req.Header.Get("Contact"); c != "" && !strings.Contains(c, "expires=0") {
			return response(req, "200 OK", "Contact: "+c+"\r\n")
		}
		return response(req, "200 OK", "")
	}
	return response(req, "401 Unauthorized", fmt.Sprintf("WWW-Authenticate: Digest realm=%q, nonce=%q, algorithm=MD5, qop=\"auth\"\r\n",
		realm, nonce))
}

// response repeats what belongs to the request (RFC 3261, section 8.2.6.2). Headers are whole lines.
func response(req *sip.Message, status, headers string) string {
	var b strings.Builder
	b.WriteString("SIP/2.0 " + status + "\r\n")
	for _, name := range [...]string{"Via", "From", "To", "Call-ID", "CSeq"} {
		for _, value := range req.Header.Values(name) {
			if name == "To" && !strings.Contains(value, ";tag=") {
				value += ";tag=" + rand.Text()[:10]
			}
			b.WriteString(name + ": " + value + "\r\n")
		}
	}
	b.WriteString(headers + "Server: Cisco-CUP/7.0\r\nContent-Length: 0\r\n\r\n")
	return b.String()
}

// passes checks the digest (RFC 7616, section 3.4) by making it.
func (p *proxy) passes(req *sip.Message, nonce string) bool {
	given, err := digest.ParseCredentials(req.Header.Get("Authorization"))
	if err != nil || given.Nonce != nonce {
		return false
	}
	want, err := digest.Digest(&digest.Challenge{Realm: realm, Nonce: nonce, Algorithm: "MD5", QOP: []string{"auth"}}, digest.Options{
		Method: req.Method, URI: given.URI, Username: given.Username, Password: p.credential, Count: given.Nc, Cnonce: given.Cnonce,
	})
	return err == nil && want.Response == given.Response && (given.Username == MailUser || given.Username == hqUser)
}

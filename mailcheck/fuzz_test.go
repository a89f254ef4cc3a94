package mailcheck

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A tape is a connection that plays back what a server sent.
type tape struct {
	net.Conn
	in *strings.Reader
}

func (t *tape) Read(b []byte) (int, error)  { return t.in.Read(b) }
func (t *tape) Write(b []byte) (int, error) { return len(b), nil }
func (t *tape) Close() error                { return nil }

func (t *tape) SetDeadline(time.Time) error { return nil }

// FuzzAnswers feeds what a gateway answers: reading ends, and what is kept of it is safe to show.
func FuzzAnswers(f *testing.F) {
	f.Add("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nDAV: 1,2\r\nSet-Cookie: BIGipServer=1; " +
		"path=/\r\nContent-Length: 0\r\n\r\n")
	f.Add("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /owa/auth/logon.aspx\r\n\r\n")
	f.Add("HTTP/1.0 200 OK\r\nVia: \x1b[31m\r\n\r\n<form action=owaauth.dll>")
	f.Fuzz(func(t *testing.T, answer string) {
		req := &http.Request{Method: http.MethodOptions, URL: &url.URL{Scheme: "https", Host: "h", Path: "/"}, Header: http.Header{}}
		x, err := roundTrip(context.Background(), &tape{in: strings.NewReader(answer)}, req)
		if err != nil {
			return
		}
		o := &CalendarObservation{Options: []Exchange{*x}, Offered: offered(x.header)}
		o.conclude()
		for _, s := range append(append(x.Headers, o.Signs...), o.Offered...) {
			if strings.ContainsAny(s, "\r\n\x1b\x00") {
				t.Errorf("%q is not safe to show", s)
			}
		}
	})
}

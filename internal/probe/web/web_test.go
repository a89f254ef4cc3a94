package web_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"cupclint/internal/probe"
	"cupclint/internal/probe/web"
)

// session is for a server that answers each request with f.
func session(t *testing.T, f http.HandlerFunc) *web.Session {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	at := server.Listener.Addr().(*net.TCPAddr)
	return &web.Session{
		Prober: &probe.Prober{Timeouts: probe.Uniform(5 * time.Second)}, Seen: new(probe.Observation), MaxBody: 10,
		Target: probe.Target{Host: at.IP.String(), Port: at.Port},
	}
}

func TestRequests(t *testing.T) {
	s := session(t, func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		w.Header().Set("Location", r.Method+" "+r.Host+" "+r.URL.RequestURI()+" "+user+" "+password)
		w.WriteHeader(http.StatusFound)
	})
	for range 2 { // the second goes to the address of the first, and a redirect is never followed
		a, err := s.Get(t.Context(), probe.Protocol, "/a?b=c", web.Basic("alice", "x"))
		if err != nil {
			t.Fatal(err)
		}
		want := "GET " + strings.TrimPrefix(web.URL(s.Target, "/a?b=c"), "http://")
		want = strings.Replace(want, "/a", " /a", 1) + " alice x"
		if got := a.Header.Get("Location"); a.Status != http.StatusFound || got != want {
			t.Errorf("%d, %q, want %q", a.Status, got, want)
		}
	}
}

func TestBodies(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		more int // bytes that the server promises and does not send
		want string
		cut  string // a part of why the body is not whole
	}{
		"none":                    {},
		"as long as allowed":      {body: "0123456789", want: "0123456789"},
		"longer":                  {body: "0123456789a", want: "0123456789", cut: "more than 10 bytes"},
		"a connection that ended": {body: "01234", more: 3, want: "01234", cut: "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			s := session(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", strconv.Itoa(len(c.body)+c.more))
				_, _ = w.Write([]byte(c.body))
			})
			a, err := s.Get(t.Context(), probe.Protocol, "/", "")
			if err != nil {
				t.Fatal(err)
			}
			cut := ""
			if a.Cut != nil {
				cut = a.Cut.Error()
			}
			if string(a.Body) != c.want || (cut != "") != (c.cut != "") || !strings.Contains(cut, c.cut) {
				t.Errorf("%q, cut %q", a.Body, cut)
			}
		})
	}
}

// A run that ends while a server does not answer is not called a fault of the server.
func TestARunThatIsCancelled(t *testing.T) {
	for name, head := range map[string]string{"before the answer": "", "in the body": "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf"} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := session(t, nil)
		s.Prober.Dial = func(context.Context, string, string) (net.Conn, error) {
			here, peer := net.Pipe()
			go func() {
				defer cancel() // this side has taken the head
				_, _ = http.ReadRequest(bufio.NewReader(peer))
				_, _ = io.WriteString(peer, head)
			}()
			return here, nil
		}
		a, err := s.Get(ctx, probe.Protocol, "/", "")
		if seen := probe.AsError(probe.Protocol, err); err == nil || seen.Class != probe.Cancelled {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
}

func TestPagesForPeople(t *testing.T) {
	for body, want := range map[string]bool{
		"<!DOCTYPE html><html>": true, "\ufeff \r\n<HTML>": true, "<?xml version='1.0'?>\n<!DOCTYPE html>": true,
		"<?xml version='1.0'?><html>":                true,
		"<?xml version='1.0'?><versionInformation/>": false, "<htm": false, "": false, "{}": false,
	} {
		if got := (&web.Answer{Body: []byte(body)}).IsHTML(); got != want {
			t.Errorf("%q: %v", body, got)
		}
	}
}

func TestURLs(t *testing.T) {
	for want, target := range map[string]probe.Target{
		"http://dc1:8080/x":    {Host: "dc1", Port: 8080},
		"http://dc1/x":         {Host: "dc1", Port: 80},
		"https://dc1/x":        {Host: "dc1", Port: 443, Security: probe.ImplTLS},
		"https://dc1:80/x":     {Host: "dc1", Port: 80, Security: probe.ImplTLS},
		"https://[::1]/x":      {Host: "::1", Port: 443, Security: probe.ImplTLS},
		"http://[::1]:8080/x":  {Host: "::1", Port: 8080},
		"https://10.0.0.1:1/x": {Host: "10.0.0.1", Port: 1, Security: probe.ImplTLS},
	} {
		if got := web.URL(target, "/x"); got != want {
			t.Errorf("%+v: %s, want %s", target, got, want)
		}
	}
}

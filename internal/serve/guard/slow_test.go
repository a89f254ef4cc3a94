package guard

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A client that sends nothing more is not waited for, and neither does it hold a place of a handler.
func TestBodyThatDoesNotCome(t *testing.T) {
	s := newSite(t, Options{}, nil)
	cookie, token := s.form(t)
	begin := TokenField + "=" + token
	for name, request := range map[string]string{
		"less than announced": fmt.Sprintf("POST / HTTP/1.1\r\nHost: localhost\r\nCookie: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
			cookie, formURL, len(begin)+100, begin),
		"no end of the pieces": fmt.Sprintf("POST / HTTP/1.1\r\nHost: localhost\r\nCookie: %s\r\nContent-Type: %s\r\nTransfer-Encoding: chunked"+
			"\r\n\r\n%x\r\n%s\r\n", cookie, formURL, len(begin), begin),
	} {
		t.Run(name, func(t *testing.T) {
			c := dialSite(t, s)
			if _, err := io.WriteString(c, request); err != nil {
				t.Fatal(err)
			}
			if err := c.CloseWrite(); err != nil { // what a deadline does after a while
				t.Fatal(err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusRequestTimeout || !resp.Close {
				t.Errorf("status %d, close %v", resp.StatusCode, resp.Close)
			}
		})
	}
}

// A request without a form that announces a body is not waited for either: it would hold its place until the body comes.
func TestBodyWithoutAForm(t *testing.T) {
	s := newSite(t, Options{}, map[string]http.HandlerFunc{"/large": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 100_000)) // more than is kept until the handler has ended
	}})
	for _, head := range []string{"GET /large HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10",
		"HEAD / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1",
		"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked"} {
		c := dialSite(t, s)
		if _, err := io.WriteString(c, head+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if err := c.CloseWrite(); err != nil { // so that the test ends where it is waited for
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusBadRequest || !resp.Close {
			t.Errorf("%q: status %d, close %v", head, resp.StatusCode, resp.Close)
		}
		_ = resp.Body.Close()
	}
}

func dialSite(t *testing.T, s *site) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.(*net.TCPConn)
}

// The time that a client has grows with what it has sent.
func TestDue(t *testing.T) {
	began := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	for n, want := range map[int64]time.Duration{0: grace, 1: grace, minRate: grace + time.Second, 16 << 20: grace + 256*time.Second} {
		if got := due(began, n).Sub(began).Truncate(time.Second); got != want {
			t.Errorf("%d bytes: %v, want %v", n, got, want)
		}
	}
}

// Only so many large bodies are in memory, and small ones pass them.
func TestLargeBodiesWaitForEachOther(t *testing.T) {
	s := newSite(t, Options{Wait: time.Millisecond}, nil)
	cookie, token := s.form(t)
	header := map[string]string{"Cookie": cookie, "Content-Type": formURL}
	begin := TokenField + "=" + token + "&a="
	var pipes []*io.PipeWriter
	done := make(chan int, large)
	for range large {
		r, w := io.Pipe()
		pipes = append(pipes, w)
		go func() {
			status, _, _ := s.do(t, "POST", "/", r, header)
			done <- status
		}()
		// Twice what is looked at before the turn comes: when this is taken, it has come.
		if _, err := io.WriteString(w, begin+strings.Repeat("x", 8<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if status, _, _ := s.do(t, "POST", "/", strings.NewReader(begin+strings.Repeat("x", 2<<20)), header); status != 503 {
		t.Errorf("one more: status %d", status)
	}
	if status, _, _ := s.do(t, "POST", "/", strings.NewReader(begin+strings.Repeat("x", smallBody/2)), header); status != 200 {
		t.Errorf("a small one: status %d", status)
	}
	for _, w := range pipes {
		_ = w.Close()
	}
	for range large {
		if status := <-done; status != 200 {
			t.Errorf("status %d", status)
		}
	}
	if status, _, _ := s.do(t, "POST", "/", strings.NewReader(begin+strings.Repeat("x", 2<<20)), header); status != 200 {
		t.Errorf("after them: status %d", status)
	}
}

func FuzzFirstField(f *testing.F) {
	f.Add(true, "", []byte(TokenField+"=abc&x=y"))
	f.Add(false, "b", []byte("--b\r\nContent-Disposition: form-data; name=\""+TokenField+"\"\r\n\r\nabc\r\n--b--\r\n"))
	f.Add(false, "b", []byte("--b\nContent-Disposition: form-data; name*=utf-8''"+TokenField+"\n\nabc\n--b"))
	f.Fuzz(func(t *testing.T, encoded bool, boundary string, head []byte) {
		kind := formParts
		if encoded {
			kind = formURL
		}
		if got := firstField(kind, boundary, head); len(got) > len(head) {
			t.Fatalf("%q is longer than the form", got)
		}
	})
}

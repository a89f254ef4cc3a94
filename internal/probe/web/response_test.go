package web_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"cupclint/internal/probe"
	"cupclint/internal/probe/web"
)

func read(text string) (*http.Response, string, error) {
	req := &http.Request{Method: http.MethodGet}
	res, err := web.ReadResponse(iotest.OneByteReader(strings.NewReader(text)), req)
	if err != nil {
		return nil, "", err
	}
	body, _ := io.ReadAll(res.Body) // what there is of it
	return res, string(body), nil
}

func TestAnswers(t *testing.T) {
	const start, end = "HTTP/1.1 401 Unauthorized\r\n", "WWW-Authenticate: NTLM\r\nContent-Length: 4\r\n\r\nbody"
	for name, text := range map[string]string{
		"a good one":               start + end,
		"line feeds":               strings.ReplaceAll(start+end, "\r", ""),
		"no reason":                strings.Replace(start, " Unauthorized", "", 1) + end,
		"an empty line before it":  "\r\n" + start + end,
		"a version in small":       "http/1.1 401 Unauthorized\r\n" + end,
		"after 1xx":                "HTTP/1.1 100 Continue\r\n\r\n" + start + end,
		"a line without a colon":   start + "X-Broken\r\n" + end,
		"the rest of such a line":  start + "X-Broken\r\n and more: x\r\n" + end,
		"a name with a blank":      start + "X Broken: 1\r\n" + end,
		"a blank before the colon": start + strings.Replace(end, "ate:", "ate :", 1),
		"a control character":      start + "X-A: a\x01b\r\n" + end,
		"two lengths":              start + strings.Replace(end, "\r\n\r\n", "\r\nContent-Length: 9\r\n\r\n", 1),
		"a length that is none":    start + "Content-Length: -1\r\nContent-Length: 12 bytes\r\n" + end,
		"an unknown encoding":      start + "Transfer-Encoding: identity, gzip\r\n" + end,
		"chunks":                   start + "WWW-Authenticate: NTLM\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
		"no length at all":         start + "WWW-Authenticate: NTLM\r\n\r\nbody",
		"a body that is cut":       start + strings.Replace(end, "4", "400", 1),
		"a long header":            start + "X-A: " + strings.Repeat("a", 20000) + "\r\n" + end,
	} {
		res, body, err := read(text)
		if err != nil || res.StatusCode != 401 || res.Header.Get("WWW-Authenticate") != "NTLM" || body != "body" {
			t.Errorf("%s: %+v %q, %v", name, res, body, err)
		}
	}
}

func TestWhatIsNoAnswer(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":           "",
		"a page":            "<html><body>Blocked</body></html>",
		"another protocol":  "SSH-2.0-OpenSSH_8.9\r\n",
		"cut":               "HTTP/1.1 200 OK\r\nServer: x",
		"a status of four":  "HTTP/1.1 4010 Unauthorized\r\n\r\n",
		"too long":          "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("a", 100000) + "\r\n\r\n",
		"too many":          "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: a\r\n", 20000) + "\r\n",
		"1xx and no answer": strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 40000),
	} {
		if res, _, err := read(text); err == nil || strings.HasPrefix(name, "too") != errors.Is(err, probe.ErrTooMuch) {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
	}
	waits, peer := io.Pipe() // after its first line
	go func() { _, _ = io.WriteString(peer, "220 mail ready\r\n") }()
	if _, err := web.ReadResponse(waits, &http.Request{Method: http.MethodGet}); err == nil {
		t.Error("a mail server passed as a web server")
	}
}

// FuzzResponse reads what net/http reads, with the same status and the same body, and never panics.
func FuzzResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 401 Unauthorized\r\nX-Broken\r\nWWW-Authenticate: NTLM\r\nContent-Length: 4\r\n\r\nbody"))
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n1\na\n0\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		req := &http.Request{Method: http.MethodGet}
		got, gotErr := web.ReadResponse(bytes.NewReader(data), req)
		if gotErr == nil {
			defer got.Body.Close()
		}
		want, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(data)), req)
		if err != nil || want.StatusCode < 200 || len(data) > 1000 {
			return
		}
		defer want.Body.Close()
		if gotErr != nil {
			t.Fatalf("net/http reads it: %v", gotErr)
		}
		gotBody, _ := io.ReadAll(got.Body)
		wantBody, _ := io.ReadAll(want.Body)
		if got.StatusCode != want.StatusCode || !bytes.Equal(gotBody, wantBody) {
			t.Fatalf("%d %q, want %d %q", got.StatusCode, gotBody, want.StatusCode, wantBody)
		}
	})
}

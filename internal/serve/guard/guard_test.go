package guard

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// A site is a server with a form behind a guard, and its log.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	lines []string
}

func newSite(t *testing.T, o Options, more map[string]http.HandlerFunc) *site {
	t.Helper()
	s := &site{}
	o.Log = func(line string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lines = append(s.lines, line)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprintf(w, "%d bytes, %v", n, err)
			return
		}
		_, _ = io.WriteString(w, Token(r))
	})
	for path, h := range more {
		mux.HandleFunc(path, h)
	}
	s.Server = httptest.NewServer(New(o).Wrap(mux))
	t.Cleanup(s.Close)
	return s
}

func (s *site) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// do sends a request and gives status, header and text of the answer.
func (s *site) do(t *testing.T, method, path string, body io.Reader, header map[string]string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		if k == "Host" {
			req.Host = v
		} else {
			req.Header.Set(k, v)
		}
	}
	resp, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

// form gets the page as a browser does, and gives its cookie and token.
func (s *site) form(t *testing.T) (cookie, token string) {
	t.Helper()
	status, h, token := s.do(t, "GET", "/", nil, nil)
	cookie, _, _ = strings.Cut(h.Get("Set-Cookie"), ";")
	if status != 200 || cookie == "" || token == "" {
		t.Fatalf("status %d, cookie %q, token %q", status, cookie, token)
	}
	return cookie, token
}

func TestAnswersForbidWhatThePageDoesNotNeed(t *testing.T) {
	for path, want := range map[string]int{"/": 200, "/panic": 500, "/foreign": 421} {
		s := newSite(t, Options{}, map[string]http.HandlerFunc{"/panic": func(http.ResponseWriter, *http.Request) { panic("secret text") }})
		header := map[string]string{}
		if path == "/foreign" {
			header["Host"] = "evil.example"
		}
		status, h, text := s.do(t, "GET", path, nil, header)
		if status != want || strings.Contains(text, "secret") || strings.Contains(s.log(), "secret") {
			t.Errorf("%s: status %d, %q, log %s", path, status, text, s.log())
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
			"X-Frame-Options": "DENY", "Permissions-Policy": "camera=()",
		} {
			if !strings.Contains(h.Get(name), want) {
				t.Errorf("%s: %s: %q", path, name, h.Get(name))
			}
		}
		if policy := h.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") ||
			!strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("the policy is %q", policy)
		}
		if h.Get("Strict-Transport-Security") != "" {
			t.Error("a server without TLS speaks of it")
		}
	}
}

func TestHostIsOneOfTheServer(t *testing.T) {
	s := newSite(t, Options{Names: []string{"Help.example.com", "192.0.2.7", "2001:db8::7"}}, nil)
	for host, want := range map[string]int{
		"localhost": 200, "localhost:9719": 200, "LOCALHOST.": 200, "127.0.0.1": 200, "127.0.0.1:80": 200, "[::1]:9719": 200, "[::1]": 200,
		"help.example.com": 200, "HELP.EXAMPLE.COM.:9719": 200, "192.0.2.7:1": 200, "[2001:db8::7]:1": 200,
		"evil.example": 421, "localhost.evil.example": 421, "evil.example:9719": 421, "help.example.com.evil.example": 421, "192.0.2.8": 421,
		"127.0.0.1.nip.io": 421, "localhost:evil.example": 421, "2130706433": 421, "0.0.0.0": 421, "127.1": 421, "[::ffff:192.0.2.9]": 421,
		"xhelp.example.com": 421,
	} {
		if status, _, _ := s.do(t, "GET", "/", nil, map[string]string{"Host": host}); status != want {
			t.Errorf("%s: status %d, want %d", host, status, want)
		}
	}
	// The header of a proxy is not the Host header.
	for _, name := range []string{"X-Forwarded-Host", "Forwarded", "X-Host"} {
		status, _, _ := s.do(t, "GET", "/", nil, map[string]string{"Host": "evil.example", name: "localhost"})
		if status != 421 {
			t.Errorf("%s: status %d", name, status)
		}
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	s := newSite(t, Options{Effects: []string{"/probe"}}, nil)
	cookie, token := s.form(t)
	type h = map[string]string
	for _, test := range []struct {
		name, method, path string
		header             h
		want               int
	}{
		{"typed address", "GET", "/", h{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"link of another site", "GET", "/", h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"frame of another site", "GET", "/", h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403},
		{"picture of another site", "GET", "/", h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403},
		{"script on another port", "GET", "/", h{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403},
		{"link to a probe", "GET", "/probe", h{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 403},
		{"prometheus", "GET", "/probe", nil, 200},
		{"a form of the page", "POST", "/", h{"Sec-Fetch-Site": "same-origin", "Origin": s.URL}, 200},
		{"an old browser", "POST", "/", h{"Origin": s.URL}, 200},
		{"no browser", "POST", "/", nil, 200},
		{"a form of another site", "POST", "/", h{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403},
		{"a form on another port", "POST", "/", h{"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"}, 403},
		{"an old browser, another site", "POST", "/", h{"Origin": "https://evil.example"}, 403},
		{"a sandboxed frame", "POST", "/", h{"Origin": "null"}, 403},
		{"another method", "PUT", "/", h{"Sec-Fetch-Site": "same-origin"}, 405},
		{"a method that is none", "EVIL", "/", nil, 405},
		{"a preflight", "OPTIONS", "/", h{"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}, 405},
	} {
		t.Run(test.name, func(t *testing.T) {
			header := h{"Cookie": cookie, "Content-Type": formURL}
			for k, v := range test.header {
				header[k] = v
			}
			var body io.Reader
			if test.method == "POST" {
				body = strings.NewReader(TokenField + "=" + token + "&a=b")
			}
			status, got, _ := s.do(t, test.method, test.path, body, header)
			if status != test.want || got.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("status %d, want %d", status, test.want)
			}
		})
	}
}

func TestFormsNeedTheirToken(t *testing.T) {
	s := newSite(t, Options{}, nil)
	cookie, token := s.form(t)
	otherCookie, otherToken := s.form(t)
	if cookie == otherCookie || token == otherToken {
		t.Error("two browsers share a token")
	}
	again, _ := New(Options{}), 0
	foreign := (&visit{guard: again}).token(strings.TrimPrefix(cookie, "cupclint="))
	parts := func(fields ...string) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i := 0; i < len(fields); i += 2 {
			_ = w.WriteField(fields[i], fields[i+1])
		}
		f, _ := w.CreateFormFile("file", "a.log")
		_, _ = f.Write(bytes.Repeat([]byte("x"), 300_000))
		_ = w.Close()
		return b.String(), w.FormDataContentType()
	}
	good, boundary := parts(TokenField, token)
	late, lateBoundary := parts("a", "b", TokenField, token)
	for name, test := range map[string]struct {
		cookie, kind, body string
		want               int
	}{
		"a form":                     {cookie, formURL, TokenField + "=" + token + "&a=b", 200},
		"the token alone":            {cookie, formURL, TokenField + "=" + token, 200},
		"a form with a file":         {cookie, boundary, good, 200},
		"no token":                   {cookie, formURL, "a=b", 403},
		"no body":                    {cookie, formURL, "", 403},
		"no cookie":                  {"", formURL, TokenField + "=" + token, 403},
		"an empty cookie":            {"cupclint=", formURL, TokenField + "=" + token, 403},
		"an empty token":             {cookie, formURL, TokenField + "=", 403},
		"the token of another":       {cookie, formURL, TokenField + "=" + otherToken, 403},
		"the cookie of another":      {otherCookie, formURL, TokenField + "=" + token, 403},
		"of another process":         {cookie, formURL, TokenField + "=" + foreign, 403},
		"the token is not the first": {cookie, formURL, "a=b&" + TokenField + "=" + token, 403},
		"the same with a file":       {cookie, lateBoundary, late, 403},
		"the token as a file": {cookie, "multipart/form-data; boundary=x",
			"--x\r\nContent-Disposition: form-data; name=\"" + TokenField + "\"; filename=\"a\"\r\n\r\n" + token + "\r\n--x--\r\n", 403},
		"no boundary":                 {cookie, "multipart/form-data", good, 403},
		"a boundary of another":       {cookie, "multipart/form-data; boundary=y", good, 403},
		"text, as a form can send it": {cookie, "text/plain", TokenField + "=" + token, 415},
		"JSON":                        {cookie, "application/json", `{"` + TokenField + `":"` + token + `"}`, 415},
		"no type":                     {cookie, "", TokenField + "=" + token, 415},
	} {
		t.Run(name, func(t *testing.T) {
			header := map[string]string{"Cookie": test.cookie, "Content-Type": test.kind}
			status, _, text := s.do(t, "POST", "/?q=hidden", strings.NewReader(test.body), header)
			if status != test.want || status == 200 && text != fmt.Sprintf("%d bytes, <nil>", len(test.body)) {
				t.Errorf("status %d, want %d: %s", status, test.want, text)
			}
		})
	}
	if log := s.log(); strings.Contains(log, token) || strings.Contains(log, "hidden") || !strings.Contains(log, "127.0.0.1 - POST / 403") {
		t.Errorf("the log is\n%s", log)
	}
}

func TestCookieIsForThisServerAlone(t *testing.T) {
	for tls, want := range map[bool]string{false: "HttpOnly; SameSite=Strict", true: "HttpOnly; Secure; SameSite=Strict"} {
		s := newSite(t, Options{TLS: tls}, map[string]http.HandlerFunc{"/plain": func(http.ResponseWriter, *http.Request) {}})
		_, h, _ := s.do(t, "GET", "/", nil, nil)
		cookie := h.Get("Set-Cookie")
		if !strings.HasSuffix(cookie, "; Path=/; "+want) || strings.HasPrefix(cookie, "__Host-") != tls {
			t.Errorf("TLS %v: %s", tls, cookie)
		}
		if _, h, _ := s.do(t, "GET", "/plain", nil, nil); h.Get("Set-Cookie") != "" {
			t.Error("an answer without a form sets a cookie")
		}
		if (h.Get("Strict-Transport-Security") != "") != tls {
			t.Errorf("TLS %v: HSTS %q", tls, h.Get("Strict-Transport-Security"))
		}
	}
}

func TestTokenOutsideOfTheGuard(t *testing.T) {
	if got := Token(httptest.NewRequest("GET", "/", nil)); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestBodies(t *testing.T) {
	const most = 3 << 20
	s := newSite(t, Options{MaxBody: most}, nil)
	cookie, token := s.form(t)
	begin := TokenField + "=" + token + "&a="
	header := map[string]string{"Cookie": cookie, "Content-Type": formURL}
	for _, size := range []int{len(begin), headSize - 1, headSize, headSize + 1, headSize + pieceSize, headSize + pieceSize + 1, smallBody - 1,
		smallBody,
		smallBody + 1, most - 1, most, most + 1, 2 * most} {
		for _, chunked := range []bool{false, true} {
			want, text := 200, fmt.Sprintf("%d bytes, <nil>", size)
			if size > most {
				want, text = 413, "The body of the request is too long. --max-upload sets the limit.\n"
			}
			var body io.Reader = strings.NewReader(begin + strings.Repeat("x", size-len(begin)))
			if chunked {
				body = io.MultiReader(body) // hides the length
			}
			if status, _, got := s.do(t, "POST", "/", body, header); status != want || got != text {
				t.Errorf("%d bytes, chunked %v: status %d, %q", size, chunked, status, got)
			}
		}
	}
}

// What a handler reads is what was sent, in order.
func TestBodyIsWhole(t *testing.T) {
	s := newSite(t, Options{}, map[string]http.HandlerFunc{"/echo": func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	}})
	cookie, token := s.form(t)
	var form strings.Builder
	form.WriteString(url.Values{TokenField: {token}}.Encode())
	for i := 0; form.Len() < 400_000; i++ {
		fmt.Fprintf(&form, "&%d=%d", i, i*i)
	}
	sent := form.String()
	status, _, got := s.do(t, "POST", "/echo", strings.NewReader(sent), map[string]string{"Cookie": cookie, "Content-Type": formURL})
	if status != 200 || got != sent {
		t.Errorf("status %d, %d of %d bytes are the same", status, len(got), len(sent))
	}
}

func TestPlacesAreBounded(t *testing.T) {
	hold, entered := make(chan struct{}), make(chan struct{}, reads)
	s := newSite(t, Options{Wait: time.Millisecond}, map[string]http.HandlerFunc{"/hold": func(http.ResponseWriter, *http.Request) {
		entered <- struct{}{}
		<-hold
	}})
	cookie, token := s.form(t)
	var all sync.WaitGroup
	for range reads {
		all.Go(func() { _, _, _ = s.do(t, "GET", "/hold", nil, nil) })
	}
	for range reads {
		<-entered
	}
	status, h, _ := s.do(t, "GET", "/", nil, nil)
	if status != 503 || h.Get("Retry-After") == "" {
		t.Errorf("status %d, %v", status, h)
	}
	// Those with a body have places of their own.
	status, _, _ = s.do(t, "POST", "/", strings.NewReader(TokenField+"="+token), map[string]string{"Cookie": cookie, "Content-Type": formURL})
	if status != 200 {
		t.Errorf("status %d", status)
	}
	close(hold)
	all.Wait()
}

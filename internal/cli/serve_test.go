package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"cupclint/internal/serve/guard"
	"cupclint/internal/servertest"
)

// A served program runs `cupclint serve` in this process.
type served struct {
	url    string
	dir    string // temporary folder, home and working directory of the program
	client *http.Client

	mu  sync.Mutex
	log bytes.Buffer
}

func (s *served) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

func (s *served) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

var servingAt = regexp.MustCompile(`serving (https?://\S+/)`)

// startServe runs the program until the test ends, or until stop is called, which gives the exit code.
func startServe(t *testing.T, args ...string) (s *served, stop func() int) {
	t.Helper()
	s = &served{dir: t.TempDir()}
	t.Setenv("TMPDIR", s.dir)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.client = &http.Client{Jar: jar}
	ctx, cancel := context.WithCancel(t.Context())
	ready, code := make(chan struct{}), make(chan int, 1)
	first := sync.OnceFunc(func() { close(ready) })
	stderr := writerFunc(func(p []byte) (int, error) {
		n, err := s.Write(p)
		if m := servingAt.FindStringSubmatch(s.said()); m != nil {
			s.url = strings.TrimSuffix(m[1], "/")
			first()
		}
		return n, err
	})
	p := Process{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: stderr, WorkDir: s.dir, Getenv: func(name string) string {
		return map[string]string{"HOME": s.dir, "XDG_STATE_HOME": s.dir, "TMPDIR": s.dir}[name]
	}}
	go func() { code <- p.Run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...) }()
	stop = sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() { stop() })
	select {
	case <-ready:
	case c := <-code:
		code <- c
		t.Fatalf("exit code %d\n%s", c, s.said())
	}
	return s, stop
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func (s *served) get(t *testing.T, path string) (int, string) {
	t.Helper()
	resp, err := s.client.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	return readAnswer(t, resp)
}

func readAnswer(t *testing.T, resp *http.Response) (int, string) {
	t.Helper()
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

var tokenInForm = regexp.MustCompile(`<input type="hidden" name="` + guard.TokenField + `" value="([^"]+)">`)

// post fills in the form of a page as a browser does. A field whose name begins with @ is a file.
func (s *served) post(t *testing.T, page, to string, fields ...string) (int, string) {
	t.Helper()
	_, form := s.get(t, page)
	token := tokenInForm.FindStringSubmatch(form)
	if token == nil {
		t.Fatalf("%s has no form with a token", page)
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	write := func(name, value string) {
		var part io.Writer
		var err error
		if file, ok := strings.CutPrefix(name, "@"); ok {
			part, err = w.CreateFormFile("file", file)
		} else {
			part, err = w.CreateFormField(name)
		}
		if err == nil {
			_, err = io.WriteString(part, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	write(guard.TokenField, token[1])
	for i := 0; i < len(fields); i += 2 {
		write(fields[i], fields[i+1])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	resp, err := s.client.Post(s.url+to, w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	return readAnswer(t, resp)
}

// left lists what the program left in its folders.
func (s *served) left(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(s.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	hidden, _ := filepath.Glob(filepath.Join(s.dir, ".*"))
	return append(all, hidden...)
}

// The page works through the guard: a form that it gave is taken, a file is read, no secret comes back, nothing stays on the disk, and the
// log has a line without what was typed.
func TestServeThePage(t *testing.T) {
	s, stop := startServe(t)
	status, page := s.post(t, "/", "/diagnose", "complaint", "presence", "text", "presence is offline, see S3cr3tNote",
		"@hq.properties", "Presence.Primary.Address = cup1.cisco.com\nPresence.Domain = example.org\nDirectory.Password = S3cr3tM4rk\n"+
			strings.Repeat("# filler\n", 200_000))
	if status != 200 || !strings.Contains(page, "PRES001") && !strings.Contains(page, "cup1.cisco.com.example.org") {
		t.Errorf("status %d\n%s", status, page)
	}
	if strings.Contains(page, "S3cr3tM4rk") {
		t.Error("the page shows a secret")
	}
	resp, err := s.client.Post(s.url+"/diagnose", "application/x-www-form-urlencoded", strings.NewReader("complaint=presence"))
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := readAnswer(t, resp); status != 403 {
		t.Errorf("a form without a token: status %d", status)
	}
	if status, _ := s.get(t, "/metrics"); status != 404 && status != 200 {
		t.Errorf("/metrics: status %d", status)
	}
	log := s.said()
	if !strings.Contains(log, " 127.0.0.1 - POST /diagnose 200 ") || strings.Contains(log, "S3cr3t") || strings.Contains(log, "cup1") {
		t.Errorf("the log is\n%s", log)
	}
	if code := stop(); code != exitClean {
		t.Errorf("exit code %d", code)
	}
	if left := s.left(t); len(left) > 0 {
		t.Errorf("the program left %q", left)
	}
}

// A target of the file is probed when a person has confirmed it on the page, and no other server is contacted.
func TestServeProbes(t *testing.T) {
	var mu sync.Mutex
	var got bytes.Buffer
	calls := 0
	addr := servertest.Listen(t, func(c net.Conn) {
		mu.Lock()
		calls++
		mu.Unlock()
		_, _ = io.Copy(writerFunc(func(p []byte) (int, error) { mu.Lock(); defer mu.Unlock(); return got.Write(p) }), io.LimitReader(c, 14))
	})
	contacted := func() int { mu.Lock(); defer mu.Unlock(); return calls }
	_, port, _ := net.SplitHostPort(addr)
	file := filepath.Join(t.TempDir(), "probes.yaml")
	text := fmt.Sprintf("targets:\n  - name: Directory\n    area: directory\n    address: 127.0.0.1\n    settings:\n"+
		"      Directory.Primary.Port: %s\n      Directory.DN: cn=reader\n", port)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ := startServe(t, "--allow-probes", file, "--resolver", "127.0.0.1:9")
	_, list := s.get(t, "/targets")
	path := regexp.MustCompile(`/targets/[a-z0-9_-]+`).FindString(list)
	if path == "" {
		t.Fatalf("no target is offered:\n%s", list)
	}
	status, page := s.get(t, path)
	if status != 200 || !strings.Contains(page, "no password is sent") || contacted() != 0 {
		t.Errorf("status %d, contacted %d times before it was confirmed\n%s", status, contacted(), page)
	}
	if regexp.MustCompile(`(?i)type="?password|name="?(user|password)`).MatchString(page) {
		t.Error("the page asks for a password")
	}
	if status, _ := s.post(t, path, path, "a", "b"); status != 200 || contacted() != 0 {
		t.Errorf("not confirmed: status %d, contacted %d times", status, contacted())
	}
	resp, err := s.client.Post(s.url+path, "application/x-www-form-urlencoded", strings.NewReader("confirmed=yes"))
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := readAnswer(t, resp); status != 403 || contacted() != 0 {
		t.Errorf("without a token: status %d, contacted %d times", status, contacted())
	}
	for _, other := range []string{"/targets/directory-192-0-2-1-389", "/targets/%2e%2e"} {
		if status, _ := s.post(t, path, other, "confirmed", "yes", "address", addr); status == 200 || contacted() != 0 {
			t.Errorf("%s: status %d, contacted %d times", other, status, contacted())
		}
	}
	status, page = s.post(t, path, path, "confirmed", "yes", "address", "192.0.2.1")
	if status != 200 || contacted() == 0 || !strings.Contains(page, "LDAP1") {
		t.Errorf("status %d, contacted %d times\n%s", status, contacted(), page)
	}
	mu.Lock()
	defer mu.Unlock()
	if strings.Contains(got.String(), "reader") {
		t.Errorf("the account was sent: %q", got.String())
	}
}

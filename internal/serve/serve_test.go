package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"cupclint/internal/servertest"
)

// begin starts a server and gives its address. It ends with the test, or when stop is called, which returns its error.
func begin(t *testing.T, o Options) (s *server, stop func() error) {
	t.Helper()
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	ctx, cancel := context.WithCancel(t.Context())
	s, err := start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.serve(ctx) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = stop() })
	return s, stop
}

func get(t *testing.T, c *http.Client, url, user, password string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func text(s string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) })
}

func TestEachPathHasItsHandler(t *testing.T) {
	s, _ := begin(t, Options{Handlers: Handlers{Page: text("page"), Metrics: text("metrics"), Probe: text("probe")}})
	for path, want := range map[string]string{"": "page", "anything": "page", "metrics": "metrics", "probe?target=a": "probe",
		"healthz": "ok\n", "metrics/": "page"} {
		if status, got := get(t, http.DefaultClient, s.url+path, "", ""); status != 200 || got != want {
			t.Errorf("/%s: status %d, %q", path, status, got)
		}
	}
	s, _ = begin(t, Options{})
	for _, path := range []string{"", "metrics", "probe"} {
		if status, _ := get(t, http.DefaultClient, s.url+path, "", ""); status != 404 {
			t.Errorf("/%s without a handler: status %d", path, status)
		}
	}
}

func TestOpenDoorIsRefused(t *testing.T) {
	for _, test := range []struct {
		name, want string
		o          Options
	}{
		{"loopback", "", Options{Listen: "127.0.0.1:0"}},
		{"all of loopback", "", Options{Listen: "127.7.7.7:0"}},
		{"loopback of IPv6", "", Options{Listen: "[::1]:0"}},
		{"localhost", "", Options{Listen: "localhost:0"}},
		{"everywhere", "give --tls-cert and --tls-key and --password-file, or --allow-unprotected", Options{Listen: "0.0.0.0:0"}},
		{"everywhere, in short", "--password-file", Options{Listen: ":0"}},
		{"IPv6", "--password-file", Options{Listen: "[::]:0"}},
		{"mapped", "", Options{Listen: "[::ffff:127.0.0.1]:0"}},
		{"a name", "--password-file", Options{Listen: "localhost.example.com:0"}},
		{"TLS alone", "give --password-file, or", Options{Listen: "0.0.0.0:0", Certificate: "a", Key: "b"}},
		{"passwords alone", "give --tls-cert and --tls-key, or", Options{Listen: "0.0.0.0:0", Passwords: "a"}},
		{"both", "", Options{Listen: "0.0.0.0:0", Passwords: "a", Certificate: "a", Key: "b"}},
		{"on purpose", "", Options{Listen: "0.0.0.0:0", Unprotected: true}},
		{"a key missing", "belong together", Options{Listen: "127.0.0.1:0", Certificate: "a"}},
		{"no port", "write HOST:PORT", Options{Listen: "127.0.0.1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.o.check()
			var usage *UsageError
			if test.want == "" && err != nil || test.want != "" && (!errors.As(err, &usage) || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
		})
	}
}

// write replaces a file as a careful script does, so that it is another file afterwards, whatever the clock says.
func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

// issue puts a new certificate for a name and an address at its place, the key first.
func issue(t *testing.T, ca *servertest.Authority, cert, key, name string) {
	t.Helper()
	c := ca.Issue(t, servertest.Right, name, "192.0.2.1")
	for from, to := range map[string]string{c.KeyFile: key, c.CertFile: cert} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		write(t, to, text)
	}
}

// A renewed certificate is served without a restart; one that is broken is not, and the log says so.
func TestCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	ca := servertest.CA(t)
	renew := func(name string) {
		issue(t, ca, cert, key, name)
	}
	renew("desk.example.com")
	var notes []string
	p, err := openPair(cert, key, func(line string) { notes = append(notes, line) })
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	p.clock = func() time.Time { now = now.Add(lookEvery); return now }
	served := func() string { return strings.Join(p.names(), " ") }
	if got := served(); got != "desk.example.com 192.0.2.1" {
		t.Fatalf("serves %s", got)
	}
	renew("renewed.example.com")
	if got := served(); got != "renewed.example.com 192.0.2.1" || len(notes) != 1 {
		t.Errorf("serves %s, notes %q", got, notes)
	}
	write(t, key, []byte("secret-of-the-key"))
	for range 3 {
		if got := served(); got != "renewed.example.com 192.0.2.1" {
			t.Errorf("serves %s", got)
		}
	}
	if len(notes) != 2 || !strings.Contains(notes[1], "not used") || strings.Contains(notes[1], "secret-of") {
		t.Errorf("notes %q", notes)
	}
	renew("third.example.com")
	if got := served(); got != "third.example.com 192.0.2.1" {
		t.Errorf("serves %s", got)
	}
}

func TestTLSAndPasswords(t *testing.T) {
	dir, ca := t.TempDir(), servertest.CA(t)
	cert, key, users := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "users")
	issue(t, ca, cert, key, "desk.example.com")
	hash, err := bcrypt.GenerateFromPassword([]byte("right"), 5)
	if err != nil {
		t.Fatal(err)
	}
	write(t, users, []byte("ops:"+string(hash)+"\n"))
	s, _ := begin(t, Options{Certificate: cert, Key: key, Passwords: users, Handlers: Handlers{Page: text("page")}})
	roots := ca.Pool
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, s.listener.Addr().String())
		}}}
	for _, test := range []struct {
		url, user, password string
		want                int
	}{
		{"https://desk.example.com/", "ops", "right", 200}, {"https://desk.example.com/", "ops", "wrong", 401},
		{"https://desk.example.com/", "", "", 401}, {"https://desk.example.com/healthz", "", "", 200},
		{"https://192.0.2.1/", "ops", "right", 200},
	} {
		if status, _ := get(t, client, test.url, test.user, test.password); status != test.want {
			t.Errorf("%s %s: status %d, want %d", test.url, test.user, status, test.want)
		}
	}
	// The server speaks nothing old, and one protocol.
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
		c, err := tls.Dial("tcp", s.listener.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "desk.example.com",
			MinVersion: version, MaxVersion: version})
		if err == nil {
			_ = c.Close()
			t.Errorf("%s was taken", tls.VersionName(version))
		}
	}
	conn, err := tls.Dial("tcp", s.listener.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "desk.example.com",
		NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := conn.ConnectionState().NegotiatedProtocol; got != "http/1.1" {
		t.Errorf("speaks %q", got)
	}
}

// A user who is taken out of the file is out, although the password was proven.
func TestPasswordFileIsReadAgain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "users")
	line := func(user, password string) string {
		hash, err := bcrypt.GenerateFromPassword([]byte(password), 5)
		if err != nil {
			t.Fatal(err)
		}
		return user + ":" + string(hash) + "\n"
	}
	write(t, name, []byte(line("ops", "right")+line("old", "gone")))
	w, err := openPasswords(name, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	w.clock = func() time.Time { now = now.Add(lookEvery); return now }
	if !w.Check("old", "gone") || !w.Proven("old", "gone") {
		t.Fatal("the password is not right")
	}
	write(t, name, []byte(line("ops", "right")))
	if w.Proven("old", "gone") || w.Check("old", "gone") || !w.Check("ops", "right") {
		t.Error("the file is not read again")
	}
	write(t, name, []byte("half a li"))
	if !w.Check("ops", "right") {
		t.Error("a broken file shuts everybody out")
	}
}

// A request under way ends in order; afterwards nothing listens.
func TestGracefulEnd(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	s, stop := begin(t, Options{Handlers: Handlers{Page: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		_, _ = io.WriteString(w, "whole")
	})}})
	answer := make(chan string, 1)
	go func() {
		_, got := get(t, http.DefaultClient, s.url, "", "")
		answer <- got
	}()
	<-entered
	ended := make(chan error, 1)
	go func() { ended <- stop() }()
	for { // until it listens no more
		c, err := net.Dial("tcp", s.listener.Addr().String())
		if err != nil {
			break
		}
		_ = c.Close()
	}
	close(leave)
	if got := <-answer; got != "whole" {
		t.Errorf("the answer is %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A connection that is refused gives its place back, and one address other than loopback has a part of the places.
func TestConnectionsAreBounded(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limitConnections(inner, 2)
	dial := func() net.Conn {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	accepted := make(chan net.Conn, 3)
	go func() {
		defer close(accepted)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	for range 3 {
		dial()
	}
	first := <-accepted
	second := <-accepted
	select {
	case <-accepted:
		t.Error("a third connection was taken")
	default:
	}
	_ = first.Close()
	_ = first.Close() // once is enough
	third := <-accepted
	if third == nil {
		t.Fatal("no third connection")
	}
	_, _ = second, third
	_ = l.Close()
	if _, open := <-accepted; open {
		t.Error("a fourth connection")
	}
}

package mailcheck_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/mailcheck"
)

func judgeVoicemail(o *mailcheck.VoicemailObservation) string {
	return ruleIDs(mailcheck.JudgeVoicemail([]*mailcheck.VoicemailObservation{o}, mailcheck.JudgeOptions{}))
}

// ports are those of an address that is open and of one that is closed.
func ports(t *testing.T) (open, closed int) {
	t.Helper()
	port := func() (net.Listener, int) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l, l.Addr().(*net.TCPAddr).Port
	}
	l, open := port()
	t.Cleanup(func() { l.Close() })
	gone, closed := port()
	gone.Close()
	return open, closed
}

func TestUnityConnectionAnswers(t *testing.T) {
	open, closed := ports(t)
	basic := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Basic realm="Unity Connection"`)
		w.WriteHeader(http.StatusUnauthorized)
	}
	text := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) }
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for _, tt := range []struct {
		name   string
		h      http.HandlerFunc
		notify []int
		rules  string
	}{
		{"asks for a log-in", basic, []int{open, closed}, ""},
		{"says its version", text("<VersionInformation><name>vmrest</name><version>14.0.1</version></VersionInformation>"), []int{open}, ""},
		{"says its version as JSON", text(`{"name":"vmrest","version":"14.0.1"}`), []int{open}, ""},
		{"the second port of notifications", basic, []int{closed, open}, ""},
		{"no port of notifications", basic, []int{closed, closed}, "MAIL112"},
		{"404", status(404), nil, "MAIL111"},
		{"503", status(503), nil, "MAIL111"},
		{"401 without Basic", status(401), nil, "MAIL111"},
		{"407", status(407), nil, "MAIL111"},
		{"a page", text("<html>portal</html>"), nil, "MAIL111"},
		{"a redirect loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, nil, "MAIL111"},
		{"endless", func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := io.WriteString(w, strings.Repeat("<VersionInformation>", 5000)); err != nil {
					return
				}
			}
		}, nil, "MAIL111"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := httptest.NewServer(tt.h)
			t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
			c := checker(t, nil)
			c.Prober.Timeouts = probe.Uniform(5 * time.Second)
			r := mailcheck.VoicemailRequest{Target: target(t, s.Listener.Addr().String(), probe.Plain), Notify: tt.notify}
			o := c.ProbeVoicemail(t.Context(), r)
			if got := judgeVoicemail(o); got != tt.rules {
				t.Errorf("rules %q, want %q; %s", got, tt.rules, o.Summary())
			}
		})
	}
}

func TestUnityConnectionOfARealServer(t *testing.T) {
	for _, tt := range []struct {
		name  string
		flaw  servertest.Flaw
		addr  func(*servertest.JabberServer) string
		rules string
	}{
		{name: "as it should be"},
		{name: "expired", flaw: servertest.Expired, rules: "MAIL109"},
		{name: "self-signed", flaw: servertest.SelfSigned, rules: "MAIL109"},
		{name: "another service", addr: func(s *servertest.JabberServer) string { return s.HTTPS }, rules: "MAIL111"},
		{name: "plain HTTP", addr: func(s *servertest.JabberServer) string { return s.HTTP }, rules: "MAIL110"},
		{name: "nothing listens", addr: func(*servertest.JabberServer) string { return servertest.ClosedAddr(t) }, rules: "MAIL110"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := servertest.Jabber(t, servertest.JabberConfig{Flaw: tt.flaw})
			addr := s.UDS
			if tt.addr != nil {
				addr = tt.addr(s)
			}
			_, port, _ := net.SplitHostPort(s.HTTP)
			open, _ := strconv.Atoi(port)
			r := mailcheck.VoicemailRequest{Target: target(t, addr, probe.ImplTLS), Notify: []int{open}}
			if o := checker(t, s.CA).ProbeVoicemail(t.Context(), r); judgeVoicemail(o) != tt.rules {
				t.Errorf("rules %q, want %q; %s", judgeVoicemail(o), tt.rules, o.Summary())
			}
		})
	}
}

func TestVoicemailServersOfExports(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"jabber-config.xml": {"<config version=\"1.0\"><Voicemail><VoicemailPrimaryServer> unity1.acme.com </VoicemailPrimaryServer>" +
			"<VoicemailBackup1Server>unity2.acme.com</VoicemailBackup1Server></Voicemail></config>", "unity1.acme.com:443 tls " +
			"unity2.acme.com:443 tls"},
		"client.properties": {"VoiceMail.Primary.Address = unity1\nVoiceMail.Primary.Port = 8443\nVoiceMail.Backup1.Address = " +
			"unity2\n", "unity1:8443 tls unity2:443 tls"},
		"http.properties":  {"VoiceMail.Primary.Address = unity1\nVoiceMail.Primary.Protocol = HTTP\n", "unity1:80 plain"},
		"unity.properties": {"VoiceMail.Primary.Address = unity1\nVoiceMail.ServerType = Unity\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := new(export.Reader).Parse(name, []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range mailcheck.VoicemailOf(e) {
				got = append(got, r.Target.String(), string(r.Target.Security))
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestAWebProxyOfUnityConnectionIsReported(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"name":"vmrest"}`) }))
	t.Cleanup(s.Close)
	open, _ := ports(t)
	c := checker(t, nil)
	c.WebProxy = func(string) string { return "proxy.example.com:3128" }
	r := mailcheck.VoicemailRequest{Target: target(t, s.Listener.Addr().String(), probe.Plain), Notify: []int{open}}
	o := c.ProbeVoicemail(t.Context(), r)
	if got := judgeVoicemail(o); got != "UDS110" || o.Answer == nil {
		t.Errorf("rules %q; %s", got, o.Summary())
	}
}

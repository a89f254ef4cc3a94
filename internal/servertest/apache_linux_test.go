package servertest

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestApacheAnswers(t *testing.T) {
	server := Apache(t, ApacheConfig{
		EWS: true, Schemes: []string{"NTLM", "Negotiate"}, Headers: map[string]string{"X-OWA-Version": "8.3.83.0"},
	})
	old := Apache(t, ApacheConfig{NoDAV: true})

	tests := []struct {
		name, method, url string
		login             bool
		status            int
		header, holds     string // a header of the answer and a part of one of its values
	}{
		{"Basic is asked for", "GET", "https://" + server.HTTPS + "/exchange/alice/", false, 401, "WWW-Authenticate", "Basic realm="},
		{"NTLM is offered", "GET", "https://" + server.HTTPS + "/exchange/alice/", false, 401, "WWW-Authenticate", "NTLM"},
		{"header", "GET", "https://" + server.HTTPS + "/", false, 404, "X-OWA-Version", "8.3.83.0"},
		{"DAV", "OPTIONS", "https://" + server.HTTPS + "/exchange/alice/", true, 200, "DAV", "1,2"},
		{"PROPFIND", "PROPFIND", "https://" + server.HTTPS + "/exchange/alice/Calendar/", true, 207, "Content-Type", "xml"},
		{"PROPFIND without TLS", "PROPFIND", "http://" + server.HTTP + "/exchange/alice/", true, 207, "Content-Type", "xml"},
		{"SEARCH", "SEARCH", "https://" + server.HTTPS + "/exchange/alice/", true, 405, "", ""},
		{"form", "GET", "https://" + server.Forms + "/exchange/alice/", true, 302, "Location", "/exchweb/bin/auth/owalogon.asp?url="},
		{"EWS", "GET", "https://" + server.HTTPS + "/EWS/Exchange.asmx", false, 401, "WWW-Authenticate", "Basic"},
		{"no EWS", "GET", "https://" + old.HTTPS + "/EWS/Exchange.asmx", false, 404, "", ""},
		{"no DAV", "PROPFIND", "https://" + old.HTTPS + "/exchange/alice/", true, 405, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ca := server.CA
			if strings.Contains(test.url, old.IP) {
				ca = old.CA
			}
			client := &http.Client{
				Transport:     &http.Transport{TLSClientConfig: ca.ClientConfig(""), DisableKeepAlives: true},
				CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			}
			request, err := http.NewRequestWithContext(t.Context(), test.method, test.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Depth", "0")
			if test.login {
				request.SetBasicAuth(User, Password)
			}
			answer, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if answer.StatusCode != test.status {
				t.Errorf("status %d, want %d", answer.StatusCode, test.status)
			}
			holds := func(value string) bool { return strings.Contains(value, test.holds) }
			if test.header != "" && !slices.ContainsFunc(answer.Header.Values(test.header), holds) {
				t.Errorf("%s: %q, want %q", test.header, answer.Header.Values(test.header), test.holds)
			}
		})
	}
}

func TestApacheTLS(t *testing.T) {
	server := Apache(t, ApacheConfig{})
	config := server.CA.ClientConfig("mail.example.com")
	conn, err := tls.Dial("tcp", server.OldTLS, config)
	if err == nil {
		_ = conn.Close()
	}
	checkError(t, "TLS 1.2 where only 1.0 is spoken", err, "protocol version not supported")
	config.MinVersion = tls.VersionTLS10
	conn, err = tls.Dial("tcp", server.OldTLS, config)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()

	ca := CA(t)
	self := Apache(t, ApacheConfig{CA: ca, Flaw: SelfSigned})
	conn, err = tls.Dial("tcp", self.HTTPS, ca.ClientConfig("mail.example.com"))
	if err == nil {
		_ = conn.Close()
	}
	checkError(t, "self-signed", err, "unknown authority")
}

func TestApacheIsGoneAfterStop(t *testing.T) {
	server := Apache(t, ApacheConfig{})
	pid := server.cmd.Process.Pid
	server.Stop()
	if groupRuns(pid) {
		t.Error("a process of the server still runs")
	}
	if err := getOnce(t.Context(), "http://"+server.HTTP+"/"); err == nil {
		t.Error("the server still answers")
	}
}

package servertest

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// ApacheConfig says how a web server differs from the usual one.
type ApacheConfig struct {
	CA   *Authority // issues its certificate; nil makes a new one, see ApacheServer.CA
	Flaw Flaw       // what is wrong with the certificate
	// Headers are set on every answer, such as Via or X-OWA-Version.
	Headers map[string]string
	// Schemes are offered in addition to Basic where authentication is asked for, such as NTLM and Negotiate. They are offered
	// only: no log-in with them passes.
	Schemes []string
	// NoDAV serves the mailboxes without WebDAV.
	NoDAV bool
	// EWS puts Exchange Web Services' address /EWS/Exchange.asmx behind Basic authentication; otherwise it is not there.
	EWS bool
}

// ApacheServer is a running web server in the place of Exchange's calendar: the mailbox of User is the WebDAV folder
// /exchange/alice/ with Calendar/ below it, behind Basic authentication. There is no SEARCH method: it answers 405.
type ApacheServer struct {
	*process
	IP      string
	HTTP    string // IP:port without TLS
	HTTPS   string // IP:port with TLS
	Forms   string // IP:port with TLS, where /exchange leads to the log-in form of Outlook Web Access
	OldTLS  string // IP:port with TLS 1.0 and nothing newer
	CA      *Authority
	Mailbox string // the user's folder on disk, for a test to see that nothing has changed
}

const loginForm = `<form action="/exchweb/bin/auth/owaauth.dll" method="POST" name="logonForm">
<input name="username"><input name="password" type="password"></form>
`

// Apache runs the web server.
func Apache(t testing.TB, cfg ApacheConfig) *ApacheServer {
	t.Helper()
	path := program(t, "apache2")
	needFile(t, "/usr/lib/apache2/modules/mod_dav.so", "Debian's apache2")
	ip, dir := claimAddress(t), workDir(t)
	var ports []int
	addr := func() string {
		ports = append(ports, freePort(t, ip, ports...))
		return hostPort(ip, ports[len(ports)-1])
	}
	s := &ApacheServer{IP: ip.String(), HTTP: addr(), HTTPS: addr(), Forms: addr(), OldTLS: addr(), CA: cfg.CA}
	s.Mailbox = filepath.Join(dir, "dav", "exchange", User)
	if s.CA == nil {
		s.CA = CA(t)
	}
	for _, sub := range []string{"run", "lock", "html"} {
		makeDir(t, filepath.Join(dir, sub))
	}
	makeDir(t, filepath.Join(s.Mailbox, "Calendar"))
	sum := sha1.Sum([]byte(Password))
	writeFile(t, filepath.Join(dir, "htpasswd"), User+":{SHA}"+base64.StdEncoding.EncodeToString(sum[:])+"\n")
	writeFile(t, filepath.Join(dir, "html", "exchweb", "bin", "auth", "owalogon.asp"), loginForm)
	if cfg.EWS {
		writeFile(t, filepath.Join(dir, "html", "EWS", "Exchange.asmx"), "<wsdl/>\n")
	}
	runAs := ""
	if os.Geteuid() == 0 {
		runAs = "www-data"
		giveTo(t, filepath.Join(dir, "dav"), runAs)
		giveTo(t, filepath.Join(dir, "lock"), runAs)
	}
	conf := filepath.Join(dir, "httpd.conf")
	writeTemplate(t, conf, "apache.conf", map[string]any{
		"Dir": dir, "RunAs": runAs, "Cert": s.CA.Issue(t, cfg.Flaw, s.IP, "mail.example.com", "localhost"),
		"Headers": cfg.Headers, "Schemes": cfg.Schemes, "NoDAV": cfg.NoDAV, "EWS": cfg.EWS,
		"HTTP": s.HTTP, "HTTPS": s.HTTPS, "Forms": s.Forms, "OldTLS": s.OldTLS,
	})
	s.process = run(t, service{
		name: "apache2", dir: dir, path: path, args: []string{"-DFOREGROUND", "-f", conf},
		logs:  []string{filepath.Join(dir, "error.log")},
		ready: func(ctx context.Context) error { return getOnce(ctx, "http://"+s.HTTP+"/") },
	})
	return s
}

// getOnce makes one request on a connection of its own; any answer is good.
func getOnce(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

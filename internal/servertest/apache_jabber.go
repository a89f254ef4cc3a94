package servertest

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"
)

// JabberConfig says what the call manager's web services hold.
type JabberConfig struct {
	CA   *Authority // issues the certificate; nil makes a new one, see JabberServer.CA
	Flaw Flaw       // what is wrong with the certificate
	// Files are served over HTTP and HTTPS, as the TFTP service does: name and content.
	Files map[string]string
	// UDS are the open answers below /cucm-uds/: version, servers, clusterUser/NAME. Users are the entries behind the log-in.
	UDS, Users map[string]string
	// Busy lets the user data service answer 503, as when it starts.
	Busy bool
}

// JabberServer is a running web server in the place of what a node of the call manager serves to Jabber: the user data service, and the
// TFTP service's files over HTTP and HTTPS; /vmrest of Unity Connection is there too. The user data of User are behind Basic
// authentication.
type JabberServer struct {
	*process
	IP    string
	UDS   string // IP:port with TLS
	HTTP  string // IP:port without TLS, as 6970
	HTTPS string // IP:port with TLS, as 6972
	CA    *Authority
	Dir   string // the files of the TFTP service
}

// Jabber runs the web server.
func Jabber(t testing.TB, cfg JabberConfig) *JabberServer {
	t.Helper()
	path := program(t, "apache2")
	ip, dir := claimAddress(t), workDir(t)
	var ports []int
	addr := func() string {
		ports = append(ports, freePort(t, ip, ports...))
		return hostPort(ip, ports[len(ports)-1])
	}
	s := &JabberServer{IP: ip.String(), UDS: addr(), HTTP: addr(), HTTPS: addr(), CA: cfg.CA, Dir: filepath.Join(dir, "tftp")}
	if s.CA == nil {
		s.CA = CA(t)
	}
	for _, sub := range []string{"run", "tftp", "open", "user"} {
		makeDir(t, filepath.Join(dir, sub))
	}
	for folder, files := range map[string]map[string]string{"tftp": cfg.Files, "open": cfg.UDS, "user": cfg.Users} {
		for name, text := range files {
			writeFile(t, filepath.Join(dir, folder, name), text)
		}
	}
	sum := sha1.Sum([]byte(Password))
	writeFile(t, filepath.Join(dir, "htpasswd"), User+":{SHA}"+base64.StdEncoding.EncodeToString(sum[:])+"\n")
	runAs := ""
	if os.Geteuid() == 0 {
		runAs = "www-data"
	}
	conf := filepath.Join(dir, "httpd.conf")
	writeTemplate(t, conf, "jabber.conf", map[string]any{
		"Dir": dir, "RunAs": runAs, "Cert": s.CA.Issue(t, cfg.Flaw, s.IP, "cucm1.example.com", "localhost"), "Busy": cfg.Busy,
		"UDS": s.UDS, "HTTP": s.HTTP, "HTTPS": s.HTTPS,
	})
	s.process = run(t, service{
		name: "apache2", dir: dir, path: path, args: []string{"-DFOREGROUND", "-f", conf},
		logs:  []string{filepath.Join(dir, "error.log")},
		ready: func(ctx context.Context) error { return getOnce(ctx, "http://"+s.HTTP+"/") },
	})
	return s
}

package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/servertest"
)

func TestXMPPCommand(t *testing.T) {
	p := prober{t, t.TempDir()}
	s := servertest.Prosody(t, servertest.XMPPConfig{})
	seen := filepath.Join(t.TempDir(), "seen.json")
	args := []string{"xmpp", "--server", s.Addr, "--domain", servertest.XMPPDomain, "--ca-file", s.CA.File}
	code, stdout, stderr := p.run("", append(args, "--observations", seen)...)
	if code != 0 || !strings.Contains(stderr, "StartTLS required") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if b, err := os.ReadFile(seen); err != nil || !json.Valid(b) || !strings.Contains(string(b), `"startTLS": "required"`) {
		t.Errorf("%v: %s", err, b)
	}
	login := append(args, "--user", servertest.User, "--password-file", "-")
	if code, stdout, stderr := p.run(servertest.Password, login...); code != 0 || !strings.Contains(stderr, "log-in of alice accepted") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, stderr := p.run("", append(args, "--user", servertest.User, "--no-login")...); code != 0 || strings.Contains(stderr,
		"alice") {
		t.Errorf("--no-login: exit %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, _ := p.run(neverValid, login...); code != 1 || !strings.Contains(stdout, "XMPP108") {
		t.Errorf("wrong password: exit %d\n%s", code, stdout)
	}
	if code, _, stderr := p.run(neverValid, login...); code != 3 || !strings.Contains(stderr, "refused before") {
		t.Errorf("wrong password again: exit %d\n%s", code, stderr)
	}
	if code, stdout, _ := p.run("", "xmpp", "--server", s.Addr, "--domain", "other.test", "--format", "json"); code != 1 ||
		!strings.Contains(stdout, `"XMPP102"`) {
		t.Errorf("another domain: exit %d\n%s", code, stdout)
	}
	// Without a domain the probe says what it asked for.
	if code, stdout, _ := p.run("", "xmpp", "--server", s.Addr); code != 0 || !strings.Contains(stdout, "XMPP102") ||
		!strings.Contains(stdout, "XMPP111") {
		t.Errorf("no domain: exit %d\n%s", code, stdout)
	}
}

// An audit plans the presence server of Jabber's own file, logs in once, keeps what it saw, and judges it again without the server.
func TestAuditProbesXMPP(t *testing.T) {
	p := prober{t, t.TempDir()}
	s := servertest.Prosody(t, servertest.XMPPConfig{Port: 5222, TLS: servertest.TLSOptional})
	dir := t.TempDir()
	config := filepath.Join(dir, "jabber-config.xml")
	text := "<config version=\"1.0\">\n<Presence><PresenceServerAddress>" + s.IP +
		"</PresenceServerAddress></Presence>\n<Directory><PresenceDomain>" + servertest.XMPPDomain +
		"</PresenceDomain></Directory>\n</config>\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	credentials := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(credentials, []byte(servertest.User+"\t"+servertest.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	saved, page := filepath.Join(t.TempDir(), "case.json"), filepath.Join(t.TempDir(), "report.html")
	args := []string{"audit", "--only", "xmpp", "--ca-file", s.CA.File, "--xmpp-user", servertest.User, "--credentials", credentials}
	code, stdout, stderr := p.run("", append(args, "--plan", dir)...)
	if code != 0 || !strings.Contains(stdout, s.IP+":5222") || !strings.Contains(stdout, "once") || !strings.Contains(stdout,
		"1 account tried") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = p.run("", append(args, "--save", saved, "--format", "json", dir)...)
	if code != 0 || !strings.Contains(stdout, `"rule":"XMPP104"`) || !strings.Contains(stdout, "log-in of alice accepted") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	s.Stop()
	if code, again, _ := p.run("", "audit", "--replay", saved, "--only", "xmpp", "--format", "json"); code != 0 || !strings.Contains(again,
		`"rule":"XMPP104"`) {
		t.Errorf("replay: exit %d\n%s", code, again)
	}
	if code, _, stderr := p.run("", "audit", "--replay", saved, "--format", "html", "--output", page); code != 0 {
		t.Errorf("html: exit %d, %s", code, stderr)
	}
	if b, err := os.ReadFile(page); err != nil || !strings.Contains(string(b), "Presence and IM") || !strings.Contains(string(b), "XMPP104") {
		t.Errorf("%v, %d bytes", err, len(b))
	}
	// The server is gone, and no log-in is made.
	code, stdout, _ = p.run("", append(args, "--no-login", "--format", "json", dir)...)
	if code != 1 || !strings.Contains(stdout, `"rule":"XMPP101"`) {
		t.Errorf("stopped: exit %d\n%s", code, stdout)
	}
}

func TestXMPPSaysWhatIsWrongWithItsFlags(t *testing.T) {
	p := prober{t, t.TempDir()}
	export := site(t, "User.ID = anna")
	for _, tt := range []struct {
		code       int
		args, want string
	}{
		{2, "xmpp", "give exports, or --server"},
		{2, "xmpp --server imp1.acme.test --security plain", "use starttls or tls"},
		{2, "xmpp --server imp1.acme.test " + export, "not both"},
		{2, "xmpp --server imp1.acme.test --password-env X", "give --user"},
		{2, "xmpp --server imp1.acme.test --user anna --no-login --password-env X", "--no-login makes no log-in"},
		{2, "xmpp --server xmpp://anna:pw@imp1.acme.test", "not HOST or HOST:PORT"},
		{2, "audit --plan --xmpp-password-env X " + export, "give --xmpp-user"},
		{3, "xmpp " + export, "nothing was probed"},
		{1, "xmpp --server nowhere.invalid --domain acme.com --resolver 127.0.0.1:1 --timeout 100ms", "XMPP101"},
	} {
		code, stdout, stderr := p.run("", strings.Fields(tt.args)...)
		if code != tt.code || !strings.Contains(stdout+stderr, tt.want) || strings.Contains(stdout+stderr, "anna:pw") {
			t.Errorf("%s: exit %d\n%s%s", tt.args, code, stdout, stderr)
		}
	}
}

// The plan of an audit lists the presence nodes of the cluster with the presence domain, and nothing of SIP. A domain that is not known is
// said.
func TestAuditPlansXMPP(t *testing.T) {
	p := prober{t, t.TempDir()}
	const jabber14 = "../../fixtures/deployments/jabber14/right"
	code, stdout, stderr := p.run("", "audit", "--plan", jabber14)
	if code != 0 || !strings.Contains(stdout, "imp1.dc.acme.net:5222") || !strings.Contains(stdout, "imp2.dc.acme.net:5222") ||
		!strings.Contains(stdout, "presence and IM for acme.com") || strings.Contains(stdout, "\nsip ") || strings.Contains(stdout,
		"cucm1.dc.acme.net:5222") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, _ := p.run("", "audit", "--plan", "--skip", "xmpp", jabber14); code != 0 || strings.Contains(stdout, ":5222") {
		t.Errorf("--skip: exit %d\n%s", code, stdout)
	}
	if code, stdout, _ := p.run("", "audit", "--plan", "--only", "xmpp", jabber14); code != 0 || !strings.Contains(stdout, "\n2 targets") {
		t.Errorf("--only: exit %d\n%s", code, stdout)
	}
	alone := filepath.Join(t.TempDir(), "jabber-bootstrap.properties")
	if err := os.WriteFile(alone, []byte("CUP_ADDRESS: imp1.dc.acme.net\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, _ = p.run("", "audit", "--plan", "--only", "xmpp", alone)
	if code != 0 || !strings.Contains(stdout, "presence domain not known: the DNS domain of the server") {
		t.Errorf("a domain that is not known: exit %d\n%s", code, stdout)
	}
}

// The finding about the domain points to the place where the domain is configured, also when a case is judged again.
func TestReplayOfXMPP(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "case.json")
	text := `{"cupclintCase": 1, "version": "(devel)", "at": "2026-11-25T19:28:02Z", "findings": null, "known": {},
"summary": {"files": 1, "properties": 2, "findings": {"error": 0, "warning": 0, "info": 0}, "suppressed": 0},
"observations": {"xmpp": [{
 "target": {"network": "tcp", "host": "imp1.dc.acme.net", "port": 5222, "security": "starttls"}, "reached": "protocol",
 "phases": {"dns": 0, "connect": 0, "tls": 0, "protocol": 1, "auth": 0},
 "domain": {"name": "acme.com", "place": {"file": "p.txt", "line": 4, "column": 16, "key": "SIPProxy.Domain"}},
 "place": {"file": "cluster.txt", "line": 3, "column": 10, "key": "Cluster.Node.2.Name"}, "at": "2026-11-25T19:28:02Z",
 "version": "1.0", "ended": {"name": "host-unknown", "text": "This server does not serve acme.com"}}]}}`
	if err := os.WriteFile(saved, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := prober{t, t.TempDir()}.run("", "audit", "--replay", saved)
	if code != 1 || !strings.Contains(stdout, "p.txt:4:16: error XMPP102") || !strings.Contains(stdout, `presence domain "acme.com"`) ||
		!strings.Contains(stdout, "cluster.txt:3") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

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

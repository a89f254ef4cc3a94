package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/servertest"
)

// A prober runs one command line with a state folder of its own, and fails when a password shows.
type prober struct {
	t     *testing.T
	state string
}

func (p prober) run(stdin string, args ...string) (code int, stdout, stderr string) {
	p.t.Helper()
	var out, errs bytes.Buffer
	vars := map[string]string{"XDG_STATE_HOME": p.state}
	env := &environment{loginCost: cheap, stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs, workDir: p.t.TempDir(),
		getenv: func(k string) string { return vars[k] }}
	code = execute(p.t.Context(), env, args)
	for _, text := range []string{out.String(), errs.String()} {
		if strings.Contains(text, neverValid) || strings.Contains(text, servertest.Password+"\n") {
			p.t.Errorf("a password shows in: %s", text)
		}
	}
	return code, out.String(), errs.String()
}

// site writes an export with one property a line.
func site(t *testing.T, lines ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "site.properties")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func split(t *testing.T, addr string) (host, port string) {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

func TestMailCommandAgainstAMailStore(t *testing.T) {
	s := servertest.Dovecot(t, servertest.DovecotConfig{})
	p := prober{t, t.TempDir()}
	host, port := split(t, s.Addr)
	export := site(t, "MailStore.Primary.Address="+host, "MailStore.Primary.Port="+port, "MailStore.Primary.Protocol=TCP",
		"MailStore.ServerType=Exchange2007")
	seen := filepath.Join(t.TempDir(), "seen.json")
	code, stdout, stderr := p.run("", "mail", export, "--observations", seen)
	if code != 1 || !strings.Contains(stdout, "MAIL102") || !strings.Contains(stdout, "site.properties:1:27") ||
		!strings.Contains(stderr, "LOGINDISABLED") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if b, err := os.ReadFile(seen); err != nil || !json.Valid(b) || !strings.Contains(string(b), `"capabilitiesBefore"`) {
		t.Errorf("%v: %s", err, b)
	}
	args := []string{"mail", "--server", s.TLSAddr, "--security", "tls", "--ca-file", s.CA.File, "--user", servertest.User, "--password-file",
		"-"}
	if code, stdout, stderr := p.run(servertest.Password, args...); code != 0 ||
		!strings.Contains(stderr, "INBOX opened read-only, 1 messages") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, _ := p.run(neverValid, args...); code != 1 || !strings.Contains(stdout, "MAIL104") {
		t.Errorf("wrong password: exit %d\n%s", code, stdout)
	}
	if code, _, stderr := p.run(neverValid, args...); code != 3 || !strings.Contains(stderr, "refused before") {
		t.Errorf("wrong password again: exit %d\n%s", code, stderr)
	}
}

func TestMailCommandAgainstACalendarGateway(t *testing.T) {
	s := servertest.Apache(t, servertest.ApacheConfig{})
	p := prober{t, t.TempDir()}
	host, port := split(t, s.HTTPS)
	export := site(t, "Calendar.Primary="+host, "Calendar.Port="+port, "Calendar.Account="+servertest.User,
		"Calendar.Password="+servertest.Password)
	args := []string{"mail", "--calendar", export, "--ca-file", s.CA.File}
	if code, stdout, stderr := p.run("", append(args, "--mailbox", servertest.User)...); code != 0 ||
		!strings.Contains(stderr, "PROPFIND 207") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if code, stdout, _ := p.run("", append(args, "--mailbox", "nobody")...); code != 1 || !strings.Contains(stdout, "MAIL107") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	if code, stdout, stderr := p.run("", "mail", "--calendar", "--server", s.OldTLS, "--ca-file",
		s.CA.File); code != 3 || !strings.Contains(stdout, "MAIL109") || !strings.Contains(stderr, "--old-tls") {
		t.Errorf("old TLS: exit %d\n%s%s", code, stdout, stderr)
	}
}

func TestSIPCommandAgainstAProxy(t *testing.T) {
	s := servertest.Kamailio(t, servertest.KamailioConfig{})
	p := prober{t, t.TempDir()}
	host, port := split(t, s.Addr)
	lines := []string{"Presence.Primary.Address=" + host, "Presence.Primary.Port=" + port, "Presence.Domain=" + host,
		"User.ID=" + servertest.User}
	code, stdout, stderr := p.run("", "sip", site(t, append(lines, "User.DigestCredential=")...))
	if code != 1 || !strings.Contains(stdout, "SIP102") || !strings.Contains(stdout, "REGISTER sip:") || !strings.Contains(stderr, "401") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = p.run("", "sip", site(t, append(lines, "User.DigestCredential="+servertest.Password)...))
	if code != 0 || !strings.Contains(stderr, "accepted") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	if b := s.Bindings(t); strings.Contains(b, "cupclint") {
		t.Errorf("a binding was left: %s", b)
	}
	code, stdout, _ = p.run("", "sip", "--cti", servertest.ClosedAddr(t), "--format", "json")
	if code != 1 || !strings.Contains(stdout, `"CTI101"`) {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestMailAndSIPSayWhatIsWrongWithTheirFlags(t *testing.T) {
	p := prober{t, t.TempDir()}
	for _, tt := range []struct{ args, want string }{
		{"mail", "nothing to probe"},
		{"mail x.xml --server h", "not both"},
		{"mail --server h:99999", "not a number from 1 to 65535"},
		{"mail --server h --product notes", "unity-connection"},
		{"mail --server h --protocol imap --calendar", "use WebDAV or EWS"},
		{"mail --calendar --server h --security starttls", "no StartTLS"},
		{"mail --server h --password-env X", "give --user"},
		{"sip", "nothing to probe"},
		{"sip --server h --transport sctp", "use tcp, udp or tls"},
		{"sip --server h --password-env X", "give --user"},
		{"sip --server h --user u --no-login --password-env X", "give one of them"},
	} {
		code, _, stderr := p.run("", strings.Fields(tt.args)...)
		if code != 2 || !strings.Contains(stderr, tt.want) {
			t.Errorf("%s: exit %d, %s", tt.args, code, stderr)
		}
	}
	// Inputs that cannot be read do not keep the others from being probed.
	code, stdout, stderr := p.run("", "sip", "missing.xml",
		site(t, "CallControl.Primary.Address=127.0.0.1", fmt.Sprintf("CallControl.Primary.Port=%s", closedPort(t))))
	if code != 3 || !strings.Contains(stderr, "missing.xml") || !strings.Contains(stdout, "CTI101") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

func closedPort(t *testing.T) string {
	_, port := split(t, servertest.ClosedAddr(t))
	return port
}

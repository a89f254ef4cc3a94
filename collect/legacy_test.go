package collect_test

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh/knownhosts"

	"cupclint/collect"
	"cupclint/internal/lab/cluster"
	"cupclint/internal/lab/sshcli"
)

// An old server is described, and gets a password only with --legacy-tls.
func TestOldTLSNeedsConsent(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		w := acmeWorld(t, cluster.CertTLS10)
		delete(w.o.Request.Users, collect.CLI)
		delete(w.o.Request.Users, collect.SOAP)
		w.o.Trust.Legacy = legacy
		_, m := w.run()
		if s := step(t, m, "certs.8443", "cucm1.dc.acme.net"); s.Outcome != collect.OK {
			t.Errorf("the certificate: %s %s", s.Outcome, s.Detail)
		}
		s := step(t, m, "axl.getCCMVersion", "")
		if (s.Outcome == collect.OK) != legacy || (w.passwords("/axl/") > 0) != legacy {
			t.Errorf("legacy %v: %s %s, %d passwords", legacy, s.Outcome, s.Detail, w.passwords("/axl/"))
		}
	}
}

// Old algorithms of SSH are used only with --legacy-ssh. Without it the reason names what the server offers, and no password is sent.
func TestOldSSHNeedsConsent(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		c, commands := acme(t, "broken")
		w := newWorld(t, c, commands, func(c *sshcli.Config) { c.Algorithms = sshcli.CBCOnly })
		delete(w.o.Request.Users, collect.AXL)
		w.o.Request.Found = collect.FoundNone
		w.o.LegacySSH = legacy
		_, m := w.run()
		s := step(t, m, "cli.show-network-cluster", "cucm1.dc.acme.net")
		sent := len(w.ssh["cucm1.dc.acme.net"].Record().Passwords)
		if (s.Outcome == collect.OK) != legacy || (sent > 0) != legacy {
			t.Errorf("legacy %v: %s %s, %d passwords", legacy, s.Outcome, s.Detail, sent)
		}
		if first := step(t, m, "cli.show-myself", "cucm1.dc.acme.net"); !legacy && !strings.Contains(first.Detail, "--legacy-ssh") {
			t.Errorf("it says %q", first.Detail)
		}
	}
}

// A host key that has changed gets no password, whatever a person says.
func TestChangedHostKeyIsRefused(t *testing.T) {
	w := acmeWorld(t)
	delete(w.o.Request.Users, collect.AXL)
	delete(w.o.Request.Users, collect.SOAP)
	other, err := sshcli.New(sshcli.Config{})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "known_hosts")
	line := knownhosts.Line([]string{knownhosts.Normalize(net.JoinHostPort("cucm1.dc.acme.net", "22"))}, other.HostKey())
	if err := os.WriteFile(file, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.o.HostKeys.Files = []string{file}
	_, m := w.run()
	s := step(t, m, "cli.show-myself", "cucm1.dc.acme.net")
	if s.Class != "hostkey" || !strings.Contains(s.Detail, "has changed") || len(w.ssh["cucm1.dc.acme.net"].Record().Passwords) > 0 {
		t.Errorf("%s %s", s.Class, s.Detail)
	}
}

package mailcheck_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/mailcheck"
)

// treeState lists every file below a folder with size, time and name, and so shows any change.
func treeState(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "dovecot") {
			return err // the server's own indexes are not mail
		}
		b.WriteString(path + " " + strconv.FormatInt(info.Size(), 10) + " " + info.ModTime().String() + "\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestIMAPOfARealServer(t *testing.T) {
	secure := servertest.Dovecot(t, servertest.DovecotConfig{})
	plain := servertest.Dovecot(t, servertest.DovecotConfig{CleartextLogin: true})
	bare := servertest.Dovecot(t, servertest.DovecotConfig{CleartextLogin: true, NoTLS: true})
	for _, tt := range []struct {
		name   string
		server *servertest.DovecotServer
		addr   string
		how    probe.Security
		rules  string
		login  bool // passes
	}{
		{"TLS from the first byte", secure, secure.TLSAddr, probe.ImplTLS, "", true},
		{"StartTLS", secure, secure.Addr, probe.StartTLS, "", true},
		{"plain, and the server wants TLS", secure, secure.Addr, probe.Plain, "MAIL102", false},
		{"plain, and the server lets it pass", plain, plain.Addr, probe.Plain, "", true},
		{"plain, and there is no other way", bare, bare.Addr, probe.Plain, "MAIL103", true},
		{"StartTLS, which is not offered", bare, bare.Addr, probe.StartTLS, "MAIL103", false},
		{"TLS on the plain port", secure, secure.Addr, probe.ImplTLS, "MAIL101", false},
		{"plain on the TLS port", secure, secure.TLSAddr, probe.Plain, "MAIL101", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := treeState(t, tt.server.Maildir)
			c := checker(t, tt.server.CA)
			if tt.how == probe.Plain && tt.addr == secure.TLSAddr {
				c.Prober.Timeouts.Protocol = time.Second // it waits for a hello that never comes
			}
			o := c.ProbeIMAP(t.Context(), mailcheck.IMAPRequest{Target: target(t, tt.addr, tt.how), Login: login(servertest.Password)})
			if got := ruleIDs(mailcheck.Judge([]*mailcheck.IMAPObservation{o}, nil, mailcheck.JudgeOptions{})); got != tt.rules {
				t.Errorf("rules %q, want %q; error %v", got, tt.rules, o.Error)
			}
			if passed := o.Login != nil && o.Login.OK; passed != tt.login {
				t.Errorf("login %+v", o.Login)
			}
			if tt.login && (o.Folder == nil || !o.Folder.Opened || o.Folder.Messages != 1) {
				t.Errorf("folder %+v", o.Folder)
			}
			if after := treeState(t, tt.server.Maildir); after != before {
				t.Errorf("the mailbox changed:\n%s\n%s", before, after)
			}
		})
	}
}

func TestStartTLSShowsTheCapabilitiesOfBothSides(t *testing.T) {
	s := servertest.Dovecot(t, servertest.DovecotConfig{})
	o := checker(t, s.CA).ProbeIMAP(t.Context(), mailcheck.IMAPRequest{Target: target(t, s.Addr, probe.StartTLS)})
	if !slices.Contains(o.Before, "LOGINDISABLED") || slices.Contains(o.After, "LOGINDISABLED") || !slices.Contains(o.After, "AUTH=PLAIN") {
		t.Errorf("before %v, after %v", o.Before, o.After)
	}
	if !strings.HasPrefix(o.Greeting, "* OK") || o.TLS == nil || !o.TLS.Verified {
		t.Errorf("greeting %q, TLS %+v", o.Greeting, o.TLS)
	}
}

func TestARefusedLoginIsMadeOnce(t *testing.T) {
	s := servertest.Dovecot(t, servertest.DovecotConfig{})
	c := checker(t, s.CA)
	r := mailcheck.IMAPRequest{Target: target(t, s.TLSAddr, probe.ImplTLS), Login: login("wrong"), Product: mailcheck.UnityConnection}
	first := c.ProbeIMAP(t.Context(), r)
	if first.Login == nil || first.Login.Code != "AUTHENTICATIONFAILED" {
		t.Fatalf("login %+v, error %v", first.Login, first.Error)
	}
	findings := mailcheck.Judge([]*mailcheck.IMAPObservation{first}, nil, mailcheck.JudgeOptions{})
	if got := ruleIDs(findings); got != "MAIL104" || !strings.Contains(findings[0].Fix, "Web Application") {
		t.Errorf("%q %+v", got, findings)
	}
	second := c.ProbeIMAP(t.Context(), r)
	if second.Login == nil || second.Login.NotMade == "" || second.Incomplete == "" {
		t.Errorf("second login %+v", second.Login)
	}
}

func TestCertificateFlawsAreMAIL109AndKeepThePassword(t *testing.T) {
	for flaw, want := range map[servertest.Flaw]probe.TLSProblem{
		servertest.Expired: probe.CertExpired, servertest.WrongName: probe.CertWrongName,
		servertest.UnknownCA: probe.CertUnknownCA, servertest.SelfSigned: probe.CertSelfSigned,
	} {
		s := servertest.Dovecot(t, servertest.DovecotConfig{Flaw: flaw})
		o := checker(t, s.CA).ProbeIMAP(t.Context(),
			mailcheck.IMAPRequest{Target: target(t, s.TLSAddr, probe.ImplTLS), Login: login(servertest.Password)})
		if !o.TLS.Has(want) || ruleIDs(mailcheck.Judge([]*mailcheck.IMAPObservation{o}, nil, mailcheck.JudgeOptions{})) != "MAIL109" {
			t.Errorf("flaw %v: TLS %+v, error %v", flaw, o.TLS, o.Error)
		}
		if o.Login == nil || o.Login.OK || o.Login.NotMade == "" {
			t.Errorf("flaw %v: login %+v", flaw, o.Login)
		}
	}
}

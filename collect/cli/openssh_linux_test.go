package cli_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/collect/cli"
	"cupclint/internal/servertest"

	"golang.org/x/crypto/ssh"
)

// openSSH gives options for a real server.
func openSSH(t *testing.T, s *servertest.OpenSSHServer) (o cli.Options, given *int) {
	t.Helper()
	given = new(int)
	return cli.Options{
		Address: s.Addr, User: servertest.OpenSSHUser,
		Password: func() (string, bool) { *given++; return servertest.OpenSSHPassword, true },
		HostKey: func(fingerprint string, key ssh.PublicKey) error {
			if key.Type() == ssh.KeyAlgoRSA && fingerprint != s.Fingerprint {
				t.Errorf("the host key is %s, want %s", fingerprint, s.Fingerprint)
			}
			return nil
		},
	}, given
}

// TestOpenSSH runs commands on a real terminal: pager, question, Ctrl-C, and an end with quit.
func TestOpenSSH(t *testing.T) {
	long := strings.Repeat("Cisco XCP Router[STARTED]  0123456789 Zürich\n", 70)
	commands := map[string]string{"show version active": version, "utils service list": long, "show status": "Host Name : pub\nadmin:\n"}
	for name, cfg := range map[string]servertest.OpenSSHConfig{
		"modern":   {Rows: 24},
		"legacy":   {Legacy: true, Rows: 24},
		"keyboard": {Keyboard: true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg.Commands, cfg.Endless = commands, []string{"utils ntp status"}
			cfg.Ask = map[string]string{"utils diagnose test": "This can take long.\nContinue (y/n)?"}
			server := servertest.OpenSSH(t, cfg)
			o, given := openSSH(t, server)
			if cfg.Legacy {
				if _, err := cli.Dial(t.Context(), o); cli.ClassOf(err) != cli.Algorithms || *given != 0 {
					t.Fatalf("without Legacy: %v, password handed out %d times", err, *given)
				}
				o.Legacy = true
			}
			s, err := cli.Dial(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			f := s.Facts()
			if !strings.HasPrefix(f.ServerVersion, "SSH-2.0-OpenSSH") || cfg.Legacy &&
				(f.KeyExchange != ssh.InsecureKeyExchangeDH1SHA1 || f.Cipher != ssh.InsecureCipherAES128CBC) {
				t.Errorf("facts: %+v", f)
			}
			want(t, s, "show version active", cli.OK, version)
			want(t, s, "utils service list", cli.OK, long)
			want(t, s, "show status", cli.OK, commands["show status"])
			want(t, s, "show hardware", cli.Unsupported, "Executed command unsuccessfully\nNo valid command entered\n")
			want(t, s, "utils diagnose test", cli.Question, "This can take long.\nContinue (y/n)?\n")
			out, err := s.Run(t.Context(), "utils ntp status", 500*time.Millisecond)
			if err != nil || out.Outcome != cli.TimedOut || !strings.HasPrefix(string(out.Text), "admin:utils ntp status\n") {
				t.Errorf("endless: %s, %v: %q", out.Outcome, err, out.Text)
			}
			want(t, s, "show version active", cli.OK, version)
			leave(t, s)
			typed := server.Typed(t)
			commands := slices.DeleteFunc(slices.Clone(typed), func(line string) bool { return strings.HasPrefix(line, "key <") })
			if wanted := []string{cli.PagerOff, "show version active", "utils service list", "show status", "show hardware",
				"utils diagnose test", "utils ntp status",
				"show version active", "quit"}; !slices.Equal(commands, wanted) {
				t.Errorf("typed %q, want %q", commands, wanted)
			}
			for _, line := range typed {
				if strings.HasPrefix(line, "key <") && line != "key < >" {
					t.Errorf("at the pager: %q", line)
				}
			}
			if *given != 1 {
				t.Errorf("the password was handed out %d times", *given)
			}
		})
	}
}

// TestOpenSSHRefuses proves that a refusal costs one attempt, and that nothing is typed where the password has expired.
func TestOpenSSHRefuses(t *testing.T) {
	for name, x := range map[string]struct {
		cfg      servertest.OpenSSHConfig
		password string
		class    cli.Class
	}{
		"wrong":             {servertest.OpenSSHConfig{}, "wrong", cli.Auth},
		"wrong, keyboard":   {servertest.OpenSSHConfig{Keyboard: true}, "wrong", cli.Auth},
		"expired":           {servertest.OpenSSHConfig{Expired: true}, servertest.OpenSSHPassword, cli.Expired},
		"expired, keyboard": {servertest.OpenSSHConfig{Expired: true, Keyboard: true}, servertest.OpenSSHPassword, cli.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			server := servertest.OpenSSH(t, x.cfg)
			o, given := openSSH(t, server)
			o.Password = func() (string, bool) { *given++; return x.password, true }
			s, err := cli.Dial(t.Context(), o)
			if err == nil {
				t.Fatal("logged in", s.Close())
			}
			if cli.ClassOf(err) != x.class || *given != 1 {
				t.Errorf("%v, password handed out %d times", err, *given)
			}
			t.Log(err)
			if n := strings.Count(server.Log(t), "Failed "); n > 1 {
				t.Errorf("%d failed attempts:\n%s", n, server.Log(t))
			}
			if typed := server.Typed(t); !slices.Equal(typed, []string{""}) {
				t.Errorf("typed %q", typed)
			}
		})
	}
}

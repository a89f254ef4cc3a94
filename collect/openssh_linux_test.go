package collect_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/collect"
	"cupclint/internal/servertest"
)

// openSSH makes a world in which the first node's command line is a real OpenSSH server. Other interfaces are not asked.
func openSSH(t *testing.T, cfg servertest.OpenSSHConfig) (*world, *servertest.OpenSSHServer) {
	t.Helper()
	c, commands := acme(t, "broken")
	c.User = servertest.OpenSSHUser
	node := c.Nodes[0].Name
	cfg.Commands = map[string]string{"show status": "Host Name          : cucm1\nProduct Ver        : 10.5.2.10000-5\n"}
	for line, a := range commands[node] {
		cfg.Commands[line] = a.Text
	}
	cfg.Ask = map[string]string{"utils service list": "Continue (y/n)?"}
	server := servertest.OpenSSH(t, cfg)
	w := newWorld(t, c, commands)
	w.at["192.0.2.10:22"] = server.Addr
	w.secrets["cli"] = servertest.OpenSSHPassword
	w.o.Request.Interfaces = []collect.Interface{collect.CLI}
	w.o.Request.Users = map[collect.Interface]string{collect.CLI: servertest.OpenSSHUser}
	w.o.Request.Found = collect.FoundNone
	w.o.Quiet = 100 * time.Millisecond
	return w, server
}

// TestCommandLineOfOpenSSH collects from a real terminal: with today's algorithms, with old ones only, and with keyboard-interactive.
func TestCommandLineOfOpenSSH(t *testing.T) {
	for name, cfg := range map[string]servertest.OpenSSHConfig{
		"modern": {Rows: 4}, "legacy": {Legacy: true, Rows: 4}, "keyboard": {Keyboard: true},
	} {
		t.Run(name, func(t *testing.T) {
			w, server := openSSH(t, cfg)
			w.o.HostKeys = &collect.HostKeys{Pins: []string{server.Fingerprint}, Ask: w.o.HostKeys.Ask}
			if cfg.Legacy {
				_, m := w.run()
				if !slices.ContainsFunc(m.Steps, func(s collect.StepResult) bool { return strings.Contains(s.Detail, "--legacy-ssh") }) || m.Complete {
					t.Errorf("without old algorithms: %+v", m.Steps)
				}
				if len(w.asked) > 0 {
					t.Errorf("the password was asked for: %q", w.asked)
				}
				w.o.LegacySSH = true
			}
			dir, m := w.run()
			s := step(t, m, "cli.show-network-cluster", "")
			text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(s.File)))
			if err != nil {
				t.Fatal(err)
			}
			want := "admin:show network cluster\n" + strings.TrimRight(prompted(readFixture(t, "broken/cluster.txt")), "\n")
			if got := strings.TrimRight(string(text), "\n"); got != want {
				t.Errorf("show network cluster is\n%s\nwant\n%s", got, want)
			}
			if s := step(t, m, "cli.utils-service-list", ""); s.Outcome != collect.Asked {
				t.Errorf("a question: %+v", s)
			}
			if s := step(t, m, "cli.show-hardware", ""); s.Outcome != collect.Unsupported {
				t.Errorf("an unknown command: %+v", s)
			}
			if m.Sessions.Opened != 1 || m.Sessions.Closed != 1 || len(m.Sessions.Left) > 0 {
				t.Errorf("sessions: %+v", m.Sessions)
			}
			typed := server.Typed(t)
			if typed[len(typed)-1] != "quit" {
				t.Errorf("the last line is %q", typed[len(typed)-1])
			}
			for _, line := range typed {
				switch {
				case strings.HasPrefix(line, "answer"), strings.HasPrefix(line, "key <") && line != "key < >",
					strings.Contains(line, servertest.OpenSSHPassword):
					t.Errorf("typed: %q", line)
				}
			}
			if n := len(w.asked); n != 1 {
				t.Errorf("the password was asked for %d times: %q", n, w.asked)
			}
		})
	}
}

// TestWrongPasswordOfOpenSSH proves that a refusal costs one attempt, and that no command is typed.
func TestWrongPasswordOfOpenSSH(t *testing.T) {
	w, server := openSSH(t, servertest.OpenSSHConfig{Keyboard: true})
	w.secrets["cli"] = "Wrong.Pass1"
	_, m := w.run()
	if !slices.ContainsFunc(m.Steps, func(s collect.StepResult) bool { return s.Outcome == collect.Refused && s.Class == "auth" }) {
		t.Errorf("%+v", m.Steps)
	}
	if m.Complete || m.Sessions.Opened != 0 {
		t.Errorf("complete %v, sessions %+v", m.Complete, m.Sessions)
	}
	if typed := server.Typed(t); !slices.Equal(typed, []string{""}) {
		t.Errorf("typed: %q", typed)
	}
	if n := strings.Count(server.Log(t), "Failed "); n > 1 {
		t.Errorf("%d failed log-ins:\n%s", n, server.Log(t))
	}
}

// TestKnownHostsOfOpenSSH reads the file that OpenSSH's own client keeps: the server also has a key of another type, and that type is not
// asked for. A changed key is refused although the pin and the person say yes.
func TestKnownHostsOfOpenSSH(t *testing.T) {
	w, server := openSSH(t, servertest.OpenSSHConfig{})
	node := w.names[0]
	file := filepath.Join(t.TempDir(), "known_hosts")
	asked := 0
	yes := func(context.Context, collect.Question) (bool, error) { asked++; return true, nil }
	for _, key := range server.PublicKeys {
		if err := os.WriteFile(file, []byte(node+" "+key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.o.HostKeys = &collect.HostKeys{Files: []string{file}, Ask: yes}
		_, m := w.run()
		if s := step(t, m, "cli.show-network-cluster", ""); s.Outcome != collect.OK || asked != 0 {
			t.Errorf("%s: %+v, asked %d times", key, s, asked)
		}
	}
	other := servertest.OpenSSH(t, servertest.OpenSSHConfig{})
	if err := os.WriteFile(file, []byte(node+" "+other.PublicKeys[0]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.asked = nil
	w.o.HostKeys = &collect.HostKeys{Files: []string{file}, Pins: []string{server.Fingerprint}, Ask: yes}
	_, m := w.run()
	refused := slices.ContainsFunc(m.Steps,
		func(s collect.StepResult) bool { return s.Class == "hostkey" && strings.Contains(s.Detail, "changed") })
	if !refused || m.Complete || asked != 0 || len(w.asked) != 0 {
		t.Errorf("a changed key: %+v, asked %d times, passwords %q", m.Steps, asked, w.asked)
	}
}

package probes

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cupclint/dnscheck"
	"cupclint/internal/area"
	"cupclint/internal/catalogue"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// options are those of a program without a configuration, with no trusted authority.
func options(t testing.TB) Options {
	t.Helper()
	rules := catalogue.All()
	policy, err := lint.NewPolicy(rules, lint.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return Options{Areas: catalogue.Areas(&dnscheck.Options{}), Tools: area.Tools{Prober: &probe.Prober{}}, Rules: rules,
		Policy: policy}
}

func list(t testing.TB, text string) *List {
	t.Helper()
	o := options(t)
	entries, err := Parse([]byte(text), o.Areas)
	if err != nil {
		t.Fatal(err)
	}
	l, err := New(t.Context(), entries, o)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// ids are the targets as ID, name and plan in a line.
func ids(l *List) string {
	var out []string
	for _, t := range l.Targets() {
		out = append(out, t.ID+" | "+t.Name)
	}
	return strings.Join(out, "\n")
}

func TestEveryAreaTakesAnAddress(t *testing.T) {
	for _, a := range catalogue.Areas(nil) {
		name := a.Info().Name
		l := list(t, "targets:\n  - {name: here, area: "+name+", address: host.example.com}\n")
		for _, target := range l.Targets() {
			if target.Area != name || len(target.Plan) != 3 || target.Plan[1] == "" || !strings.Contains(target.Plan[2], "no password is sent") {
				t.Errorf("%s: %+v", name, target)
			}
			if strings.Trim(target.ID, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
				t.Errorf("%s: ID %q", name, target.ID)
			}
		}
		if len(l.Targets()) == 0 {
			t.Errorf("%s: no target", name)
		}
	}
}

const deployment = `Presence.Primary.Address = cups1.acme.com
Presence.Domain = acme.com
Directory.Primary.Address = dc1.acme.com
Directory.Backup1.Address = dc2.acme.com
Directory.BindDN = CN=reader,DC=acme,DC=com
Directory.Password = S3cr3tM4rk
MailStore.Primary.Address = mail.acme.com
User.Voicemail.Password = S3cr3tM4rk
`

func TestPlanOfExportsIsOffered(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hq.properties"), []byte(deployment), 0o600); err != nil {
		t.Fatal(err)
	}
	l := list(t, fmt.Sprintf("targets:\n  - name: Berlin\n    exports: %q\n    areas: [ldap, mail]\n  - {area: ldap, address: dc1.acme.com}\n",
		dir))
	want := `directory-dc1-acme-com-389 | Berlin: dc1.acme.com:389
directory-dc2-acme-com-389 | Berlin: dc2.acme.com:389
mail-mail-acme-com-143 | Berlin: mail.acme.com:143
directory-dc1-acme-com-389_2 | dc1.acme.com: dc1.acme.com:389`
	if got := ids(l); got != want {
		t.Errorf("the targets are\n%s\nwant\n%s", got, want)
	}
	if text := fmt.Sprintf("%+v", l.Targets()); strings.Contains(text, "S3cr3t") || strings.Contains(text, "reader") {
		t.Errorf("the targets are %s", text)
	}
}

// A listener counts what it is sent and keeps its clients waiting until it has to end.
type listener struct {
	net.Listener
	mu   sync.Mutex
	got  strings.Builder
	came chan struct{}
}

func listen(t *testing.T) *listener {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{Listener: inner, came: make(chan struct{}, 100)}
	go func() {
		for {
			c, err := inner.Accept()
			if err != nil {
				return
			}
			l.came <- struct{}{}
			go func() {
				b := bufio.NewReader(c)
				for {
					x, err := b.ReadByte()
					if err != nil {
						return
					}
					l.mu.Lock()
					l.got.WriteByte(x)
					l.mu.Unlock()
				}
			}()
			t.Cleanup(func() { _ = c.Close() })
		}
	}()
	t.Cleanup(func() { _ = inner.Close() })
	return l
}

func (l *listener) port() int { return l.Addr().(*net.TCPAddr).Port }

// One target is probed once at a time, and all targets together only so often; what a target does not answer ends with the context.
func TestProbesAreBounded(t *testing.T) {
	var text strings.Builder
	text.WriteString("targets:\n")
	server := listen(t)
	for i := range atOnce + 1 {
		fmt.Fprintf(&text, "  - {name: t%d, area: directory, address: \"127.0.0.1:%d\"}\n", i, server.port())
	}
	l := list(t, text.String())
	targets := l.Targets()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range atOnce {
		all.Go(func() {
			r, err := l.Run(ctx, targets[i].ID)
			if err != nil || r.Incomplete == "" {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	for range atOnce {
		<-server.came
	}
	if _, err := l.Run(ctx, targets[0].ID); !errors.Is(err, ErrBusy) {
		t.Errorf("the same target again: %v", err)
	}
	if _, err := l.Run(ctx, targets[atOnce].ID); !errors.Is(err, ErrFull) {
		t.Errorf("one more target: %v", err)
	}
	for _, id := range []string{"", "unknown", "directory-127-0-0-1-1", "../etc/passwd"} {
		if _, err := l.Run(ctx, id); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v", id, err)
		}
	}
	cancel()
	all.Wait()
	select {
	case <-server.came:
		t.Error("a probe that was refused contacted its target")
	default:
	}
}

func TestWrongFiles(t *testing.T) {
	areas := catalogue.Areas(nil)
	for name, test := range map[string]struct{ text, want string }{
		"empty":               {"", "the file is empty"},
		"no target":           {"targets: []", "the file has no target"},
		"malformed":           {"targets: [", "malformed YAML"},
		"two documents":       {"targets: []\n---\ntargets: []", "a second document"},
		"a list":              {"- a", "not a map"},
		"unknown key":         {"target: []", "line 1, column 1: a file has no such key: did you mean targets?"},
		"a password":          {"targets:\n  - {area: ldap, address: a, password: geheim}", "line 2, column 30: a target has no such key"},
		"unknown area":        {"targets:\n  - {area: ldapp, address: a}", "line 2, column 12: unknown area"},
		"no area":             {"targets:\n  - {address: a}", "has an area"},
		"no address":          {"targets:\n  - {area: ldap}", "an address or settings"},
		"both":                {"targets:\n  - {area: ldap, address: a, exports: b}", "goes with neither"},
		"areas alone":         {"targets:\n  - {area: ldap, address: a, areas: [ldap]}", "belongs to exports"},
		"address twice":       {"targets:\n  - {area: ldap, address: a, settings: {Directory.Primary.Address: b}}", "in the settings, too"},
		"a key twice":         {"targets:\n  - {area: ldap, area: ldap, address: a}", "twice"},
		"a setting twice":     {"targets:\n  - {area: ldap, settings: {a: b, a: c}}", "twice"},
		"a line break":        {"targets:\n  - {area: ldap, address: \"a\\nb\"}", "no control characters"},
		"a port that is none": {"targets:\n  - {area: ldap, address: \"a:0\"}", "the address"},
		"a URL":               {"targets:\n  - {area: ldap, address: \"ldap://u:geheim@a\"}", "the address"},
		"a list as a text":    {"targets:\n  - {area: ldap, address: [a]}", "not a text"},
		"a long text":         {"targets:\n  - {area: ldap, address: " + strings.Repeat("a", maxText+1) + "}", "1 to 200 bytes"},
		"an alias":            {"a: &x {area: ldap}\ntargets: [*x]", "no such key"},
		"a key that is a map": {"targets:\n  - {? {a: b} : c}", "a key is a word"},
	} {
		t.Run(name, func(t *testing.T) {
			entries, err := Parse([]byte(test.text), areas)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "geheim") || entries != nil {
				t.Errorf("%v, %v; want %q", entries, err, test.want)
			}
		})
	}
	o := options(t)
	for name, test := range map[string]struct{ text, want string }{
		"no such exports":  {"targets:\n  - {exports: /nonexistent}", "nonexistent"},
		"no server":        {"targets:\n  - {area: ldap, settings: {Presence.Domain: acme.com}}", "nothing to probe"},
		"another area":     {"targets:\n  - {area: mail, settings: {Directory.Primary.Address: dc1}}", "nothing to probe"},
		"no such security": {"targets:\n  - {area: ldap, address: dc1, security: ssl}", "use plain, starttls, tls"},
		"no port":          {"targets:\n  - {area: dns, address: \"dc1:53\"}", "port"},
		"a password in it": {"targets:\n  - {area: ldap, address: dc1, settings: {Directory.Password: geheim}}", "is a secret"},
	} {
		t.Run(name, func(t *testing.T) {
			entries, err := Parse([]byte(test.text), o.Areas)
			if err == nil {
				_, err = New(t.Context(), entries, o)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("the error is %v, want %q", err, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("targets:\n  - {name: a, area: ldap, address: b, settings: {c: d}}\n  - exports: e\n    areas: [dns]\n"))
	f.Add([]byte("targets: &a [*a]"))
	f.Add([]byte("? [a]\n: b"))
	areas := catalogue.Areas(nil)
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, err := Parse(text, areas)
		if (err == nil) != (len(entries) > 0) {
			t.Fatalf("%d entries, %v", len(entries), err)
		}
		for _, e := range entries {
			if (e.Exports == "") == (e.Area == "") {
				t.Fatalf("%+v", e)
			}
		}
	})
}

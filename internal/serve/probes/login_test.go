package probes

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/lab"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/lint"
)

// A tap keeps what is sent over its connections.
type tap struct {
	mu   sync.Mutex
	sent bytes.Buffer
	n    int
}

func (p *tap) dial(inner func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := inner(ctx, network, address)
		if err != nil {
			return nil, err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.n++
		return &tapped{c, p}, nil
	}
}

type tapped struct {
	net.Conn
	tap *tap
}

func (c *tapped) Write(b []byte) (int, error) {
	c.tap.mu.Lock()
	c.tap.sent.Write(b)
	c.tap.mu.Unlock()
	return c.Conn.Write(b)
}

// holds says whether a text was sent, plain or in base64.
func (p *tap) holds(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Contains(p.sent.Bytes(), []byte(text)) ||
		bytes.Contains(p.sent.Bytes(), []byte(base64.StdEncoding.EncodeToString([]byte(text))))
}

// A real directory gets no bind with the account and password of the exports, although both are right. That the same exports do log in
// otherwise, and that the tap would see it, is tried first.
func TestDirectoryGetsNoPassword(t *testing.T) {
	if testing.Short() {
		t.Skip("starts slapd: left out with -short")
	}
	server := servertest.OpenLDAP(t, servertest.OpenLDAPConfig{})
	host, port, _ := net.SplitHostPort(server.Addr)
	account := "uid=svc,ou=people," + servertest.OpenLDAPBase
	dir := t.TempDir()
	text := fmt.Sprintf("Directory.Primary.Address = %s\nDirectory.Primary.Port = %s\nDirectory.DN = %s\nDirectory.Password = %s\n"+
		"Directory.Context = %s\n", host, port, account, servertest.OpenLDAPPassword, servertest.OpenLDAPBase)
	if err := os.WriteFile(filepath.Join(dir, "hq.properties"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	seen := new(tap)
	o := options(t)
	o.Tools.Prober = &probe.Prober{Dial: seen.dial(new(net.Dialer).DialContext)}
	sources, _ := export.Find([]string{dir})
	_, plan, err := audit.Lint(t.Context(), lint.Options{Sources: sources, Policy: o.Policy, Filter: o.Policy.NewFilter(o.Rules),
		NewReader: func() *export.Reader { return new(export.Reader) }}, o.Areas)
	if err != nil {
		t.Fatal(err)
	}
	tools := o.Tools
	tools.Budget = servertest.Budget(t)
	plan.Observe(t.Context(), audit.Options{Tools: tools})
	if !seen.holds(servertest.OpenLDAPPassword) {
		t.Fatal("the tap does not see a log-in")
	}
	seen.sent.Reset()
	seen.n = 0
	entries, err := Parse(fmt.Appendf(nil, "targets:\n  - {exports: %q, areas: [directory]}\n", dir), o.Areas)
	if err != nil {
		t.Fatal(err)
	}
	l, err := New(t.Context(), entries, o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.Run(t.Context(), l.Targets()[0].ID)
	if err != nil || r.Incomplete != "" || seen.n == 0 {
		t.Fatalf("%+v, %v, %d connections", r, err, seen.n)
	}
	if seen.holds(servertest.OpenLDAPPassword) || seen.holds(account) {
		t.Errorf("the account or its password was sent: %q", seen.sent.String())
	}
	// Whatever the plan says, the budget of the list grants nothing.
	_, err = l.options.Tools.Budget.Reserve(t.Context(), loginbudget.Account{Names: []string{account}},
		loginbudget.NewSecret(servertest.OpenLDAPPassword), loginbudget.Policy{})
	if !errors.Is(err, errNoLogins) {
		t.Errorf("the budget: %v", err)
	}
}

// Every area of two deployments is probed, and the password of all their accounts, which the exports hold, is sent to none.
func TestNoAreaSendsAPassword(t *testing.T) {
	for _, demo := range []lab.Demo{lab.CUPC, lab.Jabber} {
		t.Run(string(demo), func(t *testing.T) {
			deployment, err := lab.Start(t.Context(), lab.Options{Demo: demo, Fixed: true})
			if err != nil {
				t.Fatal(err)
			}
			defer deployment.Close()
			dir := t.TempDir()
			for _, f := range deployment.Files {
				text := f.Text
				if strings.HasSuffix(f.Name, ".properties") {
					text += "\nDirectory.Password = " + deployment.Password + "\nMailStore.Password = " + deployment.Password + "\n"
				}
				name := filepath.Join(dir, f.Name)
				if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			seen, o := new(tap), options(t)
			names := dnscheck.Options{Resolvers: []wire.Resolver{{Addr: deployment.Resolver}}, Concurrency: wire.DefaultOutstanding,
				Timeout: time.Second}
			if names.Types, err = dnscheck.ParseTypes([]string{"all"}); err != nil {
				t.Fatal(err)
			}
			o.Areas = catalogue.Areas(&names)
			client := dnscheck.NewClient(names.Resolvers, func(wire.Resolver) wire.Options { return wire.Options{} })
			defer client.Close()
			// The certificates are trusted by no client, so TLS ends before a log-in could begin; what is inside of TLS is not seen otherwise.
			o.Tools.Prober = &probe.Prober{Dial: seen.dial(deployment.Dial), Resolve: client.Resolve}
			entries, err := Parse(fmt.Appendf(nil, "targets:\n  - exports: %q\n", dir), o.Areas)
			if err != nil {
				t.Fatal(err)
			}
			l, err := New(t.Context(), entries, o)
			if err != nil {
				t.Fatal(err)
			}
			areas := make(map[string]bool)
			for _, target := range l.Targets() {
				areas[target.Area] = true
				if r, err := l.Run(t.Context(), target.ID); err != nil || r.Summary == "" {
					t.Errorf("%s: %+v, %v", target.ID, r, err)
				}
			}
			if len(areas) < 6 || seen.n < 6 {
				t.Errorf("areas %v, %d connections", areas, seen.n)
			}
			if seen.holds(deployment.Password) {
				t.Error("a password was sent")
			}
		})
	}
}

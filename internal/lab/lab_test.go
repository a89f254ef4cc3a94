package lab_test

import (
	"context"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/catalogue"
	"cupclint/internal/lab"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/ldapcheck"
	"cupclint/lint"
)

// TestFindings proves the lab with what it is for: the linter and the checks over it.
func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name            string
		fixed           bool
		lint, dns, ldap []string // IDs at warning and above, each once
	}{
		{"broken", false, []string{"LDAP002", "LDAP004", "PRES002"}, []string{"DNS101", "DNS108"}, []string{"LDAP103", "LDAP105"}},
		{"fixed", true, nil, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := start(t, lab.Options{Fixed: c.fixed})
			sources := write(t, l)
			for area, got := range map[string]struct {
				found []lint.Finding
				want  []string
			}{
				"lint": {linted(t, sources), c.lint},
				"dns":  {asked(t, l, sources), c.dns},
				"ldap": {probed(t, l, sources, l.Password), c.ldap},
			} {
				if diff := cmp.Diff(got.want, ids(got.found)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", area, diff)
					for _, f := range got.found {
						t.Logf("%s %s %s %q", f.Rule, f.Severity, f.Message, f.Evidence)
					}
				}
			}
		})
	}
}

func start(t *testing.T, o lab.Options) *lab.Lab {
	t.Helper()
	l, err := lab.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func write(t *testing.T, l *lab.Lab) []export.Source {
	t.Helper()
	dir := t.TempDir()
	for _, f := range l.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), []byte(f.Text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sources, errs := export.Find([]string{dir})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return sources
}

func linted(t *testing.T, sources []export.Source) []lint.Finding {
	t.Helper()
	r, err := lint.Run(t.Context(), lint.Options{Sources: sources, Rules: catalogue.All()})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []lint.Finding
	for f, err := range r.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, *f)
	}
	return out
}

func asked(t *testing.T, l *lab.Lab, sources []export.Source) []lint.Finding {
	t.Helper()
	r, err := dnscheck.Run(t.Context(), dnscheck.Job{Sources: sources, Rules: catalogue.All()},
		dnscheck.Options{Resolvers: []wire.Resolver{{Addr: l.Resolver}}})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(r.Findings, func(f lint.Finding) bool { return f.Rule[:3] != "DNS" })
}

func probed(t *testing.T, l *lab.Lab, sources []export.Source, password string) []lint.Finding {
	t.Helper()
	budget, err := loginbudget.Open(loginbudget.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(l.CA) {
		t.Fatal("the authority is no PEM")
	}
	var requests []ldapcheck.Request
	reader := new(export.Reader)
	for _, s := range sources {
		for e, err := range reader.Read(t.Context(), s) {
			if err != nil {
				t.Fatal(err)
			}
			requests = append(requests, ldapcheck.FromExport(e).Requests...)
		}
	}
	if len(requests) != 2 {
		t.Fatalf("%d requests, want the client's and CUCM's", len(requests))
	}
	for i := range requests {
		requests[i].Login.Password = loginbudget.NewSecret(password)
	}
	checker := ldapcheck.Checker{Prober: &probe.Prober{Roots: roots, Dial: onlyLab(l)}, Budget: budget}
	return ldapcheck.Judge(checker.ProbeAll(t.Context(), requests, 2, nil), ldapcheck.JudgeOptions{})
}

// onlyLab refuses all ports but the lab's: what else runs on this machine has no say in the test.
func onlyLab(l *lab.Lab) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		for _, known := range []string{l.Domain.String(), l.Catalog.String(), l.CatalogTLS.String()} {
			if address == known {
				return new(net.Dialer).DialContext(ctx, network, address)
			}
		}
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
}

func ids(found []lint.Finding) []string {
	var out []string
	for _, f := range found {
		if f.Severity >= lint.Warning {
			out = append(out, f.Rule)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestWrongPassword proves that the directory gives AD's reason.
func TestWrongPassword(t *testing.T) {
	l := start(t, lab.Options{Fixed: true})
	for _, f := range probed(t, l, write(t, l), "not the password") {
		if f.Rule == "LDAP102" && strings.Contains(strings.Join(f.Evidence, " "), "data 52e") {
			return
		}
	}
	t.Error("no LDAP102 with AD's sub-code 52e")
}

// TestClose proves that nothing listens afterwards, also while a client is connected.
func TestClose(t *testing.T) {
	l, err := lab.Start(t.Context(), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", l.Domain.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	for _, at := range []string{l.Domain.String(), l.Catalog.String(), l.CatalogTLS.String(), l.Resolver.String()} {
		if c, err := net.Dial("tcp", at); err == nil {
			c.Close()
			t.Errorf("%s still accepts", at)
		}
	}
}

package audit_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/lab"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// auditLab lints and probes a lab as the command does.
func auditLab(t testing.TB, o lab.Options, watch func(audit.Event)) (*audit.Case, *audit.Plan, *lab.Lab) {
	t.Helper()
	l, err := lab.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	dir := t.TempDir()
	for _, f := range l.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), []byte(f.Text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, plan := linted(t, dir)
	plan.LogIn(loginbudget.NewSecret(l.Password), lab.MailUser)
	tools := toolsFor(t, l)
	tools.Watch = watch
	c.Observations = *plan.Observe(t.Context(), tools)
	return c, plan, l
}

func linted(t testing.TB, dir string) (*audit.Case, *audit.Plan) {
	t.Helper()
	sources, errs := export.Find([]string{dir})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	policy := new(lint.Policy)
	c, plan, err := audit.Lint(t.Context(), lint.Options{Sources: sources, Rules: catalogue.All(), Policy: policy, Filter: policy.NewFilter(catalogue.All())})
	if err != nil {
		t.Fatal(err)
	}
	return c, plan
}

func toolsFor(t testing.TB, l *lab.Lab) audit.Tools {
	t.Helper()
	budget, err := loginbudget.Open(loginbudget.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(l.CA) {
		t.Fatal("the authority is no PEM")
	}
	resolvers := []wire.Resolver{{Addr: l.Resolver}}
	client := dnscheck.NewClient(resolvers, func(wire.Resolver) wire.Options { return wire.Options{} })
	t.Cleanup(func() { _ = client.Close() })
	return audit.Tools{Prober: &probe.Prober{Roots: roots, Resolve: client.Resolve, Dial: l.Dial}, Budget: budget, DNS: dnscheck.Options{Resolvers: resolvers}}
}

func ids(findings []lint.Finding) []string {
	var out []string
	for _, f := range findings {
		if f.Severity >= lint.Warning {
			out = append(out, f.Rule)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestJoined proves that static and live findings come in one list, and that a kept case gives the same one again.
func TestJoined(t *testing.T) {
	c, _, l := auditLab(t, lab.Options{}, nil)
	first := c.Judge(catalogue.All(), new(lint.Policy))
	got := ids(first.Findings)
	for _, want := range []string{"LDAP002", "PRES002", "DNS101", "LDAP103", "MAIL102", "MAIL109", "SIP102", "CTI101"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	if slices.Contains(ids(first.Findings), "HYG008") {
		t.Error("a suppression is missed where there is none")
	}
	var kept bytes.Buffer
	if err := c.Save(&kept); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(kept.String(), l.Password) {
		t.Error("the kept case holds the password")
	}
	again, err := audit.Load(&kept)
	if err != nil {
		t.Fatal(err)
	}
	second := again.Judge(catalogue.All(), new(lint.Policy))
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("judged again (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(c.Incomplete(), again.Incomplete()); diff != "" {
		t.Errorf("incomplete (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(c.Observations.Probes(), again.Observations.Probes()); diff != "" {
		t.Errorf("probes (-first +second):\n%s", diff)
	}
}

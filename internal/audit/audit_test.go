package audit_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cupclint/dnscheck"
	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/demo"
	"cupclint/internal/lab"
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
	if err := demo.WriteExports(l, dir); err != nil {
		t.Fatal(err)
	}
	var names dnscheck.Options
	c, plan := linted(t, dir, &names)
	tools, done, err := demo.Prepare(l, plan, &names)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	c.Observations = *plan.Observe(t.Context(), audit.Options{Tools: tools, Watch: watch})
	return c, plan, l
}

func linted(t testing.TB, dir string, names *dnscheck.Options) (*audit.Case, *audit.Plan) {
	t.Helper()
	sources, errs := export.Find([]string{dir})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	policy := new(lint.Policy)
	c, plan, err := audit.Lint(t.Context(),
		lint.Options{Sources: sources, Rules: catalogue.All(), Policy: policy, Filter: policy.NewFilter(catalogue.All())}, catalogue.Areas(names))
	if err != nil {
		t.Fatal(err)
	}
	return c, plan
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
	if slices.Contains(got, "SIP101") {
		t.Error("a server whose name does not resolve is found twice: by DNS101 and by SIP101")
	}
	if slices.Contains(got, "HYG008") {
		t.Error("a suppression is missed where there is none")
	}
	var kept bytes.Buffer
	if err := c.Save(&kept); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(kept.String(), l.Password) {
		t.Error("the kept case holds the password")
	}
	again, err := audit.Load(&kept, catalogue.Areas(nil))
	if err != nil {
		t.Fatal(err)
	}
	second := again.Judge(catalogue.All(), new(lint.Policy))
	if !reflect.DeepEqual(first, second) {
		t.Errorf("judged %+v\nand again %+v", first, second)
	}
	if !reflect.DeepEqual(c.Incomplete(), again.Incomplete()) {
		t.Errorf("incomplete %+v\nand again %+v", c.Incomplete(), again.Incomplete())
	}
	if !reflect.DeepEqual(c.Observations.Probes(), again.Observations.Probes()) {
		t.Errorf("probes %+v\nand again %+v", c.Observations.Probes(), again.Observations.Probes())
	}
}

// TestOneCause proves that a server which is not reached is a finding of its own where the name is not the reason, or no finding says so.
func TestOneCause(t *testing.T) {
	c, _, _ := auditLab(t, lab.Options{}, nil)
	policy, err := lint.NewPolicy(catalogue.All(), lint.Settings{Disable: []string{"dns"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := ids(c.Judge(catalogue.All(), policy).Findings); !slices.Contains(got, "SIP101") || !slices.Contains(got, "CTI101") {
		t.Errorf("without the rules of DNS: %q", got)
	}
	if got := ids(c.Judge(catalogue.All(), new(lint.Policy)).Findings); !slices.Contains(got, "CTI101") {
		t.Errorf("a port that refuses: %q", got)
	}
}

// TestGeneration proves that SIP is asked for the clients that speak it, and for no others.
func TestGeneration(t *testing.T) {
	for dir, want := range map[string]int{"cupc7": 2, "cupc8": 0, "jabber9": 0, "jabber14": 0} {
		_, plan := linted(t, "../../fixtures/deployments/"+dir+"/right", nil)
		if got := len(plan.Of("sip")); got != want {
			t.Errorf("%s: %d presence servers are asked by SIP, want %d", dir, got, want)
		}
	}
}

package lab_test

import (
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"cupclint/dnscheck"
	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/demo"
	"cupclint/internal/lab"
	"cupclint/internal/loginbudget"
	"cupclint/lint"
)

// TestFaults proves the lab with what it is for, an audit: the broken deployment has the findings that its faults name and no others, the
// repaired one has none. Both ways into the lab look the same.
func TestFaults(t *testing.T) {
	for _, o := range []lab.Options{
		{}, {Fixed: true}, {Loopback: true}, {Fixed: true, Loopback: true},
		{Demo: lab.Jabber}, {Demo: lab.Jabber, Fixed: true}, {Demo: lab.Jabber, Loopback: true},
	} {
		t.Run(name(o), func(t *testing.T) {
			var expected []string
			for _, f := range lab.Faults(o.Demo) {
				expected = append(expected, f.Rules...)
			}
			slices.Sort(expected)
			expected = slices.Compact(expected)
			if o.Fixed {
				expected = nil
			}
			l := start(t, o)
			found := audited(t, l, l.Password)
			if o.Loopback { // where everything is, and where no other machine could go
				found = slices.DeleteFunc(found, func(f lint.Finding) bool { return f.Rule == "DNS115" })
			}
			if o.Demo == lab.Jabber && o.Loopback && slices.ContainsFunc(l.Services(), func(s lab.Service) bool { return !s.Usual }) {
				t.Skip("not all usual ports are free and allowed, and files of Jabber cannot name others")
			}
			if o.Loopback && slices.ContainsFunc(l.Services(), func(s lab.Service) bool { return !s.Usual }) {
				t.Log("not all usual ports are free and allowed: rules about ports are left out")
				found = slices.DeleteFunc(found, func(f lint.Finding) bool { return slices.Contains(aboutPorts, f.Rule) })
				expected = slices.DeleteFunc(slices.Clone(expected), func(id string) bool { return slices.Contains(aboutPorts, id) })
			}
			if got := ids(found); !slices.Equal(got, expected) {
				t.Errorf("got %v\nwant %v", got, expected)
				for _, f := range found {
					t.Logf("%s %s %s %q", f.Rule, f.Severity, f.Message, f.Evidence)
				}
			}
		})
	}
}

// aboutPorts are the rules that judge the number of a port.
var aboutPorts = []string{"CRED005", "CRED007", "CTI001", "DNS109", "LDAP001"}

func name(o lab.Options) string {
	name := "broken"
	if o.Fixed {
		name = "fixed"
	}
	if o.Loopback {
		name += " on loopback"
	}
	if o.Demo == lab.Jabber {
		name += ", Jabber"
	}
	return name
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

// audited lints and probes, with a password for all accounts.
func audited(t *testing.T, l *lab.Lab, password string) []lint.Finding {
	t.Helper()
	dir := t.TempDir()
	if err := demo.WriteExports(l, dir); err != nil {
		t.Fatal(err)
	}
	sources, errs := export.Find([]string{dir})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	rules, policy := catalogue.All(), new(lint.Policy)
	var names dnscheck.Options
	c, plan, err := audit.Lint(t.Context(), lint.Options{Sources: sources, Rules: rules, Policy: policy, Filter: policy.NewFilter(rules)},
		catalogue.Areas(&names))
	if err != nil {
		t.Fatal(err)
	}
	demo.LogIn(plan, loginbudget.NewSecret(password)) // the demo gives passwords only where there is none
	tools, done, err := demo.Prepare(l, plan, &names)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	c.Observations = *plan.Observe(t.Context(), audit.Options{Tools: tools})
	for _, e := range c.Incomplete() {
		if password == l.Password { // a wrong one is not tried again under other names
			t.Errorf("incomplete: %v", e)
		}
	}
	return c.Judge(rules, policy).Findings
}

func ids(found []lint.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.Rule)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestWrongPassword proves that the directory gives AD's reason.
func TestWrongPassword(t *testing.T) {
	for _, f := range audited(t, start(t, lab.Options{Fixed: true}), "not the password") {
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
	services := l.Services()
	for _, s := range services {
		c, err := net.Dial("tcp", s.Address.String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	for _, s := range services {
		if c, err := net.Dial("tcp", s.Address.String()); err == nil {
			c.Close()
			t.Errorf("%s (%s) still accepts", s.What, s.Address)
		}
	}
}

// TestDial proves that nothing but the deployment is ever contacted.
func TestDial(t *testing.T) {
	l := start(t, lab.Options{})
	for _, address := range []string{"192.0.2.10:390", "192.0.2.99:389", "127.0.0.1:389", l.Resolver.String(), "dc1.acme.test:389"} {
		if c, err := l.Dial(t.Context(), "tcp", address); err == nil {
			c.Close()
			t.Errorf("%s is let through", address)
		}
	}
}

// TestLockOut proves that the lab counts as a domain controller does: a name without a password is ignored, the last wrong one locks, and
// others see the lock.
func TestLockOut(t *testing.T) {
	l := start(t, lab.Options{})
	at := ""
	for _, s := range l.Services() {
		if s.Name == "dc1.acme.test:389" {
			at = s.Address.String()
		}
	}
	bind := func(name, password string) (*ldap.Conn, error) {
		c, err := ldap.DialURL("ldap://" + at)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if password == "" {
			return c, c.UnauthenticatedBind(name)
		}
		return c, c.Bind(name, password)
	}
	search, cucm := lab.Accounts()[0], lab.Accounts()[1]
	if _, err := bind(search, ""); err != nil {
		t.Errorf("a name without a password: %v", err)
	}
	reader, err := bind(cucm, l.Password)
	if err != nil {
		t.Fatal(err)
	}
	seen := func(attribute string) string {
		res, err := reader.Search(ldap.NewSearchRequest(search, ldap.ScopeBaseObject, 0, 1, 0, false, "(objectClass=*)", []string{attribute},
			nil))
		if err != nil || len(res.Entries) != 1 {
			t.Fatalf("%v, %v", res, err)
		}
		return res.Entries[0].GetAttributeValue(attribute)
	}
	if got := seen("badPwdCount"); got != "4" {
		t.Errorf("badPwdCount %s before the last try, want 4", got)
	}
	if got := seen("msDS-User-Account-Control-Computed"); got != "0" {
		t.Errorf("computed account control %s before the lock", got)
	}
	if _, err := bind(search, "wrong"); err == nil || !strings.Contains(err.Error(), "data 52e") {
		t.Errorf("the last wrong password: %v", err)
	}
	if _, err := bind(search, l.Password); err == nil || !strings.Contains(err.Error(), "data 775") {
		t.Errorf("the right password of a locked account: %v", err)
	}
	if got := seen("msDS-User-Account-Control-Computed"); got != "16" {
		t.Errorf("others see %s, want the bit of the lock", got)
	}
}

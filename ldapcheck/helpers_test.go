package ldapcheck

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/lint"
)

// neverValid was never the password of an account of the tests: a directory may not count earlier passwords.
const neverValid = "Never.Valid9"

func target(t testing.TB, addr string, sec probe.Security) probe.Target {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return probe.Target{Host: host, Port: n, Security: sec}
}

// checker makes a run of its own, with a memory of its own unless dir names one.
func checker(t testing.TB, dir string, roots *x509.CertPool) *Checker {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	b := loginbudget.Open(loginbudget.Options{Dir: dir, Cost: servertest.Cheap})
	return &Checker{Prober: &probe.Prober{Roots: roots, Timeouts: probe.Uniform(30 * time.Second)}, Budget: b}
}

func request(tg probe.Target, dn, password string, bases ...string) Request {
	r := Request{Target: tg, Role: RoleManual, Login: Login{DN: dn, Password: secretOf(password)}}
	for _, b := range bases {
		r.Bases = append(r.Bases, Base{DN: b, Recursive: true})
	}
	return r
}

// probeAndJudge probes one server in a run of its own and checks what must hold for every probe: nothing printed or
// marshalled shows a password.
func probeAndJudge(t testing.TB, c *Checker, r Request, opt JudgeOptions) (*Observation, []lint.Finding) {
	t.Helper()
	o := c.Probe(context.Background(), r)
	fs := Judge([]*Observation{o}, opt)
	noSecret(t, o, fs)
	return o, fs
}

// secretOf makes a secret that noSecret looks for from then on.
func secretOf(text string) loginbudget.Secret {
	secrets.Store(text, true)
	return loginbudget.NewSecret(text)
}

// secrets are the passwords of all tests so far. A word of ordinary text is none that could be looked for.
var secrets sync.Map

const leastSecret = 8

func noSecret(t testing.TB, o *Observation, fs []lint.Finding) {
	t.Helper()
	j, err := json.Marshal(struct {
		O *Observation
		F []lint.Finding
	}{o, fs})
	if err != nil {
		t.Fatal(err)
	}
	secrets.Range(func(s, _ any) bool {
		if text := s.(string); len(text) >= leastSecret && strings.Contains(string(j), text) {
			t.Errorf("a password shows in %s", j)
		}
		return true
	})
}

// A helper that finds nothing proves nothing.
func TestAShownPasswordIsNoticed(t *testing.T) {
	_ = secretOf("Shown.Pass7")
	var failed recorder
	noSecret(&failed, &Observation{Incomplete: "the password is Shown.Pass7"}, nil)
	if failed.errors == 0 {
		t.Error("a password in an observation is not noticed")
	}
}

// A recorder counts what a helper complains of.
type recorder struct {
	testing.TB
	errors int
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.errors++ }

// countingDial counts the connections that are opened.
func countingDial(n *int) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		*n++
		return new(net.Dialer).DialContext(ctx, network, address)
	}
}

// ids lists the findings' rules with their severities: "LDAP102 error".
func ids(fs []lint.Finding) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Rule+" "+f.Severity.String())
	}
	return strings.Join(out, ", ")
}

func find(t testing.TB, fs []lint.Finding, rule string) lint.Finding {
	t.Helper()
	for _, f := range fs {
		if f.Rule == rule {
			return f
		}
	}
	t.Fatalf("no %s in: %s", rule, dump(fs))
	return lint.Finding{}
}

func absent(t testing.TB, fs []lint.Finding, rules ...string) {
	t.Helper()
	for _, f := range fs {
		for _, r := range rules {
			if f.Rule == r {
				t.Errorf("unexpected %s", dump([]lint.Finding{f}))
			}
		}
	}
}

func dump(fs []lint.Finding) string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString("\n" + f.Rule + " " + f.Severity.String() + ": " + f.Message + "\n  fix: " + f.Fix)
		for _, e := range f.Evidence {
			b.WriteString("\n  - " + e)
		}
	}
	if b.Len() == 0 {
		return "(nothing)"
	}
	return b.String()
}

func contains(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is missing in: %s", p, text)
		}
	}
}

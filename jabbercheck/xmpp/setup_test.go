package xmpp_test

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/jabbercheck/xmpp"
	"cupclint/lint"
)

func checker(t *testing.T, ca *servertest.Authority) *xmpp.Checker {
	t.Helper()
	p := &probe.Prober{Timeouts: probe.Uniform(30 * time.Second)}
	if ca != nil {
		p.Roots = ca.Pool
	}
	return &xmpp.Checker{Prober: p, Budget: servertest.Budget(t)}
}

func request(t *testing.T, addr, domain string) xmpp.Request {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return xmpp.Request{Target: probe.Target{Host: host, Port: n}, Domain: xmpp.Domain{Name: domain}}
}

func login(password string) xmpp.Login {
	return xmpp.Login{User: servertest.User, Password: loginbudget.NewSecret(password)}
}

func judge(seen ...*xmpp.Observation) []lint.Finding { return xmpp.Judge(seen, xmpp.JudgeOptions{}) }

// ruleIDs are the rules of the findings with their severities, sorted.
func ruleIDs(findings []lint.Finding) string {
	var ids []string
	for _, f := range findings {
		ids = append(ids, f.Rule+":"+f.Severity.String())
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

func messages(findings []lint.Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Rule+" "+f.Message+"\n  "+strings.Join(f.Evidence, "\n  ")+"\n  fix: "+f.Fix)
	}
	return strings.Join(out, "\n")
}

package sipcheck_test

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
	"cupclint/lint"
	"cupclint/sipcheck"
)

func checker(t *testing.T, ca *servertest.Authority) *sipcheck.Checker {
	t.Helper()
	budget := servertest.Budget(t)
	p := &probe.Prober{Timeouts: probe.Uniform(20 * time.Second)}
	if ca != nil {
		p.Roots = ca.Pool
	}
	return &sipcheck.Checker{Prober: p, Budget: budget}
}

func target(t *testing.T, addr, protocol string) probe.Target {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return sipcheck.TargetOf(host, n, protocol)
}

func login(credential string) sipcheck.Login {
	return sipcheck.Login{User: servertest.User, Credential: loginbudget.NewSecret(credential)}
}

// ruleIDs are the rules of the findings with their severities, sorted.
func ruleIDs(findings []lint.Finding) string {
	var ids []string
	for _, f := range findings {
		ids = append(ids, f.Rule+":"+f.Severity.String())
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

func judge(o *sipcheck.SIPObservation) string {
	return ruleIDs(sipcheck.Judge([]*sipcheck.SIPObservation{o}, nil, sipcheck.JudgeOptions{}))
}

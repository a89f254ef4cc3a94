package mailcheck_test

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
	"cupclint/mailcheck"
)

func checker(t *testing.T, ca *servertest.Authority) *mailcheck.Checker {
	t.Helper()
	budget := servertest.Budget(t)
	p := &probe.Prober{Timeouts: probe.Uniform(20 * time.Second)}
	if ca != nil {
		p.Roots = ca.Pool
	}
	return &mailcheck.Checker{Prober: p, Budget: budget}
}

func target(t *testing.T, addr string, s probe.Security) probe.Target {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return probe.Target{Host: host, Port: n, Security: s}
}

func login(password string) mailcheck.Login {
	return mailcheck.Login{User: servertest.User, Password: loginbudget.NewSecret(password)}
}

// ruleIDs are the rules of the findings, sorted.
func ruleIDs(findings []lint.Finding) string {
	var ids []string
	for _, f := range findings {
		ids = append(ids, f.Rule)
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

func judgeCalendar(o *mailcheck.CalendarObservation) string {
	return ruleIDs(mailcheck.Judge(nil, []*mailcheck.CalendarObservation{o}, mailcheck.JudgeOptions{}))
}

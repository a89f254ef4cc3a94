package sipcheck_test

import (
	"net"
	"strconv"
	"testing"
	"time"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/sipcheck"
)

func checker(t *testing.T, ca *servertest.Authority) *sipcheck.Checker {
	t.Helper()
	budget := loginbudget.Open(loginbudget.Options{Dir: t.TempDir()})
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

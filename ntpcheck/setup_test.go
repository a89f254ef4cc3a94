package ntpcheck_test

import (
	"net"
	"strconv"
	"testing"
	"time"

	"cupclint/internal/probe"
	"cupclint/ntpcheck"
)

func checker() *ntpcheck.Checker {
	return &ntpcheck.Checker{Prober: &probe.Prober{Timeouts: probe.Uniform(30 * time.Second)}}
}

func request(t *testing.T, addr string) ntpcheck.Request {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return ntpcheck.Request{Target: ntpcheck.TargetOf(host, n)}
}

package live

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cupclint/internal/probe"
	"cupclint/lint"
)

func TestPort(t *testing.T) {
	for text, want := range map[string]int{"": 389, "636": 636, "0": 0, "-1": 0, "x": 0, " 636": 0, "99999": 99999, "99999999999": 0} {
		if got := Port(text, 389); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestSecurity(t *testing.T) {
	for _, tc := range []struct {
		protocol string
		tlsPort  bool
		want     probe.Security
	}{
		{"SSL", false, probe.ImplTLS}, {"ssl", true, probe.ImplTLS}, {"TLS", false, probe.StartTLS}, {"tls", true, probe.ImplTLS},
		{"TCP", false, probe.Plain}, {"TCP", true, probe.Plain},
		{"", true, probe.ImplTLS}, {"", false, probe.Plain}, {"UDP", true, probe.Plain},
	} {
		if got := Security(tc.protocol, tc.tlsPort); got != tc.want {
			t.Errorf("%q, TLS port %v: %v, want %v", tc.protocol, tc.tlsPort, got, tc.want)
		}
	}
}

// An observation may come from a case that was edited by hand: attempts without an error are skipped, and a run that was cancelled is not a
// fault.
func TestUnreachable(t *testing.T) {
	const rule lint.Live = "LDAP101"
	o := &probe.Observation{Target: probe.Target{Host: "dc1", Port: 389}}
	if _, found := Unreachable(rule, "s", o); found {
		t.Error("without an error")
	}
	o.Error = probe.ErrorOf(probe.Connect, probe.Cancelled, nil, "x")
	if _, found := Unreachable(rule, "s", o); found {
		t.Error("a run that was called off")
	}
	o.Error = probe.ErrorOf(probe.Connect, probe.Refused, errors.New("x"), "nothing listens")
	o.Tried = []probe.Attempt{{Address: "192.0.2.1:389"},
		{Address: "192.0.2.2:389", Error: probe.ErrorOf(probe.Connect, probe.Timeout, nil, "silent")}, {Address: "192.0.2.3:389", Error: o.Error}}
	f, found := Unreachable(rule, "LDAP server dc1:389", o)
	evidence := strings.Join(f.Evidence, "\n")
	if !found || !strings.HasPrefix(f.Message, "LDAP server dc1:389 refuses the connection") ||
		!strings.Contains(evidence, "192.0.2.2:389: connect: timeout: silent") || strings.Contains(evidence, "192.0.2.1") || f.Fix == "" {
		t.Errorf("%v %+v", found, f)
	}
}

// A certificate that expires soon still works: a warning in addition to errors of the same rule.
func TestCertificate(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	o := &probe.Observation{Target: probe.Target{Host: "dc1", Port: 636}, TLS: &probe.TLSFacts{
		At: at, Version: "TLS 1.2", Chain: []probe.Certificate{{NotAfter: at.Add(50 * time.Hour)}},
		Problems: []probe.TLSProblem{probe.CertSelfSigned},
	}}
	const rule lint.Live = "LDAP109"
	all := Certificate(rule, "LDAP server dc1:636", o, 0)
	if len(all) != 2 || all[0].Severity != lint.Error || all[0].DaysLeft != nil || all[1].Severity != lint.Warning || all[1].DaysLeft == nil ||
		*all[1].DaysLeft != 2 {
		t.Errorf("%+v", all)
	}
	if all := Certificate(rule, "s", o, -1); len(all) != 1 {
		t.Errorf("switched off: %+v", all)
	}
}

func TestAllKeepsTheOrderAndTheBound(t *testing.T) {
	var running, most atomic.Int32
	done := 0
	out := All(context.Background(), []int{0, 1, 2, 3, 4, 5, 6, 7}, 3, func(_ context.Context, n int) int {
		now := running.Add(1)
		for {
			if old := most.Load(); now <= old || most.CompareAndSwap(old, now) {
				break
			}
		}
		defer running.Add(-1)
		return n * n
	}, func(int) { done++ })
	for i, n := range out {
		if n != i*i {
			t.Errorf("%v", out)
		}
	}
	if most.Load() > 3 || done != 8 {
		t.Errorf("%d at once, %d told", most.Load(), done)
	}
}

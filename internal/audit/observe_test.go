package audit_test

import (
	"context"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/lab"
	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/jabbercheck/uds"
	"cupclint/ldapcheck"
	"cupclint/mailcheck"
	"cupclint/sipcheck"
)

// silentPlan asks n targets of each kind, all of which accept and stay silent.
func silentPlan(t *testing.T, n int) *audit.Plan {
	t.Helper()
	at := netip.MustParseAddrPort(servertest.Listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }))
	to := func(s probe.Security) probe.Target {
		return probe.Target{Host: at.Addr().String(), Port: int(at.Port()), Security: s}
	}
	p := audit.NewPlan(catalogue.Areas(nil))
	for range n {
		add(p, ldapcheck.Area(), ldapcheck.Request{Target: to(probe.Plain), Anonymous: true})
		add(p, mailcheck.Stores(), mailcheck.IMAPRequest{Target: to(probe.StartTLS)})
		add(p, mailcheck.Calendars(), mailcheck.CalendarRequest{Target: to(probe.ImplTLS)})
		add(p, sipcheck.Servers(), sipcheck.SIPRequest{Target: to(probe.Plain)})
		add(p, sipcheck.Managers(), sipcheck.CTIRequest{Target: to(probe.Plain), Hold: time.Hour})
	}
	return p
}

// add plans one request.
func add[R, O any](p *audit.Plan, s *area.Service[R, O], r R) { p.Add(s, s.Task(r)) }

func budget(t *testing.T) *loginbudget.Budget {
	t.Helper()
	b := servertest.Budget(t)
	return b
}

// TestCancel proves that every kind of probe ends when the run is cancelled, whatever the deadlines, and says that it did not come to its
// end. A probe that waited for its hour would fail the test by its time limit.
func TestCancel(t *testing.T) {
	plan := silentPlan(t, 2)
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	waiting := map[int]bool{}
	seen := plan.Observe(ctx, audit.Options{
		Tools: area.Tools{Prober: &probe.Prober{Timeouts: probe.Uniform(time.Hour)}, Budget: budget(t)},
		Watch: func(e audit.Event) {
			mu.Lock()
			defer mu.Unlock()
			if e.Phase == string(probe.Protocol) || e.Phase == string(probe.TLS) {
				waiting[e.Row] = true
			}
			if len(waiting) == 10 {
				cancel()
			}
		},
	})
	for _, p := range seen.Probes() {
		if p.Incomplete != "the run was cancelled" {
			t.Errorf("%s: %q", p.Area, p.Incomplete)
		}
	}
	c := audit.Case{Observations: *seen}
	if n := len(c.Incomplete()); n != 10 {
		t.Errorf("%d of 10 targets are incomplete", n)
	}
	if got := seen.LookedFor(); len(got) > 0 {
		t.Errorf("a cancelled run looked for %v to the end", got)
	}
}

// TestOneLimit proves that all areas share one limit.
func TestOneLimit(t *testing.T) {
	var mu sync.Mutex
	under, most, ended := map[int]bool{}, 0, 0
	silentPlan(t, 3).Observe(t.Context(), audit.Options{
		Tools: area.Tools{Prober: &probe.Prober{Timeouts: probe.Uniform(20 * time.Millisecond)}, Budget: budget(t)}, Jobs: 4,
		Watch: func(e audit.Event) {
			mu.Lock()
			defer mu.Unlock()
			if e.End != nil {
				delete(under, e.Row)
				ended++
				return
			}
			under[e.Row] = true
			most = max(most, len(under))
		},
	})
	if most != 4 || ended != 15 {
		t.Errorf("%d at once, want 4; %d ended, want 15", most, ended)
	}
}

// TestLookedForLeavesOutWhatWasNotAsked proves that a probe without a user says nothing about users.
func TestLookedForLeavesOutWhatWasNotAsked(t *testing.T) {
	o := audit.NewObservations(catalogue.Areas(nil))
	o.Add(uds.Area(), &uds.Observation{Place: live.Place{Key: "K"}})
	looked := o.LookedFor()
	for rule, there := range map[string]bool{"UDS102": true, "UDS104": false, "UDS110": false} {
		if slices.Contains(looked, audit.Looked{Rule: rule, Key: "K"}) != there {
			t.Errorf("%s: want %t among %v", rule, there, looked)
		}
	}
}

// TestLookedFor proves that what was seen completely is distinguished from what failed.
func TestLookedFor(t *testing.T) {
	c, _, _ := auditLab(t, lab.Options{}, nil)
	looked := c.Observations.LookedFor()
	for want, there := range map[audit.Looked]bool{
		{Rule: "LDAP103", Key: "CUCM.LDAPAuthentication.Server.1.Address"}: true,
		{Rule: "LDAP106", Key: "Directory.Primary.Address"}:                true,
		{Rule: "SIP102", Key: "Presence.Primary.Address"}:                  true,  // of the branch
		{Rule: "CTI101", Key: "CallControl.Primary.Address"}:               false, // refused
		{Rule: "DNS112", Key: "TFTP.Primary"}:                              false, // does not exist
		{Rule: "DNS112", Key: "Directory.Primary.Address"}:                 true,
	} {
		if slices.Contains(looked, want) != there {
			t.Errorf("%+v: want %t", want, there)
		}
	}
}

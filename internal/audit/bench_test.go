package audit_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/ldapcheck"
	"cupclint/mailcheck"
	"cupclint/sipcheck"
)

// benchDeadline is that of each phase where half of the targets are silent.
const benchDeadline = 2 * time.Second

// BenchmarkHalfSilent audits 200 targets, every second of which accepts and stays silent, and reports how long that takes against the
// longest single deadline. The project's bound is 1.2.
func BenchmarkHalfSilent(b *testing.B) {
	s := startLive(b)
	silent := servertest.Listen(b, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	plan := s.plan(100)
	addTargets(plan, func(int) target { return target{plain: silent, tls: silent, http: silent, sip: silent, cti: silent} }, 100)
	if n := len(plan.Rows()); n != 200 {
		b.Fatalf("%d targets", n)
	}
	var took time.Duration
	for b.Loop() {
		tools := s.tools(b)
		tools.Prober.Timeouts = probe.Uniform(benchDeadline)
		start := time.Now()
		seen := plan.Observe(b.Context(), audit.Options{Tools: tools})
		took += time.Since(start)
		count(b, seen, 80) // a CTIManager has nothing to say first: those 20 are as they should be
	}
	b.ReportMetric(took.Seconds()/benchDeadline.Seconds()/float64(b.N), "deadlines/op")
}

// BenchmarkLive audits 100 live targets and reports how long that takes against Debian's monitoring-plugins, twenty of them at once, on the
// same targets: check_ldap, check_imap, check_http and check_tcp. The project's bound is 1.
func BenchmarkLive(b *testing.B) {
	const plugins = "/usr/lib/nagios/plugins"
	if _, err := os.Stat(filepath.Join(plugins, "check_ldap")); err != nil {
		b.Skip("monitoring-plugins is not installed: apt-get install monitoring-plugins-basic monitoring-plugins-standard")
	}
	s := startLive(b)
	plan := s.plan(100)
	var ours, theirs time.Duration
	for b.Loop() {
		tools := s.tools(b)
		start := time.Now()
		seen := plan.Observe(b.Context(), audit.Options{Tools: tools})
		ours += time.Since(start)
		count(b, seen, 0)
		start = time.Now()
		if err := runPlugins(b.Context(), plugins, plan, 20); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(start)
	}
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "plugins/op")
}

// BenchmarkTargets audits 1 to 10,000 live targets. It reports how often the time of five targets, one of each kind, a run takes, and the
// memory that the observations hold. docs/benchmarks.md has the curve.
func BenchmarkTargets(b *testing.B) {
	s := startLive(b)
	observe := func(n int) (time.Duration, *audit.Observations) {
		plan, tools := s.plan(n), s.tools(b)
		start := time.Now()
		seen := plan.Observe(b.Context(), audit.Options{Tools: tools})
		took := time.Since(start)
		count(b, seen, 0)
		return took, seen
	}
	var five time.Duration
	for range 9 {
		took, _ := observe(5)
		five += took / 9
	}
	for _, n := range []int{1, 5, 10, 100, 1_000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			var took time.Duration
			var before, after runtime.MemStats
			held := 0.0
			for b.Loop() {
				runtime.GC()
				runtime.ReadMemStats(&before)
				t, seen := observe(n)
				took += t
				runtime.GC()
				runtime.ReadMemStats(&after)
				runtime.KeepAlive(seen)
				held = max(held, (float64(after.HeapAlloc)-float64(before.HeapAlloc))/(1<<20))
			}
			b.ReportMetric(took.Seconds()/five.Seconds()/float64(b.N), "five-targets/op")
			b.ReportMetric(held, "MiB-held")
		})
	}
}

// count proves that the benchmark measures what it says: so many targets fail, and no more.
func count(b *testing.B, seen *audit.Observations, want int) {
	b.Helper()
	failed := 0
	for _, p := range seen.Probes() {
		for _, ph := range p.Phases {
			if ph.Error != "" {
				failed++
				break
			}
		}
	}
	if failed != want {
		for _, p := range seen.Probes() {
			b.Logf("%+v", p)
		}
		b.Fatalf("%d targets failed, want %d", failed, want)
	}
}

// liveServers are real ones; twenty targets are the same one, which both sides ask as often.
type liveServers struct {
	ldap, imap, https, sip, cti string
	roots                       *x509.CertPool
}

func startLive(b *testing.B) *liveServers {
	b.Helper()
	ca := servertest.CA(b)
	s := &liveServers{
		ldap:  servertest.OpenLDAP(b, servertest.OpenLDAPConfig{CA: ca}).Addr,
		imap:  servertest.Dovecot(b, servertest.DovecotConfig{CA: ca}).TLSAddr,
		https: servertest.Apache(b, servertest.ApacheConfig{CA: ca}).HTTPS,
		sip:   servertest.Kamailio(b, servertest.KamailioConfig{}).Addr,
		roots: ca.Pool,
	}
	s.cti = servertest.Listen(b, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	return s
}

// A target is where the five services of one place listen.
type target struct{ plain, tls, http, sip, cti string }

// plan asks n targets in equal parts: LDAP, IMAP, HTTPS, SIP, CTI. A single one is LDAP.
func (s *liveServers) plan(n int) *audit.Plan {
	p := audit.NewPlan(catalogue.Areas(nil))
	addTargets(p, func(int) target { return target{s.ldap, s.imap, s.https, s.sip, s.cti} }, n)
	return p
}

func addTargets(p *audit.Plan, at func(int) target, n int) {
	to := func(addr string, security probe.Security) probe.Target {
		a := netip.MustParseAddrPort(addr)
		return probe.Target{Host: a.Addr().String(), Port: int(a.Port()), Security: security}
	}
	if n == 1 {
		add(p, ldapcheck.Area(), ldapcheck.Request{Target: to(at(0).plain, probe.Plain), Anonymous: true})
	}
	for i := range n / 5 {
		t := at(i)
		add(p, ldapcheck.Area(), ldapcheck.Request{Target: to(t.plain, probe.Plain), Anonymous: true, Rank: strconv.Itoa(i)})
		add(p, mailcheck.Stores(), mailcheck.IMAPRequest{Target: to(t.tls, probe.ImplTLS), Rank: strconv.Itoa(i)})
		add(p, mailcheck.Calendars(), mailcheck.CalendarRequest{Target: to(t.http, probe.ImplTLS), Rank: strconv.Itoa(i)})
		add(p, sipcheck.Servers(), sipcheck.SIPRequest{Target: to(t.sip, probe.Plain), Rank: strconv.Itoa(i)})
		add(p, sipcheck.Managers(), sipcheck.CTIRequest{Target: to(t.cti, probe.Plain), Rank: strconv.Itoa(i), Hold: 50 * time.Millisecond})
	}
}

func (s *liveServers) tools(b *testing.B) area.Tools {
	b.Helper()
	budget := loginbudget.Open(loginbudget.Options{Dir: b.TempDir()})
	return area.Tools{Prober: &probe.Prober{Roots: s.roots}, Budget: budget}
}

// runPlugins checks the targets of a plan as a monitoring system does, jobs at a time.
func runPlugins(ctx context.Context, dir string, p *audit.Plan, jobs int) error {
	var calls [][]string
	call := func(t probe.Target, name string, args ...string) {
		calls = append(calls, append([]string{filepath.Join(dir, name), "-H", t.Host, "-p", strconv.Itoa(t.Port)}, args...))
	}
	for _, r := range audit.Requests[ldapcheck.Request](p) {
		call(r.Target, "check_ldap", "-b", servertest.OpenLDAPBase, "-3")
	}
	for _, r := range audit.Requests[mailcheck.IMAPRequest](p) {
		call(r.Target, "check_imap", "-S")
	}
	for _, r := range audit.Requests[mailcheck.CalendarRequest](p) {
		call(r.Target, "check_http", "-S", "-u", "/exchange/", "-e", "HTTP/1.1")
	}
	for _, r := range audit.Requests[sipcheck.SIPRequest](p) {
		call(r.Target, "check_tcp")
	}
	for _, r := range audit.Requests[sipcheck.CTIRequest](p) {
		call(r.Target, "check_tcp")
	}
	slots, errs := make(chan struct{}, jobs), make(chan error, len(calls))
	var wg sync.WaitGroup
	for _, c := range calls {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if out, err := exec.CommandContext(ctx, c[0], c[1:]...).CombinedOutput(); err != nil {
				errs <- fmt.Errorf("%v: %w: %s", c, err, out)
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

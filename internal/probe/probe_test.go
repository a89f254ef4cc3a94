package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
)

func listen(t *testing.T, serve func(net.Conn)) Target {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				serve(c)
			}()
		}
	}()
	ap := netip.MustParseAddrPort(l.Addr().String())
	return Target{Host: ap.Addr().String(), Port: int(ap.Port())}
}

func swallow(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

func TestConnectRecordsAddressAndPhases(t *testing.T) {
	tg := listen(t, swallow)
	tg.Host = "dc1.example.com"
	asked := ""
	p := &Prober{Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
		asked = host
		return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::ffff:127.0.0.1")}, nil
	}}
	var o Observation
	c, err := p.Connect(context.Background(), tg, &o)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if asked != "dc1.example.com" || o.Address != fmt.Sprintf("127.0.0.1:%d", tg.Port) || len(o.Addresses) != 1 || o.Reached != Connect ||
		o.Phases.Connect == 0 {
		t.Errorf("asked %q, %+v", asked, o)
	}
	j, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"tls":0`, `"protocol":0`, `"auth":0`, `"dns":`, `"connect":`} {
		if !strings.Contains(string(j), want) {
			t.Errorf("%s is missing in %s", want, j)
		}
	}
	var back Observation
	if err := json.Unmarshal(j, &back); err != nil || back.Address != o.Address {
		t.Errorf("%v: %+v", err, back)
	}
}

func TestAddressPreference(t *testing.T) {
	four, six, four2 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.2")
	for _, tc := range []struct {
		prefer Family
		want   string
	}{
		{PreferIPv4, "[192.0.2.1 192.0.2.2 2001:db8::1]"}, {PreferIPv6, "[2001:db8::1 192.0.2.1 192.0.2.2]"},
		{OnlyIPv4, "[192.0.2.1 192.0.2.2]"}, {OnlyIPv6, "[2001:db8::1]"},
	} {
		p := &Prober{Prefer: tc.prefer}
		if got := fmt.Sprint(p.order([]netip.Addr{six, four, four2, six})); got != tc.want {
			t.Errorf("%q: %s", tc.prefer, got)
		}
	}
	for _, s := range []string{"", "prefer-ipv4", "prefer-ipv6", "ipv4", "ipv6"} {
		if _, err := ParseFamily(s); err != nil {
			t.Error(err)
		}
	}
	if _, err := ParseFamily("ipv5"); err == nil {
		t.Error("ipv5 is taken")
	}
}

func TestTheNextAddressIsTried(t *testing.T) {
	tg := listen(t, swallow)
	tg.Host = "dc1"
	p := &Prober{
		Resolve: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("127.0.0.1")}, nil
		},
		Timeouts: Uniform(3 * time.Second),
	}
	p.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		switch {
		case strings.HasPrefix(addr, "192.0.2.1:"):
			return nil, syscall.ECONNREFUSED
		case strings.HasPrefix(addr, "192.0.2.2:"):
			<-ctx.Done() // silent until its share of the time is over
			return nil, ctx.Err()
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	var o Observation
	c, err := p.Connect(context.Background(), tg, &o)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if len(o.Tried) != 2 || o.Tried[0].Error.Class != Refused || o.Tried[1].Error.Class != Timeout || o.Error != nil {
		t.Errorf("%+v", o.Tried)
	}
}

func TestFailuresAreTyped(t *testing.T) {
	fixed := func(addrs ...string) func(context.Context, string) ([]netip.Addr, error) {
		return func(context.Context, string) ([]netip.Addr, error) {
			var out []netip.Addr
			for _, a := range addrs {
				out = append(out, netip.MustParseAddr(a))
			}
			return out, nil
		}
	}
	failing := func(err error) func(context.Context, string) ([]netip.Addr, error) {
		return func(context.Context, string) ([]netip.Addr, error) { return nil, err }
	}
	dialing := func(err error) func(context.Context, string, string) (net.Conn, error) {
		return func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: err}
		}
	}
	closed := listen(t, swallow)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Port = int(netip.MustParseAddrPort(l.Addr().String()).Port())
	_ = l.Close()
	name := Target{Host: "dc1", Port: 389}
	for _, tc := range []struct {
		name  string
		p     Prober
		t     Target
		class Class
		phase Phase
	}{
		{"a closed port", Prober{}, closed, Refused, Connect},
		{"no such name", Prober{Resolve: failing(&net.DNSError{IsNotFound: true})}, name, NXDomain, DNS},
		{"a resolver that knows better", Prober{Resolve: failing(&Error{Class: NoData, Phase: DNS})}, name, NoData, DNS},
		{"a name server that is silent", Prober{Resolve: failing(&net.DNSError{IsTimeout: true})}, name, Timeout, DNS},
		{"a name server that fails", Prober{Resolve: failing(&net.DNSError{Err: "server misbehaving"})}, name, ServFail, DNS},
		{"only the other family", Prober{Prefer: OnlyIPv4, Resolve: fixed("2001:db8::1")}, name, NoData, DNS},
		{"no name", Prober{}, Target{Port: 389}, NXDomain, DNS},
		{"no route", Prober{Dial: dialing(syscall.EHOSTUNREACH)}, Target{Host: "192.0.2.1", Port: 389}, Unreachable, Connect},
		{"a reset", Prober{Dial: dialing(syscall.ECONNRESET)}, Target{Host: "192.0.2.1", Port: 389}, Reset, Connect},
		{"port 0", Prober{}, Target{Host: "192.0.2.1"}, Unreachable, Connect},
		{"port 65536", Prober{}, Target{Host: "192.0.2.1", Port: 65536}, Unreachable, Connect},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var o Observation
			_, err := tc.p.Connect(context.Background(), tc.t, &o)
			var e *Error
			if !errors.As(err, &e) || e.Class != tc.class || e.Phase != tc.phase || o.Error != e {
				t.Errorf("%+v, recorded %+v", err, o.Error)
			}
			if e.Plain() == "" || e.Fix(tc.t) == "" {
				t.Error("nothing to tell the user")
			}
		})
	}
}

func TestCancellationIsNoTimeout(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := &Prober{Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	var o Observation
	if _, err := p.Connect(ctx, Target{Host: "192.0.2.1", Port: 389}, &o); o.Error == nil || o.Error.Class != Cancelled {
		t.Errorf("%v", err)
	}
}

func TestGuardEndsAReadWithTheContext(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	ctx, cancel := context.WithCancel(context.Background())
	release := Guard(ctx, a)
	cancel()
	if _, err := a.Read(make([]byte, 1)); err == nil || classify(Protocol, err) != Timeout {
		t.Errorf("%v", err)
	}
	release()
	release = Guard(context.Background(), a)
	go func() { _, _ = b.Write([]byte("x")) }()
	if _, err := a.Read(make([]byte, 1)); err != nil {
		t.Errorf("after the phase: %v", err)
	}
	release()
}

func TestTheFirstFailureCounts(t *testing.T) {
	var o Observation
	o.Fail(TLS, syscall.ECONNREFUSED)
	o.Fail(Auth, io.EOF)
	if o.Error.Phase != TLS {
		t.Errorf("%+v", o.Error)
	}
}

func TestCleanIsSafeForATerminal(t *testing.T) {
	for in, want := range map[string]string{
		"plain ünïcode":         "plain ünïcode",
		"a\nb\r\tc":             `a\nb\r\tc`,
		"\x1b[2Jboo":            `\x1b[2Jboo`,
		"right\u202eleft\u200b": `right\u202eleft\u200b`,
		"\xff\xfe":              `\xff\xfe`,
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q", in, got)
		}
	}
	if got := Clean(strings.Repeat("x", 10_000)); len(got) > maxText+40 || !strings.Contains(got, "9600 bytes more") {
		t.Errorf("%d bytes: %s", len(got), got[len(got)-40:])
	}
}

func TestEvidenceIsBounded(t *testing.T) {
	var o Observation
	for range 1000 {
		o.Note("x")
	}
	if len(o.Evidence) != maxEvidence {
		t.Error(len(o.Evidence))
	}
}

func TestReadsAreBounded(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	go func() {
		defer b.Close()
		for range 100 {
			if _, err := b.Write([]byte(strings.Repeat("x", 100))); err != nil {
				return
			}
		}
	}()
	n, err := io.Copy(io.Discard, Limit(a, 1000))
	if n != 1000 || !errors.Is(err, ErrTooMuch) {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b]0;x\x07")
	f.Add("\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range Clean(s) {
			if !unicode.IsPrint(r) {
				t.Errorf("Clean(%q) lets %U through", s, r)
			}
		}
	})
}

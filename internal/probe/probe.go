// Package probe is the engine under every live check. A Target and a Prober go in; an open connection and an
// Observation come out: which address was used, how long each phase took, what TLS showed, how it failed.
//
// The phases are the same for every protocol: dns, connect, tls, protocol, auth. Each has its own deadline, taken
// from the Timeouts and never later than the caller's context, and each has a duration in the Observation even when it
// was not reached. Failures are typed (see Class), so that a refused port, a silent host and a name that does not
// exist are never one and the same "error".
//
// The package never prints, never judges severity, never logs in and never keeps a secret. It observes a
// certificate that does not verify and says so; whether a password may follow is the caller's decision.
package probe

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Phase is one step of a probe.
type Phase string

// The phases, in the order they happen.
const (
	DNS      Phase = "dns"      // name to addresses
	Connect  Phase = "connect"  // TCP handshake; UDP: socket only
	TLS      Phase = "tls"      // TLS handshake, StartTLS included
	Protocol Phase = "protocol" // everything said before a log-in, or without one
	Auth     Phase = "auth"     // the log-in
)

// Duration is a time span that JSON shows in milliseconds.
type Duration time.Duration

// MarshalJSON gives milliseconds with three decimals at most.
func (d Duration) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(time.Duration(d).Microseconds())/1000, 'f', -1, 64), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *Duration) UnmarshalJSON(b []byte) error {
	ms, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return fmt.Errorf("duration %q is not a number of milliseconds: %w", b, err)
	}
	*d = Duration(math.Round(ms*1000)) * Duration(time.Microsecond)
	return nil
}

func (d Duration) String() string { return time.Duration(d).Round(10 * time.Microsecond).String() }

// Phases holds how long each phase took. A phase that was not reached shows zero.
type Phases struct {
	DNS      Duration `json:"dns"`
	Connect  Duration `json:"connect"`
	TLS      Duration `json:"tls"`
	Protocol Duration `json:"protocol"`
	Auth     Duration `json:"auth"`
}

func (p *Phases) of(ph Phase) *Duration {
	switch ph {
	case DNS:
		return &p.DNS
	case Connect:
		return &p.Connect
	case TLS:
		return &p.TLS
	case Auth:
		return &p.Auth
	default:
		return &p.Protocol
	}
}

// Total is the sum of all phases.
func (p Phases) Total() Duration { return p.DNS + p.Connect + p.TLS + p.Protocol + p.Auth }

// Security says how a connection is protected.
type Security string

// The ways a connection is protected.
const (
	Plain    Security = "plain"
	ImplTLS  Security = "tls"      // TLS from the first byte
	StartTLS Security = "starttls" // plain, then upgraded
)

// A Target is what a probe talks to.
type Target struct {
	Network  string   `json:"network"` // tcp or udp; empty means tcp
	Host     string   `json:"host"`    // name or address, exactly as configured
	Port     int      `json:"port"`
	Security Security `json:"security,omitempty"`
	// ServerName is the name a certificate must bear; empty means Host.
	ServerName string `json:"serverName,omitempty"`
}

// String gives host:port, with brackets around an IPv6 address.
func (t Target) String() string { return net.JoinHostPort(t.host(), strconv.Itoa(t.Port)) }

// host is Host without the brackets that URIs have around an IPv6 address (RFC 3986, section 3.2.2).
func (t Target) host() string {
	if inside, ok := strings.CutPrefix(t.Host, "["); ok {
		if inside, ok = strings.CutSuffix(inside, "]"); ok {
			if a, err := netip.ParseAddr(inside); err == nil && a.Is6() {
				return inside
			}
		}
	}
	return t.Host
}

func (t Target) network() string {
	if t.Network == "" {
		return "tcp"
	}
	return t.Network
}

func (t Target) certName() string {
	if t.ServerName != "" {
		return t.ServerName
	}
	return t.host()
}

// An Attempt is one address that was tried and did not answer.
type Attempt struct {
	Address string `json:"address"`
	Error   *Error `json:"error"`
}

// An Observation is what every probe records. Area packages embed it.
type Observation struct {
	Target    Target    `json:"target"`
	Addresses []string  `json:"addresses,omitempty"` // what the name resolved to, in the order of use
	Address   string    `json:"address,omitempty"`   // the address in use, with port
	Tried     []Attempt `json:"tried,omitempty"`     // addresses that did not answer before it
	Reached   Phase     `json:"reached,omitempty"`   // the last phase begun
	Phases    Phases    `json:"phases"`
	TLS       *TLSFacts `json:"tls,omitempty"`
	Error     *Error    `json:"error,omitempty"`
	Evidence  []string  `json:"evidence,omitempty"` // raw evidence, trimmed and escaped
	Proxy     string    `json:"proxy,omitempty"`    // the web proxy that the environment sets for the target, where that was asked for
}

// maxEvidence bounds the lines of evidence of one observation.
const maxEvidence = 64

// Note adds one line of evidence, trimmed and escaped.
func (o *Observation) Note(format string, args ...any) {
	if len(o.Evidence) < maxEvidence {
		o.Evidence = append(o.Evidence, Clean(fmt.Sprintf(format, args...)))
	}
}

// Fail records err as the observation's error, once: the first failure is the one that counts.
func (o *Observation) Fail(ph Phase, err error) *Error {
	e := AsError(ph, err)
	if o.Error == nil {
		o.Error = e
	}
	return e
}

// Family is the preference between IPv4 and IPv6.
type Family string

// The preferences. The clients of this deployment speak IPv4, which is therefore the default.
const (
	PreferIPv4 Family = ""
	PreferIPv6 Family = "prefer-ipv6"
	OnlyIPv4   Family = "ipv4"
	OnlyIPv6   Family = "ipv6"
)

// ParseFamily reads the value of a command-line flag.
func ParseFamily(s string) (Family, error) {
	switch f := Family(s); f {
	case PreferIPv4, PreferIPv6, OnlyIPv4, OnlyIPv6:
		return f, nil
	case "prefer-ipv4":
		return PreferIPv4, nil
	}
	return PreferIPv4, fmt.Errorf("unknown address family %q: use prefer-ipv4, prefer-ipv6, ipv4 or ipv6", s)
}

// Timeouts bound the phases. Zero means a default of 5 to 15 seconds.
type Timeouts struct {
	DNS, Connect, TLS, Protocol, Auth time.Duration
}

// defaultTimeouts are generous for a LAN and short enough for a person who waits.
var defaultTimeouts = Timeouts{DNS: 5 * time.Second, Connect: 5 * time.Second, TLS: 10 * time.Second, Protocol: 15 * time.Second,
	Auth: 15 * time.Second}

// Uniform gives every phase the same bound.
func Uniform(d time.Duration) Timeouts { return Timeouts{d, d, d, d, d} }

func (t Timeouts) of(ph Phase) time.Duration {
	pick := func(v, def time.Duration) time.Duration {
		if v > 0 {
			return v
		}
		return def
	}
	switch ph {
	case DNS:
		return pick(t.DNS, defaultTimeouts.DNS)
	case Connect:
		return pick(t.Connect, defaultTimeouts.Connect)
	case TLS:
		return pick(t.TLS, defaultTimeouts.TLS)
	case Auth:
		return pick(t.Auth, defaultTimeouts.Auth)
	default:
		return pick(t.Protocol, defaultTimeouts.Protocol)
	}
}

// A Prober holds what all probes of a run share. The zero value works.
type Prober struct {
	// Resolve turns a name into addresses, as written, with no search list. Nil means the system's resolver. A resolver
	// that can tell an absent name from an absent record returns an *Error of class NXDomain or NoData.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Dial opens one connection to an address. Nil means net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Prefer chooses between IPv4 and IPv6.
	Prefer Family
	// Timeouts bound the phases.
	Timeouts Timeouts
	// Roots are the trusted authorities; nil means the system's.
	Roots *x509.CertPool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Watch, if set, gets each phase as it begins: for a view of what is under way.
	Watch func(Phase)
	// Log, if set, gets addresses, connections, TLS and how many bytes went each way. It never sees the bytes.
	Log *slog.Logger
}

// Clock returns the prober's time.
func (p *Prober) Clock() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

// Phase begins a phase: the context it returns ends with the phase's deadline, and end adds the time spent to the
// observation. A phase may be begun more than once; its times add up.
func (p *Prober) Phase(ctx context.Context, o *Observation, ph Phase) (_ context.Context, end func()) {
	o.Reached = ph
	if p.Watch != nil {
		p.Watch(ph)
	}
	ctx, cancel := context.WithTimeout(ctx, p.Timeouts.of(ph))
	start := time.Now() // monotonic, whatever the prober's clock says
	return ctx, func() {
		took := time.Since(start)
		*o.Phases.of(ph) += Duration(took.Round(time.Microsecond)) // what JSON keeps
		cancel()
		if p.Log != nil {
			p.Log.Debug("phase done", "target", Clean(o.Target.Host), "port", o.Target.Port, "phase", string(ph), "took", took)
		}
	}
}

// Connect resolves the target and opens a connection to the first address that answers. It fills Addresses, Address,
// Tried and the two phases; a failure is recorded in o and returned as *Error.
func (p *Prober) Connect(ctx context.Context, t Target, o *Observation) (net.Conn, error) {
	o.Target = t
	if t.Port < 1 || t.Port > 65535 {
		return nil, o.Fail(Connect, &Error{Class: Unreachable, Phase: Connect, Detail: fmt.Sprintf("port %d is not from 1 to 65535", t.Port)})
	}
	addrs, err := p.lookup(ctx, t, o)
	if err != nil {
		return nil, o.Fail(DNS, err)
	}
	for _, a := range addrs {
		o.Addresses = append(o.Addresses, a.String())
	}
	conn, err := p.dialFirst(ctx, t, addrs, o)
	if err != nil {
		return nil, o.Fail(Connect, err)
	}
	return conn, nil
}

// Lookup resolves a name that is not a target of its own, as Connect would, and returns its addresses in the order of use. The error is an
// *Error.
func (p *Prober) Lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	quiet := *p
	quiet.Watch = nil
	return quiet.lookup(ctx, Target{Host: host}, new(Observation))
}

func (p *Prober) lookup(ctx context.Context, t Target, o *Observation) ([]netip.Addr, error) {
	ctx, end := p.Phase(ctx, o, DNS)
	defer end()
	if a, err := netip.ParseAddr(t.host()); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	if t.Host == "" {
		return nil, &Error{Class: NXDomain, Phase: DNS, Detail: "the host name is empty"}
	}
	resolve := p.Resolve
	if resolve == nil {
		resolve = systemResolve
	}
	found, err := resolve(ctx, t.Host)
	if err != nil {
		return nil, AsError(DNS, err)
	}
	addrs := p.order(found)
	if p.Log != nil {
		p.Log.Debug("addresses", "name", Clean(t.Host), "found", len(found), "used", fmt.Sprint(addrs))
	}
	if len(addrs) == 0 {
		return nil, &Error{Class: NoData, Phase: DNS, Detail: fmt.Sprintf("%s has no address of the required family", Clean(t.Host))}
	}
	return addrs, nil
}

// systemResolve asks the hosts file and the system's name servers. The final dot keeps the search list out: the name
// asked is the name configured, not what this machine would make of it. Go's own resolver is used because it finds
// names of the hosts file with that dot, too.
func systemResolve(ctx context.Context, host string) ([]netip.Addr, error) {
	r := net.Resolver{PreferGo: true}
	return r.LookupNetIP(ctx, "ip", strings.TrimSuffix(host, ".")+".")
}

func (p *Prober) order(found []netip.Addr) []netip.Addr {
	addrs := make([]netip.Addr, 0, len(found))
	for _, a := range found {
		a = a.Unmap()
		if (p.Prefer == OnlyIPv4 && !a.Is4()) || (p.Prefer == OnlyIPv6 && a.Is4()) || slices.Contains(addrs, a) {
			continue
		}
		addrs = append(addrs, a)
	}
	first := p.Prefer != PreferIPv6 && p.Prefer != OnlyIPv6 // IPv4 first
	slices.SortStableFunc(addrs, func(a, b netip.Addr) int {
		switch {
		case a.Is4() == b.Is4():
			return 0
		case a.Is4() == first:
			return -1
		default:
			return 1
		}
	})
	return addrs
}

// dialFirst tries the addresses one after the other. Each gets an even share of the time that is left, so that a
// silent first address does not eat the time of a second one that would answer.
func (p *Prober) dialFirst(ctx context.Context, t Target, addrs []netip.Addr, o *Observation) (net.Conn, error) {
	ctx, end := p.Phase(ctx, o, Connect)
	defer end()
	dial := p.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	var last *Error
	for i, a := range addrs {
		addr := netip.AddrPortFrom(a, uint16(t.Port)).String()
		deadline, _ := ctx.Deadline()
		share, cancel := context.WithTimeout(ctx, time.Until(deadline)/time.Duration(len(addrs)-i))
		conn, err := dial(share, t.network(), addr)
		cancel()
		if err == nil {
			o.Address = addr
			return p.logged(conn, addr, t.network()), nil
		}
		last = AsError(Connect, err)
		if p.Log != nil {
			p.Log.Debug("no connection", "address", addr, "network", t.network(), "why", last.Error())
		}
		o.Tried = append(o.Tried, Attempt{Address: addr, Error: last})
		if ctx.Err() != nil {
			break
		}
	}
	return nil, last
}

// Guard ties a connection to a context: its deadline is the context's, and it ends at once when the context
// is cancelled. Call release when the phase is over; the deadline is then taken away again.
func Guard(ctx context.Context, conn net.Conn) (release func()) {
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline) // the zero time means none
	var mu sync.Mutex
	over := false
	stop := context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		if !over { // else it is the next phase's connection
			_ = conn.SetDeadline(time.Unix(1, 0))
		}
	})
	return func() {
		mu.Lock()
		over = true
		mu.Unlock()
		if stop() {
			_ = conn.SetDeadline(time.Time{})
		}
	}
}

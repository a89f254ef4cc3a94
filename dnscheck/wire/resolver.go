package wire

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// A Resolver is a name server as the user names it.
type Resolver struct {
	Addr netip.AddrPort
	TLS  bool   // DNS over TLS (RFC 7858)
	Name string // the name that its certificate must have; empty means the address
}

// The usual ports.
const (
	Port    = 53
	PortTLS = 853
)

// ParseResolver reads IP, IP:port, [IPv6]:port, or tls://IP[:port][#name]. A resolver has no name of its own that could
// be looked up, so a host name is an error.
func ParseResolver(s string) (Resolver, error) {
	rest, isTLS := strings.CutPrefix(s, "tls://")
	var r Resolver
	port := uint16(Port)
	if isTLS {
		r.TLS, port = true, PortTLS
		var named bool
		if rest, r.Name, named = strings.Cut(rest, "#"); named && !isHostName(r.Name) {
			return Resolver{}, fmt.Errorf("resolver %q: the name after # is not a host name", s)
		}
	}
	if bare, ok := strings.CutPrefix(rest, "["); ok && strings.HasSuffix(bare, "]") {
		rest = strings.TrimSuffix(bare, "]")
	}
	if addr, err := netip.ParseAddr(rest); err == nil {
		r.Addr = netip.AddrPortFrom(addr.Unmap(), port)
		return r, r.check(s)
	}
	addr, err := netip.ParseAddrPort(rest)
	if err != nil {
		return Resolver{}, fmt.Errorf("resolver %q: expected IP, IP:port or tls://IP[:port][#name]", s)
	}
	r.Addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	return r, r.check(s)
}

func (r Resolver) check(s string) error {
	switch {
	case r.Addr.Port() == 0:
		return fmt.Errorf("resolver %q: port 0 is not valid", s)
	case r.Addr.Addr().IsUnspecified(), r.Addr.Addr().IsMulticast():
		return fmt.Errorf("resolver %q: %s is not the address of a server", s, r.Addr.Addr())
	}
	return nil
}

// isHostName accepts what a certificate can contain: letters, digits, hyphens and dots.
func isHostName(s string) bool {
	if s == "" || len(s) > MaxName {
		return false
	}
	for _, c := range []byte(s) {
		if !isPlain(c) && c != '.' {
			return false
		}
	}
	return true
}

// String gives the form that ParseResolver reads, without the usual port.
func (r Resolver) String() string {
	usual, scheme := uint16(Port), ""
	if r.TLS {
		usual, scheme = PortTLS, "tls://"
	}
	host := r.Addr.Addr().String()
	if r.Addr.Port() != usual {
		if r.Addr.Addr().Is6() {
			host = "[" + host + "]"
		}
		host += ":" + strconv.Itoa(int(r.Addr.Port()))
	}
	if r.Name != "" {
		host += "#" + r.Name
	}
	return scheme + host
}

// serverName is what the certificate is checked against.
func (r Resolver) serverName() string {
	if r.Name != "" {
		return r.Name
	}
	return r.Addr.Addr().WithZone("").String()
}

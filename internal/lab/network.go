package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// A host is one machine of the deployment; its address ends with n.
type host struct {
	name string
	n    byte
}

// The machines. The names are below .test, which is reserved for such use (RFC 6761).
var (
	hostDC     = host{"dc1.acme.test", 10}
	hostCUPS1  = host{"cups1.acme.test", 20}
	hostCUPS2  = host{"cups2.acme.test", 21}
	hostCUCM   = host{"cucm1.acme.test", 30}
	hostMail   = host{"mail.acme.test", 40}
	hostNS     = host{"ns.acme.test", 53}
	cupcHosts  = [...]host{hostDC, hostCUPS1, hostCUPS2, hostCUCM, hostMail, hostNS}
	notStarted = syscall.ECONNREFUSED
)

// hosts are those that DNS knows inside. What is outside has a name in both views.
func (l *Lab) hosts() []host {
	switch {
	case !l.jabber():
		return cupcHosts[:]
	case l.options.Fixed:
		return jabberHosts[:]
	}
	return append(jabberHosts[:len(jabberHosts):len(jabberHosts)], hostEdge) // the record of the edge inside came with its name
}

// address is where the host is: on loopback, or in a network for documentation (RFC 5737) that only Lab.Dial leads into.
func (h host) address(loopback bool) netip.Addr {
	if loopback {
		return netip.AddrFrom4([4]byte{127, 77, 0, h.n})
	}
	return netip.AddrFrom4([4]byte{192, 0, 2, h.n})
}

// A service is one port of a host as the deployment knows it.
type service struct {
	host host
	port uint16
}

func (s service) String() string { return net.JoinHostPort(s.host.name, strconv.Itoa(int(s.port))) }

// listen opens the port that simulates a service. On loopback it is the usual one where that is free and allowed.
func (l *Lab) listen(ctx context.Context, s service) (net.Listener, error) {
	config := new(net.ListenConfig)
	var n net.Listener
	err := errors.ErrUnsupported
	if l.options.Loopback {
		n, err = config.Listen(ctx, "tcp4", netip.AddrPortFrom(s.host.address(true), s.port).String())
	}
	if err != nil {
		at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
		if l.options.Loopback {
			at = netip.AddrPortFrom(s.host.address(true), 0)
		}
		n, err = config.Listen(ctx, "tcp4", at.String())
	}
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", s, err)
	}
	l.services[s] = n.Addr().(*net.TCPAddr).AddrPort()
	return n, nil
}

// closedPort makes a service that is not running: connections to it are refused.
func (l *Lab) closedPort(ctx context.Context, s service) error {
	if !l.options.Loopback {
		return nil // Dial knows no way there
	}
	n, err := l.listen(ctx, s)
	if err != nil {
		return err
	}
	return n.Close()
}

// port is what exports say: the usual port, or on loopback the one that was free.
func (l *Lab) port(s service) uint16 {
	if l.options.Loopback {
		return l.services[s].Port()
	}
	return s.port
}

// Dial opens a connection into the deployment. Anything that is not one of its services refuses, so that nothing else is ever contacted.
func (l *Lab) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	want, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	for s, at := range l.services {
		known := netip.AddrPortFrom(s.host.address(l.options.Loopback), l.port(s))
		if known == want {
			return new(net.Dialer).DialContext(ctx, network, at.String())
		}
	}
	return nil, &net.OpError{Op: "dial", Net: network, Addr: net.TCPAddrFromAddrPort(want), Err: notStarted}
}

// Services lists the ports of the deployment and where each listens.
func (l *Lab) Services() []Service {
	var out []Service
	for _, s := range l.order {
		out = append(out, Service{What: s.what, Name: s.service.String(), Address: l.services[s.service],
			Usual: l.services[s.service].Port() == s.service.port})
	}
	return out
}

// A Service is one port of the deployment, for people.
type Service struct {
	What    string
	Name    string // host and usual port
	Address netip.AddrPort
	// Usual says that it listens on the usual port.
	Usual bool
}

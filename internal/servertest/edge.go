package servertest

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"testing"
)

// EdgeConfig says how an Expressway-E behaves on the ports that Jabber contacts. It is a double: what is real about it are its
// sockets and its TLS.
type EdgeConfig struct {
	// Certificate is that of HTTPS and SIP.
	Certificate *Certificate
	// Closed are ports where no one listens, Plain those that answer TLS with text, Silent those that accept and say nothing, Flood
	// those that send without an end.
	Closed, Plain, Silent, Flood []int
}

// An EdgeServer is a running double.
type EdgeServer struct {
	IP netip.Addr

	at map[string]string // where the ports are
}

// Edge runs the double on an address of its own: on the ports 8443, 5222 and 5061 where they are free, else on others, to which Dial leads.
func Edge(t testing.TB, cfg EdgeConfig) *EdgeServer {
	t.Helper()
	s := &EdgeServer{IP: claimAddress(t), at: make(map[string]string)}
	for _, port := range []int{8443, 5222, 5061} {
		l, err := net.Listen("tcp4", hostPort(s.IP, port))
		if err != nil {
			l, err = net.Listen("tcp4", hostPort(s.IP, 0))
		}
		if err != nil {
			t.Fatal(err)
		}
		s.at[hostPort(s.IP, port)] = l.Addr().String()
		if slices.Contains(cfg.Closed, port) {
			_ = l.Close()
			continue
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
					cfg.serve(c, port)
				}()
			}
		}()
	}
	return s
}

// Dial opens a connection to the double, and to nothing else.
func (s *EdgeServer) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	at, known := s.at[address]
	if !known {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	return new(net.Dialer).DialContext(ctx, network, at)
}

func (cfg *EdgeConfig) serve(c net.Conn, port int) {
	switch {
	case slices.Contains(cfg.Plain, port):
		_, _ = io.WriteString(c, "220 this is not TLS\r\n")
	case slices.Contains(cfg.Flood, port):
		block := make([]byte, 64<<10)
		copy(block, "\x16\x03\x03\x40\x00\x02") // a handshake record, then the same without an end
		for {
			if _, err := c.Write(block); err != nil {
				return
			}
		}
	case port != 5222 && !slices.Contains(cfg.Silent, port):
		c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cfg.Certificate.TLS}, MinVersion: tls.VersionTLS12})
	}
	_, _ = io.Copy(io.Discard, c)
}

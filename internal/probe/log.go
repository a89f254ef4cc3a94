package probe

import (
	"fmt"
	"net"
)

// logged notes a connection, and lets the log count what goes through it.
func (p *Prober) logged(conn net.Conn, address, network string) net.Conn {
	if p.Log == nil {
		return conn
	}
	p.Log.Debug("connected", "address", address, "network", network, "from", conn.LocalAddr().String())
	return &loggedConn{Conn: conn, prober: p, address: address}
}

// A loggedConn tells the log how many bytes go each way, and nothing of them: a password may be among them.
type loggedConn struct {
	net.Conn
	prober  *Prober
	address string
}

func (c *loggedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.prober.Log.Debug("received", "address", c.address, "bytes", n)
	}
	return n, err
}

func (c *loggedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	c.prober.Log.Debug("sent", "address", c.address, "bytes", n)
	return n, err
}

// logTLS notes what a handshake agreed on.
func (p *Prober) logTLS(t Target, f *TLSFacts) {
	if p.Log == nil {
		return
	}
	p.Log.Debug("TLS", "target", Clean(t.String()), "version", f.Version, "cipher", f.Cipher, "certificates", len(f.Chain), "verified",
		f.Verified,
		"problems", fmt.Sprint(f.Problems))
}

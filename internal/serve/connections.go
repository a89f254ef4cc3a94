package serve

import (
	"net"
	"net/netip"
	"sync"
)

// Connections at once: what each takes is a few tens of KiB, and together they have to fit into the memory of the process. One address
// other than loopback (where a reverse proxy may be) has a quarter of them, so that it does not shut out the others.
const (
	maxConnections = 1200
	perAddress     = maxConnections / 4
)

// limitConnections lets so many connections be open at once. The others wait until one ends, as they do in the queue of the system.
func limitConnections(l net.Listener, most int) net.Listener {
	return &limited{Listener: l, places: make(chan struct{}, most), done: make(chan struct{}), by: make(map[netip.Addr]int)}
}

type limited struct {
	net.Listener
	places chan struct{}
	once   sync.Once
	done   chan struct{}

	mu sync.Mutex
	by map[netip.Addr]int
}

// Accept waits for a place, then for a connection of an address that does not have too many.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			<-l.places
			return nil, err
		}
		var from netip.Addr
		if at, err := netip.ParseAddrPort(c.RemoteAddr().String()); err == nil {
			from = at.Addr().Unmap()
		}
		if l.take(from) {
			return &counted{Conn: c, leave: sync.OnceFunc(func() { l.leave(from); <-l.places })}, nil
		}
		_ = c.Close() // it is not wanted
	}
}

// Close ends the wait for a place, too.
func (l *limited) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}

func (l *limited) take(from netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !from.IsLoopback() && l.by[from] >= perAddress {
		return false
	}
	l.by[from]++
	return true
}

func (l *limited) leave(from netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by[from]--; l.by[from] == 0 {
		delete(l.by, from)
	}
}

// A counted connection gives its place back.
type counted struct {
	net.Conn
	leave func()
}

func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// Options say what is acted out.
type Options struct {
	// Fixed acts out the repaired deployment.
	Fixed bool
}

// A File is one export of the deployment.
type File struct {
	Name string // without a folder
	Text string
}

// A Lab is a deployment that runs. Close it.
type Lab struct {
	// Resolver is the DNS server: UDP and TCP on one port.
	Resolver netip.AddrPort
	// Domain is the domain controller's plain LDAP port; Catalog and CatalogTLS are the Global Catalog's.
	Domain, Catalog, CatalogTLS netip.AddrPort
	// CA is the authority that signed the certificates, as PEM.
	CA []byte
	// Account is the service account's bind name, Password its password. The password is made anew for each lab.
	Account, Password string
	// Files are the exports that describe the deployment.
	Files []File

	stop    context.CancelFunc
	closers []func() error
	work    sync.WaitGroup
	mu      sync.Mutex
	conns   map[net.Conn]struct{}
	closed  bool
}

// Start listens on free ports and serves until Close or until the context ends.
func Start(ctx context.Context, o Options) (*Lab, error) {
	ctx, stop := context.WithCancel(ctx)
	l := &Lab{stop: stop, conns: make(map[net.Conn]struct{})}
	if err := l.start(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("start the lab: %w", err), l.Close())
	}
	l.work.Go(func() {
		<-ctx.Done()
		l.hangUp()
	})
	return l, nil
}

func (l *Lab) start(ctx context.Context, o Options) error {
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	config, err := ca.server("dc1.acme.test", "127.0.0.1")
	if err != nil {
		return err
	}
	l.CA = ca.pem
	if err := l.startDNS(ctx, o); err != nil {
		return err
	}
	if err := l.startDirectory(ctx, o, config); err != nil {
		return err
	}
	l.Files = l.deployment(o)
	return nil
}

// Close stops all servers and waits for them. It may be called twice.
func (l *Lab) Close() error {
	l.stop()
	err := l.hangUp()
	l.work.Wait()
	return err
}

// hangUp closes listeners and connections, once.
func (l *Lab) hangUp() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	var errs []error
	for _, f := range l.closers {
		errs = append(errs, f())
	}
	for c := range l.conns {
		_ = c.Close() // the other side may have closed it already
	}
	return errors.Join(errs...)
}

// serve accepts connections until the listener closes, each served by f.
func (l *Lab) serve(n net.Listener, f func(net.Conn)) {
	l.closers = append(l.closers, n.Close)
	l.work.Go(func() {
		for {
			c, err := n.Accept()
			if err != nil {
				return
			}
			if !l.keep(c) {
				return
			}
			l.work.Go(func() {
				defer l.drop(c)
				f(c)
			})
		}
	})
}

func (l *Lab) keep(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = c.Close()
		return false
	}
	l.conns[c] = struct{}{}
	return true
}

func (l *Lab) drop(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = c.Close()
	delete(l.conns, c)
}

// listen opens a TCP port on loopback.
func listen(ctx context.Context) (net.Listener, netip.AddrPort, error) {
	n, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	return n, n.Addr().(*net.TCPAddr).AddrPort(), nil
}

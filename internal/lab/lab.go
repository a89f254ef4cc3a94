package lab

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"cupclint/internal/lab/cluster"
	"cupclint/internal/lab/sshcli"
)

// A Demo is one of the deployments.
type Demo string

// The deployments: clients of the SIP generation, and Jabber. The zero value is the first.
const (
	CUPC   Demo = "cupc"
	Jabber Demo = "jabber"
)

// ParseDemo reads the name of a deployment.
func ParseDemo(s string) (Demo, error) {
	switch d := Demo(s); d {
	case "", CUPC:
		return CUPC, nil
	case Jabber:
		return d, nil
	}
	return CUPC, fmt.Errorf("unknown deployment %q: use cupc or jabber", s)
}

// Options say what is simulated.
type Options struct {
	// Demo is the deployment; the zero value is CUPC.
	Demo Demo
	// Fixed simulates the repaired deployment.
	Fixed bool
	// Servers also plays the administration of the call manager and of the presence servers, from which cupclint collect reads: AXL, the
	// command line over SSH, UDS, the client configuration service and the files of the TFTP server.
	Servers bool
	// Switches are misbehaviours of those; Line are misbehaviours of the command line.
	Switches []cluster.Switch
	Line     []string
	// Loopback puts every host at an address of its own, 127.77.0.N, and listens on the usual ports where they are free and
	// allowed, else on others, which the exports name; for programs that know nothing of Lab.Dial. Systems other than Linux may
	// have to be given such addresses first. Without it, hosts have addresses for documentation and their usual ports, and only
	// Lab.Dial leads to them.
	Loopback bool
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
	// Outside is the DNS server that clients outside the network ask; the zero value where the deployment has none.
	Outside netip.AddrPort
	// CA is the authority that signed the certificates, as PEM.
	CA []byte
	// Password is that of all accounts, made anew for each lab: the service accounts' in the directory, alice's mailbox and digest
	// credential.
	Password string
	// Cluster and SSH record what the servers of Options.Servers were sent; SSH by the name of the host.
	Cluster *cluster.Cluster
	SSH     map[string]*sshcli.Server
	// Files are the exports that describe the deployment.
	Files []File

	options  Options
	services map[service]netip.AddrPort
	order    []ordered
	stop     context.CancelFunc
	closers  []func() error
	work     sync.WaitGroup
	mu       sync.Mutex
	conns    map[net.Conn]struct{}
	closed   bool
}

type ordered struct {
	what    string
	service service
}

// Start listens on free ports of loopback and serves until Close or until the context ends.
func Start(ctx context.Context, o Options) (*Lab, error) {
	ctx, stop := context.WithCancel(ctx)
	l := &Lab{options: o, services: make(map[service]netip.AddrPort), stop: stop, conns: make(map[net.Conn]struct{})}
	if err := l.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start the lab: %w", err), l.Close())
	}
	l.work.Go(func() {
		<-ctx.Done()
		l.hangUp()
	})
	return l, nil
}

// start begins with what has no need of the others' ports; DNS and the exports name them.
func (l *Lab) start(ctx context.Context) error {
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	l.CA, l.Password = ca.pem, rand.Text()
	servers := []func(context.Context, *authority) error{l.startDirectory, l.startMail, l.startCalendar, l.startPresence, l.startCTI}
	if l.jabber() {
		servers = []func(context.Context, *authority) error{l.startDirectory, l.startVoicemail, l.startManagers, l.startMessaging, l.startEdge}
	}
	for _, begin := range servers {
		if err := begin(ctx, ca); err != nil {
			return err
		}
	}
	if l.options.Servers {
		if err := l.startServers(ctx, ca); err != nil {
			return err
		}
	}
	if l.Resolver, err = l.startDNS(ctx, l.zone()); err != nil {
		return err
	}
	l.Files = l.deployment()
	if l.jabber() {
		l.Outside, err = l.startDNS(ctx, l.publicZone())
	}
	return err
}

func (l *Lab) jabber() bool { return l.options.Demo == Jabber }

// begin listens for a service and serves it; secured, if set, speaks TLS from the first byte.
func (l *Lab) begin(ctx context.Context, what string, s service, secured *tls.Config, f func(net.Conn)) error {
	n, err := l.listen(ctx, s)
	if err != nil {
		return err
	}
	l.order = append(l.order, ordered{what, s})
	if secured != nil {
		n = tls.NewListener(n, secured)
	}
	l.serve(n, f)
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

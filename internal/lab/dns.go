package lab

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/miekg/dns"
)

// zone is what DNS knows in the repaired deployment; .test is reserved for such use (RFC 6761).
const zone = `acme.test. 300 IN SOA ns.acme.test. hostmaster.acme.test. 1 3600 600 86400 300
acme.test. 300 IN NS ns.acme.test.
ns.acme.test. 300 IN A 127.0.0.1
dc1.acme.test. 300 IN A 127.0.0.1
cups1.acme.test. 300 IN A 127.0.0.1
_sip._tcp.acme.test. 300 IN SRV 0 0 5060 cups1.acme.test.
_sip._udp.acme.test. 300 IN SRV 0 0 5060 cups1.acme.test.
_sips._tcp.acme.test. 300 IN SRV 0 0 5061 cups1.acme.test.
_sipfederationtls._tcp.acme.test. 300 IN SRV 0 0 5061 cups1.acme.test.
1.0.0.127.in-addr.arpa. 300 IN PTR cups1.acme.test.
`

type records map[string][]dns.RR // by name in lower case

func readZone(o Options) (records, error) {
	known := make(records)
	parser := dns.NewZoneParser(strings.NewReader(zone), ".", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		name := strings.ToLower(rr.Header().Name)
		if !o.Fixed && name == "cups1.acme.test." { // presenceNoRecord
			continue
		}
		known[name] = append(known[name], rr)
	}
	if err := parser.Err(); err != nil {
		return nil, fmt.Errorf("read the zone: %w", err)
	}
	return known, nil
}

// ServeDNS answers from the zone: the record, no such record, or no such name.
func (r records) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(q)
	m.RecursionAvailable = true
	if len(q.Question) == 1 {
		r.answer(m, q.Question[0])
	} else {
		m.Rcode = dns.RcodeFormatError
	}
	if q.IsEdns0() != nil {
		m.SetEdns0(1232, false)
	}
	_ = w.WriteMsg(m) // a client that has gone misses nothing
}

func (r records) answer(m *dns.Msg, q dns.Question) {
	name := strings.ToLower(q.Name)
	for _, rr := range r[name] {
		if rr.Header().Rrtype == q.Qtype {
			rr = dns.Copy(rr)
			rr.Header().Name = q.Name
			m.Answer = append(m.Answer, rr)
		}
	}
	if len(m.Answer) > 0 {
		return
	}
	if !r.exists(name) {
		m.Rcode = dns.RcodeNameError
	}
	for _, rr := range r["acme.test."] {
		if rr.Header().Rrtype == dns.TypeSOA && dns.IsSubDomain("acme.test.", name) {
			m.Ns = append(m.Ns, rr)
		}
	}
}

// exists holds for a name and for every name above one (RFC 8020).
func (r records) exists(name string) bool {
	for known := range r {
		if dns.IsSubDomain(name, known) {
			return true
		}
	}
	return false
}

// startDNS serves UDP and TCP on one port.
func (l *Lab) startDNS(ctx context.Context, o Options) error {
	known, err := readZone(o)
	if err != nil {
		return err
	}
	tcp, udp, err := samePort(ctx)
	if err != nil {
		return fmt.Errorf("listen for DNS: %w", err)
	}
	l.Resolver = tcp.Addr().(*net.TCPAddr).AddrPort()
	l.serveDNS(&dns.Server{Listener: tcp, Handler: known})
	l.serveDNS(&dns.Server{PacketConn: udp, Handler: known})
	return nil
}

func (l *Lab) serveDNS(s *dns.Server) {
	ready := make(chan struct{})
	s.NotifyStartedFunc = func() { close(ready) }
	done := make(chan struct{})
	l.work.Go(func() {
		defer close(done)
		_ = s.ActivateAndServe() // it ends with the sockets
	})
	select {
	case <-ready:
	case <-done:
	}
	l.closers = append(l.closers, s.Shutdown)
}

// samePort finds a port that is free for TCP and UDP.
func samePort(ctx context.Context) (net.Listener, net.PacketConn, error) {
	const tries = 20
	var last error
	for range tries {
		tcp, at, err := listen(ctx)
		if err != nil {
			return nil, nil, err
		}
		udp, err := new(net.ListenConfig).ListenPacket(ctx, "udp4", at.String())
		if err == nil {
			return tcp, udp, nil
		}
		last = err
		_ = tcp.Close()
	}
	return nil, nil, last
}

package lab

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// zone is what DNS knows: every host with its reverse record, and the services of the SIP domain.
func (l *Lab) zone() string {
	var b strings.Builder
	b.WriteString("acme.test. 300 IN SOA ns.acme.test. hostmaster.acme.test. 1 3600 600 86400 300\nacme.test. 300 IN NS ns.acme.test.\n")
	for _, h := range l.hosts() {
		addr := h.address(l.options.Loopback)
		reverse, _ := dns.ReverseAddr(addr.String()) // it is an address
		fmt.Fprintf(&b, "%s. 300 IN A %s\n%s 300 IN PTR %s.\n", h.name, addr, reverse, h.name)
	}
	for prefix, list := range l.named() {
		for _, s := range list {
			fmt.Fprintf(&b, "%sacme.test. 300 IN SRV 10 10 %d %s.\n", prefix, l.port(s), s.host.name)
		}
	}
	return b.String()
}

type records map[string][]dns.RR // by name in lower case

func readZone(text string) (records, error) {
	known := make(records)
	parser := dns.NewZoneParser(strings.NewReader(text), ".", "")
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		name := strings.ToLower(rr.Header().Name)
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

// named are the services that SRV records name inside.
func (l *Lab) named() map[string][]service {
	switch {
	case !l.jabber():
		return map[string][]service{"_sip._tcp.": {sipCUPS1}, "_sip._udp.": {sipCUPS1}, "_sips._tcp.": {sipsCUPS1},
			"_sipfederationtls._tcp.": {sipsCUPS1}}
	case l.options.Fixed:
		return map[string][]service{udsRecord: {udsUCM1, udsUCM2}}
	}
	return map[string][]service{udsRecord: {udsUCM1, udsUCM2}, edgeRecord: {edgeHTTPS}}
}

// publicZone is what DNS tells clients outside the network.
func (l *Lab) publicZone() string {
	edge := hostEdge.address(l.options.Loopback)
	text := fmt.Sprintf("acme.test. 300 IN SOA ns.acme.test. hostmaster.acme.test. 1 3600 600 86400 300\nacme.test. 300 IN NS ns.acme.test.\n"+
		"%s. 300 IN A %s\n%sacme.test. 300 IN SRV 10 10 %d %s.\n", hostEdge.name, edge, edgeRecord, l.port(edgeHTTPS), hostEdge.name)
	if !l.options.Fixed {
		text += fmt.Sprintf("%sacme.test. 300 IN SRV 10 10 %d %s.\n", udsRecord, l.port(udsUCM1), hostUCM1.name)
	}
	return text
}

// startDNS serves a zone over UDP and TCP on one port.
func (l *Lab) startDNS(ctx context.Context, zone string) (at netip.AddrPort, err error) {
	known, err := readZone(zone)
	if err != nil {
		return at, err
	}
	tcp, udp, err := samePort(ctx)
	if err != nil {
		return at, fmt.Errorf("listen for DNS: %w", err)
	}
	l.serveDNS(&dns.Server{Listener: tcp, Handler: known})
	l.serveDNS(&dns.Server{PacketConn: udp, Handler: known})
	return tcp.Addr().(*net.TCPAddr).AddrPort(), nil
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
		tcp, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, nil, err
		}
		udp, err := new(net.ListenConfig).ListenPacket(ctx, "udp4", tcp.Addr().String())
		if err == nil {
			return tcp, udp, nil
		}
		last = err
		_ = tcp.Close()
	}
	return nil, nil, last
}

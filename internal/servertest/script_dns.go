package servertest

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// A DNSScript is a resolver.
type DNSScript struct {
	// Zone has the data of "name TYPE", where the name may be *.domain, or * for every name that has no data of its own.
	Zone map[string][]string
	// RCode, where not nil, is the answer to every question.
	RCode *int
	// Truncate are the types, or *, whose answers are cut over UDP.
	Truncate []string
	// Silent: every question is taken, over UDP and TCP, and none is answered.
	Silent bool
	// NoTCP: no one listens on TCP.
	NoTCP bool `yaml:"noTCP"`
}

func (p *DNSScript) play(t testing.TB, s *Scripted) {
	t.Helper()
	u, l := BothTransports(t)
	s.Addr = u.LocalAddr().String()
	servers := []*dns.Server{{PacketConn: u, Handler: p.handler(s, true)}}
	if p.NoTCP {
		_ = l.Close()
	} else {
		servers = append(servers, &dns.Server{Listener: l, Handler: p.handler(s, false)})
	}
	for _, server := range servers {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go func() { _ = server.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = server.Shutdown() })
	}
}

func (p *DNSScript) handler(s *Scripted, udp bool) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		if len(q.Question) != 1 {
			return
		}
		name, kind := strings.ToLower(strings.TrimSuffix(q.Question[0].Name, ".")), dns.TypeToString[q.Question[0].Qtype]
		transport := "tcp"
		if udp {
			transport = "udp"
		}
		s.log(transport + " " + name + " " + kind)
		if p.Silent {
			return
		}
		m := new(dns.Msg).SetReply(q)
		m.Authoritative, m.RecursionAvailable = true, true
		switch {
		case udp && p.cuts(kind):
			m.Truncated = true
		case p.RCode != nil:
			m.Rcode = *p.RCode
		default:
			p.fill(m, name, kind)
		}
		_ = w.WriteMsg(m)
	}
}

func (p *DNSScript) cuts(kind string) bool {
	for _, c := range p.Truncate {
		if c == "*" || c == kind {
			return true
		}
	}
	return false
}

func (p *DNSScript) fill(m *dns.Msg, name, kind string) {
	add := func(name, kind string, values []string) {
		for _, v := range values {
			if rr, err := dns.NewRR(dns.Fqdn(name) + " 300 IN " + kind + " " + v); err == nil && rr != nil {
				m.Answer = append(m.Answer, rr)
			}
		}
	}
	for range 8 {
		alias, _ := p.look(name, "CNAME")
		if kind == "CNAME" || len(alias) == 0 {
			break
		}
		add(name, "CNAME", alias[:1])
		name = strings.ToLower(strings.TrimSuffix(alias[0], "."))
	}
	values, exists := p.look(name, kind)
	if !exists {
		m.Rcode = dns.RcodeNameError
	}
	add(name, kind, values)
	if len(values) == 0 {
		if soa, err := dns.NewRR("example.com. 300 IN SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 60"); err == nil {
			m.Ns = append(m.Ns, soa)
		}
	}
}

// look gives the data of a name, and whether the name exists.
func (p *DNSScript) look(name, kind string) (values []string, exists bool) {
	best := ""
	for key, v := range p.Zone {
		owner, k, _ := strings.Cut(strings.ToLower(key), " ")
		below, wild := strings.CutPrefix(owner, "*")
		switch {
		case owner == name:
			if best != name {
				values, best, exists = nil, name, true
			}
		case best == name:
			continue
		case strings.HasSuffix(owner, "."+name) && !wild: // an empty name between others
			values, best, exists = nil, name, true
			continue
		case wild && (below == "" || strings.HasSuffix(name, below)) && len(owner) >= len(best):
			if owner != best {
				values, best, exists = nil, owner, true
			}
		default:
			continue
		}
		if strings.EqualFold(k, kind) {
			values = v
		}
	}
	return values, exists
}

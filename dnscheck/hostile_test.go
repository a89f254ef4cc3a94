package dnscheck

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"cupclint/lint"
)

// hostile runs a resolver that no real server can be made to be: it answers each query with what twist returns.
func hostile(t *testing.T, twist func(answer *dns.Msg) []byte) string {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	var reader sync.WaitGroup
	reader.Go(func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			q := new(dns.Msg)
			if err := q.Unpack(buf[:n]); err != nil {
				t.Errorf("query: %v", err)
				return
			}
			m := new(dns.Msg).SetReply(q)
			if rr, err := dns.NewRR(q.Question[0].Name + " 60 IN A 192.0.2.66"); err == nil {
				m.Answer = []dns.RR{rr}
			}
			_, _ = conn.WriteToUDPAddrPort(twist(m), from)
		}
	})
	t.Cleanup(func() {
		_ = conn.Close()
		reader.Wait()
	})
	return conn.LocalAddr().String()
}

func packed(t *testing.T, m *dns.Msg) []byte {
	text, err := m.Pack()
	if err != nil {
		t.Errorf("answer: %v", err)
	}
	return text
}

func TestHostileResolversAreNotBelieved(t *testing.T) {
	tests := []struct {
		name  string
		twist func(m *dns.Msg) []byte
		want  string
	}{
		{"wrong transaction number", func(m *dns.Msg) []byte { m.Id++; return packed(t, m) }, "with a wrong transaction number"},
		{"another name", func(m *dns.Msg) []byte { m.Question[0].Name = "evil.example."; return packed(t, m) }, "for another name"},
		{"garbage", func(*dns.Msg) []byte { return []byte("HTTP/1.1 400 Bad Request\r\n\r\n") }, "that were not DNS answers"},
		{"short garbage", func(*dns.Msg) []byte { return []byte("no") }, "that were not DNS answers"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := setup{resolvers: []string{hostile(t, test.twist)}, names: pair("cups1", "example.com"),
				timeout: 50 * time.Millisecond, types: A}
			observations, findings := s.run(t)
			check(t, findings, []want{{"DNS103", lint.Error, test.want}})
			if found := observations[0].Steps()[0].Effective(); found.Outcome == Found || len(found.Records) > 0 {
				t.Errorf("the answer is accepted: %+v", found)
			}
		})
	}
}

// A server that says of an alias's target that it has no address, without the SOA record that belongs there (RFC 2308), must not be
// asked without an end.
func TestAliasToNothingIsFollowedOnce(t *testing.T) {
	addr := hostile(t, func(m *dns.Msg) []byte {
		m.RecursionAvailable, m.Answer = true, nil
		if m.Question[0].Name == "cups1.example.com." {
			rr, err := dns.NewRR("cups1.example.com. 60 IN CNAME gone.example.org.")
			if err != nil {
				t.Error(err)
			}
			m.Answer = []dns.RR{rr}
		}
		return packed(t, m)
	})
	s := setup{resolvers: []string{addr}, names: pair("cups1", "example.com"), types: A}
	observations, _ := s.run(t)
	if found := observations[0].Steps()[0].Effective(); found.Outcome != NoData || len(found.Attempts) != 2 {
		t.Errorf("%+v", found)
	}
}

func TestManyRecordsAreBounded(t *testing.T) {
	addr := hostile(t, func(m *dns.Msg) []byte {
		for len(m.Answer) < 60 {
			m.Answer = append(m.Answer, m.Answer[0])
		}
		m.Compress = true
		return packed(t, m)
	})
	s := setup{resolvers: []string{addr}, names: pair("cups1", "example.com"), types: A}
	observations, _ := s.run(t)
	var table strings.Builder
	if err := WriteTable(&table, observations); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(table.String(), "and 48 records more") {
		t.Errorf("the table shows all records:\n%s", table.String())
	}
}

func TestTableIsSafeForATerminal(t *testing.T) {
	s := setup{resolvers: []string{hostile(t, func(m *dns.Msg) []byte { return packed(t, m) })}, names: pair("cup\x1b[31m1", "example.com"),
		types: A}
	observations, findings := s.run(t)
	var table strings.Builder
	if err := WriteTable(&table, observations); err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		table.WriteString(f.Message + strings.Join(f.Evidence, "") + f.Fix)
	}
	if strings.Contains(table.String(), "\x1b") {
		t.Errorf("an escape character gets through: %q", table.String())
	}
}

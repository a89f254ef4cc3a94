package servertest

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
)

const exampleZone = `
cups1 IN A 127.0.0.22
v6only IN AAAA ::1
mail IN A 127.0.0.1
imap IN CNAME mail
chain IN CNAME imap
dangling IN CNAME nowhere
loop1 IN CNAME loop2
loop2 IN CNAME loop1
_cuplogin._tcp IN SRV 0 0 8443 cups1
_nosvc._tcp IN SRV 0 0 0 .
@ IN NAPTR 10 50 "s" "SIP+D2T" "" _sip._tcp
lame IN NS ns.lame
ns.lame IN A 127.0.0.99
`

func exampleNSD(t *testing.T) *DNSServer {
	t.Helper()
	return NSD(t, NSDConfig{
		Zones: Zones{
			"example.com": exampleZone + BigRRSet("big", "TXT", 100) + BigRRSet("_big._tcp", "SRV", 100),
			"127.in-addr.arpa": `$ORIGIN 127.in-addr.arpa.
$TTL 60
@ IN SOA ns.example.com. hostmaster.example.com. 1 3600 600 86400 60
@ IN NS ns.example.com.
22.0.0 IN PTR cups1.example.com.
`,
		},
		Broken: []string{"broken.example"},
	})
}

func TestNSDAnswers(t *testing.T) {
	server := exampleNSD(t)
	tests := []struct {
		name    string
		qtype   uint16
		rcode   int
		answers int
		tc      bool
		holds   string // some record of the answer or authority section has this in its text
	}{
		{"cups1.example.com", dns.TypeA, dns.RcodeSuccess, 1, false, "127.0.0.22"},
		{"v6only.example.com", dns.TypeA, dns.RcodeSuccess, 0, false, "SOA"},
		{"nope.example.com", dns.TypeA, dns.RcodeNameError, 0, false, "SOA"},
		{"chain.example.com", dns.TypeA, dns.RcodeSuccess, 3, false, "127.0.0.1"},
		{"dangling.example.com", dns.TypeA, dns.RcodeNameError, 1, false, "CNAME"},
		{"loop1.example.com", dns.TypeA, dns.RcodeSuccess, 2, false, "CNAME"},
		{"_cuplogin._tcp.example.com", dns.TypeSRV, dns.RcodeSuccess, 1, false, "8443 cups1"},
		{"example.com", dns.TypeNAPTR, dns.RcodeSuccess, 1, false, "SIP+D2T"},
		{"22.0.0.127.in-addr.arpa", dns.TypePTR, dns.RcodeSuccess, 1, false, "cups1.example.com."},
		{"x.lame.example.com", dns.TypeA, dns.RcodeSuccess, 0, false, "ns.lame.example.com."},
		{"x.broken.example", dns.TypeA, dns.RcodeServerFailure, 0, false, ""},
		{"elsewhere.org", dns.TypeA, dns.RcodeRefused, 0, false, ""},
		{"big.example.com", dns.TypeTXT, dns.RcodeSuccess, -1, true, ""},
		{"_big._tcp.example.com", dns.TypeSRV, dns.RcodeSuccess, -1, true, ""},
	}
	for _, test := range tests {
		t.Run(test.name+"/"+dns.TypeToString[test.qtype], func(t *testing.T) {
			answer, err := ask(t.Context(), server.Addr, test.name, test.qtype)
			if err != nil {
				t.Fatal(err)
			}
			if answer.Rcode != test.rcode || answer.Truncated != test.tc {
				t.Errorf("rcode %s, tc %t; want %s, %t", dns.RcodeToString[answer.Rcode], answer.Truncated,
					dns.RcodeToString[test.rcode], test.tc)
			}
			if test.answers >= 0 && len(answer.Answer) != test.answers {
				t.Errorf("%d answers, want %d:\n%s", len(answer.Answer), test.answers, answer)
			}
			holds := func(rr dns.RR) bool { return strings.Contains(rr.String(), test.holds) }
			if test.holds != "" && !slices.ContainsFunc(append(answer.Answer, answer.Ns...), holds) {
				t.Errorf("no record with %q:\n%s", test.holds, answer)
			}
		})
	}
	t.Run("whole over TCP", func(t *testing.T) {
		question := new(dns.Msg).SetQuestion("big.example.com.", dns.TypeTXT)
		answer, _, err := (&dns.Client{Net: "tcp"}).ExchangeContext(t.Context(), question, server.Addr)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Truncated || len(answer.Answer) != 100 {
			t.Errorf("tc %t, %d answers; want all 100", answer.Truncated, len(answer.Answer))
		}
	})
}

// burst sends many questions for names that do not exist without waiting, and counts the answers that come whole and those
// that come truncated, until none has come for a while.
func burst(t *testing.T, addr string) (whole, truncated int) {
	t.Helper()
	conn, err := net.Dial("udp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range 300 {
		packed, err := new(dns.Msg).SetQuestion("nope.example.com.", dns.TypeA).Pack()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(packed); err != nil {
			t.Fatal(err)
		}
	}
	buffer := make([]byte, 4096)
	for {
		if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		size, err := conn.Read(buffer)
		if err != nil {
			return whole, truncated
		}
		answer := new(dns.Msg)
		if err := answer.Unpack(buffer[:size]); err != nil {
			t.Fatal(err)
		}
		if answer.Truncated {
			truncated++
		} else {
			whole++
		}
	}
}

func TestNSDRateLimitSlipsAnswers(t *testing.T) {
	const bursts = 10
	limited := NSD(t, NSDConfig{Zones: Zones{"example.com": ""}, RateLimit: true})
	slipped := 0
	for i := 0; i < bursts && slipped == 0; i++ {
		_, slipped = burst(t, limited.Addr)
	}
	if slipped == 0 {
		t.Error("no answer came truncated although the rate is limited")
	}
	free := NSD(t, NSDConfig{Zones: Zones{"example.com": ""}})
	for range bursts {
		if whole, slipped := burst(t, free.Addr); whole == 0 || slipped != 0 {
			t.Errorf("without the limit %d answers came whole and %d truncated", whole, slipped)
		}
	}
}

func TestUnboundAnswers(t *testing.T) {
	authority, sink, ca := exampleNSD(t), UDPSink(t), CA(t)
	server := Unbound(t, UnboundConfig{
		Stub: map[string]string{
			"example.com": authority.Addr, "broken.example": authority.Addr, "127.in-addr.arpa": authority.Addr,
		},
		Forward:    map[string]string{"blackhole.test": sink.Addr},
		LocalZones: map[string]string{"refused.test": "refuse", "drop.test": "deny", "static.test": "static"},
		LocalData:  []string{"a.static.test. A 127.0.0.1", `t.static.test. TXT "with blanks"`},
		CA:         ca,
	})
	tests := []struct {
		name  string
		qtype uint16
		rcode int
	}{
		{"cups1.example.com", dns.TypeA, dns.RcodeSuccess},
		{"nope.example.com", dns.TypeA, dns.RcodeNameError},
		{"22.0.0.127.in-addr.arpa", dns.TypePTR, dns.RcodeSuccess},
		{"x.broken.example", dns.TypeA, dns.RcodeServerFailure},
		{"a.refused.test", dns.TypeA, dns.RcodeRefused},
		{"a.static.test", dns.TypeA, dns.RcodeSuccess},
		{"t.static.test", dns.TypeTXT, dns.RcodeSuccess},
		{"b.static.test", dns.TypeA, dns.RcodeNameError},
		{"www.elsewhere.org", dns.TypeA, dns.RcodeRefused},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := &dns.Client{Timeout: 20 * time.Second}
			answer, _, err := client.ExchangeContext(t.Context(),
				new(dns.Msg).SetQuestion(dns.Fqdn(test.name), test.qtype), server.Addr)
			if err != nil {
				t.Fatal(err)
			}
			if answer.Rcode != test.rcode {
				t.Errorf("rcode %s, want %s", dns.RcodeToString[answer.Rcode], dns.RcodeToString[test.rcode])
			}
		})
	}
	for _, name := range []string{"x.blackhole.test", "x.drop.test", "x.lame.example.com"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			if answer, err := ask(ctx, server.Addr, name, dns.TypeA); err == nil {
				t.Errorf("an answer came: %s", answer)
			}
		})
	}
	if sink.Received() == 0 {
		t.Error("the sink saw no question")
	}
	t.Run("DNS over TLS", func(t *testing.T) {
		host, _, err := net.SplitHostPort(server.TLSAddr)
		if err != nil {
			t.Fatal(err)
		}
		client := &dns.Client{Net: "tcp-tls", TLSConfig: ca.ClientConfig(host)}
		answer, _, err := client.ExchangeContext(t.Context(),
			new(dns.Msg).SetQuestion("cups1.example.com.", dns.TypeA), server.TLSAddr)
		if err != nil {
			t.Fatal(err)
		}
		if len(answer.Answer) != 1 {
			t.Errorf("%d answers, want 1", len(answer.Answer))
		}
	})
}

func TestServerIsGoneAfterStop(t *testing.T) {
	server := exampleNSD(t)
	pid := server.cmd.Process.Pid
	if !groupRuns(pid) {
		t.Fatal("the server's processes are not seen while it runs")
	}
	server.Stop()
	if groupRuns(pid) {
		t.Error("a process of the server still runs")
	}
	if _, err := ask(t.Context(), server.Addr, "example.com", dns.TypeSOA); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("asking the stopped server: %v, want connection refused", err)
	}
}

func TestClosedAddrRefuses(t *testing.T) {
	addr := ClosedAddr(t)
	if _, err := ask(t.Context(), addr, "example.com", dns.TypeSOA); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("UDP: %v, want connection refused", err)
	}
	if _, err := net.Dial("tcp", addr); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("TCP: %v, want connection refused", err)
	}
}

package wire

import (
	"bytes"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func TestQueryIsThatOfTheLibrary(t *testing.T) {
	long := strings.Repeat(strings.Repeat("a", 62)+".", 4)
	for _, name := range []string{
		".", "a.", testName, "CUP1.example.com.", `up\ 1.example.com.`, `b\195\188cher.example.`, "b\xc3\xbccher.example.", "_sip._tcp.x_y.",
		strings.Repeat("a", 63) + ".com.", strings.Repeat("a", 64) + ".com.", long, long[:len(long)-1] + "aa.", "a..b.", ".a.", "a", "", `a\.`,
	} {
		for _, edns := range []bool{true, false} {
			for _, rrType := range []uint16{dns.TypeA, dns.TypeSRV, 65280} {
				m := new(dns.Msg)
				m.RecursionDesired = true
				m.Question = []dns.Question{{Name: name, Qtype: rrType, Qclass: dns.ClassINET}}
				if edns {
					m.SetEdns0(udpSize, false)
				}
				want, wantErr := m.Pack()
				got, err := pack(nil, Question{name, rrType}, edns)
				if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
					t.Errorf("%q %d: % x, %v; want % x, %v", name, rrType, got, err, want, wantErr)
				}
			}
		}
	}
}

package dnscheck

import (
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

func answerWith(t uint16, data ...string) *Answer {
	a := &Answer{}
	for _, d := range data {
		a.Records = append(a.Records, Record{Name: "x.example.", Type: t, Data: d})
	}
	return a
}

func TestTargetsComeInTheOrderOfRFC2782(t *testing.T) {
	a := answerWith(dns.TypeSRV, "20 0 5060 last.example.", "10 10 5060 light.example.", "10 0 5060 zero.example.",
		"10 30 5060 heavy.example.", "rubbish", "1 2 99999 x.")
	targets := a.Targets()
	var hosts []string
	for _, target := range targets {
		hosts = append(hosts, target.Host)
	}
	if want := []string{"heavy.example.", "light.example.", "zero.example.", "last.example."}; !slices.Equal(hosts, want) {
		t.Errorf("order %q, want %q", hosts, want)
	}
	want := []string{
		"1. heavy.example. port 5060 (priority 10, weight 30: first of its priority in 75 % of tries)",
		"2. light.example. port 5060 (priority 10, weight 10: first of its priority in 25 % of tries)",
		"3. zero.example. port 5060 (priority 10, weight 0: almost never before the others of its priority)",
		"4. last.example. port 5060 (priority 20, weight 0: alone in its priority)",
	}
	if got := Order(targets); !slices.Equal(got, want) {
		t.Errorf("explained as\n%q, want\n%q", got, want)
	}
	if got := Order(answerWith(dns.TypeSRV, "0 0 1 a.",
		"0 0 1 b.").Targets()); got[0] != "1. a. port 1 (priority 0, weight 0: one of 2 with equal chances)" {
		t.Errorf("equal weights of zero: %q", got)
	}
}

func TestPointersComeInTheOrderOfRFC3263(t *testing.T) {
	a := answerWith(dns.TypeNAPTR, `20 10 "s" "SIP+D2U" "" _sip._udp.x.example.`, `10 20 "s" "SIP+D2T" "" _sip._tcp.x.example.`,
		`10 10 "s" "SIPS+D2T" "" _sips._tcp.x.example.`, `5 5 "u" "E2U+sip" "!^.*$!sip:a@b!" .`, "rubbish")
	var got []string
	for _, p := range a.Pointers() {
		if p.leadsToSRV() {
			got = append(got, p.Replacement)
		}
	}
	if want := []string{"_sips._tcp.x.example.", "_sip._tcp.x.example.", "_sip._udp.x.example."}; !slices.Equal(got, want) {
		t.Errorf("SRV names %q, want %q", got, want)
	}
}

func TestReverseAddr(t *testing.T) {
	for _, addr := range []string{"192.0.2.1", "2001:db8::1"} {
		name, err := dns.ReverseAddr(addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := reverseAddr(name); got != addr {
			t.Errorf("reverseAddr(%q) = %q", name, got)
		}
	}
}

func FuzzRecordsOfAServer(f *testing.F) {
	f.Add("10 60 8443 cucm1.example.com.", `10 50 "s" "SIP+D2T" "" _sip._tcp.example.com.`)
	f.Add("", `"`)
	f.Fuzz(func(t *testing.T, srv, naptr string) {
		targets := answerWith(dns.TypeSRV, srv).Targets()
		if len(Order(targets)) != len(targets) {
			t.Error("a target has no place in the order")
		}
		for _, p := range answerWith(dns.TypeNAPTR, naptr).Pointers() {
			if p.leadsToSRV() && p.Replacement == "" {
				t.Error("a pointer leads to nothing")
			}
		}
	})
}

func TestDataIsThatOfAZoneFile(t *testing.T) {
	for _, text := range []string{
		"n. 60 IN A 10.1.1.1", "n. 60 IN AAAA 2001:db8::1", "n. 60 IN SRV 0 65535 5060 cup1.Example-1.com.", "n. 60 IN SRV 1 2 3 .",
		`n. 60 IN SRV 1 2 3 up\ 1.example.com.`, `n. 60 IN SRV 1 2 3 b\195\188cher.example.`, `n. 60 IN TXT "a b"`,
	} {
		rr, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := rdata(rr), strings.TrimPrefix(rr.String(), rr.Header().String()); got != want {
			t.Errorf("%s: data %q, want %q", text, got, want)
		}
	}
}

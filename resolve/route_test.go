package resolve

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestParseURI(t *testing.T) {
	for _, c := range []struct {
		in   string
		want URI
	}{
		{"sip:6002@acme.com", URI{Scheme: "sip", User: "6002", Host: "acme.com"}},
		{"SIPS:alice@cup1.acme.com:5061;transport=TLS", URI{"sips", "alice", "cup1.acme.com", 5061, "tls"}},
		{"sip:acme.com", URI{Scheme: "sip", Host: "acme.com"}},
		{"sip:alice:secret@acme.com", URI{Scheme: "sip", User: "alice", Host: "acme.com"}},
		{"sip:alice@[2001:db8::1]:5060", URI{"sip", "alice", "2001:db8::1", 5060, ""}},
		{"sip:alice;day=mon@acme.com?subject=a@b", URI{Scheme: "sip", User: "alice;day=mon@acme.com?subject=a", Host: "b"}},
		{"sip:6002@acme.com;transport=udp;lr?x=1", URI{Scheme: "sip", User: "6002", Host: "acme.com", Transport: "udp"}},
	} {
		got, err := ParseURI(c.in)
		if err != nil || got != c.want {
			t.Errorf("ParseURI(%q) = %+v, %v; want %+v", c.in, got, err, c.want)
		}
	}
}

func TestParseURISaysWhereItBreaks(t *testing.T) {
	for _, c := range []struct {
		in     string
		offset int
	}{
		{"", 0}, {"6002@acme.com", 0}, {"tel:+49", 0}, {"sip:", 4}, {"sip:@acme.com", 4}, {"sip:a@", 6}, {"sip:a b@acme.com", 5},
		{"sip:a@acme.com:0", 15}, {"sip:a@acme.com:65536", 15}, {"sip:a@acme.com:", 15}, {"sip:a@[::1", 6}, {"sip:a@[1.2.3.4]", 7}, {"sip:a@[::1]x", 11},
	} {
		_, err := ParseURI(c.in)
		var at *URIError
		if !errors.As(err, &at) || at.Offset != c.offset {
			t.Errorf("ParseURI(%q): error %v, want one at byte %d", c.in, err, c.offset)
		}
	}
}

func FuzzParseURI(f *testing.F) {
	for _, s := range []string{"sip:6002@acme.com", "sips:a@[::1]:5061;transport=tls?h=v", "sip::@:", "sip:a@b:99999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseURI(s)
		if err != nil {
			var at *URIError
			if !errors.As(err, &at) || at.Offset < 0 || at.Offset > len(s) {
				t.Fatalf("ParseURI(%q): error %v points outside", s, err)
			}
			return
		}
		if u.Host == "" || u.Port < 0 || u.Port > 65535 || !strings.Contains(s, u.Host) || !strings.Contains(s, u.User) {
			t.Fatalf("ParseURI(%q) = %+v: not what is written", s, u)
		}
		NextHop(u, Proxy{SIPDomain: "acme.com"}, []StaticRoute{{Destination: s}})
	})
}

var acme = Proxy{SIPDomain: "acme.com", Nodes: []string{"cups1", "cups2.acme.com", "10.1.1.5"}, Aliases: []string{"im.acme.com"}}

func TestTheProxyKnowsItsOwnDomains(t *testing.T) {
	for domain, want := range map[string]bool{
		"acme.com": true, "cups1": true, "cups1.acme.com": true, "cups2.acme.com": true, "10.1.1.5": true, "im.acme.com": true,
		"10.1.1.5.acme.com": true, "ACME.com": false, "cups3.acme.com": false, "": false, "cups1.": false, "com": false, ".acme.com": false,
	} {
		if why, ok := acme.Local(domain); ok != want || ok != (why != "") {
			t.Errorf("Local(%q) = %q, %v; want %v", domain, why, ok, want)
		}
	}
	if _, ok := (&Proxy{}).Local(""); ok {
		t.Error("a proxy without names takes the empty domain for its own")
	}
}

func TestNextHop(t *testing.T) {
	routes := []StaticRoute{
		{Destination: ".com.foreign.*", NextHop: "edge.foreign.com", Port: 5061, Protocol: "TLS"},
		{Destination: "voice.foreign.com", NextHop: "10.9.9.9", Port: 5060, Protocol: "TCP"},
		{Destination: ".partner.net", NextHop: "10.8.8.8"},
		{Destination: "60*", NextHop: "cucm1", Priority: 2},
		{Destination: "600.", NextHop: "cucm2", Priority: 2},
		{Destination: "600.", NextHop: "cucm3", Priority: 1},
	}
	for _, c := range []struct {
		uri    string
		hop    Hop
		static string // the next hop of the route taken
		srv    []string
	}{
		{"sip:alice@acme.com", LocalHop, "", nil},
		{"sip:alice@Acme.com", SRVHop, "", []string{"_sips._tcp.Acme.com", "_sip._tcp.Acme.com", "_sip._udp.Acme.com"}},
		{"sip:bob@foreign.com", StaticHop, "edge.foreign.com", nil},
		{"sip:bob@deep.voice.foreign.com", StaticHop, "edge.foreign.com", nil},
		{"sip:bob@voice.foreign.com", StaticHop, "10.9.9.9", nil},
		{"sip:bob@notforeign.com", SRVHop, "", []string{"_sips._tcp.notforeign.com", "_sip._tcp.notforeign.com", "_sip._udp.notforeign.com"}},
		{"sip:bob@a.partner.net", StaticHop, "10.8.8.8", nil},
		{"sip:bob@partner.net;transport=tcp", SRVHop, "", []string{"_sip._tcp.partner.net"}},
		{"sip:6002@other.org", StaticHop, "cucm3", nil},
		{"sip:60024@other.org", StaticHop, "cucm1", nil},
		{"sip:7000@other.org:5060", AddressHop, "", nil},
		{"sips:7000@other.org", SRVHop, "", []string{"_sips._tcp.other.org"}},
		{"sip:7000@192.0.2.1", AddressHop, "", nil},
		{"sip:7000@[2001:db8::1]", AddressHop, "", nil},
	} {
		u, err := ParseURI(c.uri)
		if err != nil {
			t.Fatal(err)
		}
		r := NextHop(u, acme, routes)
		static := ""
		if r.Static != nil {
			static = r.Static.NextHop
		}
		if r.Hop != c.hop || static != c.static || !slices.Equal(r.SRV, c.srv) {
			t.Errorf("NextHop(%s) = %s over %q, SRV %q; want %s over %q, SRV %q", c.uri, r.Hop, static, r.SRV, c.hop, c.static, c.srv)
		}
		if !slices.ContainsFunc(r.Candidates, func(c Candidate) bool { return c.Taken }) {
			t.Errorf("NextHop(%s): no candidate is taken", c.uri)
		}
	}
}

func TestADomainThatDiffersOnlyInCaseIsExplained(t *testing.T) {
	r := NextHop(URI{Scheme: "sip", User: "a", Host: "Cups1.Acme.com"}, acme, nil)
	if why := r.Candidates[0].Why; !strings.Contains(why, "case") || !strings.Contains(why, "cups1.acme.com") {
		t.Errorf("the explanation is %q", why)
	}
}

func TestNumberPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"6...", "6002", true}, {"6...", "600", false}, {"6...", "60021", false}, {"*", "", true}, {"*", "1", true}, {"", "", true}, {"", "1", false},
		{"+49*", "+4930", true}, {"+49*", "0049", false}, {"*1*2*", "91827", true}, {"*1*2*", "2918", false}, {"*****1", strings.Repeat("2", 5000), false},
	} {
		if got := matchNumber(c.pattern, c.s); got != c.want {
			t.Errorf("matchNumber(%q, %.20q) = %v", c.pattern, c.s, got)
		}
	}
}

func TestShadowedRoutes(t *testing.T) {
	routes := []StaticRoute{
		{Destination: "foreign.com", NextHop: "edge1", Priority: 1},
		{Destination: "foreign.com", NextHop: "edge2", Priority: 2}, // fail-over
		{Destination: "foreign.com", NextHop: "edge1", Priority: 3},
		{Destination: "cups1.acme.com", NextHop: "edge1"},
	}
	for i, want := range []bool{false, false, true, true} {
		if got := Shadowed(i, acme, routes); (got != "") != want {
			t.Errorf("route %d: shadowed %q, want %v", i+1, got, want)
		}
	}
}

func TestGenerationFromTheVersion(t *testing.T) {
	for version, want := range map[string]Generation{
		"1.2.4": SIP, "7.0.2.13496": SIP, "7.1(3)": SIP, "8.5(3)": XMPP, "8.0.0": XMPP, "9.7.0.18474": XMPP, "Jabber 14.1": XMPP, "jabber": XMPP,
		"CUPC 7.0": SIP, "": "", "unknown": "", "0": "",
	} {
		got, ok := GenerationOf(version)
		if got != want || ok != (want != "") {
			t.Errorf("GenerationOf(%q) = %q, %v; want %q", version, got, ok, want)
		}
	}
}

func TestHostnameProblemAgreesWithTheFastCheck(t *testing.T) {
	for s, ok := range map[string]bool{
		"a": true, "a.b": true, "1": true, "a-b.c": true, "": false, ".": false, "a.": false, ".a": false, "a..b": false, "-a": false, "a-": false,
		"a_b": false, "é": false, "a b": false, strings.Repeat("a", 64): false, strings.Repeat("a.", 127): false,
	} {
		if got := HostnameProblem(s); (got == "") != ok {
			t.Errorf("HostnameProblem(%q) = %q", s, got)
		}
	}
}

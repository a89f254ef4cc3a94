package resolve

import (
	"regexp"
	"strings"
	"testing"
)

var acme = Proxy{SIPDomain: "acme.com", Nodes: []string{"cups1", "cups2.acme.com", "10.1.1.5"}, Aliases: []string{"im.acme.com"}}

func TestTheProxyKnowsItsOwnDomains(t *testing.T) {
	for domain, want := range map[string]LocalName{
		"acme.com": {LocalSIPDomain, "acme.com"}, "cups1": {LocalNode, "cups1"}, "cups1.acme.com": {LocalNodeDomain, "cups1"},
		"cups2.acme.com": {LocalNode, "cups2.acme.com"}, "cups2.acme.com.acme.com": {LocalNodeDomain, "cups2.acme.com"},
		"10.1.1.5": {LocalNode, "10.1.1.5"}, "10.1.1.5.acme.com": {LocalNodeDomain, "10.1.1.5"}, "im.acme.com": {LocalAlias, "im.acme.com"},
		"ACME.com": {}, "cups3.acme.com": {}, "": {}, "cups1.": {}, "com": {}, ".acme.com": {}, "im.acme.com.acme.com": {}, "acme.com.": {},
		"xacme.com": {},
	} {
		got, ok := acme.Local(domain)
		if got != want || ok != (want != LocalName{}) {
			t.Errorf("Local(%q) = %+v, %v; want %+v", domain, got, ok, want)
		}
		if says := got.String(); (says == LocalName{}.String()) == ok {
			t.Errorf("Local(%q) says %q", domain, says)
		}
	}
	for _, p := range []Proxy{{}, {Nodes: []string{"cups1", ""}, Aliases: []string{""}}, {SIPDomain: "acme.com", Nodes: []string{""}}} {
		for _, domain := range []string{"", "cups1.", ".", ".acme.com"} {
			if why, ok := p.Local(domain); ok {
				t.Errorf("%+v takes %q for its own: %s", p, domain, why)
			}
		}
	}
}

// checkRoute holds for every request.
func checkRoute(t *testing.T, uri string, r Route) {
	t.Helper()
	taken := map[Hop]int{}
	for _, c := range r.Candidates {
		if c.Why == "" || (c.Hop == StaticHop) != (c.Route > 0) {
			t.Errorf("NextHop(%q): candidate %+v", uri, c)
		}
		if c.Taken {
			taken[c.Hop]++
		}
	}
	if len(taken) != 1 || taken[r.Hop] == 0 || r.Hop != SRVHop && taken[r.Hop] != 1 {
		t.Errorf("NextHop(%q) uses %s and takes %v", uri, r.Hop, taken)
	}
	if (r.Static != nil) != (r.Hop == StaticHop) || (r.Port == 0) != (r.Hop == LocalHop) || r.Hop == SRVHop && len(r.SRV) == 0 {
		t.Errorf("NextHop(%q) = %+v", uri, r)
	}
}

func mustParse(t *testing.T, uri string) URI {
	t.Helper()
	u, err := ParseURI(uri)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestNextHop(t *testing.T) {
	routes := []StaticRoute{
		{Destination: ".com.foreign.*", NextHop: "edge.foreign.com", Port: 5061, Protocol: "TLS"},
		{Destination: "voice.foreign.com", NextHop: "10.9.9.9", Port: 5060, Protocol: "TCP"},
		{Destination: ".net.partner", NextHop: "_sip._tcp.partner.net", NextHopSRV: true},
		{Destination: "60*", NextHop: "cucm1", Priority: 2},
		{Destination: "600.", NextHop: "cucm2", Priority: 2},
		{Destination: "600.", NextHop: "cucm3", Priority: 1, Weight: 10},
		{Destination: "600.", NextHop: "cucm4", Weight: 20},
		{Destination: "*.example", NextHop: "10.7.7.7"},
		{Destination: "bob", Type: UserRoute, NextHop: "10.6.6.6"},
		{Destination: "8...", NextHop: "cucm5"},
		{Destination: "80..", NextHop: "cucm6"}, // as long, with fewer wildcards
	}
	for _, c := range []struct {
		uri        string
		hop        Hop
		static     string // the next hop of the route taken
		srv, names string
		port       int
	}{
		{"sip:alice@acme.com", LocalHop, "", "", "", 0},
		{"sip:6002@acme.com", LocalHop, "", "", "", 0},
		{"sip:alice@Acme.com", SRVHop, "", "_sips._tcp.Acme.com _sip._tcp.Acme.com _sip._udp.Acme.com", "Acme.com", 5060},
		{"sip:eve@foreign.com", StaticHop, "edge.foreign.com", "", "edge.foreign.com", 5061},
		{"sip:eve@deep.voice.foreign.com", StaticHop, "edge.foreign.com", "", "edge.foreign.com", 5061},
		{"sip:eve@voice.foreign.com", StaticHop, "10.9.9.9", "", "", 5060},
		{"sip:eve@voice.foreign.com:5070", StaticHop, "10.9.9.9", "", "", 5060},
		{"sip:eve@notforeign.com;transport=udp", SRVHop, "", "_sip._udp.notforeign.com", "notforeign.com", 5060},
		{"sip:eve@partner.net", StaticHop, "_sip._tcp.partner.net", "_sip._tcp.partner.net", "", 5060},
		{"sip:eve@a.partner.net;transport=tcp", SRVHop, "", "_sip._tcp.a.partner.net", "a.partner.net", 5060},
		{"sip:eve@a.b.example", StaticHop, "10.7.7.7", "", "", 5060},
		{"sip:bob@other.org", StaticHop, "10.6.6.6", "", "", 5060},
		{"sip:bob@voice.foreign.com", StaticHop, "10.9.9.9", "", "", 5060},
		{"sip:6002@other.org", StaticHop, "cucm4", "", "cucm4", 5060},
		{"sip:%36002;ext=7@other.org", StaticHop, "cucm4", "", "cucm4", 5060},
		{"sip:8002@other.org", StaticHop, "cucm6", "", "cucm6", 5060},
		{"sip:8102@other.org", StaticHop, "cucm5", "", "cucm5", 5060},
		{"sip:60024@other.org", StaticHop, "cucm1", "", "cucm1", 5060},
		{"sip:7000@other.org:5062", AddressHop, "", "", "other.org", 5062},
		{"sips:7000@other.org", SRVHop, "", "_sips._tcp.other.org", "other.org", 5061},
		{"sips:7000@other.org;transport=tcp", SRVHop, "", "_sips._tcp.other.org", "other.org", 5061},
		{"sip:7000@other.org;transport=tls", SRVHop, "", "_sips._tcp.other.org", "other.org", 5061},
		{"sips:7000@other.org;transport=sctp", SRVHop, "", "_sips._sctp.other.org", "other.org", 5061},
		{"sips:7000@other.org;transport=udp", AddressHop, "", "", "other.org", 5061},
		{"sip:7000@other.org;transport=ws", AddressHop, "", "", "other.org", 5060},
		{"sip:7000@other.org;maddr=192.0.2.7", AddressHop, "", "", "", 5060},
		{"sip:7000@other.org;maddr=edge.other.org;transport=tcp", SRVHop, "", "_sip._tcp.edge.other.org", "edge.other.org", 5060},
		{"sip:7000@192.0.2.1", AddressHop, "", "", "", 5060},
		{"sip:7000@[2001:db8::1]", AddressHop, "", "", "", 5060},
		{"sip:other.org;transport=udp", SRVHop, "", "_sip._udp.other.org", "other.org", 5060},
	} {
		r := NextHop(mustParse(t, c.uri), acme, routes)
		checkRoute(t, c.uri, r)
		static := ""
		if r.Static != nil {
			static = r.Static.NextHop
		}
		srv, names := strings.Join(r.SRV, " "), strings.Join(r.Names, " ")
		if r.Hop != c.hop || static != c.static || srv != c.srv || names != c.names || r.Port != c.port {
			t.Errorf("NextHop(%s) = %s over %q, SRV %q, names %q, port %d; want %+v", c.uri, r.Hop, static, srv, names, r.Port, c)
		}
	}
}

func TestEveryCandidateSaysWhyItLost(t *testing.T) {
	routes := []StaticRoute{
		{Destination: "foreign.com", NextHop: "edge1", Weight: 20},
		{Destination: "foreign.com", NextHop: "edge2", Weight: 10},
		{Destination: "foreign.com", NextHop: "edge3", Priority: 2},
		{Destination: ".com.foreign.*", NextHop: "edge4"},
		{Destination: "Foreign.com", NextHop: "edge5"},
		{Destination: ".foreign.com", NextHop: "edge6"},
		{Destination: "6...", NextHop: "cucm1"},
		{NextHop: "nowhere"},
	}
	r := NextHop(mustParse(t, "sip:alice@foreign.com"), acme, routes)
	for _, want := range []struct {
		hop   Hop
		route int
		taken bool
		says  string
	}{
		{LocalHop, 0, false, "neither the SIP domain"},
		{StaticHop, 1, true, "longest destination"},
		{StaticHop, 2, false, "by weight: 10 against 20"},
		{StaticHop, 3, false, "only if route 1 fails: priority 2 against 1"},
		{StaticHop, 4, false, `route 1 ("foreign.com") is more specific`},
		{StaticHop, 5, false, "they matter"},
		{StaticHop, 6, false, `means "com.foreign"`},
		{StaticHop, 7, false, "does not match"},
		{StaticHop, 8, false, "empty"},
		{SRVHop, 0, false, "before DNS"},
		{SRVHop, 0, false, "before DNS"},
		{SRVHop, 0, false, "before DNS"},
		{AddressHop, 0, false, "before DNS"},
	} {
		if len(r.Candidates) == 0 {
			t.Fatalf("the candidate %+v is missing", want)
		}
		c := r.Candidates[0]
		r.Candidates = r.Candidates[1:]
		if c.Hop != want.hop || c.Route != want.route || c.Taken != want.taken || !strings.Contains(c.Why, want.says) {
			t.Errorf("candidate %+v, want %+v", c, want)
		}
	}
	if len(r.Candidates) > 0 {
		t.Errorf("more candidates: %+v", r.Candidates)
	}
	r = NextHop(mustParse(t, "sip:6002@acme.com"), acme, routes)
	if len(r.Candidates) != 2 || r.Candidates[1].Route != 7 || !strings.Contains(r.Candidates[1].Why, "local domain") {
		t.Errorf("a local request: %+v", r.Candidates)
	}
}

func TestADomainThatDiffersOnlyInCaseIsExplained(t *testing.T) {
	r := NextHop(URI{Scheme: "sip", User: "a", Host: "Cups1.Acme.com"}, acme, nil)
	if why := r.Candidates[0].Why; !strings.Contains(why, "case") || !strings.Contains(why, "cups1.acme.com") {
		t.Errorf("the explanation is %q", why)
	}
}

func TestDestinationPatterns(t *testing.T) {
	const user, domain = UserRoute, DomainRoute
	for _, c := range []struct {
		of      RouteType
		pattern string
		s       string // the user part or the host
		want    bool
	}{
		{user, "6...", "6002", true}, {user, "6...", "600", false}, {user, "6...", "60021", false},
		{user, "74..7812345*", "7499781234500", true}, {user, "74..7812345*", "73997812345", false}, // the examples of Cisco's guide
		{user, "*", "", true}, {user, "*", "1", true}, {user, "", "", false}, {user, "", "1", false},
		{user, "+49*", "+4930", true}, {user, "+49*", "0049", false}, {user, "+49**", "+49", true},
		{user, "*1*2*", "91827", true}, {user, "*1*2*", "2918", false}, {user, "*****1", strings.Repeat("2", 5000), false},
		{user, `6\*1`, "6*1", true}, {user, `6\*1`, "6001", false}, {user, `6\.1`, "6.1", true}, {user, `6\.1`, "601", false},
		{user, `6\`, `6\`, true},
		{user, "alice", "alice", true}, {user, ".lice", "alice", true}, {user, "alice", "Alice", false},
		{domain, "acme.com", "acme.com", true}, {domain, "acme.com", "acmexcom", false}, {domain, "acme.com", "cups1.acme.com", false},
		{domain, "*.acme.com", "cups1.acme.com", true}, {domain, "*.acme.com", "acme.com", false}, {domain, "acme*.com", "acme-berlin.com", true},
		{domain, ".com.acme.*", "acme.com", true}, {domain, ".com.acme.*", "a.b.acme.com", true}, {domain, ".com.acme.*", "notacme.com", false},
		{domain, ".com.acme", "acme.com", true}, {domain, ".com.acme", "a.acme.com", false}, {domain, ".com.*", "acme.com", true},
		{domain, ".com.*", "acme.net", false},
		{domain, "10.1.1.5", "10.1.1.5", true}, {domain, "10.1.*", "10.1.1.5", true}, {domain, "10.1.1.5", "10x1.1.5", false},
		{domain, ".", "acme.com", false}, {domain, ".*", "acme.com", true}, {domain, "*", "acme.com", true},
		{AnyRoute, "6...", "6002", true}, {AnyRoute, "acme.com", "acme.com", true}, {AnyRoute, "10.1.1.5", "10.1.1.5", true},
		{AnyRoute, "6.acme", "60acme", false},
	} {
		u := URI{User: c.s, Host: c.s}
		route := StaticRoute{Destination: c.pattern, Type: c.of}
		if got := route.pattern().match(&u); got != c.want {
			t.Errorf("%q for %q matches %.20q: %v, want %v", c.pattern, c.of, c.s, got, c.want)
		}
	}
}

// The matcher is compared with a regular expression of the same meaning, over all short patterns and texts.
func TestWildcardsAgreeWithRegularExpressions(t *testing.T) {
	texts := shortStrings([]string{"a", ".", "*"}, 4)
	for _, p := range shortStrings([]string{"a", ".", "*", `\*`}, 4) {
		for _, dotIsWildcard := range []bool{false, true} {
			expr := strings.NewReplacer(`\*`, `\*`, "*", ".*", ".", `\.`).Replace(p)
			if dotIsWildcard {
				expr = strings.NewReplacer(`\*`, `\*`, "*", ".*").Replace(p)
			}
			re := regexp.MustCompile("^" + expr + "$")
			for _, s := range texts {
				if got, want := matchWildcards(p, s, dotIsWildcard), re.MatchString(s); got != want {
					t.Fatalf("%q matches %q: %v, the expression %q says %v", p, s, got, re, want)
				}
			}
		}
	}
}

func TestShadowedRoutes(t *testing.T) {
	routes := []StaticRoute{
		{Destination: "foreign.com", NextHop: "edge1", Priority: 1},
		{Destination: "foreign.com", NextHop: "edge2", Priority: 2}, // fail-over
		{Destination: "foreign.com", NextHop: "edge1", Port: 5060, Protocol: "tcp", Priority: 3},
		{Destination: "cups1.acme.com", NextHop: "edge1"},
		{Destination: ".com.acme", NextHop: "edge1"},
		{Destination: ".com.acme.*", NextHop: "edge1"}, // sub-domains are left to it
		{Destination: ".com.foreign", NextHop: "edge1", Priority: 4},
		{Destination: "foreign.com", NextHop: "edge1", Port: 5061, Protocol: "TLS"},
		{Destination: "60*", NextHop: "cucm1"},
		{Destination: "6002", NextHop: "cucm1"}, // longer: it wins where it matches
		{Destination: "60**", NextHop: "cucm1", Priority: 1},
		{Destination: "7.", NextHop: "cucm1", Weight: 1},
		{Destination: "7.", NextHop: "cucm1", Weight: 2},
		{Destination: "*.acme.com", NextHop: "edge1"},
		{NextHop: "edge1"},
	}
	const none = -2
	for i, want := range []int{none, none, 0, -1, -1, none, 0, none, none, none, 8, 12, none, none, -1} {
		got, ok := Shadowed(i, acme, routes)
		if !ok {
			got.By = none
		}
		if got.By != want || ok != (got.Why != "") {
			t.Errorf("route %d is shadowed by %d (%s), want %d", i, got.By, got.Why, want)
		}
	}
	if why, ok := Shadowed(0, Proxy{Aliases: []string{"*"}}, []StaticRoute{{Destination: "*", Type: DomainRoute}}); ok {
		t.Errorf("a route for every domain passes for one that %s", why.Why)
	}
}

// A route that is said to be shadowed is taken by no request, and of two that are the same one stays.
func TestAShadowedRouteIsNeverTaken(t *testing.T) {
	var routes []StaticRoute
	for _, d := range shortStrings([]string{"a", ".", "*"}, 3) {
		for _, priority := range []int{0, 1, 2} {
			routes = append(routes, StaticRoute{Destination: d, Priority: priority, NextHop: "edge1"})
		}
	}
	p := Proxy{SIPDomain: "a.a"}
	taken, shadowed := 0, 0
	for i := range routes {
		for j := range routes {
			pair := []StaticRoute{routes[i], routes[j]}
			for k := range pair {
				if _, ok := Shadowed(k, p, pair); !ok {
					continue
				}
				shadowed++
				for _, s := range []string{"a", "b", "a.a", "a.b", "aa", "x.a.a", "a.x"} {
					if r := NextHop(URI{Scheme: "sip", User: s, Host: s}, p, pair); r.Static == &pair[k] {
						t.Fatalf("%+v is shadowed in %+v, and takes %q", pair[k], pair, s)
					} else if r.Static != nil {
						taken++
					}
				}
			}
		}
	}
	if taken == 0 || shadowed == 0 {
		t.Errorf("%d shadowed, %d taken: the test tries nothing", shadowed, taken)
	}
}

func TestGenerationFromTheVersion(t *testing.T) {
	for version, want := range map[string]Generation{
		"1.2.4": SIP, "7.0.2.13496": SIP, "7.1(3)": SIP, "8.5(3)": XMPP, "8.0.0": XMPP, "9.7.0.18474": XMPP, "Jabber 14.1": XMPP, "jabber": XMPP,
		"CUPC 7.0": SIP, "Cisco Jabber": XMPP, "Cisco Jabber for Windows 9.7": XMPP, "99999999999999999999": "", "v8": XMPP, "": "",
		"unknown": "", "0": "",
	} {
		got, ok := GenerationOf(version)
		if got != want || ok != (want != "") {
			t.Errorf("GenerationOf(%q) = %q, %v; want %q", version, got, ok, want)
		}
	}
}

func TestHostnameProblemAgreesWithTheFastCheck(t *testing.T) {
	for s, ok := range map[string]bool{
		"a": true, "a.b": true, "1": false, "1.a": true, "a.1": false, "10.1.1.256": false, "a.1b": true, "10.1.1.1": false, "a-b.c": true,
		"": false, ".": false, "a.": false, ".a": false, "a..b": false, "-a": false, "a-": false,
		"a_b": false, "é": false, "a b": false, strings.Repeat("a", 64): false, strings.Repeat("a.", 127): false,
	} {
		if got := HostnameProblem(s); (got == "") != ok || IsHostname(s) != ok {
			t.Errorf("HostnameProblem(%q) = %q", s, got)
		}
	}
}

func BenchmarkNextHop(b *testing.B) {
	routes := []StaticRoute{{Destination: ".com.foreign.*", NextHop: "edge1"}, {Destination: "74..7812345*", NextHop: "cucm1"},
		{Destination: "*.example", NextHop: "edge2"}}
	for _, uri := range []string{"sip:6002@acme.com", "sip:bob@a.foreign.com", "sip:bob@other.org"} {
		b.Run(uri, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				u, err := ParseURI(uri)
				if err != nil {
					b.Fatal(err)
				}
				NextHop(u, acme, routes)
			}
		})
	}
}

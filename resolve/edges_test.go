package resolve

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

// The tests of this file are about the edges: the first and the last character of a range, the shortest and the longest text, the one
// condition of several that fails. `make mutate` shows which edges have no test.

func TestNearAddressesAtTheEdges(t *testing.T) {
	for text, want := range map[string]nearness{
		"0,0,0,0": nearComma, "100,1,1,1": nearComma, "1000,1,1,1": notNear, "10,1,1,x": notNear,
		"10.1.1.1/" + strings.Repeat("x", 71): nearNetwork, "10.1.1.1/" + strings.Repeat("x", 72): notNear,
		"1o.1.1.1": nearLookalike, "1I.1.1.1": nearLookalike, "IO.l0.0.9": nearLookalike, "lO.lO.l.9": notNear, "1O.1.1.1.1": notNear,
		"１O.1.1.1": notNear, "１２３４５": notNear, "１0.1.1.256": nearForeign,
		"10｡1｡1｡1": nearForeign, "10.1.1.1﹕5060": nearForeign,
		"𝟏𝟎.1.1.1": nearForeign, "𝟎.1.1.𝟿": nearForeign, "٩.1.1.٠": nearForeign,
		"é0.1.1.1": notNear, "ق0.1.1.1": notNear, "𐀐0.1.1.1": notNear, "𐀐𐀐.1.1.1": notNear,
		"𝒳0.1.1.1": notNear, "𐒐0.1.1.1": notNear,
		"(abcdefg)": notNear, "(10.1.1)": notNear, "x10.1.1.1)": notNear, "(10.1.1.1x": notNear, "{10.1.1.1}": nearWrapped,
		"'10.1.1.1'": nearWrapped,
		"+49.1234x":  notNear, "-cup1.x.y": notNear, "++10.1.1.1": notNear, "+10.1.1.256": nearSign,
		"abc:10.1.1.1": notNear, "sip:cup1.a.b": notNear, "sip:10.1.1": notNear, "sip:10.1.1.256": nearScheme, "sip:10.1.1.1:x": nearScheme,
		"10.1.1.1:x": nearMore, "10.1.1:5060": notNear, "10.1.1.1:5-60": nearMore, "10.1.1.1:50a": nearMore, "10.1.1.1:5/6": nearMore,
		"10.1.1.1:": nearMore, "10.1.1.1-a": notNear, "10.1.1.1a": notNear, "10.1.1:": notNear, ";10.1.1.1": notNear,
		"10.1.1.1:09": nearPort, "[::1]:x9": notNear, "[1.2.3.4]:5": notNear, "[cup1]:389": notNear,
		"cup1.a/24": notNear, "cup1.a%eth0": notNear,
		"0X0a.1.1.1": nearHex, "1x0a.1.1.1": notNear, "0aa.0x1.1.1": notNear, "9.0x1.1.1": nearHex, "a.0x1.1.1": notNear, "1-.0x1.1.1": notNear,
		"0xg.1.1.1": notNear, "0x0a.1.1": notNear, "0.0x0.1.9": nearHex, "1:.0x1.1.1": notNear,
	} {
		if got := nearAddress(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestASIPURIErrorSaysWhatIsWrong(t *testing.T) {
	for uri, want := range map[string]string{
		"sip:a@b@c":          `SIP URI "sip:a@b@c": byte 8: a second @; write it as %40`,
		"sip:a@@c":           `SIP URI "sip:a@@c": byte 7: a second @; write it as %40`,
		"tel":                `SIP URI "tel": byte 1: it does not begin with sip: or sips:`,
		"tel:+49":            `SIP URI "tel:+49": byte 1: a tel URI has no host to route to; write sip:NUMBER@HOST`,
		"sip:@acme.com":      `SIP URI "sip:@acme.com": byte 5: the user part before @ is empty`,
		"sip::5060":          `SIP URI "sip::5060": byte 5: there is no host`,
		"sip:a\u0080":        `SIP URI "sip:a\u0080": byte 6: the character '\u0080' in the host is not ASCII`,
		"sip:a\x7f":          `SIP URI "sip:a\x7f": byte 6: the character '\x7f' is not allowed in a host`,
		"sip:al:a%zz@h":      `SIP URI "sip:al:***@h": byte 9: % in the password is not followed by two hexadecimal digits`,
		"sip:al:a\x01@h":     `SIP URI "sip:al:***@h": byte 8: the password has a character that is not allowed there; write it as % and two hexadecimal digits`,
		"sip:ab%zz@h":        `SIP URI "sip:ab%zz@h": byte 7: % in the user part is not followed by two hexadecimal digits`,
		"sip:%6g@h":          `SIP URI "sip:%6g@h": byte 5: % in the user part is not followed by two hexadecimal digits`,
		"sip:%g6@h":          `SIP URI "sip:%g6@h": byte 5: % in the user part is not followed by two hexadecimal digits`,
		"sip:%/0@h":          `SIP URI "sip:%/0@h": byte 5: % in the user part is not followed by two hexadecimal digits`,
		"sip:%:0@h":          `SIP URI "sip:***@h": byte 5: % in the user part is not followed by two hexadecimal digits`,
		"sip:host?a=%zz":     `SIP URI "sip:host?a=%zz": byte 12: % in the headers is not followed by two hexadecimal digits`,
		"sip:host;lr?a=%zz":  `SIP URI "sip:host;lr?a=%zz": byte 15: % in the headers is not followed by two hexadecimal digits`,
		"sip:host;a=%zz":     `SIP URI "sip:host;a=%zz": byte 12: % in the parameters is not followed by two hexadecimal digits`,
		"sip:host;a=b;c=%zz": `SIP URI "sip:host;a=b;c=%zz": byte 16: % in the parameters is not followed by two hexadecimal digits`,
	} {
		_, err := ParseURI(uri)
		if uri == "sip:%:0@h" { // what follows the colon counts as a password
			want = strings.Replace(want, "sip:***@h", "sip:%:***@h", 1)
		}
		if err == nil || err.Error() != want {
			t.Errorf("ParseURI(%q):\n got %v\nwant %s", uri, err, want)
		}
	}
	for _, uri := range []string{"sip:%00%99%aF%Fa@h", "sip:-_.!~*'()@h", "sip:azAZ09@azAZ09"} {
		if _, err := ParseURI(uri); err != nil {
			t.Error(err)
		}
	}
}

func TestRedactURI(t *testing.T) {
	for uri, want := range map[string]string{
		"sip:alice:hunter2@acme.com":    "sip:alice:***@acme.com",
		"sip::hunter2@acme.com":         "sip::***@acme.com",
		"sips:hunter2@acme.com":         "sips:hunter2@acme.com",
		"XMPP:alice:hunter2@acme.com":   "XMPP:alice:***@acme.com",
		"http://alice:hunter2@acme.com": "http://alice:***@acme.com",
		"://alice:hunter2@acme.com":     "://alice:***@acme.com",
		"http://alice@acme.com:80":      "http://alice@acme.com:80",
		"alice:hunter2@acme.com":        "alice:***@acme.com",
		":hunter2@acme.com":             ":***@acme.com",
		"alice@acme.com":                "alice@acme.com",
		"@acme.com:5060":                "@acme.com:5060",
		"sip:acme.com:5060":             "sip:acme.com:5060",
		"":                              "",
	} {
		if got := RedactURI(uri); got != want {
			t.Errorf("RedactURI(%q) = %q, want %q", uri, got, want)
		}
	}
}

func TestTheLongestNames(t *testing.T) {
	label := strings.Repeat("a", MaxLabel)
	longest := strings.Repeat(label+".", 3) + strings.Repeat("b", MaxHostname-3*(MaxLabel+1))
	for name, want := range map[string]string{
		longest:                             "",
		longest + "b":                       "it has 254 bytes; a host name has at most 253",
		longest[:MaxHostname-1] + "_":       "the character '_' is not a letter, digit or hyphen",
		label + ".-x":                       `the label "-x" begins or ends with a hyphen`,
		"x-." + label:                       `the label "x-" begins or ends with a hyphen`,
		label + "a.com":                     `the label "aaaaaaaaaaaaaaaa..." has 64 bytes; a label has at most 63`,
		"a\x7f":                             `the character '\x7f' is not a letter, digit or hyphen`,
		"a\u0080":                           `the character '\u0080' is not ASCII`,
		"azAZ09-x":                          "",
		"9.a":                               "",
		"a.9":                               "its last label is a number, as in an address",
		"a.0":                               "its last label is a number, as in an address",
		"a.x9":                              "",
		"09":                                "its last label is a number, as in an address",
		"a[b":                               "the character '[' is not a letter, digit or hyphen",
		"a{b":                               "the character '{' is not a letter, digit or hyphen",
		"a..b":                              "it has an empty label: two dots in a row, or a dot at an end",
		strings.Repeat("a.", 126) + "7":     "its last label is a number, as in an address",
		"":                                  "it is empty",
		strings.Repeat("b", MaxLabel) + ".": "it has an empty label: two dots in a row, or a dot at an end",
	} {
		if got := HostnameProblem(name); got != want || IsHostname(name) != (want == "") {
			t.Errorf("%q: %q, want %q; IsHostname says %v", name, got, want, IsHostname(name))
		}
	}
	// The address of node name and domain is what must fit.
	domain := longest[len("aaaa."):]
	for node, invalid := range map[string]bool{"aaaa": false, "aaaaa": true} {
		if got := Presence(node, domain).Problems.Has(InvalidHostname); got != invalid {
			t.Errorf("%q and a domain of %d bytes: %v", node, len(domain), got)
		}
	}
}

func TestDottedDecimalAtTheEdges(t *testing.T) {
	for text, want := range map[string]bool{
		"0.0.0.0": true, "255.255.255.255": true, "10..1.1": false, ".10.1.1.1": false, "10.1.1.256": false, "10.1.1.": false, "1.1.1.1.1": false,
		"/.0.0.00": false, ":.0.0.00": false,
	} {
		if got := IsDottedDecimal(text); got != want {
			t.Errorf("IsDottedDecimal(%q) = %v", text, got)
		}
	}
	for text, want := range map[string]bool{"...": false, "1234567": false, "1.": true, ".1": true, "::1": true, "[::1]": true, "g::1": false,
		"F::a": true} {
		if got := LooksLikeAddress(text); got != want {
			t.Errorf("LooksLikeAddress(%q) = %v", text, got)
		}
	}
	for text, want := range map[string]string{
		"10.1.1.255.1": "it has 5 numbers, not four", "0.1.1.1.1": "it has 5 numbers, not four", "00.1.1.1": "00 has a leading zero",
		"99999999999999999999.1": "9999999999999999 is over 255", "10.1..1.1": "a number is missing between two dots",
	} {
		if got := addressProblem(text); got != want {
			t.Errorf("addressProblem(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsInvisible(t *testing.T) {
	for r, want := range map[rune]bool{
		0: true, 0x1f: true, ' ': false, '!': false, '~': false, 0x7f: true, 0x80: true, 0x85: true, 0xa0: true, 0xad: true, 'é': false,
		0x2800: true, 0x2003: true, 0x200b: true, 0xfe0f: true, 0x3164: true, '中': false,
	} {
		if invisible(r) != want {
			t.Errorf("%+q: %v", r, !want)
		}
	}
	for s, want := range map[string]bool{" ": true, "~": true, "\x1f": false, "\x7f": false, "\xff": false, "": true} {
		if plain(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
	// A sign that cannot be seen and a blank at the end.
	if got, found := clean("a\u200bb "); got != "ab" || found.as(NodeWhiteSpace, NodeStrayDot) != NodeWhiteSpace {
		t.Errorf("%q, %v", got, found)
	}
}

func TestTheNamesOfTheProxyAreSaid(t *testing.T) {
	for domain, want := range map[string]string{
		"acme.com": "it is the SIP domain", "cups1": `it is the node name "cups1"`,
		"cups1.acme.com": `it is the node name "cups1" followed by the SIP domain`, "im.acme.com": "it is an alias of the proxy",
		"other.org": "it is not a name of the proxy",
	} {
		if name, _ := acme.Local(domain); name.String() != want {
			t.Errorf("%s: %s", domain, name)
		}
	}
	for domain, want := range map[string]string{
		"ACME.com": "acme.com", "Cups1": "cups1", "IM.acme.com": "im.acme.com", "cups1.Acme.com": "cups1.acme.com", "acme.com": "", "": "",
	} {
		if got, ok := acme.nearlyLocal(domain); got != want || ok != (want != "") {
			t.Errorf("%q is nearly %q, want %q", domain, got, want)
		}
	}
	if got, ok := (Proxy{Nodes: []string{"cups1"}}).nearlyLocal("CUPS1."); ok {
		t.Errorf("without a SIP domain CUPS1. is nearly %q", got)
	}
}

func TestWhatADestinationIsFor(t *testing.T) {
	for destination, want := range map[string]pattern{
		"a":          {of: DomainRoute, text: "a"},
		"z":          {of: DomainRoute, text: "z"},
		"A":          {of: DomainRoute, text: "A"},
		"Z":          {of: DomainRoute, text: "Z"},
		"60@[`{":     {of: UserRoute, text: "60@[`{"},
		"10.1.1.1":   {of: DomainRoute, text: "10.1.1.1"},
		"60***":      {of: UserRoute, text: "60*"},
		`60\**`:      {of: UserRoute, text: `60\**`},
		".com.acme":  {of: DomainRoute, text: "acme.com"},
		".com.ac.*":  {of: DomainRoute, text: "ac.com", below: true},
		"":           {of: UserRoute},
		"sub.acme**": {of: DomainRoute, text: "sub.acme*"},
	} {
		r := StaticRoute{Destination: destination}
		if got := r.pattern(); got != want {
			t.Errorf("%q: %+v, want %+v", destination, got, want)
		}
	}
	if length, literal := (pattern{of: UserRoute, text: `6.\.*`}).specific(); length != 3 || literal != 2 {
		t.Errorf("%d characters, %d by name", length, literal)
	}
}

func TestWhyARouteLost(t *testing.T) {
	routes := []StaticRoute{
		{Destination: ".foreign.com", NextHop: "edge1"},
		{Destination: ".com.foreign.*", NextHop: "edge2"},
		{Destination: "foreign.com", NextHop: "edge3", Priority: 2},
		{Destination: "foreign.com", Weight: 30},
		{Destination: "foreign.com", NextHop: "edge4", Weight: 20},
		{Destination: ".foreign.com", Type: UserRoute, NextHop: "edge5"},
	}
	for range 2 { // in both orders
		r := NextHop(URI{Scheme: "sip", User: "alice", Host: "foreign.com"}, acme, routes)
		if r.Static == nil || r.Static.Destination != "foreign.com" || r.Static.NextHop != "" || r.Names != nil || r.SRV != nil {
			t.Errorf("%+v is taken, and asks for %q and %q", r.Static, r.Names, r.SRV)
		}
		says := map[string]string{}
		for _, c := range r.Candidates {
			if c.Route > 0 {
				says[routes[c.Route-1].NextHop] = c.Why
			}
		}
		winner := "4"
		if routes[0].NextHop == "edge5" {
			winner = "3"
		}
		for hop, want := range map[string]string{
			"":      "it is the longest destination that matches",
			"edge1": `a destination that begins with a dot has its labels in reverse, so this one means "com.foreign"`,
			"edge2": "it matches, but route " + winner + ` ("foreign.com") is more specific`,
			"edge3": "it matches, but is used only if route " + winner + " fails: priority 2 against 1",
			"edge4": "it shares the requests with route " + winner + " by weight: 20 against 30",
			"edge5": "the destination does not match",
		} {
			if says[hop] != want {
				t.Errorf("%s: %s, want %s", hop, says[hop], want)
			}
		}
		for i, j := 0, len(routes)-1; i < j; i, j = i+1, j-1 {
			routes[i], routes[j] = routes[j], routes[i]
		}
	}
	below := StaticRoute{Destination: ".foreign.com", NextHop: "edge1"}
	for host, want := range map[string]bool{"sub.foreign.com": true, "foreign.com": true, "xforeign.com": false} {
		if got := strings.Contains(below.whyNot(&URI{Host: host}), "in reverse"); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
	if c := compareBool(true, true) + compareBool(false, false); c != 0 || compareBool(false, true) != -1 || compareBool(true, false) != 1 {
		t.Error("false does not come before true")
	}
}

func TestSRVNamesOfEachTransport(t *testing.T) {
	for uri, want := range map[string]string{
		"sip:a@h;transport=sctp":     "_sip._sctp.h",
		"sips:a@h;transport=sctp":    "_sips._sctp.h",
		"sip:a@h;transport=tls":      "_sips._tcp.h",
		"sips:a@h;transport=tls":     "_sips._tcp.h",
		"sip:a@192.0.2.1":            "",
		"sip:a@h:5060;transport=udp": "",
	} {
		u := mustParse(t, uri)
		if names, why := srvNames(&u, u.Host); strings.Join(names, " ") != want || (why == "") != (want != "") {
			t.Errorf("%s: %q, %q", uri, names, why)
		}
	}
}

func TestRoutesOfTheSameDestinationThatDiffer(t *testing.T) {
	base := StaticRoute{Destination: "foreign.com", NextHop: "edge1"}
	for name, c := range map[string]struct {
		change func(*StaticRoute)
		same   bool
	}{
		"nothing":               {func(*StaticRoute) {}, true},
		"the default port":      {func(r *StaticRoute) { r.Port = 5060 }, true},
		"the default transport": {func(r *StaticRoute) { r.Protocol = "tcp" }, true},
		"a port":                {func(r *StaticRoute) { r.Port = 5070 }, false},
		"a transport":           {func(r *StaticRoute) { r.Protocol = "TLS" }, false},
		"a next hop":            {func(r *StaticRoute) { r.NextHop = "edge2" }, false},
		"a next hop by SRV":     {func(r *StaticRoute) { r.NextHopSRV = true }, false},
	} {
		other := base
		c.change(&other)
		shadow, ok := Shadowed(1, Proxy{}, []StaticRoute{base, other})
		if ok != c.same || ok && shadow.Why != `sends "foreign.com" to where route 1 already sends it` {
			t.Errorf("%s: %+v, %v", name, shadow, ok)
		}
		if _, ok := Shadowed(0, Proxy{}, []StaticRoute{base, other}); ok {
			t.Errorf("%s: the first of two is shadowed", name)
		}
	}
	// "acme.com" is not a domain if it is a pattern for users.
	if shadow, ok := Shadowed(0, acme, []StaticRoute{{Destination: "acme.com", Type: UserRoute, NextHop: "edge1"}}); ok {
		t.Errorf("%+v", shadow)
	}
	if hasRun(pattern{of: DomainRoute, text: "acme.com"}) || !hasRun(pattern{of: UserRoute, text: ".*"}) {
		t.Error("a run is not seen")
	}
}

func TestGenerations(t *testing.T) {
	for text, want := range map[string]Generation{"sip": SIP, "xmpp": XMPP, "SIP": "", "": ""} {
		got, err := ParseGeneration(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for version, want := range map[string]int{"10.5": 10, "9:5": 9, "8a": 8, "19": 19, "7/2": 7, "0.9": 0} {
		if got, ok := MajorVersion(version); got != want || ok != (want > 0) {
			t.Errorf("%q: %d, %v", version, got, ok)
		}
	}
}

func TestExplanationsInFull(t *testing.T) {
	for _, c := range []struct{ node, domain, want string }{
		{"10.1.1", "acme.com", `no, although it looks like an IP address: it has 3 numbers, not four|no|the address is "10.1.1.acme.com"`},
		{"cup1", "", "no|yes, because every string ends with the empty string: the address is the node name"},
		{"cup1.acme.com", "acme.com", "no|yes: the address is the node name"},
		{"cup1.ACME.com", "acme.com", `no|no, only if upper and lower case were ignored|the address is "cup1.ACME.com.acme.com"`},
		{"cup1", "acme.com", `no|no|the address is "cup1.acme.com"`},
		{"10.1.1.1", "acme.com", "yes: the address is the node name"},
		{"", "acme.com", "no: there is no address"},
	} {
		var answers []string
		for _, line := range Presence(c.node, c.domain).Explain() {
			answers = append(answers, line.Answer)
		}
		if got := strings.Join(answers, "|"); got != c.want {
			t.Errorf("%q in %q:\n got %s\nwant %s", c.node, c.domain, got, c.want)
		}
	}
}

func TestProblemsAtTheEdges(t *testing.T) {
	for _, c := range []struct {
		node, domain string
		want         Problems
	}{
		{"cupA", "acme.com", UpperCase},
		{"cupZ", "acme.com", UpperCase},
		{"cup1", "acme.coM", UpperCase},
		{"cup1", "10.1.1.1:5060", MalformedDomain},
		{"cup1", "10.1.1", MalformedDomain},
		{"cup1.acme.com", "acme.com", 0},
		{"xacme.com", "acme.com", SuffixNotLabel},
	} {
		if got := Presence(c.node, c.domain).Problems; got != c.want {
			t.Errorf("%q in %q: %v, want %v", c.node, c.domain, got, c.want)
		}
	}
	if hasUpper("@[`{az09") || !hasUpper("A") || !hasUpper("Z") {
		t.Error("upper case")
	}
}

func TestACLEntriesAtTheEdges(t *testing.T) {
	for entry, want := range map[string]bool{
		"allow to 10.1.2.3": false, "deny from 10.1.2.3": false, "a\tb": false, "cup/24": false, "10.1.2.3/x": false, "fe80::1/64": false,
		"10.1.2.3/fe80::1": false, "\t10.1.2.3 ": true, "10.1.2.3/32": true,
	} {
		if e, ok := ParseACLEntry(entry); ok != want {
			t.Errorf("%q: %+v, %v", entry, e, ok)
		}
	}
	wide := ACLEntry{Network: netip.MustParsePrefix("10.1.0.0/16")}
	for client, want := range map[string]bool{"10.1.0.0/16": true, "10.1.2.0/24": true, "10.0.0.0/8": false, "10.1.0.0/15": false,
		"10.2.0.0/24": false} {
		if got := wide.Covers(netip.MustParsePrefix(client)); got != want {
			t.Errorf("%s: %v", client, got)
		}
	}
}

func TestURIErrorsHaveTheirType(t *testing.T) {
	var at *URIError
	if _, err := ParseURI("http:x"); !errors.As(err, &at) || at.Offset != 0 {
		t.Errorf("%v", err)
	}
}

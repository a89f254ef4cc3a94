package resolve

import "testing"

func TestNearAddresses(t *testing.T) {
	for node, want := range map[string]nearness{
		"10.1.1.1:5060": nearPort, "[::1]:389": nearPort, "[2001:db8::1]:5060": nearPort,
		"+10.1.1.1": nearSign, "-10.1.1.1": nearSign,
		"sip:10.1.1.1": nearScheme, "http://10.1.1.1:80/": nearScheme,
		"10.1.1.1/24": nearNetwork, "10.1.1.1/": nearNetwork,
		"10.1.1.1;transport=tcp": nearMore, "10.1.1.1,10.1.1.2": nearMore, "10.1.1.1 5060": nearMore, "https://10.1.1.1/x": nearScheme,
		"10.1.1.1%eth0": nearZone,
		"10.1. 1.1":     nearBlank, "10 .1.1.1": nearBlank, "10 1 1 1": nearBlank, "10.1.1 1": nearBlank,
		"user@10.1.1.1": nearUser, "anna@10.1.1.1:5060": nearUser,
		"//10.1.1.1": nearSlash, `\\10.1.1.1`: nearSlash, `\\10.1.1.1\x`: nearSlash, "/10.1.1.1": nearSlash,
		"10:1:1:1": nearColons, "10;1;1;1": nearColons, "10.1.1:1": nearColons,
		"10.1,1.1": nearComma, "10.1.1,1": nearComma,
		"tcp://10.1.1.1": nearScheme, "IP:10.1.1.1": nearScheme, "ip: 10.1.1.1": nearScheme,
		"2001:db8::1/64": nearNetwork,
		"“10.1.1.1”":     nearWrapped, "„10.1.1.1“": nearWrapped, "‘10.1.1.1’": nearWrapped, "«10.1.1.1»": nearWrapped,
		"10·1·1·1": nearForeign, "10﹒1﹒1﹒1": nearForeign,
		"(10.1.1.1)": nearWrapped, "[10.1.1.1]": nearWrapped, "<10.1.1.1>": nearWrapped, `"10.1.1.1"`: nearWrapped,
		"0x0a.1.1.1": nearHex, "0x0A.0x01.1.1": nearHex,
		"10,1,1,1":      nearComma,
		"１７２.16.5.9":    nearForeign,
		"１０．１．１．１":      nearForeign,
		"10。1。1。1":      nearForeign,
		"١٠.١.١.١":      nearForeign,
		"１０.1.1.1：5060": nearForeign,
		"1O.1.1.1":      nearLookalike, "10.1.l.1": nearLookalike,
	} {
		if got := nearAddress(node); got != want {
			t.Errorf("%q: %d, want %d", node, got, want)
		}
		a := Presence(node, "north.test")
		if !a.Problems.Has(MalformedNode) || a.Problems.Has(AppendedToFQDN) || a.Verdict() != Wrong || a.Value != node+".north.test" {
			t.Errorf("%q: %v, %s, %s", node, a.Rules(), a.Verdict(), a.Value)
		}
		if a.Advice(MalformedNode) == "" {
			t.Errorf("%q: no advice", node)
		}
	}
	for _, node := range []string{
		"10.1.1.1", "cup1", "cup1.south.test", "cup1.south.test:5060", "10-1-1-1.south.test", "a.b.c.d", "o.l.o.l", "ol.io", "lol.lol",
		"0x0a.south.test",
		"10 south.test", "1 2 3", "10 1 1", "cup1@south.test", "//cup1.south.test", `\\cup1`, "“cup1.south.test”", "10:1", "1:2:3:4:5",
		"1and1.de", "10.south.test", "süd.north.test", "пример.test", "cups-10.1.1.test",
	} {
		if got := nearAddress(node); got != notNear {
			t.Errorf("%q: %d", node, got)
		}
	}
}

func TestNearAddressesDoNotAllocate(t *testing.T) {
	for _, node := range []string{"cup1.south.test", "10.1.1.1:5060"} {
		if n := testing.AllocsPerRun(100, func() { nearAddress(node) }); n > 0 {
			t.Errorf("%q: %v allocations", node, n)
		}
	}
}

// A name with something around it has one fault, if the name would be right without that.
func TestNamesWithMoreAroundThem(t *testing.T) {
	for _, node := range []string{
		`"cup1.north.test"`, "“cup1.north.test”", "„cup1.north.test“", "<cup1.north.test>", "//cup1.north.test/", `\\cup1.north.test\x`,
		"cup1.north.test:5061", "https://cup1.north.test:8443/", `"cup1"`,
	} {
		a := Presence(node, "north.test")
		if rules := a.Rules(); len(rules) != 1 || rules[0] != "PRES007" || a.Verdict() != Wrong {
			t.Errorf("%q: %v, %s", node, rules, a.Verdict())
		}
	}
	if a := Presence("“cup1.south.test”", "north.test"); !a.Problems.Has(AppendedToFQDN) {
		t.Errorf("a name in another domain: %v", a.Rules())
	}
}

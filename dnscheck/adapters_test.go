package dnscheck

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func netAddresses(texts ...string) (list []netip.Addr) {
	for _, t := range texts {
		list = append(list, netip.MustParseAddr(t))
	}
	return list
}

func resolverTexts(c *ResolvConf) (list []string) {
	for _, r := range c.Resolvers {
		list = append(list, r.String())
	}
	return list
}

func TestServersOfAdapters(t *testing.T) {
	d := SystemDNS{Domain: "corp.example.", Adapters: []Adapter{
		{Name: "Ethernet", Up: true, Metric: 25, Suffix: "office.example", Servers: netAddresses("10.1.1.53", "10.1.1.54", "fec0:0:0:ffff::1%1",
			"fec0:0:0:ffff::2")},
		{Name: "Bluetooth", Up: false, Metric: 1, Suffix: "down.example", Servers: netAddresses("192.0.2.9")},
		{Name: "Loopback", Up: true, Loopback: true, Metric: 1, Servers: netAddresses("fec0:0:0:ffff::3%1", "192.0.2.10")},
		{Name: "VPN", Up: true, Metric: 5, Suffix: "CORP.example", Servers: netAddresses("10.8.0.1", "::ffff:10.1.1.53", "fe80::1%7", "0.0.0.0")},
	}}
	c := d.Resolvers()
	if got, want := resolverTexts(c), []string{"10.8.0.1", "10.1.1.53", "fe80::1%7", "10.1.1.54"}; !slices.Equal(got, want) {
		t.Errorf("resolvers %q, want %q", got, want)
	}
	if want := []string{"corp.example", "office.example"}; !slices.Equal(c.Search, want) {
		t.Errorf("suffixes %q, want %q", c.Search, want)
	}
	if len(c.Problems) > 0 {
		t.Errorf("problems %q", c.Problems)
	}
}

func TestASearchListTakesThePlaceOfAllSuffixes(t *testing.T) {
	d := SystemDNS{SearchList: "a.example,b.example c.example.", Domain: "corp.example", Adapters: []Adapter{{Up: true, Suffix: "d.example"}}}
	if c, want := d.Resolvers(), []string{"a.example", "b.example", "c.example"}; !slices.Equal(c.Search, want) {
		t.Errorf("suffixes %q, want %q", c.Search, want)
	}
}

func TestRulesOfThePolicyTableAreSaid(t *testing.T) {
	d := SystemDNS{Rules: 2}
	if c := d.Resolvers(); len(c.Problems) != 1 || !strings.Contains(c.Problems[0], "NRPT") || len(c.Resolvers) > 0 {
		t.Errorf("%+v", c)
	}
}

func TestManyServersAreBounded(t *testing.T) {
	a := Adapter{Name: "Ethernet", Up: true}
	for i := range maxResolvers + 2 {
		a.Servers = append(a.Servers, netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)}))
	}
	d := SystemDNS{Adapters: []Adapter{a}}
	if c := d.Resolvers(); len(c.Resolvers) != maxResolvers || len(c.Problems) != 2 {
		t.Errorf("%d resolvers, problems %q", len(c.Resolvers), c.Problems)
	}
}

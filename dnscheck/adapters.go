package dnscheck

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cupclint/dnscheck/wire"
)

// An Adapter is what Windows says about one network adapter.
type Adapter struct {
	Name     string
	Up       bool
	Loopback bool
	// Metric orders the adapters: Windows asks the servers of the lowest one first.
	Metric  uint32
	Servers []netip.Addr
	// Suffix is the connection-specific DNS suffix.
	Suffix string
}

// A SystemDNS is what Windows says about its resolvers: the adapters, and settings of the registry.
type SystemDNS struct {
	Adapters []Adapter
	// SearchList is the list of suffixes of a policy or of the settings, which takes the place of all others; Domain is the primary suffix.
	SearchList, Domain string
	// Rules is how many rules the name resolution policy table (NRPT) has.
	Rules int
}

// Resolvers are the servers of all adapters that are up, those of the lowest metric first, each once, and the suffixes in the order in
// which Windows appends them. What cannot be followed is a problem of the answer.
func (d *SystemDNS) Resolvers() *ResolvConf {
	conf := new(ResolvConf)
	adapters := slices.Clone(d.Adapters)
	slices.SortStableFunc(adapters, func(a, b Adapter) int { return cmp.Compare(a.Metric, b.Metric) })
	suffixes := words(d.SearchList)
	own := len(suffixes) == 0
	if own {
		suffixes = words(d.Domain)
	}
	for _, a := range adapters {
		if !a.Up || a.Loopback {
			continue
		}
		for _, addr := range a.Servers {
			conf.addAdapterServer(a.Name, addr)
		}
		if own {
			suffixes = append(suffixes, words(a.Suffix)...)
		}
	}
	for _, s := range searchList(suffixes) {
		if !slices.ContainsFunc(conf.Search, func(have string) bool { return strings.EqualFold(have, s) }) {
			conf.Search = append(conf.Search, s)
		}
	}
	if d.Rules > 0 {
		conf.Problems = append(conf.Problems,
			fmt.Sprintf("the name resolution policy table (NRPT) has %d rules, which are not followed: Windows may "+
				"ask other servers for some domains. Name these servers with --resolver", d.Rules))
	}
	return conf
}

// siteLocal is the network of the three addresses that Windows invents if no IPv6 server is configured (fec0:0:0:ffff::1 to ::3).
func siteLocal() netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom16([16]byte{0: 0xfe, 1: 0xc0, 6: 0xff, 7: 0xff}), 64)
}

func (c *ResolvConf) addAdapterServer(name string, addr netip.Addr) {
	addr = addr.Unmap()
	if !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() || siteLocal().Contains(addr.WithZone("")) {
		return
	}
	r := wire.Resolver{Addr: netip.AddrPortFrom(addr, wire.Port)}
	switch {
	case slices.ContainsFunc(c.Resolvers, func(have wire.Resolver) bool { return have.Addr == r.Addr }):
	case len(c.Resolvers) == maxResolvers:
		c.Problems = append(c.Problems, fmt.Sprintf("adapter %s: more than %d name servers; %s is not asked", name, maxResolvers, addr))
	default:
		c.Resolvers = append(c.Resolvers, r)
	}
}

// words splits a list of the registry: commas or blanks.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == 0 })
}

package rules

import (
	"net/netip"
	"strings"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

// An aclEntry is one entry of the incoming access list of the SIP proxy. The list denies by default, which means that the
// client is asked for its digest credential. The shapes are those of Apache's "Allow from" (Cisco Unified Presence 7.0
// Administration Guide, Incoming ACL): everyone, a domain name matched from its end, an address, the first one to three
// numbers of one, network/netmask and network/prefix length. The words "Allow from" may be missing.
type aclEntry struct {
	everyone bool
	domain   string       // lower case, without a leading dot
	network  netip.Prefix // an address is a network of 32 bits
}

// parseACL reads one entry and reports whether it has one of the shapes.
func parseACL(s string) (aclEntry, bool) {
	s = strings.TrimSpace(s)
	if words := strings.Fields(s); len(words) == 3 && strings.EqualFold(words[0], "allow") && strings.EqualFold(words[1], "from") {
		s = words[2]
	}
	switch {
	case s == "" || strings.ContainsAny(s, " \t"):
		return aclEntry{}, false
	case strings.EqualFold(s, "all"):
		return aclEntry{everyone: true}, true
	}
	if network, ok := parseNetwork(s); ok {
		return aclEntry{network: network, everyone: network.Bits() == 0}, true
	}
	domain := strings.ToLower(strings.TrimPrefix(s, "."))
	if !resolve.IsHostname(domain) {
		return aclEntry{}, false
	}
	return aclEntry{domain: domain}, true
}

// parseNetwork reads an IPv4 address, the first numbers of one, or a network with a netmask or a prefix length.
func parseNetwork(s string) (netip.Prefix, bool) {
	address, mask, hasMask := strings.Cut(s, "/")
	if !hasMask {
		return partialAddress(s)
	}
	a, err := netip.ParseAddr(address)
	if err != nil || !a.Is4() {
		return netip.Prefix{}, false
	}
	if m, err := netip.ParseAddr(mask); err == nil && m.Is4() {
		bits, ok := maskBits(m.As4())
		return netip.PrefixFrom(a, bits).Masked(), ok
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

// partialAddress reads one to four numbers: 10.1 is the network 10.1.0.0/16.
func partialAddress(s string) (netip.Prefix, bool) {
	s = strings.TrimSuffix(s, ".") // "10.1." means the same to Apache
	numbers := 1 + strings.Count(s, ".")
	if numbers > 4 {
		return netip.Prefix{}, false
	}
	a, err := netip.ParseAddr(s + strings.Repeat(".0", 4-numbers))
	if err != nil || !a.Is4() {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, 8*numbers), true
}

// maskBits counts the ones of a netmask, which must all stand in front.
func maskBits(m [4]byte) (int, bool) {
	bits, ended := 0, false
	for _, b := range m {
		for i := 7; i >= 0; i-- {
			one := b>>i&1 == 1
			if one && ended {
				return 0, false
			}
			if one {
				bits++
			} else {
				ended = true
			}
		}
	}
	return bits, true
}

// covers reports whether the entry matches every address of the client: an address or a network. A domain entry covers no
// address: which name an address has is not known here.
func (e aclEntry) covers(client netip.Prefix) bool {
	switch {
	case e.everyone:
		return true
	case !e.network.IsValid():
		return false
	}
	return e.network.Bits() <= client.Bits() && e.network.Contains(client.Addr())
}

// cover says how the incoming ACL treats the client.
type cover int

const (
	noList  cover = iota // no entry
	missed               // entries, and none matches every known address of the client
	unknown              // entries, and which client they match is not known: they name domains, or the client's address is missing
	covered
)

// incomingACL judges the list against the addresses of the client; the property is the first address that is missed.
func incomingACL(in *lint.Input) (cover, *export.Property) {
	var entries []aclEntry
	domains := false
	for p := range in.All(export.SIPProxyIncomingACL) {
		if e, ok := parseACL(p.Value); ok {
			entries = append(entries, e)
			domains = domains || e.domain != ""
		}
	}
	if len(entries) == 0 {
		return noList, nil
	}
	if aclCovers(entries, netip.PrefixFrom(netip.IPv4Unspecified(), 0)) {
		return covered, nil
	}
	state := unknown
	for address := range in.All(export.ClientAddress) {
		client, ok := parseNetwork(address.Value)
		switch {
		case !ok || address.Value == "":
		case aclCovers(entries, client):
			state = covered
		case domains:
			return unknown, nil
		default:
			return missed, address
		}
	}
	return state, nil
}

func aclCovers(entries []aclEntry, client netip.Prefix) bool {
	for _, e := range entries {
		if e.covers(client) {
			return true
		}
	}
	return false
}

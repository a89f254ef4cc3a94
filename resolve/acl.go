package resolve

import (
	"net/netip"
	"strings"
)

// An ACLEntry is one entry of the incoming access list of the SIP proxy. The list denies by default, which means that the
// client is asked for its digest credential. The shapes are those of Apache's "Allow from" (Cisco Unified Presence 7.0
// Administration Guide, Incoming ACL): everyone, a domain name matched from its end, an address, the first one to three
// numbers of one, network/netmask and network/prefix length. The words "Allow from" may be missing.
type ACLEntry struct {
	Everyone bool
	Domain   string       // lower case, without a leading dot; empty for the other shapes
	Network  netip.Prefix // IPv4; an address is a network of 32 bits
}

// ParseACLEntry reads one entry and reports whether it has one of the shapes.
func ParseACLEntry(s string) (ACLEntry, bool) {
	s = strings.TrimSpace(s)
	if words := strings.Fields(s); len(words) == 3 && strings.EqualFold(words[0], "allow") && strings.EqualFold(words[1], "from") {
		s = words[2]
	}
	switch {
	case s == "" || strings.ContainsAny(s, " \t"):
		return ACLEntry{}, false
	case strings.EqualFold(s, "all"):
		return ACLEntry{Everyone: true}, true
	}
	if network, ok := ParseNetwork(s); ok {
		return ACLEntry{Network: network, Everyone: network.Bits() == 0}, true
	}
	domain := strings.ToLower(strings.TrimPrefix(s, "."))
	if !IsHostname(domain) {
		return ACLEntry{}, false
	}
	return ACLEntry{Domain: domain}, true
}

// ParseNetwork reads an IPv4 address, the first numbers of one, or a network with a netmask or a prefix length.
func ParseNetwork(s string) (netip.Prefix, bool) {
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

// maskBits counts the ones of a netmask, which must all be at its beginning.
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

// Covers reports whether the entry matches every address of the client: an address or a network. A domain entry covers no
// address, because the name of an address is not known here.
func (e ACLEntry) Covers(client netip.Prefix) bool {
	switch {
	case e.Everyone:
		return true
	case !e.Network.IsValid():
		return false
	}
	return e.Network.Bits() <= client.Bits() && e.Network.Contains(client.Addr())
}

package rules

import (
	"net/netip"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

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
	var entries []resolve.ACLEntry
	domains := false
	for p := range in.All(export.SIPProxyIncomingACL) {
		if e, ok := resolve.ParseACLEntry(p.Value); ok {
			entries = append(entries, e)
			domains = domains || e.Domain != ""
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
		client, ok := resolve.ParseNetwork(address.Value)
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

func aclCovers(entries []resolve.ACLEntry, client netip.Prefix) bool {
	for _, e := range entries {
		if e.Covers(client) {
			return true
		}
	}
	return false
}

package dnscheck

import "cupclint/lint"

func live(id, name string, sev lint.Severity, summary string) *lint.Rule {
	return &lint.Rule{ID: id, Name: name, Area: "dns", Severity: sev, Kind: lint.LiveKind, Summary: summary}
}

// The rules of this package.
var (
	rulePresence = live("DNS101", "presence-unresolvable", lint.Error,
		"the presence address does not exist in DNS, asked exactly as the client asks")
	ruleNoAddress = live("DNS102", "dns-no-address", lint.Error,
		"the name exists without an IPv4 address; an IPv6 address alone is named as such")
	ruleServer = live("DNS103", "dns-server-failure", lint.Error,
		"a resolver fails: SERVFAIL, REFUSED, lame, time-out and unreachable told apart")
	ruleSplit   = live("DNS104", "dns-split-view", lint.Warning, "resolvers disagree, or the hosts file disagrees with DNS")
	ruleAlias   = live("DNS105", "dns-cname", lint.Info, "the name is an alias; not allowed for the target of an SRV record")
	ruleReverse = live("DNS106", "dns-reverse-mismatch", lint.Info, "the reverse record is missing or names another host")
	ruleSRV     = live("DNS107", "srv-missing", lint.Warning, "neither SRV record nor static route for a domain that needs one")
	ruleTarget  = live("DNS108", "srv-target-bad", lint.Error,
		"the target of an SRV record is missing, \".\", an address, or does not resolve")
	rulePort       = live("DNS109", "srv-port-surprising", lint.Warning, "an SRV record with another port than the service's own")
	ruleHostsFile  = live("DNS110", "hosts-file-only", lint.Warning, "only this machine's hosts file knows the name")
	ruleAnyway     = live("DNS111", "presence-resolves-anyway", lint.Info, "DNS knows the presence address that a static rule takes for wrong")
	ruleHost       = live("DNS112", "host-unresolvable", lint.Error, "the name of another server that clients need does not exist in DNS")
	ruleEdgeInside = live("DNS113", "edge-record-inside", lint.Warning,
		"the record for clients outside resolves inside, so clients inside go out through the edge")
	ruleWildcard = live("DNS114", "dns-wildcard", lint.Warning,
		"a wildcard or a rewriting resolver gives every name below the domain the same address, so that the name resolves proves nothing")
	ruleUnusable = live("DNS115", "dns-address-unusable", lint.Error,
		"DNS gives an address that no other machine can use: loopback, unspecified, link-local or multicast")
)

// Rules lists the rules of this package, for the catalogue.
func Rules() []*lint.Rule {
	return []*lint.Rule{rulePresence, ruleNoAddress, ruleServer, ruleSplit, ruleAlias, ruleReverse, ruleSRV, ruleTarget, rulePort,
		ruleHostsFile, ruleAnyway, ruleHost, ruleEdgeInside, ruleWildcard, ruleUnusable}
}

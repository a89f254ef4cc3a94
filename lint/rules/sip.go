package rules

import (
	"strings"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

func sip() []*lint.Rule {
	return []*lint.Rule{
		rule("SIP001", foreignDomain),
		rule("SIP002", shadowedRoutes),
		rule("SIP003", tlsFirst),
		rule("SIP004", listeners),
	}
}

// foreignDomain needs the proxy's own domain parameter. Other rules report a node whose address is wrong, unless
// only the proxy's domain makes it wrong.
func foreignDomain(in *lint.Input) []lint.Finding {
	own := in.Get(export.SIPProxyDomain)
	if !known(own) || in.Generation != resolve.SIP {
		return nil
	}
	for _, n := range in.PresenceNodes() {
		if !known(n.Node) || !known(n.Domain) || n.Domain.Value == own.Value {
			continue
		}
		p := ProxyOf(in.Export)
		if _, ok := p.Local(n.Address.Value); ok {
			continue
		}
		f := in.At(n.Domain, "clients register to %s, but the SIP proxy treats this as a foreign domain. Its own domain is %q", n.Address.Value,
			own.Value)
		f.Address = n.Address.Value
		f.Evidence = []string{"SIP domain of the proxy: " + own.Value, "node names: " + strings.Join(p.Nodes, ", ")}
		if len(p.Aliases) > 0 {
			f.Evidence = append(f.Evidence, "aliases: "+strings.Join(p.Aliases, ", "))
		}
		f.Fix = "Set the clients' domain and the SIP proxy domain service parameter to exactly the same text, or add an alias."
		f.Edits = oneCase(in, n.Domain, own)
		return one(f)
	}
	return nil
}

// oneCase is the edit for two domains that differ in case or in white space alone.
func oneCase(in *lint.Input, a, b *export.Property) []lint.Edit {
	domain := strings.ToLower(strings.TrimSpace(a.Value))
	if domain != strings.ToLower(strings.TrimSpace(b.Value)) || !resolve.IsHostname(domain) {
		return nil
	}
	var edits []lint.Edit
	for _, p := range [...]*export.Property{a, b} {
		if p.Value != domain {
			edits = together(edits, edit(in, p, domain))
		}
	}
	return edits
}

func shadowedRoutes(in *lint.Input) []lint.Finding {
	first := false
	for range in.All(export.SIPProxyStaticRouteDestination) {
		first = true
		break
	}
	if !first {
		return nil
	}
	routes, places, _ := StaticRoutesOf(in.Export) // another rule reports an invalid number
	p := ProxyOf(in.Export)
	var findings []lint.Finding
	for i := range routes {
		shadow, ok := resolve.Shadowed(i, p, routes)
		if !ok {
			continue
		}
		f := in.At(places[i], "the static route is never used: it %s", shadow.Why)
		if shadow.By >= 0 {
			f.Evidence = []string{written(places[shadow.By]) + " = " + places[shadow.By].Value}
		}
		f.Fix = "Remove the route, or correct its destination."
		findings = append(findings, f)
	}
	return findings
}

func tlsFirst(in *lint.Input) []lint.Finding {
	if in.Profile != FirstLight {
		return nil
	}
	p := in.Get(export.PresencePrimaryProtocol)
	if p == nil || !strings.EqualFold(p.Value, "TLS") {
		return nil
	}
	f := in.At(p, "the clients use TLS to the presence server while the deployment is being set up. A certificate problem will look like a "+
		"general failure")
	f.Fix = "First test with TCP on 5060, then switch to TLS."
	return one(f)
}

// A presenceLine is one presence server's port and protocol.
var presenceLines = [...][3]export.KeyID{
	{export.PresencePrimaryAddress, export.PresencePrimaryPort, export.PresencePrimaryProtocol},
	{export.PresenceBackupAddress, export.PresenceBackupPort, export.PresenceBackupProtocol},
	{export.PresenceBackup2Address, export.PresenceBackup2Port, export.PresenceBackup2Protocol},
}

// listeners compares with the listeners that the export names. The TLS listener with peer authentication is 5062 by default, and 5061 where
// there is federation: neither is surprising, and only what the export says counts.
func listeners(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for _, keys := range presenceLines {
		address, port, protocol := in.Get(keys[0]), in.Get(keys[1]), in.Get(keys[2])
		if !known(address) || !known(port) || !validPort(port.Value) {
			continue
		}
		transport := "TCP"
		if known(protocol) {
			transport = strings.ToUpper(protocol.Value)
		}
		var served [2]*export.Property
		switch transport {
		case "TCP":
			served[0] = in.Get(export.CUPProxyTCPListenerPort)
		case "UDP":
			served[0] = in.Get(export.CUPProxyUDPListenerPort)
		case "TLS":
			served[0], served[1] = in.Get(export.CUPProxyTLSListenerPeerAuthPort), in.Get(export.CUPProxyTLSListenerServerAuthPort)
		default:
			continue // no protocol: another rule reports it
		}
		if f, found := unserved(in, address, port, transport, served); found {
			findings = append(findings, f)
		}
	}
	return findings
}

func unserved(in *lint.Input, address, port *export.Property, transport string, served [2]*export.Property) (lint.Finding, bool) {
	some := false
	for _, l := range served {
		some = some || known(l)
		if known(l) && l.Value == port.Value {
			return lint.Finding{}, false
		}
	}
	// If one of the two TLS listeners is missing in the export, it is unknown what the other one serves.
	if !some || transport == "TLS" && (!known(served[0]) || !known(served[1])) {
		return lint.Finding{}, false
	}
	f := in.At(port, "the client uses port %[2]s over %[3]s on the presence server %[1]s, but the SIP proxy has no listener there. Presence "+
		"cannot connect",
		address.Value, port.Value, transport)
	for _, l := range served {
		if known(l) {
			f.Evidence = append(f.Evidence, written(l)+" = "+l.Value)
		}
	}
	f.Fix = "Use the port of a listener with the same transport, or change the listener."
	return f, true
}

package sipcheck

import (
	"strings"

	"cupclint/export"
	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/resolve"
)

// The ports of SIP (RFC 3261, section 19.1.2) and of CTIManager. 5062 is the default of CUPS's TLS listener with peer
// authentication.
const (
	portSIP     = 5060
	portSIPS    = 5061
	portPeerTLS = 5062
	portCTI     = 2748
	portCTITLS  = 2749
)

// A Deployment is what one export says about presence servers and CTIManagers.
type Deployment struct {
	Servers []SIPRequest
	CTI     []CTIRequest
}

// FromExport finds the presence servers and the CTIManagers of an export. The presence server is addressed as the client would: at the
// presence address that node name and domain give. Everything is copied; the export may be dropped.
func FromExport(e *export.Export) Deployment {
	return Deployment{Servers: servers(e), CTI: managers(e)}
}

func servers(e *export.Export) []SIPRequest {
	facts := factsOf(e)
	var out []SIPRequest
	for _, s := range []struct {
		rank                    string
		address, port, protocol export.KeyID
	}{
		{"primary", export.PresencePrimaryAddress, export.PresencePrimaryPort, export.PresencePrimaryProtocol},
		{"backup", export.PresenceBackupAddress, export.PresenceBackupPort, export.PresenceBackupProtocol},
		{"backup 2", export.PresenceBackup2Address, export.PresenceBackup2Port, export.PresenceBackup2Protocol},
	} {
		p := e.Get(s.address)
		if p == nil || strings.TrimSpace(p.Value) == "" {
			continue
		}
		// Untouched: white space and case are part of what the client computes.
		domain, _ := e.Value(export.PresenceDomain)
		address := strings.Clone(resolve.Presence(p.Value, domain).Value)
		t := TargetOf(address, live.Port(live.Text(e, s.port), 0), live.Text(e, s.protocol))
		out = append(out, SIPRequest{Target: t, Address: address, Rank: s.rank, Place: live.PlaceOf(e, p), Facts: facts})
	}
	return out
}

// TargetOf reads port and protocol as the client would; 0 and "" mean that they are not stated.
func TargetOf(host string, port int, protocol string) probe.Target {
	t := probe.Target{Host: host, Port: port, Network: "tcp", Security: probe.Plain}
	switch {
	case strings.EqualFold(protocol, "UDP"):
		t.Network = "udp"
	case strings.EqualFold(protocol, "TLS"), protocol == "" && (port == portSIPS || port == portPeerTLS):
		t.Security = probe.ImplTLS
	}
	if port == 0 {
		t.Port = portSIP
		if t.Security == probe.ImplTLS {
			t.Port = portSIPS
		}
	}
	return t
}

func factsOf(e *export.Export) Facts {
	f := Facts{Known: true, Module: live.Text(e, export.SIPProxyAuthenticationModule)}
	if v, ok := e.Value(export.UserDigestCredential); ok {
		f.Credential = "set"
		if v == "" {
			f.Credential = "empty"
		}
	}
	for p := range e.All(export.SIPProxyIncomingACL) {
		f.ACL = append(f.ACL, strings.Clone(p.Value))
	}
	domain, ok := e.Value(export.SIPProxyDomain)
	if !ok {
		domain, _ = e.Value(export.PresenceDomain)
	}
	f.Domain = strings.Clone(domain)
	return f
}

// LoginOf is the end user of an export with the digest credential; empty if the export has none.
func LoginOf(e *export.Export) Login {
	l := Login{User: live.Text(e, export.UserID)}
	if v, ok := e.Value(export.UserDigestCredential); ok && !live.Masked(v) {
		l.Credential = loginbudget.NewSecret(strings.Clone(v))
	}
	return l
}

func managers(e *export.Export) []CTIRequest {
	var out []CTIRequest
	for _, s := range []struct {
		rank                    string
		address, port, protocol export.KeyID
	}{
		{"primary", export.CallControlPrimaryAddress, export.CallControlPrimaryPort, export.CallControlPrimaryProtocol},
		{"backup 1", export.CallControlBackup1Address, export.CallControlBackup1Port, export.CallControlBackup1Protocol},
		{"backup 2", export.CallControlBackup2Address, export.CallControlBackup2Port, export.CallControlBackup2Protocol},
		{"primary", export.JabberPhoneCtiServer1, export.NoKey, export.NoKey},
		{"backup 1", export.JabberPhoneCtiServer2, export.NoKey, export.NoKey},
		{"primary", export.JabberBootstrapCti, export.NoKey, export.NoKey},
	} {
		p := e.Get(s.address)
		if p == nil || strings.TrimSpace(p.Value) == "" {
			continue
		}
		t := probe.Target{Host: live.Text(e, s.address), Port: live.Port(live.Text(e, s.port), portCTI), Security: probe.Plain}
		if t.Port == portCTITLS || strings.EqualFold(live.Text(e, s.protocol), "TLS") {
			t.Security = probe.ImplTLS
		}
		out = append(out, CTIRequest{Target: t, Rank: s.rank, Place: live.PlaceOf(e, p)})
	}
	for s := range live.UCServices(e, "CTI") {
		t := probe.Target{Host: s.Host, Port: s.Port, Security: probe.Plain}
		switch t.Port {
		case 0:
			t.Port = portCTI
		case portCTITLS:
			t.Security = probe.ImplTLS
		}
		out = append(out, CTIRequest{Target: t, Rank: "UC service", Place: s.Place})
	}
	for n := range live.Nodes(e, "callmanager") {
		t := probe.Target{Host: n.Host, Port: portCTI, Security: probe.Plain}
		out = append(out, CTIRequest{Target: t, Rank: "node of the cluster", Place: n.Place, Listed: true})
	}
	return out
}

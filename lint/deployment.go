package lint

import (
	"strings"

	"cupclint/export"
	"cupclint/resolve"
)

// A PresenceNode is one presence server that the export names, with the address a client gets from it.
type PresenceNode struct {
	Role   string           // "primary", "backup", "backup2"
	Node   *export.Property // the node name; nil for a primary that is missing
	Domain *export.Property // the domain; nil when the export has none
	// Address is what the client computes.
	Address resolve.Address
}

// maxNodes is how many presence nodes a client knows.
const maxNodes = 3

type presenceNodes struct {
	known bool
	n     int
	list  [maxNodes]PresenceNode
}

// PresenceNodes returns the presence nodes of the export, the primary first. The primary is there when the export has
// its node name, even an empty one, or a domain; a backup when it has a node name that is not empty. The
// addresses are computed once for each export. The slice belongs to the input.
func (in *Input) PresenceNodes() []PresenceNode {
	if !in.nodes.known {
		in.nodes.known = true
		in.nodes.n = 0
		domain := in.Get(export.PresenceDomain)
		primary := in.Get(export.PresencePrimaryAddress)
		if primary != nil || domain != nil && domain.Value != "" {
			in.addNode("primary", primary, domain)
		}
		for _, backup := range [...]struct {
			role string
			key  export.KeyID
		}{{"backup", export.PresenceBackupAddress}, {"backup2", export.PresenceBackup2Address}} {
			if p := in.Get(backup.key); p != nil && p.Value != "" {
				in.addNode(backup.role, p, domain)
			}
		}
	}
	return in.nodes.list[:in.nodes.n]
}

func (in *Input) addNode(role string, node, domain *export.Property) {
	in.nodes.list[in.nodes.n] = PresenceNode{
		Role: role, Node: node, Domain: domain,
		Address: resolve.Presence(valueOf(node), valueOf(domain)),
	}
	in.nodes.n++
}

func valueOf(p *export.Property) string {
	if p == nil {
		return ""
	}
	return p.Value
}

// GenerationOf returns the generation of the client that the export is for: Client.Generation, else what
// Client.Version says, else xmpp for a Jabber client's own files, else sip. A value that says neither is passed over; a rule complains about it.
func GenerationOf(e *export.Export) resolve.Generation {
	if text, ok := e.Value(export.ClientGeneration); ok {
		if g, err := resolve.ParseGeneration(text); err == nil {
			return g
		}
	}
	if text, ok := e.Value(export.ClientVersion); ok {
		if g, ok := resolve.GenerationOf(text); ok {
			return g
		}
	}
	if e.Format == export.Jabber || e.Format == export.JabberBootstrap {
		return resolve.XMPP
	}
	return resolve.SIP
}

// An AddressRow is one line of the table of presence addresses.
type AddressRow struct {
	File       string `json:"file"`
	Role       string `json:"role"`
	Node       string `json:"node"`
	Domain     string `json:"domain"`
	Address    string `json:"address"`
	Step       string `json:"step"`
	Verdict    string `json:"verdict"`
	Reason     string `json:"reason,omitempty"`
	Generation string `json:"generation"`
}

// compareRows leaves the rows of one file in the order of PresenceNodes.
func compareRows(a, b *AddressRow) int { return strings.Compare(a.File, b.File) }

// addAddresses keeps the rows of the current export.
func (w *worker) addAddresses() {
	w.encoded = w.encoded[:0]
	for _, n := range w.input.PresenceNodes() {
		row := AddressRow{
			File: w.input.File, Role: n.Role, Node: valueOf(n.Node), Domain: valueOf(n.Domain),
			Address: n.Address.Value, Step: string(n.Address.Step), Verdict: string(n.Address.Verdict()), Reason: n.Address.Reason(),
			Generation: string(w.input.Generation),
		}
		w.encoded = row.encode(w.encoded)
	}
	if len(w.encoded) > 0 {
		w.addresses.add(w.fileName(), w.input.Index, w.encoded)
	}
}

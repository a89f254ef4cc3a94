package rules

import (
	"cupclint/export"
	"cupclint/internal/release"
	"cupclint/lint"
	"cupclint/resolve"
)

func presenceKeys() []export.KeyID {
	return []export.KeyID{
		export.PresencePrimaryAddress, export.PresenceBackupAddress, export.PresenceBackup2Address,
		export.JabberPresencePresenceServerAddress, export.JabberBootstrapCupAddress,
	}
}

func clientMismatch(e *evidence, d *lint.Deployment) []lint.Finding {
	type pair struct {
		client string
		node   *node
	}
	var findings []lint.Finding
	at := map[pair]int{}
	more := map[pair]int{}
	for _, m := range e.clients {
		generation, client := generationOf(m)
		if generation == "" {
			continue
		}
		for _, host := range e.presenceOf(m) {
			server := host.node.version()
			if server == nil {
				continue
			}
			verdict, row := release.ClientFits(string(generation), server.Number)
			if verdict != release.Wrong {
				continue
			}
			p := pair{client, host.node}
			if _, seen := at[p]; seen {
				more[p] += m.Exports
				continue
			}
			place := m.Get(export.ClientVersion, 0)
			if place == nil {
				place = host.place
			}
			f := d.At(place, "%s does not work with version %s of presence server %s: %s", client, server.Describe(), host.node.name, row.Says)
			f.Related = []lint.Related{server.place.Related("%s has %s", host.node.name, server.Describe())}
			f.Evidence = []string{"source: " + row.Source}
			f.Fix = "Use CUPC 8.x or Jabber with servers from 8.x on, and CUPC 7.x with CUPS 6.x and 7.x."
			at[p], more[p] = len(findings), m.Exports-1
			findings = append(findings, f)
		}
	}
	for p, i := range at {
		if more[p] > 0 {
			findings[i].Evidence = append(findings[i].Evidence, "the same client and server are in "+count(more[p], "more export"))
		}
	}
	return findings
}

// generationOf is the generation of a client where something says it, and a name for the client.
func generationOf(m *lint.Member) (g resolve.Generation, client string) {
	if version := m.Get(export.ClientVersion, 0); version != nil {
		if g, ok := resolve.GenerationOf(version.Value); ok {
			return g, "client version " + version.Value
		}
	}
	if !m.SIP {
		return resolve.XMPP, "a client of the XMPP generation (CUPC 8.x, Jabber)"
	}
	if said := m.Get(export.ClientGeneration, 0); said != nil {
		return resolve.SIP, "a client of the SIP generation (CUPC up to 7.x)"
	}
	return "", ""
}

// A clientNode is a node that a client names.
type clientNode struct {
	node  *node
	place *lint.Fact
}

// presenceOf lists the presence nodes that a client names. One that names none gets the only presence cluster.
func (e *evidence) presenceOf(m *lint.Member) []clientNode {
	var out []clientNode
	named := false
	for host := range m.All(presenceKeys()...) {
		named = true
		if n := e.node(host.Value); n != nil {
			out = append(out, clientNode{n, host})
		}
	}
	if groups := e.groups("cups"); !named && len(groups) == 1 {
		var place *lint.Fact
		for f := range m.Facts {
			if f.Key != export.ClientVersion && f.Key != export.ClientGeneration {
				place = f
				break
			}
		}
		if place != nil {
			out = append(out, clientNode{groups[0].nodes[0].node, place})
		}
	}
	return out
}

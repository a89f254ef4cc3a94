package rules

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

// The server side alone is enough to compute the presence address: one output has the presence nodes by their roles, another one the SIP
// domain. pairs gathers both for each folder, archive or deployment. Where a client's export is among them, that one is judged.
type pairs struct {
	problems resolve.Problems
	fix      string
	groups   map[string]*pair
	grouping grouping
	last     *pair // the one before: exports of one folder come one after the other
}

type pair struct {
	name           string
	nodes, domains map[string]lint.Place // by value
	client         bool                  // an export has the domain as a client gets it
	xmpp           bool
	apart          bool // of IM and Presence, where the two domains are independent
}

// maxPairNodes bounds the nodes that are kept of one folder.
const maxPairNodes = 256

func newPairs(problems resolve.Problems, fix string) lint.Fleet {
	return &pairs{problems: problems, fix: fix, groups: map[string]*pair{}}
}

func (a *pairs) Add(in *lint.Input) {
	node, own, client := in.Get(export.ClusterNodeRole), in.Get(export.SIPProxyDomain), in.Get(export.PresenceDomain)
	if node == nil && own == nil && client == nil {
		return
	}
	name := in.Deployment
	if name == "" {
		name = a.grouping.of(in.File)
	}
	g := a.last
	if g == nil || g.name != name {
		g = a.groups[name]
	}
	if g == nil {
		g = &pair{name: strings.Clone(name), nodes: map[string]lint.Place{}, domains: map[string]lint.Place{}}
		a.groups[g.name] = g
	}
	a.last = g
	g.client = g.client || client != nil
	g.xmpp = g.xmpp || in.Generation == resolve.XMPP
	g.apart = g.apart || domainsApart(in)
	if known(own) && isNews(g.domains, own.Value, in) {
		g.domains[strings.Clone(own.Value)] = in.Place(own)
	}
	for p := range presenceNodesOf(in) {
		if len(g.nodes) < maxPairNodes && isNews(g.nodes, p.Value, in) {
			g.nodes[strings.Clone(p.Value)] = in.Place(p)
		}
	}
}

// groupOf is the folder or archive that a file is in.
func groupOf(file string) string {
	if archive, _, ok := strings.Cut(file, "!"); ok {
		return archive
	}
	return path.Dir(file)
}

// A grouping is groupOf with a memory: most files are in the folder of the one before.
type grouping struct{ before, group string }

func (g *grouping) of(file string) string {
	folder := file[:strings.LastIndexByte(file, '/')+1]
	if folder == "" || strings.Contains(file, "!") {
		return groupOf(file)
	}
	if folder != g.before {
		g.before, g.group = strings.Clone(folder), strings.Clone(groupOf(file))
	}
	return g.group
}

// presenceNodesOf yields the names of the nodes that the export says are presence nodes.
func presenceNodesOf(in *lint.Input) func(yield func(*export.Property) bool) {
	return func(yield func(*export.Property) bool) {
		roles := map[int]bool{}
		for role := range in.All(export.ClusterNodeRole) {
			roles[role.N] = strings.EqualFold(role.Value, "cups")
		}
		for p := range in.All(export.ClusterNodeName) {
			if roles[p.N] && p.Value != "" && !yield(p) {
				return
			}
		}
	}
}

func (a *pairs) Merge(other lint.Fleet) {
	for name, o := range other.(*pairs).groups {
		g := a.groups[name]
		if g == nil {
			a.groups[name] = o
			continue
		}
		mergeFirst(g.nodes, o.nodes)
		mergeFirst(g.domains, o.domains)
		g.client, g.xmpp, g.apart = g.client || o.client, g.xmpp || o.xmpp, g.apart || o.apart
	}
}

func (a *pairs) Findings() []lint.Finding {
	var findings []lint.Finding
	for _, name := range slices.Sorted(maps.Keys(a.groups)) {
		g := a.groups[name]
		if g.client || len(g.domains) != 1 {
			continue
		}
		for domain, at := range g.domains {
			for _, node := range slices.Sorted(maps.Keys(g.nodes)) {
				findings = append(findings, a.judge(g, node, domain, at)...)
			}
		}
	}
	return findings
}

func (a *pairs) judge(g *pair, node, domain string, at lint.Place) []lint.Finding {
	var findings []lint.Finding
	address := resolve.Presence(node, domain)
	for p := range (address.Problems & a.problems).All() {
		if g.apart && generational(p) {
			continue
		}
		f := g.nodes[node].Finding("%s; %s", clause(address.Describe(p)), registers(address, p, g.xmpp))
		if g.xmpp && generational(p) {
			f.Severity = lint.Info
		}
		f.Kind = lint.JoinedKind
		f.Address, f.Fix = address.Value, a.fix
		if generational(p) && !g.xmpp {
			f.Fix += " " + laterClients
		}
		f.Related = []lint.Related{at.Related("the SIP domain of the proxy is %q", domain)}
		for _, l := range address.Explain() {
			f.Evidence = append(f.Evidence, l.Question+" "+l.Answer)
		}
		findings = append(findings, f)
	}
	return findings
}

// generational reports whether a problem is one of the clients that append the domain alone.
func generational(p resolve.Problems) bool {
	return p == resolve.AppendedToFQDN || p == resolve.CaseMismatch
}

// registers says what becomes of an address, and for which clients that holds.
func registers(a resolve.Address, p resolve.Problems, xmpp bool) string {
	switch {
	case generational(p) && xmpp:
		return fmt.Sprintf("only clients of the SIP generation would register to user@%s, those of the XMPP generation append nothing", a.Value)
	case generational(p):
		return fmt.Sprintf("clients of the SIP generation (1.2 to 7.x) register to user@%s", a.Value)
	}
	return fmt.Sprintf("the client registers to user@%s", a.Value)
}

// laterClients says how it is stated that clients do not append the domain.
const laterClients = "If clients are release 8 or later, or Jabber, set Client.Generation to xmpp or use --generation xmpp: those " +
	"clients do not append the domain."

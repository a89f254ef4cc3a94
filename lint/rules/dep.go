package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/nearest"
	"cupclint/lint"
	"cupclint/resolve"
)

func deployment() []*lint.Rule {
	return []*lint.Rule{
		joined("DEP001", nodeNotInCluster),
		joined("DEP002", domainDiffers),
		joined("DEP003", ldapServerDiffers),
		joined("DEP004", ldapPortDiffers),
		lint.Define("DEP005", lint.Rule{Check: namesMixed, Joined: nodeNamesMixed}),
		joined("DEP006", clientNotInACL),
		joined("DEP007", nodeDomainDiffers),
		rule("DEP008", userTwice),
		rule("DEP009", syncFailed),
		lint.Define("DEP010", lint.Rule{Fleet: func() lint.Fleet { return hostSides{} }}),
	}
}

var (
	presenceNodeKeys = []export.KeyID{
		export.PresencePrimaryAddress, export.PresenceBackupAddress, export.PresenceBackup2Address,
		export.JabberPresencePresenceServerAddress, export.JabberBootstrapCupAddress,
	}
	callManagerKeys = []export.KeyID{
		export.CallControlPrimaryAddress, export.CallControlBackup1Address, export.CallControlBackup2Address,
		export.CCMCIPHost, export.CCMCIPHostBackup, export.TFTPPrimary, export.TFTPBackup1, export.TFTPBackup2,
		export.JabberDirectoryUdsServer, export.JabberPhoneTftpServer1, export.JabberPhoneTftpServer2, export.JabberPhoneCtiServer1,
		export.JabberPhoneCtiServer2, export.JabberPhoneCcmcipServer1, export.JabberPhoneCcmcipServer2,
		export.JabberBootstrapTftp, export.JabberBootstrapCti, export.JabberBootstrapCcmcip,
	}
)

// A sighting is a value that several exports of a deployment have for one key, at the first of them.
type sighting struct {
	*lint.Fact
	sip     bool
	exports int
}

// sightings lists the values of the keys, each once, in the order of the run.
func sightings(d *lint.Deployment, keys ...export.KeyID) []sighting {
	type value struct {
		key  export.KeyID
		text string
	}
	var all []sighting
	at := make(map[value]int)
	for m, f := range d.Facts(keys...) {
		i, seen := at[value{f.Key, f.Value}]
		if !seen {
			at[value{f.Key, f.Value}] = len(all)
			all = append(all, sighting{Fact: f, sip: m.SIP, exports: m.Exports})
			continue
		}
		all[i].exports += m.Exports
		all[i].sip = all[i].sip || m.SIP
	}
	return all
}

// in says in how many exports the value was seen, for evidence.
func (s *sighting) in() string {
	return fmt.Sprintf("%s = %s in %s, first in %s", s.Place.Key, s.Value, count(s.exports, "export"), s.Place.File)
}

// elsewhere leaves out the facts of one file: the rules for single files judge those.
func elsewhere(facts []sighting, file string) []sighting {
	return slices.DeleteFunc(slices.Clone(facts), func(s sighting) bool { return s.Place.File == file })
}

func values(facts []sighting) []string {
	var list []string
	seen := make(map[string]bool, len(facts))
	for _, f := range facts {
		if v := strings.TrimSpace(f.Value); !seen[v] {
			seen[v] = true
			list = append(list, v)
		}
	}
	return list
}

// A nodeSet answers whether a node is among some, as lint.SameNode compares them.
type nodeSet struct{ names, hosts map[string]bool }

func setOf(nodes []sighting) nodeSet {
	s := nodeSet{make(map[string]bool, len(nodes)), make(map[string]bool)}
	for _, n := range nodes {
		name := lint.NodeName(n.Value)
		s.names[name] = true
		if host, _, full := strings.Cut(name, "."); full && !isAddress(name) {
			s.hosts[host] = true
		}
	}
	return s
}

func (s nodeSet) has(n sighting) bool {
	name := lint.NodeName(n.Value)
	host, _, full := strings.Cut(name, ".")
	switch {
	case name == "" || s.names[name]:
		return name != ""
	case full:
		return s.names[host] && !isAddress(name)
	}
	return s.hosts[name]
}

func nodeNotInCluster(d *lint.Deployment) []lint.Finding {
	cluster, managers, sure := presenceCluster(d)
	clients, known := sightings(d, presenceNodeKeys...), setOf(cluster)
	if !sure && !slices.ContainsFunc(clients, known.has) && slices.ContainsFunc(sightings(d, callManagerKeys...), known.has) {
		return nil // the list is that of the call managers
	}
	var findings []lint.Finding
	for _, c := range clients {
		if known.has(c) {
			continue
		}
		nodes := comparableTo(elsewhere(cluster, c.Place.File), c.Value)
		if len(nodes) == 0 && managers.has(c) { // an address, and the list says what it is
			nodes = elsewhere(cluster, c.Place.File)
		}
		if len(nodes) == 0 || len(findings) == maxNames {
			continue
		}
		f := d.At(c.Fact, "presence node %q is not in the cluster. The client gets no presence, or uses a server that was removed",
			strings.TrimSpace(c.Value))
		near := nodes[0]
		f.Fix = "Assign the users to a node that exists, or correct its name under System > Server (CUPS: System > Cluster Topology)."
		names := values(nodes)
		if word := nearest.Word(c.Value, names); word != "" && !isAddress(word) { // the next address is another server
			near = nodes[slices.IndexFunc(nodes, func(s sighting) bool { return strings.TrimSpace(s.Value) == word })]
			f.Fix = fmt.Sprintf("The name is probably %s. %s", word, f.Fix)
		}
		f.Related = []lint.Related{near.Related("the cluster has the node %q", near.Value)}
		f.Evidence = []string{c.in(), "nodes: " + shortList(names)}
		findings = append(findings, f)
	}
	return findings
}

// presenceCluster lists names and addresses of the nodes. Where exports say what the nodes are, it is sure, and call managers are apart.
func presenceCluster(d *lint.Deployment) (nodes []sighting, managers nodeSet, sure bool) {
	var others []sighting
	for m, role := range d.Facts(export.ClusterNodeRole) {
		presence := strings.EqualFold(role.Value, "cups")
		sure = sure || presence
		for f := range m.All(export.ClusterNodeName, export.ClusterNodeAddress) {
			if f.N == role.N && !presence {
				others = append(others, sighting{Fact: f})
			}
		}
	}
	nodes = sightings(d, export.ClusterNodeName, export.ClusterNodeAddress)
	if sure {
		managers = setOf(others)
		nodes = slices.DeleteFunc(nodes, managers.has)
	}
	return nodes, managers, sure
}

// comparableTo keeps the names for a name and the addresses for an address: only DNS knows which name has which address.
func comparableTo(nodes []sighting, name string) []sighting {
	address := isAddress(name)
	return slices.DeleteFunc(nodes, func(s sighting) bool { return isAddress(s.Value) != address })
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(strings.TrimSpace(s))
	return err == nil
}

// shortList names some and counts the rest.
func shortList(names []string) string {
	const shown = 8
	if len(names) > shown {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
	}
	return strings.Join(names, ", ")
}

func domainDiffers(d *lint.Deployment) []lint.Finding {
	parameters := sightings(d, export.SIPProxyDomain)
	var findings []lint.Finding
	for _, c := range sightings(d, export.PresenceDomain, export.JabberDirectoryPresenceDomain) {
		others := elsewhere(parameters, c.Place.File)
		if len(others) == 0 || len(findings) == maxNames || slices.ContainsFunc(others, func(p sighting) bool { return sameDomain(c, p) }) {
			continue
		}
		p := others[0]
		how := "the client registers in a domain that the proxy does not serve"
		if strings.EqualFold(c.Value, p.Value) {
			how = "the two differ in upper and lower case, and the client compares case-sensitively"
		}
		f := d.At(c.Fact, "the domain is %q for the client and %q in the service parameter: %s", c.Value, p.Value, how)
		if !c.sip { // IM&P serves several domains from release 10 on
			f.Severity = lint.Warning
		}
		f.Related = []lint.Related{p.Related("the service parameter of the SIP proxy is %q", p.Value)}
		f.Evidence = []string{c.in()}
		f.Fix = "Set one domain, in lower case: System > Service Parameters > Cisco UP SIP Proxy. If the exports are of different days, make " +
			"new ones."
		findings = append(findings, f)
	}
	return findings
}

// sameDomain compares as the client does: with case before XMPP, which has domains without (RFC 7622).
func sameDomain(client, parameter sighting) bool {
	return client.Value == parameter.Value ||
		!client.sip && strings.EqualFold(strings.TrimSpace(client.Value), strings.TrimSpace(parameter.Value))
}

// namesMixed looks at one list that says which nodes are presence nodes.
func namesMixed(in *lint.Input) []lint.Finding {
	var first [3]*export.Property // bare name, full name, address
	var names []string
	for p := range presenceNodesOf(in) {
		names = append(names, strings.TrimSpace(p.Value))
		kind := nameKind(p.Value)
		first[kind] = cmp.Or(first[kind], p)
	}
	a, b := mixedKinds(func(kind int) bool { return first[kind] != nil })
	if a < 0 {
		return domainSpelledTwice(in)
	}
	f := in.At(first[a], "presence node %q is %s", first[a].Value, mixedWith(a, b, first[b].Value))
	f.Related = []lint.Related{in.Related(first[b], "presence node %q is %s", first[b].Value, nameKinds[b])}
	f.Evidence = []string{"nodes: " + shortList(names)}
	f.Fix = mixedFix
	return one(f)
}

// domainSpelledTwice looks for presence nodes of one list whose domain differs in case alone.
func domainSpelledTwice(in *lint.Input) []lint.Finding {
	domain := func(p *export.Property) string {
		_, d, _ := strings.Cut(strings.TrimSpace(p.Value), ".")
		return d
	}
	var all []*export.Property
	for p := range presenceNodesOf(in) {
		if nameKind(p.Value) != fullName {
			continue
		}
		for _, other := range all {
			if a, b := domain(p), domain(other); a != b && strings.EqualFold(a, b) {
				f := in.At(p, "presence node %q has the domain %q, but %q has %q. Clients of the SIP generation compare domains case-sensitively",
					p.Value, a, other.Value, b)
				f.Related = []lint.Related{in.Related(other, "the domain is %q here", b)}
				f.Fix = "Write the domain of all nodes in the same way, in lower case (System > Server)."
				return one(f)
			}
		}
		if len(all) < maxNames {
			all = append(all, p)
		}
	}
	return nil
}

const (
	bareName = iota
	fullName
	addressName
)

var nameKinds = [...]string{"a bare host name", "a full name", "an address"}

func nameKind(name string) int {
	switch {
	case isAddress(name):
		return addressName
	case strings.Contains(strings.TrimSpace(name), "."):
		return fullName
	}
	return bareName
}

// mixedKinds returns the kind that is wrong and a kind that is right; -1 if there is one kind only.
func mixedKinds(has func(kind int) bool) (wrong, other int) {
	switch {
	case has(bareName) && has(fullName):
		return bareName, fullName
	case has(addressName) && has(fullName):
		return addressName, fullName
	case has(addressName) && has(bareName):
		return addressName, bareName
	}
	return -1, -1
}

// mixedWith is the second half of a sentence about two nodes.
func mixedWith(wrong, other int, name string) string {
	if wrong == addressName {
		return fmt.Sprintf("an address, but %q is a name. Clients need DNS for the name, and certificates do not match the address", name)
	}
	return fmt.Sprintf("%s, but %q is %s. If one of them is a bare name, all nodes must be in one DNS domain", nameKinds[wrong], name,
		nameKinds[other])
}

const mixedFix = "Enter all presence nodes as full names (System > Server). If there is no DNS, enter all as addresses."

// mixedInOne reports whether the list of one member that has roles mixes names already.
func mixedInOne(d *lint.Deployment) bool {
	for _, m := range d.Members {
		var has [3]bool
		for role := range m.All(export.ClusterNodeRole) {
			if name := m.Get(export.ClusterNodeName, role.N); name != nil && strings.EqualFold(role.Value, "cups") {
				has[nameKind(name.Value)] = true
			}
		}
		if wrong, _ := mixedKinds(func(kind int) bool { return has[kind] }); wrong >= 0 {
			return true
		}
	}
	return false
}

func nodeNamesMixed(d *lint.Deployment) []lint.Finding {
	if mixedInOne(d) {
		return nil // reported for that list
	}
	var kinds [3][]sighting
	for _, n := range presenceNodes(d) {
		kinds[nameKind(n.Value)] = append(kinds[nameKind(n.Value)], n)
	}
	a, b := mixedKinds(func(kind int) bool { return len(kinds[kind]) > 0 })
	if a < 0 {
		return nil
	}
	wrong, other := kinds[a][0], kinds[b][0]
	f := d.At(wrong.Fact, "presence node %q is %s", wrong.Value, mixedWith(a, b, other.Value))
	f.Related = []lint.Related{other.Related("presence node %q is %s", other.Value, nameKinds[b])}
	f.Evidence = []string{"nodes: " + shortList(values(presenceNodes(d)))}
	f.Fix = mixedFix
	return []lint.Finding{f}
}

// presenceNodes lists the nodes of the cluster that run presence, as they were entered: not as in "show network cluster", which has only
// full names. They are known by their roles, else by the settings of clients: a node that clients use for presence, and all nodes of a
// list that has such a node and none that clients use as a call manager. The database of a call manager lists all its nodes, so only
// those nodes of it count that clients use for presence.
func presenceNodes(d *lint.Deployment) []sighting {
	cluster, _, sure := presenceCluster(d)
	inCluster, clients, managers := setOf(cluster), setOf(sightings(d, presenceNodeKeys...)), setOf(sightings(d, callManagerKeys...))
	var nodes []sighting
	for _, m := range d.Members {
		if m.Format.Printed() {
			continue
		}
		list := sightings(&lint.Deployment{Members: []*lint.Member{m}}, export.ClusterNodeName)
		presence, mixed := slices.ContainsFunc(list, clients.has), slices.ContainsFunc(list, managers.has)
		for _, s := range list {
			if sure && inCluster.has(s) && !managers.has(s) || !sure && presence && (!mixed && !m.Format.Records() || clients.has(s)) {
				nodes = append(nodes, s)
			}
		}
	}
	return nodes
}

// nodeDomainDiffers looks at bare node names, which clients of the SIP generation complete with their domain. PRES001 does the same for
// full names.
func nodeDomainDiffers(d *lint.Deployment) []lint.Finding {
	nodes := sightings(d, export.ClusterNodeName)
	var findings []lint.Finding
	seen := map[string]bool{}
	for m, c := range d.Facts(export.PresencePrimaryAddress, export.PresenceBackupAddress, export.PresenceBackup2Address) {
		domain := m.Get(export.PresenceDomain, 0)
		if !m.SIP || domain == nil || strings.Contains(c.Value, ".") {
			continue
		}
		address := resolve.Presence(c.Value, domain.Value)
		if seen[address.Value] || len(findings) == maxNames {
			continue
		}
		seen[address.Value] = true
		same, other := fullNames(elsewhere(nodes, c.Place.File), address.Value)
		if address.Verdict() == resolve.Wrong || same || other == nil {
			continue
		}
		f := d.At(c, "the client registers to user@%s, but the server calls itself %s. The name must be in DNS in both domains", address.Value,
			strings.TrimSpace(other.Value))
		f.Address = address.Value
		f.Related = []lint.Related{other.Related("the node is in another domain: %s", other.Value)}
		f.Fix = "Add the name to DNS in the SIP domain, or make the SIP domain the same as the DNS domain of the servers."
		findings = append(findings, f)
	}
	return findings
}

// fullNames looks among full names for an address, and for another one with its host name.
func fullNames(nodes []sighting, address string) (same bool, other *lint.Fact) {
	host, _, _ := strings.Cut(lint.NodeName(address), ".")
	for _, n := range nodes {
		name := lint.NodeName(n.Value)
		first, _, dotted := strings.Cut(name, ".")
		switch {
		case name == lint.NodeName(address):
			return true, nil
		case dotted && first == host && other == nil && !isAddress(name):
			other = n.Fact
		}
	}
	return false, other
}

func clientNotInACL(d *lint.Deployment) []lint.Finding {
	list := sightings(d, export.SIPProxyIncomingACL)
	var entries []resolve.ACLEntry
	for _, s := range list {
		e, ok := resolve.ParseACLEntry(s.Value)
		if !ok || e.Domain != "" {
			return nil // only DNS knows what a domain covers
		}
		entries = append(entries, e)
	}
	for _, s := range sightings(d, export.SIPProxyAuthenticationModule) {
		if strings.EqualFold(strings.TrimSpace(s.Value), "Off") {
			return nil
		}
	}
	if len(entries) == 0 {
		return nil
	}
	var findings []lint.Finding
	for _, c := range sightings(d, export.ClientAddress) {
		client, ok := resolve.ParseNetwork(c.Value)
		others := elsewhere(list, c.Place.File)
		if !ok || !c.sip || len(others) == 0 || len(findings) == maxNames || aclCovers(entries, client) {
			continue
		}
		f := d.At(c.Fact, "no entry of the incoming ACL covers the client at %s. The SIP proxy asks it for a digest credential", c.Value)
		f.Related = []lint.Related{others[0].Related("the incoming ACL begins here: %s", shortList(values(others)))}
		f.Evidence = []string{c.in()}
		f.Fix = "Give the user a digest credential, or add the client's network to the incoming ACL and restart the SIP proxy."
		findings = append(findings, f)
	}
	return findings
}

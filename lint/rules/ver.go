package rules

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/export/appliance"
	"cupclint/internal/release"
	"cupclint/lint"
	"cupclint/resolve"
)

const versionArea = "versions"

func ver() []*lint.Rule {
	rule := func(id, name string, severity lint.Severity, summary string, joined func(*evidence, *lint.Deployment) []lint.Finding) *lint.Rule {
		return printedRule(versionArea, id, name, severity, summary, joined)
	}
	return []*lint.Rule{
		rule("VER001", "presence-version-mismatch", lint.Error, "the versions of call manager and presence server do not go together", presenceMismatch),
		rule("VER002", "presence-nodes-differ", lint.Error, "the presence nodes of a cluster have different versions", presenceNodesDiffer),
		rule("VER003", "upgrade-blocked", lint.Error, "no upgrade leads from the active to the inactive version", upgradeBlocked),
		rule("VER004", "upgrade-needs-cop", lint.Warning, "an upgrade needs a COP file that is not installed", upgradeNeedsFile),
		rule("VER005", "es-lost-by-os-patch", lint.Warning, "a higher number that lacks the engineering specials of a lower one", specialsLost),
		rule("VER006", "inactive-newer-or-older", lint.Info, "the inactive version has a database of its own", inactiveVersion),
		rule("VER007", "version-sources-disagree", lint.Error, "outputs of one node name different versions", versionsDisagree),
		rule("VER008", "client-generation-mismatch", lint.Warning, "the client is of another generation than the presence server", clientMismatch),
		rule("VER009", "cluster-nodes-differ", lint.Info, "the call managers of a cluster have different versions", clusterNodesDiffer),
	}
}

// A nodeVersion is a version that an output of a node names.
type nodeVersion struct {
	release.Number
	node  *node
	place *lint.Fact
}

// versionIn reads the last version of a node in a field, or returns nil.
func (n *node) versionIn(field appliance.Field) *nodeVersion {
	fact := n.fact(field)
	if fact == nil {
		return nil
	}
	number, err := release.Parse(fact.Value)
	if err != nil || number.System() {
		return nil
	}
	return &nodeVersion{number, n, fact}
}

// version is the version that the node runs, or nil.
func (n *node) version() *nodeVersion {
	for _, field := range [...]appliance.Field{appliance.VersionActive, appliance.VersionProduct, appliance.VersionDatabase} {
		if n.running == nil && !n.runningKnown {
			n.running = n.versionIn(field)
		}
	}
	n.runningKnown = true
	return n.running
}

// runs is the product of the node; where no table and no service says it, the version may.
func (n *node) runs() string {
	if p := n.product(); p != "" {
		return p
	}
	if n.row != nil { // tables of old releases have no column for it, and presence servers are told by their services
		return "callmanager"
	}
	if v := n.version(); v != nil {
		switch release.ProductOf(v.Number) {
		case release.Presence:
			return "cups"
		case release.CallManager:
			return "callmanager"
		}
		return productByName(n.name)
	}
	return ""
}

// productByName guesses a product from how administrators name its nodes, empty where the name says nothing.
func productByName(name string) string {
	name = strings.ToLower(name)
	for _, p := range [...]struct{ part, product string }{
		{"cups", "cups"}, {"imp", "cups"}, {"cup", "cups"}, {"cucm", "callmanager"}, {"ccm", "callmanager"}, {"callmanager", "callmanager"}, {"cer", "cer"}, {"cuc", connection},
	} {
		if rest, ok := strings.CutPrefix(name, p.part); ok && (rest == "" || rest[0] < 'a' || strings.HasPrefix(rest, "pub") || strings.HasPrefix(rest, "sub")) {
			return p.product
		}
	}
	return ""
}

// tableOf is the number of the cluster of a node, 0 where it is not known.
func (n *node) tableOf() int {
	if n.row != nil {
		return n.row.table
	}
	return 0
}

// A versionGroup is the nodes of one product in one cluster whose versions are known, the publisher of the product first.
type versionGroup struct {
	table int
	nodes []*nodeVersion
}

// groups lists the clusters of a product. Nodes without a table belong to the only cluster there is, else together.
func (e *evidence) groups(product string) []*versionGroup {
	out, known := e.clusters[product]
	if !known {
		out = e.group(product)
		e.clusters[product] = out
	}
	return out
}

func (e *evidence) group(product string) []*versionGroup {
	var tables []int
	for _, r := range e.rows {
		if r.product == product && !slices.Contains(tables, r.table) {
			tables = append(tables, r.table)
		}
	}
	var out []*versionGroup
	for _, n := range e.nodes {
		v := n.version()
		if v == nil || n.runs() != product {
			continue
		}
		table := n.tableOf()
		if table == 0 && len(tables) == 1 {
			table = tables[0]
		}
		var group *versionGroup
		for _, g := range out {
			if g.table == table {
				group = g
			}
		}
		if group == nil {
			group = &versionGroup{table: table}
			out = append(out, group)
		}
		if n.first() {
			group.nodes = append([]*nodeVersion{v}, group.nodes...)
		} else {
			group.nodes = append(group.nodes, v)
		}
	}
	return out
}

// first reports whether a node is known to be the publisher of its own product.
func (n *node) first() bool {
	if n.row != nil && n.row.database != "" {
		return n.row.database == "DBPub"
	}
	return n.publisher() || strings.EqualFold(n.text(appliance.ServicePrimary), "true")
}

func presenceMismatch(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	managers := e.groups("callmanager")
	for _, g := range e.groups("cups") {
		presence := g.nodes[0]
		var worst *nodeVersion
		var row *release.Pairing
		verdict := release.Fits
		for _, m := range e.partners(g, managers) {
			v, r := release.Pair(m.nodes[0].Number, presence.Number)
			if v == release.Fits || r == nil {
				worst = nil
				break
			}
			if worst == nil || v == release.Unknown {
				worst, row, verdict = m.nodes[0], r, v
			}
		}
		if worst == nil {
			continue
		}
		does := "is not compatible"
		if verdict == release.Unknown {
			does = "may not be compatible"
		}
		f := d.At(presence.place, "version %s of presence server %s %s with version %s of call manager %s: %s",
			presence.Describe(), presence.node.name, does, worst.Describe(), worst.node.name, row.Says)
		f.Related = []lint.Related{worst.place.Related("call manager %s has %s", worst.node.name, worst.Describe())}
		f.Evidence = []string{"source: " + row.Source}
		f.Fix = "Bring both to releases that go together: the call manager first, then the presence server."
		if p := release.Partner(worst.Number); p != nil {
			f.Fix += fmt.Sprintf(" The presence release for %s is IM and Presence %s (%s).", worst.Describe(), p.Name, p.Number)
		}
		if verdict == release.Unknown {
			f.Severity = lint.Info
			f.Fix = "Look the pair up in the compatibility matrix of the release."
		}
		if in := presence.node.versionIn(appliance.VersionInactive); in != nil {
			if v, _ := release.Pair(worst.Number, in.Number); v == release.Fits {
				f.Fix = fmt.Sprintf("The inactive version %s of %s fits: switch versions there (utils system switch-version).", in.Describe(), presence.node.name)
			}
		}
		findings = append(findings, f)
	}
	return findings
}

// partners lists the call managers that a presence cluster can belong to: those of its own table, else all.
func (e *evidence) partners(g *versionGroup, managers []*versionGroup) []*versionGroup {
	own := false
	for _, r := range e.rows {
		own = own || r.table == g.table && r.product == "callmanager"
	}
	if !own {
		return managers
	}
	for _, m := range managers {
		if m.table == g.table {
			return []*versionGroup{m}
		}
	}
	return nil
}

func presenceNodesDiffer(e *evidence, d *lint.Deployment) []lint.Finding {
	return e.nodesDiffer(d, "cups", "presence node %s has version %s, and %s has %s. All presence nodes of a cluster have the same version, in all five numbers: otherwise replication and high availability do not work",
		"Bring all presence nodes to the version of the publisher, publisher first. Where the upgrade is done on all of them, switch the version on those that still run the old one.")
}

func clusterNodesDiffer(e *evidence, d *lint.Deployment) []lint.Finding {
	return e.nodesDiffer(d, "callmanager", "call manager %s has version %s, and %s has %s: an upgrade or a switch of versions is not finished",
		"Finish the upgrade: publisher first, then the subscribers, and switch versions in the same order.")
}

func (e *evidence) nodesDiffer(d *lint.Deployment, product, message, fix string) []lint.Finding {
	var findings []lint.Finding
	for _, g := range e.groups(product) {
		first := g.nodes[0]
		for _, v := range g.nodes[1:] {
			if v.Equal(first.Number) {
				continue
			}
			f := d.At(v.place, message, v.node.name, v.Describe(), first.node.name, first.Describe())
			f.Related = []lint.Related{first.place.Related("%s has %s", first.node.name, first.Describe())}
			f.Fix = fix
			findings = append(findings, f)
		}
	}
	return findings
}

// switches yields the nodes with an active and an inactive version that differ.
func (e *evidence) switches(yield func(active, inactive *nodeVersion) bool) {
	for _, n := range e.nodes {
		active, inactive := n.version(), n.versionIn(appliance.VersionInactive)
		if active != nil && inactive != nil && !active.Equal(inactive.Number) && !yield(active, inactive) {
			return
		}
	}
}

// tableProduct is the product of a node as the tables of releases call it.
func (n *node) tableProduct() string {
	if n.runs() == "cups" {
		return release.Presence
	}
	return release.CallManager
}

func upgradeBlocked(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for active, inactive := range e.switches {
		if p := active.node.product(); p != "" && p != "callmanager" && p != "cups" {
			continue // the tables are about these two
		}
		state, row := release.Upgrade(active.node.tableProduct(), active.Number, inactive.Number)
		if state != release.Blocked {
			continue
		}
		f := d.At(inactive.place, "node %s cannot be upgraded from %s to %s: %s", active.node.name, active.Describe(), inactive.Describe(), row.Says)
		f.Related = []lint.Related{active.place.Related("the active version is %s", active.Describe())}
		f.Evidence = []string{"source: " + row.Source}
		f.Fix = "Do not switch to the inactive version. Take a path that the compatibility matrix of the target has (cupclint releases FROM TO)."
		findings = append(findings, f)
	}
	return findings
}

func upgradeNeedsFile(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for active, inactive := range e.switches {
		if p := active.node.product(); p != "" && p != "callmanager" && p != "cups" {
			continue
		}
		if state, _ := release.Upgrade(active.node.tableProduct(), active.Number, inactive.Number); state == release.Blocked {
			continue // VER003 says more
		}
		for _, file := range release.FilesFor(active.node.tableProduct(), active.Number, inactive.Number) {
			if active.node.hasOption(file.Name) {
				continue
			}
			f := d.At(inactive.place, "the upgrade of node %s from %s to %s needs the COP file %s, which is not among the installed options: %s",
				active.node.name, active.Describe(), inactive.Describe(), file.Name, file.Says)
			f.Fix = "Install the COP file on all nodes before the upgrade (utils system upgrade initiate)."
			switch file.How {
			case release.PCD:
				f.Severity = lint.Info
				f.Message += ". It is needed where Prime Collaboration Deployment makes the upgrade"
			case release.Back:
				f.Severity = lint.Info
				f.Message = fmt.Sprintf("the way back of node %s from %s to %s needs the COP file %s: %s", active.node.name, active.Describe(), inactive.Describe(), file.Name, file.Says)
				f.Fix = "Install the COP file after a switch back to the inactive version."
			}
			f.Related = []lint.Related{active.place.Related("the active version is %s", active.Describe())}
			f.Evidence = []string{"source: " + file.Source}
			findings = append(findings, f)
		}
	}
	return findings
}

// hasOption reports whether a COP file is among the installed options. Its name goes on with a version and endings.
func (n *node) hasOption(name string) bool {
	for _, o := range n.outputs {
		for _, field := range [...]appliance.Field{appliance.VersionOption, appliance.VersionInactiveOption} {
			for _, option := range o.all(field) {
				if strings.HasPrefix(strings.ToLower(option.Value), strings.ToLower(name)) {
					return true
				}
			}
		}
	}
	return false
}

func specialsLost(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	report := func(low, high *nodeVersion) {
		f := d.At(high.place, "%s of node %s is higher than %s and lacks its engineering special: security patch level %d with ES %d, instead of level %d with ES %d",
			high, high.node.name, low, high.PatchLevel(), high.Special(), low.PatchLevel(), low.Special())
		f.Related = []lint.Related{low.place.Related("%s of node %s has ES %d", low, low.node.name, low.Special())}
		f.Fix = "In numbers of this form the thousands are security patches of the operating system, and the rest is the engineering special. Install a version that has at least both (cupclint releases FROM TO)."
		findings = append(findings, f)
	}
	for active, inactive := range e.switches {
		if release.LosesSpecials(active.Number, inactive.Number) {
			report(active, inactive)
		} else if release.LosesSpecials(inactive.Number, active.Number) {
			report(inactive, active)
		}
	}
	for _, product := range [...]string{"callmanager", "cups"} {
		for _, g := range e.groups(product) {
			for _, v := range g.nodes[1:] {
				if first := g.nodes[0]; release.LosesSpecials(first.Number, v.Number) {
					report(first, v)
				} else if release.LosesSpecials(v.Number, first.Number) {
					report(v, first)
				}
			}
		}
	}
	return findings
}

func inactiveVersion(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for active, inactive := range e.switches {
		how := "older"
		if release.Compare(inactive.Number, active.Number) > 0 {
			how = "newer"
		}
		f := d.At(inactive.place, "the inactive version %s of node %s is %s than the active one, %s", inactive.Describe(), active.node.name, how, active.Describe())
		f.Related = []lint.Related{active.place.Related("the active version is %s", active.Describe())}
		f.Fix = "Before a switch, know that each version has a database of its own: what was changed since the installation of the other one is lost."
		findings = append(findings, f)
	}
	return findings
}

func versionsDisagree(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		type source struct {
			name string
			*nodeVersion
		}
		var all []source
		for _, s := range []source{
			{"show version active", n.versionIn(appliance.VersionActive)}, {"Product Ver", n.versionIn(appliance.VersionProduct)}, {"DB Version", n.versionIn(appliance.VersionDatabase)},
		} {
			if s.nodeVersion == nil || s.name == "DB Version" && n.runs() == "cups" && e.runsOnManager(s.Number) {
				continue // the replication of a presence node may be that of the call manager
			}
			all = append(all, s)
		}
		same := func(i, k int) bool { return all[i].Equal(all[k].Number) }
		odd := -1
		switch len(all) {
		case 2:
			if !same(0, 1) {
				odd = 0
			}
		case 3:
			switch {
			case same(0, 1) && same(1, 2):
			case same(0, 1):
				odd = 2
			case same(0, 2):
				odd = 1
			default:
				odd = 0
			}
		}
		if odd < 0 {
			continue
		}
		var names []string
		f := d.At(all[odd].place, "")
		for i, s := range all {
			names = append(names, fmt.Sprintf("%s %s", s.name, s.Number))
			if i != odd {
				f.Related = append(f.Related, s.place.Related("%s is %s", s.name, s.Number))
			}
		}
		f.Message = fmt.Sprintf("the outputs of node %s name different versions: %s. They are from before and after a switch of versions, or the switch is not finished", n.name, strings.Join(names, ", "))
		f.Fix = "Take all outputs again at one time. If they still differ, finish the switch of versions, or the upgrade."
		findings = append(findings, f)
	}
	return findings
}

// runsOnManager reports whether a call manager has the version.
func (e *evidence) runsOnManager(number release.Number) bool {
	for _, g := range e.groups("callmanager") {
		for _, v := range g.nodes {
			if v.Equal(number) {
				return true
			}
		}
	}
	return false
}

func presenceKeys() []export.KeyID {
	return []export.KeyID{
		export.PresencePrimaryAddress, export.PresenceBackupAddress, export.PresenceBackup2Address, export.JabberPresencePresenceServerAddress, export.JabberBootstrapCupAddress,
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
			findings[i].Evidence = append(findings[i].Evidence, fmt.Sprintf("%d more exports have the same client and server", more[p]))
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

package lint

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cupclint/export"
)

// A Deployment is the exports of clients and servers that are judged together, or a folder whose exports are not, with the reason.
//
// Its JSON form is part of docs/schema/report.schema.json.
type Deployment struct {
	// Name as configured, or the folder or archive; with #1, #2 after it where a folder has several.
	Name string `json:"name"`
	// Joined says whether the members are judged together.
	Joined bool `json:"joined"`
	// Why says why they are, or why not.
	Why string `json:"why"`
	// Exports counts those with facts, also those beyond the bound on different ones.
	Exports int `json:"exports"`
	// Members in the order of the run.
	Members []*Member `json:"members,omitempty"`
	// Apart are the exports of the folder that are judged alone.
	Apart []*Member `json:"apart,omitempty"`
	// Shared lists the nodes that more than one member names.
	Shared []SharedNode `json:"nodes,omitempty"`

	// Now is the time of the run.
	Now time.Time `json:"-"`

	rule *Rule
	memo any
}

// Once returns what a function made of the deployment the first time that a rule asked for it.
func (d *Deployment) Once(make func() any) any {
	if d.memo == nil {
		d.memo = make()
	}
	return d.memo
}

// A SharedNode is a node that several members name, with one place for each, those of servers first. The message of a place is the name as
// it is written there.
type SharedNode struct {
	Name   string    `json:"name"`
	Places []Related `json:"places"`
}

// At makes a finding of the running rule at a fact. The message is formatted as by fmt.Sprintf.
func (d *Deployment) At(f *Fact, format string, args ...any) Finding {
	pl := f.Place
	pl.rule = d.rule
	return pl.Finding(format, args...)
}

// Facts yields the facts with one of the keys of all members, with the member.
func (d *Deployment) Facts(keys ...export.KeyID) func(yield func(*Member, *Fact) bool) {
	return func(yield func(*Member, *Fact) bool) {
		for _, m := range d.Members {
			for f := range m.All(keys...) {
				if !yield(m, f) {
					return
				}
			}
		}
	}
}

// judgeJoined forms the deployments from what all workers gathered, and lets the joined rules judge each.
func (w *worker) judgeJoined(res *Result, others []*worker) {
	if w.facts == nil {
		return
	}
	for _, o := range others {
		w.facts.merge(o.facts)
	}
	deployments := w.facts.deployments()
	for _, d := range deployments {
		if d.Joined {
			w.judge(d, false)
		}
	}
	for _, d := range w.facts.printed() {
		w.judge(d, true)
	}
	if w.Deployments {
		res.Deployments = append([]*Deployment{}, deployments...) // not nil: it was asked
	}
}

// judge lets the joined rules look at a deployment: those about output of servers, or the others.
func (w *worker) judge(d *Deployment, printed bool) {
	d.Now = w.Now
	var found []Finding
	for _, rule := range w.joined {
		if rule.Printed == printed {
			d.rule = rule
			w.guard(rule, "", func() { found = append(found, rule.Joined(d)...) })
		}
	}
	if printed {
		first := ""
		for i := range found {
			if first == "" || found[i].File < first {
				first = found[i].File
			}
		}
		for i := range found {
			found[i].Anchor = first
		}
	}
	w.keepAll(found)
}

// printed lists the folders and deployments with output of servers, in the order of names, each with all of its exports.
func (g *gatherer) printed() []*Deployment {
	var all []*Deployment
	for _, id := range slices.Sorted(maps.Keys(g.groups)) {
		gr := g.groups[id]
		members := sortedMembers(gr)
		if slices.ContainsFunc(members, func(m *Member) bool { return m.Evidence }) {
			all = append(all, &Deployment{Name: gr.name, Joined: true, Exports: gr.exports, Members: members})
		}
	}
	return all
}

// deployments decides what belongs together, in the order of names: the configured ones first.
func (g *gatherer) deployments() []*Deployment {
	var all []*Deployment
	for _, id := range slices.Sorted(maps.Keys(g.groups)) {
		gr := g.groups[id]
		gr.prune()
		all = append(all, gr.deployments()...)
	}
	return all
}

// deployments returns none for a folder without exports of servers, and for one where all exports say the same: there is nothing to join.
func (gr *group) deployments() []*Deployment {
	members := sortedMembers(gr)
	all := []*Deployment{{Name: gr.name, Exports: gr.exports, Members: members}}
	switch {
	case gr.named != nil:
		all[0].Joined = true
		all[0].Why = "configured in " + gr.named.origin.String()
		for _, m := range members {
			glob, _ := gr.named.match(gr.policy.relative(m.File))
			m.Why = "matches " + glob
		}
	case len(members) < 2 || !slices.ContainsFunc(members, func(m *Member) bool { return m.Server }):
		return nil
	default:
		all = all[0].split()
	}
	for _, d := range all {
		d.Shared = sharedNodes(d.Members)
	}
	return all
}

// sortedMembers are the members of a group in the order of the run.
func sortedMembers(gr *group) []*Member { return slices.SortedFunc(maps.Values(gr.members), byPlace) }

func byPlace(a, b *Member) int {
	return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(a.File, b.File))
}

// split judges a folder. Members that name the same node are one piece, and a piece with both sides is a deployment. Where a
// folder has one such piece, the rest belongs to it: a directory server or an access list names no node, and a node name that is wrong is
// what the rules look for. Where it has several, it is unknown to which one the rest belongs.
func (d *Deployment) split() []*Deployment {
	pieces := piecesOf(d.Members)
	var whole []*Deployment
	var rest []*Member
	for _, p := range pieces {
		if !p.server || !p.client {
			rest = append(rest, p.members...)
			continue
		}
		for _, m := range p.members {
			m.Why = "names nodes that the other files name"
		}
		whole = append(whole, &Deployment{
			Name: d.Name, Joined: true, Why: "the files of the folder name the same nodes", Members: p.members, Exports: exports(p.members),
		})
	}
	slices.SortFunc(rest, byPlace)
	apart := ""
	switch len(whole) {
	case 0:
		d.Why = "no export of a server and export of a client name the same node"
		apart = "shares no node with the other files"
		whole = []*Deployment{{Name: d.Name, Why: d.Why, Exports: d.Exports}}
	case 1:
		for _, m := range rest {
			m.Why = "names no node of the other files; the folder has one cluster only"
		}
		whole[0].Members = slices.SortedFunc(slices.Values(slices.Concat(whole[0].Members, rest)), byPlace)
		whole[0].Exports = d.Exports
		return whole
	default:
		apart = fmt.Sprintf("names no node of the other files, and the folder has %d clusters", len(whole))
		for i, w := range whole {
			w.Name = fmt.Sprintf("%s#%d", d.Name, i+1)
			w.Why = fmt.Sprintf("files of the folder that name the same nodes: cluster %d of %d", i+1, len(whole))
		}
	}
	for _, m := range rest {
		m.Why = apart
	}
	whole[len(whole)-1].Apart = rest
	return whole
}

func exports(members []*Member) int {
	n := 0
	for _, m := range members {
		n += m.Exports
	}
	return n
}

// A piece is members that are linked by nodes.
type piece struct {
	members        []*Member
	server, client bool
}

// piecesOf finds the pieces, in the order of their first members.
func piecesOf(members []*Member) []*piece {
	root := make([]int, len(members))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for _, holders := range holdersOf(members) {
		for _, h := range holders[1:] {
			a, b := find(holders[0].member), find(h.member)
			root[max(a, b)] = min(a, b)
		}
	}
	var pieces []*piece
	at := make(map[int]*piece)
	for i, m := range members {
		p := at[find(i)]
		if p == nil {
			p = new(piece)
			at[find(i)] = p
			pieces = append(pieces, p)
		}
		p.members = append(p.members, m)
		p.server, p.client = p.server || m.Server, p.client || m.Client
	}
	return pieces
}

// A holder is a member that names a node.
type holder struct {
	member int
	fact   *Fact
}

// holdersOf lists who names which node, by the node's name. A bare host name stands for the full name that begins with it, if
// the servers name one such, or if they name none and the clients one.
func holdersOf(members []*Member) map[string][]holder {
	nodes := make(map[string][]holder)
	keys := append([]export.KeyID{export.ClusterNodeName, export.ClusterNodeAddress}, clientNodeKeys()...)
	for i, m := range members {
		for f := range m.All(keys...) {
			if name := NodeName(f.Value); name != "" {
				nodes[name] = append(nodes[name], holder{i, f})
			}
		}
	}
	foldBareNames(nodes, members)
	return nodes
}

// foldBareNames puts who names a bare host name to those who name the full one.
func foldBareNames(nodes map[string][]holder, members []*Member) {
	type candidates struct{ servers, all []string }
	full := make(map[string]candidates) // by first label
	for name, holders := range nodes {
		host, _, dotted := strings.Cut(name, ".")
		if !dotted || isAddress(name) {
			continue
		}
		c := full[host]
		c.all = append(c.all, name)
		if slices.ContainsFunc(holders, func(h holder) bool { return members[h.member].Server }) {
			c.servers = append(c.servers, name)
		}
		full[host] = c
	}
	for host, c := range full {
		if len(c.servers) > 0 {
			c.all = c.servers // a client's name may be the one that is wrong
		}
		if bare := nodes[host]; bare != nil && len(c.all) == 1 {
			nodes[c.all[0]] = append(nodes[c.all[0]], bare...)
			delete(nodes, host)
		}
	}
}

// sharedNodes lists the nodes that more than one member names, each with one place a member, those in exports of servers first.
func sharedNodes(members []*Member) []SharedNode {
	var shared []SharedNode
	nodes := holdersOf(members)
	for _, name := range slices.Sorted(maps.Keys(nodes)) {
		// Servers first: there are few of them, and they are what clients are compared with.
		holders := slices.SortedStableFunc(slices.Values(nodes[name]), func(a, b holder) int {
			switch one, other := members[a.member].Server, members[b.member].Server; {
			case one && !other:
				return -1
			case other && !one:
				return 1
			}
			return a.member - b.member
		})
		node := SharedNode{Name: name}
		last := -1
		for _, h := range holders {
			if h.member != last {
				node.Places = append(node.Places, h.fact.Related("%s", h.fact.Value))
				last = h.member
			}
		}
		if len(node.Places) > 1 {
			shared = append(shared, node)
		}
	}
	return shared
}

// NodeName brings the name of a node into the form in which names are compared: DNS knows no case, and exports have blanks around
// values and dots after names.
func NodeName(s string) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), "."))
}

// SameNode reports whether two names stand for one node as far as names tell: they are equal, or one is the bare host name of
// the other.
func SameNode(a, b string) bool {
	a, b = NodeName(a), NodeName(b)
	if a == b {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	return a != "" && !isAddress(b) && !strings.Contains(a, ".") && strings.HasPrefix(b, a+".")
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

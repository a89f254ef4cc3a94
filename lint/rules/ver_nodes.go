package rules

import (
	"slices"
	"strings"

	"cupclint/export/appliance"
	"cupclint/internal/release"
	"cupclint/lint"
)

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
	if n.row != nil { // tables of old releases have no column for it, and presence servers are known by their services
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
		{"cups", "cups"}, {"imp", "cups"}, {"cup", "cups"}, {"cucm", "callmanager"}, {"ccm", "callmanager"}, {"callmanager",
			"callmanager"}, {"cer", "cer"}, {"cuc", connection},
	} {
		if rest, ok := strings.CutPrefix(name, p.part); ok && (rest == "" || rest[0] < 'a' || strings.HasPrefix(rest, "pub") ||
			strings.HasPrefix(rest, "sub")) {
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

// groups lists the clusters of a product. Nodes without a table belong to the only cluster, or form one group if there are several.
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

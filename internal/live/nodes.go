package live

import (
	"strings"

	"cupclint/export"
)

// A Node is a node of a cluster that an export lists.
type Node struct {
	Host  string
	Place Place
}

// Nodes yields the nodes of cluster lists ("show network cluster", the table processnode, AXL) that are said to be of a product:
// callmanager or cups. Lists that do not say which product a node has yield none. A node without a name is named by its address. Everything
// is copied.
func Nodes(e *export.Export, product string) func(yield func(Node) bool) {
	return func(yield func(Node) bool) {
		names, addresses := numbered(e, export.ClusterNodeName), numbered(e, export.ClusterNodeAddress)
		for role := range e.All(export.ClusterNodeRole) {
			if !strings.EqualFold(role.Value, product) {
				continue
			}
			p := names[role.N]
			if p == nil {
				p = addresses[role.N]
			}
			if p != nil && !yield(Node{Host: strings.Clone(strings.TrimSpace(p.Value)), Place: PlaceOf(e, p)}) {
				return
			}
		}
	}
}

// numbered finds the first value of each member of an indexed key; blank ones do not count.
func numbered(e *export.Export, k export.KeyID) map[int]*export.Property {
	out := make(map[int]*export.Property)
	for p := range e.All(k) {
		if out[p.N] == nil && strings.TrimSpace(p.Value) != "" {
			out[p.N] = p
		}
	}
	return out
}

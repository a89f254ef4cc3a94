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

// CallManagers yields the nodes of cluster lists ("show network cluster", the table processnode, AXL) that are said to be call managers.
// Lists
// that do not say which product a node has yield none. A node without a name goes by its address. Everything is copied.
func CallManagers(e *export.Export) func(yield func(Node) bool) {
	return func(yield func(Node) bool) {
		for role := range e.All(export.ClusterNodeRole) {
			if role.Value != "callmanager" {
				continue
			}
			p := member(e, export.ClusterNodeName, role.N)
			if p == nil {
				p = member(e, export.ClusterNodeAddress, role.N)
			}
			if p != nil && !yield(Node{Host: strings.Clone(strings.TrimSpace(p.Value)), Place: PlaceOf(e, p)}) {
				return
			}
		}
	}
}

// member is the property of one member of an indexed key, nil where it has no value.
func member(e *export.Export, k export.KeyID, n int) *export.Property {
	for p := range e.All(k) {
		if p.N == n && strings.TrimSpace(p.Value) != "" {
			return p
		}
	}
	return nil
}

package collect

import (
	"cmp"
	"context"
	"net"
	"slices"
	"strings"
)

// widen adds the nodes that servers named, where that is allowed.
func (r *run) widen(ctx context.Context) {
	r.mu.Lock()
	found := slices.Clone(r.manifest.Nodes)
	r.mu.Unlock()
	var fresh []Node
	list := r.Request.named()
	listed := func(node string) bool {
		return slices.ContainsFunc(list, func(name string) bool { return same(name, node) })
	}
	r.unknown(list, found)
	for _, f := range found {
		if slices.ContainsFunc(r.nodes, func(n Node) bool { return n.Name == f.Name }) || f.NotContacted {
			continue
		}
		n := Node{Name: f.Name, Role: f.Role}
		switch {
		case r.Request.Found == FoundNone, list != nil && !listed(n.Name),
			r.Request.Found == FoundPublishers && n.Role != CUCMPublisher && !n.Role.Presence():
			r.node(n.Name, func(f *NodeFacts) { f.NotContacted = true })
		default:
			fresh = append(fresh, n)
		}
	}
	if len(fresh) == 0 || ctx.Err() != nil {
		return
	}
	slices.SortFunc(fresh, func(a, b Node) int { return cmp.Compare(a.Name, b.Name) })
	fresh = withPublisher(r.nodes, fresh)
	yes, stopped := r.Request.Yes || list != nil, r.halted() != ""
	if stopped {
		yes = false
	}
	if !yes && !stopped && r.Agree != nil {
		var err error
		if yes, err = r.Agree(ctx, fresh); err != nil {
			yes = false
		}
	}
	if yes {
		r.nodes = append(r.nodes, fresh...)
		return
	}
	var names []string
	for _, n := range fresh {
		names = append(names, n.Name)
		r.node(n.Name, func(f *NodeFacts) { f.NotContacted = true })
	}
	r.note("Found and not contacted: %s. Name them, or give --yes.", strings.Join(names, ", "))
}

// unknown notes nodes of --nodes that no server named: they are not asked, and the run is not complete.
func (r *run) unknown(list []string, found []NodeFacts) {
	for _, name := range list {
		if !slices.ContainsFunc(found, func(f NodeFacts) bool { return same(name, f.Name) }) {
			r.note("%s is in --nodes, and no server named it, so it was not asked. Give it as an address.", name)
			r.absent = true
		}
	}
}

// withPublisher takes the first presence server for the publisher where none is known to be it: call managers list all of them as
// subscribers.
func withPublisher(known, fresh []Node) []Node {
	isPublisher := func(n Node) bool { return n.Role == IMPPublisher }
	if slices.ContainsFunc(known, isPublisher) || slices.ContainsFunc(fresh, isPublisher) {
		return fresh
	}
	for i := range fresh {
		if fresh[i].Role.Presence() {
			fresh[i].Role, fresh[i].Assumed = IMPPublisher, true
			break
		}
	}
	return fresh
}

// same reports whether two names are one node: equal, or one is the first label of the other.
func same(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	if a == b {
		return true
	}
	short, long := a, b
	if len(short) > len(long) {
		short, long = long, short
	}
	return !strings.Contains(short, ".") && strings.HasPrefix(long, short+".")
}

// discovered takes in what a server says of a node. The names are those under which the server knows it.
func (r *run) discovered(role Role, names ...string) {
	names = slices.DeleteFunc(slices.Clone(names), func(s string) bool { return !validHost(strings.ToLower(s)) })
	if len(names) == 0 {
		return
	}
	if len(names) == 1 && !strings.Contains(names[0], ".") && !strings.Contains(names[0], ":") {
		// A bare host name: the nodes of a cluster are in one domain. Anyone who is asked for consent sees the whole name.
		if _, domain, ok := strings.Cut(r.Request.Nodes[0].Name, "."); ok && validHost(domain) && net.ParseIP(r.Request.Nodes[0].Name) == nil {
			names[0] += "." + domain
		}
	}
	if name, changed, known := r.tell(role, names); known {
		if changed {
			r.node(name, func(f *NodeFacts) { f.Role = role })
		}
		return
	}
	r.mu.Lock()
	for i := range r.manifest.Nodes {
		f := &r.manifest.Nodes[i]
		if slices.ContainsFunc(names, func(name string) bool { return same(name, f.Name) }) {
			f.Role = cmp.Or(f.Role, role)
			if !strings.Contains(f.Name, ".") && strings.Contains(names[0], ".") {
				f.Name = strings.ToLower(names[0]) // the whole name, which DNS knows
			}
			r.mu.Unlock()
			return
		}
	}
	r.mu.Unlock()
	r.node(strings.ToLower(names[0]), func(f *NodeFacts) { f.Role = role })
}

// tell gives a role to the node that has one of the names, if that was not known for sure. Several nodes are asked at the same time, and
// each of them lists all.
func (r *run) tell(role Role, names []string) (name string, changed, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.nodes {
		n := &r.nodes[i]
		if !slices.ContainsFunc(names, func(name string) bool { return same(name, n.Name) }) {
			continue
		}
		if changed = role != Unknown && (n.Role == Unknown || n.Assumed); changed {
			n.Role, n.Assumed = role, false
		}
		return n.Name, changed, true
	}
	return "", false, false
}

// role is what is known now of the role of a node.
func (r *run) role(of Node) Role {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.nodes {
		if r.nodes[i].Name == of.Name {
			return r.nodes[i].Role
		}
	}
	return of.Role
}

// node changes what is known of a node.
func (r *run) node(name string, f func(*NodeFacts)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.manifest.Nodes {
		if r.manifest.Nodes[i].Name == name {
			f(&r.manifest.Nodes[i])
			return
		}
	}
	r.manifest.Nodes = append(r.manifest.Nodes, NodeFacts{Name: name})
	f(&r.manifest.Nodes[len(r.manifest.Nodes)-1])
}

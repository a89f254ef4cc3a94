package collect

import (
	"context"
	"strings"

	"cupclint/internal/loginbudget"
)

// account says where a password is checked. The call manager and its presence servers have one list of users, so AXL and the client
// configuration service ask the cluster, whatever node is contacted, and a user of the directory may be asked for there. Accounts of the
// command line belong to a node. A node is known by each of its names and addresses, so that another name of it is the same account.
func (r *run) account(ctx context.Context, i Interface, node, user string, more ...string) loginbudget.Account {
	names := append([]string{node}, more...)
	if found, err := r.Prober.Lookup(ctx, node); err == nil { // the connection itself says what is wrong with the name
		for _, a := range found {
			names = append(names, a.String())
		}
	}
	if i == CLI {
		return loginbudget.Account{Scope: "node " + node, Same: prefixed("node ", names), Names: []string{user}}
	}
	r.mu.Lock()
	for _, n := range r.nodes {
		names = append(names, n.Name)
	}
	r.mu.Unlock()
	a := loginbudget.AtCallManager(user)
	a.Scope, a.Same, a.Also = "cluster of "+node, prefixed("cluster of ", names), append(a.Also, a.Scope)
	return a
}

func prefixed(what string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = what + strings.ToLower(n)
	}
	return out
}

// turn waits until no other node tries the account, where it is not known yet whether its password is right: the first refusal ends the
// account. It returns what ends the turn.
func (r *run) turn(ctx context.Context, user string) (end func(), err error) {
	user = strings.ToLower(user)
	r.mu.Lock()
	t := r.turns[user]
	if t == nil {
		t = make(chan struct{}, 1)
		r.turns[user] = t
	}
	proven := r.proven[user]
	r.mu.Unlock()
	if proven {
		return func() {}, nil
	}
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

package ldapcheck

import (
	"context"
	"slices"
	"strings"

	"cupclint/internal/live"
)

// ProbeAll probes the servers side by side, at most jobs at a time, and returns the observations in the order of the
// requests. done, when not nil, is told of each as it ends; it is never called twice at once. Requests for one account
// wait for each other where they log in: see loginbudget.
func (c *Checker) ProbeAll(ctx context.Context, requests []Request, jobs int, done func(*Observation)) []*Observation {
	return live.All(ctx, requests, jobs, c.Probe, done)
}

// Merge drops requests that ask the same of the same server in the same role: many exports of one deployment name one server.
// The first of them stays, with its place. Two passwords for one account stay apart: the budget lets one of them be tried.
func Merge(requests []Request) []Request {
	var out []Request
	for _, r := range requests {
		if !slices.ContainsFunc(out, func(e Request) bool { return e.covers(&r) }) {
			out = append(out, r)
		}
	}
	return out
}

func (r *Request) covers(o *Request) bool {
	return strings.EqualFold(r.Target.Host, o.Target.Host) && r.Target.Port == o.Target.Port && r.Target.Security == o.Target.Security &&
		r.Role == o.Role && r.Anonymous == o.Anonymous && r.Filter == o.Filter &&
		strings.EqualFold(r.Login.DN, o.Login.DN) && (!o.Login.Password.Set() || r.Login.Password.Equal(o.Login.Password)) &&
		slices.Equal(r.Bases, o.Bases) && slices.Equal(r.Attributes, o.Attributes)
}

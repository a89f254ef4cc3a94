package area

import (
	"cupclint/internal/live"
	"cupclint/internal/probe"
)

// A Row is one target of a plan, for people and for JSON.
type Row struct {
	Area string `json:"area"`
	// Target is host and port as configured; for names in DNS the resolver that is asked.
	Target string `json:"target"`
	// Transport is TCP, TLS, StartTLS or UDP.
	Transport string `json:"transport"`
	// Use says what the deployment uses the target for.
	Use string `json:"use"`
	// Account is who would log in; empty if there is no log-in. LogIn says whether that is tried, or why not.
	Account string `json:"account,omitempty"`
	LogIn   string `json:"logIn"`
	// Auditor is the account that logs in before it, to read its policy and state.
	Auditor string `json:"auditor,omitempty"`
	// Scope tells accounts of the same name apart.
	Scope string     `json:"-"`
	Tried bool       `json:"tried"`
	Place live.Place `json:"place,omitzero"`
}

// What a Row says about its log-in.
const (
	loginNone      = "none"
	loginAnonymous = "anonymous"
	loginOnce      = "once"
	loginNoSecret  = "none: no password is known"
)

// RowTo begins the row of a server.
func RowTo(t probe.Target, use, rank string, place live.Place) Row {
	r := Row{Target: probe.Clean(t.String()), Use: use, LogIn: loginNone, Place: place}
	if rank != "" {
		r.Use += " (" + rank + ")"
	}
	switch {
	case t.Network == "udp":
		r.Transport = "UDP"
	case t.Security == probe.ImplTLS:
		r.Transport = "TLS"
	case t.Security == probe.StartTLS:
		r.Transport = "StartTLS"
	default:
		r.Transport = "TCP"
	}
	return r
}

// with says how the target is logged in to.
func (r Row) with(l Login) Row {
	r.Scope = l.Scope
	switch {
	case l.User == nil:
		return r
	case l.Anonymous || *l.User == "":
		if l.Anonymous {
			r.LogIn = loginAnonymous
		}
		return r
	case !l.Secret.Set():
		r.LogIn = loginNoSecret
	default:
		r.LogIn, r.Tried = loginOnce, true
	}
	r.Account = probe.Clean(*l.User)
	return r
}

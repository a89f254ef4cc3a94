// Package invite follows an INVITE for phone control from Office Communications Server (OCS) through the presence server to
// CTIManager, hop by hop, as far as a description of the deployment tells. An export goes in; the hops come out, each with a verdict,
// and for one that stops the reason and the fix of the rule that knows it.
//
// Nothing is looked up or sent. What a rule already judges is asked of the rule, so that lint and this package never disagree.
//
// Sources: UC Corner, "OCS and remote call control" and "SIP domain and DNS domain", 2009; RFC 3261.
package invite

import (
	"fmt"
	"strings"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
	"cupclint/resolve"
)

// A Verdict says whether the INVITE gets past a hop.
type Verdict string

// The verdicts.
const (
	Passes  Verdict = "passes"
	Stops   Verdict = "stops"
	Unknown Verdict = "unknown" // the description lacks what it takes to tell
)

// A Hop is one step of the way.
type Hop struct {
	Name    string  `json:"name"`
	From    string  `json:"from"`
	To      string  `json:"to"`
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why"`
	// Rule and Fix are those of the finding that stops it.
	Rule string `json:"rule,omitempty"`
	Fix  string `json:"fix,omitempty"`
}

// A Journey is the way of one INVITE.
type Journey struct {
	URI  string `json:"uri"`
	User int    `json:"user,omitempty"` // the number of the OCS user it was taken from
	Hops []Hop  `json:"hops"`
	// Arrives says that no hop stops it. With unknown hops that is not certain.
	Arrives bool `json:"arrives"`
}

// Stop is the first hop that stops the INVITE, or nil.
func (j *Journey) Stop() *Hop {
	for i := range j.Hops {
		if j.Hops[i].Verdict == Stops {
			return &j.Hops[i]
		}
	}
	return nil
}

// URIs are the server URIs of the OCS users in the description, with their numbers.
func URIs(e *export.Export) (uris []string, users []int) {
	for p := range e.All(export.OCSUserServerURI) {
		if p.Value != "" {
			uris, users = append(uris, p.Value), append(users, p.N)
		}
	}
	return uris, users
}

// Follow follows an INVITE to the URI. user is the number of the OCS user it is of, or 0.
func Follow(e *export.Export, uri string, user int) Journey {
	f := &follower{in: lint.NewInput(e), uri: uri, user: user, proxy: rules.ProxyOf(e), rules: rules.All()}
	f.frontEnd, f.node = f.names()
	j := Journey{URI: resolve.RedactURI(uri), User: user,
		Hops: []Hop{f.addresses(), f.route(), f.accessList(), f.domain(), f.gateway(), f.answer(), f.wayBack()}}
	j.Arrives = j.Stop() == nil
	return j
}

type follower struct {
	in       *lint.Input
	uri      string
	user     int
	proxy    resolve.Proxy
	rules    []*lint.Rule
	frontEnd string
	node     string
}

// names are what the two servers are called in the text.
func (f *follower) names() (frontEnd, node string) {
	frontEnd, node = "the OCS front end", "the presence server"
	for _, k := range []export.KeyID{export.OCSFrontEndAddress, export.OCSFrontEndName} {
		for p := range f.in.All(k) {
			frontEnd = "the OCS front end " + p.Value
			break
		}
	}
	if len(f.proxy.Nodes) > 0 {
		node = "the presence server " + f.proxy.Nodes[0]
	}
	return frontEnd, node
}

// judged gives the hop the verdict of the rules: the first finding of weight stops it.
func (f *follower) judged(h Hop, ids ...string) Hop {
	for _, id := range ids {
		r, err := lint.Find(f.rules, id)
		if err != nil {
			continue
		}
		for _, found := range r.Judge(f.in) {
			if found.Severity < lint.Warning || !f.concerns(&found) {
				continue
			}
			h.Verdict, h.Rule, h.Why, h.Fix = Stops, found.Rule, found.Message, found.Fix
			return h
		}
	}
	return h
}

// concerns leaves out findings about another user.
func (f *follower) concerns(found *lint.Finding) bool {
	if !strings.HasPrefix(found.Key, "OCS.User.") {
		return true
	}
	return f.user != 0 && strings.HasPrefix(found.Key, fmt.Sprintf("OCS.User.%d.", f.user))
}

func (f *follower) has(keys ...export.KeyID) bool {
	for _, k := range keys {
		if p := f.in.Get(k); p != nil {
			return true
		}
		for range f.in.All(k) {
			return true
		}
	}
	return false
}

func (f *follower) addresses() Hop {
	h := Hop{Name: "addresses", From: "Communicator", To: f.frontEnd, Verdict: Passes, Why: "the server URI can be sent to"}
	if _, err := resolve.ParseURI(f.uri); err != nil {
		h.Verdict, h.Why = Stops, err.Error()
		h.Rule, h.Fix = "OCS003", "Write it as sip:NUMBER@DOMAIN."
		return h
	}
	return f.judged(h, "OCS004")
}

// route is OCS's own static route.
func (f *follower) route() Hop {
	h := Hop{Name: "static route on OCS", From: f.frontEnd, To: f.node, Verdict: Unknown,
		Why: "the static routes of OCS are not described (OCS.StaticRoute.1.Domain ...)"}
	u, err := resolve.ParseURI(f.uri)
	if err != nil {
		h.Why = "the URI cannot be read"
		return h
	}
	some := false
	for p := range f.in.All(export.OCSStaticRouteDomain) {
		some = true
		if !strings.EqualFold(p.Value, u.Host) {
			continue
		}
		next := ""
		for n := range f.in.All(export.OCSStaticRouteNextHop) {
			if n.N == p.N {
				next = n.Value
			}
		}
		if f.isPresenceServer(next) {
			h.Verdict, h.Why = Passes, fmt.Sprintf("static route %d sends the domain %s to %s", p.N, p.Value, next)
			return h
		}
		h.Verdict, h.Why = Stops, fmt.Sprintf("static route %d sends the domain %s to %q, which is not a presence server of the description", p.N,
			p.Value, next)
		h.Fix = "Set the next hop of the route to the presence server."
		return h
	}
	if some {
		h.Verdict, h.Why = Stops, fmt.Sprintf("no static route of OCS is for the domain %q of the server URI: OCS looks for it in DNS", u.Host)
		h.Fix = "Add a static route for the domain on OCS, to the presence server, over the transport that it listens on."
	}
	return h
}

func (f *follower) isPresenceServer(host string) bool {
	if host == "" {
		return false
	}
	for p := range f.in.All(export.ClusterNodeAddress) {
		if p.Value == host {
			return true
		}
	}
	for _, n := range f.proxy.Nodes {
		if strings.EqualFold(n, host) || len(host) > len(n) && host[len(n)] == '.' && strings.EqualFold(n, host[:len(n)]) {
			return true
		}
	}
	return false
}

func (f *follower) accessList() Hop {
	h := Hop{Name: "incoming ACL", From: f.frontEnd, To: f.node, Verdict: Passes,
		Why: "the incoming ACL covers every front end: no digest credential is asked for"}
	if !f.has(export.OCSFrontEndAddress) {
		h.Verdict, h.Why = Unknown, "the addresses of the front ends are not described (OCS.FrontEnd.1.Address ...)"
		return h
	}
	return f.judged(h, "OCS001")
}

// domain is whether the presence server takes the request for its own.
func (f *follower) domain() Hop {
	h := Hop{Name: "whose domain", From: f.node, To: "itself", Verdict: Unknown,
		Why: "the presence server's names are not described (SIPProxy.Domain, Cluster.Node.1.Name ...)"}
	u, err := resolve.ParseURI(f.uri)
	if err != nil || f.proxy.SIPDomain == "" && len(f.proxy.Nodes) == 0 {
		return h
	}
	routes, _, err := rules.StaticRoutesOf(f.in.Export)
	if err != nil {
		h.Why = err.Error()
		return h
	}
	next := resolve.NextHop(u, f.proxy, routes)
	for _, c := range next.Candidates {
		if c.Taken {
			h.Why = c.Target + ": " + c.Why
		}
	}
	if next.Hop == resolve.LocalHop {
		h.Verdict = Passes
		return h
	}
	h.Verdict, h.Rule, h.To = Stops, "OCS003", string(next.Hop)
	if next.Static != nil {
		h.To = next.Static.NextHop
	}
	h.Why = fmt.Sprintf("the presence server does not treat the domain %q as its own, so it forwards the request (%s) instead of sending it "+
		"to the phone; %s", u.Host,
		next.Hop, h.Why)
	h.Fix = "Use a server URI whose domain is the SIP domain, a node name or an alias of the presence server."
	return h
}

func (f *follower) gateway() Hop {
	h := Hop{Name: "CTI gateway", From: f.node, To: "CTIManager", Verdict: Passes,
		Why: "the application user is in both groups that CTIManager asks for"}
	if !f.has(export.CTIGatewayApplicationUser) {
		h.Verdict, h.Why = Unknown, "the application user is not described (CTIGateway.ApplicationUser ...)"
		return h
	}
	return f.judged(h, "OCS006")
}

func (f *follower) answer() Hop {
	h := Hop{Name: "answer", From: f.node, To: f.frontEnd, Verdict: Passes, Why: "the presence server's address is in the host authorization"}
	if !f.has(export.OCSHostAuthorization) {
		h.Verdict, h.Why = Unknown, "the host authorization is not described (OCS.HostAuthorization.1 ...)"
		return h
	}
	return f.judged(h, "OCS002")
}

func (f *follower) wayBack() Hop {
	h := Hop{Name: "way back", From: f.node, To: "the OCS pool", Verdict: Passes, Why: "the pool name leads directly to a front end"}
	if !f.has(export.OCSPoolAddress, export.OCSPoolLoadBalancer) {
		h.Verdict, h.Why = Unknown, "what the pool name resolves to is not described (OCS.Pool.Address, OCS.Pool.LoadBalancer)"
		return h
	}
	return f.judged(h, "OCS005")
}

package uds

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
	"cupclint/resolve"
)

//go:embed facts.tsv
var facts string

// Area is the nodes with the user data service as a live area.
func Area() *area.Service[Request, Observation] {
	return area.New(area.Service[Request, Observation]{
		About: area.Info{
			Name: "uds", Command: "uds", Facts: facts, Generation: resolve.XMPP, Rules: Rules(), Unreachable: ruleUnreachable.Rule(),
			Link: area.Link{Order: 1, Name: "User data " +
				"(UDS)", Protocol: "HTTPS", Keys: []string{"Jabber.Directory.UdsServer"}, Areas: []string{"uds"}},
			Host: "Jabber.Directory.UdsServer", Ports: &area.Ports{TLS: Port},
			Metrics: []*area.Metric{metricListed, metricFound, area.LoginAccepted, area.LoginHeld},
		},
		// Clients of the SIP generation know no UDS; Unified CM has it from release 9.0 on.
		Requests: func(in *lint.Input) ([]Request, area.Known) {
			if in.Generation != resolve.XMPP {
				return nil, area.Known{}
			}
			return FromExport(in.Export), area.Known{}
		},
		Reads:    area.KeysOf("Jabber.Directory.UdsServer", "Cluster.Node."),
		Same:     func(r *Request) string { return fmt.Sprintf("%s%q", area.SameTarget(r.Target), r.User) },
		Describe: func(r *Request) area.Row { return area.RowTo(r.Target, "home cluster, user data", r.Rank, r.Place) },
		Login:    func(r *Request) area.Login { return area.Login{User: &r.User, Secret: &r.Password} },
		Target:   func(r *Request) *probe.Target { return &r.Target },
		Outside:  func(r *Request) { r.Password = loginbudget.Secret{} },
		Probe: func(ctx context.Context, t area.Tools, r Request) *Observation {
			c := &Checker{
				Prober: t.Prober, Budget: t.Budget, TrustAnyCertificate: t.TrustAnyCertificate,
				OldTLS: t.OldTLS, AssumePolicy: t.AssumePolicy, WebProxy: t.WebProxy,
			}
			return c.Probe(ctx, r)
		},
		Judged: func(seen []*Observation, k area.Known) []lint.Finding {
			return Judge(seen, JudgeOptions{CertificateSoon: k.CertificateSoon})
		},
	})
}

// Seen implements area.Observation.
func (o *Observation) Seen() []area.Seen {
	s := area.SeenServer(&o.Observation, o.Place, o.Summary(), o.Incomplete)
	if o.Login != nil && o.Login.Blind {
		s[0].Blind = []string{o.Login.User}
	}
	s[0].Unasked = lint.LiveRules(live.RuleWebProxy) // the environment need not repeat what the system sets
	if o.ClusterUser == nil {
		s[0].Unasked = append(s[0].Unasked, lint.LiveRules(ruleNotHome, ruleTwoHomes)...)
	}
	if o.Login == nil {
		s[0].Unasked = append(s[0].Unasked, lint.LiveRules(ruleLogin, ruleForbidden, ruleAssignment)...)
	}
	return s
}

// TargetOf is the target of a node; port 0 means 8443.
func TargetOf(host string, port int) probe.Target {
	if port == 0 {
		port = Port
	}
	return probe.Target{Host: host, Port: port, Security: probe.ImplTLS}
}

// FromExport finds the nodes with the user data service that an export names: the key UdsServer of Jabber's files, and the call manager's
// nodes of cluster lists that say which nodes these are. Everything is copied; the export may be dropped.
func FromExport(e *export.Export) []Request {
	var out []Request
	for p := range e.All(export.JabberDirectoryUdsServer) {
		if host := strings.TrimSpace(p.Value); host != "" {
			out = append(out, Request{Target: TargetOf(strings.Clone(host), 0), Rank: "UdsServer", Place: live.PlaceOf(e, p)})
		}
	}
	for n := range live.Nodes(e, "callmanager") {
		out = append(out, Request{Target: TargetOf(n.Host, 0), Rank: "cluster node", Place: n.Place})
	}
	return out
}

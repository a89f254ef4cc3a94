package xmpp

import (
	"context"
	_ "embed"
	"strings"

	"cupclint/internal/area"
	"cupclint/internal/probe"
	"cupclint/lint"
	"cupclint/resolve"
)

//go:embed facts.tsv
var facts string

// Servers are the presence servers of the XMPP generation as a live area.
func Servers() *Area {
	a := new(Area)
	a.Service = area.New(area.Service[Request, Observation]{
		About: area.Info{
			Name: areaName, Command: "xmpp", Facts: facts, Generation: resolve.XMPP, Rules: Rules(), Unreachable: ruleUnreachable.Rule(),
			Link: area.Link{
				Order: 2, Name: "Presence and IM", Protocol: "XMPP",
				Keys: []string{"Jabber.Presence.", "Jabber.Bootstrap.CupAddress", "Jabber.Directory.PresenceDomain"}, Areas: []string{areaName},
			},
			Host: "Jabber.Presence.PresenceServerAddress", Ports: &area.Ports{Plain: Port, TLS: PortTLS, StartTLS: true},
			Metrics: []*area.Metric{area.LoginAccepted, area.LoginHeld},
		},
		Requests: func(in *lint.Input) ([]Request, area.Known) { return FromExport(in), area.Known{} },
		Same: func(r *Request) string {
			return area.SameTarget(TargetOf(r.Target)) + strings.ToLower(r.Domain.Name) + "\n" + strings.ToLower(r.Login.User)
		},
		Describe: func(r *Request) area.Row {
			use := "presence and IM"
			if r.Domain.Name != "" {
				use += " for " + clean(r.Domain.Name)
			}
			if r.Domain.Assumed != "" {
				use += " (presence domain not known: " + clean(r.Domain.Assumed) + ")"
			}
			return area.RowTo(TargetOf(r.Target), use, r.Rank, r.Place)
		},
		Login:   func(r *Request) area.Login { return area.Login{User: &r.Login.User, Secret: &r.Login.Password} },
		Target:  func(r *Request) *probe.Target { return &r.Target },
		Outside: func(r *Request) { r.Login = Login{} },
		Probe: func(ctx context.Context, t area.Tools, r Request) *Observation {
			c := Checker{Prober: t.Prober, Budget: t.Budget, TrustAnyCertificate: t.TrustAnyCertificate, OldTLS: t.OldTLS,
				AssumePolicy: t.AssumePolicy}
			return c.Probe(ctx, r)
		},
		Judged: func(seen []*Observation, k area.Known) []lint.Finding {
			return Judge(seen, JudgeOptions{CertificateSoon: k.CertificateSoon})
		},
	})
	return a
}

// An Area is a service whose servers and domains are often in different exports: they are joined at the end.
type Area struct {
	*area.Service[Request, Observation]
}

// NewGatherer implements area.Area.
func (a *Area) NewGatherer() area.Gatherer {
	return &gatherer{area: a, groups: make(map[string]*group)}
}

// Seen implements area.Observation.
func (o *Observation) Seen() []area.Seen {
	s := area.SeenServer(&o.Observation, o.Place, o.Summary(), o.Incomplete)
	if o.Domain.Place.Key != "" {
		s[0].Keys = append(s[0].Keys, o.Domain.Place.Key)
	}
	if o.Login != nil && o.Login.Blind {
		s[0].Blind = []string{o.Login.User}
	}
	if l := o.Login; l == nil || l.NotMade != "" {
		s[0].Unasked = lint.LiveRules(ruleLogin)
	}
	return s
}

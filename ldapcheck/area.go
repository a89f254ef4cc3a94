package ldapcheck

import (
	"context"
	_ "embed"
	"strconv"
	"strings"

	"cupclint/internal/area"
	"cupclint/internal/probe"
	"cupclint/lint"
)

//go:embed facts.tsv
var facts string

// Area is the directory as a live area.
func Area() *area.Service[Request, Observation] {
	return area.New(area.Service[Request, Observation]{
		About: area.Info{
			Name: "directory", Command: "ldap", Rules: Rules(), Facts: facts, Shared: lint.LiveRules(ruleGCAttribute),
			Unreachable: ruleUnreachable.Rule(),
			Link:        area.Link{Order: 5, Name: "Directory", Protocol: "LDAP", Keys: []string{"Directory."}, Areas: []string{"directory"}},
			Host:        "Directory.Primary.Address", Ports: &area.Ports{Plain: portLDAP, TLS: portLDAPS, AlsoTLS: []int{portGCTLS}},
			Metrics: metrics(),
			Note: "If a directory answers with referrals, it is asked once more on its Global Catalog ports, 3268 and 3269 (with TLS if the " +
				"deployment uses it).",
		},
		Requests: func(in *lint.Input) ([]Request, area.Known) {
			d := FromExport(in.Export)
			return d.Requests, area.Known{Clients: d.Clients, RetryInterval: d.RetryInterval}
		},
		Reads: area.KeysOf("Directory.", "Jabber.Directory.", "CUCM.LDAP", "UCService."),
		Same: func(r *Request) string {
			bases := make([]string, 0, 8)
			for _, b := range r.Bases {
				bases = append(bases, b.DN, strconv.FormatBool(b.Recursive))
			}
			return area.SameTarget(r.Target) + area.Joined(string(r.Role), strconv.FormatBool(r.Anonymous), r.Filter,
				strings.ToLower(r.Login.DN), area.Joined(bases...), area.Joined(r.Attributes...))
		},
		Describe: func(r *Request) area.Row {
			row := area.RowTo(r.Target, r.Role.Text(), r.Rank, r.Place)
			row.Auditor = probe.Clean(r.Auditor.DN)
			return row
		},
		Login: func(r *Request) area.Login {
			return area.Login{User: &r.Login.DN, Secret: &r.Login.Password, Anonymous: r.Anonymous || r.Login.DN == "",
				Auditor: &r.Auditor.DN, AuditorSecret: &r.Auditor.Password, OnlyAudit: &r.AuditOnly}
		},
		Target: func(r *Request) *probe.Target { return &r.Target },
		// Most directories refuse a search without a log-in, so there is no base to judge.
		Outside: func(r *Request) { r.Login, r.Auditor, r.Anonymous, r.Bases = Login{}, Login{}, true, nil },
		Probe: func(ctx context.Context, t area.Tools, r Request) *Observation {
			c := Checker{Prober: t.Prober, Budget: t.Budget, TrustAnyCertificate: t.TrustAnyCertificate, AssumePolicy: t.AssumePolicy}
			return c.Probe(ctx, r)
		},
		Judged: func(seen []*Observation, k area.Known) []lint.Finding {
			return Judge(seen, JudgeOptions{Clients: k.Clients, RetryInterval: k.RetryInterval, Soon: k.Soon, CertificateSoon: k.CertificateSoon})
		},
	})
}

// Seen implements area.Observation.
func (o *Observation) Seen() []area.Seen {
	s := area.SeenServer(&o.Observation, o.Place, o.Summary(), o.Incomplete)
	for _, b := range []*Bind{o.Auditor, o.Bind} {
		if b != nil && b.Blind {
			s[0].Blind = append(s[0].Blind, b.DN)
		}
	}
	if o.Bind == nil {
		s[0].Unasked = append(s[0].Unasked, lint.LiveRules(ruleBind)...)
	}
	if len(o.Bases) == 0 {
		s[0].Unasked = append(s[0].Unasked, lint.LiveRules(ruleReferral, ruleBase, ruleEmpty)...)
	}
	if o.Account == nil {
		s[0].Unasked = append(s[0].Unasked, lint.LiveRules(ruleLocked, ruleExpiry)...)
	}
	return s
}

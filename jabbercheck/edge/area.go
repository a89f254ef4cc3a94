package edge

import (
	"context"
	_ "embed"
	"strings"

	"cupclint/dnscheck"
	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/live"
	"cupclint/lint"
	"cupclint/resolve"
)

//go:embed facts.tsv
var facts string

const areaName = "edge"

// Domains are the domains of service discovery as a live area. o says how names are asked for, inside and outside; it is read when
// a domain is probed, and may be nil if nothing is probed.
func Domains(o *dnscheck.Options) *area.Service[Request, Observation] {
	return area.New(area.Service[Request, Observation]{
		About: area.Info{
			Name: areaName, Command: areaName, Facts: facts, Generation: resolve.XMPP, Rules: Rules(), Unreachable: ruleUnreachable.Rule(),
			Host: "Jabber.Bootstrap.VoiceServicesDomain", Metrics: []*area.Metric{metricRecord, metricPort, metricHost},
			Link: area.Link{Order: 9, Name: "Expressway-E", Protocol: "MRA", Areas: []string{areaName}},
		},
		Requests: func(in *lint.Input) ([]Request, area.Known) { return FromInput(in), area.Known{} },
		Reads: area.KeysOf("Jabber.Client.VoiceServicesDomain", "Jabber.Bootstrap.", "Jabber.Directory.PresenceDomain",
			"Presence.Domain"),
		Same:     func(r *Request) string { return strings.ToLower(strings.TrimSuffix(r.Domain, ".")) },
		Describe: func(r *Request) area.Row { return r.row(o) },
		Probe: func(ctx context.Context, t area.Tools, r Request) *Observation {
			c := Checker{Prober: t.Prober}
			if o != nil {
				c.Names = *o
			}
			return c.Probe(ctx, r)
		},
		Judged: func(seen []*Observation, known area.Known) []lint.Finding { return Judge(seen, known.CertificateSoon) },
	})
}

// row describes the request in a plan: which views are asked.
func (r *Request) row(o *dnscheck.Options) area.Row {
	row := area.Row{Area: areaName, Target: edgeRecord + r.Domain, Transport: "UDP, TCP, TLS", LogIn: "none", Place: r.Place}
	switch {
	case o != nil && len(o.Outside) > 0:
		row.Use = "Mobile and Remote Access, asked inside and outside (" + resolvers(o.Outside) + ")"
	case o != nil && o.View == dnscheck.ViewOutside:
		row.Use = "Mobile and Remote Access, asked as clients outside do"
	default:
		row.Use = "Mobile and Remote Access, asked in one view only: use --outside to name a resolver that clients outside use"
	}
	return row
}

// FromInput finds the domains whose discovery records the clients of an export ask for: VoiceServicesDomain, which replaces the
// services domain for these records; else the services domain; else, for clients of the XMPP generation, the presence domain.
// Everything is copied.
func FromInput(in *lint.Input) []Request {
	for _, keys := range [...][]export.KeyID{
		{export.JabberClientVoiceServicesDomain, export.JabberBootstrapVoiceServicesDomain},
		{export.JabberBootstrapServicesDomain},
		{export.JabberDirectoryPresenceDomain, export.PresenceDomain},
	} {
		var out []Request
		for _, key := range keys {
			p := in.Get(key)
			if p == nil || in.Generation != resolve.XMPP {
				continue
			}
			domain := strings.TrimSpace(p.Value)
			if Usable(domain) {
				out = append(out, Request{Domain: strings.Clone(domain), Place: live.PlaceOf(in.Export, p)})
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// Usable reports whether service discovery can be tried in a domain; JAB013 says what is wrong with others.
func Usable(domain string) bool {
	return domain != "" && !strings.EqualFold(domain, "NOT_SPECIFIED") && resolve.HostnameProblem(domain) == "" &&
		strings.Contains(strings.Trim(domain, "."), ".") &&
		!isAddress(domain)
}

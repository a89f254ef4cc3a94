package sipcheck

import (
	"context"
	_ "embed"

	"cupclint/internal/area"
	"cupclint/internal/probe"
	"cupclint/lint"
	"cupclint/resolve"
)

//go:embed facts_cti.tsv
var factsCTI string

//go:embed facts_sip.tsv
var factsSIP string

// Servers are the presence servers as a live area.
func Servers() *area.Service[SIPRequest, SIPObservation] {
	return area.New(area.Service[SIPRequest, SIPObservation]{
		About: area.Info{
			Name: "sip", Command: "sip", Facts: factsSIP, Generation: resolve.SIP,
			Rules: lint.LiveRules(ruleUnreachable, ruleChallenged, ruleOpen, ruleRealm,
				ruleRefused, ruleCertificate),
			Unreachable: ruleUnreachable.Rule(),
			Link: area.Link{Order: 2, Name: "Presence node", Protocol: "SIP", Keys: []string{"Presence.", "SIPProxy.", "User.Digest"},
				Areas: []string{"presence", "sip"}},
			Host: "Presence.Primary.Address", Ports: &area.Ports{Plain: portSIP, TLS: portSIPS, AlsoTLS: []int{portPeerTLS}, UDP: portSIP},
			Metrics: []*area.Metric{metricStatus, area.LoginAccepted, area.LoginHeld},
			Note:    "If a presence server accepts the digest credential, it holds a registration for a moment. The probe removes it again.",
		},
		// Clients of the XMPP generation find the server by DNS and speak XMPP to it: no client registers to that address.
		Requests: func(in *lint.Input) ([]SIPRequest, area.Known) {
			if in.Generation == resolve.XMPP {
				return nil, area.Known{}
			}
			requests, login := servers(in.Export), LoginOf(in.Export)
			for i := range requests {
				requests[i].Login = login
			}
			return requests, area.Known{}
		},
		Reads: area.KeysOf("Presence.", "SIPProxy.", "User."),
		Same: func(r *SIPRequest) string {
			user := r.Login.User
			if !r.Login.Credential.Set() {
				user = "" // the name is only asked for, and one name shows as much as a thousand
			}
			return area.SameTarget(r.Target) +
				area.Joined(r.Address, user, r.Facts.Credential, r.Facts.Module, r.Facts.Domain, area.Joined(r.Facts.ACL...))
		},
		Describe: func(r *SIPRequest) area.Row { return area.RowTo(r.Target, "presence", r.Rank, r.Place) },
		Login: func(r *SIPRequest) area.Login {
			return area.Login{User: &r.Login.User, Secret: &r.Login.Credential, Scope: "digest"}
		},
		Target:  func(r *SIPRequest) *probe.Target { return &r.Target },
		Outside: func(r *SIPRequest) { r.Login = Login{User: r.Login.User} },
		Probe: func(ctx context.Context, t area.Tools, r SIPRequest) *SIPObservation {
			return checker(t).ProbeSIP(ctx, r)
		},
		Judged: func(seen []*SIPObservation, k area.Known) []lint.Finding {
			return Judge(seen, nil, JudgeOptions{CertificateSoon: k.CertificateSoon})
		},
	})
}

// Managers are the CTIManagers as a live area.
func Managers() *area.Service[CTIRequest, CTIObservation] {
	return area.New(area.Service[CTIRequest, CTIObservation]{
		About: area.Info{
			Name: "cti", Command: "sip", Facts: factsCTI, Rules: lint.LiveRules(ruleCTI), Unreachable: ruleCTI.Rule(),
			// A referral for CUCM's LDAP authentication shows on the desk phone.
			Link: area.Link{Order: 4, Name: "Desk phone", Protocol: "CTI", Keys: []string{"CUCM.LDAP", "CallControl.", "CTIGateway."},
				Areas: []string{"cti"}},
			Host: "CallControl.Primary.Address", Ports: &area.Ports{Plain: portCTI, TLS: portCTITLS}, Metrics: []*area.Metric{metricHeld},
		},
		Requests: func(in *lint.Input) ([]CTIRequest, area.Known) { return managers(in.Export), area.Known{} },
		Reads:    area.KeysOf("CallControl.", "Jabber.Phone.CtiServer", "Jabber.Bootstrap.Cti", "UCService.", "Cluster.Node."),
		Same:     func(r *CTIRequest) string { return area.SameTarget(r.Target) },
		Target:   func(r *CTIRequest) *probe.Target { return &r.Target },
		Fallback: func(r *CTIRequest) bool { return r.Listed },
		Describe: func(r *CTIRequest) area.Row { return area.RowTo(r.Target, "desk phone", r.Rank, r.Place) },
		Probe: func(ctx context.Context, t area.Tools, r CTIRequest) *CTIObservation {
			if r.Hold == 0 {
				r.Hold = t.Hold
			}
			return checker(t).ProbeCTI(ctx, r)
		},
		Judged: func(seen []*CTIObservation, k area.Known) []lint.Finding {
			return Judge(nil, seen, JudgeOptions{CertificateSoon: k.CertificateSoon})
		},
	})
}

func checker(t area.Tools) *Checker {
	return &Checker{Prober: t.Prober, Budget: t.Budget, TrustAnyCertificate: t.TrustAnyCertificate, AssumePolicy: t.AssumePolicy}
}

// Seen implements area.Observation.
func (o *SIPObservation) Seen() []area.Seen {
	s := area.SeenServer(&o.Observation, o.Place, o.Summary(), o.Incomplete)
	if o.Login != nil && o.Login.Blind {
		s[0].Blind = []string{o.Login.User}
	}
	return s
}

// Seen implements area.Observation.
func (o *CTIObservation) Seen() []area.Seen {
	return area.SeenServer(&o.Observation, o.Place, o.Summary(), o.Incomplete)
}

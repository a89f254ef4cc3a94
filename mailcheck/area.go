package mailcheck

import (
	"context"
	_ "embed"
	"strings"

	"cupclint/internal/area"
	"cupclint/internal/probe"
	"cupclint/lint"
)

//go:embed facts_calendar.tsv
var factsCalendar string

//go:embed facts_mail.tsv
var factsMail string

// Stores are the mail stores of voicemail as a live area.
func Stores() *area.Service[IMAPRequest, IMAPObservation] {
	return area.New(area.Service[IMAPRequest, IMAPObservation]{
		About: area.Info{
			Name: "mail", Command: "mail", Facts: factsMail, Rules: lint.LiveRules(ruleIMAP, ruleDisabled, ruleNoStartTLS, ruleLogin),
			Shared:      lint.LiveRules(ruleCertificate),
			Unreachable: ruleIMAP.Rule(),
			Link: area.Link{Order: 6, Name: "Voicemail", Protocol: "IMAP", Keys: []string{"MailStore.", "VoiceMail."},
				Areas: []string{"mail"}},
			Host: "MailStore.Primary.Address", Ports: &area.Ports{Plain: portIMAP, TLS: portIMAPS, AlsoTLS: []int{portUnityTLS}},
			Metrics: []*area.Metric{metricMessages, area.LoginAccepted, area.LoginHeld},
		},
		Requests: func(in *lint.Input) ([]IMAPRequest, area.Known) { return stores(in.Export), area.Known{} },
		Reads:    area.KeysOf("MailStore.", "VoiceMail.ServerType"),
		Same: func(r *IMAPRequest) string {
			return area.SameTarget(r.Target) + area.Joined(string(r.Product), strings.ToLower(r.Login.User), r.Folder)
		},
		Describe: func(r *IMAPRequest) area.Row { return area.RowTo(r.Target, "voicemail", r.Rank, r.Place) },
		Login: func(r *IMAPRequest) area.Login {
			return area.Login{User: &r.Login.User, Secret: &r.Login.Password, Scope: scope(r.Product)}
		},
		Target:  func(r *IMAPRequest) *probe.Target { return &r.Target },
		Outside: func(r *IMAPRequest) { r.Login = Login{} },
		Probe: func(ctx context.Context, t area.Tools, r IMAPRequest) *IMAPObservation {
			return checker(t).ProbeIMAP(ctx, r)
		},
		Judged: func(seen []*IMAPObservation, k area.Known) []lint.Finding {
			return Judge(seen, nil, JudgeOptions{CertificateSoon: k.CertificateSoon})
		},
	})
}

// Calendars are the Exchange gateways of calendars as a live area.
func Calendars() *area.Service[CalendarRequest, CalendarObservation] {
	return area.New(area.Service[CalendarRequest, CalendarObservation]{
		About: area.Info{
			Name: "calendar", Command: "mail", Facts: factsCalendar,
			Rules:       lint.LiveRules(ruleExchange, ruleForms, ruleNoDAV, ruleGateway, ruleCertificate),
			Shared:      lint.LiveRules(ruleMixed),
			Unreachable: ruleExchange.Rule(),
			Link:        area.Link{Order: 3, Name: "Calendar gateway", Protocol: "HTTPS", From: "sip xmpp", Keys: []string{"Calendar."}},
			Host:        "Calendar.Primary", Ports: &area.Ports{Plain: portHTTP, TLS: portHTTPS},
			Metrics: []*area.Metric{metricOffered, area.LoginAccepted, area.LoginHeld},
		},
		Requests: func(in *lint.Input) ([]CalendarRequest, area.Known) {
			return calendars(in.Export), area.Known{}
		},
		Reads:    area.KeysOf("Calendar."),
		Same:     sameCalendar,
		Describe: func(r *CalendarRequest) area.Row { return area.RowTo(r.Target, "calendar", r.Rank, r.Place) },
		Login: func(r *CalendarRequest) area.Login {
			return area.Login{User: &r.Login.User, Secret: &r.Login.Password}
		},
		Target:  func(r *CalendarRequest) *probe.Target { return &r.Target },
		Outside: func(r *CalendarRequest) { r.Login = Login{} },
		Probe: func(ctx context.Context, t area.Tools, r CalendarRequest) *CalendarObservation {
			return checker(t).ProbeCalendar(ctx, r)
		},
		Judged: func(seen []*CalendarObservation, k area.Known) []lint.Finding {
			return Judge(nil, seen, JudgeOptions{CertificateSoon: k.CertificateSoon})
		},
	})
}

func sameCalendar(r *CalendarRequest) string {
	return area.SameTarget(r.Target) + area.Joined(strings.ToLower(r.Protocol), strings.ToLower(r.Login.User), r.Mailbox)
}

func checker(t area.Tools) *Checker {
	return &Checker{Prober: t.Prober, Budget: t.Budget, TrustAnyCertificate: t.TrustAnyCertificate, OldTLS: t.OldTLS,
		AssumePolicy: t.AssumePolicy, WebProxy: t.WebProxy}
}

// Seen implements area.Observation.
func (o *IMAPObservation) Seen() []area.Seen {
	s := area.SeenServer(&o.Observation, o.Place, o.Summary(), o.Incomplete)
	if o.Login != nil && o.Login.Blind {
		s[0].Blind = []string{o.Login.User}
	}
	if l := o.Login; l == nil || l.NotMade != "" {
		s[0].Unasked = lint.LiveRules(ruleLogin)
	}
	return s
}

// Seen implements area.Observation.
func (o *CalendarObservation) Seen() []area.Seen {
	s := area.SeenServer(&o.Observation, o.Place, o.Summary(), o.Incomplete)
	if o.Login != nil && o.Login.Blind {
		s[0].Blind = []string{o.Login.User}
	}
	return s
}

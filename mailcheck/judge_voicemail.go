package mailcheck

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/internal/probe/web"
	"cupclint/lint"
)

// JudgeVoicemail turns the observations of Unity Connection's HTTPS into findings, in a fixed order.
func JudgeVoicemail(seen []*VoicemailObservation, opt JudgeOptions) []lint.Finding {
	var out []lint.Finding
	for _, o := range seen {
		judges := [...]func(*VoicemailObservation) []lint.Finding{judgeVoicemail, opt.voicemailCertificate, judgeVMREST, judgeNotify,
			judgeProxy}
		for _, judge := range judges {
			for _, f := range judge(o) {
				out = append(out, o.Place.Put(f))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	return out
}

func (o *VoicemailObservation) server() string {
	return live.Server("Unity Connection server", &o.Observation, o.Rank)
}

// ServerName is host:port as configured.
func (o *VoicemailObservation) ServerName() string { return probe.Clean(o.Target.String()) }

// Summary says in a few words how the probe went, for a line on the terminal.
func (o *VoicemailObservation) Summary() string {
	var facts []string
	if o.Error != nil {
		facts = append(facts, o.Error.Error())
	}
	if o.TLS != nil && o.TLS.Version != "" {
		facts = append(facts, o.TLS.Version)
	}
	if o.Answer != nil {
		facts = append(facts, "REST interface "+web.StatusText(o.Answer.Status))
	}
	for _, n := range o.Notify {
		state := "open"
		if n.Error != nil {
			state = string(n.Error.Class)
		}
		facts = append(facts, fmt.Sprintf("notifications %d %s", n.Port, state))
	}
	return fmt.Sprintf("%s (%s)", strings.Join(facts, ", "), o.Phases.Total())
}

// judgeVoicemail is MAIL110.
func judgeVoicemail(o *VoicemailObservation) []lint.Finding {
	f, found := live.Unreachable(ruleVoicemail, o.server(), &o.Observation)
	if !found {
		return nil
	}
	return []lint.Finding{f}
}

// voicemailCertificate is MAIL109.
func (opt JudgeOptions) voicemailCertificate(o *VoicemailObservation) []lint.Finding {
	return live.Certificate(ruleCertificate, o.server(), &o.Observation, opt.CertificateSoon)
}

// judgeVMREST is MAIL111.
func judgeVMREST(o *VoicemailObservation) []lint.Finding {
	a := o.Answer
	if a == nil || a.alive() {
		return nil
	}
	const start = "Check the services of Unity Connection: utils service list shows them as STARTED."
	why, fix := "does not answer as the REST interface of Unity Connection", "Check that the address is a Unity Connection server."
	switch {
	case a.Status == http.StatusNotFound:
		why, fix = "has no REST interface", "Check that the address is a Unity Connection server, not one of another product. "+start
	case a.Status >= 500:
		why, fix = "has a REST interface that fails or is starting", start
	case a.Status/100 == 3:
		why, fix = "redirects elsewhere instead of answering", "Use the target of the redirect, or let /vmrest through if a device in between "+
			"shows a page."
	case a.Status == http.StatusUnauthorized:
		why = "asks for a log-in but does not offer Basic authentication"
		fix = "Check which program answers: the REST interface of Unity Connection offers Basic authentication. A device in between may ask " +
			"for a log-in of its own."
	case a.Status == http.StatusForbidden, a.Status == http.StatusProxyAuthRequired:
		why, fix = "forbids the REST interface", "Check which program answers: a proxy or a firewall in between, or a rule of the server."
	case a.HTML:
		why, fix = "answers with a web page", "Check that the address is a Unity Connection server, and that there is no proxy or portal in "+
			"between."
	}
	f := ruleVMREST.New(o.ServerName(), "%s %s (%s: %s). Jabber shows no voicemail", o.server(), why, a.Request, web.StatusText(a.Status))
	f.Evidence = []string{a.Request + ": " + web.StatusText(a.Status)}
	if len(a.Offered) > 0 {
		f.Evidence = append(f.Evidence, "offers "+strings.Join(a.Offered, ", "))
	}
	if a.Location != "" {
		f.Evidence = append(f.Evidence, "Location: "+a.Location)
	}
	f.Evidence = append(f.Evidence, live.Timing(&o.Observation))
	f.Fix = fix
	return []lint.Finding{f}
}

// judgeProxy is UDS110.
func judgeProxy(o *VoicemailObservation) []lint.Finding {
	return live.WebProxy(o.server(), &o.Observation)
}

// judgeNotify is MAIL112.
func judgeNotify(o *VoicemailObservation) []lint.Finding {
	n := len(o.Notify)
	if n == 0 || o.Notify[n-1].Error == nil || o.Notify[n-1].Error.Class == probe.Cancelled {
		return nil
	}
	var ports, evidence []string
	for _, p := range o.Notify {
		ports = append(ports, fmt.Sprint(p.Port))
		if p.Error != nil {
			evidence = append(evidence, fmt.Sprintf("port %d: %s", p.Port, p.Error))
		}
	}
	f := ruleNotify.New(o.ServerName()+" notifications",
		"%s is not reached on the notification ports (%s). Jabber does not learn of new messages at once", o.server(),
		strings.Join(ports, ", "))
	f.Evidence = evidence
	f.Fix = "Open TCP 7443 (HTTPS, after utils cuc jetty ssl enable) or 7080 (HTTP) between the clients and Unity Connection."
	return []lint.Finding{f}
}

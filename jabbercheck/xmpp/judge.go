package xmpp

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// JudgeOptions are what a judgement needs in addition to the observations. The zero value is the default.
type JudgeOptions struct {
	// CertificateSoon is the time before the expiry of a certificate in which it is reported; zero means 30 days, negative never.
	CertificateSoon time.Duration
}

// Judge turns the observations of one run into findings, in a fixed order. What several domains show about one server is said once.
func Judge(seen []*Observation, opt JudgeOptions) []lint.Finding {
	var out []lint.Finding
	said := make(map[string]bool)
	for _, o := range seen {
		for _, judge := range []func(*Observation) []lint.Finding{judgeReach, judgeDomain, judgeEnded, judgeStartTLS, judgeMechanisms,
			opt.certificate, judgeNames, judgeLogin} {
			for _, f := range judge(o) {
				if f.File == "" {
					f = o.Place.Put(f)
				}
				if id := fmt.Sprintf("%s %s %s:%d:%d", f.Rule, f.Message, f.File, f.Line, f.Column); !said[id] {
					said[id] = true
					out = append(out, f)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	return out
}

func clean(s string) string { return probe.Clean(s) }

// server names the other side in a sentence: "XMPP server imp1.example.com:5222 (primary)".
func (o *Observation) server() string { return live.Server("XMPP server", &o.Observation, o.Rank) }

// subject distinguishes findings about one server and one domain.
func (o *Observation) subject() string { return o.ServerName() + " " + clean(o.Domain.Name) }

// judgeReach is XMPP101.
func judgeReach(o *Observation) []lint.Finding {
	f, found := live.Unreachable(ruleUnreachable, o.server(), &o.Observation)
	if !found {
		return nil
	}
	if o.First != "" {
		f.Evidence = append(f.Evidence, "the answer begins: "+o.First)
	}
	switch {
	case o.Direct:
		f.Message = o.server() + " speaks TLS from the first byte. A client on this port begins in clear text and asks for StartTLS, so it " +
			"cannot connect"
		f.Fix = "Use the port on which the server offers StartTLS (5222), or set the listener to StartTLS."
		f.Evidence = append(f.Evidence, o.TLS.Evidence()...)
	case o.Error.Class == probe.Refused:
		f.Fix += " On IM and Presence this is the service Cisco XCP Connection Manager (utils service list)."
	case o.Error.Class == probe.BadProtocol && o.Version == "":
		f.Message = fmt.Sprintf("%s accepts the connection and does not speak XMPP: %s", o.server(), o.Error.Detail)
	case o.Error.Class == probe.BadProtocol:
		f.Message = fmt.Sprintf("%s speaks XMPP and then violates its rules: %s", o.server(), o.Error.Detail)
	}
	return []lint.Finding{f}
}

// judgeDomain is XMPP111.
func judgeDomain(o *Observation) []lint.Finding {
	if o.Domain.Assumed == "" || o.Error != nil {
		return nil
	}
	f := ruleNoDomain.New(o.ServerName(), "the inputs do not name the presence domain. %s was asked for %q, %s", o.server(),
		clean(o.Domain.Name), clean(o.Domain.Assumed))
	f.Fix = "Add the presence domain to the inputs: Presence.Domain, PresenceDomain in jabber-config.xml, or the service parameters of the " +
		"presence server. For one server use --domain."
	return []lint.Finding{f}
}

// judgeEnded is XMPP102, XMPP105 and XMPP106.
func judgeEnded(o *Observation) []lint.Finding {
	c := o.Ended
	if c == nil {
		return nil
	}
	known, ok := explain(streamKind, c.Name)
	if !ok {
		known = condition{text: "this is not a reason that RFC 6120 defines", fix: "Read the text of the answer and the server's log."}
	}
	var f lint.Finding
	switch c.Name {
	case "host-unknown", "host-gone":
		return []lint.Finding{o.unknownHost(known)}
	case "see-other-host":
		f = ruleElsewhere.New(o.subject(), "%s sends clients to another host (see-other-host): %s. The probe did not follow", o.server(),
			or(c.Host, "it does not name the host"))
	default:
		f = ruleStreamError.New(o.subject()+" "+c.Name, "%s ends the stream with the error %s: %s", o.server(), or(c.Name, "without a name"),
			known.text)
		f.Severity = known.severity()
	}
	f.Fix = known.fix
	f.Evidence = o.endEvidence()
	return []lint.Finding{f}
}

// unknownHost is XMPP102: what a wrong presence address is for the SIP generation. Its place is where the domain is configured.
func (o *Observation) unknownHost(known condition) lint.Finding {
	domain := clean(o.Domain.Name)
	f := ruleHostUnknown.New(o.subject(), "%s does not serve the presence domain %q (%s). Clients with this domain cannot log in to presence",
		o.server(), domain, o.Ended.Name)
	f.Fix = fmt.Sprintf("If %s is the right domain, add it on IM and Presence (10.0 and later: Presence > Domains; before: the domain of "+
		"the presence cluster). If not, correct it in the settings from which the clients get it.", domain)
	f.Evidence = o.endEvidence()
	if o.From != "" && o.From != domain {
		f.Evidence = append(f.Evidence, "the server calls itself "+o.From)
	}
	switch at := o.Domain.Place; {
	case o.Domain.Assumed != "":
		f.Severity = lint.Warning
		f.Message = fmt.Sprintf("%s does not serve %q (%s). The inputs do not name the presence domain, so the probe asked for this name: %s",
			o.server(), domain, o.Ended.Name, clean(o.Domain.Assumed))
		f.Fix = "Find the presence domain (IM and Presence, Presence > Domains) and add it to the inputs, or give it with --domain."
	case at.File != "":
		f.Fix = fmt.Sprintf("If %s is the right domain, add it on IM and Presence (10.0 and later: Presence > Domains; before: the domain of "+
			"the presence cluster). If not, correct %s in %s.", domain, or(at.Key, "the domain"), at.File)
		if o.Place.File != "" {
			f.Evidence = append(f.Evidence, fmt.Sprintf("the server is configured at %s:%d (%s)", o.Place.File, o.Place.Line, o.Place.Key))
		}
		f = at.Put(f)
	}
	return f
}

func (o *Observation) endEvidence() []string {
	c := o.Ended
	line := "stream error: " + or(c.Name, "without a condition")
	if c.Host != "" {
		line += " " + c.Host
	}
	if c.Text != "" {
		line += "; text: " + c.Text
	}
	where := "in clear text"
	if c.Inside {
		where = "inside TLS"
	}
	return []string{line, "domain asked for: " + clean(o.Domain.Name) + ", " + where, live.Timing(&o.Observation)}
}

func or(s, missing string) string {
	if s == "" {
		return missing
	}
	return s
}

// judgeStartTLS is XMPP103 and XMPP104.
func judgeStartTLS(o *Observation) []lint.Finding {
	evidence := []string{"mechanisms in clear text: " + list(o.Before)}
	if o.After != nil {
		evidence = append(evidence, "mechanisms inside TLS: "+list(o.After))
	}
	const fix = "Set the secure mode for clients on the presence server (IM and Presence Administration > System > Security > Settings), so " +
		"that StartTLS is required."
	switch o.Offer {
	case OfferNone:
		f := ruleNoStartTLS.New(o.ServerName(),
			"%s offers no StartTLS. The password and every message cross the network in clear text, and a client that requires TLS cannot log in",
			o.server())
		f.Evidence, f.Fix = evidence, fix
		return []lint.Finding{f}
	case OfferOptional:
		f := ruleOptional.New(o.ServerName(),
			"%s offers StartTLS but does not require it. A client can send its password in clear text, and an attacker on the network path can "+
				"force this", o.server())
		f.Evidence, f.Fix = evidence, fix
		return []lint.Finding{f}
	}
	return nil
}

// jabberMechanisms are those that Cisco's documents name for Jabber: PLAIN, and the token of the client configuration web service
// (Developer Guide for IM and Presence). OAuth has no published name; every name that contains it counts.
var jabberMechanisms = []string{plain, "CISCO-VTG-TOKEN", "OAUTHBEARER", "X-OAUTH2"}

// judgeMechanisms is XMPP107.
func judgeMechanisms(o *Observation) []lint.Finding {
	if o.After == nil || slices.ContainsFunc(o.After, func(m string) bool {
		return slices.Contains(jabberMechanisms, m) || strings.Contains(strings.ToLower(m), "oauth")
	}) {
		return nil
	}
	f := ruleMechanisms.New(o.ServerName(), "%s offers no mechanism inside TLS that Jabber is known to use (PLAIN, CISCO-VTG-TOKEN, OAuth)",
		o.server())
	if len(o.After) == 0 {
		f.Severity = lint.Error
		f.Message = o.server() + " offers no mechanism to log in inside TLS. No client can log in"
	}
	f.Evidence = []string{"mechanisms inside TLS: " + list(o.After)}
	f.Fix = "Check that this is an IM and Presence server, and that its authentication service runs (Cisco XCP Authentication Service)."
	return []lint.Finding{f}
}

// certificate is XMPP109.
func (opt JudgeOptions) certificate(o *Observation) []lint.Finding {
	out := live.Certificate(ruleCertificate, o.server(), &o.Observation, opt.CertificateSoon)
	for i := range out {
		out[i].Evidence = append(out[i].Evidence, o.nameEvidence()...)
		if o.Login != nil && o.Login.NotMade != "" && o.Login.Refusal == nil {
			out[i].Evidence = append(out[i].Evidence, "no log-in was tried: "+o.Login.NotMade)
		}
	}
	return out
}

func (o *Observation) nameEvidence() []string {
	if o.Names == nil || o.TLS == nil {
		return nil
	}
	has := func(ok bool) string {
		if ok {
			return "in the certificate"
		}
		return "not in the certificate"
	}
	out := []string{fmt.Sprintf("node name %s: %s", clean(o.TLS.ServerName), has(o.Names.Node))}
	switch {
	case o.Domain.Assumed != "":
		out = append(out, "presence domain: not known, so not compared")
	case o.Names.Domain != "":
		out = append(out, fmt.Sprintf("presence domain %s: in the certificate as %s", clean(o.Domain.Name), o.Names.Domain))
	default:
		out = append(out, fmt.Sprintf("presence domain %s: not in the certificate", clean(o.Domain.Name)))
	}
	for _, other := range o.Names.Others {
		out = append(out, "further name: "+other)
	}
	return out
}

// judgeNames is XMPP110. If neither name is there, XMPP109 says so.
func judgeNames(o *Observation) []lint.Finding {
	n := o.Names
	if n == nil || o.TLS == nil || o.TLS.Version == "" || o.Domain.Assumed != "" || n.Node == (n.Domain != "") {
		return nil
	}
	has, lacks := "node name "+clean(o.TLS.ServerName), "presence domain "+clean(o.Domain.Name)
	who := "RFC 6120 compares the domain, so a client"
	if n.Domain != "" {
		has, lacks, who = lacks, has, "A client that compares the host it connects to"
	}
	f := ruleOneName.New(o.subject(), "%s shows a certificate with the %s but without the %s. %s may ask the user or disconnect",
		o.server(), has, lacks, who)
	f.Evidence = append(o.nameEvidence(), o.TLS.Evidence()...)
	f.Fix = "Have the XMPP certificate (cup-xmpp) issued with both names as subject alternative names."
	return []lint.Finding{f}
}

// judgeLogin is XMPP108.
func judgeLogin(o *Observation) []lint.Finding {
	l := o.Login
	switch {
	case l == nil || l.OK:
		return nil
	case live.IsRemembered(l.Refusal):
		return []lint.Finding{live.Remembered(ruleLogin, o.ServerName()+" "+l.User, "the password for "+l.User, "password", l.Refusal)}
	case l.NotMade != "" || l.Failure == nil:
		return nil
	}
	known, ok := explain(saslKind, l.Failure.Name)
	if !ok {
		known.text, known.fix = "this is not a reason that RFC 6120 defines", "Read the text of the answer and the server's log."
	}
	f := ruleLogin.New(o.ServerName()+" "+l.User, "%s refuses the log-in of %s (%s): %s", o.server(), l.User, or(l.Failure.Name,
		"no reason"), known.text)
	if l.NotJudged {
		f.Message = fmt.Sprintf("%s has not judged the password of %s (%s): %s", o.server(), l.User, or(l.Failure.Name, "no reason"), known.text)
	}
	f.Fix = known.fix
	if l.Failure.Text != "" {
		f.Evidence = append(f.Evidence, "answer: "+l.Failure.Text)
	}
	f.Evidence = append(f.Evidence, "domain "+clean(o.Domain.Name)+", mechanism PLAIN inside TLS")
	if l.Blind {
		f.Evidence = append(f.Evidence, loginbudget.BlindNote)
	}
	f.Evidence = append(f.Evidence, live.Timing(&o.Observation))
	return []lint.Finding{f}
}

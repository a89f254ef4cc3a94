package mailcheck

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

// Judge turns the observations of one run into findings, in a fixed order.
func Judge(stores []*IMAPObservation, calendars []*CalendarObservation, opt JudgeOptions) []lint.Finding {
	var out []lint.Finding
	for _, o := range stores {
		for _, judge := range []func(*IMAPObservation) []lint.Finding{judgeReach, opt.certificate, judgeChannel, judgeLogin} {
			for _, f := range judge(o) {
				out = append(out, o.Place.Put(f))
			}
		}
	}
	out = append(out, judgeCalendars(calendars, opt)...)
	slices.SortStableFunc(out, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	return out
}

// server names the other side in a sentence: "IMAP server mail.example.com:993 (primary)".
func (o *IMAPObservation) server() string { return live.Server("IMAP server", &o.Observation, o.Rank) }

// ServerName is host:port as configured.
func (o *IMAPObservation) ServerName() string { return probe.Clean(o.Target.String()) }

// ServerName is host:port as configured.
func (o *CalendarObservation) ServerName() string { return probe.Clean(o.Target.String()) }

// exchangeIMAPOff is said if an Exchange server of 2007 or later does not answer on an IMAP port.
const exchangeIMAPOff = "On Exchange 2007 and later, IMAP is off by default: the service MSExchangeIMAP4 is stopped and set to manual. " +
	"Start it and set it to automatic."

// exchangeLoginType is said if a server requires TLS before a log-in.
const exchangeLoginType = "Use 993 with TLS, or 143 with StartTLS. On Exchange 2007 and later this is the default (Set-ImapSettings " +
	"-LoginType SecureLogin). PlainTextLogin would send the password in clear text, and needs a restart of the service."

// judgeReach is MAIL101.
func judgeReach(o *IMAPObservation) []lint.Finding {
	f, found := live.Unreachable(ruleIMAP, o.server(), &o.Observation)
	if !found {
		return nil
	}
	if o.Error.Class == probe.Refused && o.exchange2007() {
		f.Fix = exchangeIMAPOff
	}
	if o.Greeting != "" {
		f.Evidence = append(f.Evidence, "first line from the server: "+o.Greeting)
	}
	o.explainEnd(&f)
	return []lint.Finding{f}
}

// explainEnd puts the server's own words into the finding about a connection that failed: a good-bye, or a line that is not IMAP.
func (o *IMAPObservation) explainEnd(f *lint.Finding) {
	spoke := strings.HasPrefix(o.Greeting, "* ")
	words, known := o.Bye, false
	if words == "" {
		words = o.Stray
	}
	var w why
	if words != "" {
		w, known = told(codeIn(words), words)
	}
	switch {
	case o.Bye != "":
		f.Message = fmt.Sprintf("%s speaks IMAP and ends the connection with %q", o.server(), o.Bye)
	case o.Stray != "" && spoke:
		f.Message = fmt.Sprintf("%s speaks IMAP and then answers %q, which could not be parsed", o.server(), o.Stray)
	case o.Stray != "" && known: // instead of a greeting
		f.Message = fmt.Sprintf("%s answers %q, which could not be parsed", o.server(), o.Stray)
	case spoke && o.Error.Class == probe.BadProtocol:
		f.Message = fmt.Sprintf("%s speaks IMAP, but an answer could not be parsed (%s phase)", o.server(), o.Error.Phase)
	case spoke && o.Error.Class == probe.Reset:
		f.Message = fmt.Sprintf("%s speaks IMAP and then closes the connection (%s phase)", o.server(), o.Error.Phase)
	default:
		return
	}
	f.Fix = "Look at the server's log, and for a device between this computer and the server."
	if known {
		f.Message += ": " + w.text
		f.Fix = w.fix
	}
}

// codeIn is the response code in an answer such as "BYE [UNAVAILABLE] text".
func codeIn(answer string) string {
	_, rest, found := strings.Cut(answer, " [")
	code, _, closed := strings.Cut(rest, "]")
	if !found || !closed {
		return ""
	}
	return strings.ToUpper(code)
}

func (o *IMAPObservation) exchange2007() bool {
	return o.Product == Exchange2007 || o.Product == Exchange2010
}

// certificate is MAIL109 for a mail store.
func (opt JudgeOptions) certificate(o *IMAPObservation) []lint.Finding {
	out := live.Certificate(ruleCertificate, o.server(), &o.Observation, opt.CertificateSoon)
	for i := range out {
		if o.Login != nil && o.Login.NotMade != "" && o.Login.Refusal == nil {
			out[i].Evidence = append(out[i].Evidence, "no log-in was tried: "+o.Login.NotMade)
		}
	}
	return out
}

// judgeChannel is MAIL102 and MAIL103.
func judgeChannel(o *IMAPObservation) []lint.Finding {
	capabilities := o.channel()
	if o.Error != nil && o.Error.Phase != probe.Auth || capabilities == nil && o.Before == nil {
		return nil
	}
	evidence := func(f *lint.Finding) {
		f.Evidence = append(f.Evidence, "capabilities in clear text: "+list(o.Before))
		if o.After != nil {
			f.Evidence = append(f.Evidence, "capabilities inside TLS: "+list(o.After))
		}
		f.Evidence = append(f.Evidence, "greeting: "+o.Greeting)
	}
	switch {
	case has(capabilities, "LOGINDISABLED"):
		f := ruleDisabled.New(o.ServerName(),
			"%s says LOGINDISABLED on the channel the client would use (%s). Voicemail shows \"Invalid username/password or account locked\"",
			o.server(), o.Target.Security)
		f.Fix = exchangeLoginType
		if o.Target.Security != probe.Plain {
			f.Fix = "Configure the mail store to accept log-ins inside TLS; on Exchange see Set-ImapSettings -LoginType."
		}
		evidence(&f)
		return []lint.Finding{f}
	case o.Target.Security == probe.ImplTLS || has(o.Before, "STARTTLS"):
		return nil
	case o.Target.Security == probe.StartTLS:
		f := ruleNoStartTLS.New(o.ServerName(), "%s does not offer STARTTLS, but the client is configured to use it. Voicemail cannot log in",
			o.server())
		f.Severity = lint.Error
		f.Fix = "Give the mail store a certificate and enable TLS, or use its TLS port (993; Unity Connection 7993)."
		evidence(&f)
		return []lint.Finding{f}
	}
	f := ruleNoStartTLS.New(o.ServerName(),
		"%s offers no TLS on this port. The password and every voice message cross the network in clear text",
		o.server())
	f.Fix = "Enable TLS on the mail store, or use its TLS port (993; Unity Connection 7993) with the protocol SSL."
	evidence(&f)
	return []lint.Finding{f}
}

func list(capabilities []string) string {
	if len(capabilities) == 0 {
		return "none"
	}
	return strings.Join(capabilities, " ")
}

// judgeLogin is MAIL104.
func judgeLogin(o *IMAPObservation) []lint.Finding {
	l := o.Login
	switch {
	case l == nil || l.OK:
		return judgeFolder(o)
	case live.IsRemembered(l.Refusal):
		return []lint.Finding{live.Remembered(ruleLogin, o.ServerName()+" "+l.User, "the password for "+l.User, "password", l.Refusal)}
	case l.NotMade != "" || l.Answer == "":
		return nil
	}
	why := reason(o)
	f := ruleLogin.New(o.ServerName()+" "+l.User, "%s refuses the log-in of %s: %s", o.server(), l.User, why.text)
	if l.NotJudged {
		if w, ok := told(l.Code, l.Answer); !ok || !w.unjudged && !w.barred {
			why.text, why.fix, why.others = "the answer reports a failure of the server or of the connection", "Look at the answer and at the "+
				"server's log, then try again.", nil
			if bland(l.Answer) || loginbudget.Says(l.Answer, loginbudget.SaidMany) {
				why.text = "the answer does not say whether the password was judged. It may count as a failure"
			}
		}
		f.Message = fmt.Sprintf("%s has not judged the password of %s: %s", o.server(), l.User, why.text)
	}
	f.Fix = why.fix
	f.Evidence = append([]string{"answer: " + l.Answer}, why.others...)
	if l.Alert != "" {
		f.Evidence = append(f.Evidence, "alert: "+l.Alert)
	}
	if o.Stray != "" {
		f.Evidence = append(f.Evidence, "the answer is not valid IMAP and could not be parsed; its text is quoted")
	}
	if l.Blind {
		f.Evidence = append(f.Evidence, loginbudget.BlindNote)
	}
	if o.Product == UnityConnection && !l.NotJudged {
		f.Evidence = append(f.Evidence, unityLDAP)
	}
	f.Evidence = append(f.Evidence, live.Timing(&o.Observation))
	return []lint.Finding{f}
}

// unityLDAP is what a refusal by Unity Connection may mean for another account (Design Guide for Cisco Unity Connection, LDAP directory
// integration: with LDAP authentication, passwords of web applications and of IMAP are those of the directory).
const unityLDAP = "if Unity Connection uses LDAP authentication, the password is that of the directory, and this failure also counts for " +
	"the account there"

// judgeFolder is MAIL104 for a log-in that is accepted and an INBOX that does not open.
func judgeFolder(o *IMAPObservation) []lint.Finding {
	if o.Login == nil || o.Folder == nil || o.Folder.Opened || o.Folder.Answer == "" {
		return nil
	}
	f := ruleLogin.New(o.ServerName()+" folder "+o.Folder.Name,
		"%s lets %s log in but does not open the folder %s. Voicemail shows no messages", o.server(), o.Login.User, o.Folder.Name)
	f.Evidence = []string{"answer: " + o.Folder.Answer}
	f.Fix = "Look at the answer and at the server's log."
	if w, ok := toldOfFolder(o.Folder.Answer); ok {
		f.Message += ": " + w.text
		f.Fix = w.fix
	} else if !strings.EqualFold(o.Folder.Name, "INBOX") { // INBOX always exists (RFC 3501, section 5.1)
		f.Fix = fmt.Sprintf("Check that the mailbox has a folder %s, in the mailbox's language, and that it belongs to the account.",
			o.Folder.Name)
	}
	return []lint.Finding{f}
}

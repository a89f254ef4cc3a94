package mailcheck

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
)

func judgeCalendars(all []*CalendarObservation, opt JudgeOptions) []lint.Finding {
	var out []lint.Finding
	for _, o := range all {
		for _, judge := range []func(*CalendarObservation) []lint.Finding{judgeGateway, opt.gatewayCertificate, judgeForms, judgeDAV,
			judgeSchemes, judgeSigns} {
			for _, f := range judge(o) {
				out = append(out, o.Place.Put(f))
			}
		}
	}
	return append(out, judgeMixed(all)...)
}

func (o *CalendarObservation) server() string {
	return live.Server("calendar gateway", &o.Observation, o.Rank)
}

func (o *CalendarObservation) ews() bool { return strings.EqualFold(o.Protocol, "EWS") }

// judgeGateway is MAIL105.
func judgeGateway(o *CalendarObservation) []lint.Finding {
	f, found := live.Unreachable(ruleExchange, o.server(), &o.Observation)
	if !found {
		return nil
	}
	return []lint.Finding{f}
}

// gatewayCertificate is MAIL109 for a calendar gateway. In addition to what every client checks, the presence server compares the
// configured gateway with the certificate's names letter by letter ("Configuring Calendar Integration" of the IM and Presence guides: the
// field must equal the subject CN, or one entry of the subject alternative names, exactly).
func (opt JudgeOptions) gatewayCertificate(o *CalendarObservation) []lint.Finding {
	out := live.Certificate(ruleCertificate, o.server(), &o.Observation, opt.CertificateSoon)
	if o.TLS == nil || len(o.TLS.Chain) == 0 || o.TLS.Has(probe.CertWrongName) || o.TLS.Has(probe.CertNoNames) {
		return out
	}
	leaf := o.TLS.Chain[0]
	if slices.Contains(leaf.Names, o.TLS.ServerName) || leaf.CommonName == o.TLS.ServerName {
		return out
	}
	f := ruleCertificate.New(o.ServerName()+" not exact",
		"%s shows a certificate for %s, which covers the configured name %s but is not spelled the same. The presence server compares exactly "+
			"and rejects it",
		o.server(), strings.Join(leaf.Names, ", "), probe.Clean(o.TLS.ServerName))
	f.Evidence = o.TLS.Evidence()
	f.Fix = "Write the gateway exactly as one of the certificate's names, or have a certificate issued with an entry for the gateway's " +
		"name. Restart the Presence Engine after uploading the trusted certificate."
	return append(out, f)
}

// judgeForms is MAIL106.
func judgeForms(o *CalendarObservation) []lint.Finding {
	for _, x := range o.relevant() {
		if !x.Form {
			continue
		}
		f := ruleForms.New(o.ServerName(),
			"%s answers with a log-in form, but the presence server expects HTTP authentication. Calendars are not read, and the status \"in a "+
				"meeting\" is never shown", o.server())
		f.Evidence = x.evidence()
		f.Fix = "Switch forms-based authentication off on the virtual directory that the gateway uses, or configure a client access server " +
			"without it as gateway."
		if len(o.Signs) > 0 { // the form belongs to a gateway in between, or to a server behind it
			f.Fix = "Configure the client access server that is behind this form as gateway, or let the presence server through without the form."
			f.Evidence = append(f.Evidence, o.Signs...)
		}
		return []lint.Finding{f}
	}
	return nil
}

// judgeDAV is MAIL107: whether the calendar can be read in the way that is configured.
func judgeDAV(o *CalendarObservation) []lint.Finding {
	if o.Error != nil && len(o.Options) == 0 || slices.ContainsFunc(o.relevant(), func(x *Exchange) bool { return x.Form }) {
		return nil
	}
	if o.ews() {
		if o.EWS != nil && o.between(o.EWS) {
			return nil // MAIL108 says it
		}
		if o.EWS == nil || o.EWS.Status == http.StatusUnauthorized {
			return append(o.judgeAccount(o.DAV), o.judgeService(o.DAV)...)
		}
		if o.EWS.Status == http.StatusOK {
			return append(o.judgeAccount(o.DAV), o.judgeOpen()...)
		}
		why, fix := noEWS(o.EWS)
		f := ruleNoDAV.New(o.ServerName()+" ews", "%s %s (%s at %s). Calendars cannot be read", o.server(), why, statusText(o.EWS.Status),
			ewsPath)
		f.Evidence = o.EWS.evidence()
		f.Fix = fix
		return []lint.Finding{f}
	}
	x, why := o.noDAV()
	if x != nil && o.between(x) {
		return nil // MAIL108 says it
	}
	if why == "" {
		return o.judgeAccount(o.DAV)
	}
	f := ruleNoDAV.New(o.ServerName(), "%s does not speak WebDAV on the calendar's URL (%s). Calendars cannot be read that way", o.server(),
		why)
	f.Evidence = append(x.evidence(), o.ewsLine())
	f.Fix = davFix(x.Status)
	if ewsThere(o.EWS) && !o.between(o.EWS) {
		f.Fix += " This server has Exchange Web Services; Exchange 2010 and later have nothing else. CUP 8.x and later can use them."
	}
	return []lint.Finding{f}
}

// noDAV says why the mailbox's URL is not a WebDAV folder, and which answer shows it. An answer that asks for a log-in
// shows nothing.
func (o *CalendarObservation) noDAV() (*Exchange, string) {
	x := o.DAV
	if x == nil && len(o.Options) > 0 {
		x = &o.Options[0]
	}
	switch {
	case x == nil || x.Status == http.StatusUnauthorized || x.Header("Dav") != "" || x.Status == http.StatusMultiStatus:
		return nil, ""
	case x.Status == http.StatusNotFound:
		return x, "404: no such mailbox or folder"
	case x.Status == http.StatusMethodNotAllowed, x.Status == http.StatusNotImplemented:
		return x, fmt.Sprintf("%d: the method is filtered", x.Status)
	case x.Status == http.StatusForbidden:
		return x, "403: TLS required, an IIS rule, or no WebDAV extension"
	case x.Status >= 500:
		return x, fmt.Sprintf("%d: the back end fails", x.Status)
	case x.Status/100 == 3:
		return x, fmt.Sprintf("%d: a redirect elsewhere", x.Status)
	}
	return x, fmt.Sprintf("%d without a DAV header", x.Status)
}

// davFix fits the reason that noDAV gives.
func davFix(status int) string {
	switch {
	case status == http.StatusNotFound:
		return "Correct mailbox and folder name (the folder has its name in the mailbox's language), and check that the server supports WebDAV."
	case status == http.StatusForbidden:
		return "Use HTTPS, and allow WebDAV on the server (IIS web service extensions, IP and domain restrictions)."
	case status >= 500 && status != http.StatusNotImplemented:
		return "Check the mailbox server behind this one: its services, and that the mailbox database is mounted."
	case status/100 == 3:
		return "Enter the target of the redirect, if the mailbox is there."
	}
	return "Let the WebDAV methods through to the mailbox's URL (URLScan, IIS web service extensions), or correct mailbox and folder name."
}

// between reports whether an answer does not come from Exchange but from a gateway in between: a redirect to another place, a page of a
// gateway, a proxy that asks for a separate log-in.
func (o *CalendarObservation) between(x *Exchange) bool {
	return x.Status == http.StatusProxyAuthRequired ||
		x.Status/100 == 3 && slices.ContainsFunc(o.Signs, func(s string) bool { return strings.HasPrefix(s, "a redirect to ") }) ||
		x.Header("Dav") == "" && x.Status != http.StatusUnauthorized && slices.ContainsFunc(o.Signs,
			func(s string) bool { return strings.HasPrefix(s, pageSign) })
}

// noEWS says what an answer from the web services' address means if it is neither theirs nor a request for a log-in.
func noEWS(x *Exchange) (why, fix string) {
	switch {
	case x.Status == http.StatusForbidden:
		return "forbids Exchange Web Services before any log-in",
			"Use HTTPS, and find what forbids it: a rule of IIS or of a firewall, an IP and domain restriction, or EWS blocked for the organisation."
	case x.Status >= 500:
		return "has Exchange Web Services, but they fail",
			"Check the server's application pool of Exchange Web Services and the mailbox server behind it, then try again."
	case x.Status/100 == 3:
		return "redirects elsewhere instead of answering as Exchange Web Services",
			"Enter the target of the redirect, if the mailbox is there."
	case x.Status == http.StatusNotFound:
		return "has no Exchange Web Services", "Configure a client access server with Exchange Web Services (2007 SP1 and later) as gateway."
	}
	return "does not answer as Exchange Web Services do", "Look at the answer: it may come from another service, or from a device in between."
}

func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// judgeSchemes is MAIL107 if no account with a password can log in.
func judgeSchemes(o *CalendarObservation) []lint.Finding {
	if len(o.Offered) == 0 || !slices.Contains(o.Offered, "Bearer") ||
		slices.ContainsFunc(o.Offered, func(s string) bool { return s == "Basic" || s == "NTLM" || s == "Negotiate" || s == "Digest" }) {
		return nil
	}
	f := ruleNoDAV.New(o.ServerName()+" bearer",
		"%s offers only Bearer tokens (OAuth). An account with a password cannot log in, so calendars cannot be read that way", o.server())
	if answers := o.relevant(); len(answers) > 0 {
		f.Evidence = answers[0].evidence()
	}
	f.Fix = "Use a release of the presence server that supports OAuth with this Exchange, or a server that offers Basic or NTLM " +
		"authentication for this account."
	return []lint.Finding{f}
}

// judgeAccount is MAIL107 if the account's log-in is refused.
func (o *CalendarObservation) judgeAccount(x *Exchange) []lint.Finding {
	l := o.Login
	switch {
	case l == nil || l.OK:
		return nil
	case live.IsRemembered(l.Refusal):
		return []lint.Finding{live.Remembered(ruleNoDAV, o.ServerName()+" "+l.User, "the password of the calendar account "+l.User, "password",
			l.Refusal)}
	case l.NotMade != "" || x == nil || x.Status != http.StatusUnauthorized:
		return nil
	}
	f := ruleNoDAV.New(o.ServerName()+" "+l.User, "%s refuses the calendar account %s. Calendars cannot be read", o.server(), l.User)
	f.Evidence = append(x.evidence(), live.Timing(&o.Observation))
	if l.Blind {
		f.Evidence = append(f.Evidence, loginbudget.BlindNote)
	}
	f.Fix = "Check the account's password and its form (DOMAIN\\user, user@domain), and that it may read every mailbox (Receive As on the " +
		"mailbox store)."
	return []lint.Finding{f}
}

// judgeService is MAIL107 if the web services fail after they got the account.
func (o *CalendarObservation) judgeService(x *Exchange) []lint.Finding {
	if x == nil || x.Status < 500 && x.Status != http.StatusForbidden && x.Status != http.StatusNotFound {
		return nil
	}
	why, fix := noEWS(x)
	if x.Status == http.StatusForbidden {
		why, fix = "forbids Exchange Web Services to this account", "Allow Exchange Web Services for the account, or find the "+
			"rule that forbids it."
	}
	f := ruleNoDAV.New(o.ServerName()+" ews", "%s %s (%s with the account). Calendars cannot be read", o.server(), why, statusText(x.Status))
	f.Evidence = append(x.evidence(), live.Timing(&o.Observation))
	f.Fix = fix
	return []lint.Finding{f}
}

// judgeOpen is MAIL107 if a web page is where the web services would ask for a log-in.
func (o *CalendarObservation) judgeOpen() []lint.Finding {
	if o.EWS.Header("Www-Authenticate") != "" || o.DAV != nil {
		return nil
	}
	f := ruleNoDAV.New(o.ServerName()+" open", "%s answers at the address of Exchange Web Services without asking for a log-in (%s). Another "+
		"service, or a device in between, may answer", o.server(), statusText(o.EWS.Status))
	f.Severity = lint.Warning
	f.Evidence = o.EWS.evidence()
	f.Fix = "Check that the address is the client access server itself, and that no portal or proxy answers for it."
	return []lint.Finding{f}
}

// ewsThere reports whether the web services' address exists: it asks for a log-in, or answers.
func ewsThere(x *Exchange) bool {
	return x != nil && (x.Status == http.StatusUnauthorized || x.Status == http.StatusOK || x.Status == http.StatusForbidden)
}

func (o *CalendarObservation) ewsLine() string {
	switch {
	case o.EWS == nil:
		return "Exchange Web Services were not requested"
	case ewsThere(o.EWS):
		return fmt.Sprintf("Exchange Web Services found: %s answers %d", o.EWS.Request, o.EWS.Status)
	}
	return fmt.Sprintf("Exchange Web Services not found: %s answers %d", o.EWS.Request, o.EWS.Status)
}

// judgeSigns is MAIL108.
func judgeSigns(o *CalendarObservation) []lint.Finding {
	if len(o.Signs) == 0 {
		return nil
	}
	f := ruleGateway.New(o.ServerName(),
		"%s shows signs of a gateway, a proxy or a load balancer in between. The calendar integration does not support this", o.server())
	f.Evidence = o.Signs
	f.Fix = "Configure one client access server (or Exchange 2003 itself) as calendar gateway."
	return []lint.Finding{f}
}

// judgeMixed is MAIL002, from what the servers' headers say.
func judgeMixed(all []*CalendarObservation) []lint.Finding {
	seen := map[string][]string{} // generation to servers
	var first *CalendarObservation
	for _, o := range all {
		for _, g := range o.Generations {
			seen[g] = append(seen[g], o.ServerName())
			if first == nil && !o.ews() {
				first = o
			}
		}
	}
	if first == nil || len(seen["2003"]) == 0 || len(seen["2007"]) == 0 {
		return nil
	}
	f := ruleMixed.New("2003 and 2007 "+first.ServerName(),
		"Exchange 2003 and 2007 both serve calendars, as their headers show. Reading them over WebDAV is unlikely to work for users of both")
	for _, g := range []string{"2003", "2007"} {
		f.Evidence = append(f.Evidence, "Exchange "+g+": "+strings.Join(seen[g], ", "))
	}
	f.Fix = "Move the mailboxes to one version, or give each version its own presence gateway and test both."
	return []lint.Finding{first.Place.Put(f)}
}

// answers are all the answers of the gateway.
func (o *CalendarObservation) answers() []*Exchange {
	var out []*Exchange
	for i := range o.Options {
		out = append(out, &o.Options[i])
	}
	for _, x := range []*Exchange{o.EWS, o.DAV} {
		if x != nil {
			out = append(out, x)
		}
	}
	return out
}

// relevant are the answers to the requests that the presence server makes: a gateway over WebDAV never asks the web services.
func (o *CalendarObservation) relevant() []*Exchange {
	all := o.answers()
	if o.ews() || o.EWS == nil {
		return all
	}
	return slices.DeleteFunc(all, func(x *Exchange) bool { return x == o.EWS })
}

// Header is the first value kept of a header, or empty.
func (x *Exchange) Header(name string) string {
	for _, h := range x.Headers {
		if n, v, ok := strings.Cut(h, ": "); ok && strings.EqualFold(n, name) {
			return v
		}
	}
	return ""
}

func (x *Exchange) evidence() []string {
	return append([]string{fmt.Sprintf("%s: %d %s", x.Request, x.Status, http.StatusText(x.Status))}, x.Headers...)
}

package sipcheck

import (
	_ "embed"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
	"cupclint/resolve"
)

// JudgeOptions are what a judgement needs in addition to the observations. The zero value is the default.
type JudgeOptions struct {
	// CertificateSoon is the time before the expiry of a certificate in which it is reported; zero means 30 days, negative never.
	CertificateSoon time.Duration
}

// Judge turns the observations of one run into findings, in a fixed order.
func Judge(servers []*SIPObservation, cti []*CTIObservation, opt JudgeOptions) []lint.Finding {
	var out []lint.Finding
	for _, o := range servers {
		for _, judge := range []func(*SIPObservation) []lint.Finding{judgeReach, opt.certificate, judgeRegister, judgeChallenge, judgeOpen,
			judgeRealm, judgeLogin} {
			for _, f := range judge(o) {
				out = append(out, o.Place.Put(f))
			}
		}
	}
	for _, o := range cti {
		for _, f := range opt.judgeCTI(o) {
			weighListed(o, cti, &f)
			out = append(out, o.Place.Put(f))
		}
	}
	slices.SortStableFunc(out, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	return out
}

// server names the other side in a sentence: "presence server cup1.example.com:5060/TCP (primary)".
func (o *SIPObservation) server() string {
	s := "presence server " + o.ServerName()
	if o.Rank != "" {
		s += " (" + o.Rank + ")"
	}
	return s
}

// judgeReach is SIP101.
func judgeReach(o *SIPObservation) []lint.Finding {
	f, found := live.Unreachable(ruleUnreachable, o.server(), &o.Observation)
	if !found {
		return nil
	}
	if p := o.Provisional; p != nil && (o.Error.Class == probe.Timeout || o.Error.Class == probe.Reset) {
		then := "and nothing more"
		if o.Error.Class == probe.Reset {
			then = "and then closes the connection"
		}
		f.Message = fmt.Sprintf("%s answers %s %s. The proxy accepts the request, but the service behind it does not answer", o.server(), p, then)
		f.Fix = "Check the services of this node (Presence Engine, SIP Proxy, the database), its routes, and the proxy's log. The network path " +
			"to the proxy is open."
		return []lint.Finding{f}
	}
	if o.Error.Class == probe.Timeout && o.Target.Network == "udp" {
		f.Message = o.server() + " does not answer over UDP. No service listens, or a firewall drops the packets"
	}
	return []lint.Finding{f}
}

// certificate is SIP109.
func (opt JudgeOptions) certificate(o *SIPObservation) []lint.Finding {
	return live.Certificate(ruleCertificate, o.server(), &o.Observation, opt.CertificateSoon)
}

const digestFix = "Enter a digest credential for the end user in CUCM (User Management > End User); any value works, and the client gets " +
	"it at its next log-in. If you cannot do that, add the client subnets to the incoming ACL (System > Security > Incoming ACL) and " +
	"restart the SIP proxy. Only as a last resort, switch the authentication module off."

// judgeRegister says that no client can register if the answer to a REGISTER is neither success nor a challenge that a client can
// answer: SIP101 for a failure of the server, SIP105 for a refusal.
func judgeRegister(o *SIPObservation) []lint.Finding {
	r := o.Register
	if r == nil || r.Status < 300 {
		return nil
	}
	var f lint.Finding
	switch c := o.Challenge; {
	case c != nil && c.Unreadable != "":
		f = ruleRefused.New(o.ServerName()+" challenge",
			"%s asks for a digest credential in a challenge that could not be parsed (%s). It is not known whether clients can answer it",
			o.server(),
			c.Unreadable)
		f.Severity = lint.Warning
		f.Fix = "Compare the challenge with RFC 3261, section 22.4, and find the device in between that rewrites it."
	case c != nil && c.Unanswerable:
		f = ruleRefused.New(o.ServerName()+" algorithm", "%s asks for a digest credential with the algorithm %s. No CUPC can log in there%s",
			o.server(), c.Algorithm, o.whose())
		f.Fix = "Configure the proxy to use MD5, and check that the address is the presence server's SIP proxy."
	case c != nil && c.Scheme == "Digest":
		return nil
	case c != nil:
		offers := "asks for a log-in and offers no scheme"
		if len(c.Schemes) > 0 {
			offers = "offers " + strings.Join(c.Schemes, ", ") + " but not Digest"
		}
		f = ruleRefused.New(o.ServerName()+" schemes", "%s %s. No CUPC can log in there%s", o.server(), offers, o.whose())
		f.Fix = fixOtherServer
	case r.Status >= 500 && r.Status < 600 || r.Status == 408 || r.Status == 480:
		f = ruleUnreachable.New(o.ServerName()+" register", "%s answers a REGISTER with %s. No user can register%s", o.server(), r, o.whose())
		f.Fix = "Check the state of the SIP proxy and of the services it needs on this node (Presence Engine, database), then try again."
	case r.Status == 403 || r.Status == 404 || r.Status == 604:
		f = ruleRefused.New(o.ServerName()+" register",
			"%s answers a REGISTER with %s and does not ask for a credential. This user cannot register%s",
			o.server(), r, o.whose())
		f.Fix = "Check that the user is licensed for presence and assigned to this node. Without --user the probe uses a name that does not " +
			"exist: repeat it with the name of an end user."
	case r.Status < 400:
		f = ruleRefused.New(o.ServerName()+" register", "%s answers a REGISTER with %s: it sends clients to another server. Clients that do not "+
			"follow cannot register%s", o.server(), r, o.whose())
		f.Fix = "Compare the Contact of the answer with the presence server that the user is assigned to, and configure that server as the " +
			"address of the clients."
	default:
		f = ruleRefused.New(o.ServerName()+" register", "%s answers a REGISTER with %s. Clients cannot register%s", o.server(), r, o.whose())
		f.Fix = "Check that the address is the presence server's SIP proxy, that its SIP domain is the clients' domain, and the proxy's log."
	}
	if o.product() != "" {
		f.Fix = fixOtherServer // the other advice about users and services is for the presence server
	}
	f.Evidence = append(o.wire(), live.Timing(&o.Observation))
	if o.Login != nil && o.Login.NotMade != "" {
		f.Evidence = append(f.Evidence, "the credential was not tried: "+o.Login.NotMade)
	}
	return []lint.Finding{f}
}

const fixOtherServer = "Configure the presence server's own SIP proxy as the address of the clients (System > Server, and its SIP " +
	"listener), and check the address that DNS gives for the name."

//go:embed servers.tsv
var serversTSV string

// header is what the server calls itself.
func (o *SIPObservation) header() string {
	for _, a := range []*Answer{o.Register, o.Options} {
		if a != nil && a.Server != "" {
			return a.Server
		}
	}
	return ""
}

// product is what the Server header, or the realm, says about a server that is not a presence server; empty if it says nothing.
func (o *SIPObservation) product() string {
	seen := map[string]string{"server": strings.ToLower(o.header())}
	if o.Challenge != nil {
		seen["realm"] = strings.ToLower(o.Challenge.Realm)
	}
	for line := range strings.Lines(serversTSV) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 4 && !strings.HasPrefix(line, "#") && strings.Contains(seen[f[0]], strings.ToLower(f[1])) {
			return f[2]
		}
	}
	return ""
}

// whose names the product that header or realm show, as the end of a sentence.
func (o *SIPObservation) whose() string {
	header, product := o.header(), o.product()
	switch {
	case product == "" && header == "":
		return ""
	case product == "":
		return fmt.Sprintf(". The server calls itself %q", header)
	case header == "":
		return ". Its realm shows that it is " + product + ", not the presence server"
	}
	return fmt.Sprintf(". The server calls itself %q: it is %s, not the presence server", header, product)
}

// judgeChallenge is SIP102: the challenge joined with what the export says.
func judgeChallenge(o *SIPObservation) []lint.Finding {
	if o.Challenge == nil || !o.Facts.Known || o.Challenge.Scheme != "Digest" {
		return nil
	}
	entry := o.Facts.covering(o.Local)
	var f lint.Finding
	switch {
	case strings.EqualFold(o.Facts.Module, "Off"):
		f = ruleChallenged.New(o.ServerName()+" module",
			"%s asks for a digest credential although the export says that its authentication module is off. The change has not taken effect. "+
				"Clients without a credential show \"invalid credential\" on Presence", o.server())
		f.Severity = lint.Warning
		f.Fix = "Restart the SIP proxy. Or switch the module on and give end users a digest credential."
	case entry != "":
		f = ruleChallenged.New(o.ServerName()+" acl",
			"%s asks this computer (%s) for a digest credential although the incoming ACL of the export covers it. The change has not taken "+
				"effect, or the proxy sees another address", o.server(), o.Local)
		f.Severity = lint.Warning
		f.Fix = "Restart the SIP proxy after a change of the incoming ACL, and check whether addresses are translated (NAT) in between."
	case o.Facts.Credential == "empty":
		f = ruleChallenged.New(o.ServerName()+" none",
			"%s asks for a digest credential but the end user has none. Presence shows \"invalid credential\" although the log-in works", o.server())
		f.Fix = digestFix
	case o.Facts.Credential == "":
		f = ruleChallenged.New(o.ServerName()+" unknown",
			"%s asks for a digest credential. The export does not show whether end users have one. For those without, Presence shows \"invalid "+
				"credential\"", o.server())
		f.Severity = lint.Info
		f.Fix = digestFix
	default:
		return nil
	}
	f.Evidence = append(o.wire(), o.Facts.lines(o.Local)...)
	return []lint.Finding{f}
}

// judgeOpen is SIP103.
func judgeOpen(o *SIPObservation) []lint.Finding {
	if o.Register == nil || o.Register.Status/100 != 2 {
		return nil
	}
	f := ruleOpen.New(o.ServerName(), "%s accepts a REGISTER without a credential. Anyone who can reach it can register as any user",
		o.server())
	f.Fix = "Switch the authentication module of the SIP proxy on, and limit the incoming ACL to the addresses that need it."
	if entry := o.Facts.covering(o.Local); entry != "" && !everyone(entry) {
		f.Severity = lint.Info
		f.Message = fmt.Sprintf("%s accepts a REGISTER from this computer (%s) without a credential, as the incoming ACL entry %q allows. "+
			"Anyone there can register as any user", o.server(), o.Local, entry)
		f.Fix = "If the subnet is trusted on purpose, do nothing. If not, give end users a digest credential and remove the entry."
	}
	f.Evidence = append(o.wire(), o.Facts.lines(o.Local)...)
	return []lint.Finding{f}
}

// judgeRealm is SIP104. It is an assumption that the realm is the SIP domain, so the severity is low.
func judgeRealm(o *SIPObservation) []lint.Finding {
	if o.Challenge == nil || o.Facts.Domain == "" || o.Challenge.Scheme != "Digest" || o.Challenge.Unreadable != "" ||
		o.Challenge.Realm == o.Facts.Domain {
		return nil
	}
	f := ruleRealm.New(o.ServerName(),
		"%s asks for a credential in the realm %q, but the SIP domain is %q. The proxy may serve another domain than the clients have",
		o.server(), o.Challenge.Realm, o.Facts.Domain)
	f.Evidence = o.wire()
	f.Fix = "Compare the SIP proxy domain service parameter with the clients' Presence.Domain, letter by letter."
	return []lint.Finding{f}
}

// judgeLogin is SIP105.
func judgeLogin(o *SIPObservation) []lint.Finding {
	l := o.Login
	switch {
	case l == nil || l.OK:
		return nil
	case live.IsRemembered(l.Refusal):
		return []lint.Finding{live.Remembered(ruleRefused, o.ServerName()+" "+l.User, "the digest credential of "+l.User, "credential",
			l.Refusal)}
	case l.NotMade != "" || l.Answer == nil:
		return nil
	}
	var f lint.Finding
	switch status := l.Answer.Status; {
	case status >= 500 && status < 600 || status == 408 || status == 480:
		f = ruleUnreachable.New(o.ServerName()+" "+l.User,
			"%s answers the REGISTER of %s with %s. This is a failure of the server: it has not judged the digest credential", o.server(), l.User,
			l.Answer)
		f.Fix = "Check the state of the SIP proxy and of the services it needs on this node, then try again."
	case l.NotJudged && (status == 401 || status == 407): // stale, see logIn
		f = ruleUnreachable.New(o.ServerName()+" "+l.User,
			"%s calls its own new nonce stale when %s answers it. It has not judged the digest credential, and no client can register",
			o.server(), l.User)
		f.Fix = "Check whether several servers answer behind this address without sharing their nonces (a load balancer), and the clock of the " +
			"server."
	case status == 401 || status == 403 || status == 407:
		f = ruleRefused.New(o.ServerName()+" "+l.User, "%s refuses the digest credential of %s. Presence shows \"invalid credential\"",
			o.server(), l.User)
		f.Fix = "Enter the digest credential again in CUCM (User Management > End User). Check that it has reached the presence server (Sync " +
			"Agent). Then log the client out and in: it gets the credential at log-in."
	default:
		f = ruleRefused.New(o.ServerName()+" "+l.User, "%s answers the REGISTER of %s with %s. The user cannot register", o.server(), l.User,
			l.Answer)
		f.Fix = "Check that the user is licensed for presence and assigned to this node, and the proxy's log."
	}
	f.Evidence = append(o.wire(), fmt.Sprintf("REGISTER with the credential: %s", l.Answer))
	f.Evidence = append(append(f.Evidence, l.Answer.Says...), live.Timing(&o.Observation))
	if l.Blind {
		f.Evidence = append(f.Evidence, loginbudget.BlindNote)
	}
	return []lint.Finding{f}
}

func (a *Answer) String() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", a.Status, a.Reason))
}

// wire are the lines of evidence about what the proxy said.
func (o *SIPObservation) wire() []string {
	var out []string
	if o.Options != nil {
		out = append(out, "OPTIONS "+o.URI+": "+o.Options.String())
	}
	if o.Register != nil {
		line := "REGISTER " + o.URI + " without a credential: " + o.Register.String()
		if c := o.Challenge; c != nil {
			line += ", " + c.String()
		}
		out = append(out, line)
		if name := o.Register.Server; name != "" {
			out = append(out, "the server calls itself "+name)
		}
		out = append(out, o.Register.Says...)
	}
	if o.Provisional != nil {
		out = append(out, "provisional answer: "+o.Provisional.String())
	}
	return out
}

// String says what is asked for: the realm of a Digest challenge, the schemes of others, or the text of one that could not be parsed.
func (c *Challenge) String() string {
	switch {
	case c.Unreadable != "":
		return "a challenge that could not be parsed: " + c.Unreadable
	case len(c.Schemes) == 0 && c.Scheme == "":
		return "no scheme"
	case c.Scheme != "Digest":
		return "schemes " + strings.Join(c.Schemes, ", ")
	}
	return fmt.Sprintf("%s, realm %q, algorithm %s", c.Scheme, c.Realm, c.Algorithm)
}

// covering is the entry of the incoming ACL that covers the address, or empty. Entries that name domains cover no address:
// which name an address has is not known here.
func (f *Facts) covering(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return ""
	}
	for _, text := range f.ACL {
		if e, ok := resolve.ParseACLEntry(text); ok && e.Covers(netip.PrefixFrom(addr, addr.BitLen())) {
			return text
		}
	}
	return ""
}

func everyone(entry string) bool {
	e, ok := resolve.ParseACLEntry(entry)
	return ok && e.Everyone
}

// lines are what the export says, as evidence.
func (f *Facts) lines(local string) []string {
	if !f.Known {
		return nil
	}
	or := func(s string) string {
		if s == "" {
			return "not in the export"
		}
		return s
	}
	acl := "no entry in the export"
	if entry := f.covering(local); entry != "" {
		acl = fmt.Sprintf("%q covers this computer's address %s", entry, local)
	} else if len(f.ACL) > 0 {
		acl = fmt.Sprintf("none of %d entries covers this computer's address %s", len(f.ACL), local)
	}
	return []string{"export: digest credential: " + or(f.Credential), "export: authentication module: " + or(f.Module),
		"export: incoming ACL: " + acl}
}

// weighListed lowers the severity for a call manager that only a list of nodes names: CTIManager need not run on every node.
func weighListed(o *CTIObservation, all []*CTIObservation, f *lint.Finding) {
	if !o.Listed || f.Severity != lint.Error {
		return
	}
	f.Severity = lint.Warning
	if slices.ContainsFunc(all, func(c *CTIObservation) bool { return !c.Listed || c.Held && c.Error == nil }) {
		f.Severity = lint.Info
	}
	f.Message += ". It comes from a list of nodes; CTIManager need not run on every node"
}

// judgeCTI is CTI101, and SIP109 for CTI over TLS.
func (opt JudgeOptions) judgeCTI(o *CTIObservation) []lint.Finding {
	server := "CTIManager " + o.ServerName()
	if o.Rank != "" {
		server += " (" + o.Rank + ")"
	}
	out := live.Certificate(ruleCTI, server, &o.Observation, opt.CertificateSoon)
	f, found := live.Unreachable(ruleCTI, server, &o.Observation)
	if o.Unasked != "" {
		if !found {
			f = ruleCTI.New(o.ServerName()+" unasked", "")
			f.Evidence = append([]string{live.Timing(&o.Observation)}, o.Evidence...)
		}
		f.Message = server + " sends data before its client does, which CTIManager does not do. Another service is on this port, and Desk " +
			"Phone stays unavailable"
		f.Fix = "Correct host and port of the CTI server (2748; 2749 with TLS), or find out which service uses the port."
		return append(out, f)
	}
	if !found {
		return out
	}
	if o.Error.Class == probe.Reset {
		f.Message = server + " accepts the connection and closes it again. Desk Phone stays unavailable"
		f.Fix = "Check that the service Cisco CTIManager is activated and has finished starting, and check its limit of connections."
	} else if o.Error.Class == probe.Refused {
		f.Fix = "Activate and start the service Cisco CTIManager on this node, or correct host and port (2748; 2749 with TLS)."
	}
	return append(out, f)
}

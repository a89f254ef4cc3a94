package ldapcheck

import (
	"fmt"
	neturl "net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// JudgeOptions are facts that the user knows and no server shows.
type JudgeOptions struct {
	// Clients is how many clients may hold an old password; RetryInterval is how often each of them tries. Zero: unknown.
	Clients       int
	RetryInterval time.Duration
	// Soon is the time before an expiry that makes it a finding in itself; zero means 30 days.
	Soon time.Duration
	// CertificateSoon is the time before the expiry of a certificate in which it is reported; zero means 30 days, negative never.
	CertificateSoon time.Duration
}

// Judge turns the observations of one run into findings, in a fixed order.
func Judge(observations []*Observation, opt JudgeOptions) []lint.Finding {
	var out []lint.Finding
	for _, o := range observations {
		out = append(out, judgeReach(o)...)
		out = append(out, judgeCertificate(o, opt.CertificateSoon)...)
		out = append(out, judgeBind(o)...)
		out = append(out, judgeReferral(o)...)
		out = append(out, judgeBases(o)...)
		out = append(out, judgeSchema(o)...)
	}
	out = append(out, judgeAccounts(observations, opt)...)
	slices.SortStableFunc(out, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	return out
}

// at gives the finding its place: the property that names the server, when an export does.
func (o *Observation) at(f lint.Finding) lint.Finding { return o.Place.Put(f) }

// server names the other side in a sentence: "LDAP server dc1:389 (primary, the client's directory search)".
func (o *Observation) server() string {
	what := o.Role.Text()
	if o.Rank != "" {
		what = o.Rank + ", " + what
	}
	if o.Role == RoleManual {
		return "LDAP server " + o.ServerName()
	}
	return fmt.Sprintf("LDAP server %s (%s)", o.ServerName(), what)
}

// judgeReach is LDAP101.
func judgeReach(o *Observation) []lint.Finding {
	f, found := live.Unreachable(ruleUnreachable, o.server(), &o.Observation)
	if !found {
		return nil
	}
	if o.Error.Class == probe.NotSecured {
		f.Fix = "Give the server a certificate and enable StartTLS, or use LDAPS (636, Global Catalog 3269). CUCM speaks LDAPS only."
	}
	if strings.Contains(o.Error.Detail, errTLSPort.Error()) { // saved cases have the text alone
		f.Message = o.server() + " answers with an alert of TLS: this port expects TLS from the first byte"
		f.Fix = "Use TLS for this port (Directory...Protocol, --security tls), or the port for plain LDAP (389, Global Catalog 3268)."
	}
	return []lint.Finding{o.at(f)}
}

// judgeCertificate is LDAP109: one finding a problem.
func judgeCertificate(o *Observation, soon time.Duration) []lint.Finding {
	out := live.Certificate(ruleCertificate, o.server(), &o.Observation, soon)
	for i, f := range out {
		if o.Bind != nil && o.Bind.NotMade != "" && o.Bind.Refusal == nil && !o.TLS.Verified {
			f.Evidence = append(f.Evidence, "no log-in was tried: "+o.Bind.NotMade)
		}
		out[i] = o.at(f)
	}
	return out
}

// judgeBind is LDAP102, and LDAP106 when the directory's answer itself says "locked".
func judgeBind(o *Observation) []lint.Finding {
	b := o.Bind
	switch {
	case o.mustChange():
		why := b.Why()
		f := ruleBind.New(o.ServerName()+" "+o.BindDN, "%s lets %s log in but forbids everything else: %s", o.server(), b.DN, why.Text)
		f.Fix = why.Fix
		f.Evidence = []string{"password policy control: " + b.Policy}
		return []lint.Finding{o.at(f)}
	case b == nil || b.OK:
		return nil
	case live.IsRemembered(b.Refusal):
		f := live.Remembered(ruleBind, o.BindDN, "the password for "+b.DN, "password", b.Refusal)
		f.Message += ". Clients with this password lock the account"
		return []lint.Finding{o.at(f)}
	case b.NotMade != "" || b.Code == 0 || len(b.Referrals) > 0: // LDAP103 reports a referral
		return nil
	}
	why := b.Why()
	if why.Key == "locked" {
		return nil // judgeAccounts says it once for all servers
	}
	f := ruleBind.New(o.ServerName()+" "+o.BindDN, "%s refuses the bind as %s: %s", o.server(), b.DN, why.Text)
	if ownFailure(b.Code) && !b.judged() || why.Unjudged {
		f.Message = fmt.Sprintf("%s has not judged the bind as %s: %s", o.server(), b.DN, why.Text)
	}
	f.Fix = why.Fix
	f.Evidence = append(f.Evidence, resultText(b.Code, b.Text))
	if b.Policy != "" {
		f.Evidence = append(f.Evidence, "password policy control: "+b.Policy)
	}
	if why.Hidden {
		f.Evidence = append(f.Evidence, "the directory does not say more before log-in")
	}
	if why.PasswordRight {
		f.Evidence = append(f.Evidence, "the directory gives this reason only if the password is right")
	}
	if b.Blind {
		f.Evidence = append(f.Evidence, loginbudget.BlindNote)
	}
	f.Evidence = append(f.Evidence, live.Timing(&o.Observation))
	return []lint.Finding{o.at(f)}
}

// ownFailure reports whether a result is a failure of the directory itself (RFC 4511, appendix A), which says nothing about the bind.
func ownFailure(code int) bool {
	switch code {
	case ldap.LDAPResultOperationsError, ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultAdminLimitExceeded, ldap.LDAPResultBusy,
		ldap.LDAPResultUnavailable,
		ldap.LDAPResultLoopDetect, ldap.LDAPResultOther:
		return true
	}
	return false
}

// finished are the bases with a complete answer: if the connection broke, LDAP101 says it for the last one.
func (o *Observation) finished() []BaseSeen {
	if o.Error != nil && len(o.Bases) > 0 {
		return o.Bases[:len(o.Bases)-1]
	}
	return o.Bases
}

// mustChange reports whether ppolicy accepted the bind and forbids everything after it.
func (o *Observation) mustChange() bool {
	return o.Bind != nil && o.Bind.OK && o.Bind.Policy == "changeAfterReset"
}

// judgeReferral is LDAP103: one finding for each operation that was referred.
func judgeReferral(o *Observation) []lint.Finding {
	var out []lint.Finding
	say := func(subject, operation string, targets []string) {
		f := ruleReferral.New(o.ServerName()+" "+subject, "%s answers %s with a referral to %s: %s",
			o.server(), operation, strings.Join(targets, ", "), o.referralEffect())
		f.Evidence, f.Fix = o.catalogEvidence()
		out = append(out, o.at(f))
	}
	if o.Bind != nil && len(o.Bind.Referrals) > 0 {
		say("bind", "the bind as "+o.Bind.DN, o.Bind.Referrals)
	}
	for _, b := range o.finished() {
		if len(b.Referrals) == 0 || o.normalReferences(b) {
			continue
		}
		op := fmt.Sprintf("the search below %q", b.DN)
		if b.Step == "base" {
			op = fmt.Sprintf("the request for the base %q", b.DN)
		}
		say(b.DN, op, b.Referrals)
		if f := &out[len(out)-1]; o.Role == RoleManual && b.Code == 0 && withoutPeople(b.Referrals) {
			f.Severity = lint.Warning
			f.Message += ". This part of the directory contains no people, so the client's own search is complete. But CTIManager fails"
		}
	}
	return out
}

// normalReferences reports whether a search gave only references that every AD domain gives, to a role that ignores them: the client
// still finds its people. CTIManager fails with any reference.
func (o *Observation) normalReferences(b BaseSeen) bool {
	return o.Role == RoleClient && b.Code == 0 && len(b.Referrals) > 0 && withoutPeople(b.Referrals)
}

// withoutPeople reports whether references lead only to partitions in which no person lives: a search from the root of every AD domain
// gives them (MS-ADTS, section 3.1.1.1.5: the configuration, schema and application partitions below the domain's root).
func withoutPeople(referrals []string) bool {
	return !slices.ContainsFunc(referrals, func(url string) bool {
		dn := strings.ToLower(url)
		if i := strings.Index(dn, "://"); i >= 0 {
			dn = dn[i+3:]
		}
		_, dn, _ = strings.Cut(dn, "/")
		if plain, err := neturl.PathUnescape(dn); err == nil {
			dn = plain
		}
		for _, partition := range []string{"dc=forestdnszones,", "dc=domaindnszones,", "cn=configuration,", "cn=schema,cn=configuration,"} {
			if strings.HasPrefix(dn, partition) {
				return false
			}
		}
		return true
	})
}

func (o *Observation) referralEffect() string {
	switch o.Role {
	case RoleAuth:
		return "CTIManager does not follow it, and the desk phone shows \"invalid credentials\""
	case RoleClient:
		return "the client does not follow it, and the search is incomplete or fails"
	default:
		return "CTIManager and the client do not follow it: \"invalid credentials\" at the desk phone, incomplete searches in the client"
	}
}

// catalogEvidence says what the Global Catalog answered, and which form works.
func (o *Observation) catalogEvidence() (evidence []string, fix string) {
	fix = "Configure this role with a server that holds the whole base."
	if o.GCError != "" {
		evidence = append(evidence, "Global Catalog not tried: "+o.GCError)
	}
	works := ""
	for _, t := range o.GC {
		line := fmt.Sprintf("port %d, bind as %s (%s), base %q: ", t.Port, t.BindDN, t.Form, t.Base)
		switch {
		case t.Works:
			line += fmt.Sprintf("works, no referral, %s", entriesText(t.Entries, t.More))
			if works == "" {
				works = fmt.Sprintf("Use port %d with the base %q and the bind name %s: tried here, no referral, %s.", t.Port, t.Base, t.BindDN,
					entriesText(t.Entries, t.More))
				if o.Role == RoleAuth {
					works += " Restart CTIManager afterwards."
				}
			}
		case t.Text != "":
			line += t.Text
		default:
			line += "still no good answer"
		}
		evidence = append(evidence, line)
	}
	if works != "" {
		fix = works
	} else if o.RootDSE != nil && o.RootDSE.ActiveDirectory {
		fix = "Use a domain controller that has a Global Catalog (port 3268, with TLS 3269). On this host, none of the forms that were tried " +
			"works."
	}
	return evidence, fix
}

func entriesText(n int, more bool) string {
	switch {
	case more:
		return fmt.Sprintf("%d or more people found", n)
	case n == 1:
		return "1 person found"
	default:
		return fmt.Sprintf("%d people found", n)
	}
}

// judgeBases is LDAP104 and LDAP108.
func judgeBases(o *Observation) []lint.Finding {
	var out []lint.Finding
	if o.mustChange() {
		return nil // LDAP102 says it
	}
	for _, b := range o.finished() {
		if len(b.Referrals) > 0 && b.Entries == 0 && !o.normalReferences(b) {
			continue // LDAP103 says it
		}
		var f lint.Finding
		subject := o.ServerName() + " " + b.DN
		switch {
		case b.Code == ldap.LDAPResultNoSuchObject:
			f = ruleBase.New(subject, "%s has no search base %q. Every search of the client fails", o.server(), b.DN)
			f.Fix = "Correct the search base."
			if b.Matched != "" {
				f.Fix = fmt.Sprintf("Correct the search base. The nearest entry that exists is %q.", b.Matched)
			}
		case b.Code == ldap.LDAPResultInvalidDNSyntax:
			f = ruleBase.New(subject, "%s rejects the search base %q: it is not a valid DN. Every search of the client fails", o.server(), b.DN)
			f.Fix = "Write the search base as a DN (RFC 4514)."
		case b.Code != 0:
			verb, fix := refusedSearch(b.Code, b.Text)
			f = ruleEmpty.New(subject, "%s %s the client's own search below %q. The search returns no users", o.server(), verb, b.DN)
			f.Fix = fix
		case !b.Exists:
			f = ruleBase.New(subject, "%s does not show the search base %q to this account. Every search of the client returns no users", o.server(),
				b.DN)
			f.Fix = "Correct the search base, or give the account read rights for it."
		case b.Entries == 0:
			f = ruleEmpty.New(subject, "the search that the client makes below %q on %s returns no users", b.DN, o.server())
			f.Fix = "Check that there are users below this base, that the search includes lower levels if the users are there, and that the " +
				"account has read rights."
		default:
			continue
		}
		if b.Code != 0 {
			f.Evidence = append(f.Evidence, resultText(b.Code, b.Text))
		}
		if o.RootDSE != nil && len(o.RootDSE.NamingContexts) > 0 {
			f.Evidence = append(f.Evidence, "the server holds: "+strings.Join(o.RootDSE.NamingContexts, "; "))
		}
		out = append(out, o.at(f))
	}
	return out
}

// refusedSearch says what a directory did with a search that gave another result than success (RFC 4511, appendix A), and what to do.
func refusedSearch(code int, text string) (verb, fix string) {
	const narrow = "search a smaller base, or have the attributes of the filter indexed. "
	switch {
	case code == ldap.LDAPResultOperationsError && !strings.Contains(text, "SvcErr:"): // AD and Samba: no log-in before the search
	case code == ldap.LDAPResultTimeLimitExceeded:
		return "does not finish", "Let the client " + narrow + "The directory may also have a time limit for this account."
	case code == ldap.LDAPResultAdminLimitExceeded:
		return "stops", "Let the client " + narrow + "The directory's limits for this account are in its own configuration."
	case ownFailure(code):
		return "fails at", "Check the state of the directory server and its log, then try again."
	case code == ldap.LDAPResultUnwillingToPerform:
		return "is not willing to make", "Follow the server's text; the directory's own log may say more."
	}
	return "refuses", "Give the account read rights below the search base. Most directories refuse a search without a log-in."
}

// judgeSchema is LDAP009 with the directory's own schema as evidence.
func judgeSchema(o *Observation) []lint.Finding {
	var out []lint.Finding
	for _, a := range o.NotInGC {
		f := ruleGCAttribute.New(o.ServerName()+" "+strings.ToLower(a),
			"the attribute %s is mapped, but the schema of %s excludes it from the Global Catalog. On 3268 and 3269 the field stays empty",
			probe.Clean(a), o.server())
		f.Fix = "Search on 389 or 636 if there are no referrals. Or map an attribute that the Global Catalog has, or have the schema changed " +
			"(isMemberOfPartialAttributeSet)."
		f.Evidence = []string{"isMemberOfPartialAttributeSet is not TRUE in the schema entry of " + probe.Clean(a)}
		out = append(out, o.at(f))
	}
	return out
}

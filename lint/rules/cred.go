package rules

import (
	"strings"

	"cupclint/export"
	"cupclint/export/appliance"
	"cupclint/internal/secret"
	"cupclint/lint"
	"cupclint/resolve"
)

func credentials() []*lint.Rule {
	return []*lint.Rule{
		rule("CRED001", digestMissing),
		rule("CRED002", authenticationOff),
		rule("CRED003", aclAll),
		rule("CRED004", aclMisses),
		rule("CRED005", ctiReferral),
		rule("CRED006", unityPassword),
		rule("CRED007", imapCleartext),
		rule("CRED008", secretsInExport),
		lint.Define("CRED009", lint.Rule{Types: secretTypes, Value: fragilePassword}),
	}
}

func moduleOff(in *lint.Input) bool {
	return strings.EqualFold(value(in, export.SIPProxyAuthenticationModule), "Off")
}

// noDigest returns the empty digest credential of a user whom the proxy asks for one.
func noDigest(in *lint.Input) *export.Property {
	p := in.Get(export.UserDigestCredential)
	if p == nil || p.Value != "" || moduleOff(in) {
		return nil
	}
	return p
}

const digestFix = "Enter a digest credential for the end user in the call manager; any value works. If you cannot do that, add the " +
	"client subnets to the incoming ACL. Only as a last resort, switch the authentication module off."

func digestMissing(in *lint.Input) []lint.Finding {
	p := noDigest(in)
	if p == nil {
		return nil
	}
	list, _ := incomingACL(in)
	switch list {
	case noList:
	case unknown:
		f := in.At(p, "the end user has no digest credential. The export does not show whether the incoming ACL covers the client. If it does "+
			"not, Presence shows \"invalid credential\"")
		f.Severity = lint.Warning
		f.Fix = digestFix
		return one(f)
	default:
		return nil // covered, or CRED004 says it
	}
	f := in.At(p, "the end user has no digest credential and no incoming ACL covers the client. Presence shows \"invalid credential\" "+
		"although the log-in works")
	f.Fix = digestFix
	return one(f)
}

func authenticationOff(in *lint.Input) []lint.Finding {
	if !moduleOff(in) {
		return nil
	}
	f := in.At(in.Get(export.SIPProxyAuthenticationModule),
		"the SIP proxy's authentication module is off. Anyone who can reach the proxy can register as any user")
	f.Fix = "Switch it on and give end users a digest credential. Any value works; without one, Presence shows \"invalid credential\"."
	return one(f)
}

func aclAll(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for p := range in.All(export.SIPProxyIncomingACL) {
		if e, ok := resolve.ParseACLEntry(p.Value); ok && e.Everyone {
			f := in.At(p, "the incoming ACL entry %q matches every address. No client is asked for a digest credential", p.Value)
			f.Fix = "List the client subnets, or give end users a digest credential and remove the entry."
			findings = append(findings, f)
		}
	}
	return findings
}

func aclMisses(in *lint.Input) []lint.Finding {
	if noDigest(in) == nil {
		return nil
	}
	list, client := incomingACL(in)
	if list != missed {
		return nil
	}
	f := in.At(client, "the end user has no digest credential, and no entry of the incoming ACL covers the client at %s. Presence shows "+
		"\"invalid credential\"", client.Value)
	for p := range in.All(export.SIPProxyIncomingACL) {
		f.Evidence = append(f.Evidence, written(p)+" = "+p.Value)
	}
	f.Fix = "Add the client's subnet to the incoming ACL and restart the SIP proxy, or enter a digest credential for the end user."
	return one(f)
}

// ctiReferral takes a server without a port for one on 389, the default.
func ctiReferral(in *lint.Input) []lint.Finding {
	if v, ok := in.Value(export.CUCMLDAPAuthenticationEnabled); ok && !isTrue(v) {
		return nil
	}
	var findings []lint.Finding
	for server := range in.All(export.CUCMLDAPAuthenticationServerAddress) {
		port := member(in, export.CUCMLDAPAuthenticationServerPort, server.N)
		at, number, catalog := port, "389", "3268"
		switch {
		case server.Value == "":
			continue
		case !known(port):
			at = server
		case port.Value == "636":
			number, catalog = "636", "3269"
		case port.Value != "389":
			continue
		}
		f := in.At(at, "the call manager authenticates end users at %s on port %s. If the answer there is a referral, CTIManager fails and "+
			"Desk Phone shows \"invalid credential\"", server.Value, number)
		f.Fix = "Point LDAP authentication to a Global Catalog on port " + catalog + " and restart CTIManager."
		findings = append(findings, f)
	}
	return findings
}

func unityPassword(in *lint.Input) []lint.Finding {
	for _, k := range [...]export.KeyID{export.VoiceMailServerType, export.MailStoreServerType} {
		if p := in.Get(k); p != nil && strings.EqualFold(p.Value, "UnityConnection") {
			f := in.At(p, "voicemail is on Unity Connection. The client needs the Web Application password; the phone PIN is rejected")
			f.Fix = "If Voicemail shows \"invalid username/password\", reset the user's Web Application password, and clear \"User Must " +
				"Change at Next Sign-In\"."
			return one(f)
		}
	}
	return nil
}

// imapCleartext knows Exchange 2007 and 2010, whose LoginType is SecureLogin by default.
func imapCleartext(in *lint.Input) []lint.Finding {
	kind := value(in, export.MailStoreServerType)
	if !strings.EqualFold(kind, "Exchange2007") && !strings.EqualFold(kind, "Exchange2010") {
		return nil
	}
	var findings []lint.Finding
	for _, s := range mailStores(in) {
		if s.number() == 143 && !s.secure() {
			f := in.At(s.portPlace(), "the mail store %s is %s on port 143 without TLS. Log-in is disabled there by default (LOGINDISABLED), and "+
				"Voicemail shows \"invalid username/password\"", s.address.Value, kind)
			f.Fix = "Use TLS (993, or StartTLS on 143), or set the IMAP LoginType of the server to PlainTextLogin."
			findings = append(findings, f)
		}
	}
	return findings
}

// secretTypes are the types of keys whose values can be secret. An unknown key counts as text; its name can show that it holds
// a secret.
var secretTypes = []export.Type{export.SecretText, export.Text}

func secretsInExport(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	add := func(p *export.Property) {
		f := in.At(p, "the export contains a secret in %s. Anyone who can read the file can use it", written(p))
		f.Fix = "Run cupclint redact on the file before you store or send it. If you already did, change the secret."
		findings = append(findings, f)
	}
	for n := range in.Names() {
		if !n.Secret || forClients(in, &n) {
			continue // JAB009 says what to do about those of Jabber
		}
		if p := in.Named(n); p.Value != "" && !secret.Masked(p.Value) && !licenceSign(p.Key) {
			add(p)
		}
	}
	for i := range in.Found {
		add(&in.Found[i])
	}
	return findings
}

// maxPassword and fragile are an assumption: the support notes only say that plain passwords are best while testing.
const (
	maxPassword = 31
	fragile     = "&<>\"'`%\\;|^ "
)

// ciphertext reports whether a value is an encrypted password of the servers' database: it does not show the password.
func ciphertext(in *lint.Input, value string) bool {
	return in.Format.Records() && len(value) >= 32 && len(value)%2 == 0 && strings.Trim(value, "0123456789abcdefABCDEF") == ""
}

func fragilePassword(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	if !p.Secret() || secret.Masked(p.Value) || captured(p.Key) || licenceSign(p.Key) || p.Key.Jabber() || ciphertext(in, p.Value) {
		return lint.Finding{}, false
	}
	odd := func(r rune) bool { return r > '~' }
	if len(p.Value) <= maxPassword && !strings.ContainsAny(p.Value, fragile) && !strings.ContainsFunc(p.Value, odd) {
		return lint.Finding{}, false
	}
	f := in.At(p, "the secret in %s is longer than %d bytes, or has characters that cause problems in old releases", written(p),
		maxPassword)
	f.Fix = "If a log-in fails without a reason, test with a password of letters and digits only. Then set the stronger one again."
	return f, true
}

// captured reports keys whose values a server generates, not a person.
func captured(k export.KeyID) bool {
	return k == export.SessionKey || k == export.SessionOneTimePassword || k == export.LoginAppSessionID
}

// licenceSign reports the signature of a licence. redact removes it, but it is not a finding: it is not used to log in, and the file is
// useless without it.
func licenceSign(k export.KeyID) bool {
	f, ok := k.Appliance()
	return ok && f == appliance.LicenceSign
}

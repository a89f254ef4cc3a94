package rules

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

// jabber returns the rules on what Jabber reads: jabber-config.xml and jabber-bootstrap.properties.
func jabber() []*lint.Rule {
	rule := func(id string, check func(*lint.Input) []lint.Finding) *lint.Rule {
		return rule(id, func(in *lint.Input) []lint.Finding {
			if !in.Jabber() {
				return nil
			}
			return check(in)
		})
	}
	return []*lint.Rule{
		rule("JAB001", jabberKeyUnknown),
		lint.Define("JAB002", lint.Rule{Types: jabberTypes, Value: jabberValueInvalid}),
		rule("JAB003", jabberCredentials),
		rule("JAB004", jabberAnonymous),
		rule("JAB005", jabberTLSPort),
		rule("JAB006", jabberDiscoveryOff),
		rule("JAB007", jabberDirectory),
		rule("JAB008", jabberReplaced),
		rule("JAB009", jabberSecret),
		rule("JAB010", jabberPadded),
		rule("JAB011", jabberSection),
		rule("JAB012", jabberURIPrefix),
		rule("JAB013", jabberDomain),
		rule("JAB014", jabberPrompt),
	}
}

// set returns the key's value without the blanks that Jabber files have around values, or nil where it is not set.
func set(in *lint.Input, k export.KeyID) (string, *export.Property) {
	p := in.Get(k)
	if p == nil {
		return "", nil
	}
	v := strings.TrimSpace(p.Value)
	if v == "" {
		return "", nil
	}
	return v, p
}

// setOrOld is set for a directory key, or for the name that clients before 11.8 read in its place.
func setOrOld(in *lint.Input, k, old export.KeyID) (string, *export.Property) {
	if v, p := set(in, k); p != nil {
		return v, p
	}
	return set(in, old)
}

// jabberName is the key as it is written in the file.
func jabberName(p *export.Property) string { return p.Name[strings.LastIndexByte(p.Name, '.')+1:] }

// written is a key as the file has it: people look for it there. In jabber-config.xml it is the name of the element.
func written(p *export.Property) string {
	if p.Key.Jabber() || strings.HasPrefix(p.Name, jabberPrefix) {
		return jabberName(p)
	}
	return p.Name
}

// on reports whether a switch is on: Jabber takes true and 1.
func on(v string) bool { return strings.EqualFold(v, "true") || v == "1" }

func off(v string) bool { return strings.EqualFold(v, "false") || v == "0" }

// jabberCredentials: LdapAnonymousBinding, LDAP_UseCredentialsFrom, UseWindowsCredentials and a shared account exclude each other
// (Parameters Reference for Cisco Jabber 12.8, directory).
func jabberCredentials(in *lint.Input) []lint.Finding {
	var sources []*export.Property
	if v, p := set(in, export.JabberDirectoryUseWindowsCredentials); p != nil && on(v) {
		sources = append(sources, p)
	}
	if _, p := set(in, export.JabberDirectoryLDAPUseCredentialsFrom); p != nil {
		sources = append(sources, p)
	}
	for _, k := range jabberAccount {
		if _, p := set(in, k); p != nil {
			sources = append(sources, p)
			break // name and password are one source
		}
	}
	if len(sources) < 2 {
		return nil
	}
	last := sources[len(sources)-1]
	f := in.AtName(last, "%s and %s set two sources of credentials for the directory. Which one a client uses depends on its version",
		jabberName(sources[0]), jabberName(last))
	for _, p := range sources[:len(sources)-1] {
		f.Related = append(f.Related, in.Related(p, "%s sets another source", jabberName(p)))
	}
	f.Fix = "Keep one: the user's own log-in (LDAP_UseCredentialsFrom), or one account (ConnectionUsername and ConnectionPassword)."
	return one(f)
}

// jabberAccount name the account that all clients log in to the directory with.
var jabberAccount = [...]export.KeyID{
	export.JabberDirectoryConnectionUsername, export.JabberDirectoryConnectionPassword,
	export.JabberDirectoryBDIConnectionUsername, export.JabberDirectoryBDIConnectionPassword,
}

func jabberAnonymous(in *lint.Input) []lint.Finding {
	v, anonymous := set(in, export.JabberDirectoryLdapAnonymousBinding)
	if anonymous == nil || !on(v) {
		return nil
	}
	for _, k := range append(jabberAccount[:], export.JabberDirectoryLDAPUseCredentialsFrom) {
		if _, p := set(in, k); p != nil {
			f := in.AtName(p, "%s is set, but LdapAnonymousBinding says that clients do not log in to the directory", jabberName(p))
			f.Related = []lint.Related{in.Related(anonymous, "anonymous binding is on")}
			f.Fix = "Remove LdapAnonymousBinding if the directory requires a log-in, as Active Directory does. If not, remove the credentials."
			return one(f)
		}
	}
	return nil
}

// jabberTLSPort: UseSSL wins over the port (Parameters Reference for Cisco Jabber 12.8, UseSSL).
func jabberTLSPort(in *lint.Input) []lint.Finding {
	v, flag := setOrOld(in, export.JabberDirectoryUseSSL, export.JabberDirectoryBDIEnableTLS)
	if flag == nil || !on(v) && !off(v) {
		return nil
	}
	var findings []lint.Finding
	for _, k := range [...][2]export.KeyID{
		{export.JabberDirectoryServerPort1, export.JabberDirectoryBDIServerPort1},
		{export.JabberDirectoryServerPort2, export.JabberDirectoryServerPort2},
	} {
		port, p := setOrOld(in, k[0], k[1])
		plain, tls := port == "389" || port == "3268", port == "636" || port == "3269"
		if on(v) && !plain || off(v) && !tls {
			continue
		}
		how := "without TLS, but the port is for TLS"
		if on(v) {
			how = "with TLS, but the port is for LDAP without TLS"
		}
		f := in.At(p, "%s is %s and %s is %s. The client connects %s", jabberName(p), port, jabberName(flag), v, how)
		f.Related = []lint.Related{in.Related(flag, "%s wins over the port", jabberName(flag))}
		f.Fix = "Use 636 or 3269 with TLS, 389 or 3268 without."
		if on(v) { // towards TLS: the password must not be sent in the clear
			f.Edits = edit(in, p, map[string]string{"389": "636", "3268": "3269"}[port])
		} else {
			f.Edits = edit(in, flag, onLike(v))
		}
		findings = append(findings, f)
	}
	return findings
}

// jabberDiscoveryOff: with all three excluded there is no discovery (Jabber planning and deployment guides).
func jabberDiscoveryOff(in *lint.Input) []lint.Finding {
	for _, k := range [...]export.KeyID{export.JabberPoliciesServiceDiscoveryExcludedServices, export.JabberBootstrapExcludedServices} {
		v, p := set(in, k)
		if p == nil {
			continue
		}
		left := []string{"WEBEX", "CUCM", "CUP"}
		for word := range strings.SplitSeq(v, ",") {
			left = slices.DeleteFunc(left, func(s string) bool { return strings.EqualFold(s, strings.TrimSpace(word)) })
		}
		if len(left) == 0 {
			f := in.At(p, "%s excludes all services. The client discovers no server, and every user has to enter servers by hand", jabberName(p))
			f.Fix = "Exclude only the services that the deployment does not have."
			return one(f)
		}
	}
	return nil
}

// jabberDirectory warns only: the guide's own samples go without a port, and its text and its table disagree on PresenceDomain outside
// of phone mode (Parameters Reference for Cisco Jabber 12.8, directory; Cisco TAC note 212104).
func jabberDirectory(in *lint.Input) []lint.Finding {
	if in.Format == export.JabberLog { // it shows what the client happened to ask for: a key that is not in it may be set
		return nil
	}
	var findings []lint.Finding
	if v, p := set(in, export.JabberDirectoryDirectoryServerType); p != nil && strings.EqualFold(v, "UDS") {
		if _, domain := setOrOld(in, export.JabberDirectoryPresenceDomain, export.JabberDirectoryBDIPresenceDomain); domain == nil {
			f := in.AtName(p, "DirectoryServerType is UDS and PresenceDomain is missing. In phone mode, contacts found in the directory have no "+
				"presence")
			f.Fix = "Add PresenceDomain with the domain of the presence server. For other modes the guides disagree whether it is required."
			findings = append(findings, f)
		}
	}
	for _, pair := range [...][4]export.KeyID{
		{export.JabberDirectoryPrimaryServerName, export.JabberDirectoryServerPort1, export.JabberDirectoryBDIPrimaryServerName,
			export.JabberDirectoryBDIServerPort1},
		{export.JabberDirectorySecondaryServerName, export.JabberDirectoryServerPort2, export.NoKey, export.NoKey},
	} {
		_, server := set(in, pair[0])
		_, port := setOrOld(in, pair[1], pair[3])
		if server != nil && port == nil {
			f := in.AtName(server, "%s is set without %s", jabberName(server), pair[1].Short())
			f.Fix = fmt.Sprintf("Add %s: 389 or 636 for the domain, 3268 or 3269 for the Global Catalog.", pair[1].Short())
			findings = append(findings, f)
		}
	}
	return findings
}

// jabberURIPrefix: UriPrefix is for attributes that carry a scheme (Parameters Reference for Cisco Jabber 12.8).
func jabberURIPrefix(in *lint.Input) []lint.Finding {
	prefix, p := set(in, export.JabberDirectoryUriPrefix)
	attribute, sip := set(in, export.JabberDirectorySipUri)
	if p == nil || sip == nil || strings.HasPrefix(strings.ToLower(attribute), "msrtcsip") {
		return nil
	}
	f := in.At(p, "UriPrefix is %q, but values of the attribute %s have no prefix. Contacts are not resolved", prefix, attribute)
	f.Related = []lint.Related{in.Related(sip, "the SIP URI comes from %s", attribute)}
	f.Fix = "Remove UriPrefix, or set the SIP URI attribute to msRTCSIP-PrimaryUserAddress."
	return one(f)
}

// jabberDomain judges what can be said of discovery without asking DNS: the records are _cisco-uds._tcp, _cuplogin._tcp and
// _collab-edge._tls below the domain (Jabber DNS Configuration Guide 9.7).
func jabberDomain(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for _, k := range [...]export.KeyID{export.JabberClientVoiceServicesDomain, export.JabberBootstrapServicesDomain,
		export.JabberBootstrapVoiceServicesDomain} {
		v, p := set(in, k)
		if p == nil {
			continue
		}
		problem := ""
		switch {
		case isAddress(v):
			problem = "is an address"
		case strings.HasPrefix(v, "_") || strings.Contains(v, "://"):
			problem = "is not a domain, but a record or a URL"
		case !strings.Contains(v, "."):
			problem = "is a single label"
		case resolve.HostnameProblem(v) != "":
			problem = "is not a valid domain"
		default:
			continue
		}
		f := in.At(p, "%s %q %s. The client asks DNS for _cisco-uds._tcp.%s and finds no service", jabberName(p), v, problem, v)
		f.Fix = "Enter the DNS domain that has the SRV records."
		findings = append(findings, f)
	}
	return findings
}

// jabberPrompt: SSO_EMAIL_PROMPT=ON needs UPN_DISCOVERY_ENABLED=False and both domains (deployment guides for Cisco Jabber 12 to 14,
// arguments of the installer for Windows). Device management and links have the prompt without such a condition.
func jabberPrompt(in *lint.Input) []lint.Finding {
	switch in.Format {
	case export.JabberEMM, export.JabberLink, export.JabberLog:
		return nil
	}
	v, p := set(in, export.JabberBootstrapSsoEmailPrompt)
	if p == nil || !strings.EqualFold(v, "ON") {
		return nil
	}
	var missing []string
	if upn, at := set(in, export.JabberBootstrapUpnDiscoveryEnabled); at == nil || !off(upn) {
		missing = append(missing, "UPN_DISCOVERY_ENABLED=false")
	}
	if _, at := set(in, export.JabberBootstrapServicesDomain); at == nil {
		missing = append(missing, "SERVICES_DOMAIN")
	}
	if _, at := set(in, export.JabberBootstrapVoiceServicesDomain); at == nil {
		missing = append(missing, "VOICE_SERVICES_DOMAIN")
	}
	if missing == nil {
		return nil
	}
	f := in.At(p, "%s is ON without %s. The client does not ask for the mail address", jabberName(p), strings.Join(missing, ", "))
	f.Fix = "Install with SSO_EMAIL_PROMPT=ON, UPN_DISCOVERY_ENABLED=false and both domains."
	return one(f)
}

package rules

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

func directory() []*lint.Rule {
	return []*lint.Rule{
		rule("LDAP001", notGlobalCatalog),
		lint.Define("LDAP002", lint.Rule{Fleet: func() lint.Fleet { return accountRoles{} }}),
		rule("LDAP003", anonymousBind),
		rule("LDAP004", cleartextBind),
		rule("LDAP005", searchBaseMissing),
		lint.Define("LDAP006", lint.Rule{Types: []export.Type{export.DN, export.BindName}, Value: dnInvalid}),
		lint.Define("LDAP007", lint.Rule{Fleet: func() lint.Fleet { return passwords{} }}),
		rule("LDAP008", portProtocol),
		lint.Define("LDAP009", lint.Rule{Fleet: func() lint.Fleet { return new(catalogUse) }}),
		rule("LDAP010", baseElsewhere),
	}
}

var searchBases = [...]export.KeyID{export.DirectorySearchContext1, export.DirectorySearchContext2, export.DirectorySearchContext3}

// activeDirectory reports whether a directory is Active Directory: it is called so, or a base has DC parts and nothing shows another
// product, where people are named by uid.
func activeDirectory(in *lint.Input) bool {
	if v := value(in, export.DirectoryType); v != "" {
		return strings.EqualFold(v, "ActiveDirectory")
	}
	account, _, _ := nextRDN(value(in, export.DirectoryDN))
	if strings.EqualFold(account.attribute, "uid") || strings.EqualFold(value(in, export.DirectoryAttributeUserID), "uid") {
		return false
	}
	for _, k := range searchBases {
		if domain, _ := domainOf(value(in, k)); domain.n > 0 {
			return true
		}
	}
	return false
}

func notGlobalCatalog(in *lint.Input) []lint.Finding {
	why := referralsLikely(in)
	if why == "" || !activeDirectory(in) {
		return nil
	}
	var findings []lint.Finding
	for _, s := range directoryServers(in) {
		catalog := "3268"
		switch s.number() {
		case 389:
		case 636:
			catalog = "3269"
		default:
			continue
		}
		f := in.At(s.portPlace(), "the client uses directory server %s on port %d, and %s. It answers with referrals, which the client does "+
			"not follow",
			s.address.Value, s.number(), why)
		f.Fix = "Use the Global Catalog of a domain controller: port " + catalog + "."
		findings = append(findings, f)
	}
	return findings
}

// referralsLikely says why a domain controller will answer with referrals, "" when nothing points to it.
func referralsLikely(in *lint.Input) string {
	domains := 0
	for p := range in.All(export.DirectoryForestDomain) {
		if p.Value != "" {
			domains++
		}
	}
	if domains > 1 {
		return fmt.Sprintf("the forest has %d domains", domains)
	}
	for _, k := range searchBases {
		base := strings.TrimLeft(value(in, k), " ")
		if base != "" && len(dcPart(base)) == len(base) { // most bases have something before the domain
			if _, root := domainOf(base); root {
				return fmt.Sprintf("the search base %s is the root of a domain", base)
			}
		}
	}
	return ""
}

func anonymousBind(in *lint.Input) []lint.Finding {
	p := in.Get(export.DirectoryAnonymousBind)
	if p == nil || !isTrue(p.Value) {
		return nil
	}
	f := in.At(p, "the client binds anonymously. Active Directory refuses searches without an account, other directories answer everyone")
	if account := in.Get(export.DirectoryDN); known(account) {
		f = in.At(p, "anonymous bind is on although a bind DN is configured. The client binds without the account")
		f.Evidence = []string{written(account) + " = " + account.Value}
	}
	f.Fix = "Set AnonymousBind to FALSE and give the LDAP profile an account of its own."
	return one(f)
}

// cleartextBind speaks once for all servers that the client asks, and for each of the call manager's.
func cleartextBind(in *lint.Input) []lint.Finding {
	findings := append(cleartextCallManager(in), cleartextJabber(in)...)
	if v, flag := set(in, export.JabberDirectoryUseSSL); flag != nil && in.Format == export.Registry && on(v) {
		return findings // of Enhanced Directory Integration: the flag wins over the port
	}
	if !known(in.Get(export.DirectoryDN)) || isTrue(value(in, export.DirectoryAnonymousBind)) {
		return findings
	}
	client := len(findings)
	for _, s := range directoryServers(in) {
		if n := s.number(); s.secure() || n == 636 || n == 3269 {
			continue
		}
		if known(s.port) && !validPort(s.port.Value) || known(s.protocol) && !oneOf(s.protocol.Key, s.protocol.Value) {
			continue // HYG003 and HYG005 report that: what is meant is not known
		}
		if len(findings) > client {
			findings[client].Evidence = append(findings[client].Evidence, s.address.Value+" too")
			continue
		}
		at := s.protocol
		if !known(at) {
			at = s.portPlace()
		}
		f := in.At(at, "the client sends the account's password to %s without TLS. Anyone on the network path can read it", s.address.Value)
		findings = append(findings, useTLS(in, f))
	}
	return findings
}

// cleartextJabber looks at clients that are set to work without TLS. If UseSSL is not set, TLS is on (Parameters Reference for Cisco Jabber
// 12.8, UseSSL). With a port for TLS the connection fails before a password is sent; JAB005 reports that.
func cleartextJabber(in *lint.Input) []lint.Finding {
	v, flag := setOrOld(in, export.JabberDirectoryUseSSL, export.JabberDirectoryBDIEnableTLS)
	if flag == nil || !off(v) || in.Format == export.Registry {
		return nil
	}
	if v, p := set(in, export.JabberDirectoryLdapAnonymousBinding); p != nil && on(v) {
		return nil
	}
	_, password := setOrOld(in, export.JabberDirectoryConnectionPassword, export.JabberDirectoryBDIConnectionPassword)
	_, account := setOrOld(in, export.JabberDirectoryConnectionUsername, export.JabberDirectoryBDIConnectionUsername)
	_, users := set(in, export.JabberDirectoryLDAPUseCredentialsFrom)
	if password == nil && account == nil && users == nil {
		return nil
	}
	for _, port := range directoryPorts(in) {
		if port == 636 || port == 3269 {
			return nil
		}
	}
	whose := "the account's password"
	if users != nil {
		whose = "the user's password"
	}
	f := in.At(flag, "%s is %s. The client sends %s to the directory without TLS, and anyone on the network path can read it",
		jabberName(flag), v,
		whose)
	return one(useTLS(in, f))
}

// cleartextCallManager looks at servers that are set to work without TLS. For a server without the setting it is unknown.
func cleartextCallManager(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for i, use := range [...]struct{ enabled, tls, address export.KeyID }{
		{export.CUCMLDAPAuthenticationEnabled, export.CUCMLDAPAuthenticationServerTLS, export.CUCMLDAPAuthenticationServerAddress},
		{export.CUCMLDAPDirectoryEnabled, export.CUCMLDAPDirectoryServerTLS, export.CUCMLDAPDirectoryServerAddress},
	} {
		if v, ok := in.Value(use.enabled); ok && !isTrue(v) {
			continue
		}
		whose := [...]string{"the passwords of end users", "the password of its account"}[i]
		for tls := range in.All(use.tls) {
			server := member(in, use.address, tls.N)
			if !strings.EqualFold(tls.Value, "FALSE") || !known(server) {
				continue
			}
			findings = append(findings, useTLS(in,
				in.At(tls, "the call manager sends %s to %s without TLS. Anyone on the network path can read it", whose, server.Value)))
		}
	}
	return findings
}

func useTLS(in *lint.Input, f lint.Finding) lint.Finding {
	f.Fix = "Use TLS (636, or 3269 for the Global Catalog) after you have tested the connection without TLS."
	if in.Profile == FirstLight {
		f.Severity = lint.Info
	}
	return f
}

func searchBaseMissing(in *lint.Input) []lint.Finding {
	for _, k := range searchBases {
		if known(in.Get(k)) {
			return nil
		}
	}
	for _, s := range directoryServers(in) {
		near := in.Get(searchBases[0])
		if near == nil {
			near = s.address
		}
		if in.Format == export.Registry && !strings.HasPrefix(s.address.Name, "Directory.") {
			continue // Enhanced Directory Integration: without a base the search begins at the root (deployment guides)
		}
		f := in.Missing(export.DirectorySearchContext1, near, "the directory %s has no search base. A search returns no users", s.address.Value)
		f.Fix = "Enter the base of the users as search context of the LDAP profile."
		return one(f)
	}
	return nil
}

func dnInvalid(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	text := p.Value
	if p.Key.Jabber() {
		text = strings.TrimSpace(text)
	}
	if isPlaceholder(text) {
		return lint.Finding{}, false // HYG007 reports it
	}
	if p.Key.Type() == export.DN {
		if validDN(text) {
			return lint.Finding{}, false
		}
		f := in.At(p, "the search base %q is not a valid distinguished name. The directory rejects the search", p.Value)
		f.Fix = "Write it as in OU=People,DC=acme,DC=com. Put \\ before a comma that is part of a name (RFC 4514)."
		f.Edits = trimmed(in, p, validDN)
		return f, true
	}
	if p.Key.Jabber() || bindFormOf(p.Value) != badBind { // Jabber adds LdapUserDomain to a bare name
		return lint.Finding{}, false
	}
	f := in.At(p, "the account %q is neither a distinguished name nor user@domain nor DOMAIN\\user. The directory refuses the bind", p.Value)
	f.Fix = "Write it as in CN=svc-cupc,OU=Service,DC=acme,DC=com (RFC 4514), svc-cupc@acme.com or ACME\\svc-cupc."
	f.Edits = trimmed(in, p, func(v string) bool { return bindFormOf(v) != badBind })
	return f, true
}

// portProtocol treats TLS on a plain port as StartTLS. The call manager has no StartTLS.
func portProtocol(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for _, s := range directoryServers(in) {
		if !known(s.protocol) {
			continue
		}
		tlsPort, plainPort := s.number() == 636 || s.number() == 3269, s.number() == 389 || s.number() == 3268
		switch {
		case tlsPort && !s.secure():
			f := in.At(s.protocol, "port %d of %s speaks TLS from the first byte, but the protocol is %s. The client gets no answer", s.number(),
				s.address.Value, s.protocol.Value)
			f.Fix = "Set the protocol to SSL, or use port 389."
			if s.number() == 3269 {
				f.Fix = "Set the protocol to SSL, or use port 3268."
			}
			f.Edits = edit(in, s.protocol, "SSL")
			findings = append(findings, f)
		case plainPort && s.speaks("SSL"):
			f := in.At(s.protocol, "port %d of %s does not begin with TLS, but the protocol is %s. The TLS handshake fails", s.number(),
				s.address.Value,
				s.protocol.Value)
			tlsPort := map[int]string{389: "636", 3268: "3269"}[s.number()]
			f.Fix = "Set the protocol to TCP, or use port " + tlsPort + "."
			if known(s.port) {
				f.Edits = edit(in, s.port, tlsPort) // towards TLS: the password must not be sent in the clear
			}
			findings = append(findings, f)
		}
	}
	findings = append(findings, flagAndPort(in)...)
	for _, keys := range [...][3]export.KeyID{
		{export.CUCMLDAPAuthenticationServerTLS, export.CUCMLDAPAuthenticationServerPort, export.CUCMLDAPAuthenticationServerAddress},
		{export.CUCMLDAPDirectoryServerTLS, export.CUCMLDAPDirectoryServerPort, export.CUCMLDAPDirectoryServerAddress},
	} {
		for tls := range in.All(keys[0]) {
			port := member(in, keys[1], tls.N)
			if port == nil || tls.Value == "" {
				continue
			}
			on, tlsPort, plainPort := isTrue(tls.Value), port.Value == "636" || port.Value == "3269", port.Value == "389" || port.Value == "3268"
			if on && plainPort || !on && tlsPort {
				f := in.At(tls, "TLS is %s but the port is %s. The call manager supports only TLS from the first byte, on 636 and 3269",
					strings.ToUpper(tls.Value), port.Value)
				f.Fix = "Use 636 or 3269 with TLS, 389 or 3268 without TLS."
				if on {
					f.Edits = edit(in, port, map[string]string{"389": "636", "3268": "3269"}[port.Value])
				} else {
					f.Edits = edit(in, tls, sameCase("TRUE", tls.Value))
				}
				findings = append(findings, f)
			}
		}
	}
	return findings
}

// flagAndPort compares UseSSL with the ports, which Enhanced Directory Integration both has in the registry. JAB005 does it for
// jabber-config.xml.
func flagAndPort(in *lint.Input) []lint.Finding {
	v, flag := set(in, export.JabberDirectoryUseSSL)
	if flag == nil || in.Format != export.Registry || !on(v) && !off(v) {
		return nil
	}
	for _, s := range directoryServers(in) {
		n := s.number()
		tlsPort, plainPort := n == 636 || n == 3269, known(s.port) && (n == 389 || n == 3268)
		if on(v) && !plainPort || off(v) && !tlsPort {
			continue
		}
		f := in.At(flag, "UseSSL is %s, but port %d of %s is for TLS. The client gets no answer", v, n, s.address.Value)
		if on(v) {
			f = in.At(flag, "UseSSL is %s, but port %d of %s does not begin with TLS. The TLS handshake fails", v, n, s.address.Value)
		}
		f.Related = []lint.Related{in.Related(s.port, "the port is %d", n)}
		f.Fix = "Use 636 or 3269 with UseSSL 1, 389 or 3268 with UseSSL 0."
		return one(f)
	}
	return nil
}

// notInCatalog are attributes that Microsoft's base schema keeps out of the Global Catalog (MS-ADA1 to MS-ADA3,
// isMemberOfPartialAttributeSet). Exchange's schema extension adds many of them, which is why Cisco's own table has some as present.
var notInCatalog = [...]string{
	"mobile", "otherTelephone", "title", "company", "co", "postalCode", "streetAddress", "thumbnailPhoto", "department",
	"physicalDeliveryOfficeName", "facsimileTelephoneNumber", "pager", "otherMobile", "otherHomePhone", "proxyAddresses", "jpegPhoto",
	"employeeID", "employeeNumber", "initials", "info", "wWWHomePage", "uid", "memberOf",
}

// A catalogUse gathers which attributes clients map and on which ports they ask a directory, by folder: jabber-config.xml maps attributes,
// and the server may be named in a file next to it.
type catalogUse struct {
	attributes []mappedAttribute
	ports      map[string]int // of the Global Catalog, by folder
	noted      mappedPort     // in ports last: most files of a folder have the same

	// Of the file that was added last: its name, where its attributes begin, and whether it asks the domain itself.
	file   []byte
	first  int
	domain bool
}

type mappedPort struct {
	folder string
	port   int
}

type mappedAttribute struct {
	folder, value string
	place         lint.Place
}

// maxMapped bounds how many places a run keeps.
const maxMapped = 100_000

func (c *catalogUse) Add(in *lint.Input) {
	if string(c.file) != in.File { // the exports of one file come one after the other
		c.file, c.first, c.domain = append(c.file[:0], in.File...), len(c.attributes), false
	}
	own := 0 // the port of the Global Catalog in this export; -1 for another port
	for _, port := range directoryPorts(in) {
		switch {
		case port == 3268 || port == 3269:
			own = port
		case own == 0:
			own = -1
		}
	}
	switch {
	case own > 0:
		if rest, ok := strings.CutPrefix(in.File, c.noted.folder+"/"); !ok || own > c.noted.port || strings.ContainsAny(rest, "/!") {
			c.note(folderOf(in), own)
		}
	case own < 0:
		c.attributes, c.domain = c.attributes[:c.first], true
	}
	if c.domain {
		return
	}
	for i := range in.Export.Properties {
		p := &in.Export.Properties[i]
		if p.Key.Type() != export.Attribute || len(c.attributes) >= maxMapped {
			continue
		}
		v := strings.TrimSpace(p.Value)
		if slices.ContainsFunc(notInCatalog[:], func(a string) bool { return len(a) == len(v) && strings.EqualFold(a, v) }) {
			c.attributes = append(c.attributes, mappedAttribute{strings.Clone(folderOf(in)), strings.Clone(v), in.Place(p)})
		}
	}
}

func folderOf(in *lint.Input) string { return path.Dir(strings.ReplaceAll(in.File, "!", "/")) }

// note remembers the highest port of a folder.
func (c *catalogUse) note(folder string, port int) {
	if c.ports == nil {
		c.ports = map[string]int{}
	}
	c.noted = mappedPort{strings.Clone(folder), max(port, c.ports[folder])}
	c.ports[c.noted.folder] = c.noted.port
}

func (c *catalogUse) Merge(other lint.Fleet) {
	o := other.(*catalogUse)
	for folder, port := range o.ports {
		c.note(folder, port)
	}
	c.attributes = append(c.attributes, o.attributes...)
}

func (c *catalogUse) Findings() []lint.Finding {
	var findings []lint.Finding
	for _, a := range c.attributes {
		port := c.ports[a.folder]
		if port == 0 {
			continue
		}
		f := a.place.Finding("the client reads %s from the Global Catalog on port %d, which does not have that attribute unless the schema was "+
			"extended. The field stays empty", a.value, port)
		f.Fix = "Have the attribute replicated to the Global Catalog (schema snap-in). If the forest has one domain, you can use 389 or 636 " +
			"instead."
		findings = append(findings, f)
	}
	return findings
}

// directoryPorts are the ports that a client asks its directory on, those of Jabber's files too, under their old and new names.
func directoryPorts(in *lint.Input) []int {
	var ports []int
	for _, s := range directoryServers(in) {
		ports = append(ports, s.number())
	}
	for _, k := range jabberPorts {
		if v, p := set(in, k); p != nil {
			if n, err := strconv.Atoi(v); err == nil {
				ports = append(ports, n)
			}
		}
	}
	return ports
}

var jabberPorts = [...]export.KeyID{export.JabberDirectoryServerPort1, export.JabberDirectoryServerPort2,
	export.JabberDirectoryBDIServerPort1}

func baseElsewhere(in *lint.Input) []lint.Finding {
	account := value(in, export.DirectoryDN)
	place := dcPart(account)
	elsewhere := func(k export.KeyID) bool {
		base := value(in, k)
		return base != "" && dcPart(base) != place
	}
	if !slices.ContainsFunc(searchBases[:], elsewhere) {
		return nil // all have the same domain, or none
	}
	var domain dnsDomain
	switch bindFormOf(account) {
	case dnBind:
		domain, _ = domainOf(account)
	case upnBind:
		_, name, _ := strings.Cut(account, "@")
		domain.add(name)
	}
	if domain.n == 0 {
		return nil
	}
	var findings []lint.Finding
	for _, k := range searchBases {
		base, _ := domainOf(value(in, k))
		if base.n == 0 || base.within(&domain) || domain.within(&base) {
			continue
		}
		f := in.At(in.Get(k), "the search base is in %s but the account is in %s. If they are not one forest, this account cannot find the base",
			base.String(), domain.String())
		f.Fix = "Check that both are domains of one forest, or use an account of the domain in which the client searches."
		findings = append(findings, f)
	}
	return findings
}

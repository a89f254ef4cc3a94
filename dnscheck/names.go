package dnscheck

import (
	"cmp"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/lazy"
	"cupclint/lint"
	"cupclint/resolve"
)

// Names gathers every name that deployments depend on, each once, with the places that need it. It is a lint.Fleet: a
// lint run over exports fills it on the way, so that exports are read once. It makes no findings of its own.
type Names struct {
	subjects map[subjectKey]*Subject
	list     []*Subject // all of them, as they came: nearly in the order of the run
	covered  []*Subject // those that Subjects left out
	domain   *Subject   // the last one that was a domain: most exports of a fleet have the same
}

type subjectKey struct {
	name string
	kind Kind
	xmpp bool
}

// NewNames makes an empty collection.
func NewNames() *Names { return &Names{subjects: make(map[subjectKey]*Subject)} }

// expect reserves memory for so many names.
func (names *Names) expect(n int) {
	if len(names.subjects) == 0 && n > 0 {
		names.subjects, names.list = make(map[subjectKey]*Subject, n), make([]*Subject, 0, n)
	}
}

// Collector makes a rule whose run fills collections like this one; at the end of the run all that was gathered is in
// names. The rule is not part of the catalogue, so no policy can switch it off.
func (names *Names) Collector() *lint.Rule {
	first := true
	return &lint.Rule{
		ID: "collect-names", Name: "collect-names", Area: "dns", Kind: lint.FleetKind,
		// The run makes the accumulators one after the other and merges all others into the first.
		Fleet: func() lint.Fleet {
			if first {
				first = false
				return names
			}
			return NewNames()
		},
	}
}

// hostKeys lists the keys whose value is a host that a client or server looks up, with its role and rank.
var hostKeys = [...]struct {
	key  export.KeyID
	role Role
	rank string
}{
	{export.DirectoryPrimaryAddress, RoleDirectory, "primary"},
	{export.DirectoryBackup1Address, RoleDirectory, "backup"},
	{export.DirectoryBackup2Address, RoleDirectory, "backup2"},
	{export.CUCMLDAPAuthenticationServerAddress, RoleDirectory, "CUCM authentication"},
	{export.CUCMLDAPDirectoryServerAddress, RoleDirectory, "CUCM synchronisation"},
	{export.CallControlPrimaryAddress, RoleCTI, "primary"},
	{export.CallControlBackup1Address, RoleCTI, "backup"},
	{export.CallControlBackup2Address, RoleCTI, "backup2"},
	{export.TFTPPrimary, RoleTFTP, "primary"},
	{export.TFTPBackup1, RoleTFTP, "backup"},
	{export.TFTPBackup2, RoleTFTP, "backup2"},
	{export.CCMCIPHost, RoleCCMCIP, "primary"},
	{export.CCMCIPHostBackup, RoleCCMCIP, "backup"},
	{export.VoiceMailPrimaryAddress, RoleVoicemail, "primary"},
	{export.VoiceMailBackup1Address, RoleVoicemail, "backup"},
	{export.VoiceMailBackup2Address, RoleVoicemail, "backup2"},
	{export.MailStorePrimaryAddress, RoleMail, "primary"},
	{export.MailStoreBackup1Address, RoleMail, "backup"},
	{export.MailStoreBackup2Address, RoleMail, "backup2"},
	{export.CalendarPrimary, RoleCalendar, "primary"},
	{export.CalendarBackup, RoleCalendar, "backup"},
	{export.CalendarServerAddress, RoleCalendar, ""},
	{export.MeetingPlacePrimaryAddress, RoleMeeting, "primary"},
	{export.MeetingPlaceBackup1Address, RoleMeeting, "backup"},
	{export.MeetingPlaceBackup2Address, RoleMeeting, "backup2"},
	{export.SIPProxyStaticRouteNextHop, RoleRoute, ""},
	{export.JabberDirectoryPrimaryServerName, RoleDirectory, "primary"},
	{export.JabberDirectorySecondaryServerName, RoleDirectory, "backup"},
	{export.JabberDirectoryBDIPrimaryServerName, RoleDirectory, "primary"},
	{export.JabberDirectoryUdsServer, RoleUDS, ""},
	{export.JabberPresencePresenceServerAddress, RoleXMPP, ""},
	{export.JabberVoicemailVoicemailPrimaryServer, RoleVoicemail, "primary"},
	{export.JabberVoicemailVoicemailBackup1Server, RoleVoicemail, "backup"},
	{export.JabberVoicemailVoicemailBackup2Server, RoleVoicemail, "backup2"},
	{export.JabberPhoneTftpServer1, RoleTFTP, "primary"},
	{export.JabberPhoneTftpServer2, RoleTFTP, "backup"},
	{export.JabberPhoneCtiServer1, RoleCTI, "primary"},
	{export.JabberPhoneCtiServer2, RoleCTI, "backup"},
	{export.JabberPhoneCcmcipServer1, RoleCCMCIP, "primary"},
	{export.JabberPhoneCcmcipServer2, RoleCCMCIP, "backup"},
	{export.JabberPhoneMeetingServerAddress, RoleMeeting, "primary"},
	{export.JabberOptionsInternalExchangeServer, RoleCalendar, "inside"},
	{export.JabberBootstrapCupAddress, RoleXMPP, ""},
	{export.JabberBootstrapTftp, RoleTFTP, "primary"},
	{export.JabberBootstrapCti, RoleCTI, "primary"},
	{export.JabberBootstrapCcmcip, RoleCCMCIP, "primary"},
	{export.UCServiceAddress, RoleUCService, ""},
	{export.JabberDirectoryUdsPhotoUriWithToken, RoleWeb, ""},
	{export.JabberDirectoryPhotoUriWithToken, RoleWeb, ""},
	{export.JabberPresencePresenceServerURL, RoleWeb, ""},
	{export.JabberClientForgotPasswordURL, RoleWeb, ""},
	{export.JabberClientPrtLogServerURL, RoleWeb, ""},
	{export.JabberClientUpdateURL, RoleWeb, ""},
	{export.JabberPhoneE911NotificationURL, RoleWeb, ""},
	{export.JabberPoliciesRemotePRTServer, RoleWeb, ""},
	{export.JabberPoliciesSelfcareURL, RoleWeb, ""},
	{export.JabberBootstrapForgotPasswordUrl, RoleWeb, ""},
	{export.ClusterNodeName, RoleNode, ""},
}

// serviceDomains are what Jabber looks for its discovery records in.
var serviceDomains = [...]export.KeyID{
	export.JabberBootstrapServicesDomain, export.JabberBootstrapVoiceServicesDomain, export.JabberClientVoiceServicesDomain,
}

// Add takes the names of one export.
func (names *Names) Add(in *lint.Input) {
	file := ""
	use := func(role Role, rank string, p *export.Property) Use {
		return Use{Role: role, Rank: rank, Place: placeOf(in, p, &file)}
	}
	for _, n := range in.PresenceNodes() {
		if n.Node == nil || n.Address.Value == "" {
			continue
		}
		name := presenceName(&n.Address, in.Generation)
		s := names.subject(name, kindOf(name), in.Generation)
		s.madeOf(n.Address.Node, n.Address.Domain, n.Address.Step, n.Address.Problems == 0)
		s.add(func() Use { return use(RolePresence, n.Role, n.Node) })
	}
	names.addDomains(in, use)
	places := hostPlaces.Get()
	for i := range in.Properties {
		p := &in.Properties[i]
		if places[p.Key] == 0 {
			continue
		}
		h := &hostKeys[places[p.Key]-1]
		value := p.Value
		if h.key.Jabber() {
			value = strings.TrimSpace(value) // Jabber's values may be padded
		}
		if host := hostOf(value); host != "" && worthAsking(h.role, value, host) {
			names.subject(host, kindOf(host), in.Generation).add(func() Use { return use(h.role, h.rank, p) })
		}
	}
}

// hostPlaces has the place of each key in hostKeys, from 1; 0 is for other keys.
var hostPlaces = lazy.Value[[]uint8]{New: func() []uint8 {
	places := make([]uint8, export.NumKeys)
	for i, h := range hostKeys {
		places[h.key] = uint8(i + 1)
	}
	return places
}}

// worthAsking leaves out values that are not names that clients look up: a web address without a host, or with a part that the client
// fills in; a node known by its bare name or by its address, since clients get names of nodes in several forms.
func worthAsking(role Role, value, host string) bool {
	switch role {
	case RoleWeb:
		return strings.Contains(value, "://") && resolve.HostnameProblem(host) == ""
	case RoleNode:
		return strings.Contains(host, ".") && kindOf(host) == Host && resolve.HostnameProblem(host) == ""
	}
	return true
}

func (names *Names) addDomains(in *lint.Input, use func(Role, string, *export.Property) Use) {
	for _, key := range serviceDomains {
		p := in.Get(key)
		if p == nil {
			continue
		}
		domain := strings.TrimSpace(p.Value)
		if domain == "" || resolve.HostnameProblem(domain) != "" || kindOf(domain) == Address {
			continue // JAB013 says what is wrong with it
		}
		names.subject(domain, Domain, resolve.XMPP).add(func() Use { return use(RoleServices, "", p) })
	}
	var routes []resolve.StaticRoute
	for _, key := range [...]export.KeyID{export.PresenceDomain, export.SIPProxyDomain} {
		p := in.Get(key)
		if p == nil || p.Value == "" || kindOf(p.Value) == Address {
			continue
		}
		if routes == nil {
			routes = staticRoutes(in.Export)
		}
		s := names.subject(p.Value, Domain, in.Generation)
		s.Routed = s.Routed || len(routes) > 0 &&
			resolve.NextHop(resolve.URI{Scheme: "sip", Host: p.Value}, resolve.Proxy{}, routes).Static != nil
		s.add(func() Use { return use(RoleDomain, "", p) })
	}
}

func staticRoutes(e *export.Export) []resolve.StaticRoute {
	routes := []resolve.StaticRoute{}
	if e.Get(export.SIPProxyStaticRouteDestination) == nil {
		return routes
	}
	for p := range e.All(export.SIPProxyStaticRouteDestination) {
		routes = append(routes, resolve.StaticRoute{Destination: p.Value})
	}
	return routes
}

// AddPair takes the presence address of a node name and a domain that no export holds. Line orders pairs.
func (names *Names) AddPair(node, domain string, g resolve.Generation, place Place) {
	a := resolve.Presence(node, domain)
	names.addPair(&a, node, domain, g, place)
}

func (names *Names) addPair(a *resolve.Address, node, domain string, g resolve.Generation, place Place) {
	if a.Value != "" {
		name := presenceName(a, g)
		s := names.subject(name, kindOf(name), g)
		s.madeOf(node, domain, a.Step, a.Problems == 0)
		s.add(func() Use { return Use{Role: RolePresence, Rank: "primary", Place: place} })
	}
	if domain != "" && kindOf(domain) != Address {
		names.subject(domain, Domain, g).add(func() Use { return Use{Role: RoleDomain, Place: place} })
	}
}

// presenceName is the name that the client needs. Clients of the XMPP generation take a node name with dots as it is
// (Cisco's IM and Presence guides: the presence domain need not align with the DNS domain of the nodes).
func presenceName(a *resolve.Address, g resolve.Generation) string {
	if g == resolve.XMPP && a.Step == resolve.DomainAppended && strings.Contains(a.Node, ".") {
		return a.Node
	}
	return a.Value
}

// hostOf takes the host out of a value that may carry a port or be a URL, as calendar gateways are written.
func hostOf(value string) string {
	if _, rest, ok := strings.Cut(value, "://"); ok {
		value, _, _ = strings.Cut(rest, "/")
	}
	value = value[strings.LastIndexByte(value, '@')+1:] // user info is not part of the name
	if i := strings.LastIndexByte(value, ':'); i >= 0 && strings.IndexByte(value, ':') == i {
		if port := value[i+1:]; port != "" && strings.Trim(port, "0123456789") == "" {
			value = value[:i]
		}
	}
	return value
}

func (names *Names) subject(name string, kind Kind, g resolve.Generation) *Subject {
	if s := names.domain; s != nil && kind == Domain && s.Name == name && s.Generation == g {
		return s
	}
	key := subjectKey{name, kind, g == resolve.XMPP}
	s := names.subjects[key]
	if s == nil {
		key.name = strings.Clone(name) // the reader's buffer is used again
		s = &Subject{Name: key.name, Kind: kind, Generation: g}
		names.subjects[key] = s
		names.list = append(names.list, s)
	}
	if kind == Domain {
		names.domain = s
	}
	return s
}

// madeOf notes what a presence address was made of, as copies. Several pairs can make the same address. The pair with an appended
// domain is kept, because it needs an explanation most. The order of the run must not matter.
func (s *Subject) madeOf(node, domain string, step resolve.Step, right bool) {
	better := cmp.Or(boolCompare(s.Step == resolve.DomainAppended, step == resolve.DomainAppended), cmp.Compare(node, s.Node))
	if s.Step == resolve.NoStep || better < 0 {
		s.Node, s.NodeDomain, s.Step, s.right = partOf(s.Name, node), partOf(s.Name, domain), step, right
	}
}

// partOf is a copy of a text that shares the memory of a name which begins or ends with it.
func partOf(name, part string) string {
	switch {
	case strings.HasPrefix(name, part):
		return name[:len(part)]
	case strings.HasSuffix(name, part):
		return name[len(name)-len(part):]
	}
	return strings.Clone(part)
}

// boolCompare puts false before true.
func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func (s *Subject) add(use func() Use) {
	if len(s.Uses) == maxUses {
		s.More++
		return
	}
	s.Uses = append(s.Uses, use())
}

// placeOf copies the place of a property. All places of one export share its name.
func placeOf(in *lint.Input, p *export.Property, file *string) Place {
	at := in.Place(p)
	if *file == "" {
		*file = at.File
	}
	return Place{
		File: *file, Key: at.Key, Index: at.Index, Line: at.Line, Column: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn,
		Source: at.Source, SourceColumn: at.SourceColumn,
	}
}

// Merge adds what another collection gathered.
func (names *Names) Merge(other lint.Fleet) {
	for _, theirs := range other.(*Names).list {
		key := theirs.key()
		ours := names.subjects[key]
		if ours == nil {
			names.subjects[key] = theirs
			names.list = append(names.list, theirs)
			continue
		}
		ours.take(theirs)
		ours.Routed = ours.Routed || theirs.Routed
		if theirs.Step != resolve.NoStep {
			ours.madeOf(theirs.Node, theirs.NodeDomain, theirs.Step, theirs.right)
		}
	}
}

// take adds the uses of another subject of the same name.
func (s *Subject) take(other *Subject) {
	uses := slices.Concat(s.Uses, other.Uses)
	slices.SortStableFunc(uses, func(a, b Use) int { return compareUses(&a, &b) })
	s.More += other.More + max(0, len(uses)-maxUses)
	s.Uses = uses[:min(len(uses), maxUses)]
}

// plain reports whether the subject is a host or an address that no client registers to.
func (s *Subject) plain() bool { return s.Kind != Domain && !s.presence() }

// Findings returns none: names alone are not wrong.
func (names *Names) Findings() []lint.Finding { return nil }

func (s *Subject) key() subjectKey { return subjectKey{s.Name, s.Kind, s.Generation == resolve.XMPP} }

// hasTwin gives the uses of a subject to the one of the XMPP generation: for a host that no client registers to, the generation does not
// matter.
func (names *Names) hasTwin(s *Subject) bool {
	key := s.key()
	twin := names.subjects[subjectKey{key.name, key.kind, true}]
	if key.xmpp || twin == nil || !s.plain() || !twin.plain() {
		return false
	}
	twin.take(s)
	delete(names.subjects, key)
	return true
}

// Subjects lists what was gathered, in the order of the run. A name in which a secret was covered is left out: nothing is asked about it.
func (names *Names) Subjects() []*Subject {
	names.leaveOutCovered()
	xmpp := func(s *Subject) bool { return s.Generation == resolve.XMPP }
	if slices.ContainsFunc(names.list, xmpp) {
		names.list = slices.DeleteFunc(names.list, names.hasTwin)
	}
	list := names.list
	for _, s := range list {
		slices.SortStableFunc(s.Uses, func(a, b Use) int { return compareUses(&a, &b) })
	}
	slices.SortFunc(list, func(a, b *Subject) int {
		if i, j := a.Uses[0].Index, b.Uses[0].Index; i != j {
			return i - j
		}
		return cmp.Or(compareUses(&a.Uses[0], &b.Uses[0]), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (names *Names) leaveOutCovered() {
	if !slices.ContainsFunc(names.list, (*Subject).isCovered) {
		return
	}
	left := names.list[:0]
	for _, s := range names.list {
		if s.isCovered() {
			names.covered = append(names.covered, s)
		} else {
			left = append(left, s)
		}
	}
	names.list = left
}

func (s *Subject) isCovered() bool { return area.Covered(s.Name) }

func compareUses(a, b *Use) int {
	return cmp.Or(cmp.Compare(a.Index, b.Index), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column), cmp.Compare(a.Key, b.Key))
}

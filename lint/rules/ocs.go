package rules

import (
	"net/netip"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

func ocs() []*lint.Rule {
	return []*lint.Rule{
		rule("OCS001", frontEndNotInACL),
		rule("OCS002", hostAuthorization),
		rule("OCS003", serverURI),
		rule("OCS004", lineURI),
		rule("OCS005", poolIsBalancer),
		rule("OCS006", ctiGroups),
	}
}

// OCS 2007 sends from the front end's own address, whatever the pool is called.
func frontEndNotInACL(in *lint.Input) []lint.Finding {
	var entries []resolve.ACLEntry
	var findings []lint.Finding
	for p := range in.All(export.OCSFrontEndAddress) {
		address, err := netip.ParseAddr(p.Value)
		if err != nil || moduleOff(in) {
			continue
		}
		if entries == nil {
			entries = aclEntries(in)
		}
		name := member(in, export.OCSFrontEndName, p.N)
		if aclCovers(entries, netip.PrefixFrom(address, address.BitLen())) || known(name) && aclNames(entries, name.Value) {
			continue
		}
		f := in.At(p, "the OCS front end %s is not in the incoming ACL of the presence server. Its requests are asked for a digest credential "+
			"that OCS does not have, and phone control fails", p.Value)
		f.Fix = "Add the address (and the front end's name) to the incoming ACL, and restart the SIP proxy."
		findings = append(findings, f)
	}
	return findings
}

func aclEntries(in *lint.Input) []resolve.ACLEntry {
	entries := []resolve.ACLEntry{}
	for p := range in.All(export.SIPProxyIncomingACL) {
		if e, ok := resolve.ParseACLEntry(p.Value); ok {
			entries = append(entries, e)
		}
	}
	return entries
}

// aclNames reports whether a domain entry matches the name from its end, at a label.
func aclNames(entries []resolve.ACLEntry, name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(entries, func(e resolve.ACLEntry) bool {
		return e.Domain != "" && (name == e.Domain || strings.HasSuffix(name, "."+e.Domain))
	})
}

// hostAuthorization wants the presence server's address: OCS compares addresses, and a name in the list matches nothing.
func hostAuthorization(in *lint.Input) []lint.Finding {
	anchor := first(in, export.OCSFrontEndAddress, export.OCSFrontEndName, export.OCSPoolName, export.OCSHostAuthorization)
	if anchor == nil {
		return nil
	}
	addresses, names := presenceHosts(in)
	var asName *export.Property
	for p := range in.All(export.OCSHostAuthorization) {
		_, err := netip.ParseAddr(p.Value)
		switch {
		case slices.Contains(addresses, p.Value):
			return nil
		case err == nil && len(addresses) == 0:
			return nil // an address, and which one the presence server has is not known
		case err != nil && asName == nil && p.Value != "" &&
			(len(names) == 0 || slices.ContainsFunc(names, func(n string) bool { return sameHost(n, p.Value) })):
			asName = p
		}
	}
	var f lint.Finding
	const effect = "OCS answers 200 and drops the control (SIPPROXY_E_INVALID_RECORD_ROUTE)"
	switch listed := first(in, export.OCSHostAuthorization); {
	case asName != nil:
		f = in.At(asName, "the OCS host authorization lists the presence server by its name %q, but OCS compares addresses. %s", asName.Value,
			effect)
	case listed == nil:
		f = in.Missing(export.OCSHostAuthorization, anchor,
			"the OCS host authorization is empty or not in the input. If the presence server's address is missing there, %s", effect)
	default:
		f = in.At(listed, "the presence server's address is missing from the OCS host authorization. %s", effect)
	}
	if len(addresses) > 0 {
		f.Evidence = []string{"addresses of the presence server: " + strings.Join(addresses, ", ")}
	}
	f.Fix = "Add the presence server's IP address, not its name, to the front end's host authorization as a trusted server. Then restart " +
		"the front end service."
	return one(f)
}

// first is the first property of the keys that is not empty, in the order of the keys.
func first(in *lint.Input, keys ...export.KeyID) *export.Property {
	for _, k := range keys {
		if p := in.Get(k); known(p) {
			return p
		}
		for p := range in.All(k) {
			if p.Value != "" {
				return p
			}
		}
	}
	return nil
}

// presenceHosts are the addresses and the names of the presence servers that the export knows.
func presenceHosts(in *lint.Input) (addresses, names []string) {
	add := func(s string) {
		if _, err := netip.ParseAddr(s); err == nil {
			addresses = append(addresses, s)
		} else if s != "" {
			names = append(names, s)
		}
	}
	for p := range in.All(export.ClusterNodeAddress) {
		add(p.Value)
	}
	for p := range in.All(export.ClusterNodeName) {
		add(p.Value)
	}
	for _, n := range in.PresenceNodes() {
		if known(n.Node) {
			add(n.Node.Value)
		}
	}
	return addresses, names
}

// sameHost compares a node name with a name that may be the same one with a domain after it.
func sameHost(node, name string) bool {
	return strings.EqualFold(node, name) || len(name) > len(node) && name[len(node)] == '.' && strings.EqualFold(node, name[:len(node)])
}

func serverURI(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for p := range in.All(export.OCSUserServerURI) {
		if f, found := judgeServerURI(in, p); found {
			findings = append(findings, f)
		}
	}
	return findings
}

func judgeServerURI(in *lint.Input, p *export.Property) (lint.Finding, bool) {
	const fix = "Write it as sip:NUMBER@DOMAIN, with a domain that is the SIP domain, a node name, or an alias of the presence server."
	if p.Value == "" {
		return lint.Finding{}, false
	}
	u, err := resolve.ParseURI(p.Value)
	if err != nil || u.User == "" {
		why := "it has no number before the @"
		if err != nil {
			why = err.Error()
		}
		f := in.At(p, "the server URI is not a URI that OCS can send to: %s", why)
		f.Fix = fix
		return f, true
	}
	proxy := ProxyOf(in.Export)
	if _, local := proxy.Local(u.Host); !local && (proxy.SIPDomain != "" || len(proxy.Nodes) > 0) {
		f := in.At(p, "the server URI's domain %q is not local to the presence server. The INVITE is sent to a static route or to DNS instead "+
			"of to the phone", u.Host)
		f.Evidence = []string{"SIP domain: " + proxy.SIPDomain, "node names: " + strings.Join(proxy.Nodes, ", ")}
		f.Fix = fix
		return f, true
	}
	line := member(in, export.OCSUserLineURI, p.N)
	if strings.Contains(strings.ToLower(p.Value), "device=") || known(line) && strings.Contains(strings.ToLower(line.Value), "device=") {
		return lint.Finding{}, false
	}
	f := in.At(p, "neither server URI nor line URI names a device. If the line is on several phones, OCS controls any of them")
	f.Severity = lint.Info
	f.Fix = "If lines are shared, add ;device=SEP... to the line URI."
	return f, true
}

func lineURI(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for p := range in.All(export.OCSUserLineURI) {
		if p.Value == "" {
			continue
		}
		number, why := telNumber(p.Value)
		if why != "" {
			f := in.At(p, "the line URI is not a valid tel URI: %s", why)
			f.Fix = "Write it as tel:NUMBER, with parameters after semicolons: tel:6002;phone-context=dialstring."
			findings = append(findings, f)
			continue
		}
		server := member(in, export.OCSUserServerURI, p.N)
		if !known(server) {
			continue
		}
		if u, err := resolve.ParseURI(server.Value); err == nil && digits(u.User) != "" && digits(u.User) != number {
			f := in.At(p, "the line URI is for %s, but the server URI is for %s. OCS asks for one line and shows another", number, digits(u.User))
			f.Evidence = []string{written(server) + " = " + server.Value}
			f.Fix = "Use the same number in both."
			findings = append(findings, f)
		}
	}
	return findings
}

// telNumber reads a tel URI (RFC 3966) and returns its number without visual separators, or why it is none.
func telNumber(s string) (number, why string) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || !strings.EqualFold(scheme, "tel") {
		return "", "it does not begin with tel:"
	}
	text, parameters, _ := strings.Cut(rest, ";")
	number = digits(text)
	if number == "" || number == "+" {
		return "", "it has no number"
	}
	if strings.Trim(text, "+0123456789*#-.()") != "" || strings.LastIndexByte(text, '+') > 0 {
		return "", "its number contains characters that are not allowed in a number"
	}
	if parameters == "" && strings.Contains(rest, ";") {
		return "", "a parameter is empty"
	}
	for p := range strings.SplitSeq(parameters, ";") {
		if strings.ContainsAny(p, " <>@") || parameters != "" && p == "" {
			return "", "a parameter is empty, or has characters that are not allowed in a parameter"
		}
	}
	return number, ""
}

// digits leaves of a number what is dialled.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, s)
}

func poolIsBalancer(in *lint.Input) []lint.Finding {
	const fix = "Send requests to the front ends by their own names or addresses: add a static route on the presence server and the ACL " +
		"entry for each front end. Or set the Via header that the load balancer needs."
	if p := in.Get(export.OCSPoolLoadBalancer); p != nil && isTrue(p.Value) {
		f := in.At(p, "the OCS pool name resolves to a load balancer, but OCS's own requests bypass it. Phone control works in one direction "+
			"only, with 400 \"Missing correct Via header\"")
		f.Fix = fix
		return one(f)
	}
	pool := in.Get(export.OCSPoolAddress)
	if !known(pool) {
		return nil
	}
	some := false
	for p := range in.All(export.OCSFrontEndAddress) {
		if p.Value == pool.Value {
			return nil
		}
		some = some || p.Value != ""
	}
	if !some {
		return nil
	}
	f := in.At(pool, "the OCS pool name resolves to %s, which is not the address of a front end. If it is a load balancer, OCS's own "+
		"requests bypass it, and phone control works in one direction only, with 400 \"Missing correct Via header\"", pool.Value)
	f.Fix = fix
	return one(f)
}

// ctiUserGroups are the groups that the application user of the CTI gateway needs.
var ctiUserGroups = [...]string{"Standard CTI Enabled", "Standard CTI Allow Control of All Devices"}

func ctiGroups(in *lint.Input) []lint.Finding {
	user := in.Get(export.CTIGatewayApplicationUser)
	if !known(user) {
		return nil
	}
	var missing []string
	for _, want := range ctiUserGroups {
		has := false
		for p := range in.All(export.CTIGatewayApplicationUserGroup) {
			has = has || strings.EqualFold(strings.TrimSpace(p.Value), want)
		}
		if !has {
			missing = append(missing, want)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	f := in.At(user, "the CTI gateway's application user %s is not in %s. CTIManager refuses it, and OCS cannot control any phone", user.Value,
		strings.Join(missing, " and "))
	f.Fix = "Add the user to the group in CUCM (User Management > User Group), then restart the CTI gateway service of the presence server."
	return one(f)
}

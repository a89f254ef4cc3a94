package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

func presence() []*lint.Rule {
	return []*lint.Rule{
		addressRule("PRES001", resolve.AppendedToFQDN,
			"Enter the node name as a bare host name, as a full name inside the SIP domain, or as an IPv4 address (System > Server)."),
		addressRule("PRES002", resolve.CaseMismatch,
			"Write node name and domain in lower case, both on the server (System > Server) and in the SIP proxy domain service parameter."),
		addressRule("PRES003", resolve.DomainIsAddress,
			"Set the SIP proxy domain service parameter to a domain, or enter the node name as an IPv4 address."),
		addressRule("PRES004", resolve.SuffixNotLabel, "Enter the node name inside the SIP domain, or as a bare host name."),
		addressRule("PRES005", resolve.NodeMissing, "Assign the user to a presence node, and check its name under System > Server."),
		addressRule("PRES006", resolve.DomainMissing,
			"Set the SIP proxy domain service parameter (System > Service Parameters > Cisco UP SIP Proxy)."),
		addressRule("PRES007", resolve.InvalidHostname,
			"Use letters, digits and hyphens, at most 63 bytes in a label and 253 in total. Write names in other scripts in their ASCII form."),
		addressRule("PRES008", resolve.MalformedNode|resolve.MalformedDomain,
			"Write an IPv4 address as four numbers from 0 to 255 without leading zeros, or enter a name. These clients do not support IPv6."),
		addressRule("PRES009", resolve.UpperCase, "Use lower case everywhere. The client compares case-sensitively."),
		addressRule("PRES010", resolve.NodeWhiteSpace|resolve.DomainWhiteSpace,
			"Type the value again by hand: copied text can contain such characters."),
		addressRule("PRES011", resolve.NodeStrayDot|resolve.DomainStrayDot, "Remove the dot."),
		addressRule("PRES012", resolve.NodeIsDomain, "Check the node name: a host rarely has the same name as its domain."),
		addressRule("PRES013", resolve.NodeIsAddress,
			"If there is no DNS, keep it. Otherwise use a name: it stays valid when addresses change, and certificates need it."),
		lint.Define("PRES014", lint.Rule{Check: backupMismatch}),
		lint.Define("PRES015", lint.Rule{Check: notDNSDomain}),
		lint.Define("PRES016", lint.Rule{Fleet: func() lint.Fleet { return domainSpellings{} }}),
		lint.Define("PRES017", lint.Rule{Check: needsDNS}),
	}
}

// addressRule makes the rule for a problem that resolve finds.
func addressRule(id string, problems resolve.Problems, fix string) *lint.Rule {
	r := rule(id, func(in *lint.Input) []lint.Finding { return addressFindings(in, problems, fix) })
	if problems&pairProblems != 0 {
		r.Fleet = func() lint.Fleet { return newPairs(problems, fix) }
	}
	return r
}

// pairProblems are those of a node name and a domain that do not match.
const pairProblems = resolve.AppendedToFQDN | resolve.CaseMismatch | resolve.DomainIsAddress | resolve.SuffixNotLabel

func addressFindings(in *lint.Input, problems resolve.Problems, fix string) []lint.Finding {
	var findings []lint.Finding
	nodes := in.PresenceNodes()
	for i := range nodes {
		n := &nodes[i]
		for p := range (n.Address.Problems & problems).All() {
			if i > 0 && n.Address.Fault(p) == resolve.DomainField {
				continue // all nodes have one domain: it is reported for the primary
			}
			if p&(resolve.AppendedToFQDN|resolve.CaseMismatch) != 0 && domainsApart(in) {
				continue
			}
			if p == resolve.InvalidHostname && placeholderAt(n, p) {
				continue // HYG007 reports it
			}
			findings = append(findings, addressFinding(in, n, p, fix))
		}
	}
	if problems&domainSpelling != 0 {
		findings = append(findings, proxyFindings(in, problems, fix)...)
	}
	return findings
}

// placeholderAt reports whether the wrong part is a sample value.
func placeholderAt(n *lint.PresenceNode, p resolve.Problems) bool {
	at := n.Node
	if n.Address.Fault(p) == resolve.DomainField {
		at = n.Domain
	}
	return at != nil && isPlaceholder(at.Value)
}

const domainSpelling = resolve.UpperCase | resolve.DomainWhiteSpace | resolve.DomainStrayDot

// proxyFindings looks at the SIP proxy's own parameter in exports without a client's domain. An edit of the clients' domain alone would
// make the two different.
func proxyFindings(in *lint.Input, problems resolve.Problems, fix string) []lint.Finding {
	own := in.Get(export.SIPProxyDomain)
	if !known(own) || known(in.Get(export.PresenceDomain)) {
		return nil
	}
	var findings []lint.Finding
	a := resolve.Presence("node", own.Value)
	for p := range (a.Problems & problems & domainSpelling).All() {
		f := in.At(own, "%s; clients must use exactly this domain", clause(a.Describe(p)))
		f.Fix = fix
		for _, fix := range a.Fixes(p) {
			f.Edits = together(f.Edits, edit(in, own, fix.Value))
		}
		findings = append(findings, f)
	}
	return findings
}

// domainsApart reports whether it is a client of IM and Presence (release 9 or later, or with Jabber's files next to it). According to
// its documents the presence domain is independent of the nodes' DNS domains. For clients of 8.x it is not documented whether they still
// append the domain.
func domainsApart(in *lint.Input) bool {
	if in.Generation != resolve.XMPP {
		return false
	}
	major, ok := resolve.MajorVersion(value(in, export.ClientVersion))
	return ok && major >= 9 || !ok && in.WithJabber
}

func addressFinding(in *lint.Input, n *lint.PresenceNode, p resolve.Problems, fix string) lint.Finding {
	a := n.Address
	at := n.Node
	if a.Fault(p) == resolve.DomainField && n.Domain != nil {
		at = n.Domain
	}
	message := clause(a.Describe(p))
	switch {
	case a.Value == "":
		message += ", so the client has no address to register to"
	case generational(p), a.Verdict() == resolve.Wrong:
		message += "; " + registers(a, p, in.Generation == resolve.XMPP)
	}
	var f lint.Finding
	switch {
	case p == resolve.NodeMissing && n.Node == nil:
		f = in.Missing(export.PresencePrimaryAddress, n.Domain, "%s", message)
	case p == resolve.DomainMissing && n.Domain == nil:
		f = in.Missing(export.PresenceDomain, n.Node, "%s", message)
	default:
		f = in.At(at, "%s", message)
	}
	f.Address, f.Fix = a.Value, fix
	if advice := a.Advice(p); advice != "" {
		f.Fix = advice
	}
	if generational(p) && in.Generation != resolve.XMPP {
		f.Fix += " " + laterClients
	}
	if p&pairProblems != 0 && n.Node != nil && n.Domain != nil {
		if at == n.Node {
			f.Related = append(f.Related, in.Related(n.Domain, "the domain is %q", n.Domain.Value))
		} else {
			f.Related = append(f.Related, in.Related(n.Node, "the node name is %q", n.Node.Value))
		}
	}
	for _, l := range a.Explain() {
		f.Evidence = append(f.Evidence, l.Question+" "+l.Answer)
	}
	for _, fix := range a.Fixes(p) {
		target := n.Node
		if fix.Field == resolve.DomainField {
			target = n.Domain
		}
		if target == nil {
			continue
		}
		f.Edits = together(f.Edits, edit(in, target, fix.Value))
		if own := in.Get(export.SIPProxyDomain); target == n.Domain && known(own) && own.Value == target.Value {
			f.Edits = together(f.Edits, edit(in, own, fix.Value)) // the two match, and must match afterwards, too
		}
	}
	if in.Generation == resolve.XMPP && generational(p) {
		f.Severity = lint.Info
	}
	return f
}

// clause turns a sentence into the form that messages have.
func clause(sentence string) string {
	sentence = strings.TrimSuffix(sentence, ".")
	return strings.ToLower(sentence[:1]) + sentence[1:]
}

// backupMismatch compares backups with the primary. Other rules report nodes that are wrong without the primary.
func backupMismatch(in *lint.Input) []lint.Finding {
	nodes := in.PresenceNodes()
	if len(nodes) < 2 || domainsApart(in) { // those append nothing; DEP005 looks at how nodes are entered
		return nil
	}
	primary := nodes[0].Address
	if primary.Verdict() == resolve.Wrong {
		return nil
	}
	var findings []lint.Finding
	for i := range nodes[1:] {
		n := &nodes[1+i]
		b := n.Address
		if b.Verdict() == resolve.Wrong || b.Step == primary.Step && parent(&b) == parent(&primary) {
			continue
		}
		f := in.At(n.Node, "the %s node becomes %s by the step %s, the primary %s by %s. After a fail-over, clients register in a different way",
			n.Role, b.Value, b.Step, primary.Value, primary.Step)
		f.Address = b.Value
		f.Fix = "Enter all node names in the same form: all bare host names, all full names in one domain, or all IPv4 addresses."
		findings = append(findings, f)
	}
	return findings
}

// parent is the domain of an address, "" for an IPv4 address.
func parent(a *resolve.Address) string {
	if a.Step == resolve.DottedDecimal {
		return ""
	}
	_, domain, _ := strings.Cut(a.Value, ".")
	return domain
}

func notDNSDomain(in *lint.Input) []lint.Finding {
	dns, sip := in.Get(export.NetworkDNSDomain), in.Get(export.PresenceDomain)
	if !known(dns) || !known(sip) || strings.EqualFold(dns.Value, sip.Value) || domainsApart(in) {
		return nil
	}
	if resolve.IsDottedDecimal(sip.Value) || resolve.HostnameProblem(sip.Value) != "" {
		return nil // another rule reports the worse fault
	}
	f := in.At(sip, "the SIP domain %q is not the DNS domain %q of the deployment. A bare node name becomes a name in a domain that DNS may "+
		"not have", sip.Value, dns.Value)
	f.Fix = "Make the SIP domain the same as the DNS domain, or add the names to DNS in the SIP domain."
	if in.Generation == resolve.XMPP {
		f.Severity = lint.Info
		f.Message = fmt.Sprintf("the presence domain %q is not the DNS domain %q. For clients of the XMPP generation this is a supported design",
			sip.Value, dns.Value)
	}
	return one(f)
}

// needsDNS is for version 7 and later: earlier clients did not need name resolution.
func needsDNS(in *lint.Input) []lint.Finding {
	how := in.Get(export.NetworkNameResolution)
	if !known(how) || strings.EqualFold(how.Value, "dns") {
		return nil
	}
	if major, ok := resolve.MajorVersion(value(in, export.ClientVersion)); !ok || major < 7 {
		return nil
	}
	nodes := in.PresenceNodes()
	if len(nodes) == 0 || nodes[0].Node == nil || nodes[0].Address.Step == resolve.DottedDecimal ||
		nodes[0].Address.Verdict() == resolve.Wrong {
		return nil
	}
	a := nodes[0].Address
	f := in.At(nodes[0].Node, "client %s must resolve %s, but name resolution is %q. It works only where a hosts file has the name",
		value(in, export.ClientVersion), a.Value, how.Value)
	f.Address = a.Value
	f.Fix = "Add the name to DNS, or enter the node name as an IPv4 address. Only client 1.2.x works without resolving it."
	return one(f)
}

// domainSpellings counts how the domain is spelled, by the clients' exports and by the proxy's own parameter. Each deployment that the
// configuration names has a domain of its own; all other exports share one.
type domainSpellings map[string]spellings

type spellings map[string]*spelling

type spelling struct {
	exports int
	first   lint.Place
}

func (all domainSpellings) Add(in *lint.Input) {
	if domainsApart(in) {
		return // IM and Presence serves several domains; DEP002 compares them with its own
	}
	s := all[in.Deployment]
	if s == nil {
		s = spellings{}
		all[in.Deployment] = s
	}
	domain, server := in.Get(export.PresenceDomain), in.Get(export.SIPProxyDomain)
	if known(domain) {
		s.count(in, domain)
	}
	// Else one export would count twice. An export of a server alone is judged with its clients, by DEP002.
	if known(server) && known(domain) && domain.Value != server.Value {
		s.count(in, server)
	}
}

func (s spellings) count(in *lint.Input, p *export.Property) {
	if have := s[p.Value]; have != nil {
		have.exports++
		if in.Index < have.first.Index {
			have.first = in.Place(p)
		}
		return
	}
	s[strings.Clone(p.Value)] = &spelling{1, in.Place(p)}
}

func (all domainSpellings) Merge(other lint.Fleet) {
	for deployment, o := range other.(domainSpellings) {
		if all[deployment] == nil {
			all[deployment] = o
			continue
		}
		all[deployment].merge(o)
	}
}

func (s spellings) merge(other spellings) {
	for domain, o := range other {
		have := s[domain]
		if have == nil {
			s[domain] = o
			continue
		}
		have.exports += o.exports
		if o.first.Before(have.first) {
			have.first = o.first
		}
	}
}

func (all domainSpellings) Findings() []lint.Finding {
	var findings []lint.Finding
	for _, deployment := range slices.Sorted(maps.Keys(all)) {
		findings = append(findings, all[deployment].findings()...)
	}
	return findings
}

// findings treats the spelling that most exports have as the right one.
func (s spellings) findings() []lint.Finding {
	if len(s) < 2 {
		return nil
	}
	domains := make([]string, 0, len(s))
	for d := range s {
		domains = append(domains, d)
	}
	slices.SortFunc(domains, func(a, b string) int {
		x, y := s[a], s[b]
		switch {
		case x.exports != y.exports:
			return y.exports - x.exports
		case x.first.Before(y.first):
			return -1
		case y.first.Before(x.first):
			return 1
		}
		return strings.Compare(a, b)
	})
	usual, d := domains[0], domains[1]
	how := "another domain"
	if strings.EqualFold(d, usual) {
		how = "the same domain in different upper and lower case, which the client compares"
	}
	f := s[d].first.Finding("the domain is %q here but %q in %s of this run: %s", d, usual, count(s[usual].exports, "export"), how)
	if len(domains) > 2 {
		f.Message += fmt.Sprintf(". There are %d spellings in total", len(domains))
	}
	for _, d := range domains[:min(len(domains), maxRepeats)] {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%q in %s, first in %s", d, count(s[d].exports, "export"), s[d].first.File))
		if d != domains[1] {
			f.Related = append(f.Related, s[d].first.Related("the domain is %q here", d))
		}
	}
	f.Fix = "Spell the domain in the same way on every node. If these are separate deployments, name them in the configuration."
	return one(f)
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

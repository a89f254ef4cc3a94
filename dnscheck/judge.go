package dnscheck

import (
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"

	"cupclint/internal/probe"
	"cupclint/lint"
	"cupclint/resolve"
)

// Judge turns the observations of one run into findings, in the order of lint.Compare. One name gives one finding a
// rule, at the first place that needs it; the evidence lists further places.
func Judge(observations []Observation) []lint.Finding {
	dead, failed := deadResolvers(observations)
	first := newJudge(dead)
	first.resolvers()
	count := runtime.GOMAXPROCS(0)
	if failed || len(observations) < minPart*count {
		count = 1 // failures of several subjects may be one finding
	}
	parts := make([]*judge, count)
	var working sync.WaitGroup
	for i := range parts {
		from, to := i*len(observations)/count, (i+1)*len(observations)/count
		working.Go(func() {
			parts[i] = newJudge(dead)
			parts[i].all(observations, from, to)
		})
	}
	working.Wait()
	return inOrder(first.findings, parts, observations)
}

// minPart is how many observations are worth a goroutine.
const minPart = 256

func (j *judge) all(observations []Observation, from, to int) {
	var memory unpacked
	for i := from; i < to; i++ {
		if observations[i].Begun {
			j.one(i, memory.open(&observations[i]))
		}
	}
}

// one judges the subject with this place in the run.
func (j *judge) one(at int, o *Observation) {
	j.at = at
	switch o.Kind {
	case Address:
		j.reverse(o)
	case Domain:
		j.domain(o)
	default:
		j.host(o)
	}
}

type judge struct {
	dead     []deadResolver
	findings []lint.Finding
	places   []int // of the subject of each finding that add has kept
	at       int
	failed   map[string]int // findings of failures() by subject, resolvers and outcome
}

func newJudge(dead []deadResolver) *judge { return &judge{dead: dead, failed: make(map[string]int)} }

// inOrder adds what several judges found, each about some of the subjects, to a list. The result does not depend on which judge had
// which subject. The wildcard of a host is left out if DNS111 of the same address is reported: it says that, too.
func inOrder(list []lint.Finding, parts []*judge, observations []Observation) []lint.Finding {
	type found struct {
		*lint.Finding
		at int
	}
	var all []found
	for _, j := range parts {
		for i := range j.findings {
			all = append(all, found{&j.findings[i], j.places[i]})
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return a.at - b.at })
	anyway := make(map[string]bool)
	for _, f := range all {
		name := observations[f.at].Name
		switch {
		case f.Rule == string(ruleAnyway):
			anyway[name] = true
		case f.Rule == string(ruleWildcard) && observations[f.at].Kind == Host && anyway[name]:
			continue
		}
		list = append(list, *f.Finding)
	}
	slices.SortFunc(list, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	return list
}

// add keeps a finding about a subject: it gets the place of the subject's first use.
func (j *judge) add(o *Observation, f lint.Finding, evidence []string, fix string) {
	first := o.Uses[0]
	f.File, f.Key, f.Source, f.SourceColumn = first.File, first.Key, first.Source, first.SourceColumn
	f.Line, f.Column, f.EndLine, f.EndColumn = first.Line, first.Column, first.EndLine, first.EndColumn
	if o.presence() {
		f.Address = o.Name
	}
	f.Evidence, f.Fix = append(evidence, o.otherUses()...), fix
	j.findings, j.places = append(j.findings, f), append(j.places, j.at)
}

// otherUses lists the places beyond the first.
func (o *Observation) otherUses() []string {
	var list []string
	for _, u := range o.Uses[1:] {
		if u.File != "" {
			list = append(list, fmt.Sprintf("also needed by %s:%d:%d (%s)", u.File, u.Line, u.Column, u.Key))
		}
	}
	if o.More > 0 {
		list = append(list, fmt.Sprintf("and by %d more", o.More))
	}
	return list
}

// what returns the name of the subject for a sentence: `the presence address "cup1.cisco.com"`.
func (o *Observation) what() string {
	role := Role("")
	for _, u := range o.Uses {
		if role == "" || u.Role == RolePresence {
			role = u.Role
		}
	}
	return fmt.Sprintf("the %s %q", role.Text(), o.Name)
}

// effect says what happens to clients.
func (o *Observation) effect() string {
	if o.presence() {
		return "the client cannot register"
	}
	return "clients cannot reach it"
}

// host judges a name that must have an address.
func (j *judge) host(o *Observation) {
	if o.NotSent != "" {
		rule := o.missingRule()
		j.add(o, rule.New(o.Name, "DNS cannot be asked for %s (%s). Effect: %s", o.what(), o.NotSent, o.effect()),
			[]string{"not sent: " + o.NotSent}, "Correct the name.")
		return
	}
	a := o.step(WhyAddress, dns.TypeA)
	if a == nil || o.Cancelled() {
		return
	}
	switch a.outcome() {
	case NXDomain:
		j.missing(o, a)
	case NoData, CNAMELoop:
		j.noAddress(o, a)
	case Found:
		j.resolves(o, a)
		j.wildcard(o, a)
		j.unusable(o, a)
	}
	j.failures(o, a)
	j.split(o, a)
	j.hostsFile(o, a)
	j.alias(o, a)
	j.reverse(o)
}

// missingRule is the one for a name that does not exist.
func (o *Observation) missingRule() lint.Live {
	if o.presence() {
		return rulePresence
	}
	return ruleHost
}

// missing is DNS101, and DNS112 for names other than the presence address.
func (j *judge) missing(o *Observation, a *Lookup) {
	chain, _ := a.Effective().chain(question(a))
	message := fmt.Sprintf("%s does not exist in DNS (NXDOMAIN): %s", o.what(), o.effect())
	if len(chain) > 1 {
		message = fmt.Sprintf("%s is an alias of %q, which does not exist in DNS (NXDOMAIN): %s", o.what(), bare(chain[len(chain)-1]), o.effect())
	}
	evidence := append(answersOf(a), o.explanation()...)
	j.add(o, o.missingRule().New(o.Name, "%s", message), evidence, o.missingFix(len(chain) > 1))
}

func (o *Observation) missingFix(alias bool) string {
	switch node := o.step(WhyNode, dns.TypeA); {
	case alias:
		return "Correct the alias, or add an address record for its target."
	case node != nil && node.outcome() == Found:
		return fmt.Sprintf("The node name %q resolves by itself. Make it end with the domain byte for byte, use the bare host name, or correct "+
			"the domain.", o.Node)
	case len(o.helpfulSuffixes()) > 0:
		return "Write the full name into the configuration, or add the name as written to DNS. A client's search list is not used for a SIP " +
			"address."
	case o.presence():
		return fmt.Sprintf("Add an A record for %q, or correct the node name (System > Server) or the domain.", o.Name)
	}
	return fmt.Sprintf("Add an A record for %q, or correct the name.", o.Name)
}

// explanation says what else was asked to explain why a name or address is missing.
func (o *Observation) explanation() []string {
	var lines []string
	if o.Step == resolve.DomainAppended {
		lines = append(lines, fmt.Sprintf("the client appends the domain %q to the node name %q", o.NodeDomain, o.Node))
	}
	if node := o.step(WhyNode, dns.TypeA); node != nil {
		if node.outcome() == Found {
			lines = append(lines, fmt.Sprintf("asked separately: the node name %q alone has the address %s", o.Node,
				strings.Join(addresses(node), ", ")))
		} else {
			lines = append(lines, fmt.Sprintf("asked separately: the node name %q alone does not resolve either (%s)", o.Node,
				node.Effective().text()))
		}
	}
	if endsWithFold(o.Node, o.NodeDomain) && o.Step == resolve.DomainAppended {
		lines = append(lines, fmt.Sprintf("DNS ignores upper and lower case (RFC 4343), the client does not: for DNS %q ends with %q, for the "+
			"client it does not",
			o.Node, o.NodeDomain))
	}
	for _, s := range o.helpfulSuffixes() {
		lines = append(lines, fmt.Sprintf("asked separately: %q resolves to %s, so a program that uses this computer's search list finds it; "+
			"the client's SIP stack asks for the name as written",
			bare(s.Name), strings.Join(addresses(s), ", ")))
	}
	return lines
}

// endsWithFold reports whether node ends with domain if case is ignored.
func endsWithFold(node, domain string) bool {
	return domain != "" && len(node) >= len(domain) && strings.EqualFold(node[len(node)-len(domain):], domain)
}

func (o *Observation) helpfulSuffixes() []*Lookup {
	var list []*Lookup
	for l := range o.each(WhySuffix) {
		if l.outcome() == Found {
			list = append(list, l)
		}
	}
	return list
}

// noAddress is DNS102.
func (j *judge) noAddress(o *Observation, a *Lookup) {
	chain, loop := a.Effective().chain(question(a))
	aaaa := o.step(WhyAddress, dns.TypeAAAA)
	evidence := answersOf(a)
	fix := fmt.Sprintf("Add an A record for %q.", o.Name)
	var message string
	switch {
	case loop || a.outcome() == CNAMELoop:
		message = fmt.Sprintf("%s is an alias in a loop and never leads to an address: %s", o.what(), o.effect())
		fix = "Break the loop: give one of the names an address record."
	case len(addresses(aaaa)) > 0:
		message = fmt.Sprintf("%s has only an IPv6 address (%s), but these clients use IPv4: %s", o.what(), strings.Join(addresses(aaaa), ", "),
			o.effect())
		evidence = append(evidence, answersOf(aaaa)...)
	case len(chain) > 1:
		message = fmt.Sprintf("%s is an alias of %q, which exists without an address (NODATA): %s", o.what(), bare(chain[len(chain)-1]),
			o.effect())
		fix = fmt.Sprintf("Add an A record for %q.", bare(chain[len(chain)-1]))
	default:
		message = fmt.Sprintf("%s exists in DNS without an address (NODATA): %s", o.what(), o.effect())
	}
	evidence = append(evidence, o.explanation()...)
	j.add(o, ruleNoAddress.New(o.Name, "%s", message), evidence, fix)
}

// resolves is DNS111, for an address that is wrong for the static rules.
func (j *judge) resolves(o *Observation, a *Lookup) {
	if o.right || !o.presence() || o.Generation == resolve.XMPP {
		return
	}
	made := resolve.Presence(o.Node, o.NodeDomain)
	if made.Step != resolve.DomainAppended || made.Verdict() == resolve.Right {
		return
	}
	addrs := strings.Join(addresses(a), ", ")
	evidence := append(answersOf(a), "the static rules "+strings.Join(made.Rules(), ", ")+" report the address as wrong: "+made.Reason())
	message := fmt.Sprintf("the presence address %q looks wrong but exists in DNS (%s). The client can register if this is the address of "+
		"the presence server", o.Name, addrs)
	if wild := o.step(WhyWildcard, dns.TypeA); wild != nil && wild.outcome() == Found {
		message = fmt.Sprintf("the presence address %q resolves (%s), but so does every name below %q. A wildcard record answers, so this "+
			"proves nothing",
			o.Name, addrs, o.NodeDomain)
		evidence = append(evidence, "asked separately: "+wild.Effective().Records[0].String())
	}
	if endsWithFold(o.Node, o.NodeDomain) {
		evidence = append(evidence, "DNS ignores upper and lower case (RFC 4343), the client does not: it appended the domain because the "+
			"spelling differs")
	}
	j.add(o, ruleAnyway.New(o.Name, "%s", message), evidence,
		"Check that the address is the presence server's. If the node name is in the domain, or is a bare host name, this record is not needed.")
}

// wildcard is DNS114: a name with the same addresses as every other name of its domain. A name with another address has its own record.
func (j *judge) wildcard(o *Observation, a *Lookup) {
	wild := o.step(WhyWildcard, dns.TypeA)
	if wild == nil || wild.outcome() != Found {
		return
	}
	ours, all := addresses(a), addresses(wild)
	if !within(ours, all) {
		return
	}
	_, domain, _ := strings.Cut(wild.Name, ".")
	f := ruleWildcard.New(o.Name, "%s resolves to %s, but so does every name below %q. A wildcard record or a rewriting resolver answers, "+
		"so this proves nothing", o.what(), strings.Join(ours, ", "), bare(domain))
	j.add(o, f, append(answersOf(a), "asked separately: "+wild.Effective().Records[0].String()),
		fmt.Sprintf("Add an A record of its own for %q, and check that the address is the server's. If a resolver answers for names that do "+
			"not exist, switch that off for the clients.", o.Name))
}

// unusable is DNS115. An address written by the user or an export is not judged this way: it may be meant for this computer.
func (j *judge) unusable(o *Observation, a *Lookup) {
	for _, text := range append(addresses(a), addresses(o.step(WhyAddress, dns.TypeAAAA))...) {
		kind := unusable(text)
		if kind == "" {
			continue
		}
		j.add(o, ruleUnusable.New(o.Name+" "+text, "DNS gives %s the %s address %s, which no other computer can use: %s", o.what(), kind, text,
			o.effect()),
			answersOf(a), fmt.Sprintf("Correct the address record of %q. A resolver that filters names (a sinkhole) also answers like this.",
				o.Name))
		return
	}
}

// unusable names the kind of an address that only the computer or the link itself can use, empty for others.
func unusable(text string) string {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return ""
	}
	switch addr = addr.Unmap(); {
	case addr.IsUnspecified():
		return "unspecified"
	case addr.IsLoopback():
		return "loopback"
	case addr.IsLinkLocalUnicast():
		return "link-local"
	case addr.IsMulticast():
		return "multicast"
	}
	return ""
}

// alias is DNS105 for hosts.
func (j *judge) alias(o *Observation, a *Lookup) {
	effective := a.Effective()
	if effective.Outcome != Found {
		return
	}
	chain, _ := effective.chain(question(a))
	if len(chain) < 2 {
		return
	}
	j.add(o, ruleAlias.New(o.Name, "%s is an alias: %s", o.what(), chainText(chain)), answersOf(a),
		"Nothing needs to change. The certificate must contain the name that clients use, not the target of the alias.")
}

func chainText(chain []string) string {
	names := make([]string, len(chain))
	for i, n := range chain {
		names[i] = bare(n)
	}
	return strings.Join(names, " -> ")
}

// hostsFile is DNS110, and DNS104 if the file and DNS disagree.
func (j *judge) hostsFile(o *Observation, a *Lookup) {
	var local []string
	var evidence []string
	for _, e := range o.Hosts {
		if e.Addr.Is4() {
			local = append(local, e.Addr.String())
			evidence = append(evidence, fmt.Sprintf("hosts file line %d: %s %s", e.Line, e.Addr, probe.Clean(o.Name)))
		}
	}
	if len(local) == 0 {
		return
	}
	evidence = append(evidence, answersOf(a)...)
	switch a.outcome() {
	case Found:
		if !slices.ContainsFunc(local, func(s string) bool { return slices.Contains(addresses(a), s) }) {
			j.add(o, ruleSplit.New(o.Name+" hosts",
				"the hosts file of this computer gives %s the address %s, but DNS gives %s. This computer connects to another address than all others",
				o.what(), strings.Join(local, ", "), strings.Join(addresses(a), ", ")), evidence, "Remove the line from the hosts file, or correct it.")
		}
	case NXDomain, NoData, CNAMELoop:
		j.add(o, ruleHostsFile.New(o.Name, "only the hosts file of this computer has %s. The name works on this computer only", o.what()),
			evidence,
			fmt.Sprintf("Add an A record for %q to DNS. Otherwise you must maintain the hosts file on every PC.", o.Name))
	}
}

// reverse is DNS106.
func (j *judge) reverse(o *Observation) {
	for l := range o.each(WhyReverse) {
		e := l.Effective()
		addr := reverseAddr(l.Name)
		switch e.Outcome {
		case Found:
			names := e.data(dns.TypePTR)
			if o.Kind == Address || slices.ContainsFunc(names, func(n string) bool { return sameName(bare(n), bare(o.Name)) }) {
				continue
			}
			if a := o.step(WhyAddress, dns.TypeA); a != nil && o.chainHas(a, names) {
				continue
			}
			j.add(o, ruleReverse.New(o.Name+" "+addr, "the reverse record of %s, the address of %s, names %s instead", addr, o.what(),
				bare(strings.Join(names, ", "))),
				answersOf(l), "Correct the PTR record, or check that the address belongs to the right server.")
		case NXDomain, NoData:
			j.add(o, ruleReverse.New(o.Name+" "+addr, "the address %s of %s has no reverse record", addr, o.what()),
				answersOf(l), "Add a PTR record. Clients do not need it, but logs, captures and some certificate checks do.")
		}
	}
}

// chainHas reports whether one of the names is on the way from the name to its address.
func (o *Observation) chainHas(a *Lookup, names []string) bool {
	chain, _ := a.Effective().chain(question(a))
	return slices.ContainsFunc(chain, func(c string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return sameName(n, c) })
	})
}

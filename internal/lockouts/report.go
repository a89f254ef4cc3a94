package lockouts

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// A Source is one computer or address that failed to log on.
type Source struct {
	// Name is a computer name or an IP address. It is empty when the events do not say.
	Name string `json:"name"`
	// Behind is the domain controller that the events name instead of the client: the real source is hidden.
	Behind   string         `json:"hiddenBehind,omitempty"`
	Address  string         `json:"address,omitempty"`
	Failures int            `json:"failures"`
	Locks    int            `json:"locks"` // locks that name it as the caller
	Binds    int            `json:"ldapBinds,omitempty"`
	First    time.Time      `json:"first,omitzero"`
	Last     time.Time      `json:"last,omitzero"`
	Reasons  map[string]int `json:"reasons,omitempty"`
	Events   map[int]int    `json:"events"`
	// LogonTypes and Programs describe log-ins made on the computer itself: how (service, batch ...) and by which program.
	LogonTypes map[string]int `json:"logonTypes,omitempty"`
	Programs   map[string]int `json:"programs,omitempty"`
}

// A Lock is one moment the account was locked.
type Lock struct {
	Time   time.Time `json:"time,omitzero"`
	Caller string    `json:"caller,omitempty"`
	Logger string    `json:"logger,omitempty"`
	// Hidden says that the caller is a domain controller: an LDAP simple bind came through it.
	Hidden bool `json:"hidden,omitempty"`
}

// A Report is what the events say about one account.
type Report struct {
	Account string `json:"account"`
	// Domain is the account's domain where events name it, or the computer whose local account it is.
	Domain string `json:"domain,omitempty"`
	// Local says that the account is one of the computer Domain, not of a domain.
	Local    bool      `json:"local,omitempty"`
	Failures int       `json:"failures"`
	Binds    int       `json:"ldapBinds,omitempty"`
	Locks    []Lock    `json:"locks,omitempty"`
	Unlocks  int       `json:"unlocks,omitempty"`
	First    time.Time `json:"first,omitzero"`
	Last     time.Time `json:"last,omitzero"`
	Sources  []Source  `json:"sources,omitempty"`
	Cut      bool      `json:"cut,omitempty"` // there was more than is kept
}

// Controllers are the computers that the events show to be domain controllers.
func (c *Collector) Controllers() []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(c.hosts)) {
		if c.controller(k) {
			out = append(out, k)
		}
	}
	return out
}

// identity is one account: a name in a domain, or of a computer.
type identity struct {
	domain string // as compared
	shown  string
	local  bool
}

// Reports gives what was gathered: accounts with locks first, then by failures.
func (c *Collector) Reports() []Report {
	var out []Report
	pairs := c.pairs()
	for _, k := range slices.Sorted(maps.Keys(c.accounts)) {
		g := c.accounts[k]
		groups := c.identities(g)
		for _, id := range c.choose(groups) {
			r := c.report(g, id, groups, pairs)
			r.Cut = r.Cut || c.cut
			if len(r.Locks) > 0 || r.Failures > 0 || r.Unlocks > 0 || r.Binds > 0 || c.want.user != "" {
				out = append(out, r)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Report) int {
		return cmp.Or(cmp.Compare(len(b.Locks), len(a.Locks)), cmp.Compare(b.Failures, a.Failures))
	})
	return out
}

// canonical is a domain as it is compared: the DNS name where one is known for a NetBIOS name.
func (c *Collector) canonical(domain string) string {
	d := strings.ToLower(strings.TrimSuffix(domain, "."))
	if strings.Contains(d, ".") {
		return d
	}
	if dns := c.aliases[d]; dns != "" {
		return dns
	}
	found := ""
	for dns := range c.domains {
		if first, _, _ := strings.Cut(dns, "."); first == d {
			if found != "" {
				return d
			}
			found = dns
		}
	}
	return cmp.Or(found, d)
}

// identities maps what was seen of a user name to the accounts it belongs to.
func (c *Collector) identities(g *gathered) map[placed]identity {
	for k := range g.seen { // names of domains that only these events show
		if strings.Contains(k.domain, ".") && !k.loose {
			c.domains[strings.ToLower(k.domain)] = true
		}
	}
	out := map[placed]identity{}
	firm := map[identity]bool{}
	for k := range g.seen {
		id, sure := c.identity(k)
		out[k.placed()] = id
		if sure && !id.local && id.domain != "" {
			firm[identity{domain: id.domain}] = true
		}
	}
	// What does not say its domain belongs to the only account there is, and so does the suffix of a user principal name
	// that is not a domain of these events.
	for p, id := range out {
		if id.local || firm[identity{domain: id.domain}] {
			continue
		}
		vague := id.domain == "" || p.loose && !c.domains[id.domain]
		if !vague {
			continue
		}
		switch {
		case len(firm) == 1:
			for only := range firm {
				out[p] = only
			}
		case p.loose:
			if d := c.homeOf(p.logger); d != "" && firm[identity{domain: d}] {
				out[p] = identity{domain: d}
			}
		}
	}
	shown := c.shownDomains(out)
	for p, id := range out {
		id.shown = shown[identity{domain: id.domain, local: id.local}]
		out[p] = id
	}
	return out
}

// shownDomains is how each domain was written, the shortest form first: EXAMPLE before example.com.
func (c *Collector) shownDomains(m map[placed]identity) map[identity]string {
	out := map[identity]string{}
	for p, id := range m {
		k := identity{domain: id.domain, local: id.local}
		name := id.domain
		if c.canonical(p.domain) == id.domain {
			name = p.domain
		}
		if id.local {
			name = strings.ToUpper(id.domain)
		}
		if old, ok := out[k]; !ok || len(name) < len(old) || len(name) == len(old) && name < old {
			out[k] = name
		}
	}
	return out
}

// placed is the part of a sighting that says whose account it is.
type placed struct {
	domain, logger string
	loose          bool
	judged         bool // by 4740, 4776, 4768 and such, which are written where the account is
	own            bool // the client's own name stands for the domain
}

func (k *sighting) placed() placed {
	own := k.domain != "" && k.computer != "" && strings.EqualFold(k.domain, hostPart(k.computer))
	return placed{k.domain, k.logger, k.loose, k.id != LogonBad && k.id != LDAPBind, own}
}

// identity is the account of a sighting; sure is false where the domain is a guess.
func (c *Collector) identity(k sighting) (id identity, sure bool) {
	logger := hostPart(k.logger)
	dc := c.controller(k.logger)
	switch h := c.hosts[strings.ToUpper(k.domain)]; {
	case k.domain == ".", k.domain != "" && strings.EqualFold(k.domain, logger) && !dc:
		return identity{domain: strings.ToLower(logger), local: true}, true
	case k.domain == "" && k.logger != "" && !dc && k.id != LogonBad:
		return identity{domain: strings.ToLower(logger), local: true}, true // its own list of accounts
	case h != nil && !c.controller(k.domain) && !k.loose && k.domain != "":
		return identity{domain: strings.ToLower(k.domain), local: true}, true
	case h != nil && c.controller(k.domain) && k.domain != "", dc && k.placed().own:
		// A name that is not a domain: a controller then looks among the accounts of its own domain.
		d := c.homeOf(k.logger)
		return identity{domain: d}, d != ""
	case k.domain == "":
		return identity{domain: c.homeOf(k.logger)}, false
	}
	return identity{domain: c.canonical(k.domain)}, !k.loose
}

// homeOf is the domain of a computer, by its DNS name.
func (c *Collector) homeOf(logger string) string {
	h := c.hosts[hostPart(logger)]
	if h == nil || h.fqdn == "" {
		return ""
	}
	_, suffix, _ := strings.Cut(h.fqdn, ".")
	return strings.ToLower(suffix)
}

// choose gives the identities that were asked for, in a fixed order.
func (c *Collector) choose(groups map[placed]identity) []identity {
	set := map[identity]bool{}
	for _, id := range groups {
		set[id] = true
	}
	all := slices.SortedFunc(maps.Keys(set), func(a, b identity) int {
		return cmp.Or(cmp.Compare(a.domain, b.domain), cmp.Compare(a.shown, b.shown))
	})
	if c.want.domain == "" {
		return all
	}
	want, exact := c.canonical(c.want.domain), []identity(nil)
	for _, id := range all {
		if id.domain == want || id.local && strings.EqualFold(id.domain, hostPart(c.want.domain)) {
			exact = append(exact, id)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return slices.DeleteFunc(all, func(id identity) bool {
		return id.local || id.domain != "" && (!c.want.loose || c.domains[want])
	})
}

// pairing is which name an address was seen with; several names are none.
type pairing map[string]string

const several = "\x00"

func (p pairing) note(address, name string) {
	if old, ok := p[address]; ok && old != name {
		name = several
	}
	p[address] = name
}

func (p pairing) name(address string) string {
	if n := p[address]; n != several {
		return n
	}
	return ""
}

// pairs joins addresses and names over all accounts: an event with both is the evidence that one client has both.
func (c *Collector) pairs() pairing {
	out := pairing{}
	for _, g := range c.accounts {
		for k := range g.seen {
			c.pair(out, k)
		}
	}
	return out
}

func (c *Collector) pair(p pairing, k sighting) {
	if k.address == "" || k.computer == "" || c.controller(k.computer) || hostPart(k.computer) == hostPart(k.logger) {
		return
	}
	p.note(k.address, hostPart(k.computer))
}

type sourceKey struct{ name, behind string }

// report merges what was seen of one account into sources. A domain controller is not blamed for what came through it: with an address
// the address is the source, without one the source is hidden.
func (c *Collector) report(g *gathered, id identity, groups map[placed]identity, all pairing) Report {
	r := Report{Account: g.name, Domain: id.shown, Local: id.local, Cut: g.cut}
	near := pairing{}
	for k := range g.seen {
		if groups[k.placed()] == id {
			c.pair(near, k)
		}
	}
	merged := map[sourceKey]*Source{}
	var total span
	for k, s := range g.seen {
		if groups[k.placed()] != id {
			continue
		}
		total.extend(s.first, s.last)
		if k.id == Unlocked {
			r.Unlocks += s.n
			continue
		}
		key, itself := c.source(k, near, all)
		m := merged[key]
		if m == nil {
			m = &Source{Name: key.name, Behind: key.behind, Reasons: map[string]int{}, Events: map[int]int{}}
			merged[key] = m
		}
		m.count(k, s, itself)
	}
	for _, l := range g.locks {
		k := sighting{id: Locked, domain: l.domain, logger: l.logger, computer: l.caller}
		if groups[k.placed()] == id {
			r.Locks = append(r.Locks, Lock{Time: l.when, Caller: l.caller, Logger: l.logger, Hidden: l.caller == "" || c.controller(l.caller)})
		}
	}
	for _, s := range merged {
		r.Failures += s.Failures
		r.Binds += s.Binds
		r.Sources = append(r.Sources, *s)
	}
	r.First, r.Last = total.first, total.last
	slices.SortFunc(r.Sources, func(a, b Source) int {
		return cmp.Or(cmp.Compare(b.Failures, a.Failures), cmp.Compare(b.Locks, a.Locks), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.Behind, b.Behind))
	})
	slices.SortStableFunc(r.Locks, func(a, b Lock) int { return a.Time.Compare(b.Time) })
	return r
}

// source says who caused a sighting. itself means that the log-in was made on the computer whose log it is.
func (c *Collector) source(k sighting, near, all pairing) (key sourceKey, itself bool) {
	logger := hostPart(k.logger)
	dc := c.controller(k.logger)
	e := Event{ID: k.id, LogonType: k.logonType}
	if e.local() && logger != "" {
		return sourceKey{name: logger}, true
	}
	name := hostPart(k.computer)
	switch {
	case c.controller(k.computer) && k.address == "":
		return sourceKey{behind: name}, false
	case name == "" && k.address == "" && k.id == LogonBad && logger != "" && !dc:
		return sourceKey{name: logger}, true // nothing came over the network
	case name == "" && k.address == "" && k.id == LogonBad && dc:
		return sourceKey{behind: logger}, false
	case name == "" || c.controller(k.computer):
		if k.address == "" {
			return sourceKey{}, false
		}
		joined := cmp.Or(near.name(k.address), all.name(k.address))
		return sourceKey{name: cmp.Or(joined, k.address)}, false
	}
	return sourceKey{name: name}, name == logger && !dc
}

func (s *Source) count(k sighting, n *span, itself bool) {
	s.Events[k.id] += n.n
	switch k.id {
	case Locked:
		s.Locks += n.n
	case LDAPBind:
		s.Binds += n.n
	default:
		s.Failures += n.n
		if r := Reason(k.status); r != "" {
			s.Reasons[r] += n.n
		}
	}
	if k.address != "" && k.address != s.Name && (s.Address == "" || k.address < s.Address) {
		s.Address = k.address
	}
	if itself {
		if words := logonType(k.logonType); words != "" {
			add(&s.LogonTypes, words, n.n)
		}
		if base := path.Base(strings.ReplaceAll(k.exe, `\`, "/")); k.exe != "" && !strings.EqualFold(base, "lsass.exe") {
			add(&s.Programs, k.exe, n.n)
		}
	}
	at := span{first: s.First, last: s.Last}
	at.extend(n.first, n.last)
	s.First, s.Last = at.first, at.last
}

func add(m *map[string]int, key string, n int) {
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[key] += n
}

package rules

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/secret"
	"cupclint/lint"
)

// The facts of the fleet rules, as the report of a shard carries them to the merge. All are values that findings show; passwords are not
// carried, see passwords.

type carriedSpelling struct {
	Deployment string     `json:"deployment,omitempty"`
	Domain     string     `json:"domain"`
	Exports    int        `json:"exports"`
	First      lint.Place `json:"first"`
}

func (all domainSpellings) Carry() any {
	list := []carriedSpelling{}
	for _, deployment := range slices.Sorted(maps.Keys(all)) {
		for _, domain := range slices.Sorted(maps.Keys(all[deployment])) {
			s := all[deployment][domain]
			list = append(list, carriedSpelling{deployment, domain, s.exports, s.first})
		}
	}
	return list
}

func (all domainSpellings) Receive(rule *lint.Rule, _ int, facts []byte) error {
	var list []carriedSpelling
	if err := json.Unmarshal(facts, &list); err != nil {
		return err
	}
	for _, s := range list {
		all.Merge(domainSpellings{s.Deployment: {s.Domain: {s.Exports, s.First.By(rule)}}})
	}
	return nil
}

type carriedRole struct {
	Account string     `json:"account"`
	Role    string     `json:"role"`
	First   lint.Place `json:"first"`
}

func (a accountRoles) Carry() any {
	list := []carriedRole{}
	for fact, place := range a {
		list = append(list, carriedRole{fact.account, fact.role, place})
	}
	slices.SortFunc(list, func(x, y carriedRole) int {
		return cmp.Or(strings.Compare(x.Account, y.Account), strings.Compare(x.Role, y.Role))
	})
	return list
}

func (a accountRoles) Receive(rule *lint.Rule, _ int, facts []byte) error {
	var list []carriedRole
	if err := json.Unmarshal(facts, &list); err != nil {
		return err
	}
	for _, r := range list {
		mergeFirst(a, accountRoles{{r.Account, r.Role}: r.First.By(rule)})
	}
	return nil
}

type carriedHost struct {
	Group string     `json:"group"`
	List  string     `json:"list"` // sync or login
	Host  string     `json:"host"`
	First lint.Place `json:"first"`
}

func (a hostSides) Carry() any {
	list := []carriedHost{}
	for _, group := range slices.Sorted(maps.Keys(a)) {
		g := a[group]
		for _, host := range slices.Sorted(maps.Keys(g.sync)) {
			list = append(list, carriedHost{group, "sync", host, g.sync[host]})
		}
		for _, host := range slices.Sorted(maps.Keys(g.logIn)) {
			list = append(list, carriedHost{group, "login", host, g.logIn[host]})
		}
	}
	return list
}

func (a hostSides) Receive(rule *lint.Rule, _ int, facts []byte) error {
	var list []carriedHost
	if err := json.Unmarshal(facts, &list); err != nil {
		return err
	}
	for _, h := range list {
		one := &hostSide{map[string]lint.Place{}, map[string]lint.Place{}}
		if h.List == "sync" {
			one.sync[h.Host] = h.First.By(rule)
		} else {
			one.logIn[h.Host] = h.First.By(rule)
		}
		a.Merge(hostSides{h.Group: one})
	}
	return nil
}

type carriedCatalog struct {
	Attributes []carriedAttribute `json:"attributes"`
	Ports      map[string]int     `json:"ports"`
}

type carriedAttribute struct {
	Folder string     `json:"folder"`
	Value  string     `json:"value"`
	Place  lint.Place `json:"place"`
}

func (c *catalogUse) Carry() any {
	carried := carriedCatalog{Attributes: []carriedAttribute{}, Ports: c.ports}
	for _, a := range c.attributes {
		carried.Attributes = append(carried.Attributes, carriedAttribute{a.folder, a.value, a.place})
	}
	slices.SortFunc(carried.Attributes, func(a, b carriedAttribute) int {
		return cmp.Or(cmp.Compare(a.Place.Index, b.Place.Index), cmp.Compare(a.Place.File, b.Place.File),
			cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Column, b.Place.Column), cmp.Compare(a.Value, b.Value))
	})
	return carried
}

func (c *catalogUse) Receive(rule *lint.Rule, _ int, facts []byte) error {
	var carried carriedCatalog
	if err := json.Unmarshal(facts, &carried); err != nil {
		return err
	}
	o := &catalogUse{ports: carried.Ports}
	for _, a := range carried.Attributes {
		o.attributes = append(o.attributes, mappedAttribute{a.Folder, a.Value, a.Place.By(rule)})
	}
	c.Merge(o)
	return nil
}

// A carriedPassword says that an account has one of several passwords, which is only numbered, in an order that says nothing of it.
type carriedPassword struct {
	Account string     `json:"account"`
	Number  int        `json:"number"` // of the password, among those of this account
	Exports int        `json:"exports"`
	First   lint.Place `json:"first"`
}

func (a passwords) Carry() any {
	list := []carriedPassword{}
	facts := slices.SortedFunc(maps.Keys(a), func(x, y accountPassword) int {
		return cmp.Or(compareUses(use{place: a[x].place}, use{place: a[y].place}), strings.Compare(x.account, y.account))
	})
	numbers := map[string]map[passwordID]int{} // by the one spelling of the account
	for _, fact := range facts {
		name := normalAccount(fact.account)
		if numbers[name] == nil {
			numbers[name] = map[passwordID]int{}
		}
		of := numbers[name]
		if of[fact.passwordID] == 0 {
			of[fact.passwordID] = len(of) + 1
		}
		list = append(list, carriedPassword{fact.account, of[fact.passwordID], a[fact].exports, a[fact].place})
	}
	return list
}

func (a passwords) Receive(rule *lint.Rule, part int, facts []byte) error {
	var list []carriedPassword
	if err := json.Unmarshal(facts, &list); err != nil {
		return err
	}
	for _, p := range list {
		id := passwordID{lint.Digest(p.Number), part}
		a[accountPassword{p.Account, id}] = &passwordUse{p.First.By(rule), p.Exports}
	}
	return nil
}

// notComparable reports whether passwords come from several shards, or from a shard and this run, and so cannot be compared.
func notComparable(ids map[passwordID]use) bool {
	parts := map[int]bool{}
	for id := range ids {
		parts[id.part] = true
	}
	return len(parts) > 1
}

// open lists what cannot be compared yet.
func (a passwords) open() (list []accountPassword) {
	parts := map[string]map[passwordID]use{}
	for fact := range a {
		name := normalAccount(fact.account)
		if parts[name] == nil {
			parts[name] = map[passwordID]use{}
		}
		parts[name][fact.passwordID] = use{}
	}
	for fact := range a {
		if fact.part > 0 && notComparable(parts[normalAccount(fact.account)]) {
			list = append(list, fact)
		}
	}
	return list
}

// Again names the first export with each password of an account that several shards saw: what a report says of a password does not let
// anyone compare it with another.
func (a passwords) Again() map[string]func(in *lint.Input) bool {
	files := map[string][]accountPassword{}
	for _, fact := range a.open() {
		file := a[fact].place.File
		files[file] = append(files[file], fact)
	}
	again := make(map[string]func(in *lint.Input) bool, len(files))
	for file, facts := range files {
		again[file] = func(in *lint.Input) bool { return a.see(in, facts) }
	}
	return again
}

// see learns which password it is that a shard has numbered.
func (a passwords) see(in *lint.Input, facts []accountPassword) bool {
	account, password := in.Get(export.DirectoryDN), in.Get(export.DirectoryPassword)
	if !known(account) || !known(password) || secret.Masked(password.Value) {
		return false
	}
	same := true
	for _, fact := range facts {
		u := a[fact]
		if u == nil || fact.account != account.Value {
			same = false
			continue
		}
		delete(a, fact)
		a.Merge(passwords{{fact.account, passwordID{digest: lint.DigestOf(password.Value)}}: u})
	}
	return same
}

type carriedPair struct {
	Group   string                `json:"group"`
	Nodes   map[string]lint.Place `json:"nodes,omitempty"`
	Domains map[string]lint.Place `json:"domains,omitempty"`
	Client  bool                  `json:"client,omitempty"`
	XMPP    bool                  `json:"xmpp,omitempty"`
	Apart   bool                  `json:"apart,omitempty"`
}

func (a *pairs) Carry() any {
	list := []carriedPair{}
	for _, group := range slices.Sorted(maps.Keys(a.groups)) {
		g := a.groups[group]
		list = append(list, carriedPair{group, g.nodes, g.domains, g.client, g.xmpp, g.apart})
	}
	return list
}

func (a *pairs) Receive(rule *lint.Rule, _ int, facts []byte) error {
	var list []carriedPair
	if err := json.Unmarshal(facts, &list); err != nil {
		return err
	}
	by := func(places map[string]lint.Place) map[string]lint.Place {
		all := make(map[string]lint.Place, len(places))
		for value, place := range places {
			all[value] = place.By(rule)
		}
		return all
	}
	for _, p := range list {
		a.Merge(&pairs{groups: map[string]*pair{p.Group: {p.Group, by(p.Nodes), by(p.Domains), p.Client, p.XMPP, p.Apart}}})
	}
	return nil
}

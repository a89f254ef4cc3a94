package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// accountRoles knows for every account, as written, where it first serves a role. An account that two services share locks for
// both at once.
type accountRoles map[accountRole]lint.Place

type accountRole struct{ account, role string }

const searchRole = "directory search"

var accountKeys = [...]struct {
	key  export.KeyID
	role string
}{
	{export.CUCMLDAPAuthenticationDN, "call manager LDAP"}, // authentication and synchronisation count as one role
	{export.CUCMLDAPDirectoryDN, "call manager LDAP"},
	{export.DirectoryDN, searchRole},
	{export.CalendarAccount, "calendar"},
}

func (a accountRoles) Add(in *lint.Input) {
	for _, k := range accountKeys {
		if p := in.Get(k.key); known(p) {
			fact := accountRole{p.Value, k.role}
			if isNews(a, fact, in) {
				a[accountRole{strings.Clone(p.Value), k.role}] = in.Place(p)
			}
		}
	}
}

func (a accountRoles) Merge(other lint.Fleet) { mergeFirst(a, other.(accountRoles)) }

func (a accountRoles) Findings() []lint.Finding {
	accounts := map[string]map[string]use{} // by the one spelling, then by role
	for fact, place := range a {
		keepFirst(accounts, normalAccount(fact.account), fact.role, use{fact.account, place})
	}
	var findings []lint.Finding
	for _, roles := range accounts {
		if len(roles) > 1 {
			findings = append(findings, sharedAccount(roles))
		}
	}
	return findings
}

func sharedAccount(uses map[string]use) lint.Finding {
	roles := slices.Sorted(maps.Keys(uses))
	// The directory search is the one that locks it, and the one that is easiest to move.
	at, ok := uses[searchRole]
	if !ok {
		at = uses[roles[0]]
	}
	f := at.place.Finding("the account %s serves %s: when clients lock it with an old password, all of them stop", at.account, strings.Join(roles, " and "))
	for _, role := range roles {
		p := uses[role].place
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s: %s:%d %s", role, p.File, p.Line, p.Key))
		if p != at.place {
			f.Related = append(f.Related, p.Related("the account serves %s here", role))
		}
	}
	f.Fix = "Give each service an account of its own."
	return f
}

// passwords knows where each bind DN, as written, first has which password; passwords as digests of this run.
type passwords map[accountPassword]lint.Place

type accountPassword struct {
	account string
	digest  lint.Digest
}

func (a passwords) Add(in *lint.Input) {
	account, secret := in.Get(export.DirectoryDN), in.Get(export.DirectoryPassword)
	if !known(account) || !known(secret) || masked(secret.Value) {
		return
	}
	fact := accountPassword{account.Value, lint.DigestOf(secret.Value)}
	if isNews(a, fact, in) {
		fact.account = strings.Clone(account.Value)
		a[fact] = in.Place(account)
	}
}

func (a passwords) Merge(other lint.Fleet) { mergeFirst(a, other.(passwords)) }

// Findings points to the first export of every password but the first one's.
func (a passwords) Findings() []lint.Finding {
	accounts := map[string]map[lint.Digest]use{}
	for fact, place := range a {
		keepFirst(accounts, normalAccount(fact.account), fact.digest, use{fact.account, place})
	}
	var findings []lint.Finding
	for _, digests := range accounts {
		uses := slices.SortedFunc(maps.Values(digests), compareUses)
		for _, u := range uses[1:] {
			f := u.place.Finding("the account %s has another password here than in %s: clients that keep the old one lock the account", u.account, uses[0].place.File)
			f.Related = []lint.Related{uses[0].place.Related("the account has another password here")}
			f.Evidence = []string{fmt.Sprintf("%d different passwords for one account in this run", len(uses))}
			f.Fix = "Never change the password in place: make a second account, change the LDAP profile to it in one step, wait for all log-ons, then retire the first."
			findings = append(findings, f)
		}
	}
	return findings
}

// A use is an account as it is written at a place.
type use struct {
	account string
	place   lint.Place
}

func compareUses(a, b use) int {
	return cmp.Or(cmp.Compare(a.place.Index, b.place.Index), cmp.Compare(a.place.File, b.place.File), cmp.Compare(a.place.Line, b.place.Line))
}

// isNews reports whether the fact is unknown yet, or known from an export that comes later in the order of the run.
func isNews[K comparable](facts map[K]lint.Place, k K, in *lint.Input) bool {
	have, ok := facts[k]
	return !ok || in.Index < have.Index
}

// mergeFirst takes over another accumulator's facts.
func mergeFirst[K comparable](facts, others map[K]lint.Place) {
	for k, place := range others {
		if have, ok := facts[k]; !ok || place.Before(have) {
			facts[k] = place
		}
	}
}

// keepFirst joins the spellings of one account: of the uses of one kind the first one in the order of the run stays.
func keepFirst[K comparable](accounts map[string]map[K]use, account string, k K, u use) {
	if accounts[account] == nil {
		accounts[account] = map[K]use{}
	}
	if have, ok := accounts[account][k]; !ok || u.place.Before(have.place) {
		accounts[account][k] = u
	}
}

package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/secret"
	"cupclint/lint"
)

// accountRoles knows for every account, as written, where it first serves a role. If two services share an account, a lock-out affects
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
	{export.JabberDirectoryConnectionUsername, searchRole},
	{export.JabberDirectoryBDIConnectionUsername, searchRole},
	{export.CalendarAccount, "calendar"},
}

func (a accountRoles) Add(in *lint.Input) {
	for _, k := range accountKeys {
		if p := in.Get(k.key); known(p) {
			account := strings.TrimSpace(p.Value) // Jabber's values can have blanks around them
			fact := accountRole{account, k.role}
			if account != "" && isNews(a, fact, in) {
				a[accountRole{strings.Clone(account), k.role}] = in.Place(p)
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
	return append(findings, likelyShared(accounts)...)
}

// likelyShared hints at accounts that are written in different ways and are probably one: user@domain, DOMAIN\user and the name in a
// distinguished name. Only the directory knows.
func likelyShared(accounts map[string]map[string]use) []lint.Finding {
	const most = 500 // a deployment has a handful of service accounts
	names := slices.Sorted(maps.Keys(accounts))
	names = names[:min(len(names), most)]
	var findings []lint.Finding
	for i, a := range names {
		for _, b := range names[i+1:] {
			one, other, ok := apartInRole(accounts[a], accounts[b])
			if !ok || !mayBeOne(one.use.account, other.use.account) || len(findings) == maxNames {
				continue
			}
			f := one.use.place.Finding("%s (%s) and %s (%s) are probably one account. If clients lock it with an old password, both stop",
				one.use.account, one.role, other.use.account, other.role)
			f.Severity = lint.Info
			f.Related = []lint.Related{other.use.place.Related("%s serves %s here", other.use.account, other.role)}
			f.Evidence = []string{"the names have the same user part. Only the directory can show whether they are one account (sAMAccountName, " +
				"userPrincipalName)"}
			f.Fix = "Search the directory for both names. If they are one account, give each service an account of its own."
			findings = append(findings, f)
		}
	}
	return findings
}

type roleUse struct {
	role string
	use  use
}

// apartInRole finds a role of each account that the other one does not serve; that of the directory search first.
func apartInRole(a, b map[string]use) (one, other roleUse, ok bool) {
	pick := func(from, without map[string]use) (roleUse, bool) {
		for _, role := range slices.SortedFunc(maps.Keys(from), func(x, y string) int {
			return cmp.Or(cmp.Compare(btoi(y == searchRole), btoi(x == searchRole)), strings.Compare(x, y))
		}) {
			if _, both := without[role]; !both {
				return roleUse{role, from[role]}, true
			}
		}
		return roleUse{}, false
	}
	one, first := pick(a, b)
	other, second := pick(b, a)
	if other.role == searchRole {
		one, other = other, one
	}
	return one, other, first && second
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// mayBeOne reports whether two bind names of different forms may stand for one account: the user parts are the same, and nothing that is
// known of the domains differs.
func mayBeOne(a, b string) bool {
	x, y := splitAccount(a), splitAccount(b)
	if x.form == y.form || x.user == "" || !strings.EqualFold(x.user, y.user) {
		return false
	}
	return x.domain == "" || y.domain == "" || strings.EqualFold(x.domain, y.domain)
}

// An accountName is a bind name in its parts. The domain is its first label, which usually is the NetBIOS name, too.
type accountName struct {
	form         bindForm
	user, domain string
}

func splitAccount(s string) accountName {
	s = strings.TrimSpace(s)
	a := accountName{form: bindFormOf(s)}
	switch a.form {
	case upnBind:
		a.user, a.domain, _ = strings.Cut(s, "@")
		a.domain, _, _ = strings.Cut(a.domain, ".")
	case dnBind:
		leaf, _, _ := nextRDN(s)
		a.user = strings.TrimSpace(leaf.value)
		d, _ := domainOf(s)
		a.domain, _, _ = strings.Cut(d.String(), ".")
	default:
		if domain, user, ok := strings.Cut(s, `\`); ok {
			a.user, a.domain = user, domain
		} else if !strings.ContainsAny(s, " =,@") {
			a.user = s
		}
	}
	return a
}

func sharedAccount(uses map[string]use) lint.Finding {
	roles := slices.Sorted(maps.Keys(uses))
	// The directory search is the one that locks it, and the one that is easiest to move.
	at, ok := uses[searchRole]
	if !ok {
		at = uses[roles[0]]
	}
	f := at.place.Finding("the account %s serves %s. If clients lock it with an old password, all of them stop", at.account,
		strings.Join(roles, " and "))
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

// passwords knows for each bind DN, as written, and password where it first is and in how many exports; passwords as digests of this run.
type passwords map[accountPassword]*passwordUse

type accountPassword struct {
	account string
	passwordID
}

// A passwordID distinguishes passwords. Those that a shard saw are known by its number and one of theirs until they are seen again; see
// passwords.Again.
type passwordID struct {
	digest lint.Digest
	part   int // 0 for a digest of this run
}

type passwordUse struct {
	place   lint.Place
	exports int
}

func (a passwords) Add(in *lint.Input) {
	account, password := in.Get(export.DirectoryDN), in.Get(export.DirectoryPassword)
	if !known(account) || !known(password) || secret.Masked(password.Value) {
		return
	}
	fact := accountPassword{account.Value, passwordID{digest: lint.DigestOf(password.Value)}}
	have := a[fact]
	if have == nil {
		fact.account = strings.Clone(account.Value)
		a[fact] = &passwordUse{in.Place(account), 1}
		return
	}
	have.exports++
	if in.Index < have.place.Index {
		have.place = in.Place(account)
	}
}

func (a passwords) Merge(other lint.Fleet) {
	for fact, o := range other.(passwords) {
		have := a[fact]
		if have == nil {
			a[fact] = o
			continue
		}
		have.exports += o.exports
		if o.place.Before(have.place) {
			have.place = o.place
		}
	}
}

// Findings points to the first export of every password but the first one's, and says how many exports are on each side: the smaller
// side is the one to change.
func (a passwords) Findings() []lint.Finding {
	accounts := map[string]map[passwordID]use{}
	counts := map[string]map[passwordID]int{}
	for fact, u := range a {
		name := normalAccount(fact.account)
		keepFirst(accounts, name, fact.passwordID, use{fact.account, u.place})
		if counts[name] == nil {
			counts[name] = map[passwordID]int{}
		}
		counts[name][fact.passwordID] += u.exports
	}
	var findings []lint.Finding
	for name, digests := range accounts {
		if notComparable(digests) {
			continue // the run says so
		}
		order := slices.SortedFunc(maps.Keys(digests), func(x, y passwordID) int { return compareUses(digests[x], digests[y]) })
		first := digests[order[0]]
		for _, digest := range order[1:] {
			u := digests[digest]
			f := u.place.Finding("the account %s has another password here than in %s. Clients that keep the old password lock the account",
				u.account,
				first.place.File)
			f.Related = []lint.Related{first.place.Related("the account has another password here")}
			f.Evidence = []string{
				fmt.Sprintf("%d different passwords for one account in this run", len(order)),
				fmt.Sprintf("the password of %s is in %s", first.place.File, count(counts[name][order[0]], "export")),
				fmt.Sprintf("the password of %s is in %s", u.place.File, count(counts[name][digest], "export")),
			}
			f.Fix = "Never change the password in place. Create a second account, change the LDAP profile to it in one step, and wait until all " +
				"clients have logged in again. Then remove the first account."
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

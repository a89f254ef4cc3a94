package ldapcheck

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/fold"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// A Span is a time span that JSON shows as text: "30m0s".
type Span time.Duration

// MarshalText gives Go's notation.
func (s Span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// UnmarshalText reads it.
func (s *Span) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	*s = Span(d)
	return err
}

func (s Span) String() string { return plainSpan(time.Duration(s)) }

// A Policy is the lock-out and expiry policy that applies to the account.
type Policy struct {
	// Kind is "ad", "ppolicy" or "389ds": they count failures differently, see TimeToLock.
	Kind string `json:"kind"`
	// Source says where the numbers were read.
	Source string `json:"source"`
	// Readable says that the directory showed what decides how many failures lock; else Note says why not, and Threshold means nothing.
	Readable bool   `json:"readable"`
	Note     string `json:"note,omitempty"`
	// FineGrained says that the policy is the account's own and no default.
	FineGrained bool `json:"fineGrained,omitempty"`
	// NotShown are the numbers that the directory did not show.
	NotShown []string `json:"notShown,omitempty"`
	// Threshold is the number of failures that locks; 0 means never.
	Threshold int `json:"threshold"`
	// Window is the time after which a failure no longer counts; 0 means only a good log-in clears it, or that it is not shown.
	Window Span `json:"window"`
	// Duration is how long a lock lasts; 0 means until an administrator unlocks, or that it is not shown.
	Duration Span `json:"duration"`
	// MaxAge is the age at which a password expires; 0 means never.
	MaxAge Span `json:"maxAge"`
}

// An Account is the state of the service account as one server tells it.
type Account struct {
	DN   string `json:"dn"`
	SAM  string `json:"sAMAccountName,omitempty"`
	UPN  string `json:"userPrincipalName,omitempty"`
	Down string `json:"downLevelName,omitempty"` // DOMAIN\user
	// Failures is this server's count. Domain controllers do not replicate it (MS-ADA1, Attribute badPwdCount).
	Failures    int       `json:"failures"`
	LastFailure time.Time `json:"lastFailure,omitzero"`
	Locked      bool      `json:"locked"`
	LockedSince time.Time `json:"lockedSince,omitzero"`
	LockedUntil time.Time `json:"lockedUntil,omitzero"` // zero while locked: until an administrator unlocks
	Disabled    bool      `json:"disabled"`
	MustChange  bool      `json:"mustChange"`
	PasswordSet time.Time `json:"passwordSet,omitzero"`
	// PasswordExpires is zero if it never expires, or if that is not known; NeverExpires says which.
	PasswordExpires time.Time `json:"passwordExpires,omitzero"`
	PasswordExpired bool      `json:"passwordExpired"`
	NeverExpires    bool      `json:"neverExpires"`
	AccountExpires  time.Time `json:"accountExpires,omitzero"`
	// Readable says that the directory showed the failure count; without it Failures is 0 and means nothing.
	Readable bool `json:"readable"`
}

// names are all names that the directory shows for the account.
func (a *Account) names() []string {
	if a == nil {
		return nil
	}
	return []string{a.DN, a.SAM, a.UPN, a.Down}
}

// Counting is the number of failures that still count at a time: none if the window has passed since the last one
// (MS-SAMR, section 3.1.5.14.6). If the window is not known, all of them count.
func (a *Account) Counting(p *Policy, now time.Time) int {
	switch {
	case a == nil || a.Failures == 0:
		return 0
	case p != nil && p.Kind == kindAD && p.Window > 0 && !a.LastFailure.IsZero() && now.Sub(a.LastFailure) > time.Duration(p.Window):
		return 0
	}
	return a.Failures
}

// The kinds of a Policy.
const (
	kindAD      = "ad"
	kindPPolicy = "ppolicy"
	kind389     = "389ds"
)

// budget gives the log-in budget what it needs to know: the threshold and the count, each only if the directory showed it.
func (p *Policy) budget(a *Account, now time.Time) (known loginbudget.Policy) {
	switch {
	case p == nil:
	case p.Readable:
		known.Threshold, known.Window = loginbudget.LocksAt(p.Threshold), loginbudget.Forever
		if p.Window > 0 {
			known.Window = time.Duration(p.Window)
		}
	default:
		known.Hidden = p.FineGrained
	}
	if a != nil && a.Readable {
		known.Counted, known.Failures = true, a.Counting(p, now)
	}
	return known
}

// with adds the facts that the user gave to what the directory showed.
func with(known, told loginbudget.Policy) loginbudget.Policy {
	if known.Threshold == loginbudget.UnknownThreshold {
		known.Threshold, known.Window = told.Threshold, told.Window
	}
	return known
}

// readAccount finds the account by its bind name and reads its state and the policy that applies. Either may be nil:
// not found, or not shown to the reader.
func (s *session) readAccount(ctx context.Context, d *RootDSE, bindName string, now time.Time) (*Account, *Policy, error) {
	if d == nil {
		return nil, nil, nil
	}
	if d.ActiveDirectory {
		return s.readADAccount(ctx, d, bindName, now)
	}
	if d.is389() {
		return s.read389Account(ctx, d, bindName, now)
	}
	return s.readPPolicyAccount(ctx, d, bindName, now)
}

var adAccountAttributes = []string{"distinguishedName", "sAMAccountName", "userPrincipalName", "badPwdCount", "badPasswordTime",
	"lockoutTime", "pwdLastSet",
	"accountExpires", "userAccountControl"}

// Constructed attributes come only when asked for by name, in a search with base scope (MS-ADTS, section 3.1.1.4.5).
var adConstructed = []string{"msDS-User-Account-Control-Computed", "msDS-UserPasswordExpiryTimeComputed", "msDS-ResultantPSO",
	"msDS-PSOApplied"}

// The bits of userAccountControl and its computed twin (MS-ADTS, section 2.2.16).
const (
	uacDisabled     = 0x2
	uacLocked       = 0x10
	uacNeverExpires = 0x10000
	uacExpired      = 0x800000
)

func (s *session) readADAccount(ctx context.Context, d *RootDSE, bindName string, now time.Time) (*Account, *Policy, error) {
	dn, err := s.findADAccount(ctx, d, bindName)
	if err != nil || dn == "" {
		return nil, nil, err
	}
	attrs := append(append([]string{}, adAccountAttributes...), adConstructed...)
	e, err := s.read(ctx, dn, "(objectClass=*)", attrs...)
	if err != nil || e == nil {
		return nil, nil, err
	}
	p, err := s.readADPolicy(ctx, d, e)
	if err != nil {
		return nil, nil, err
	}
	a := adAccount(e, p, now)
	if a.SAM != "" {
		if name, err := s.netbiosName(ctx, d); err == nil && name != "" {
			a.Down = name + `\` + a.SAM
		}
	}
	return a, p, nil
}

// findADAccount turns a bind name in any of AD's forms into a DN.
func (s *session) findADAccount(ctx context.Context, d *RootDSE, name string) (string, error) {
	var filter string
	form, user := splitBindName(name)
	switch form {
	case formDN:
		return name, nil
	case formCanonical:
		filter = fmt.Sprintf("(name=%s)", ldap.EscapeFilter(user))
	case formUPN:
		filter = fmt.Sprintf("(|(userPrincipalName=%s)(sAMAccountName=%s))", ldap.EscapeFilter(name), ldap.EscapeFilter(user))
	default:
		filter = fmt.Sprintf("(sAMAccountName=%s)", ldap.EscapeFilter(user))
	}
	res, err := s.search(ctx, ldap.NewSearchRequest(d.DefaultNamingContext, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 2, 10, false,
		"(&(objectClass=user)"+filter+")", []string{"userPrincipalName"}, nil))
	for _, e := range res.Entries {
		if strings.EqualFold(value(e, "userPrincipalName"), name) || strings.EqualFold(canonicalName(e.DN), name) {
			return e.DN, nil
		}
	}
	if len(res.Entries) == 1 && form != formCanonical {
		return res.Entries[0].DN, nil
	}
	if _, _, server := resultOf(err); err != nil && !server {
		return "", err
	}
	return "", nil
}

func adAccount(e *ldap.Entry, p *Policy, now time.Time) *Account {
	a := &Account{DN: probe.Clean(e.DN), SAM: value(e, "sAMAccountName"), UPN: value(e, "userPrincipalName"), Readable: has(e, "badPwdCount")}
	a.Failures, _ = strconv.Atoi(value(e, "badPwdCount"))
	a.LastFailure, _, _ = ParseFiletime(value(e, "badPasswordTime"))
	uac := number(e, "userAccountControl") | number(e, "msDS-User-Account-Control-Computed")
	a.Disabled = uac&uacDisabled != 0
	a.NeverExpires = uac&uacNeverExpires != 0
	a.PasswordExpired = uac&uacExpired != 0
	a.MustChange = has(e, "pwdLastSet") && value(e, "pwdLastSet") == "0"
	a.PasswordSet, _, _ = ParseFiletime(value(e, "pwdLastSet"))
	a.AccountExpires, _, _ = ParseFiletime(value(e, "accountExpires"))
	a.adLock(e, p, uac, now)
	a.adExpiry(e, p)
	return a
}

// adLock works out whether the account is locked now: lockoutTime alone does not say, as it stays after its time.
func (a *Account) adLock(e *ldap.Entry, p *Policy, uac int64, now time.Time) {
	since, ok, _ := ParseFiletime(value(e, "lockoutTime"))
	if uac&uacLocked == 0 && (!ok || has(e, "msDS-User-Account-Control-Computed")) {
		return
	}
	if p != nil && p.Duration > 0 && ok {
		until := since.Add(time.Duration(p.Duration))
		if uac&uacLocked == 0 && !now.Before(until) {
			return
		}
		a.LockedUntil = until
	}
	a.Locked, a.LockedSince = true, since
}

func (a *Account) adExpiry(e *ldap.Entry, p *Policy) {
	if has(e, "msDS-UserPasswordExpiryTimeComputed") {
		t, ok, _ := ParseFiletime(value(e, "msDS-UserPasswordExpiryTimeComputed"))
		a.PasswordExpires = t
		a.NeverExpires = a.NeverExpires || (!ok && !a.MustChange)
		return
	}
	if !a.NeverExpires && p != nil && p.shows("maxPwdAge", "msDS-MaximumPasswordAge") {
		if p.MaxAge == 0 {
			a.NeverExpires = true
		} else if !a.PasswordSet.IsZero() {
			a.PasswordExpires = a.PasswordSet.Add(time.Duration(p.MaxAge))
		}
	}
}

// shows reports whether the number was shown that every policy has.
func (p *Policy) shows(attrs ...string) bool {
	return p.Source != "" && !slices.ContainsFunc(attrs, func(a string) bool { return slices.Contains(p.NotShown, a) })
}

func number(e *ldap.Entry, attr string) int64 {
	n, _ := strconv.ParseInt(value(e, attr), 10, 64)
	return n
}

// readADPolicy reads the fine-grained policy (PSO) of the account when there is one, else the domain's. A PSO replaces
// the domain's policy as a whole; one whose numbers the reader may not see leaves the policy unknown.
func (s *session) readADPolicy(ctx context.Context, d *RootDSE, account *ldap.Entry) (*Policy, error) {
	if pso := psoOf(account); pso != "" {
		e, err := s.read(ctx, pso, "(objectClass=*)", "msDS-LockoutThreshold", "msDS-LockoutObservationWindow", "msDS-LockoutDuration",
			"msDS-MaximumPasswordAge")
		if err != nil {
			return nil, err
		}
		p := adPolicy(e, "fine-grained password policy "+probe.Clean(pso), "msDS-LockoutThreshold", "msDS-LockoutObservationWindow",
			"msDS-LockoutDuration", "msDS-MaximumPasswordAge")
		p.FineGrained = true
		if !p.Readable {
			p.Note = "this fine-grained policy applies, but its numbers are not shown to the account that asked; an administrator can read them"
		}
		return p, nil
	}
	if !inDomain(account.DN, d.DefaultNamingContext) {
		return &Policy{Kind: kindAD, Source: "domain policy", NotShown: []string{"maxPwdAge"},
			Note: "the account is in another domain than this server"}, nil
	}
	e, err := s.read(ctx, d.DefaultNamingContext, "(objectClass=*)", "lockoutThreshold", "lockOutObservationWindow", "lockoutDuration",
		"maxPwdAge")
	if err != nil {
		return nil, err
	}
	p := adPolicy(e, "domain policy of "+d.DefaultNamingContext, "lockoutThreshold", "lockOutObservationWindow", "lockoutDuration",
		"maxPwdAge")
	if !p.Readable {
		p.Note = "the domain's policy is not shown to the account that asked"
	}
	return p, nil
}

// psoOf names the fine-grained policy of the account. The policies that are linked to it are shown even if the computed resultant one is
// not. The numbers of several policies decide which one applies.
func psoOf(account *ldap.Entry) string {
	if pso := account.GetEqualFoldAttributeValue("msDS-ResultantPSO"); pso != "" {
		return pso
	}
	return account.GetEqualFoldAttributeValue("msDS-PSOApplied")
}

// adPolicy reads a policy. An entry that is missing, or that does not show the threshold, leaves it unknown.
func adPolicy(e *ldap.Entry, source, threshold, window, duration, maxAge string) *Policy {
	p := &Policy{Kind: kindAD, Source: source}
	if e == nil {
		p.NotShown = []string{threshold, window, duration, maxAge}
		return p
	}
	n, err := strconv.ParseInt(value(e, threshold), 10, 32)
	p.Readable = err == nil && n >= 0
	if p.Readable {
		p.Threshold = int(n)
	}
	span := func(attr string) Span {
		if !has(e, attr) {
			p.NotShown = append(p.NotShown, attr)
		}
		d, forever, err := ParseInterval(value(e, attr))
		if err != nil || forever {
			return 0
		}
		return Span(d)
	}
	p.Window, p.Duration, p.MaxAge = span(window), span(duration), span(maxAge)
	return p
}

// netbiosName reads the domain's name for DOMAIN\user from the partitions container (MS-ADTS, section 6.1.1.2.1).
func (s *session) netbiosName(ctx context.Context, d *RootDSE) (string, error) {
	i := fold.Index(d.SchemaContext, "cn=configuration,")
	if i < 0 {
		return "", nil
	}
	res, err := s.search(ctx, ldap.NewSearchRequest("CN=Partitions,"+d.SchemaContext[i:], ldap.ScopeSingleLevel, ldap.NeverDerefAliases, 1, 10,
		false,
		fmt.Sprintf("(&(objectClass=crossRef)(nCName=%s)(nETBIOSName=*))", ldap.EscapeFilter(d.DefaultNamingContext)), []string{"nETBIOSName"},
		nil))
	if len(res.Entries) > 0 {
		return value(res.Entries[0], "nETBIOSName"), nil
	}
	return "", err
}

func inDomain(dn, domain string) bool {
	a, err1 := ldap.ParseDN(dn)
	b, err2 := ldap.ParseDN(domain)
	return err1 == nil && err2 == nil && (b.AncestorOfFold(a) || b.EqualFold(a))
}

// The forms of a bind name.
const (
	formDN   = "dn"
	formUPN  = "upn"
	formDown = "down-level"
	formBare = "bare"
	// formCanonical is example.com/Users/Cisco Search.
	formCanonical = "canonical"
)

func splitBindName(name string) (form, user string) {
	if _, err := ldap.ParseDN(name); err == nil && strings.Contains(name, "=") {
		return formDN, name
	}
	if i := strings.LastIndexByte(name, '\\'); i >= 0 {
		return formDown, name[i+1:]
	}
	if i := strings.IndexByte(name, '@'); i >= 0 {
		return formUPN, name[:i]
	}
	if domain, path, ok := strings.Cut(name, "/"); ok && strings.Contains(domain, ".") && path != "" {
		return formCanonical, path[strings.LastIndexByte(path, '/')+1:]
	}
	return formBare, name
}

// canonicalName turns a DN into Active Directory's canonical name; empty if it is not a DN of a domain.
func canonicalName(dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		return ""
	}
	var domain, path []string
	for _, rdn := range parsed.RDNs {
		for _, a := range rdn.Attributes {
			if strings.EqualFold(a.Type, "DC") {
				domain = append(domain, a.Value)
			} else {
				path = append(path, strings.ReplaceAll(a.Value, "/", `\/`))
			}
		}
	}
	slices.Reverse(path)
	return strings.Join(domain, ".") + "/" + strings.Join(path, "/")
}

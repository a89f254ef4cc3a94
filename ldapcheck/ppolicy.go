package ldapcheck

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/probe"
)

// readPPolicyAccount reads OpenLDAP's password policy and the account's operational attributes (slapo-ppolicy(5)).
func (s *session) readPPolicyAccount(ctx context.Context, d *RootDSE, bindName string, now time.Time) (*Account, *Policy, error) {
	if form, _ := splitBindName(bindName); form != formDN {
		return nil, nil, nil
	}
	e, err := s.read(ctx, bindName, "(objectClass=*)", "pwdFailureTime", "pwdAccountLockedTime", "pwdChangedTime", "pwdReset", "pwdPolicySubentry", "pwdEndTime")
	if err != nil || e == nil {
		return nil, nil, err
	}
	p, err := s.findPPolicy(ctx, d, e)
	if err != nil {
		return nil, nil, err
	}
	return ppolicyAccount(e, p, now), p, nil
}

var ppolicyAttributes = []string{"pwdLockout", "pwdMaxFailure", "pwdFailureCountInterval", "pwdLockoutDuration", "pwdMaxAge"}

// findPPolicy takes the policy that the account names, else the only one there is, else the strictest of all.
func (s *session) findPPolicy(ctx context.Context, d *RootDSE, account *ldap.Entry) (*Policy, error) {
	if dn := account.GetEqualFoldAttributeValue("pwdPolicySubentry"); dn != "" {
		e, err := s.read(ctx, dn, "(objectClass=*)", ppolicyAttributes...)
		if err != nil {
			return nil, err
		}
		if e == nil {
			return &Policy{Kind: "ppolicy", Source: probe.Clean(dn), Note: "the account names this policy, but it cannot be read"}, nil
		}
		return parsePPolicy(e, "password policy "+probe.Clean(dn)), nil
	}
	var found []*ldap.Entry
	for _, nc := range d.NamingContexts {
		if !inDomain(account.DN, nc) {
			continue
		}
		res, err := s.search(ctx, ldap.NewSearchRequest(nc, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 8, 10, false,
			"(objectClass=pwdPolicy)", ppolicyAttributes, nil))
		if _, _, server := resultOf(err); err != nil && !server {
			return nil, err
		}
		found = append(found, res.Entries...)
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		p := parsePPolicy(found[0], "password policy "+probe.Clean(found[0].DN))
		p.Note = "the only policy in the directory; it is taken for the default"
		return p, nil
	}
	return strictest(found), nil
}

// strictest joins several policies into one that is at least as strict as each of them, because which of them is the
// default only the server's own configuration says. Expiry is left out: it would be a guess.
func strictest(found []*ldap.Entry) *Policy {
	all := &Policy{Kind: "ppolicy", Source: "password policies", Readable: true,
		Note: "the directory has several policies, and only its own configuration says which is the default: the strictest of each number is taken"}
	for _, e := range found {
		p := parsePPolicy(e, "")
		if p.Threshold == 0 {
			continue
		}
		if all.Threshold == 0 {
			all.Threshold, all.Window, all.Duration = p.Threshold, p.Window, p.Duration
			continue
		}
		all.Threshold = min(all.Threshold, p.Threshold)
		all.Window = longest(all.Window, p.Window)
		all.Duration = longest(all.Duration, p.Duration)
	}
	return all
}

// longest takes 0 for "without end".
func longest(a, b Span) Span {
	if a == 0 || b == 0 {
		return 0
	}
	return max(a, b)
}

func parsePPolicy(e *ldap.Entry, source string) *Policy {
	p := &Policy{Kind: "ppolicy", Source: source, Readable: true}
	seconds := func(attr string) Span {
		n, err := strconv.ParseInt(value(e, attr), 10, 32)
		if err != nil || n < 0 {
			return 0
		}
		return Span(time.Duration(n) * time.Second)
	}
	p.Window, p.Duration, p.MaxAge = seconds("pwdFailureCountInterval"), seconds("pwdLockoutDuration"), seconds("pwdMaxAge")
	if strings.EqualFold(value(e, "pwdLockout"), "TRUE") {
		p.Threshold = int(number(e, "pwdMaxFailure"))
	}
	return p
}

func ppolicyAccount(e *ldap.Entry, p *Policy, now time.Time) *Account {
	a := &Account{DN: probe.Clean(e.DN), Readable: true}
	for _, v := range e.GetEqualFoldAttributeValues("pwdFailureTime") {
		t, _, err := ParseGeneralizedTime(v)
		if err != nil || (p != nil && p.Window > 0 && now.Sub(t) > time.Duration(p.Window)) {
			continue
		}
		a.Failures++
		if t.After(a.LastFailure) {
			a.LastFailure = t
		}
	}
	if v := value(e, "pwdAccountLockedTime"); v != "" {
		since, forever, err := ParseGeneralizedTime(v)
		if err == nil {
			a.Locked, a.LockedSince = true, since
			if !forever && p != nil && p.Readable && p.Duration > 0 {
				a.LockedUntil = since.Add(time.Duration(p.Duration))
				a.Locked = now.Before(a.LockedUntil)
			}
		}
	}
	a.PasswordSet, _, _ = ParseGeneralizedTime(value(e, "pwdChangedTime"))
	a.MustChange = strings.EqualFold(value(e, "pwdReset"), "TRUE")
	a.AccountExpires, _, _ = ParseGeneralizedTime(value(e, "pwdEndTime"))
	switch {
	case p == nil || (p.Readable && p.MaxAge == 0):
		a.NeverExpires = true
	case p.Readable && !a.PasswordSet.IsZero():
		a.PasswordExpires = a.PasswordSet.Add(time.Duration(p.MaxAge))
		a.PasswordExpired = now.After(a.PasswordExpires)
	}
	return a
}

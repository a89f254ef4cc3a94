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
	e, err := s.read(ctx, bindName, "(objectClass=*)", "pwdFailureTime", "pwdAccountLockedTime", "pwdChangedTime", "pwdReset",
		"pwdPolicySubentry", "pwdEndTime")
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

// findPPolicy uses the policy that the account names, else the only one that exists, else the strictest of all.
func (s *session) findPPolicy(ctx context.Context, d *RootDSE, account *ldap.Entry) (*Policy, error) {
	if dn := account.GetEqualFoldAttributeValue("pwdPolicySubentry"); dn != "" {
		e, err := s.read(ctx, dn, "(objectClass=*)", ppolicyAttributes...)
		if err != nil {
			return nil, err
		}
		if e == nil {
			return &Policy{Kind: kindPPolicy, Source: probe.Clean(dn), NotShown: ppolicyAttributes,
				Note: "the account names this policy, but it cannot be read"}, nil
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
		if p.Note == "" {
			p.Note = "the only policy in the directory, used as the default"
		}
		return p, nil
	}
	return strictest(found), nil
}

// strictest joins several policies into one that is at least as strict as each of them, because only the server's own
// configuration says which of them is the default. Expiry is left out: it would be a guess.
func strictest(found []*ldap.Entry) *Policy {
	all := &Policy{Kind: kindPPolicy, Source: "password policies", Readable: true, NotShown: []string{"pwdMaxAge"},
		Note: "the directory has several policies, and only its own configuration says which is the default: the strictest value of each " +
			"number is used"}
	for _, e := range found {
		p := parsePPolicy(e, "")
		if !p.Readable { // it may be stricter than all others
			return &Policy{Kind: kindPPolicy, Source: all.Source, NotShown: ppolicyAttributes,
				Note: "the directory has several policies, the numbers of some are not shown, and only its own configuration says which is the default"}
		}
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

// parsePPolicy reads a policy. The number of failures that lock is known only if pwdMaxFailure was shown, or if it is known that nothing
// locks: a number that access rules hide looks like one that is not set.
func parsePPolicy(e *ldap.Entry, source string) *Policy {
	p := &Policy{Kind: kindPPolicy, Source: source}
	seconds := func(attr string) Span {
		if !has(e, attr) {
			p.NotShown = append(p.NotShown, attr)
		}
		n, err := strconv.ParseInt(value(e, attr), 10, 32)
		if err != nil || n < 0 {
			return 0
		}
		return Span(time.Duration(n) * time.Second)
	}
	p.Window, p.Duration, p.MaxAge = seconds("pwdFailureCountInterval"), seconds("pwdLockoutDuration"), seconds("pwdMaxAge")
	n, err := strconv.ParseInt(value(e, "pwdMaxFailure"), 10, 32)
	switch {
	case strings.EqualFold(value(e, "pwdLockout"), "FALSE"):
		p.Readable = true
	case err == nil && n >= 0:
		p.Readable, p.Threshold = true, int(n)
		if n > 0 && !has(e, "pwdLockout") {
			p.Note = "pwdLockout is not shown, so the policy is treated as one that locks"
		}
	default:
		p.Note = "the numbers of this policy are not shown to the account that asked"
	}
	return p
}

func ppolicyAccount(e *ldap.Entry, p *Policy, now time.Time) *Account {
	// Without a failure there is no pwdFailureTime, and a hidden one looks the same: see countHidden.
	a := &Account{DN: probe.Clean(e.DN), Readable: has(e, "pwdFailureTime")}
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
			if !forever && p != nil && p.Duration > 0 {
				a.LockedUntil = since.Add(time.Duration(p.Duration))
				a.Locked = now.Before(a.LockedUntil)
			}
		}
	}
	a.PasswordSet, _, _ = ParseGeneralizedTime(value(e, "pwdChangedTime"))
	a.MustChange = strings.EqualFold(value(e, "pwdReset"), "TRUE")
	a.AccountExpires, _, _ = ParseGeneralizedTime(value(e, "pwdEndTime"))
	switch {
	case p == nil || !p.shows("pwdMaxAge"):
	case p.MaxAge == 0:
		a.NeverExpires = true
	case !a.PasswordSet.IsZero():
		a.PasswordExpires = a.PasswordSet.Add(time.Duration(p.MaxAge))
		a.PasswordExpired = now.After(a.PasswordExpires)
	}
	return a
}

package ldapcheck

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/probe"
)

// is389 recognises the 389 Directory Server, and the Red Hat Directory Server that is built from it, by what they say in the root DSE.
func (d *RootDSE) is389() bool {
	v := strings.ToLower(d.Vendor)
	return strings.Contains(v, "389 project") || strings.Contains(v, "389-directory") || strings.Contains(v, "red hat directory")
}

// The numbers of a policy of 389 Directory Server. The entry of a local policy and cn=config use the same names (Red Hat Directory Server,
// "Configuration, Command, and File Reference").
var policy389Attributes = []string{"passwordLockout", "passwordMaxFailure", "passwordResetFailureCount", "passwordLockoutDuration",
	"passwordUnlock", "passwordExp", "passwordMaxAge"}

// read389Account reads the account's operational attributes, and the policy: its own, else the server's in cn=config, which few
// accounts may read.
func (s *session) read389Account(ctx context.Context, _ *RootDSE, bindName string, now time.Time) (*Account, *Policy, error) {
	if form, _ := splitBindName(bindName); form != formDN {
		return nil, nil, nil
	}
	e, err := s.read(ctx, bindName, "(objectClass=*)", "passwordRetryCount", "retryCountResetTime", "accountUnlockTime", "nsAccountLock",
		"passwordExpirationTime", "pwdpolicysubentry")
	if err != nil || e == nil {
		return nil, nil, err
	}
	at, own := "cn=config", e.GetEqualFoldAttributeValue("pwdpolicysubentry")
	if own != "" {
		at = own
	}
	numbers, err := s.read(ctx, at, "(objectClass=*)", policy389Attributes...)
	if err != nil {
		return nil, nil, err
	}
	p := parse389(numbers, "password policy "+probe.Clean(at))
	if p.FineGrained = own != ""; p.FineGrained && !p.Readable {
		p.Note = "this policy of the account itself applies, but its numbers are not shown to the account that asked"
	}
	return account389(e, p, now), p, nil
}

// parse389 reads a policy; an entry that is missing, or that does not show what decides, leaves it unknown.
func parse389(e *ldap.Entry, source string) *Policy {
	p := &Policy{Kind: kind389, Source: source, Note: "the numbers of this policy are not shown to the account that asked"}
	if e == nil {
		p.NotShown = policy389Attributes
		return p
	}
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
	p.Window, p.Duration, p.MaxAge = seconds("passwordResetFailureCount"), seconds("passwordLockoutDuration"), seconds("passwordMaxAge")
	if off(e, "passwordUnlock") {
		p.Duration = 0
	}
	if off(e, "passwordExp") {
		p.MaxAge = 0
	}
	n, err := strconv.ParseInt(value(e, "passwordMaxFailure"), 10, 32)
	switch {
	case off(e, "passwordLockout"):
		p.Readable, p.Note = true, ""
	case err == nil && n >= 0:
		p.Readable, p.Note, p.Threshold = true, "", int(n)
	}
	return p
}

// off reads a switch: on and off in cn=config, true and false elsewhere.
func off(e *ldap.Entry, attr string) bool {
	v := value(e, attr)
	return strings.EqualFold(v, "off") || strings.EqualFold(v, "false") || v == "0"
}

func account389(e *ldap.Entry, p *Policy, now time.Time) *Account {
	a := &Account{DN: probe.Clean(e.DN), Readable: has(e, "passwordRetryCount")}
	a.Failures = int(number(e, "passwordRetryCount"))
	if reset, _, err := ParseGeneralizedTime(value(e, "retryCountResetTime")); err == nil {
		if !now.Before(reset) {
			a.Failures = 0 // the next failure starts the count again
		} else if p.Window > 0 {
			a.LastFailure = reset.Add(-time.Duration(p.Window)) // the first failure of the count, to be exact
		}
	}
	if v := value(e, "accountUnlockTime"); v != "" {
		// The epoch means: until an administrator unlocks. A time that has passed means: the lock is over.
		until, _, err := ParseGeneralizedTime(v)
		switch {
		case err != nil:
		case until.Unix() == 0:
			a.Locked = true
		case now.Before(until):
			a.Locked, a.LockedUntil = true, until
		}
	}
	a.Disabled = strings.EqualFold(value(e, "nsAccountLock"), "TRUE")
	if at, _, err := ParseGeneralizedTime(value(e, "passwordExpirationTime")); err == nil {
		switch {
		case at.Unix() == 0:
			a.MustChange = true // a password that was reset by an administrator
		case p.MaxAge > 0 || !p.shows("passwordMaxAge"):
			a.PasswordExpires, a.PasswordExpired = at, now.After(at)
		}
	}
	a.NeverExpires = a.PasswordExpires.IsZero() && !a.MustChange && p.shows("passwordMaxAge") && p.MaxAge == 0
	return a
}

package ldapcheck

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// bind makes the one log-in that the attempt allows and settles it. The error is non-nil only when the connection broke;
// a refusal by the directory is in the Bind.
func (s *session) bind(ctx context.Context, dn string, a *loginbudget.Attempt) (*Bind, error) {
	defer a.Close()
	b := &Bind{DN: probe.Clean(dn)}
	req := ldap.NewSimpleBindRequest(dn, a.Password(), []ldap.Control{ldap.NewControlBeheraPasswordPolicy()})
	var res *ldap.SimpleBindResult
	err := s.do(ctx, probe.Auth, func() error {
		var err error
		res, err = s.ldap.SimpleBind(req)
		return err
	})
	if res != nil {
		b.readControls(res.Controls)
	}
	if err == nil {
		b.OK = true
		return b, a.Settle(loginbudget.Accepted)
	}
	code, text, server := resultOf(err)
	if !server {
		if e := a.Settle(loginbudget.Unknown); e != nil {
			err = errors.Join(err, e)
		}
		return b, err
	}
	b.Code, b.Text, b.Matched = code, text, matchedDN(err)
	b.Referrals = referralsOf(err)
	if code == ldap.LDAPResultInvalidCredentials {
		b.Sub = SubCode(text)
	}
	return b, a.Settle(b.outcome())
}

// outcome decides what the budget remembers. A reason that a directory gives only for a right password is no failure
// that counts; an answer that comes before the password is looked at is none either. All else counts.
func (b *Bind) outcome() loginbudget.Outcome {
	switch b.Code {
	case ldap.LDAPResultReferral, ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultConfidentialityRequired,
		ldap.LDAPResultInvalidDNSyntax:
		return loginbudget.Untested
	}
	if why := b.Why(); why.PasswordRight || why.Key == "locked" {
		return loginbudget.Barred
	}
	return loginbudget.Rejected
}

func (b *Bind) readControls(controls []ldap.Control) {
	for _, c := range controls {
		pp, ok := c.(*ldap.ControlBeheraPasswordPolicy)
		if !ok {
			continue
		}
		b.Policy = ppolicyName(pp.Error)
		if pp.Expire >= 0 && pp.Expire < 1<<31 {
			b.ExpiresIn = Span(time.Duration(pp.Expire) * time.Second)
		}
		if pp.Grace >= 0 && pp.Grace < 1<<31 {
			b.Grace = int(pp.Grace)
		}
	}
}

// login asks the budget for an attempt and binds. A refusal by the budget comes back as a Bind that was not made.
func (c *Checker) login(ctx context.Context, s *session, l Login, names []string, policy loginbudget.Policy) (*Bind, error) {
	b := &Bind{DN: probe.Clean(l.DN)}
	if s.o.TLS != nil && !s.o.TLS.Verified && !c.TrustAnyCertificate {
		b.NotMade = "the server's certificate does not verify, and a password is not sent to a server that may be somebody else's"
		return b, nil
	}
	wait, cancel := context.WithTimeout(ctx, attemptWait)
	attempt, err := c.Budget.Reserve(wait, loginbudget.Account{Names: append([]string{l.DN}, names...)}, l.Password, policy)
	cancel()
	if err != nil {
		var refusal *loginbudget.Refusal
		if errors.As(err, &refusal) {
			b.Refusal = refusal
			b.NotMade = refusal.Error()
			return b, nil
		}
		b.NotMade = err.Error()
		return b, fmt.Errorf("log in as %s: %w", b.DN, err)
	}
	return s.bind(ctx, l.DN, attempt)
}

// attemptWait bounds the wait for another process that tries the same account.
const attemptWait = 30 * time.Second

package ldapcheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// bind makes the one log-in that the attempt allows and settles it. The error is non-nil only if the connection broke.
// A refusal by the directory is in the Bind. So is an outcome that could not be saved, because that is not an error of the server.
func (s *session) bind(ctx context.Context, dn string, a *loginbudget.Attempt) (*Bind, error) {
	defer a.Close()
	s.scrub = a.Scrub
	b := &Bind{DN: probe.Clean(dn), Blind: a.Blind()}
	settle := func(o loginbudget.Outcome) {
		if err := a.Settle(o); err != nil {
			b.Forgotten = err.Error()
		}
	}
	req := ldap.NewSimpleBindRequest(dn, a.Password(), []ldap.Control{ldap.NewControlBeheraPasswordPolicy()})
	var res *ldap.SimpleBindResult
	err := s.do(ctx, probe.Auth, func() error {
		var err error
		res, err = s.ldap.SimpleBind(req)
		return err
	})
	if res != nil {
		b.readControls(res.Controls, err != nil)
	}
	if err == nil {
		b.OK = true
		settle(loginbudget.Accepted)
		return b, nil
	}
	code, text, server := resultOf(err)
	if !server {
		if probe.AsError(probe.Auth, err).Class == probe.Cancelled {
			settle(loginbudget.Unknown)
		} else {
			settle(loginbudget.Unanswered)
		}
		return b, err
	}
	b.Code, b.Text, b.Matched = code, s.said(text), s.said(matchedDN(err))
	b.Referrals = s.saidAll(referralsOf(err))
	if code == ldap.LDAPResultInvalidCredentials {
		b.Sub = SubCode(text)
	}
	settle(b.outcome())
	return b, nil
}

// outcome decides what the budget remembers. Only result 49 judges a password, and not always. A reason that a directory gives only for a
// right password does not count as a failure. A lock and an unknown name say nothing about the password. A server that cannot ask another
// one has not judged it. For the results of unchecked the directory did not check the password, unless its words say otherwise; for all
// others it is not known.
func (b *Bind) outcome() loginbudget.Outcome {
	switch b.Policy {
	case "accountLocked", "changeAfterReset", "passwordExpired": // the last two come only when the password is right
		return loginbudget.Barred
	}
	switch b.Code {
	case ldap.LDAPResultInvalidCredentials:
	case ldap.LDAPResultConstraintViolation:
		if b.Text != "" {
			return loginbudget.Barred // 389 Directory Server: "Exceed password retry limit"
		}
		return loginbudget.Rejected // with passwordLegacyPolicy: off it says so for the failure that locks
	default:
		return b.otherOutcome()
	}
	switch why := b.Why(); {
	case why.Unjudged:
		return loginbudget.Untested
	case why.PasswordRight || why.Key == "locked" || why.Key == "no-such-user" || why.Key == "restriction":
		return loginbudget.Barred
	}
	return loginbudget.Rejected
}

// otherOutcome is the outcome of another result than 49 and 19.
func (b *Bind) otherOutcome() loginbudget.Outcome {
	reason, said := saidReason(b.Text)
	switch {
	case said && reason.Unjudged:
		return loginbudget.Untested
	case said && reason.Key != "wrong-password":
		return loginbudget.Barred
	case said, loginbudget.Says(b.Text, loginbudget.SaidPassword):
		return loginbudget.Rejected
	case loginbudget.Says(b.Text, loginbudget.SaidFailed):
		return loginbudget.Unanswered
	case slices.Contains(unchecked, b.Code):
		return loginbudget.Untested
	}
	return loginbudget.Unanswered
}

// unchecked are the results with which a directory answers a bind without a look at the password (RFC 4511, appendix A).
var unchecked = []int{
	ldap.LDAPResultOperationsError, ldap.LDAPResultProtocolError, ldap.LDAPResultTimeLimitExceeded, ldap.LDAPResultAuthMethodNotSupported,
	ldap.LDAPResultStrongAuthRequired, ldap.LDAPResultReferral, ldap.LDAPResultAdminLimitExceeded,
	ldap.LDAPResultUnavailableCriticalExtension, ldap.LDAPResultConfidentialityRequired, ldap.LDAPResultSaslBindInProgress,
	ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultBusy,
	ldap.LDAPResultUnavailable, ldap.LDAPResultUnwillingToPerform, ldap.LDAPResultLoopDetect, ldap.LDAPResultOther,
}

// judged reports whether the directory looked at the account or the password before it answered.
func (b *Bind) judged() bool {
	if b.Code == 0 {
		return false
	}
	o := b.outcome()
	return o != loginbudget.Untested && o != loginbudget.Unanswered
}

// readControls reads the password policy control, and the older one of Sun and 389 Directory Server (draft-vchu-ldap-pwd-policy). With a
// refusal the older one says that the password has expired, with a success it says that the password must be changed.
func (b *Bind) readControls(controls []ldap.Control, refused bool) {
	old := false
	for _, c := range controls {
		if v, ok := c.(*ldap.ControlVChuPasswordMustChange); ok && v.MustChange {
			old = true
		}
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
	switch {
	case !old || b.Policy != "":
	case refused:
		b.Policy = "passwordExpired"
	default:
		b.Policy = "changeAfterReset"
	}
}

// login asks the budget for an attempt and binds. If the budget refuses, it returns a Bind that was not made.
func (c *Checker) login(ctx context.Context, s *session, l Login, account loginbudget.Account, policy loginbudget.Policy) (*Bind, error) {
	b := &Bind{DN: probe.Clean(l.DN)}
	if s.o.TLS != nil && !s.o.TLS.Verified && !c.TrustAnyCertificate {
		b.NotMade = "the server's certificate does not verify, and a password is not sent to a server that may be the wrong one"
		return b, nil
	}
	wait, cancel := context.WithTimeout(ctx, attemptWait)
	attempt, err := c.Budget.Reserve(wait, account, l.Password, policy)
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

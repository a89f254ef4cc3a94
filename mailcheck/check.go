package mailcheck

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// A Checker probes mail stores and calendar gateways. One Checker is one run: its Budget allows one attempt per account.
type Checker struct {
	Prober *probe.Prober
	Budget *loginbudget.Budget
	// TrustAnyCertificate lets passwords be sent to a server whose certificate does not verify.
	TrustAnyCertificate bool
	// OldTLS continues with a server that supports only TLS 1.1 or older; otherwise the probe only describes its handshake.
	OldTLS bool
	// AssumePolicy is the lock-out policy that the user gave.
	AssumePolicy loginbudget.Policy
	// WebProxy, if set, names the web proxy that this computer sets for a URL.
	WebProxy func(url string) string
}

// configured are the texts of a request that are not secret.
func configured(t probe.Target, l Login, at live.Place, more ...string) []string {
	return append(more, t.Host, t.ServerName, l.User, at.Source)
}

// attemptWait bounds the wait for another process that tries the same account.
const attemptWait = 30 * time.Second

// scope says where a password is checked: Unity Connection has accounts of its own, Exchange asks the enterprise directory.
func scope(p Product) string {
	switch p {
	case UnityConnection:
		return "unity-connection"
	case "":
		return "mail-store"
	}
	return ""
}

// behind are the other places where it may be checked: Unity Connection asks the directory where it uses LDAP authentication, and
// neither it nor an export says so. A store of an unknown product may be any.
func behind(p Product) []string {
	switch p {
	case UnityConnection:
		return []string{""}
	case "":
		return []string{"", scope(UnityConnection)}
	}
	return nil
}

// mayLogIn says why a password must not be sent over this connection, or nothing.
func (c *Checker) mayLogIn(o *probe.Observation) string {
	switch {
	case o.TLS == nil:
		return ""
	case !o.TLS.Verified && !c.TrustAnyCertificate:
		return "the server's certificate does not verify, and a password is not sent to a server that may be the wrong one"
	case o.TLS.Has(probe.TLSTooOld) && !c.OldTLS:
		return "the server speaks " + o.TLS.Version + ", and a password is sent over that version only with --old-tls"
	}
	return ""
}

// reserve asks the budget for the one attempt. Without one, the result says why.
func (c *Checker) reserve(ctx context.Context, product Product, l Login) (*loginbudget.Attempt, *LoginResult) {
	res := &LoginResult{User: probe.Clean(l.User)}
	wait, cancel := context.WithTimeout(ctx, attemptWait)
	defer cancel()
	account := loginbudget.Account{Scope: scope(product), Also: behind(product), Names: accountNames(l.User),
		Directories: []string{loginbudget.AnyDirectory}} // no store says which directory it asks
	a, err := c.Budget.Reserve(wait, account, l.Password, c.AssumePolicy)
	if err != nil {
		_ = errors.As(err, &res.Refusal)
		res.NotMade = err.Error()
		return nil, res
	}
	res.Blind = a.Blind()
	return a, res
}

// accountNames are the names that a log-in may mean. DOMAIN\user\mailbox and DOMAIN/user/mailbox are log-ins of the user to another
// mailbox: a failure counts for the user.
func accountNames(user string) []string {
	names := []string{user}
	parts := strings.FieldsFunc(user, func(c rune) bool { return c == '\\' || c == '/' })
	if len(parts) > 2 {
		names = append(names, parts[1:]...)
	}
	return names
}

// settle saves how the log-in ended. incomplete says why it could not be saved: that is an error of this computer, not of the
// server.
func (l *LoginResult) settle(a *loginbudget.Attempt, outcome loginbudget.Outcome, incomplete *string) {
	l.NotJudged = outcome == loginbudget.Untested || outcome == loginbudget.Unanswered || outcome == loginbudget.Unknown
	if err := a.Settle(outcome); err != nil && *incomplete == "" {
		*incomplete = "the log-in of " + l.User + " was made, but its result could not be saved: " + err.Error()
	}
}

// unanswered is the outcome of a log-in whose answer did not come.
func unanswered(err error) loginbudget.Outcome {
	if probe.AsError(probe.Auth, err).Class == probe.Cancelled {
		return loginbudget.Unknown
	}
	return loginbudget.Unanswered
}

// open connects and, for TLS from the first byte, shakes hands.
func (c *Checker) open(ctx context.Context, t probe.Target, o *probe.Observation) (raw, conn net.Conn, err error) {
	raw, err = c.Prober.Connect(ctx, t, o)
	if err != nil {
		return nil, nil, err
	}
	if t.Security != probe.ImplTLS {
		return raw, raw, nil
	}
	secured, err := c.Prober.Handshake(ctx, raw, t, o)
	if err != nil {
		_ = raw.Close()
		return nil, nil, err
	}
	return raw, secured, nil
}

// again opens one more connection to the address that answered. The times of its phases are added to o.
func (c *Checker) again(ctx context.Context, o *probe.Observation) (raw, conn net.Conn, err error) {
	t := o.Target
	if t.ServerName == "" {
		t.ServerName = t.Host
	}
	host, _, err := net.SplitHostPort(o.Address)
	if err != nil {
		return nil, nil, fmt.Errorf("connect again: %w", err)
	}
	t.Host = host
	var side probe.Observation
	raw, conn, err = c.open(ctx, t, &side)
	o.Phases.Connect += side.Phases.Connect
	o.Phases.TLS += side.Phases.TLS
	return raw, conn, err
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/internal/audit"
	"cupclint/internal/probe"
	"cupclint/jabbercheck/xmpp"
	"cupclint/ldapcheck"
	"cupclint/mailcheck"
)

// auditCredentials are the passwords that exports do not hold, each for one account.
type auditCredentials struct {
	directory, calendar, voicemail, sip, xmpp passwordFlags
	voicemailUser, xmppUser                   string
	file                                      string
	auditorDN                                 string
	auditor                                   passwordFlags
}

func (a *auditCredentials) register(cmd *cobra.Command) {
	registerAuditor(cmd, &a.auditorDN, &a.auditor)
	a.directory.register(cmd, "directory-", "the one directory account that has none in the exports")
	a.calendar.register(cmd, "calendar-", "the one calendar account that has none in the exports")
	a.sip.register(cmd, "sip-", "the one end user without a digest credential in the exports")
	cmd.Flags().StringVar(&a.voicemailUser, "voicemail-user", "", "log in to the mail stores as this user; default: no log-in")
	a.voicemail.register(cmd, "voicemail-", "--voicemail-user")
	cmd.Flags().StringVar(&a.xmppUser, "xmpp-user", "", "log in to the XMPP presence servers as this user; default: no log-in")
	a.xmpp.register(cmd, "xmpp-", "--xmpp-user")
	cmd.Flags().StringVar(&a.file, "credentials", "", "passwords of several accounts, in this `FILE`: a line each, account, tab, password")
	loginFlags.put(cmd, "voicemail-user", "xmpp-user", "credentials")
}

// given reports whether any password was named by a flag.
func (a *auditCredentials) given() bool {
	return a.file != "" || a.auditorDN != "" || a.auditor.given() || a.voicemailUser != "" || a.directory.given() || a.calendar.given() ||
		a.voicemail.given() || a.sip.given() || a.xmppUser != "" || a.xmpp.given()
}

// fill finds the passwords that the plan lacks. One source serves one account only: the same password tried on several accounts
// would be a failure for all but one.
func (a *auditCredentials) fill(ctx context.Context, env *environment, p *audit.Plan) error {
	if a.voicemailUser != "" {
		for _, r := range audit.Requests[mailcheck.IMAPRequest](p) {
			r.Login = mailcheck.Login{User: a.voicemailUser}
		}
	} else if a.voicemail.given() {
		return fmt.Errorf("a voicemail password and no account for it: give --voicemail-user")
	}
	if a.xmppUser != "" {
		for _, r := range audit.Requests[xmpp.Request](p) {
			r.Login = xmpp.Login{User: a.xmppUser}
		}
	} else if a.xmpp.given() {
		return fmt.Errorf("an XMPP password and no account for it: give --xmpp-user")
	}
	if err := a.fillFromFile(ctx, env, p); err != nil {
		return err
	}
	if err := a.addAuditor(ctx, env, p); err != nil {
		return err
	}
	for _, kind := range []struct {
		name, area, variable string
		from                 *passwordFlags
	}{
		{"directory", "directory", "CUPCLINT_LDAP_PASSWORD", &a.directory},
		{"calendar", "calendar", "CUPCLINT_CALENDAR_PASSWORD", &a.calendar},
		{"sip", "sip", "CUPCLINT_SIP_PASSWORD", &a.sip},
		{"XMPP", "xmpp", "CUPCLINT_XMPP_PASSWORD", &a.xmpp},
		{"voicemail", "mail", "CUPCLINT_VOICEMAIL_PASSWORD", &a.voicemail},
	} {
		if !kind.from.given() && env.getenv(kind.variable) == "" {
			continue // audit never asks: it would stop in the middle
		}
		missing := p.Lacking(kind.area)
		switch {
		case len(missing) > 1:
			return fmt.Errorf("one %s password and %d accounts without one (%s): put the passwords into the exports, or probe them with a command "+
				"of their own",
				kind.name, len(missing), probe.Clean(strings.Join(missing, ", ")))
		case len(missing) == 0 && kind.from.given():
			return fmt.Errorf("a %s password, and no account of the plan lacks one", kind.name)
		case len(missing) == 0:
			continue // the variable may be meant for another command
		}
		secret, err := kind.from.read(ctx, env, kind.variable, "")
		if err != nil {
			return err
		}
		p.GiveLacking(kind.area, audit.Credential{Account: missing[0], Password: secret})
	}
	return nil
}

// addAuditor lets the auditor's account read policy and state at every directory before its own account is tried. It is never asked for: a
// run would stop in the middle.
func (a *auditCredentials) addAuditor(ctx context.Context, env *environment, p *audit.Plan) error {
	if a.auditorDN == "" {
		if a.auditor.given() {
			return errors.New("an auditor's password and no account for it: give --auditor-dn")
		}
		return nil
	}
	quiet := *env
	quiet.stdin = nil
	if a.auditor.file == "-" {
		quiet.stdin = env.stdin
	}
	secret, err := readAuditor(ctx, &quiet, a.auditorDN, &a.auditor)
	if err != nil {
		return err
	}
	for _, r := range audit.Requests[ldapcheck.Request](p) {
		r.Auditor = ldapcheck.Login{DN: a.auditorDN, Password: secret}
	}
	return nil
}

// maxCredentials bounds the file of --credentials, in bytes.
const maxCredentials = 1 << 20

// fillFromFile gives the passwords of --credentials to their accounts.
func (a *auditCredentials) fillFromFile(ctx context.Context, env *environment, p *audit.Plan) error {
	if a.file == "" {
		return nil
	}
	text, err := env.readFile(ctx, a.file, maxCredentials, "the credentials") // all or nothing: half a password would be a wrong one
	if err != nil {
		return unreadable(fmt.Errorf("read the file that --credentials names: %w", unnamed(err)))
	}
	credentials, err := audit.ReadCredentials(a.file, text)
	if err != nil {
		return unreadable(err)
	}
	for _, c := range credentials {
		if !p.Give(c) {
			env.complain(fmt.Errorf("%s:%d: no target of the plan uses the account in this line. A line is ACCOUNT, tab, PASSWORD", a.file, c.Line))
		}
	}
	return nil
}

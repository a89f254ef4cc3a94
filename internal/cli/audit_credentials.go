package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/ldapcheck"
	"cupclint/mailcheck"
)

// auditCredentials are the passwords that exports do not hold, each for one account.
type auditCredentials struct {
	directory, calendar, voicemail, sip passwordFlags
	voicemailUser                       string
	file                                string
	auditorDN                           string
	auditor                             passwordFlags
}

func (a *auditCredentials) register(cmd *cobra.Command) {
	registerAuditor(cmd, &a.auditorDN, &a.auditor)
	a.directory.register(cmd, "directory-", "the one directory account that has none in the exports")
	a.calendar.register(cmd, "calendar-", "the one calendar account that has none in the exports")
	a.sip.register(cmd, "sip-", "the one end user without a digest credential in the exports")
	cmd.Flags().StringVar(&a.voicemailUser, "voicemail-user", "", "log in to the mail stores as this user; default: no log-in")
	a.voicemail.register(cmd, "voicemail-", "--voicemail-user")
	cmd.Flags().StringVar(&a.file, "credentials", "", "passwords of several accounts, in this `FILE`: a line each, account, tab, password")
}

// given reports whether any password was named by a flag.
func (a *auditCredentials) given() bool {
	return a.file != "" || a.auditorDN != "" || a.auditor.given() || a.voicemailUser != "" || a.directory.given() || a.calendar.given() || a.voicemail.given() || a.sip.given()
}

// A slot is an account of the plan and where its password goes.
type slot struct {
	account string
	set     bool
	put     func(loginbudget.Secret)
}

// fill finds the passwords that the plan lacks. One source serves one account only: the same password tried on several accounts
// would be a failure for all but one.
func (a *auditCredentials) fill(ctx context.Context, env *environment, p *audit.Plan) error {
	if a.voicemailUser != "" {
		for i := range p.Stores {
			p.Stores[i].Login = mailcheck.Login{User: a.voicemailUser}
		}
	} else if a.voicemail.given() {
		return fmt.Errorf("a voicemail password and no account for it: give --voicemail-user")
	}
	if err := a.fillFromFile(env, p); err != nil {
		return err
	}
	if err := a.addAuditor(ctx, env, p); err != nil {
		return err
	}
	for _, kind := range []struct {
		name, variable string
		from           *passwordFlags
		slots          []slot
	}{
		{"directory", "CUPCLINT_LDAP_PASSWORD", &a.directory, directorySlots(p)},
		{"calendar", "CUPCLINT_CALENDAR_PASSWORD", &a.calendar, calendarSlots(p)},
		{"sip", "CUPCLINT_SIP_PASSWORD", &a.sip, sipSlots(p)},
		{"voicemail", "CUPCLINT_VOICEMAIL_PASSWORD", &a.voicemail, storeSlots(p)},
	} {
		if !kind.from.given() && env.getenv(kind.variable) == "" {
			continue // audit never asks: it would stop in the middle
		}
		var missing []string
		for _, s := range kind.slots {
			if !s.set && s.account != "" && !containsFold(missing, s.account) {
				missing = append(missing, s.account)
			}
		}
		switch {
		case len(missing) > 1:
			return fmt.Errorf("one %s password and %d accounts without one (%s): put the passwords into the exports, or probe them with a command of their own",
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
		for _, s := range kind.slots {
			if !s.set && strings.EqualFold(s.account, missing[0]) {
				s.put(secret)
			}
		}
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
	for i := range p.Directories {
		p.Directories[i].Auditor = ldapcheck.Login{DN: a.auditorDN, Password: secret}
	}
	return nil
}

func directorySlots(p *audit.Plan) (out []slot) {
	for i := range p.Directories {
		if r := &p.Directories[i]; !r.Anonymous {
			out = append(out, slot{r.Login.DN, r.Login.Password.Set(), func(s loginbudget.Secret) { r.Login.Password = s }})
		}
	}
	return out
}

func calendarSlots(p *audit.Plan) (out []slot) {
	for i := range p.Calendars {
		l := &p.Calendars[i].Login
		out = append(out, slot{l.User, l.Password.Set(), func(s loginbudget.Secret) { l.Password = s }})
	}
	return out
}

func sipSlots(p *audit.Plan) (out []slot) {
	for i := range p.Presence {
		l := &p.Presence[i].Login
		out = append(out, slot{l.User, l.Credential.Set(), func(s loginbudget.Secret) { l.Credential = s }})
	}
	return out
}

func storeSlots(p *audit.Plan) (out []slot) {
	for i := range p.Stores {
		l := &p.Stores[i].Login
		out = append(out, slot{l.User, l.Password.Set(), func(s loginbudget.Secret) { l.Password = s }})
	}
	return out
}

// maxCredentials bounds the file of --credentials, in bytes.
const maxCredentials = 1 << 20

// fillFromFile gives the passwords of --credentials to their accounts, whose names count without regard to case. A line that begins
// with # is a comment.
func (a *auditCredentials) fillFromFile(env *environment, p *audit.Plan) error {
	if a.file == "" {
		return nil
	}
	file, err := os.Open(a.file)
	if err != nil {
		return unreadable(fmt.Errorf("read the credentials: %w", err))
	}
	defer file.Close()
	slots := slices.Concat(directorySlots(p), calendarSlots(p), sipSlots(p), storeSlots(p))
	lines := bufio.NewScanner(io.LimitReader(file, maxCredentials))
	for number := 1; lines.Scan(); number++ {
		account, password, ok := strings.Cut(strings.TrimSuffix(lines.Text(), "\r"), "\t")
		switch {
		case strings.TrimSpace(account) == "" && !ok, strings.HasPrefix(account, "#"):
			continue
		case !ok || account == "" || password == "": // never show the line: it may hold a password
			return unreadable(&export.Error{File: a.file, Line: number, Column: 1, Err: errors.New("no account, tab and password")})
		}
		used := false
		for _, s := range slots {
			if strings.EqualFold(s.account, account) {
				s.put(loginbudget.NewSecret(password))
				used = true
			}
		}
		if !used {
			env.complain(fmt.Errorf("%s:%d: no target of the plan uses the account %s", a.file, number, probe.Clean(account)))
		}
	}
	if err := lines.Err(); err != nil {
		return unreadable(fmt.Errorf("read the credentials from %s: %w", a.file, err))
	}
	return nil
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/lint"
	"cupclint/mailcheck"
)

// mailFlags are the flags of `cupclint mail`.
type mailFlags struct {
	calendar, voicemail           bool
	servers                       []string
	security, serverName, product string
	user                          string
	password                      passwordFlags
	noLogin                       bool
	folder, mailbox, protocol     string
	oldTLS                        bool
	probeFlags
}

func newMailCmd(env *environment) *cobra.Command {
	f := &mailFlags{}
	cmd := &cobra.Command{
		Use:   "mail [PATH...]",
		Short: "Probe the mail stores of voicemail, or the calendar gateways",
		Long: `Probe the IMAP mail stores that exports name, or the one given by flags: connect, TLS or StartTLS, greeting,
capabilities before and after TLS, and with --user one log-in and the INBOX opened read-only. Findings MAIL101 to MAIL104
and MAIL109.

With --calendar the Exchange calendar gateways are probed instead: certificate, what authentication is offered, log-in
forms, WebDAV on the mailbox's calendar, Exchange Web Services, gateways and balancers in the way. Findings MAIL105 to
MAIL109.

With --voicemail Unity Connection is asked as Jabber does: HTTPS, certificate, the REST interface /vmrest, and the ports of
notifications, 7443 and 7080. Findings MAIL109 to MAIL112.

Nothing is changed in a mailbox or a calendar. One log-in per account and run; a password that was refused is remembered
and not sent again for weeks. See docs/mail.md.

Passwords come from --password-file, --password-env, the export (calendar), CUPCLINT_MAIL_PASSWORD or a prompt, never
from a flag's value.`,
		Example: `  cupclint mail exports/
  cupclint mail --server unity.example.com:7993 --product unity-connection --user alice
  cupclint mail --server mail.example.com:143 --security starttls
  cupclint mail --voicemail exports/
  cupclint mail --calendar exports/ --mailbox alice
  cupclint mail --calendar --server owa.example.com --old-tls`,
		RunE: func(cmd *cobra.Command, args []string) error { return runMail(cmd, env, f, args) },
	}
	fl := cmd.Flags()
	fl.BoolVar(&f.voicemail, "voicemail", false, "ask Unity Connection over HTTPS as Jabber does, not the mail stores; no log-in")
	fl.BoolVar(&f.calendar, "calendar", false, "probe the calendar gateways instead of the mail stores")
	fl.StringArrayVar(&f.servers, "server", nil,
		"probe this `HOST[:PORT]` instead of what exports name (143; 993 with --security tls; 443 with --calendar); repeatable")
	fl.StringVar(&f.security, "security", "", "plain, tls or starttls; default: by the configuration, else by the port")
	fl.StringVar(&f.serverName, "server-name", "", "name that the certificate must have; default: the host as configured")
	fl.StringVar(&f.product, "product", "", "unity-connection, exchange2003, exchange2007 or exchange2010; default: the export's")
	fl.StringVar(&f.user, "user", "", "log in as this user; with --calendar the account that reads calendars, default: the export's")
	f.password.register(cmd, "", "that user")
	fl.BoolVar(&f.noLogin, "no-login", false, "make no log-in, even where the export has an account")
	fl.StringVar(&f.folder, "folder", "", "folder to open read-only; default INBOX, with --calendar Calendar, in the mailbox's language")
	fl.StringVar(&f.mailbox, "mailbox", "", "with --calendar: whose calendar to ask for; default: only the root of all mailboxes")
	fl.StringVar(&f.protocol, "protocol", "", "with --calendar: WebDAV or EWS; default: the export's, else WebDAV")
	fl.BoolVar(&f.oldTLS, "old-tls", false, "continue even if the server supports only TLS 1.1 or older")
	f.probeFlags.register(cmd)
	mainFlags.put(cmd, "voicemail", "calendar", "server", "security", "server-name", "product", "folder", "mailbox", "protocol")
	loginFlags.put(cmd, "user", "no-login")
	advancedFlags.put(cmd, "old-tls")
	return cmd
}

var (
	imapPorts  = servicePorts{plain: 143, tls: 993, alsoTLS: []int{7993}}
	httpsPorts = servicePorts{plain: 80, tls: 443}
)

// productOf reads --product, without regard to case and dashes.
func productOf(s string) (mailcheck.Product, error) {
	for _, p := range []mailcheck.Product{mailcheck.UnityConnection, mailcheck.Exchange2003, mailcheck.Exchange2007, mailcheck.Exchange2010} {
		if strings.EqualFold(strings.ReplaceAll(s, "-", ""), string(p)) {
			return p, nil
		}
	}
	if s == "" {
		return "", nil
	}
	return "", fmt.Errorf("--product %q: use unity-connection, exchange2003, exchange2007 or exchange2010", s)
}

// mailDeployment gathers what to probe: --server, or what exports name, with the flags on top.
func (f *mailFlags) mailDeployment(ctx context.Context, env *environment, live *liveRun, args []string) (d mailcheck.Deployment,
	err error) {
	product, err := productOf(f.product)
	if err != nil {
		return d, err
	}
	if f.protocol != "" && !strings.EqualFold(f.protocol, "WebDAV") && !strings.EqualFold(f.protocol, "EWS") {
		return d, fmt.Errorf("--protocol %q: use WebDAV or EWS", f.protocol)
	}
	switch {
	case len(f.servers) > 0 && len(args) > 0:
		return d, errors.New("give exports or --server, not both")
	case len(f.servers) > 0:
		err = f.manual(&d)
	case len(args) > 0:
		live.read(ctx, func(e *export.Export) {
			more := mailcheck.FromExport(e)
			d.Stores, d.Calendars = append(d.Stores, more.Stores...), append(d.Calendars, more.Calendars...)
		})
		d.Stores, d.Calendars = mailcheck.Stores().Merge(d.Stores), mailcheck.Calendars().Merge(d.Calendars)
	default:
		return d, errors.New("nothing to probe: give exports, or --server HOST:PORT")
	}
	if err != nil {
		return d, err
	}
	for i := range d.Stores {
		r := &d.Stores[i]
		if err := f.secure(&r.Target, imapPorts); err != nil {
			return d, err
		}
		r.Product, r.Folder = or(product, r.Product), or(f.folder, r.Folder)
		f.login(&r.Login)
	}
	for i := range d.Calendars {
		r := &d.Calendars[i]
		r.Target.ServerName = f.serverName
		r.Product, r.Folder, r.Mailbox, r.Protocol = or(product, r.Product), f.folder, f.mailbox, or(f.protocol, r.Protocol)
		f.login(&r.Login)
	}
	return d, nil
}

// manual makes the requests of --server.
func (f *mailFlags) manual(d *mailcheck.Deployment) error {
	ports := imapPorts
	security := f.security
	if f.calendar {
		ports = httpsPorts
		if security == "" {
			security = "tls"
		}
	}
	for _, s := range f.servers {
		t, err := typedServer("server", s, security, ports)
		if err == nil && f.calendar && t.Security == probe.StartTLS {
			err = errors.New("--security: HTTP has no StartTLS: use tls or plain")
		}
		if err != nil {
			return err
		}
		if f.calendar {
			d.Calendars = append(d.Calendars, mailcheck.CalendarRequest{Target: t})
		} else {
			d.Stores = append(d.Stores, mailcheck.IMAPRequest{Target: t})
		}
	}
	return nil
}

func (f *mailFlags) secure(t *probe.Target, ports servicePorts) error {
	if f.security != "" {
		secured, err := parseServer(t.String(), f.security, ports)
		if err != nil {
			return err
		}
		t.Security = secured.Security
	}
	t.ServerName = f.serverName
	return nil
}

func (f *mailFlags) login(l *mailcheck.Login) {
	switch {
	case f.noLogin:
		*l = mailcheck.Login{}
	case f.user != "" && f.user != l.User:
		*l = mailcheck.Login{User: f.user}
	}
}

func or[T comparable](a, b T) T {
	var zero T
	if a != zero {
		return a
	}
	return b
}

// fillPassword finds the password of every account that has none. There is one source, so there may be one account.
func (f *mailFlags) fillPassword(ctx context.Context, env *environment, logins []*mailcheck.Login) error {
	var missing []string
	for _, l := range logins {
		if l.User != "" && (!l.Password.Set() || f.password.given()) && !containsFold(missing, l.User) {
			missing = append(missing, l.User)
		}
	}
	switch {
	case len(missing) == 0 && f.password.given():
		return errors.New("a password and no account for it: give --user")
	case len(missing) == 0:
		return nil
	case len(missing) > 1:
		return fmt.Errorf("one password source and %d accounts (%s): choose one with --user", len(missing),
			probe.Clean(strings.Join(missing, ", ")))
	}
	secret, err := f.password.read(ctx, env, "CUPCLINT_MAIL_PASSWORD", "Password of "+probe.Clean(missing[0]))
	if err != nil {
		return err
	}
	for _, l := range logins {
		if strings.EqualFold(l.User, missing[0]) {
			l.Password = secret
		}
	}
	return nil
}

func runMail(cmd *cobra.Command, env *environment, f *mailFlags, args []string) error {
	ctx := cmd.Context()
	run, err := startLive(cmd, env, &f.settings, f.quiet, args, f.observations)
	if err != nil {
		return err
	}
	if f.voicemail {
		return f.runVoicemail(ctx, env, run, args)
	}
	d, err := f.mailDeployment(ctx, env, run, args)
	if err != nil {
		return err
	}
	var logins []*mailcheck.Login
	if f.calendar {
		d.Stores = nil
		for i := range d.Calendars {
			logins = append(logins, &d.Calendars[i].Login)
		}
	} else {
		d.Calendars = nil
		for i := range d.Stores {
			logins = append(logins, &d.Stores[i].Login)
		}
	}
	if err := f.fillPassword(ctx, env, logins); err != nil {
		return err
	}
	tools, err := f.areaTools(ctx, env)
	if err != nil {
		return err
	}
	defer f.close()
	tools.OldTLS = f.oldTLS
	opt := mailcheck.JudgeOptions{CertificateSoon: run.conf.CertificateSoon()}
	var findings []lint.Finding
	if f.calendar {
		seen := probeAll(ctx, run, mailcheck.Calendars(), tools, d.Calendars, f.quiet)
		findings, err = mailcheck.Judge(nil, seen, opt), f.saveObservations(env, orEmpty(seen))
	} else {
		seen := probeAll(ctx, run, mailcheck.Stores(), tools, d.Stores, f.quiet)
		findings, err = mailcheck.Judge(seen, nil, opt), f.saveObservations(env, orEmpty(seen))
	}
	if err != nil {
		return err
	}
	return run.report(findings)
}

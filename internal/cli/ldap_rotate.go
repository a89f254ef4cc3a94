package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/internal/rotate"
	"cupclint/ldapcheck"
)

func newLDAPRotateCmd(env *environment) *cobra.Command {
	f := &ldapFlags{}
	var newDN, format string
	var session time.Duration
	cmd := &cobra.Command{
		Use:   "rotate-plan [PATH...]",
		Short: "Print the safe order to change the service account",
		Long: `Print the safe order to change the directory's service account, with the numbers of this deployment: create a second account, verify
it here, update all profiles at once, wait until the clients have logged in again, retire the first account. With --auditor-dn the lock-out
policy is read from the directory. No other account is logged in.`,
		Example: `  cupclint ldap rotate-plan exports/ --new-dn CN=svc-cups2,OU=Service,DC=example,DC=com --clients 400 --retry-interval 10m
  cupclint ldap rotate-plan --server dc1.example.com:389 --bind-dn svc-cups@example.com --auditor-dn auditor@example.com`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return fmt.Errorf("unknown format %q: use text or json", format)
			}
			in, observed, err := f.rotation(cmd, env, args)
			if err != nil {
				return err
			}
			in.New, in.Session = newDN, session
			plan := rotate.New(*in)
			if format == "json" {
				return printJSON(env.stdout, plan)
			}
			return folded(env.stdout, env.width, func(w io.Writer) error {
				plan.Write(w, in, observed)
				return nil
			})
		},
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.servers, "server", nil, "directory server `HOST[:PORT]` instead of what exports name; repeatable")
	fl.StringVar(&f.security, "security", "", "plain, tls or starttls")
	fl.StringVar(&f.serverName, "server-name", "", "name that the certificate must have")
	fl.StringVar(&f.bindDN, "bind-dn", "", "the account in use; default: the export's")
	fl.StringVar(&newDN, "new-dn", "", "the account that replaces it")
	fl.StringArrayVar(&f.bases, "base", nil, "search base; default: the export's")
	fl.StringVar(&f.auditorDN, "auditor-dn", "", "account that reads the lock-out policy")
	f.auditor.register(cmd, "auditor-", "the auditor")
	fl.IntVar(&f.clients, "clients", 0, "clients that share the account; default: the export's")
	fl.DurationVar(&f.retryInterval, "retry-interval", 0, "how often each of them tries to bind; default: the export's")
	fl.DurationVar(&session, "session", 0, "the longest time that a client stays logged in")
	f.registerPolicy(cmd)
	f.registerConnection(cmd, "the auditor's password")
	fl.StringVar(&format, "format", "text", "text or json")
	mainFlags.put(cmd, "server", "security", "server-name", "new-dn", "base", "clients", "retry-interval", "session")
	loginFlags.put(cmd, "bind-dn", "auditor-dn")
	outputFlags.put(cmd, "format")
	return cmd
}

// rotation gathers the numbers of this deployment: from exports, flags, and the directory where an auditor may ask it.
func (f *ldapFlags) rotation(cmd *cobra.Command, env *environment, args []string) (*rotate.Input, *ldapcheck.Observation, error) {
	var failed []error
	d, err := f.deployment(args, func(each func(*export.Export)) {
		sources, missing := new(configFlags).find(env, args)
		failed = eachExport(cmd.Context(), env.reader(cmd.Context()), sources, missing, each)
	})
	if err != nil {
		return nil, nil, err
	}
	if len(failed) > 0 {
		return nil, nil, unreadable(errors.Join(failed...))
	}
	in := &rotate.Input{Clients: d.Clients, RetryInterval: d.RetryInterval}
	var asked *ldapcheck.Request
	for i := range d.Requests {
		r := &d.Requests[i]
		if in.Old == "" {
			in.Old = r.Login.DN
		}
		if r.Login.DN == "" || !sameAccount(r.Login.DN, in.Old) {
			continue
		}
		asked = orFirst(asked, r)
		in.Servers = appendNew(in.Servers, r.Target.String())
		if r.Role != ldapcheck.RoleManual {
			in.Roles = appendNew(in.Roles, r.Role)
		}
		if in.Base == "" && len(r.Bases) > 0 {
			in.Base = r.Bases[0].DN
		}
	}
	if in.Old == "" {
		in.Old = f.bindDN
	}
	if in.Old == "" {
		return nil, nil, errors.New("no account: give exports with a bind account, or --bind-dn")
	}
	if f.threshold >= 0 {
		in.Policy = &ldapcheck.Policy{Kind: "ad", Readable: true, Source: "--lockout-threshold", Threshold: f.threshold,
			Window: ldapcheck.Span(f.window), Duration: ldapcheck.Span(f.lockTime)}
	}
	if f.auditorDN == "" || asked == nil {
		return in, nil, nil
	}
	o, err := f.askPolicy(cmd, env, *asked)
	if err != nil {
		return nil, nil, err
	}
	if o != nil && o.Policy != nil && (o.Policy.Readable || in.Policy == nil) {
		in.Policy = o.Policy
	}
	return in, o, nil
}

func (f *ldapFlags) askPolicy(cmd *cobra.Command, env *environment, r ldapcheck.Request) (*ldapcheck.Observation, error) {
	c, err := f.checker(cmd.Context(), env)
	if err != nil {
		return nil, err
	}
	defer f.close()
	if err := c.Budget.CanRecord(); err != nil {
		env.complain(loginsOff(err, "the policy is not asked for"))
		return nil, nil
	}
	secret, err := f.auditor.read(cmd.Context(), env, "CUPCLINT_LDAP_AUDITOR_PASSWORD", "Password of "+probe.Clean(f.auditorDN))
	if err != nil {
		return nil, err
	}
	r.AuditOnly, r.Auditor = true, ldapcheck.Login{DN: f.auditorDN, Password: secret}
	return c.Probe(cmd.Context(), r), nil
}

func sameAccount(a, b string) bool { return containsFold([]string{a}, b) }

func orFirst[T any](first, next *T) *T {
	if first != nil {
		return first
	}
	return next
}

func appendNew[T comparable](list []T, v T) []T {
	for _, e := range list {
		if e == v {
			return list
		}
	}
	return append(list, v)
}

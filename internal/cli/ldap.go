package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cupclint/internal/probe"
	"cupclint/ldapcheck"
)

// ldapFlags are the flags of `cupclint ldap`.
type ldapFlags struct {
	servers              []string
	security, serverName string
	roles                []string
	bindDN               string
	noBind               bool
	bases                []string
	oneLevel             bool
	filter               string
	attributes           []string
	password, auditor    passwordFlags
	auditorDN            string
	clients              int
	retryInterval, soon  time.Duration
	probeFlags
}

func newLDAPCmd(env *environment) *cobra.Command {
	f := &ldapFlags{}
	cmd := &cobra.Command{
		Use:   "ldap [PATH...]",
		Short: "Probe the directory servers of a deployment",
		Long: `Probe the directory servers that exports name, or the one given by flags: connect, TLS, root DSE, one bind,
search base, the client's own search. Findings LDAP101 to LDAP109.

A run makes at most one log-in for each account whose password is not accepted. A password that was refused is remembered
and not sent again. Where the lock-out policy or the failure count can be read, the last two attempts before a lock are never
used; where neither can be read, the one log-in may add a failure to others that are not known. See docs/ldap.md.

Passwords come from --password-file, --password-env, the export, CUPCLINT_LDAP_PASSWORD or a prompt, never from a
flag's value.`,
		Example: `  cupclint ldap exports/
  cupclint ldap --server dc1.example.com:3268 --bind-dn svc-cups@example.com --base DC=example,DC=com
  cupclint ldap exports/ --auditor-dn auditor@example.com --clients 400 --retry-interval 10m
  cupclint ldap --server dc1.example.com:636 --security tls --ca-file ca.pem --no-login`,
		RunE: func(cmd *cobra.Command, args []string) error { return runLDAP(cmd, env, f, args) },
	}
	f.register(cmd)
	cmd.AddCommand(newLDAPRotateCmd(env), newLDAPLockoutsCmd(env))
	return cmd
}

func (f *ldapFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringArrayVar(&f.servers, "server", nil,
		"probe this `HOST[:PORT]` instead of what exports name (port 389; 636 with --security tls); repeatable")
	fl.StringVar(&f.security, "security", "", "plain, tls or starttls; default: by the configuration, else by the port")
	fl.StringVar(&f.serverName, "server-name", "", "name that the certificate must have; default: the host as configured")
	fl.StringSliceVar(&f.roles, "role", nil, "of the servers in exports only these roles: client, cucm-auth, cucm-sync")
	fl.StringVar(&f.bindDN, "bind-dn", "", "account to bind with: DN, user@domain or DOMAIN\\user; default: the export's")
	fl.BoolVar(&f.noBind, "no-login", false, "connect, TLS and root DSE only: no log-in and no search")
	fl.BoolVar(&f.noBind, "no-bind", false, "former name of --no-login")
	hide(cmd, "no-bind")
	fl.StringArrayVar(&f.bases, "base", nil, "search base; repeatable; default: the export's")
	fl.BoolVar(&f.oneLevel, "one-level", false, "search --base without its subtree")
	fl.StringVar(&f.filter, "filter", "", "the client's search filter; default: the usual one for people")
	fl.StringSliceVar(&f.attributes, "attribute", nil, "attributes the deployment maps; default: the export's")
	f.password.register(cmd, "", "the bind account")
	registerAuditor(cmd, &f.auditorDN, &f.auditor)
	fl.IntVar(&f.clients, "clients", 0, "clients that share the account, for the lock-out arithmetic; default: the export's")
	fl.DurationVar(&f.retryInterval, "retry-interval", 0, "how often each of them tries to bind; default: the export's")
	fl.DurationVar(&f.soon, "soon", 30*24*time.Hour, "an expiry within this time is soon")
	f.probeFlags.register(cmd)
	mainFlags.put(cmd, "server", "security", "server-name", "role", "base", "one-level", "filter", "attribute")
	loginFlags.put(cmd, "bind-dn", "no-login", "no-bind")
	advancedFlags.put(cmd, "clients", "retry-interval", "soon")
}

// registerAuditor adds the account that looks before another one is tried.
func registerAuditor(cmd *cobra.Command, dn *string, password *passwordFlags) {
	cmd.Flags().StringVar(dn, "auditor-dn", "", "directory account that reads lock-out policy and failure count before an account is tried")
	loginFlags.put(cmd, "auditor-dn")
	password.register(cmd, "auditor-", "the auditor")
}

// checker makes the run's checker from the flags.
func (f *ldapFlags) checker(ctx context.Context, env *environment) (*ldapcheck.Checker, error) {
	p, budget, err := f.tools(ctx, env)
	if err != nil {
		return nil, err
	}
	return &ldapcheck.Checker{Prober: p, Budget: budget, TrustAnyCertificate: f.trustAny, AssumePolicy: f.assumedPolicy()}, nil
}

// manual makes the requests of --server.
func (f *ldapFlags) manual() ([]ldapcheck.Request, error) {
	var out []ldapcheck.Request
	for _, s := range f.servers {
		t, err := typedServer("server", s, f.security, ldapPorts)
		if err != nil {
			return nil, err
		}
		out = append(out, ldapcheck.Request{Target: t, Role: ldapcheck.RoleManual})
	}
	return out, nil
}

var ldapPorts = servicePorts{plain: 389, tls: 636, alsoTLS: []int{3269}}

// override puts what flags say into a request.
func (f *ldapFlags) override(r *ldapcheck.Request) error {
	if f.security != "" {
		t, err := parseServer(r.Target.String(), f.security, ldapPorts)
		if err != nil {
			return err
		}
		r.Target.Security = t.Security
	}
	r.Target.ServerName = f.serverName
	if f.bindDN != "" && f.bindDN != r.Login.DN {
		r.Login, r.Anonymous = ldapcheck.Login{DN: f.bindDN}, false
	}
	if f.noBind { // from outside there is no base to judge: most directories do not search without a log-in
		r.Anonymous, r.Bases = true, nil
	}
	if len(f.bases) > 0 && !f.noBind {
		r.Bases = nil
		for _, b := range f.bases {
			r.Bases = append(r.Bases, ldapcheck.Base{DN: b, Recursive: !f.oneLevel})
		}
	}
	if f.filter != "" {
		if err := ldapcheck.CheckFilter(f.filter); err != nil {
			return fmt.Errorf("--filter: %w", err)
		}
		r.Filter = f.filter
	}
	if len(f.attributes) > 0 {
		r.Attributes = f.attributes
	}
	return nil
}

// fillPasswords finds the password of every account that has none yet. One source serves one account only: the same
// password tried on several accounts would be a failure for all but one.
func (f *ldapFlags) fillPasswords(ctx context.Context, env *environment, requests []ldapcheck.Request) error {
	var missing []string
	for _, r := range requests {
		if !r.Anonymous && r.Login.DN != "" && (!r.Login.Password.Set() || f.password.given()) && !containsFold(missing, r.Login.DN) {
			missing = append(missing, r.Login.DN)
		}
	}
	if len(missing) > 1 && (f.password.given() || promptTerminal(env) == nil) {
		return fmt.Errorf("one password source and %d accounts (%s): choose one with --role or --bind-dn", len(missing),
			probe.Clean(strings.Join(missing, ", ")))
	}
	for _, dn := range missing {
		s, err := f.password.read(ctx, env, "CUPCLINT_LDAP_PASSWORD", "Password of "+probe.Clean(dn))
		if err != nil {
			return err
		}
		for i := range requests {
			if strings.EqualFold(requests[i].Login.DN, dn) {
				requests[i].Login.Password = s
			}
		}
	}
	return nil
}

func containsFold(list []string, s string) bool {
	for _, e := range list {
		if strings.EqualFold(e, s) {
			return true
		}
	}
	return false
}

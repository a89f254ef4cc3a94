package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/ldapcheck"
)

// deployment gathers what to probe: --server, or what the exports name, with the flags on top. read hands over every export of
// the inputs.
func (f *ldapFlags) deployment(args []string, read func(func(*export.Export))) (d ldapcheck.Deployment, err error) {
	switch {
	case len(f.servers) > 0 && len(args) > 0:
		return d, errors.New("give exports or --server, not both")
	case len(f.servers) > 0:
		d.Requests, err = f.manual()
	case len(args) > 0:
		d = readDeployments(read)
		d.Requests, err = f.ofRoles(d.Requests)
	default:
		return d, errors.New("nothing to probe: give exports, or --server HOST:PORT")
	}
	if err != nil {
		return d, err
	}
	for i := range d.Requests {
		if err := f.override(&d.Requests[i]); err != nil {
			return d, err
		}
	}
	d.Requests = ldapcheck.Area().Merge(d.Requests)
	if f.clients > 0 {
		d.Clients = f.clients
	}
	if f.retryInterval > 0 {
		d.RetryInterval = f.retryInterval
	}
	return d, nil
}

// readDeployments joins what all exports say about directories.
func readDeployments(read func(func(*export.Export))) (all ldapcheck.Deployment) {
	read(func(e *export.Export) {
		d := ldapcheck.FromExport(e)
		all.Requests = append(all.Requests, d.Requests...) // deployment drops what asks the same
		all.Clients = max(all.Clients, d.Clients)
		if d.RetryInterval > 0 && (all.RetryInterval == 0 || d.RetryInterval < all.RetryInterval) {
			all.RetryInterval = d.RetryInterval
		}
	})
	return all
}

func (f *ldapFlags) ofRoles(requests []ldapcheck.Request) ([]ldapcheck.Request, error) {
	if len(f.roles) == 0 {
		return requests, nil
	}
	want := map[ldapcheck.Role]bool{}
	for _, r := range f.roles {
		switch role := ldapcheck.Role(r); role {
		case ldapcheck.RoleClient, ldapcheck.RoleAuth, ldapcheck.RoleSync:
			want[role] = true
		default:
			return nil, fmt.Errorf("unknown role %q: use client, cucm-auth or cucm-sync", r)
		}
	}
	var out []ldapcheck.Request
	for _, r := range requests {
		if want[r.Role] {
			out = append(out, r)
		}
	}
	return out, nil
}

// addAuditor gives every request the auditor.
func (f *ldapFlags) addAuditor(ctx context.Context, env *environment, requests []ldapcheck.Request) error {
	if f.auditorDN == "" {
		return nil
	}
	secret, err := readAuditor(ctx, env, f.auditorDN, &f.auditor)
	if err != nil {
		return err
	}
	for i := range requests {
		requests[i].Auditor = ldapcheck.Login{DN: f.auditorDN, Password: secret}
	}
	return nil
}

// readAuditor finds the auditor's password.
func readAuditor(ctx context.Context, env *environment, dn string, from *passwordFlags) (loginbudget.Secret, error) {
	secret, err := from.read(ctx, env, "CUPCLINT_LDAP_AUDITOR_PASSWORD", "Password of "+probe.Clean(dn))
	if err == nil && secret.Empty() {
		err = errors.New("--auditor-dn needs a password: --auditor-password-file, --auditor-password-env or CUPCLINT_LDAP_AUDITOR_PASSWORD")
	}
	return secret, err
}

func runLDAP(cmd *cobra.Command, env *environment, f *ldapFlags, args []string) error {
	ctx := cmd.Context()
	live, err := startLive(cmd, env, &f.settings, f.quiet, args, f.observations)
	if err != nil {
		return err
	}
	d, err := f.deployment(args, func(each func(*export.Export)) { live.read(ctx, each) })
	if err != nil {
		return err
	}
	if err := f.fillPasswords(ctx, env, d.Requests); err != nil {
		return err
	}
	if err := f.addAuditor(ctx, env, d.Requests); err != nil {
		return err
	}
	tools, err := f.areaTools(ctx, env)
	if err != nil {
		return err
	}
	defer f.close()
	observations := probeAll(ctx, live, ldapcheck.Area(), tools, d.Requests, f.quiet)
	if err := f.saveObservations(env, orEmpty(observations)); err != nil {
		return err
	}
	return live.report(ldapcheck.Judge(observations,
		ldapcheck.JudgeOptions{Clients: d.Clients, RetryInterval: d.RetryInterval, Soon: f.soon, CertificateSoon: live.conf.CertificateSoon()}))
}

func orDefault(n, def int) int {
	if n > 0 {
		return n
	}
	return def
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/ldapcheck"
)

// A deployment is what exports and flags together say about directories.
type deployment struct {
	ldapcheck.Deployment
	exports, properties int     // that were read
	failed              []error // inputs that could not be
}

// deployment gathers what to probe: --server, or what the exports name, with the flags on top.
func (f *ldapFlags) deployment(ctx context.Context, env *environment, args []string) (d deployment, err error) {
	switch {
	case len(f.servers) > 0 && len(args) > 0:
		return d, errors.New("give exports or --server, not both")
	case len(f.servers) > 0:
		d.Requests, err = f.manual()
	case len(args) > 0:
		d = readDeployments(ctx, env, args)
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
	d.Requests = ldapcheck.Merge(d.Requests)
	if f.clients > 0 {
		d.Clients = f.clients
	}
	if f.retryInterval > 0 {
		d.RetryInterval = f.retryInterval
	}
	return d, nil
}

// readDeployments joins what all exports say about directories.
func readDeployments(ctx context.Context, env *environment, args []string) (all deployment) {
	sources, errs := export.Find(args)
	all.failed = errs
	r := export.Reader{Stdin: env.input(ctx)}
	for _, src := range sources {
		for e, err := range r.Read(ctx, src) {
			if err != nil {
				all.failed = append(all.failed, err)
				continue
			}
			all.exports++
			all.properties += len(e.Properties)
			d := ldapcheck.FromExport(e)
			all.Requests = ldapcheck.Merge(append(all.Requests, d.Requests...))
			all.Clients = max(all.Clients, d.Clients)
			if d.RetryInterval > 0 && (all.RetryInterval == 0 || d.RetryInterval < all.RetryInterval) {
				all.RetryInterval = d.RetryInterval
			}
		}
	}
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
	secret, err := f.auditor.read(ctx, env, "CUPCLINT_LDAP_AUDITOR_PASSWORD", "Password of "+probe.Clean(f.auditorDN))
	if err != nil {
		return err
	}
	if secret.Empty() {
		return errors.New("--auditor-dn needs a password: --auditor-password-file, --auditor-password-env or CUPCLINT_LDAP_AUDITOR_PASSWORD")
	}
	for i := range requests {
		requests[i].Auditor = ldapcheck.Login{DN: f.auditorDN, Password: secret}
	}
	return nil
}

// note tells in one line how a probe went.
func note(w io.Writer, o *ldapcheck.Observation) {
	var facts []string
	if o.Error != nil {
		facts = append(facts, o.Error.Error())
	}
	if d := o.RootDSE; d != nil && d.ActiveDirectory {
		facts = append(facts, "Active Directory")
	}
	if o.TLS != nil && o.TLS.Version != "" {
		facts = append(facts, o.TLS.Version)
	}
	if b := o.Bind; b != nil {
		switch {
		case b.OK:
			facts = append(facts, "bind as "+b.DN+" accepted")
		case b.NotMade != "":
			facts = append(facts, "no bind made")
		default:
			facts = append(facts, "bind as "+b.DN+" refused")
		}
	}
	for _, b := range o.Bases {
		found := fmt.Sprintf("%d", b.Entries)
		if b.More {
			found += " or more"
		}
		facts = append(facts, fmt.Sprintf("%s people below %q", found, b.DN))
	}
	fmt.Fprintf(w, "%s: %s (%s)\n", o.ServerName(), strings.Join(facts, ", "), o.Phases.Total())
}

func runLDAP(cmd *cobra.Command, env *environment, f *ldapFlags, args []string) error {
	ctx := cmd.Context()
	live, err := startLive(cmd, env, &f.settings, f.quiet)
	if err != nil {
		return err
	}
	d, err := f.deployment(ctx, env, args)
	if err != nil {
		return err
	}
	if err := f.fillPasswords(ctx, env, d.Requests); err != nil {
		return err
	}
	if err := f.addAuditor(ctx, env, d.Requests); err != nil {
		return err
	}
	c, err := f.checker(env)
	if err != nil {
		return err
	}
	live.files, live.properties = d.exports, d.properties
	for _, err := range d.failed {
		live.failed("", err)
	}
	observations := c.ProbeAll(ctx, d.Requests, orDefault(live.conf.Jobs, 8), func(o *ldapcheck.Observation) {
		if !f.quiet {
			note(env.stderr, o)
		}
	})
	for _, o := range observations {
		if o.Incomplete != "" {
			live.failed(o.ServerName(), errors.New(o.Incomplete))
		}
	}
	if f.observations != "" {
		err := writeFile(f.observations, 0o600, func(w io.Writer) error { return printJSON(w, orEmpty(observations)) })
		if err != nil {
			return unreadable(fmt.Errorf("write what was seen: %w", err))
		}
	}
	return live.report(ldapcheck.Judge(observations, ldapcheck.JudgeOptions{Clients: d.Clients, RetryInterval: d.RetryInterval, Soon: f.soon}))
}

func orDefault(n, def int) int {
	if n > 0 {
		return n
	}
	return def
}

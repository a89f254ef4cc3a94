package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/ldapcheck"
)

// requests gathers what to probe: --server, or what the exports name, with the flags on top.
func (f *ldapFlags) requests(ctx context.Context, args []string) (requests []ldapcheck.Request, clients int, interval time.Duration, failed []error, err error) {
	clients, interval = f.clients, f.retryInterval
	switch {
	case len(f.servers) > 0 && len(args) > 0:
		return nil, 0, 0, nil, errors.New("give exports or --server, not both")
	case len(f.servers) > 0:
		requests, err = f.manual()
	case len(args) > 0:
		var d ldapcheck.Deployment
		d, failed = readDeployments(ctx, args)
		requests, err = f.ofRoles(d.Requests)
		if clients == 0 {
			clients = d.Clients
		}
		if interval == 0 {
			interval = d.RetryInterval
		}
	default:
		return nil, 0, 0, nil, errors.New("nothing to probe: give exports, or --server HOST:PORT")
	}
	if err != nil {
		return nil, 0, 0, nil, err
	}
	for i := range requests {
		if err := f.override(&requests[i]); err != nil {
			return nil, 0, 0, nil, err
		}
	}
	return ldapcheck.Merge(requests), clients, interval, failed, nil
}

// readDeployments joins what all exports say about directories.
func readDeployments(ctx context.Context, args []string) (all ldapcheck.Deployment, failed []error) {
	sources, failed := export.Find(args)
	var r export.Reader
	for _, src := range sources {
		for e, err := range r.Read(ctx, src) {
			if err != nil {
				failed = append(failed, err)
				continue
			}
			d := ldapcheck.FromExport(e)
			all.Requests = ldapcheck.Merge(append(all.Requests, d.Requests...))
			all.Clients = max(all.Clients, d.Clients)
			if d.RetryInterval > 0 && (all.RetryInterval == 0 || d.RetryInterval < all.RetryInterval) {
				all.RetryInterval = d.RetryInterval
			}
		}
	}
	return all, failed
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
	requests, clients, interval, failed, err := f.requests(ctx, args)
	if err != nil {
		return err
	}
	if err := f.fillPasswords(ctx, env, requests); err != nil {
		return err
	}
	if err := f.addAuditor(ctx, env, requests); err != nil {
		return err
	}
	c, err := f.checker(env)
	if err != nil {
		return err
	}
	for _, err := range failed {
		live.failed("", err)
	}
	observations := c.ProbeAll(ctx, requests, orDefault(live.conf.Jobs, 8), func(o *ldapcheck.Observation) {
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
	return live.report(ldapcheck.Judge(observations, ldapcheck.JudgeOptions{Clients: clients, RetryInterval: interval, Soon: f.soon}))
}

func orDefault(n, def int) int {
	if n > 0 {
		return n
	}
	return def
}

package cli

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/jabbercheck/uds"
)

// udsFlags are the flags of `cupclint uds`.
type udsFlags struct {
	user       string
	login      bool
	password   passwordFlags
	serverName string
	oldTLS     bool
	webProxy   bool
	probeFlags
}

func newUDSCmd(env *environment) *cobra.Command {
	f := &udsFlags{}
	cmd := &cobra.Command{
		Use:   "uds HOST[:PORT]... | PATH...",
		Short: "Ask the call manager's user data service as Jabber does",
		Long: `Asks the user data service (UDS) of Unified CM as Jabber does, over HTTPS on port 8443: the certificate, the version, the servers that it
lists and whether their names resolve, and with --user where that user is at home. Findings UDS101 to UDS110.

An argument that is a file or folder is an export: the nodes that it names are asked. They are UdsServer in jabber-config.xml, and the
call manager's nodes in the output of show network cluster, in the table processnode and in AXL answers that say which product a node has.

No log-in is made unless --log-in is given with --user. Then the user's own entry is read with one log-in, over verified TLS; what it says
about presence and the service profile is shown, and no personal data. A password that was refused is remembered and not sent again for
weeks. Passwords come from --password-file, --password-env, CUPCLINT_UDS_PASSWORD or a prompt, never from a flag's value. See docs/uds.md.`,
		Example: `  cupclint uds cucm1.example.com
  cupclint uds --user alice exports/          is the user at home in one cluster, and which?
  cupclint uds --user alice --log-in cucm1.example.com`,
		RunE: func(cmd *cobra.Command, args []string) error { return runUDS(cmd, env, f, args) },
	}
	fl := cmd.Flags()
	fl.StringVar(&f.user, "user", "", "the user whose home cluster is asked for")
	fl.BoolVar(&f.login, "log-in", false, "log in as that user, once, to read the user's own entry")
	f.password.register(cmd, "", "that user")
	fl.StringVar(&f.serverName, "server-name", "", "name the certificate must have; default: the host as configured")
	fl.BoolVar(&f.oldTLS, "old-tls", false, "log in even if the server supports only TLS 1.1 or older")
	registerWebProxy(cmd, &f.webProxy)
	f.probeFlags.register(cmd)
	mainFlags.put(cmd, "user", "server-name")
	loginFlags.put(cmd, "log-in")
	advancedFlags.put(cmd, "old-tls")
	return cmd
}

// isPath reports whether an argument of a command that asks servers is an export: something that exists, or looks like a path. A URL and
// what may be an account do not.
func isPath(arg string) bool {
	_, missing := os.Stat(arg)
	return missing == nil || arg == export.Stdin ||
		strings.ContainsAny(arg, `/\*`) && !strings.ContainsAny(arg, "@ ") && !strings.Contains(arg, "://")
}

// hostsAndPaths divides the arguments of a command that asks servers or reads exports. what names such a server in an error.
func hostsAndPaths(args []string, security, what string, ports servicePorts) (targets []probe.Target, paths []string, err error) {
	for _, arg := range args {
		switch {
		case isPath(arg):
			paths = append(paths, arg)
			continue
		case strings.ContainsAny(arg, "@ /"): // not repeated: an account and a password may be a part of it
			return nil, nil, errors.New("an argument is neither a file nor HOST or HOST:PORT. Write " + what + " without a scheme and an account")
		}
		t, err := parseServer(arg, security, ports)
		if err != nil {
			return nil, nil, err
		}
		targets = append(targets, t)
	}
	return targets, paths, nil
}

func runUDS(cmd *cobra.Command, env *environment, f *udsFlags, args []string) error {
	switch {
	case len(args) == 0:
		return errors.New("nothing to ask: give nodes of the call manager (HOST or HOST:PORT), or exports that name some")
	case f.login && f.user == "":
		return errors.New("--log-in needs --user")
	case f.password.given() && !f.login:
		return errors.New("a password without --log-in is not used: give --log-in too")
	}
	targets, paths, err := hostsAndPaths(args, "tls", "a node", servicePorts{tls: uds.Port})
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	run, err := startLive(cmd, env, &f.settings, f.quiet, paths, f.observations)
	if err != nil {
		return err
	}
	var requests []uds.Request
	for _, t := range targets {
		requests = append(requests, uds.Request{Target: t})
	}
	if len(paths) > 0 {
		run.read(ctx, func(e *export.Export) { requests = append(requests, uds.FromExport(e)...) })
	}
	if err := f.fill(ctx, env, requests); err != nil {
		return err
	}
	tools, err := f.areaTools(ctx, env)
	if err != nil {
		return err
	}
	defer f.close()
	if tools.OldTLS = f.oldTLS; f.webProxy {
		tools.WebProxy = webProxy(env)
	}
	seen := probeAll(ctx, run, uds.Area(), tools, uds.Area().Merge(requests), f.quiet)
	if err := f.saveObservations(env, map[string]any{"uds": orEmpty(seen)}); err != nil {
		return err
	}
	return run.report(uds.Judge(seen, uds.JudgeOptions{CertificateSoon: run.conf.CertificateSoon()}))
}

// fill gives the requests the user, and the password where a log-in is wanted.
func (f *udsFlags) fill(ctx context.Context, env *environment, requests []uds.Request) error {
	for i := range requests {
		requests[i].User, requests[i].Target.ServerName = f.user, f.serverName
	}
	if !f.login || len(requests) == 0 {
		return nil
	}
	secret, err := f.password.read(ctx, env, "CUPCLINT_UDS_PASSWORD", "Password of "+probe.Clean(f.user))
	switch {
	case err != nil:
		return err
	case secret.Empty():
		return errors.New("--log-in without a password: use --password-file, --password-env or CUPCLINT_UDS_PASSWORD")
	}
	for i := range requests {
		requests[i].Password = secret
	}
	return nil
}

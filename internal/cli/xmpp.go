package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/jabbercheck/xmpp"
)

// xmppFlags are the flags of `cupclint xmpp`.
type xmppFlags struct {
	servers, domains     []string
	security, serverName string
	user                 string
	password             passwordFlags
	noLogin, oldTLS      bool
	probeFlags
}

func newXMPPCmd(env *environment) *cobra.Command {
	f := &xmppFlags{}
	cmd := &cobra.Command{
		Use:   "xmpp [PATH...]",
		Short: "Probe presence servers as Jabber does (XMPP)",
		Long: `Probes the presence servers that exports name, or those given by --server, as Jabber and CUPC 8.x do: port 5222, the stream for the
presence domain, StartTLS, the certificate against node name and presence domain, the mechanisms to log in before and after TLS, and with
--user one log-in. Findings XMPP101 to XMPP111.

Servers come from jabber-config.xml (PresenceServerAddress), jabber-bootstrap.properties (CUP_ADDRESS), the presence nodes of the client
configuration, UC services, and cluster lists (show network cluster, AXL). The presence domain comes from Presence.Domain, PresenceDomain
in jabber-config.xml, and the parameters of the servers; --domain replaces it. Where it is not known, the probe says what it asked for.

No presence is sent and no resource is bound. Before TLS only the stream header and the request for TLS are sent. One log-in per account
and run, with PLAIN inside TLS, to a certificate that verifies; a password that was refused is remembered and not sent again for weeks.
See docs/xmpp.md.

Passwords come from --password-file, --password-env, CUPCLINT_XMPP_PASSWORD or a prompt, never from a flag's value.`,
		Example: `  cupclint xmpp exports/
  cupclint xmpp --server imp1.example.com --domain example.com
  cupclint xmpp --server imp1.example.com --domain example.com --user anna`,
		RunE: func(cmd *cobra.Command, args []string) error { return runXMPP(cmd, env, f, args) },
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.servers, "server", nil, "probe this `HOST[:PORT]` instead of what exports name (5222; 5223 with --security tls); "+
		"repeatable")
	fl.StringArrayVar(&f.domains, "domain", nil, "ask for this presence `DOMAIN`; default: the exports'; repeatable")
	fl.StringVar(&f.security, "security", "", "starttls or tls; default: by the port")
	fl.StringVar(&f.serverName, "server-name", "", "node name that the certificate may have; default: the host as configured")
	fl.StringVar(&f.user, "user", "", "log in as this user ID; default: no log-in")
	f.password.register(cmd, "", "that user")
	fl.BoolVar(&f.noLogin, "no-login", false, "make no log-in")
	fl.BoolVar(&f.oldTLS, "old-tls", false, "send the password even if the server supports only TLS 1.1 or older")
	f.probeFlags.register(cmd)
	mainFlags.put(cmd, "server", "domain", "security", "server-name")
	loginFlags.put(cmd, "user", "no-login")
	advancedFlags.put(cmd, "old-tls")
	return cmd
}

var xmppPorts = servicePorts{plain: xmpp.Port, tls: xmpp.PortTLS}

// requests gathers what to probe: --server, or what exports name, with the flags on top.
func (f *xmppFlags) requests(ctx context.Context, run *liveRun, args []string) (out []xmpp.Request, err error) {
	switch {
	case f.security != "" && f.security != string(probe.StartTLS) && f.security != string(probe.ImplTLS):
		return nil, fmt.Errorf("--security %q: use starttls or tls", f.security)
	case len(f.servers) > 0 && len(args) > 0:
		return nil, errors.New("give exports or --server, not both")
	case len(f.servers) > 0:
		if out, err = f.manual(); err != nil {
			return nil, err
		}
	case len(args) > 0:
		out = xmpp.FromExports(func(yield func(*export.Export)) { run.read(ctx, yield) })
	default:
		return nil, errors.New("nothing to probe: give exports, or --server HOST with --domain")
	}
	out = f.forDomains(out)
	for i := range out {
		r := &out[i]
		r.Target.ServerName = f.serverName
		if f.security != "" {
			r.Target.Security = probe.Security(f.security)
		}
		if f.user != "" && !f.noLogin {
			r.Login.User = f.user
		}
	}
	return xmpp.Servers().Merge(out), nil
}

// manual makes the requests of --server. Without --domain the domain comes from the user, where that is an address.
func (f *xmppFlags) manual() (out []xmpp.Request, err error) {
	for _, s := range f.servers {
		security := f.security
		if security == "" {
			security = string(probe.StartTLS)
		}
		t, err := typedServer("server", s, security, xmppPorts)
		if err != nil {
			return nil, err
		}
		if f.security == "" {
			t.Security = "" // by the port
		}
		r := xmpp.Request{Target: t, Domain: xmpp.AssumedDomain(t.Host)}
		if _, domain, ok := strings.Cut(f.user, "@"); ok && domain != "" {
			r.Domain = xmpp.Domain{Name: domain}
		}
		out = append(out, r)
	}
	return out, nil
}

// forDomains asks every server for the domains of --domain.
func (f *xmppFlags) forDomains(requests []xmpp.Request) []xmpp.Request {
	if len(f.domains) == 0 {
		return requests
	}
	var out []xmpp.Request
	for _, r := range requests {
		for _, d := range f.domains {
			r.Domain = xmpp.Domain{Name: d}
			out = append(out, r)
		}
	}
	return out
}

// fillPassword finds the password of --user.
func (f *xmppFlags) fillPassword(ctx context.Context, env *environment, requests []xmpp.Request) error {
	switch {
	case f.user == "" && f.password.given():
		return errors.New("a password and no account for it: give --user")
	case f.noLogin && f.password.given():
		return errors.New("--no-login makes no log-in: give it or a password")
	case f.user == "" || f.noLogin:
		return nil
	}
	secret, err := f.password.read(ctx, env, "CUPCLINT_XMPP_PASSWORD", "Password of "+probe.Clean(f.user))
	if err != nil {
		return err
	}
	for i := range requests {
		requests[i].Login.Password = secret
	}
	return nil
}

func runXMPP(cmd *cobra.Command, env *environment, f *xmppFlags, args []string) error {
	ctx := cmd.Context()
	run, err := startLive(cmd, env, &f.settings, f.quiet, args, f.observations)
	if err != nil {
		return err
	}
	requests, err := f.requests(ctx, run, args)
	if err != nil {
		return err
	}
	if err := f.fillPassword(ctx, env, requests); err != nil {
		return err
	}
	tools, err := f.areaTools(ctx, env)
	if err != nil {
		return err
	}
	defer f.close()
	tools.OldTLS = f.oldTLS
	seen := probeAll(ctx, run, xmpp.Servers().Service, tools, requests, f.quiet)
	if err := f.saveObservations(env, orEmpty(seen)); err != nil {
		return err
	}
	return run.report(xmpp.Judge(seen, xmpp.JudgeOptions{CertificateSoon: run.conf.CertificateSoon()}))
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/probe"
	"cupclint/sipcheck"
)

// sipFlags are the flags of `cupclint sip`.
type sipFlags struct {
	servers, cti          []string
	transport, serverName string
	address, domain, user string
	credential            passwordFlags
	noLogin, noSIP, noCTI bool
	hold                  time.Duration
	probeFlags
}

func newSIPCmd(env *environment) *cobra.Command {
	f := &sipFlags{}
	cmd := &cobra.Command{
		Use:   "sip [PATH...]",
		Short: "Probe the presence servers (SIP) and CTIManagers of a deployment",
		Long: `Probe the presence servers that exports name, or the one given by flags, as the client would address them: OPTIONS and one
REGISTER without a credential over TCP, UDP or TLS. The challenge is joined with what the exports say about digest credentials,
incoming ACL and authentication module. With a digest credential one authenticated REGISTER is tried, and its binding removed
again. Findings SIP101 to SIP105 and SIP109.

CTIManagers are connected to; the port must accept and stay open. Finding CTI101.

No registration is left behind. One log-in per account and run; a credential that was refused is remembered and not sent
again for weeks. See docs/sip.md.

Digest credentials come from --password-file, --password-env, the export, CUPCLINT_SIP_PASSWORD or a prompt, never from a
flag's value.`,
		Example: `  cupclint sip exports/
  cupclint sip --server cup1.example.com:5060 --domain example.com
  cupclint sip --server cup1.example.com --security tls --ca-file ca.pem --user alice --password-env DIGEST
  cupclint sip --cti cucm1.example.com`,
		RunE: func(cmd *cobra.Command, args []string) error { return runSIP(cmd, env, f, args) },
	}
	fl := cmd.Flags()
	fl.StringArrayVar(&f.servers, "server", nil,
		"probe this presence server `HOST[:PORT]` instead of what exports name (5060; 5061 with --security tls); repeatable")
	fl.StringArrayVar(&f.cti, "cti", nil, "probe this CTIManager `HOST[:PORT]` instead of what exports name (2748); repeatable")
	fl.StringVar(&f.transport, "security", "",
		"tls, or tcp or udp without it; default: by the configuration, else tcp, and tls on 5061 and 5062")
	fl.StringVar(&f.transport, "transport", "", "former name of --security")
	hide(cmd, "transport")
	fl.StringVar(&f.serverName, "server-name", "", "name that the certificate must have; default: the host as configured")
	fl.StringVar(&f.address, "address", "", "presence address, the host part of the URI registered to; default: the export's, else the server")
	fl.StringVar(&f.domain, "domain", "", "SIP domain, to compare with the realm of the challenge; default: the export's")
	fl.StringVar(&f.user, "user", "", "register as this end user; default: the export's, else \"cupclint\"")
	f.credential.register(cmd, "", "that user (the digest credential)")
	fl.BoolVar(&f.noLogin, "no-login", false, "make no log-in, even where the export has a digest credential")
	fl.BoolVar(&f.noSIP, "no-sip", false, "of the servers in exports only the CTIManagers")
	fl.BoolVar(&f.noCTI, "no-cti", false, "of the servers in exports only the presence servers")
	fl.DurationVar(&f.hold, "hold", time.Second, "how long a CTI connection must stay open")
	f.probeFlags.register(cmd)
	mainFlags.put(cmd, "server", "cti", "security", "transport", "server-name", "address", "domain", "no-sip", "no-cti")
	loginFlags.put(cmd, "user", "no-login")
	advancedFlags.put(cmd, "hold")
	return cmd
}

// sipDeployment gathers what to probe: --server and --cti, or what exports name, with the flags on top.
func (f *sipFlags) sipDeployment(ctx context.Context, run *liveRun, args []string) (d sipcheck.Deployment, err error) {
	manual := len(f.servers)+len(f.cti) > 0
	switch {
	case manual && len(args) > 0:
		return d, errors.New("give exports or --server and --cti, not both")
	case manual:
		err = f.manual(&d)
	case len(args) > 0:
		run.read(ctx, func(e *export.Export) {
			more := sipcheck.FromExport(e)
			for i := range more.Servers {
				more.Servers[i].Login = sipcheck.LoginOf(e)
			}
			d.Servers, d.CTI = append(d.Servers, more.Servers...), append(d.CTI, more.CTI...)
		})
		d.Servers, d.CTI = sipcheck.Servers().Merge(d.Servers), sipcheck.Managers().Merge(d.CTI)
	default:
		return d, errors.New("nothing to probe: give exports, --server HOST:PORT or --cti HOST:PORT")
	}
	if f.noSIP {
		d.Servers = nil
	}
	if f.noCTI {
		d.CTI = nil
	}
	for i := range d.Servers {
		f.override(&d.Servers[i])
	}
	return d, err
}

func (f *sipFlags) manual(d *sipcheck.Deployment) error {
	if !slices.Contains([]string{"", "tcp", "udp", "tls"}, strings.ToLower(f.transport)) {
		return fmt.Errorf("--security %q: use tcp, udp or tls", f.transport)
	}
	for _, s := range f.servers {
		t, err := typedServer("server", s, "plain", servicePorts{})
		if err != nil {
			return err
		}
		d.Servers = append(d.Servers, sipcheck.SIPRequest{Target: sipcheck.TargetOf(t.Host, t.Port, f.transport)})
	}
	for _, s := range f.cti {
		t, err := typedServer("cti", s, "", servicePorts{plain: 2748, tls: 2749})
		if err != nil {
			return err
		}
		d.CTI = append(d.CTI, sipcheck.CTIRequest{Target: t})
	}
	return nil
}

func (f *sipFlags) override(r *sipcheck.SIPRequest) {
	if f.transport != "" {
		r.Target = sipcheck.TargetOf(r.Target.Host, r.Target.Port, f.transport)
	}
	r.Target.ServerName = f.serverName
	r.Address = or(f.address, r.Address)
	r.Facts.Domain = or(f.domain, r.Facts.Domain)
	if f.user != "" && f.user != r.Login.User {
		r.Login = sipcheck.Login{User: f.user}
	}
	if f.noLogin {
		r.Login = sipcheck.Login{User: r.Login.User}
	}
}

// fillCredential gives the credential of the flags to the one user that is meant.
func (f *sipFlags) fillCredential(ctx context.Context, env *environment, d *sipcheck.Deployment) error {
	var users []string
	for _, r := range d.Servers {
		if u := r.Login.User; u != "" && !containsFold(users, u) && (f.credential.given() || f.user != "" && !r.Login.Credential.Set()) {
			users = append(users, u)
		}
	}
	switch {
	case f.noLogin && f.credential.given():
		return errors.New("a digest credential and --no-login: give one of them")
	case f.noLogin, len(users) == 0 && !f.credential.given():
		return nil
	case len(users) == 0:
		return errors.New("a digest credential and no user for it: give --user")
	case len(users) > 1:
		return fmt.Errorf("one digest credential and %d users (%s): choose one with --user", len(users), probe.Clean(strings.Join(users, ", ")))
	}
	secret, err := f.credential.read(ctx, env, "CUPCLINT_SIP_PASSWORD", "Digest credential of "+probe.Clean(users[0]))
	if err != nil {
		return err
	}
	for i := range d.Servers {
		if l := &d.Servers[i].Login; l.User == users[0] {
			l.Credential = secret
		}
	}
	return nil
}

func runSIP(cmd *cobra.Command, env *environment, f *sipFlags, args []string) error {
	ctx := cmd.Context()
	run, err := startLive(cmd, env, &f.settings, f.quiet, args, f.observations)
	if err != nil {
		return err
	}
	d, err := f.sipDeployment(ctx, run, args)
	if err != nil {
		return err
	}
	if err := f.fillCredential(ctx, env, &d); err != nil {
		return err
	}
	tools, err := f.areaTools(ctx, env)
	if err != nil {
		return err
	}
	defer f.close()
	tools.Hold = f.hold
	servers := probeAll(ctx, run, sipcheck.Servers(), tools, d.Servers, f.quiet)
	managers := probeAll(ctx, run, sipcheck.Managers(), tools, d.CTI, f.quiet)
	if err := f.saveObservations(env, map[string]any{"sip": orEmpty(servers), "cti": orEmpty(managers)}); err != nil {
		return err
	}
	return run.report(sipcheck.Judge(servers, managers, sipcheck.JudgeOptions{CertificateSoon: run.conf.CertificateSoon()}))
}

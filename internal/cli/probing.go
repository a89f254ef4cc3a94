package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// probeFlags are the flags of every command that opens connections and may log in.
type probeFlags struct {
	threshold         int
	window, lockTime  time.Duration
	mayLock, trustAny bool
	caFile, family    string
	timeout           time.Duration
	quiet             bool
	settings          configFlags
	observations      string
	// resolvers, where given, say where names lead; client asks them.
	resolvers []string
	client    *dnscheck.Client
}

// register adds all of them.
func (f *probeFlags) register(cmd *cobra.Command) {
	f.registerPolicy(cmd)
	f.registerRisk(cmd)
	f.registerConnection(cmd, "the password")
	registerCertificateDays(cmd)
	f.registerReport(cmd, "server")
}

// registerReport adds what a probing command reports with. each is what a line of the summary is for.
func (f *probeFlags) registerReport(cmd *cobra.Command, each string) {
	fl := cmd.Flags()
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "text: findings only, no summary and no line for each "+each)
	f.settings.add(cmd)
	f.settings.addReport(cmd)
	fl.StringVar(&f.observations, "observations", "", "write what was seen to this `FILE` as JSON; - is standard output")
	outputFlags.put(cmd, "quiet", "observations")
}

// registerConnection adds what decides how a server is reached. secret says whose password is meant.
func (f *probeFlags) registerConnection(cmd *cobra.Command, secret string) {
	cmd.Flags().BoolVar(&f.trustAny, "trust-any-certificate", false, "send "+secret+" even where the certificate does not verify")
	loginFlags.put(cmd, "trust-any-certificate")
	f.registerCA(cmd)
	f.registerNetwork(cmd, "for names")
}

// registerCA adds whose certificates are trusted.
func (f *probeFlags) registerCA(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.caFile, "ca-file", "", "PEM file of trusted authorities; default: the system's")
	advancedFlags.put(cmd, "ca-file")
}

// registerNetwork adds how servers are found. as says what --resolver is asked for.
func (f *probeFlags) registerNetwork(cmd *cobra.Command, as string) {
	fl := cmd.Flags()
	fl.StringArrayVar(&f.resolvers, "resolver", nil,
		"ask this one "+as+": `IP[:PORT]` or tls://IP[:PORT][#NAME]; may be repeated (default: this machine's)")
	fl.StringVar(&f.family, "family", "prefer-ipv4", "addresses: prefer-ipv4, prefer-ipv6, ipv4, ipv6")
	fl.DurationVar(&f.timeout, "timeout", 0, "time for each phase; default 5s to 15s")
	advancedFlags.put(cmd, "resolver", "family", "timeout")
}

// registerCertificateDays adds what the configuration reads as well.
func registerCertificateDays(cmd *cobra.Command) {
	cmd.Flags().Int("certificate-days", 30, "report a certificate that expires within this many days; 0: only after it has expired")
	advancedFlags.put(cmd, "certificate-days")
}

// registerPolicy adds what the user knows of the lock-out policy.
func (f *probeFlags) registerPolicy(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.threshold, "lockout-threshold", -1, "failures that lock an account (0: never), where the directory does not show it")
	cmd.Flags().DurationVar(&f.lockTime, "lockout-duration", 0,
		"how long a lock lasts, with --lockout-threshold; 0: until an administrator unlocks")
	cmd.Flags().DurationVar(&f.window, "lockout-window", loginbudget.AssumedWindow,
		"time after which a failure no longer counts, with --lockout-threshold; 0: only a good log-in clears it")
	loginFlags.put(cmd, "lockout-threshold", "lockout-duration", "lockout-window")
}

// registerRisk adds the flag that lets a log-in pass the budget, and its former name.
func (f *probeFlags) registerRisk(cmd *cobra.Command) {
	const former = "i-know-it-may-lock"
	cmd.Flags().BoolVar(&f.mayLock, "allow-lockout-risk", false, "send a password although it may lock the account, or was refused before")
	cmd.Flags().BoolVar(&f.mayLock, former, false, "former name of --allow-lockout-risk")
	hide(cmd, former)
	loginFlags.put(cmd, "allow-lockout-risk", former)
}

// hide keeps a flag out of the help: an older name that stays valid.
func hide(cmd *cobra.Command, flag string) {
	cmd.Flags().Lookup(flag).Hidden = true
}

// assumedPolicy is the policy of the flags. A window of 0 is one that never ends.
func (f *probeFlags) assumedPolicy() loginbudget.Policy {
	if f.threshold < 0 {
		return loginbudget.Policy{}
	}
	p := loginbudget.Policy{Threshold: loginbudget.LocksAt(f.threshold), Window: f.window}
	if p.Window <= 0 {
		p.Window = loginbudget.Forever
	}
	return p
}

// tools makes what every probe of the run shares.
func (f *probeFlags) tools(ctx context.Context, env *environment) (*probe.Prober, *loginbudget.Budget, error) {
	family, err := probe.ParseFamily(f.family)
	if err != nil {
		return nil, nil, err
	}
	roots, err := readRoots(ctx, env, f.caFile)
	if err != nil {
		return nil, nil, err
	}
	// A probe without a log-in needs no memory of log-ins: that there is none is said at the first log-in.
	dir, noDir := loginbudget.DefaultDir(env.getenv)
	budget := loginbudget.Open(loginbudget.Options{Dir: dir, NoDir: noDir, Override: f.mayLock, Cost: env.loginCost, Log: env.log})
	p := &probe.Prober{Prefer: family, Roots: roots, Log: env.log}
	env.debug("state folder", "folder", dir, "family", f.family)
	if f.timeout > 0 {
		p.Timeouts = probe.Uniform(f.timeout)
	}
	if err := f.resolveWith(p, roots); err != nil {
		return nil, nil, err
	}
	return p, budget, nil
}

// areaTools are the tools in the form that areas take.
func (f *probeFlags) areaTools(ctx context.Context, env *environment) (area.Tools, error) {
	p, budget, err := f.tools(ctx, env)
	if err != nil {
		return area.Tools{}, err
	}
	return area.Tools{Prober: p, Budget: budget, TrustAnyCertificate: f.trustAny, AssumePolicy: f.assumedPolicy()}, nil
}

// resolveWith has names resolved by --resolver: the probes go where clients would that ask the same resolvers.
func (f *probeFlags) resolveWith(p *probe.Prober, roots *x509.CertPool) error {
	if len(f.resolvers) == 0 {
		return nil
	}
	resolvers, err := parseResolvers("resolver", f.resolvers)
	if err != nil {
		return err
	}
	f.client = dnscheck.NewClient(resolvers, func(wire.Resolver) wire.Options { return wire.Options{Roots: roots, Log: p.Log} })
	p.Resolve = f.client.Resolve
	return nil
}

// close releases what tools took. It may be called without.
func (f *probeFlags) close() {
	if f.client != nil {
		_ = f.client.Close() // its sockets end with the program in any case
	}
}

// maxRoots bounds --ca-file, in bytes: the authorities of a system take a quarter of a MiB.
const maxRoots = 4 << 20

func readRoots(ctx context.Context, env *environment, file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := env.readFile(ctx, file, maxRoots, "the authorities")
	if err != nil {
		return nil, unreadable(fmt.Errorf("--ca-file: %w", err))
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, unreadable(fmt.Errorf("--ca-file: %s has no certificate in PEM format", file))
	}
	return pool, nil
}

// saveObservations writes what was seen, where --observations asks for it.
func (f *probeFlags) saveObservations(env *environment, seen any) error {
	if f.observations == "" {
		return nil
	}
	if err := env.writeOther(f.observations, func(w io.Writer) error { return printJSON(w, seen) }); err != nil {
		return unreadable(fmt.Errorf("write what was seen: %w", err))
	}
	if f.observations != toStdout {
		env.wrote(f.quiet, f.observations, "what was seen")
	}
	return nil
}

// servicePorts are the ports of a service: without TLS or with StartTLS, and with TLS from the first byte.
type servicePorts struct {
	plain, tls int
	alsoTLS    []int // further ports where TLS is spoken from the first byte
}

func (p servicePorts) isTLS(port int) bool {
	for _, t := range append([]int{p.tls}, p.alsoTLS...) {
		if port == t {
			return true
		}
	}
	return false
}

// typedServer reads the value of --server or --cti. Its errors do not repeat the value: an account and a password may be a part of it.
func typedServer(flag, s, security string, ports servicePorts) (probe.Target, error) {
	if strings.Contains(s, "://") || strings.ContainsAny(s, "@/\\ ") {
		return probe.Target{}, fmt.Errorf("--%s: the value is not HOST or HOST:PORT. Write it without a scheme, an account and a path", flag)
	}
	t, err := parseServer(s, security, ports)
	if err != nil {
		err = fmt.Errorf("--%s: %w", flag, err)
	}
	return t, err
}

// parseServer reads HOST, HOST:PORT, [IPv6]:PORT. What is missing of port and security follows from the other.
func parseServer(s, security string, ports servicePorts) (probe.Target, error) {
	t := probe.Target{Host: strings.Trim(s, "[]")}
	if host, port, err := net.SplitHostPort(s); err == nil {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return t, fmt.Errorf("the port of %q is not a number from 1 to 65535", host)
		}
		t.Host, t.Port = host, n
	} else if strings.Count(s, ":") == 1 {
		return t, errors.New("the value is not HOST or HOST:PORT")
	}
	if t.Host == "" {
		return t, errors.New("no host")
	}
	switch security {
	case "":
		t.Security = probe.Plain
		if ports.isTLS(t.Port) {
			t.Security = probe.ImplTLS
		}
	case "plain", "tls", "starttls":
		t.Security = probe.Security(security)
	default:
		return t, fmt.Errorf("unknown security %q: use plain, tls or starttls", security)
	}
	if t.Port == 0 {
		t.Port = ports.plain
		if t.Security == probe.ImplTLS {
			t.Port = ports.tls
		}
	}
	return t, nil
}

// eachExport reads the inputs and hands over one export after the other. It returns the inputs that could not be read.
func eachExport(ctx context.Context, r *export.Reader, sources []export.Source, failed []error, f func(*export.Export)) []error {
	for _, src := range sources {
		for e, err := range r.Read(ctx, src) {
			if err != nil {
				failed = append(failed, err)
				continue
			}
			f(e)
		}
	}
	return failed
}

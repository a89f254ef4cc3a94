package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/internal/catalogue"
	"cupclint/internal/config"
	"cupclint/internal/platform"
	"cupclint/internal/report"
	"cupclint/internal/serve"
	"cupclint/internal/serve/guard"
	"cupclint/internal/serve/metrics"
	"cupclint/internal/serve/page"
	"cupclint/internal/serve/probes"
)

// serveFlags are the flags of `cupclint serve`.
type serveFlags struct {
	options     serve.Options
	maxUpload   int // MiB
	allowProbes string
	modules     string
	folder      string
	ask         resolverFlags
	probeFlags
}

func newServeCmd(env *environment) *cobra.Command {
	f := &serveFlags{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the page for the help-desk and the metrics, until interrupted",
		Long: `Serves a page for the help-desk in a browser, and the metrics of this deployment for Prometheus, until it is interrupted (Ctrl-C).

The page does what cupclint diagnose, resolve and lint do: it stores nothing, and what is uploaded stays in memory. Only this computer reaches
it, unless --listen says otherwise. Then it needs a certificate (--tls-cert, --tls-key) and a password file (--password-file), or
--allow-unprotected where something else protects it.

--allow-probes FILE lists the servers that the page may probe, each after a person confirmed it. No other server is contacted, and the page
makes no log-ins: the file holds no password, and accounts of exports are left out.

/metrics and /probe are for Prometheus: the facts and findings of --folder, and probes by the modules of --modules. A module may log in,
within the budget that keeps accounts from being locked. See docs/operations.md.

The password file has a line for each user, as htpasswd -B of Apache writes it. It and the certificate are read again when they change.
Standard error gets a line for each request: time, client, user, method, path, status and duration. See docs/serve.md.`,
		Example: `  cupclint serve
  cupclint serve --listen 127.0.0.1:8080
  cupclint serve --listen 0.0.0.0:9719 --tls-cert cert.pem --tls-key key.pem --password-file users.htpasswd
  cupclint serve --allow-probes probes.yaml
  cupclint serve --host helpdesk.example.com     behind a reverse proxy of that name on this computer`,
		Args: takesNone,
		RunE: func(cmd *cobra.Command, _ []string) error { return runServe(cmd, env, f) },
	}
	fl := cmd.Flags()
	o := &f.options
	fl.StringVar(&o.Listen, "listen", serve.DefaultListen, "listen at this `HOST:PORT`; port 0 is a free one")
	fl.StringSliceVar(&o.Hosts, "host", nil,
		"the server is reached by this `NAME`, too; may be repeated (always: localhost, the address of --listen, the names of the certificate)")
	fl.StringVar(&o.Certificate, "tls-cert", "", "speak TLS with the certificate in this PEM `FILE`")
	fl.StringVar(&o.Key, "tls-key", "", "PEM `FILE` with the key of the certificate")
	fl.StringVar(&o.Passwords, "password-file", "", "ask for a user and password of this `FILE`, which htpasswd -B wrote")
	fl.BoolVar(&o.Unprotected, "allow-unprotected", false, "listen beyond this computer without TLS or without a password file")
	fl.IntVar(&f.maxUpload, "max-upload", guard.DefaultMaxBody>>20, "the largest upload in `MIB`")
	fl.StringVar(&f.allowProbes, "allow-probes", "", "the page may probe the servers that this `FILE` names; see docs/serve.md")
	fl.StringVar(&f.modules, "modules", "", "/probe probes by the modules of this `FILE`; see docs/operations.md")
	fl.StringVar(&f.folder, "folder", "", "/metrics has the facts and findings of this `FOLDER`, which collect or an export made")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no line for each request")
	f.settings.addPath(cmd)
	f.registerCA(cmd)
	f.registerNetwork(cmd, "for the names of servers that are probed")
	mainFlags.put(cmd, "listen", "host", "tls-cert", "tls-key", "allow-unprotected", "allow-probes", "modules", "folder")
	loginFlags.put(cmd, "password-file")
	outputFlags.put(cmd, "quiet")
	advancedFlags.put(cmd, "max-upload")
	return cmd
}

func runServe(cmd *cobra.Command, env *environment, f *serveFlags) error {
	const most = guard.MaxMaxBody >> 20
	if f.maxUpload < 1 || f.maxUpload > most {
		return fmt.Errorf("--max-upload %d: give a number from 1 to %d", f.maxUpload, most)
	}
	o := f.options
	o.MaxBody, o.BoundMemory = int64(f.maxUpload)<<20, env.ownProcess
	log := &serverLog{w: env.stderr, now: env.clock}
	o.Note = log.write
	if !f.quiet {
		o.Log = log.write
	}
	conf, err := f.settings.read(cmd, env)
	if err != nil {
		return err
	}
	defer f.close()
	measured, err := f.metrics(cmd.Context(), env, conf)
	if err != nil {
		return err
	}
	defer measured.Close() //nolint:errcheck // it waits for log-ins under way, and always succeeds
	o.Handlers.Metrics, o.Handlers.Probe = measured.Metrics, measured.Probe
	allowed, err := f.probes(cmd.Context(), env, conf)
	if err != nil {
		return err
	}
	o.Handlers.Page, err = page.New(page.Options{Version: buildVersion(), Token: guard.Token, Probes: allowed, MaxUpload: o.MaxBody,
		Rules: conf.Rules, Policy: conf.Policy})
	if err != nil {
		return unreadable(err)
	}
	o.Ready = func(url string) { fmt.Fprintf(env.stderr, "serving %s until interrupted\n", url) }
	err = serve.Run(cmd.Context(), o)
	var usage *serve.UsageError
	if err == nil || errors.As(err, &usage) {
		return err
	}
	return unreadable(err)
}

// metrics makes what answers /metrics and /probe.
func (f *serveFlags) metrics(ctx context.Context, env *environment, conf *config.Config) (*metrics.Handler, error) {
	o := metrics.Options{Folder: f.folder, Version: buildVersion(), World: metrics.World{Areas: catalogue.Areas, Rules: conf.Rules,
		Policy: conf.Policy, Getenv: env.getenv, Now: env.now, Cost: env.loginCost}}
	if f.modules != "" {
		var err error
		if o.Modules, err = metrics.ReadModules(ctx, f.modules, catalogue.Areas(nil)); err != nil {
			var file *fs.PathError
			if errors.As(err, &file) {
				return nil, unreadable(fmt.Errorf("--modules: %w", err))
			}
			return nil, fmt.Errorf("--modules: %w", err)
		}
	}
	if f.folder != "" {
		if info, err := os.Stat(f.folder); err != nil {
			return nil, unreadable(fmt.Errorf("--folder: %w", err))
		} else if !info.IsDir() {
			return nil, unreadable(fmt.Errorf("--folder: %s is not a folder", f.folder))
		}
	}
	return metrics.New(o)
}

// probes reads the file of --allow-probes; nil where there is none.
func (f *serveFlags) probes(ctx context.Context, env *environment, conf *config.Config) (page.Probes, error) {
	if f.allowProbes == "" {
		return nil, nil
	}
	var names dnscheck.Options
	o := probes.Options{Areas: catalogue.Areas(&names), Rules: conf.Rules, Policy: conf.Policy, CertificateSoon: conf.CertificateSoon(),
		Now: env.clock}
	text, err := env.readFile(ctx, f.allowProbes, probes.MaxFile, "the targets")
	if err != nil {
		return nil, unreadable(fmt.Errorf("--allow-probes: %w", err))
	}
	entries, err := probes.Parse(text, o.Areas)
	if err != nil {
		return nil, fmt.Errorf("--allow-probes: %s: %w", f.allowProbes, err)
	}
	if o.Tools, err = f.areaTools(ctx, env); err != nil {
		return nil, err
	}
	f.ask.types, f.ask.concurrency, f.ask.timeout = []string{"all"}, wire.DefaultOutstanding, wire.DefaultTimeout
	f.ask.resolvConf, f.ask.hostsFile = platform.ResolvConf(), platform.HostsFile(env.getenv)
	f.ask.caFile, f.ask.resolvers = f.caFile, f.resolvers
	if names, err = f.ask.options(ctx, env); err != nil {
		return nil, fmt.Errorf("--allow-probes: %w", err)
	}
	list, err := probes.New(ctx, entries, o)
	if err != nil {
		return nil, unreadable(fmt.Errorf("--allow-probes: %s: %w", f.allowProbes, err))
	}
	return list, nil
}

// A serverLog writes lines with the time, one after the other.
type serverLog struct {
	mu  sync.Mutex
	w   io.Writer
	now func() time.Time
}

func (l *serverLog) write(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, "%s %s\n", l.now().UTC().Format(time.RFC3339), report.Clean(line))
}

package cli

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"cupclint/internal/report"
	"cupclint/internal/serve"
	"cupclint/internal/serve/guard"
)

// serveFlags are the flags of `cupclint serve`.
type serveFlags struct {
	options   serve.Options
	maxUpload int // MiB
	quiet     bool
}

func newServeCmd(env *environment) *cobra.Command {
	f := &serveFlags{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the page for the help-desk and the metrics, until interrupted",
		Long: `Serves a page for the help-desk in a browser, and the metrics of this deployment for Prometheus, until it is interrupted (Ctrl-C).

The page does what cupclint diagnose, resolve and lint do: it stores nothing, and what is uploaded stays in memory. Only this computer reaches
it, unless --listen says otherwise; then it takes a certificate (--tls-cert, --tls-key) and a password file (--password-file), or
--allow-unprotected where something else protects it.

The password file has a line for each user, as htpasswd -B of Apache writes it. It and the certificate are read again when they change.
Standard error gets a line for each request: time, client, user, method, path, status and duration. See docs/serve.md.`,
		Example: `  cupclint serve
  cupclint serve --listen 127.0.0.1:8080
  cupclint serve --listen 0.0.0.0:9719 --tls-cert cert.pem --tls-key key.pem --password-file users.htpasswd
  cupclint serve --host helpdesk.example.com     behind a reverse proxy of that name on this computer`,
		Args: cobra.NoArgs,
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
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no line for each request")
	mainFlags.put(cmd, "listen", "host", "tls-cert", "tls-key", "allow-unprotected")
	loginFlags.put(cmd, "password-file")
	outputFlags.put(cmd, "quiet")
	advancedFlags.put(cmd, "max-upload")
	return cmd
}

func runServe(cmd *cobra.Command, env *environment, f *serveFlags) error {
	const most = guard.MaxMaxBody >> 20
	if f.maxUpload < 1 || f.maxUpload > most {
		return fmt.Errorf("--max-upload %d: use 1 to %d", f.maxUpload, most)
	}
	o := f.options
	o.MaxBody = int64(f.maxUpload) << 20
	log := &serverLog{w: env.stderr, now: env.clock}
	o.Note = log.write
	if !f.quiet {
		o.Log = log.write
	}
	o.Ready = func(url string) { fmt.Fprintf(env.stderr, "serving %s until interrupted\n", url) }
	err := serve.Run(cmd.Context(), o)
	var usage *serve.UsageError
	if err == nil || errors.As(err, &usage) {
		return err
	}
	return unreadable(err)
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

// Package serve is the web server of `cupclint serve`: the page for the help-desk (page), the metrics (metrics), and before both the
// guard (guard). This package listens, speaks TLS, reads the files that may change while it runs, and ends in order. It writes no
// file.
package serve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"cupclint/internal/serve/guard"
	"cupclint/internal/serve/passwords"
)

// The paths that are not the page's.
const (
	MetricsPath = "/metrics"
	ProbePath   = "/probe"
	HealthPath  = "/healthz"
	targetsPath = "/targets/" // of the page: live probes
)

// DefaultListen is where the server listens. The port is in the range of Prometheus' exporters.
const DefaultListen = "127.0.0.1:9719"

// Options say where and what is served.
type Options struct {
	// Listen is HOST:PORT.
	Listen string
	// Hosts are names that the server is reached by, added to loopback's, the address that it listens at and the names of its certificate.
	Hosts []string
	// Certificate and Key are PEM files; both or none.
	Certificate, Key string
	// Passwords is a password file; empty for none.
	Passwords string
	// Unprotected lets the server listen beyond loopback without TLS or without passwords.
	Unprotected bool
	// MaxBody bounds an upload in bytes; 0 means the guard's default.
	MaxBody int64
	// BoundMemory sets the memory limit of the process where the user set none.
	BoundMemory bool
	// Handlers answer what the guard lets pass.
	Handlers Handlers
	// Log, if set, gets a line for each request, Note what else is important. The lines have no end; both may be called from many
	// goroutines.
	Log, Note func(line string)
	// Ready, if set, gets once where the server listens.
	Ready func(url string)
}

// Handlers are what is served. A nil one is answered with status 404.
type Handlers struct {
	Page, Metrics, Probe http.Handler
}

// Times that no option changes.
const (
	readHeader = 5 * time.Second
	idle       = 75 * time.Second // more than a minute, which is a usual scrape interval
	ending     = 10 * time.Second // for requests under way when the server ends
	maxHeader  = 16 << 10         // bytes
)

// A UsageError says that the options cannot be meant.
type UsageError struct{ text string }

func (e *UsageError) Error() string { return e.text }

// Run serves until the context ends; requests under way then have a while to end.
func Run(ctx context.Context, o Options) error {
	s, err := start(ctx, o)
	if err != nil {
		return err
	}
	if o.BoundMemory {
		limitMemory()
	}
	if o.Ready != nil {
		o.Ready(s.url)
	}
	return s.serve(ctx)
}

// A server listens.
type server struct {
	url      string
	listener net.Listener
	http     *http.Server
	cancel   context.CancelFunc // of all requests
}

func start(ctx context.Context, o Options) (_ *server, err error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	names := append([]string{}, o.Hosts...)
	listen, _, _ := net.SplitHostPort(o.Listen) // checked
	if ip, err := netip.ParseAddr(listen); err != nil || !ip.IsUnspecified() {
		names = append(names, listen)
	}
	s, scheme := &server{}, "http"
	var config *tls.Config
	if o.Certificate != "" {
		scheme = "https"
		pair, err := openPair(o.Certificate, o.Key, o.note)
		if err != nil {
			return nil, err
		}
		config = pair.config()
		names = append(names, pair.names()...)
	}
	g := guard.Options{Names: names, TLS: config != nil, MaxBody: o.MaxBody, Log: o.Log, Open: []string{HealthPath},
		Effects: []string{ProbePath, MetricsPath}, Slow: []string{ProbePath, MetricsPath, targetsPath}}
	if o.Passwords != "" {
		if g.Passwords, err = openPasswords(o.Passwords, o.note); err != nil {
			return nil, err
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s.url = fmt.Sprintf("%s://%s/", scheme, l.Addr())
	s.listener = limitConnections(l, maxConnections)
	if config != nil {
		s.listener = tls.NewListener(s.listener, config)
	}
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	var protocols http.Protocols
	protocols.SetHTTP1(true) // the page is a few small files: many streams on a connection would help attackers alone
	s.http = &http.Server{
		Handler: guard.New(g).Wrap(o.Handlers.mux()), ReadHeaderTimeout: readHeader, IdleTimeout: idle, MaxHeaderBytes: maxHeader,
		Protocols: &protocols, BaseContext: func(net.Listener) context.Context { return requests },
		ErrorLog: log.New(io.Discard, "", 0), // failed handshakes and connections that went away: anybody can cause any number of them
	}
	return s, nil
}

func (o *Options) note(line string) {
	if o.Note != nil {
		o.Note(line)
	}
}

// check refuses options that contradict each other, and an open door.
func (o *Options) check() error {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return &UsageError{fmt.Sprintf("--listen %q: write HOST:PORT, such as %s", o.Listen, DefaultListen)}
	}
	if (o.Certificate == "") != (o.Key == "") {
		return &UsageError{"--tls-cert and --tls-key belong together"}
	}
	if o.Unprotected || isLoopback(host) {
		return nil
	}
	var missing []string
	if o.Certificate == "" {
		missing = append(missing, "--tls-cert", "--tls-key")
	}
	if o.Passwords == "" {
		missing = append(missing, "--password-file")
	}
	if missing == nil {
		return nil
	}
	return &UsageError{fmt.Sprintf("--listen %s can be reached from other computers: give %s, or --allow-unprotected where something else "+
		"protects it, such as a reverse proxy", o.Listen, strings.Join(missing, " and "))}
}

// isLoopback is for a host as it is listened at. A name other than localhost may mean anything.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback() || strings.EqualFold(host, "localhost")
}

// mux gives each path its handler.
func (h Handlers) mux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+HealthPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok\n") // the client is gone otherwise
	})
	none := http.NotFoundHandler()
	handle := func(path string, handler http.Handler) {
		if handler == nil {
			handler = none
		}
		mux.Handle(path, handler)
	}
	handle("GET "+MetricsPath, h.Metrics)
	handle("GET "+ProbePath, h.Probe)
	handle("/", h.Page)
	return mux
}

// serve answers until the context ends.
func (s *server) serve(ctx context.Context) error {
	defer s.cancel()
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), ending)
	defer stop()
	err := s.http.Shutdown(late)
	if err == nil {
		return nil
	}
	s.cancel() // probes end with their context
	const more = time.Second
	last, stopLast := context.WithTimeout(context.WithoutCancel(ctx), more)
	defer stopLast()
	_ = s.http.Shutdown(last) // Close ends the rest
	return errors.Join(s.http.Close())
}

// memoryLimit is where the garbage collector begins to work harder; the process is to stay below 128 MiB.
const memoryLimit = 64 << 20

// limitMemory keeps a limit that the user has set.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" && os.Getenv("GOGC") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// openPasswords reads the password file now, and again when it changes.
func openPasswords(name string, note func(string)) (*watchedPasswords, error) {
	w := newWatched(note, func() (*passwords.File, error) {
		text, err := readFile(name, passwords.MaxFile)
		if err != nil {
			if path, ok := errors.AsType[*fs.PathError](err); ok {
				err = path.Err // not with the name: it may be a password that was typed in the place of the file
			}
			return nil, fmt.Errorf("read the password file that --password-file names: %w", err)
		}
		f, err := passwords.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("read the password file %s: %w", name, err)
		}
		return f, nil
	}, name)
	if _, err := w.load(); err != nil {
		return nil, err
	}
	return &watchedPasswords{w}, nil
}

// watchedPasswords is the password file as it is now.
type watchedPasswords struct{ *watched[*passwords.File] }

func (w *watchedPasswords) Proven(user, password string) bool { return w.now().Proven(user, password) }
func (w *watchedPasswords) Check(user, password string) bool  { return w.now().Check(user, password) }

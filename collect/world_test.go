package collect_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cupclint/collect"
	"cupclint/internal/lab/cluster"
	"cupclint/internal/lab/sshcli"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// Accounts of the simulated cluster.
const (
	readUser = "svc-cupclint"
	appUser  = "svc-soap"
)

// A world is a cluster, the network to it, and one run.
type world struct {
	t       *testing.T
	cluster *cluster.Cluster
	config  cluster.Config
	ssh     map[string]*sshcli.Server
	names   []string
	at      map[string]string // address:port to the real listener
	pin     string
	o       collect.Options
	secrets map[string]string // by interface and node, else by interface
	asked   []string          // for which a password was asked
	events  []collect.Event
	runs    int
	state   string // folder of remembered log-ins
	mu      sync.Mutex
}

// newWorld starts the servers of a cluster: the call managers first.
func newWorld(t *testing.T, c cluster.Config, commands map[string]map[string]sshcli.Answer, change ...func(*sshcli.Config)) *world {
	t.Helper()
	w := &world{t: t, config: c, cluster: cluster.New(c), ssh: map[string]*sshcli.Server{}, at: map[string]string{},
		secrets: map[string]string{
			"axl": c.Password, "cli": c.Password, "soap": c.AppPassword,
		}}
	secured, err := w.cluster.TLS("ucm1")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(secured.Certificates[0].Leaf.Raw)
	w.pin = hex.EncodeToString(sum[:])
	for i, n := range c.Nodes {
		w.names = append(w.names, n.Name)
		host := netip.AddrFrom4([4]byte{192, 0, 2, byte(10 + i)}).String()
		w.web(host, "8443", w.cluster.Web(n.Name), secured)
		if n.Role == "cucm" && !has(c, cluster.FilesTFTPOnly) {
			if !has(c, cluster.FilesHTTPSOnly) {
				w.web(host, "6970", w.cluster.Files(n.Name), nil)
			}
			w.web(host, "6972", w.cluster.Files(n.Name), secured)
		}
		config := sshcli.Config{User: c.User, Password: c.Password, Commands: commands[n.Name]}
		for _, f := range change {
			f(&config)
		}
		server, err := sshcli.New(config)
		if err != nil {
			t.Fatal(err)
		}
		w.ssh[n.Name] = server
		w.listen(host, "22", server.Serve)
	}
	w.o = collect.Options{
		Request: collect.Request{
			Nodes: []collect.Node{{Name: c.Nodes[0].Name}}, Interfaces: collect.Interfaces(), Yes: true,
			Users: map[collect.Interface]string{collect.AXL: readUser, collect.CLI: readUser, collect.SOAP: appUser},
		},
		Tool: "test", Quiet: time.Millisecond,
		Prober:   &probe.Prober{Resolve: w.resolve, Dial: w.dial},
		Trust:    collect.Trust{Pins: []string{w.pin}},
		HostKeys: &collect.HostKeys{Ask: func(context.Context, collect.Question) (bool, error) { return true, nil }},
		SRV:      func(context.Context, string) ([]string, error) { return nil, nil },
		Wait:     func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Watch: func(e collect.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
		},
		Secret: func(_ context.Context, i collect.Interface, node, user string) (loginbudget.Secret, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.asked = append(w.asked, string(i)+" "+node)
			if s := w.secrets[string(i)+" "+node]; s != "" {
				return loginbudget.NewSecret(s), nil
			}
			return loginbudget.NewSecret(w.secrets[string(i)]), nil
		},
	}
	w.state = t.TempDir()
	w.o.Budget = w.budgetAgain()
	return w
}

// budgetAgain is the budget of a further run, which remembers those before.
func (w *world) budgetAgain() *loginbudget.Budget {
	return loginbudget.Open(loginbudget.Options{Dir: w.state, Cost: loginbudget.Cost{Time: 1, Memory: 64}})
}

func has(c cluster.Config, s cluster.Switch) bool {
	for _, x := range c.Switches {
		if x == s {
			return true
		}
	}
	return false
}

func (w *world) web(host, port string, h http.Handler, secured *tls.Config) {
	s := httptest.NewUnstartedServer(h)
	if secured != nil {
		s.TLS = secured.Clone()
		s.StartTLS()
	} else {
		s.Start()
	}
	w.t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	w.at[net.JoinHostPort(host, port)] = s.Listener.Addr().String()
}

func (w *world) listen(host, port string, serve func(net.Conn)) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() {
				defer c.Close()
				serve(c)
			})
		}
	})
	w.t.Cleanup(func() {
		l.Close()
		work.Wait()
	})
	w.at[net.JoinHostPort(host, port)] = l.Addr().String()
}

func (w *world) resolve(_ context.Context, host string) ([]netip.Addr, error) {
	for i, n := range w.names {
		if n == host {
			return []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 2, byte(10 + i)})}, nil
		}
	}
	return nil, &probe.Error{Class: probe.NXDomain, Phase: probe.DNS, Detail: "no such name"}
}

func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	real, ok := w.at[address]
	if !ok {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	return new(net.Dialer).DialContext(ctx, network, real)
}

// run carries out the request into a new folder.
func (w *world) run() (string, *collect.Manifest) {
	w.t.Helper()
	return w.runWith(context.Background())
}

func (w *world) runWith(ctx context.Context) (string, *collect.Manifest) {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "hq")
	if err := w.o.Request.Check(); err != nil {
		w.t.Fatal(err)
	}
	folder, err := collect.NewFolder(dir)
	if err != nil {
		w.t.Fatal(err)
	}
	defer folder.Close()
	m, err := collect.Run(ctx, folder, w.o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.harmless(dir)
	return dir, m
}

// harmless proves what holds of every run: nothing was written to a server, no session is open, and no secret is anywhere in the folder or
// in what was shown.
func (w *world) harmless(dir string) {
	w.t.Helper()
	w.runs++
	for _, f := range w.cluster.Faults() {
		w.t.Error("never to be sent: ", f)
	}
	if !has(w.config, cluster.SOAPKeepsOpen) {
		for _, who := range w.cluster.Open() {
			w.t.Errorf("the session of %s is open", who)
		}
	}
	for name, s := range w.ssh {
		r := s.Record()
		if r.Open != 0 {
			w.t.Errorf("%s: %d sessions are open", name, r.Open)
		}
		if len(r.Answers) > 0 {
			w.t.Errorf("%s: questions were answered: %q", name, r.Answers)
		}
		if len(r.Passwords) > w.runs {
			w.t.Errorf("%s: %d passwords were sent", name, len(r.Passwords))
		}
		for _, c := range r.Commands {
			if strings.HasPrefix(c, "set ") && c != "set cli pagination off" || strings.HasPrefix(c, "delete") || strings.HasPrefix(c,
				"utils system") {
				w.t.Errorf("%s: %q was sent", name, c)
			}
		}
	}
	for _, r := range w.cluster.Requests() {
		if r.Method != http.MethodGet && r.Method != http.MethodPost {
			w.t.Errorf("%s %s was sent", r.Method, r.Path)
		}
	}
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if mode := info.Mode().Perm(); d.IsDir() && mode != 0o700 || !d.IsDir() && mode != 0o600 {
			w.t.Errorf("%s has the mode %o", path, mode)
		}
		if d.IsDir() {
			return nil
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		all.WriteString(path)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	for _, e := range w.events {
		all.WriteString(e.What)
		if e.Ended != nil {
			all.WriteString(e.Ended.Detail + e.Ended.What)
		}
	}
	w.mu.Unlock()
	for _, s := range w.cluster.Secrets() {
		if strings.Contains(all.String(), s) {
			w.t.Errorf("the secret %s is in the folder or in what was shown", s)
		}
	}
}

// step finds a result.
func step(t *testing.T, m *collect.Manifest, id, node string) collect.StepResult {
	t.Helper()
	for _, s := range m.Steps {
		if s.ID == id && (node == "" || s.Node == node) {
			return s
		}
	}
	t.Fatalf("the manifest has no step %s at %s", id, node)
	return collect.StepResult{}
}

// passwords counts requests with a password, by what was asked.
func (w *world) passwords(of string) (n int) {
	for _, r := range w.cluster.Requests() {
		if r.Password && strings.HasPrefix(r.Path, of) {
			n++
		}
	}
	return n
}

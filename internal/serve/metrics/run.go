package metrics

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/safefile"
	"cupclint/lint"
	"cupclint/resolve"
)

// maxRoots bounds a file of authorities, in bytes.
const maxRoots = 4 << 20

// jobs is how many targets of one probe are contacted at once: a module has one, exports may have many.
const jobs = 8

// World is what probes share with the program.
type World struct {
	// Areas makes the list of all areas. names says how names are asked for; it may be nil where nothing is probed.
	Areas func(names *dnscheck.Options) []area.Area
	// Rules are all rules, and Policy weighs them.
	Rules  []*lint.Rule
	Policy *lint.Policy
	Getenv func(string) string
	// Dial opens connections; nil means net.Dialer. Tests lead it into a simulated deployment.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Cost is what a comparison with a remembered password costs; zero for the default.
	Cost loginbudget.Cost
}

func (w *World) now() time.Time {
	if w.Now != nil {
		return w.Now()
	}
	return time.Now()
}

// A Result is what came of one probe. It holds no secret.
type Result struct {
	Took time.Duration
	// Rows describe what was contacted.
	Rows     []area.Row
	Seen     []area.Seen
	Measures []area.Measure
	// Findings have passed the policy.
	Findings []lint.Finding
	// Errors say what could not be carried out.
	Errors []string
}

// Success says that everything was carried out and that no finding is an error.
func (r *Result) Success() bool {
	return len(r.Errors) == 0 && !slices.ContainsFunc(r.Findings, func(f lint.Finding) bool { return f.Severity == lint.Error })
}

// Probe probes a target by the module. An error is a fault of the module, not of the target. The context bounds it: Probe does not look at
// Module.Timeout.
func (m *Module) Probe(ctx context.Context, w *World, t Target) (*Result, error) {
	return m.probe(ctx, w, func(a area.Area) ([]area.Task, area.Known, error) { return m.tasks(a, t) })
}

// ProbeExports probes all servers of the area that exports name. Of the module only what is not about one target counts, and no log-in is
// made but that of the module. each hands over the exports, one after the other.
func (m *Module) ProbeExports(ctx context.Context, w *World, each func(yield func(*export.Export))) (*Result, error) {
	return m.probe(ctx, w, func(a area.Area) ([]area.Task, area.Known, error) {
		g := a.NewGatherer()
		each(func(e *export.Export) {
			in := lint.NewInput(e)
			if in.Generation = m.Generation; m.Generation == "" {
				in.Generation = cmp.Or(a.Info().Generation, lint.GenerationOf(e))
			}
			g.Add(in)
		})
		tasks := g.Tasks()
		if len(tasks) == 0 {
			return nil, area.Known{}, ErrNoTarget
		}
		return tasks, g.Known(), nil
	})
}

// ErrNoTarget says that exports name no server of the area.
var ErrNoTarget = errors.New("nothing was probed: the inputs name no server of this kind")

func (m *Module) probe(ctx context.Context, w *World, find func(area.Area) ([]area.Task, area.Known, error)) (*Result, error) {
	names, err := m.names(readRoots(ctx))
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok { // a resolver that is silent must be noticed before the time is over
		names.Timeout = min(wire.DefaultTimeout, max(time.Until(deadline)/4, 100*time.Millisecond))
	}
	a, err := FindArea(w.Areas(&names), m.Area)
	if err != nil {
		return nil, err
	}
	tasks, known, err := find(a)
	if err != nil {
		return nil, err
	}
	for _, task := range tasks {
		err := m.giveLogins(task, func(a *Account) (loginbudget.Secret, error) { return m.password(ctx, a, w.Getenv) })
		if err != nil {
			return nil, err
		}
	}
	return m.observe(ctx, w, a, tasks, known, &names)
}

// observe carries out tasks of an area with the module's settings, and judges what they saw. names are the options that a was made with.
func (m *Module) observe(ctx context.Context, w *World, a area.Area, tasks []area.Task, known area.Known, names *dnscheck.Options) (
	*Result, error) {
	tools, done, err := m.tools(w, names)
	if err != nil {
		return nil, err
	}
	defer done()
	start := time.Now()
	seen := live.All(ctx, tasks, jobs, func(ctx context.Context, t area.Task) area.Observation { return t.Probe(ctx, tools) }, nil)
	r := &Result{Took: time.Since(start)}
	for i, o := range seen {
		r.Rows = append(r.Rows, tasks[i].Row())
		r.Seen = append(r.Seen, o.Seen()...)
		if measured, ok := o.(area.Measured); ok {
			r.Measures = append(r.Measures, measured.Measures()...)
		}
		if troubled, ok := o.(area.Troubled); ok {
			r.Errors = append(r.Errors, troubled.Trouble()...)
		}
	}
	for i := range r.Seen {
		if why := r.Seen[i].Incomplete; why != "" {
			r.Errors = append(r.Errors, r.Seen[i].Target+": "+why)
		}
	}
	known.CertificateSoon = m.CertificateSoon
	filter := w.Policy.NewFilter(w.Rules)
	for _, f := range a.Judge(seen, known) {
		if filter.Apply(&f) {
			r.Findings = append(r.Findings, f)
		}
	}
	slices.SortStableFunc(r.Findings, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	return r, nil
}

// tools are what the probes of the module share. done gives them back.
func (m *Module) tools(w *World, names *dnscheck.Options) (t area.Tools, done func(), err error) {
	dir, noDir := loginbudget.DefaultDir(w.Getenv)
	p := &probe.Prober{Prefer: m.Family, Roots: names.Roots, Dial: w.Dial, Now: w.Now}
	done = func() {}
	if len(m.Resolvers) > 0 {
		client := dnscheck.NewClient(names.Resolvers, func(wire.Resolver) wire.Options {
			return wire.Options{Roots: names.Roots, Timeout: names.Timeout}
		})
		p.Resolve = client.Resolve
		done = func() { _ = client.Close() } // sockets only
	}
	return area.Tools{
		Prober: p, AssumePolicy: m.Policy, TrustAnyCertificate: m.TrustAnyCertificate, OldTLS: m.OldTLS,
		Budget: loginbudget.Open(loginbudget.Options{Dir: dir, NoDir: noDir, Now: w.Now, Cost: w.Cost, Unattended: true}),
	}, done, nil
}

// tasks makes of the settings and a target what the area would make of an export.
func (m *Module) tasks(a area.Area, t Target) ([]area.Task, area.Known, error) {
	info := a.Info()
	settings := make(map[string]string, len(m.Settings)+1)
	named := false
	for key, value := range m.Settings {
		named = named || strings.Contains(value, hostMark)
		settings[key] = strings.ReplaceAll(value, hostMark, t.Host)
	}
	if !named {
		if info.Host == "" {
			return nil, area.Known{}, fmt.Errorf("area %s: no setting has %s, and the area does not say which key names a server", info.Name,
				hostMark)
		}
		if _, set := settings[info.Host]; set {
			return nil, area.Known{}, fmt.Errorf("%s is the target of a probe: leave it out, or use %s in its value", info.Host, hostMark)
		}
		settings[info.Host] = t.Host
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return nil, area.Known{}, err
	}
	r := export.Reader{Force: export.JSON}
	e, err := r.Parse("module "+m.Name, text)
	if err != nil {
		return nil, area.Known{}, fmt.Errorf("read the settings: %w", err)
	}
	generations := []resolve.Generation{m.Generation}
	if m.Generation == "" { // some areas have servers of one generation only, and do not say so
		generations = []resolve.Generation{cmp.Or(info.Generation, lint.GenerationOf(e)), resolve.SIP, resolve.XMPP}
	}
	var g area.Gatherer
	var tasks []area.Task
	for _, generation := range generations {
		in := lint.NewInput(e)
		in.Generation = generation
		g = a.NewGatherer()
		g.Add(in)
		if tasks = g.Tasks(); len(tasks) > 0 {
			break
		}
	}
	if len(tasks) == 0 {
		return nil, area.Known{}, fmt.Errorf("area %s: the settings of the module name no server to probe", info.Name)
	}
	port := t.Port
	if port == 0 {
		port = m.Port
	}
	if port == 0 && m.Security == "" && m.ServerName == "" {
		return tasks, g.Known(), nil
	}
	for _, task := range tasks {
		movable, ok := task.(area.Movable)
		if !ok {
			return nil, area.Known{}, fmt.Errorf("the area %s takes no port, security and server name", info.Name)
		}
		if err := movable.Move(port, m.Security, m.ServerName); err != nil {
			return nil, area.Known{}, err
		}
	}
	return tasks, g.Known(), nil
}

// giveLogins gives a task the accounts of the module, and takes every other log-in out of it.
func (m *Module) giveLogins(t area.Task, read func(*Account) (loginbudget.Secret, error)) error {
	if m.LogIn.User == "" && m.Auditor.User == "" {
		t.Outside()
		return nil
	}
	l := t.Login()
	if m.Auditor.User != "" {
		if l.Auditor == nil {
			return errors.New("the area has no auditor: only directories have one")
		}
		secret, err := read(&m.Auditor)
		if err != nil {
			return err
		}
		*l.Auditor, *l.AuditorSecret = m.Auditor.User, secret
		*l.OnlyAudit = !m.LogIn.hasPassword()
	}
	if m.LogIn.User == "" {
		return nil
	}
	if l.User == nil {
		return errors.New("the area makes no log-in")
	}
	*l.User, *l.Secret = m.LogIn.User, loginbudget.Secret{}
	if !m.LogIn.hasPassword() {
		return nil
	}
	secret, err := read(&m.LogIn)
	if err != nil {
		return err
	}
	*l.Secret = secret
	return nil
}

// A rootsReader reads the authorities of a module.
type rootsReader func(*Module) (*x509.CertPool, error)

func noRoots(*Module) (*x509.CertPool, error) { return nil, nil }

func readRoots(ctx context.Context) rootsReader {
	return func(m *Module) (*x509.CertPool, error) {
		if m.CAFile == "" {
			return nil, nil
		}
		pem, err := safefile.Read(ctx, m.path(m.CAFile), maxRoots)
		if err != nil {
			return nil, fmt.Errorf("ca-file: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca-file: %s has no certificate in PEM format", m.CAFile)
		}
		return pool, nil
	}
}

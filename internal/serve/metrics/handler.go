package metrics

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cupclint/internal/probe"
)

// The header with which Prometheus says how long it waits, and how much earlier the answer has to be on its way.
const (
	timeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"
	offset        = 500 * time.Millisecond
)

// DefaultParallel is how many probes run at once unless Options say otherwise.
const DefaultParallel = 32

// Options make a Handler.
type Options struct {
	World
	// Modules can be probed with; without any, /probe says so.
	Modules Modules
	// Folder, if set, is the folder whose facts and findings /metrics has.
	Folder string
	// Parallel bounds the probes that run at once; 0 means DefaultParallel. Further ones wait until their time is over.
	Parallel int
	// Version is that of the program.
	Version string
}

// A Handler answers scrapes. Close it.
type Handler struct {
	// Metrics answers /metrics, and Probe /probe?module=NAME&target=HOST.
	Metrics, Probe http.Handler

	o       Options
	started time.Time
	slots   chan struct{}
	folder  *folder
	running sync.WaitGroup

	mu       sync.Mutex
	probes   map[[2]string]int // by module and result
	rejected map[string]int
	calls    map[string]*call // probes with a log-in that are under way, by module and target
	closed   bool
}

// A call is a probe that continues when its scrape is over. A client that asks for the same meanwhile shares the result.
type call struct {
	done   chan struct{} // closed when the fields are set
	result *Result
	err    error
}

// New makes a handler. It starts nothing.
func New(o Options) (*Handler, error) {
	for _, m := range o.Modules {
		if err := m.Check(o.Areas(nil)); err != nil {
			return nil, fmt.Errorf("module %s: %w", m.Name, err)
		}
	}
	if o.Parallel <= 0 {
		o.Parallel = DefaultParallel
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	h := &Handler{o: o, started: o.now(), slots: make(chan struct{}, o.Parallel), probes: make(map[[2]string]int),
		rejected: make(map[string]int), calls: make(map[string]*call)}
	h.Metrics, h.Probe = http.HandlerFunc(h.serveMetrics), http.HandlerFunc(h.serveProbe)
	if o.Folder != "" {
		h.folder = &folder{world: &h.o.World, dir: o.Folder}
	}
	return h, nil
}

// Close waits until log-ins that are under way have ended, so that their outcome is known: the time of a module bounds that. Later requests
// are refused.
func (h *Handler) Close() error {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.running.Wait()
	if h.folder != nil {
		h.folder.close()
	}
	return nil
}

// patience is how long an answer to the request may take: what the scraper says, less the offset, and at most the bound.
func patience(r *http.Request, bound time.Duration) time.Duration {
	seconds, err := strconv.ParseFloat(r.Header.Get(timeoutHeader), 64)
	if err != nil || !(seconds > 0 && seconds < 3600) {
		return bound
	}
	limit := time.Duration(seconds * float64(time.Second))
	return min(max(limit-offset, limit/2), bound)
}

func (h *Handler) reject(w http.ResponseWriter, status int, reason, text string) {
	h.mu.Lock()
	h.rejected[reason]++
	h.mu.Unlock()
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.Error(w, text, status)
}

func readOnly(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, "use GET", http.StatusMethodNotAllowed)
	return false
}

func answer(w http.ResponseWriter, text []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text) // a scraper that has gone does not read it
}

func (h *Handler) serveProbe(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	query := r.URL.Query()
	m := h.o.Modules.Find(query.Get("module"))
	switch {
	case len(h.o.Modules) == 0:
		h.reject(w, http.StatusNotFound, "no-modules", "there are no modules: start cupclint serve with --modules FILE")
		return
	case m == nil:
		h.reject(w, http.StatusBadRequest, "unknown-module", "the parameter module does not name a module of the file")
		return
	}
	t, err := ParseTarget(query.Get("target"))
	if err != nil {
		h.reject(w, http.StatusBadRequest, "bad-target", "the parameter target: "+err.Error())
		return
	}
	if !m.Allows(t) {
		h.reject(w, http.StatusForbidden, "target-not-listed", errNotAllowed.Error()+": add it to targets of module "+m.Name)
		return
	}
	wait := patience(r, m.timeout())
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	start := time.Now()
	result, err := h.probe(ctx, m, t)
	switch {
	case err == errBusy:
		h.reject(w, http.StatusServiceUnavailable, "too-many", "too many probes at once")
		return
	case err == errLate:
		result = &Result{Took: time.Since(start), Errors: []string{"the time for the probe was over"}}
	case err != nil:
		h.count(m.Name, "error")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.Error(w, "the probe could not be made: "+probe.Clean(err.Error()), http.StatusInternalServerError)
		return
	}
	// A connection that has the same deadline as the context may end a moment before it.
	late := err == errLate || ctx.Err() != nil || time.Since(start) >= wait
	s := newSet()
	result.measure(s, h.o.now())
	s.add(famTimedOut, yes(late))
	if late {
		s.replace(famSuccess, 0)
	}
	h.count(m.Name, map[bool]string{true: "success", false: "failure"}[result.Success() && !late])
	if query.Get("debug") == "true" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(append(m.debug(t, result, wait), s.text(nil)...))
		return
	}
	answer(w, s.text(nil))
}

func (h *Handler) count(module, result string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.probes[[2]string{module, result}]++
}

type scrapeError string

func (e scrapeError) Error() string { return string(e) }

const (
	errBusy = scrapeError("too many probes at once")
	errLate = scrapeError("the time for the probe was over")
)

// probe carries out one probe. A probe that logs in continues when the context ends, for as long as the module allows: a log-in that is
// cancelled may count as a failure, without a record of it.
func (h *Handler) probe(ctx context.Context, m *Module, t Target) (*Result, error) {
	if !m.LogsIn() {
		if !h.enter(ctx) {
			return nil, errBusy
		}
		defer h.leave()
		return m.Probe(ctx, &h.o.World, t)
	}
	key := m.Name + "\x00" + strings.ToLower(t.String())
	h.mu.Lock()
	c := h.calls[key]
	if c == nil {
		if h.closed {
			h.mu.Unlock()
			return nil, errBusy
		}
		c = &call{done: make(chan struct{})}
		h.calls[key] = c
		h.running.Add(1)
		go h.finish(context.WithoutCancel(ctx), key, c, m, t)
	}
	h.mu.Unlock()
	select {
	case <-c.done:
		return c.result, c.err
	case <-ctx.Done():
		return nil, errLate
	}
}

// finish carries a call to its end.
func (h *Handler) finish(ctx context.Context, key string, c *call, m *Module, t Target) {
	defer h.running.Done()
	ctx, cancel := context.WithTimeout(ctx, m.timeout())
	defer cancel()
	if h.enter(ctx) {
		c.result, c.err = m.Probe(ctx, &h.o.World, t)
		h.leave()
	} else {
		c.err = errBusy
	}
	h.mu.Lock()
	delete(h.calls, key)
	h.mu.Unlock()
	close(c.done)
}

// enter waits for a free slot.
func (h *Handler) enter(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case h.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (h *Handler) leave() { <-h.slots }

// debug tells a person what a probe did. The names of password files and variables are left out, as passwords are.
func (m *Module) debug(t Target, r *Result, wait time.Duration) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "module %s: area %s, target %s, time %s\n", m.Name, m.Area, t, wait)
	for _, key := range slices.Sorted(maps.Keys(m.Settings)) {
		fmt.Fprintf(&b, "setting %s = %s\n", key, probe.Clean(m.Settings[key]))
	}
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "contacted %s (%s): %s; log-in: %s\n", row.Target, row.Transport, row.Use, row.LogIn)
	}
	for i := range r.Seen {
		s := &r.Seen[i]
		fmt.Fprintf(&b, "%s: %s\n", s.Target, probe.Clean(s.Summary))
		for _, ph := range s.Phases {
			fmt.Fprintf(&b, "  %s: %s %s\n", ph.Name, ph.Took, probe.Clean(ph.Error))
		}
	}
	for _, e := range r.Errors {
		fmt.Fprintf(&b, "not carried out: %s\n", probe.Clean(e))
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		fmt.Fprintf(&b, "%s %s: %s\n", f.Rule, f.Severity, probe.Clean(f.Message))
	}
	b.WriteString("\n")
	return []byte(b.String())
}

func (h *Handler) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	s := newSet()
	s.add(famBuild, 1, h.o.Version, runtime.Version())
	s.add(famStart, float64(h.started.Unix()))
	if n, ok := residentMemory(); ok {
		s.add(famMemory, float64(n))
	}
	s.add(famModules, float64(len(h.o.Modules)))
	s.add(famRunning, float64(len(h.slots)))
	h.mu.Lock()
	for _, m := range h.o.Modules {
		for _, result := range [...]string{"success", "failure", "error"} {
			s.add(famProbes, float64(h.probes[[2]string{m.Name, result}]), m.Name, result)
		}
	}
	for _, reason := range [...]string{"no-modules", "unknown-module", "bad-target", "target-not-listed", "too-many"} {
		s.add(famRejected, float64(h.rejected[reason]), reason)
	}
	h.mu.Unlock()
	if h.folder != nil {
		ctx, cancel := context.WithTimeout(r.Context(), patience(r, DefaultTimeout))
		defer cancel()
		h.folder.measure(ctx, s)
	}
	if s.dropped > 0 {
		s.add(famCut, float64(s.dropped))
	}
	answer(w, s.text(nil))
}

// residentMemory is what Linux says of this process.
func residentMemory() (int64, bool) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err == nil
}

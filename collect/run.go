package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"cupclint/collect/axl"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
)

// Options are what a run needs in addition to the request.
type Options struct {
	Request Request
	// Tool is the version of this program.
	Tool   string
	Prober *probe.Prober
	Budget *loginbudget.Budget
	// Secret gives the password of an account, asked for when it is needed. One that is not set leaves the interface out.
	Secret func(ctx context.Context, i Interface, node, user string) (loginbudget.Secret, error)
	Trust  Trust
	// LegacySSH allows old algorithms of SSH.
	LegacySSH bool
	// Quiet is how long nothing may follow a prompt before it counts; 0 is the default of package cli.
	Quiet time.Duration
	// HostKeys decides on the keys of SSH servers.
	HostKeys *HostKeys
	// KeepGoing continues with an account on other nodes and interfaces after it was refused.
	KeepGoing bool
	// StepTimeout, if set, takes the place of the limits of the table; Jobs is how many nodes are asked side by side.
	StepTimeout time.Duration
	Jobs        int
	// Watch, if set, is called for each step as it begins and as it ends. It is called from many goroutines.
	Watch func(Event)
	// Agree, if set, asks a person whether nodes that servers named may be contacted.
	Agree func(ctx context.Context, nodes []Node) (bool, error)
	// SRV, if set, asks DNS for service records and gives them as in a zone file; else the resolver of the system is asked.
	SRV func(ctx context.Context, name string) ([]string, error)
	// TFTP, if set, reads a file over TFTP. Its error is ErrNoFile where the server has none.
	TFTP func(ctx context.Context, host string, port int, file string) ([]byte, error)
	// Resume is the manifest of the run that is continued.
	Resume *Manifest
	// Now is the clock, Wait a pause that the context ends; nil means those of the system.
	Now  func() time.Time
	Wait func(ctx context.Context, d time.Duration) error
}

// An Event is the begin or the end of a step.
type Event struct {
	Node  string
	Step  string
	What  string
	Ended *StepResult // nil at the begin
}

// A run is one run.
type run struct {
	Options
	folder  *Folder
	net     *network
	cleaner cleaner
	plan    *Plan

	mu       sync.Mutex
	manifest *Manifest
	nodes    []Node
	outcomes map[string]Outcome       // by step and node
	names    map[string]bool          // accounts that were refused somewhere
	proven   map[string]bool          // accounts that were accepted somewhere
	turns    map[string]chan struct{} // of accounts that are tried for the first time
	slow     map[string]int           // timeouts in a row, by node and interface
	trouble  map[string]bool          // nodes that are left alone
	busy     map[string]int           // answers with HTTP status 503 in a row, by node
	stopped  string                   // why no node is asked any more
	absent   bool                     // a node of --nodes was not found
	broken   error                    // the folder cannot be written
}

// Run carries out the plan of a request and writes folder and manifest. Its error is about the folder: what servers do is in the manifest.
func Run(ctx context.Context, folder *Folder, o Options) (*Manifest, error) {
	r := &run{
		Options: o, folder: folder, outcomes: map[string]Outcome{}, names: map[string]bool{}, slow: map[string]int{}, trouble: map[string]bool{},
		busy: map[string]int{}, proven: map[string]bool{}, turns: map[string]chan struct{}{}, nodes: slices.Clone(o.Request.Nodes),
	}
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.Wait == nil {
		r.Wait = wait
	}
	if r.Jobs < 1 {
		r.Jobs = 3
	}
	r.plan = o.Request.Plan()
	r.net = newNetwork(o.Prober, &r.Request, &r.Trust)
	defer r.net.close()
	r.manifest = &Manifest{Schema: Schema, Tool: o.Tool, Plan: r.plan.Hash(), Request: o.Request, Started: r.Now().UTC().Truncate(time.Second)}
	for _, n := range r.nodes {
		r.node(n.Name, func(f *NodeFacts) { f.Role = n.Role })
	}
	r.all(ctx)
	return r.finish(ctx)
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// all asks in the order that proves an account with the fewest requests: what anybody may ask, AXL, the command line of the publisher, then
// that of the other nodes, and the client configuration service last.
func (r *run) all(ctx context.Context) {
	asked := map[string]bool{}
	anonymous := func() {
		var fresh []Node
		for _, n := range r.nodes {
			if !asked[n.Name] {
				asked[n.Name] = true
				fresh = append(fresh, n)
			}
		}
		r.eachNode(fresh, func(n Node) {
			r.certificates(ctx, n)
			r.uds(ctx, n)
			r.files(ctx, n)
		})
	}
	r.discovery(ctx)
	anonymous()
	r.axl(ctx)
	done := map[string]bool{}
	if n, ok := r.firstCLI(); ok {
		done[n.Name] = true
		r.cli(ctx, n)
	}
	r.widen(ctx)
	anonymous()
	var rest []Node
	for _, n := range r.nodes {
		if !done[n.Name] {
			rest = append(rest, n)
		}
	}
	r.eachNode(rest, func(n Node) { r.cli(ctx, n) })
	r.soap(ctx)
}

// firstCLI is the node whose command line is asked first: the publisher of the call manager, else the first of the nodes.
func (r *run) firstCLI() (Node, bool) {
	if !r.Request.uses(CLI) {
		return Node{}, false
	}
	for _, n := range r.nodes {
		if n.Role == CUCMPublisher {
			return n, true
		}
	}
	return r.nodes[0], true
}

// eachNode calls a function for the nodes, a few side by side.
func (r *run) eachNode(nodes []Node, f func(Node)) {
	var wg sync.WaitGroup
	free := make(chan struct{}, r.Jobs)
	for _, n := range nodes {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			f(n)
		})
	}
	wg.Wait()
}

func (r *run) note(format string, args ...any) {
	text := r.clean(format, args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.manifest.Notes = append(r.manifest.Notes, text)
}

// clean makes a text that may repeat what a server said fit for the manifest.
func (r *run) clean(format string, args ...any) string {
	return probe.Clean(r.cleaner.used(fmt.Sprintf(format, args...)))
}

// A stepError is why a step gave no answer.
type stepError struct {
	outcome Outcome
	class   string
	detail  string
}

func (e *stepError) Error() string { return e.detail }

func stepFailed(o Outcome, class, format string, args ...any) error {
	return &stepError{o, class, fmt.Sprintf(format, args...)}
}

// nothing is the answer of a server that has no such thing.
func nothing(class, format string, args ...any) error {
	return &stepError{Empty, class, fmt.Sprintf(format, args...)}
}

// A job is one request that is under way.
type job struct {
	step  Step
	node  string
	value string
	what  string
	file  string
	user  string
	// optional says that nothing is missing without it; unsure, that the node may be one that has no such thing.
	optional, unsure bool
	// extra is time on top of the limit: for a log-in.
	extra time.Duration
}

// job fills in a step for a node and a value.
func (r *run) job(s Step, n Node, value string) job {
	j := job{step: s, node: n.Name, value: value, what: fill(s.Text, n.Name, value), file: place(&s, n.Name, value), optional: s.Optional}
	if s.Interface.LogsIn() {
		j.user = r.Request.Users[s.Interface]
	}
	yes, _ := s.asks(n.Role)
	j.unsure = !yes && s.Roles != "domain"
	if j.unsure || n.Assumed && !s.Interface.LogsIn() && s.Roles != "all" {
		j.optional = true
	}
	return j
}

// result is that of a job, but for how it ends.
func (r *run) result(j job) StepResult {
	res := StepResult{ID: j.step.ID, Node: j.node, What: j.what, Account: j.user, LimitMs: limit(&j.step, r.StepTimeout).Milliseconds(),
		Optional: j.optional}
	if j.step.Level >= 0 {
		level := j.step.Level
		res.Level = &level
	}
	return res
}

// do carries out a job and records how it ended. f returns the answer, or a *stepError.
func (r *run) do(ctx context.Context, j job, f func(ctx context.Context) ([]byte, error)) StepResult {
	res := r.result(j)
	if old := r.kept(&res); old != nil {
		r.record(*old)
		return *old
	}
	skip := func(class, detail string) StepResult {
		res.Outcome, res.Class, res.Detail = Skipped, class, detail
		r.record(res)
		return res
	}
	slow := j.node + " " + string(j.step.Interface)
	r.mu.Lock()
	alone, waits, stopped := r.trouble[j.node], r.slow[slow], r.stopped
	r.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return skip(classInterrupted, "")
	case stopped != "":
		return skip(classStopped, stopped)
	case alone:
		return skip(classTrouble, "the node is in trouble and is left alone")
	case waits >= maxSlow:
		return skip(classTrouble, fmt.Sprintf("%d requests in a row were not answered in time: the node is left alone", maxSlow))
	}
	if r.Watch != nil {
		r.Watch(Event{Node: j.node, Step: j.step.ID, What: j.what})
	}
	start := time.Now()
	limited, cancel := context.WithTimeout(ctx, limit(&j.step, r.StepTimeout)+j.extra)
	data, err := f(limited)
	cancel()
	res.TookMs = time.Since(start).Milliseconds()
	r.conclude(ctx, &res, err)
	if len(data) > 0 && j.file != "" {
		r.keep(&res, j.file, data)
	}
	switch {
	case j.unsure && res.Class == classBusy: // what a node that is not a call manager says of UDS says nothing of the cluster
	case res.Class == classBusy || res.Class == string(axl.Busy):
		r.turnedAway(j.node, res.Class == string(axl.Busy))
	case res.Outcome != Skipped:
		r.mu.Lock()
		r.busy[j.node] = 0
		r.mu.Unlock()
	}
	r.mu.Lock()
	if res.Outcome == Timeout {
		r.slow[slow]++
	} else if res.Outcome != Skipped {
		r.slow[slow] = 0
	}
	r.mu.Unlock()
	r.record(res)
	return res
}

// maxBusy is how many answers in a row with HTTP status 503 end the run.
const maxBusy = 3

// turnedAway counts an answer with HTTP status 503, or what AXL gave up on after as many. A cluster that is short of threads is not asked
// further: not the node, and not the others, which share its database.
func (r *run) turnedAway(node string, gaveUp bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy[node]++
	if (gaveUp || r.busy[node] >= maxBusy) && r.stopped == "" {
		r.trouble[node] = true
		r.stopped = fmt.Sprintf("%s answered %d times in a row with HTTP status 503, so no node is asked any more", node, maxBusy)
		r.manifest.Notes = append(r.manifest.Notes, "The run was stopped: "+probe.Clean(r.stopped)+". Continue later with --resume.")
	}
}

// halted says why no node is asked any more; "" where the run continues.
func (r *run) halted() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped
}

// maxSlow is how many requests of one interface in a row may miss their limit before the node is left alone.
const maxSlow = 2

// Classes of steps that were skipped or ended early.
const (
	classInterrupted = "interrupted"
	classTrouble     = "node-in-trouble"
	classStopped     = "stopped"
	classBusy        = "503"
	classNotNeeded   = "not-needed"
	classSchema      = "schema"
	classRole        = "role"
)

// conclude turns an error into an outcome.
func (r *run) conclude(ctx context.Context, res *StepResult, err error) {
	var step *stepError
	var refused *CertificateError
	var budget *loginbudget.Refusal
	var phase *probe.Error
	res.Outcome = OK
	switch {
	case err == nil:
		return
	case errors.As(err, &step):
		res.Outcome, res.Class, res.Detail = step.outcome, step.class, step.detail
	case errors.As(err, &refused):
		res.Outcome, res.Class, res.Detail = Refused, "certificate", refused.Error()
	case errors.As(err, &budget):
		res.Outcome, res.Class, res.Detail = Refused, "budget", budget.Error()
	case ctx.Err() != nil:
		res.Outcome, res.Class = Skipped, classInterrupted
	case errors.Is(err, context.DeadlineExceeded):
		res.Outcome, res.Class, res.Detail = Timeout, "timeout", "no answer in time"
	default:
		phase = probe.AsError(probe.Protocol, err)
		res.Outcome, res.Class, res.Detail = Failed, string(phase.Class), phase.Error()
		if phase.Class == probe.Timeout {
			res.Outcome = Timeout
		}
	}
	res.Detail = probe.Clean(r.cleaner.used(res.Detail))
}

// keep cleans an answer and writes it.
func (r *run) keep(res *StepResult, name string, data []byte) {
	clean, redacted, ok := r.cleaner.clean(name, data)
	if len(redacted) > 0 {
		res.Redacted = redacted
	}
	if !ok {
		res.Outcome, res.Class, res.Detail = Failed, leftClass, "the answer probably holds a secret that could not be removed, so it is not "+
			"written"
		return
	}
	file, hash, err := r.folder.put(name, clean)
	if err != nil {
		res.Outcome, res.Class, res.Detail = Failed, "folder", err.Error()
		r.mu.Lock()
		r.broken = cmp.Or(r.broken, err)
		r.mu.Unlock()
		return
	}
	res.File, res.SHA256, res.Bytes = file, hash, len(clean)
}

// record writes a result down.
func (r *run) record(res StepResult) {
	err := r.folder.logged(logLine{Time: r.Now().UTC(), Node: res.Node, ID: res.ID, Ms: res.TookMs, Bytes: res.Bytes, Outcome: res.Outcome,
		Class: res.Class})
	r.mu.Lock()
	r.manifest.Steps = append(r.manifest.Steps, res)
	key := res.ID + " " + res.Node
	if before, ok := r.outcomes[key]; !ok || before.OK() {
		r.outcomes[key] = res.Outcome
	}
	r.broken = cmp.Or(r.broken, err)
	r.mu.Unlock()
	if r.Watch != nil {
		r.Watch(Event{Node: res.Node, Step: res.ID, What: res.What, Ended: &res})
	}
}

// skip records a step that is not taken.
func (r *run) skip(j job, class, detail string) {
	if why := r.halted(); why != "" && class != classNotNeeded && class != classSchema {
		class, detail = classStopped, why
	}
	res := r.result(j)
	res.Outcome, res.Class, res.Detail = Skipped, class, detail
	r.record(res)
}

// succeeded reports whether a step gave something at a node.
func (r *run) succeeded(id, node string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.outcomes[id+" "+node] == OK
}

// kept is the result of an earlier run whose answer is still there.
func (r *run) kept(now *StepResult) *StepResult {
	if r.Resume == nil {
		return nil
	}
	for _, old := range r.Resume.Steps {
		if old.ID != now.ID || old.Node != now.Node || old.What != now.What || !old.Outcome.OK() {
			continue
		}
		if old.File != "" && !r.folder.holds(old.File, old.SHA256) {
			return nil
		}
		old.Kept = true
		return &old
	}
	return nil
}

// stepsOf are the steps of an interface.
func stepsOf(i Interface) []Step {
	return slices.DeleteFunc(slices.Clone(Steps()), func(s Step) bool { return s.Interface != i })
}

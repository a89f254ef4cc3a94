package lint

import (
	"context"
	"errors"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"cupclint/export"
	"cupclint/internal/recent"
	"cupclint/resolve"
)

// Options is what Run works on.
type Options struct {
	// Sources in the order of the run, and what went wrong while they were searched, as export.Find gives both. The
	// errors are listed with those of the run.
	Sources []export.Source
	Errors  []error
	// Search, if set, finds Sources while the first ones are judged already, as export.Finder.Walk does. Run calls it once and waits for its
	// end. Result.Sources has what it found.
	Search func(ctx context.Context, take func([]export.Source)) []error
	// Rules to run where the policy has them on: export and fleet rules. Others are ignored.
	Rules []*Rule
	// Policy decides on severities, ignored paths and suppressions; nil leaves all as the rules have it.
	Policy *Policy
	// Filter is set by a command that lints and probes under one policy, to the Filter of both; then the caller
	// asks it for unused suppressions. Nil makes one for this run.
	Filter *Filter
	// Shard is the part of Sources that is linted. Rules across exports then find nothing: Result.Part has what a Merger needs for them.
	Shard Shard
	// Jobs is how many sources are read at once; 0 or less means one per processor.
	Jobs int
	// Addresses asks for the presence addresses of all exports.
	Addresses bool
	// Deployments asks for what was joined with what.
	Deployments bool
	// Suppressed asks for the findings that a suppression silenced, too: see Result.Suppressed.
	Suppressed bool
	// Progress, if set, is called from time to time with the number of sources that are done, never twice at once. The total is 0 as long
	// as they are still searched.
	Progress func(done, total int)
	// TempDir is where findings wait that do not fit into memory; empty means the system's folder.
	TempDir string
	// InMemory keeps all findings in memory: nothing is written to the disk.
	InMemory bool
	// Now is the time that certificates are judged by where the output of a server has none; zero means the time of the run.
	Now time.Time
	// NewReader makes the reader of one worker; nil means export's own with its default bounds.
	NewReader func() *export.Reader
}

// namesAt is how many bytes of the names of sources wait in memory before they go to a temporary file.
const namesAt = 256 << 10

// Run lints. Bad inputs and failing rules end up in Result.Errors and stop nothing else. When the context ends, Run
// returns what is known until then together with the context's error; there is no other error. The result is
// never nil and must be closed.
func Run(ctx context.Context, o Options) (*Result, error) {
	r := newRun(o)
	workers := r.supplied(ctx)
	for _, w := range workers {
		w.settle() // on all folders
	}
	if r.Shard.Of == 0 {
		r.secondLook(ctx, workers)
	}
	res := r.finish(workers)
	if r.cut || int(r.done.Load()) < r.sources.Len() {
		return res, context.Cause(ctx)
	}
	return res, nil
}

// A run is what the workers share.
type run struct {
	Options
	policy *Policy
	filter *Filter
	checks []*Rule                  // the export rules that are on
	values [export.NumTypes][]*Rule // the rules on single values that are on, by the types they look at
	fleets []*Rule                  // the fleet rules that are on
	joined []*Rule                  // the joined rules that are on
	jabber *jabberIndex
	// invalid is the rule about comments that suppress nothing; nil where it is off.
	invalid *Rule

	sources    *export.Sources
	supply     supply
	cut        bool // the search did not come to its end
	done       atomic.Int64
	telling    sync.Mutex
	findings   *spool[Finding, *Finding]
	addresses  *spool[AddressRow, *AddressRow]
	suppressed *spool[Finding, *Finding]
	inputs     *spool[InputRow, *InputRow]
}

func newRun(o Options) *run {
	r := &run{Options: o, policy: o.Policy, filter: o.Filter}
	if r.policy == nil {
		r.policy = new(Policy)
	}
	if r.Now.IsZero() {
		r.Now = time.Now()
	}
	if r.filter == nil {
		// A suppression of a live rule is not unused because nothing was probed.
		r.filter = r.policy.NewFilter(slices.DeleteFunc(slices.Clone(o.Rules), func(rule *Rule) bool { return rule.Kind == LiveKind }))
	}
	if r.NewReader == nil {
		r.NewReader = func() *export.Reader { return new(export.Reader) }
	}
	for _, rule := range o.Rules {
		if !r.policy.On(rule) {
			continue
		}
		if rule.ID == InvalidSuppression {
			r.invalid = rule
		}
		if rule.Check != nil {
			r.checks = append(r.checks, rule)
		}
		switch { // in addition to Check, a rule may look at what exports share
		case rule.Value != nil:
			for _, t := range rule.Types {
				r.values[t] = append(r.values[t], rule)
			}
		case rule.Fleet != nil:
			r.fleets = append(r.fleets, rule)
		case rule.Joined != nil:
			r.joined = append(r.joined, rule)
		}
	}
	r.supply.more.L = &r.supply.mu
	r.sources = export.SourcesOf(o.Sources)
	if o.Search != nil {
		limit := namesAt
		if o.InMemory {
			limit = 0
		}
		r.sources = export.NewSources(o.TempDir, limit)
	}
	r.supply.list, r.supply.next, r.supply.whole = r.sources, r.sources.Reader(), o.Search == nil
	r.jabber = newJabberIndex(r.policy, o.Sources)
	r.findings = newSpool[Finding, *Finding](Compare)
	r.addresses = newSpool[AddressRow, *AddressRow](compareRows)
	r.suppressed = newSpool[Finding, *Finding](Compare)
	r.inputs = newSpool[InputRow, *InputRow](compareInputs)
	r.findings.dir, r.addresses.dir, r.suppressed.dir, r.inputs.dir = o.TempDir, o.TempDir, o.TempDir, o.TempDir
	if o.InMemory {
		r.findings.limit, r.addresses.limit, r.suppressed.limit, r.inputs.limit = math.MaxInt, math.MaxInt, math.MaxInt, math.MaxInt
	}
	return r
}

// jobs is how many workers so many sources get.
func (r *run) jobs(sources int) int {
	jobs := r.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	return min(jobs, sources)
}

// tell reports progress, unless another worker is at it.
func (r *run) tell(done int64) {
	if r.Progress == nil || done%64 != 0 || !r.telling.TryLock() {
		return
	}
	defer r.telling.Unlock()
	r.Progress(int(done), r.supply.count())
}

// finish merges what the workers gathered, lets the fleet rules judge, and puts all in order.
func (r *run) finish(workers []*worker) *Result {
	res := &Result{Sources: r.sources, SearchErrors: r.Errors,
		findings: r.findings, addresses: r.addresses, suppressed: r.suppressed, inputs: r.inputs}
	first := workers[0]
	for _, w := range workers[1:] {
		for i, rule := range r.fleets {
			first.guard(rule, "", func() { first.fleet[i].Merge(w.fleet[i]) })
		}
		first.summary.add(w.summary)
		first.errors = append(first.errors, w.errors...)
		first.mergeFailures(w)
	}
	if r.Shard.Of > 0 {
		first.carry(res, workers[1:])
	} else {
		first.conclude(res, workers[1:])
	}
	if r.Progress != nil {
		r.Progress(int(r.done.Load()), r.sources.Len())
	}
	res.Summary = first.summary
	res.Summary.Suppressed = r.filter.Suppressed()
	res.Comments = r.filter.Comments()
	res.Errors = first.errors
	for _, err := range r.Errors {
		if e := inputError("", err); r.Shard.Has(e.File) {
			res.Errors = append(res.Errors, e)
		}
	}
	if r.supply.err != nil {
		res.Errors = append(res.Errors, inputError("", r.supply.err))
	}
	sortErrors(res.Errors)
	r.findings.sort()
	r.addresses.sort()
	r.suppressed.sort()
	r.inputs.sort()
	return res
}

// conclude lets the rules judge that look at several exports, and reviews the suppressions.
func (w *worker) conclude(res *Result, others []*worker) {
	for i, rule := range w.fleets {
		w.guard(rule, "", func() { w.keepAll(w.fleet[i].Findings()) })
	}
	w.tellFailures()
	w.judgeJoined(res, others)
	if w.Options.Filter == nil {
		for _, f := range w.filter.Review() {
			w.store(&f)
		}
	}
}

// A worker reads and judges one source after the other. Everything it needs for one file it uses again for the next.
type worker struct {
	*run
	reader  *export.Reader
	input   Input
	fleet   []Fleet   // as run.fleets
	facts   *gatherer // nil when deployments are not asked for
	summary Summary
	errors  []InputError
	encoded []byte
	source  export.Source // that is being read
	at      int           // its place in the order of the run
	// clean has, by key, values in which the rules on single values found nothing.
	clean  []*recent.Values
	memory memory
	// failures are those of rules of one's own, by ID.
	failures map[string]*Failure
}

func (r *run) newWorker() *worker {
	w := &worker{run: r, reader: r.NewReader(), clean: make([]*recent.Values, export.NumKeys)}
	w.reader.Passed = w.addPassed
	w.reader.Reuse = true // findings are encoded, and places copied, before the next export is read
	w.input.Profile = r.policy.profile
	w.input.policy, w.input.failed = r.policy, w.noteFailure
	for _, rule := range r.fleets {
		w.fleet = append(w.fleet, rule.Fleet())
	}
	if r.Deployments || len(r.joined) > 0 || r.Shard.Of > 0 {
		w.facts = newGatherer(r.policy)
		w.facts.all = r.Shard.Of > 0
	}
	w.settle()
	return w
}

// settle tells the worker in which folders all files belong to one deployment, as far as that is known.
func (w *worker) settle() {
	w.input.homes = w.jabber.folders()
	if w.facts != nil {
		w.facts.homes = w.input.homes
	}
}

func (w *worker) work(ctx context.Context) {
	for ctx.Err() == nil {
		src, i, ok := w.supply.take()
		if !ok {
			return
		}
		w.settle()
		w.read(ctx, src, i)
		if ctx.Err() == nil { // else this one may have been cut short
			w.tell(w.done.Add(1))
		}
	}
}

// read lints one file or archive.
func (w *worker) read(ctx context.Context, src export.Source, i int) {
	w.source, w.at = src, i
	if !w.Shard.Has(src.Name) || w.policy.Ignores(src.Name) {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			w.failed(nil, src.Name, p)
			w.reader = w.NewReader()
			w.memory = memory{} // it counts names and values anew
			w.reader.Passed = w.addPassed
		}
	}()
	for e, err := range w.reader.Read(ctx, src) {
		if err != nil {
			if ctx.Err() == nil {
				w.errors = append(w.errors, inputError(src.Name, err))
			}
			continue
		}
		if e.File != src.Name && w.policy.Ignores(e.File) {
			continue
		}
		w.export(i, e)
	}
}

// export lets every rule look at one export.
func (w *worker) export(index int, e *export.Export) {
	w.input.reset(e, index, resolve.SIP)
	w.orient()
	w.summary.Files++
	w.summary.Properties += len(e.Properties)
	w.filter.Reach(e.File)

	if cap(w.encoded) > spillAt { // one bad file must not hold memory for the rest of the run
		w.encoded = nil
	}
	w.encoded = w.encoded[:0]
	w.comments()
	w.judgeExport()
	for i := 0; i < len(w.fleets); {
		i = w.gather(i)
	}
	if len(w.encoded) > 0 {
		w.findings.add(e.File, index, w.encoded)
	}
	if w.facts != nil {
		w.facts.note(&w.input, w.source.Name, w.source.Stdin())
	}
	if w.Addresses {
		w.addAddresses()
	}
	w.addInput()
}

// judgeExport runs the export rules and then the rules on single values.
func (w *worker) judgeExport() {
	due := w.memory.find(&w.input, len(w.checks))
	for i := 0; i < len(due.checks); {
		i = w.check(due.checks, i)
	}
	for i := 0; i < len(due.values); {
		i = w.checkValues(due.values, i)
	}
	w.memory.keep()
}

// check runs the export rules of a list from the i-th on and returns the number of the next one to run: after the last, or after
// one that panicked.
func (w *worker) check(list []int32, i int) (next int) {
	defer func() {
		if p := recover(); p != nil {
			w.failed(w.checks[list[i]], w.input.File, p)
			w.memory.giveUp()
			next = i + 1
		}
	}()
	for ; i < len(list); i++ {
		rule := w.checks[list[i]]
		w.memory.begin(&w.input)
		found := rule.Judge(&w.input)
		w.memory.checked(&w.input, list[i], !rule.defined || len(found) > 0)
		for _, f := range found {
			w.keep(&f)
		}
	}
	return i
}

// checkValues runs the rules on single values of a list of properties from the i-th on, as check does.
func (w *worker) checkValues(list []int32, i int) (next int) {
	defer func() {
		if p := recover(); p != nil {
			w.failed(w.input.rule, w.input.File, p)
			w.memory.giveUp()
			next = i + 1
		}
	}()
	properties := w.input.Export.Properties
	for ; i < len(list); i++ {
		p := &properties[list[i]]
		if p.Value == "" {
			continue
		}
		found, repeats := false, w.memory.exports > 1 && !w.memory.given.Has(p.Key)
		if !repeats || !w.clean[p.Key].Has(p.Value) {
			for _, rule := range w.values[p.Key.Type()] {
				w.input.rule = rule
				if f, wrong := rule.Value(&w.input, p); wrong {
					w.keep(&f)
					found = true
				}
			}
			if !found && repeats && p.Key != export.NoKey && !p.Secret() { // a secret is kept nowhere
				if w.clean[p.Key] == nil {
					w.clean[p.Key] = new(recent.Values)
				}
				w.clean[p.Key].Add(p.Value)
			}
		}
		w.memory.valued(list[i], found)
	}
	return i
}

// keep takes a finding about the current export.
func (w *worker) keep(f *Finding) {
	if w.filter.Apply(f) {
		w.summary.Findings.Add(f.Severity)
		f.bound()
		w.encoded = f.encode(w.encoded)
	} else {
		w.setAside(f)
	}
}

// setAside takes a finding that is not shown, if a suppression is the reason and the caller wants to see it.
func (w *worker) setAside(f *Finding) {
	if w.Suppressed && f.Suppressed != "" {
		f.bound()
		w.suppressed.add(f.File, w.input.Index, f.encode(nil))
	}
}

// gather does for fleet rules what check does for export rules.
func (w *worker) gather(i int) (next int) {
	defer func() {
		if p := recover(); p != nil {
			w.failed(w.fleets[i], w.input.File, p)
			next = i + 1
		}
	}()
	for ; i < len(w.fleets); i++ {
		w.fleets[i].Gather(w.fleet[i], &w.input)
	}
	return i
}

// guard runs a part of a fleet rule that belongs to no export.
func (w *worker) guard(rule *Rule, file string, do func()) {
	defer func() {
		if p := recover(); p != nil {
			w.failed(rule, file, p)
		}
	}()
	do()
}

func (w *worker) failed(rule *Rule, file string, recovered any) {
	err := &PanicError{Rule: rule, Cause: panicCause(recovered), Stack: string(debug.Stack())}
	w.errors = append(w.errors, InputError{File: strings.Clone(file), Message: err.Error(), Err: err})
}

// keepAll takes findings that come at the end of a run.
func (w *worker) keepAll(findings []Finding) {
	for i := range findings {
		if w.filter.Apply(&findings[i]) {
			w.store(&findings[i])
		} else {
			w.setAside(&findings[i])
		}
	}
}

func (w *worker) store(f *Finding) {
	w.summary.Findings.Add(f.Severity)
	f.bound()
	w.findings.add(f.File, w.sources.Len(), f.encode(nil))
}

// inputError turns what a reader reports into what a result lists.
func inputError(file string, err error) InputError {
	ie := InputError{File: file, Message: err.Error(), Err: err}
	if at, ok := errors.AsType[*export.Error](err); ok {
		ie.File, ie.Line, ie.Column, ie.Message = at.File, at.Line, at.Column, at.Err.Error()
	}
	return ie
}

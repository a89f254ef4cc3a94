package lint

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"cupclint/export"
	"cupclint/resolve"
)

// A Merger makes one result of the parts of a run, the same that Run gives for all inputs at once. First all heads are given, then what is
// in each part. Findings go to a temporary file beyond a bound, as in a run. The methods of one Merger are not called at once.
type Merger struct {
	*worker
	servers map[string]bool
	part    int
	taking  string // the file whose findings are being taken
	addr    []byte // encoded addresses of the file addrOf
	addrOf  string
}

// NewMerger begins a merge of parts that CheckParts accepted. Options are those of a run; of the sources only the names count.
func NewMerger(o Options, heads []*Head) *Merger {
	o.Shard = Shard{}
	r := newRun(o)
	m := &Merger{worker: r.newWorker(), servers: make(map[string]bool)}
	for _, h := range heads {
		r.filter.receive(h)
		for _, id := range h.Servers {
			m.servers[id] = true
		}
		for i := range h.Failures {
			m.failure(&h.Failures[i])
		}
	}
	if o.Deployments {
		for _, d := range r.policy.deployments {
			m.servers["d"+d.name] = true
		}
	}
	return m
}

// failure takes over that a rule failed.
func (m *Merger) failure(f *CarriedFailure) {
	at := slices.IndexFunc(m.Rules, func(r *Rule) bool { return r.ID == f.Rule })
	if at < 0 {
		return
	}
	err := &RuleError{Rule: m.Rules[at], Origin: f.Origin, Err: errors.New(f.Message)}
	one := &Failure{Err: err, In: f.In, What: f.What, Times: f.Times, index: f.Index}
	m.mergeFailures(&worker{failures: map[string]*Failure{f.Rule: one}})
}

// Next begins the next part.
func (m *Merger) Next() {
	m.flush()
	m.part++
}

// Finding takes a finding of a part. Its fingerprint is numbered again.
func (m *Merger) Finding(f *Finding) {
	if f.File != m.taking || len(m.encoded) > spillAt {
		m.flushFindings()
		m.taking = f.File
	}
	Unnumber(f)
	m.encoded = f.encode(m.encoded)
}

func (m *Merger) flushFindings() {
	if len(m.encoded) > 0 {
		m.findings.add(m.taking, m.part, m.encoded)
		m.encoded = m.encoded[:0]
	}
}

// Suppressed takes a finding that a suppression silenced.
func (m *Merger) Suppressed(f *Finding) {
	if !m.worker.Suppressed {
		return
	}
	Unnumber(f)
	m.suppressed.add(f.File, m.part, f.encode(nil))
}

// Address takes a row of the table of presence addresses.
func (m *Merger) Address(row *AddressRow) {
	if !m.Addresses {
		return
	}
	if row.File != m.addrOf {
		m.flushAddresses()
		m.addrOf = row.File
	}
	m.addr = row.encode(m.addr)
}

func (m *Merger) flushAddresses() {
	if len(m.addr) > 0 {
		m.addresses.add(m.addrOf, m.part, m.addr)
		m.addr = m.addr[:0]
	}
}

func (m *Merger) flush() {
	m.flushFindings()
	m.flushAddresses()
}

// Input takes the row of an input.
func (m *Merger) Input(row *InputRow) { m.inputs.add(row.File, m.part, row.encode(nil)) }

// Fail takes an error of a part.
func (m *Merger) Fail(e InputError) { m.errors = append(m.errors, e) }

// Count takes the counts of a part.
func (m *Merger) Count(s Summary) {
	m.summary.add(s)
	m.filter.suppressed.Add(int64(s.Suppressed))
}

// Facts takes the facts of a rule. An error says that they are not what the rule carries.
func (m *Merger) Facts(rule string, facts []byte) error {
	for i, r := range m.fleets {
		if c, ok := m.fleet[i].(Carrier); ok && r.ID == rule {
			return c.Receive(r, m.part, facts)
		}
	}
	return fmt.Errorf("the rule %s has no facts of shards", rule)
}

// Group takes the facts that joined rules need of a folder, archive or deployment.
func (m *Merger) Group(g *CarriedGroup) error {
	if m.facts != nil && m.servers[g.ID] {
		return m.facts.receive(g)
	}
	return nil
}

// Finish judges what only all parts together show. Few exports are read again for it: those of a Rereader. The result is never nil and must
// be closed.
func (m *Merger) Finish(ctx context.Context) (*Result, error) {
	m.flush()
	for i, rule := range m.fleets {
		if f, ok := m.fleet[i].(Rereader); ok {
			m.guard(rule, "", func() { m.reread(ctx, rule, f) })
		}
	}
	res := m.run.finish([]*worker{m.worker})
	return res, context.Cause(ctx)
}

// reread shows a rule the exports that it must see again.
func (m *Merger) reread(ctx context.Context, rule *Rule, f Rereader) {
	again := f.Again()
	bySource := make(map[string][]string)
	for file := range again {
		source := sourceOf(file)
		bySource[source] = append(bySource[source], file)
	}
	for _, name := range slices.Sorted(maps.Keys(bySource)) {
		sources, errs := export.Find([]string{name})
		seen := make(map[string]bool)
		for i := range sources {
			for e, err := range m.reader.Read(ctx, sources[i]) {
				if err != nil {
					errs = append(errs, err)
				} else if see := again[e.File]; see != nil {
					m.input.reset(e, 0, resolve.SIP)
					seen[e.File] = see(&m.input) || seen[e.File]
				}
			}
		}
		why := InputError{Message: "it changed after a shard had read it"}
		if len(errs) > 0 {
			why = inputError(name, errs[0])
		}
		for _, file := range slices.Sorted(slices.Values(bySource[name])) {
			if !seen[file] {
				m.errors = append(m.errors, InputError{File: file, Message: fmt.Sprintf(
					"rule %s could not compare this file with those of other shards: %s. Run the merge where the inputs are", rule.ID, why.Message)})
			}
		}
	}
}

// sourceOf is the file to open for an export: the archive, where it is a member of one.
func sourceOf(file string) string {
	for i := range len(file) {
		if file[i] == '!' && isArchiveName(file[:i]) {
			return file[:i]
		}
	}
	return file
}

// Close gives up a merge that is not finished.
func (m *Merger) Close() error {
	return errors.Join(m.findings.close(), m.addresses.close(), m.suppressed.close(), m.inputs.close())
}

package lint

import (
	"errors"
	"slices"

	"cupclint/export"
)

// A Judge lints one export at a time, as Run does by the export rules alone. It is for a caller that changes an export and asks
// again, such as one that applies Edits. One goroutine uses it at a time.
type Judge struct {
	o      Options
	jabber *jabberIndex
}

// NewJudge makes a Judge for exports of a run with these options. Only the names of the sources are used: a file next to an export may
// decide its generation.
func NewJudge(o Options) *Judge {
	if o.Policy == nil {
		o.Policy = new(Policy)
	}
	o.Addresses, o.Deployments, o.Suppressed, o.Filter = false, false, false, nil
	o.Rules = slices.DeleteFunc(slices.Clone(o.Rules), func(r *Rule) bool { return r.Own }) // they have no edits
	return &Judge{o: o, jabber: newJabberIndex(o.Policy, o.Sources)}
}

// Findings returns the findings that are shown after severities and suppressions, in the order of Compare. Fingerprints are not numbered.
// The error is one of a rule that failed, or of a temporary file.
func (j *Judge) Findings(e *export.Export) (findings []Finding, err error) {
	o := j.o
	o.Sources = []export.Source{{Name: e.File}}
	r := newRun(o)
	r.fleets, r.joined, r.jabber = nil, nil, j.jabber
	defer func() { err = errors.Join(err, r.findings.close(), r.inputs.close()) }()
	w := r.newWorker()
	w.source = o.Sources[0]
	w.export(0, e)
	if len(w.errors) > 0 {
		return nil, &w.errors[0]
	}
	r.findings.sort()
	for f, err := range r.findings.all() {
		if err != nil {
			return nil, err
		}
		findings = append(findings, *f)
	}
	return findings, nil
}

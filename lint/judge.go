package lint

import (
	"errors"

	"cupclint/export"
)

// Judge lints one export that was read already, and returns in the order of Compare what Run would find in it by the export rules
// that are on, after severities and suppressions. Sources and all that concerns more than one export are passed over. Fingerprints
// are not numbered.
//
// It is for a caller that changes an export and asks again, such as one that applies Edits.
func Judge(o Options, e *export.Export) ([]Finding, error) {
	o.Sources = []export.Source{{Name: e.File}}
	r := newRun(o)
	defer func() { _ = r.addresses.close() }()
	r.checksOnly()
	w := r.newWorker()
	w.export(0, e)
	r.findings.sort()
	var findings []Finding
	for f, err := range r.findings.all() {
		if err != nil {
			return nil, errors.Join(err, r.findings.close())
		}
		findings = append(findings, *f)
	}
	if err := r.findings.close(); err != nil {
		return nil, err
	}
	if len(w.errors) > 0 {
		return nil, &w.errors[0]
	}
	return findings, nil
}

// checksOnly leaves out what looks at more than one export.
func (r *run) checksOnly() {
	r.fleets, r.joined, r.Addresses, r.Deployments = nil, nil, false, false
}

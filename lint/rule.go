package lint

import (
	"fmt"
	"slices"

	"cupclint/export"
)

// A Rule is one entry of the catalogue. One of Check, Value, Fleet and Joined is set, or Check and one of the last two for what shows
// only in several exports; live rules have none, their area's
// package judges observations and makes findings with Rule.New. A Rule is never changed once it is in a list:
// the Policy holds what a configuration says about it.
type Rule struct {
	ID       string // area and number: PRES001. Never reused, never given another meaning.
	Name     string // readable name: presence-domain-mismatch
	Area     string // presence, credentials, directory, mail, sip, cti, ocs, hygiene, dns
	Service  string // the live area that the rule is about, where the name differs from Area: calendar
	Severity Severity
	Kind     Kind
	Unless   string // when a finding has another severity, for people
	Fixable  bool   // a finding can carry an edit
	Since    string // the release that brought it
	Summary  string // one line, no full stop
	Source   string // what the rule rests on
	Off      bool   // runs only when a configuration or a flag switches it on
	// Own rules come from a configuration. Text is the page of one, in Markdown, and URL its documentation; "" for none.
	Own       bool
	Text, URL string

	// Check looks at one export and returns what it found. It runs in many goroutines at once
	// and keeps nothing of its input. Findings are made with Input.At and its sisters, which know
	// the rule that asks; what a rule sets on the returned value (Severity, Address, Evidence, Fix,
	// Edits) is kept. A check that finds nothing returns nil and allocates nothing.
	// Of a rule of the catalogue (Define), a run notes what the check asks of the export, with Get, All, AllOf, Names and Named, and does not
	// ask it again about an export that gives the same answers. Such a rule reads neither Properties nor the name of the file.
	Check func(in *Input) []Finding
	// Value looks at one value that is not empty, of a key with one of the Types. A run gives all such rules their values while it goes
	// through the export once. The conditions of Check apply. The result must depend on key and value alone: if nothing was found in a
	// value in the export before, the run does not ask again about the same key and value, unless it is a secret.
	Value func(in *Input, p *export.Property) (f Finding, found bool)
	Types []export.Type
	// Fleet makes an empty accumulator for what exports share.
	Fleet func() Fleet
	// Joined looks at the facts of one deployment, after all exports have been read. Findings are made with Deployment.At; a
	// second position goes into Related.
	Joined  func(d *Deployment) []Finding
	defined bool // by the catalogue
	// Printed rules are joined rules about output of servers. They look at all exports of a folder or deployment that has any, whether
	// or not it names the same nodes as the clients.
	Printed bool
}

// Fleet gathers compact facts from exports and judges them at the end. One accumulator serves one goroutine;
// accumulators are merged at the end. The result must not depend on how exports were spread over them.
type Fleet interface {
	// Add takes what it needs from one export and copies it (Input.Place copies). Secrets are kept
	// only as a Digest.
	Add(in *Input)
	// Merge takes over the facts of another accumulator of the same rule.
	Merge(other Fleet)
	// Findings judges. It is called once, after all merges. Findings are made with Place.Finding.
	Findings() []Finding
}

// Judge runs the rule's check on one export, as a run does before the Policy is applied. It returns nil for fleet and live rules.
func (r *Rule) Judge(in *Input) []Finding {
	in.rule = r
	switch {
	case r.Check != nil:
		return r.Check(in)
	case r.Value == nil:
		return nil
	}
	var findings []Finding
	for i := range in.Export.Properties {
		p := &in.Export.Properties[i]
		if p.Value == "" || !slices.Contains(r.Types, p.Key.Type()) {
			continue
		}
		if f, found := r.Value(in, p); found {
			findings = append(findings, f)
		}
	}
	return findings
}

// Gather hands one export to an accumulator that r.Fleet made.
func (r *Rule) Gather(acc Fleet, in *Input) {
	in.rule = r
	acc.Add(in)
}

// Page is the path of the rule's page in the repository; for a rule of one's own the URL of its documentation, or "".
func (r *Rule) Page() string {
	if r.Own {
		return r.URL
	}
	return "docs/rules/" + r.ID + ".md"
}

// New makes a finding that no export places: what a live rule says about a target. Subject names the target in
// a form that is the same in every run (the name asked, host:port, an account's DN); it enters the
// fingerprint and must not be a secret. The message is formatted as by fmt.Sprintf.
func (r *Rule) New(subject, format string, args ...any) Finding {
	f := r.finding(format, args...)
	f.Fingerprint = fingerprint(r.ID, "", subject)
	return f
}

// finding is a printf wrapper, so that vet checks the messages of rules.
func (r *Rule) finding(format string, args ...any) Finding {
	return Finding{
		Rule: r.ID, Name: r.Name, Severity: r.Severity, Area: r.Area, Kind: r.Kind,
		Message: fmt.Sprintf(format, args...),
	}
}

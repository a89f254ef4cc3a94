package lint

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// A RuleError says that an own rule could not judge an export or a deployment. It is a fault of the rule: it is reported once for all
// inputs of a run, with the place of the rule, and nothing else stops.
type RuleError struct {
	Rule   *Rule
	Origin Origin // where in the configuration
	Err    error
}

func (e *RuleError) Error() string { return fmt.Sprintf("rule %s failed: %v", e.Rule.ID, e.Err) }

func (e *RuleError) Unwrap() error { return e.Err }

// Fail notes that a rule could not judge the export. A rule calls it at most once for each export. The rule's other
// findings are kept.
func (in *Input) Fail(err *RuleError) {
	if in.failed != nil {
		in.failed(err)
	}
}

// Failing is a Fleet that can fail, as that of a rule of one's own. Failures is called once, after Findings.
type Failing interface {
	Fleet
	Failures() []Failure
}

// A Failure is where a rule failed first, and how often it did.
type Failure struct {
	Err *RuleError
	// In is the export or the deployment, What the plural of what it is.
	In, What string
	Times    int

	index int
}

// noteFailure counts a failure in the current export. Of several the one that comes first in the run is kept.
func (w *worker) noteFailure(err *RuleError) {
	if w.failures == nil {
		w.failures = make(map[string]*Failure)
	}
	have := w.failures[err.Rule.ID]
	if have == nil {
		have = &Failure{}
		w.failures[err.Rule.ID] = have
	}
	have.Times++
	if have.Err == nil || w.input.Index < have.index {
		have.Err, have.In, have.What, have.index = err, strings.Clone(w.input.File), "exports", w.input.Index
	}
}

// mergeFailures takes over what another worker noted.
func (w *worker) mergeFailures(other *worker) {
	for id, o := range other.failures {
		have := w.failures[id]
		switch {
		case have == nil:
			if w.failures == nil {
				w.failures = make(map[string]*Failure)
			}
			w.failures[id] = o
		case o.index < have.index:
			o.Times += have.Times
			w.failures[id] = o
		default:
			have.Times += o.Times
		}
	}
}

// tellFailures lists the rules that failed as errors of the run.
func (w *worker) tellFailures() {
	for _, id := range slices.Sorted(maps.Keys(w.failures)) {
		w.errors = append(w.errors, w.failures[id].inputError())
	}
	for i, rule := range w.fleets {
		if rule.defined {
			continue // those of the catalogue do not fail, and asking each type takes longer than judging one export
		}
		if f, ok := w.fleet[i].(Failing); ok {
			w.guard(rule, "", func() {
				for _, failure := range f.Failures() {
					w.errors = append(w.errors, failure.inputError())
				}
			})
		}
	}
}

func (f *Failure) inputError() InputError {
	where := "in " + f.In
	if f.Times > 1 {
		where = fmt.Sprintf("in %d %s, first in %s", f.Times, f.What, f.In)
	}
	o := f.Err.Origin
	return InputError{
		File: cmp.Or(o.File, f.In), Line: o.Line, Column: o.Column, Err: f.Err,
		Message: fmt.Sprintf("rule %s failed %s: %v", f.Err.Rule.ID, where, f.Err.Err),
	}
}

// Deployments lists the deployments of the configuration that the export is part of.
func (in *Input) Deployments() []string {
	if in.Deployment == "" || in.policy == nil {
		return nil
	}
	in.Asked.Else = true
	rel := in.policy.relative(in.File)
	var names []string
	for i := range in.policy.deployments {
		if _, ok := in.policy.deployments[i].match(rel); ok {
			names = append(names, in.policy.deployments[i].name)
		}
	}
	return names
}

// Folder is the folder of the export: the one that cupclint collect wrote, if the export is in such a folder, else that of the file.
// An archive is a folder, too.
func (in *Input) Folder() string {
	in.Asked.Else = true
	if home := in.homes.of(in.File); home != path.Dir(in.File) {
		return home
	}
	return path.Dir(strings.ReplaceAll(in.File, "!", "/"))
}

// MatchKey compares a pattern in small letters, in which * stands for any characters, with a key, whose case does not count.
func MatchKey(pattern, key string) bool { return matchKey(pattern, key) }

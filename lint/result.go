package lint

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"cupclint/export"
)

// A Result is what a run found. Findings and addresses may be in a temporary file: Close it.
type Result struct {
	Summary Summary
	// Sources of the run, in its order. They may be in a temporary file, too.
	Sources *export.Sources
	// SearchErrors is what went wrong while Sources were searched. Errors lists it, too.
	SearchErrors []error
	// Errors lists the inputs that could not be read, and the rules that failed on one, by file and position.
	Errors []InputError
	// Deployments, where they were asked for: what was joined with what, and which folders with exports of servers were not.
	Deployments []*Deployment
	// Part is what a run over a shard leaves to the Merger; nil for a whole run.
	Part *Part
	// Comments are the suppressions in comments of the exports, by file and place.
	Comments []Comment

	findings   *spool[Finding, *Finding]
	addresses  *spool[AddressRow, *AddressRow]
	suppressed *spool[Finding, *Finding]
	inputs     *spool[InputRow, *InputRow]
}

// Summary counts.
type Summary struct {
	Files      int    `json:"files"`      // exports read; the members of an archive count one each
	Properties int    `json:"properties"` // in all of them
	Findings   Counts `json:"findings"`
	Suppressed int    `json:"suppressed"` // findings that a suppression silenced
	// Passed counts the files of other tools that were skipped in folders and archives.
	Passed int `json:"passed,omitempty"`
	// Answers counts the files in folders of cupclint collect that were skipped, because no rule uses them.
	Answers int `json:"answers,omitempty"`
	// Baseline counts the findings that a caller took out of Findings because they were accepted before. Run leaves it alone.
	Baseline int `json:"baseline,omitempty"`
}

// Counts are findings by severity.
type Counts struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Info    int `json:"info"`
}

// Add counts one finding.
func (c *Counts) Add(s Severity) {
	switch s {
	case Error:
		c.Error++
	case Warning:
		c.Warning++
	default:
		c.Info++
	}
}

// AtLeast returns how many findings weigh s or more.
func (c Counts) AtLeast(s Severity) int {
	n := c.Error
	if s <= Warning {
		n += c.Warning
	}
	if s <= Info {
		n += c.Info
	}
	return n
}

func (s *Summary) add(o Summary) {
	s.Files += o.Files
	s.Properties += o.Properties
	s.Passed += o.Passed
	s.Answers += o.Answers
	s.Findings.Error += o.Findings.Error
	s.Findings.Warning += o.Findings.Warning
	s.Findings.Info += o.Findings.Info
}

// An InputError says why an input, or part of it, was not linted. Line and Column are 0 where there is no place.
type InputError struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`

	// Err is what the message was made from.
	Err error `json:"-"`
}

func (e *InputError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

func (e *InputError) Unwrap() error { return e.Err }

// A PanicError says that a rule, or the reader, panicked: a fault of the program, never of the input.
type PanicError struct {
	Rule  *Rule // nil for the reader
	Cause string
	Stack string // of the goroutine that panicked
}

func (e *PanicError) Error() string {
	who := "reading"
	if e.Rule != nil {
		who = fmt.Sprintf("rule %s (%s)", e.Rule.ID, e.Rule.Name)
	}
	return fmt.Sprintf("internal error: %s failed: %s; everything else was done; please report this", who, e.Cause)
}

// panicCause describes what recover returned. Errors of the runtime hold no input; anything else might.
func panicCause(recovered any) string {
	if err, ok := recovered.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("panic with a %T", recovered)
}

// Findings yields the findings in order of Compare, fingerprints complete. It may be called again and gives the same.
// A finding is the caller's. The error is one of reading back from the temporary file; it ends the sequence.
func (r *Result) Findings() iter.Seq2[*Finding, error] {
	return func(yield func(*Finding, error) bool) {
		var count occurrences
		for f, err := range r.findings.all() {
			if err == nil {
				count.number(f)
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

// Suppressed yields the findings that a suppression silenced, in order of Compare, when Options.Suppressed asked for them. Their
// fingerprints are numbered among themselves.
func (r *Result) Suppressed() iter.Seq2[*Finding, error] {
	return func(yield func(*Finding, error) bool) {
		var count occurrences
		for f, err := range r.suppressed.all() {
			if err == nil {
				count.number(f)
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

// Addresses yields the presence addresses by file and role, when Options.Addresses asked for them.
func (r *Result) Addresses() iter.Seq2[*AddressRow, error] { return r.addresses.all() }

// Inputs yields the rows of the files that were read and of those that were skipped, by file.
func (r *Result) Inputs() iter.Seq2[*InputRow, error] { return r.inputs.all() }

// Close removes the temporary files. The result yields nothing afterwards.
func (r *Result) Close() error {
	return errors.Join(r.findings.close(), r.addresses.close(), r.suppressed.close(), r.inputs.close(), r.Sources.Close())
}

// occurrences completes fingerprints: it counts how often each came.
type occurrences map[[fingerprintBytes]byte]int

func (o *occurrences) number(f *Finding) {
	if *o == nil {
		*o = make(occurrences)
	}
	if f.Fingerprint == "" { // made by hand rather than by Rule.New or Input.At
		f.Fingerprint = fingerprint(f.Rule, f.Key, f.Address)
	}
	var sum [fingerprintBytes]byte
	copy(sum[:], f.Fingerprint)
	(*o)[sum]++
	f.Fingerprint += ":" + strconv.Itoa((*o)[sum])
}

// Number completes the fingerprints of findings that did not come through Run, such as live ones. The findings
// must be in the order of the output.
func Number(findings []Finding) {
	var count occurrences
	for i := range findings {
		count.number(&findings[i])
	}
}

// Unnumber takes the counting part off a finding's fingerprint, for one that goes into another list, where it is counted again.
func Unnumber(f *Finding) {
	if i := strings.LastIndexByte(f.Fingerprint, ':'); i >= 0 {
		f.Fingerprint = f.Fingerprint[:i]
	}
}

func sortErrors(errs []InputError) {
	slices.SortStableFunc(errs, func(a, b InputError) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), strings.Compare(a.Message, b.Message))
	})
}

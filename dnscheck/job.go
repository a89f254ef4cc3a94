package dnscheck

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/resolve"
)

// A Job is a deployment to check: exports, pairs, or both.
type Job struct {
	// Sources are exports to take names from.
	Sources []export.Source
	// Search, if set, finds them while the first ones are read, as lint.Options.Search does.
	Search func(ctx context.Context, take func([]export.Source)) []error
	// Pairs are node names and domains that no export holds.
	Pairs []Pair
	// Rules is the catalogue. Only the static rules on presence addresses run, because DNS can confirm or contradict them.
	Rules []*lint.Rule
	// Policy decides on severities, suppressions and the client generation. The generation is SIP for pairs unless Policy says
	// otherwise. Nil leaves all as the rules and exports have it.
	Policy *lint.Policy
	// Jobs is how many exports are read at once; 0 means one per processor.
	Jobs int
	// NewReader makes the reader of one worker; nil means export's own.
	NewReader func() *export.Reader
	// Inputs asks the report to say how each input was read.
	Inputs bool
	// Errors say why sources were not found; they are reported with the errors of reading.
	Errors []error
	// Counted, if set, is called with what a run will have in memory as soon as that is known: the names, and about how many findings.
	// While names are asked it may be called on any goroutine.
	Counted func(names, findings int)
}

// A Pair is a node name and a domain, as `cupclint resolve -` reads them.
type Pair struct {
	Node, Domain string
	Place        Place
}

// A Report is the result of a job. Its findings are those of lint and of DNS in one list, in the order of lint.Compare.
// The policy is applied.
type Report struct {
	Result
	Summary lint.Summary
	// Suppressed are the findings that a suppression silenced.
	Suppressed []lint.Finding
	// Errors are inputs that could not be read.
	Errors []lint.InputError
	// Covered is where exports have names that nothing was asked about, because a secret inside is covered.
	Covered []Place

	exports *lint.Result // nil without exports
}

// Inputs says how each input was read; nil unless Job.Inputs asked for it. It is valid until Close.
func (r *Report) Inputs() iter.Seq2[*lint.InputRow, error] {
	if r.exports == nil {
		return nil
	}
	return r.exports.Inputs()
}

// Close removes the temporary files of the inputs.
func (r *Report) Close() error {
	if r.exports == nil {
		return nil
	}
	return r.exports.Close()
}

// presenceArea is the area of the static rules that DNS can soften or confirm.
const presenceArea = "presence"

// Run lints and probes. When the context ends, the report holds what is known and Cancelled says so. An error means that nothing could be
// asked. The caller must close the report.
func Run(ctx context.Context, job Job, o Options) (report *Report, err error) {
	policy := job.Policy
	if policy == nil {
		policy = new(lint.Policy)
	}
	names, filter := NewNames(), policy.NewFilter(job.Rules)
	out := new(Report)
	defer func() {
		if report == nil {
			_ = out.Close() // what is lost is temporary
		}
	}()
	static, err := job.lint(ctx, names, policy, filter, out)
	if err != nil {
		return nil, err
	}
	paired := pairJudge{rules: job.presenceRules(), generation: generationOf(policy)}
	names.expect(len(job.Pairs)) // most have a presence address of their own
	for i := range job.Pairs {
		p := &job.Pairs[i]
		address := resolve.Presence(p.Node, p.Domain)
		names.addPair(&address, p.Node, p.Domain, paired.generation, p.Place)
		if address.Problems == 0 {
			continue // as most pairs
		}
		for _, f := range paired.findings(p) {
			if filter.Apply(&f) {
				static = append(static, f)
			} else {
				out.setAside(&f)
			}
		}
	}
	subjects := names.Subjects()
	for _, s := range names.covered {
		for i := range s.Uses {
			out.Covered = append(out.Covered, s.Uses[i].Place)
		}
	}
	job.Pairs, names = nil, nil // from here on the subjects hold all that is needed
	job.count(len(subjects), len(static))
	result, err := checkAll(ctx, subjects, o, func(missing int) { job.count(len(subjects), len(static)+missing) })
	if result == nil {
		return nil, err
	}
	out.Result = *result
	live := result.Findings[:0]
	for _, f := range result.Findings {
		if filter.Apply(&f) {
			live = append(live, f)
		} else {
			out.setAside(&f)
		}
	}
	out.Findings = Combine(static, live, result.Observations)
	lint.Number(out.Findings)
	out.Summary.Findings = lint.Counts{} // the severities may have changed
	for i := range out.Findings {
		out.Summary.Findings.Add(out.Findings[i].Severity)
	}
	out.Summary.Suppressed = filter.Suppressed()
	return out, err
}

func (job *Job) count(names, findings int) {
	if job.Counted != nil {
		job.Counted(names, findings)
	}
}

// setAside keeps a finding that is left out because of a suppression.
func (r *Report) setAside(f *lint.Finding) {
	if f.Suppressed != "" {
		r.Suppressed = append(r.Suppressed, *f)
	}
}

func generationOf(policy *lint.Policy) resolve.Generation {
	if g := policy.Generation(); g != "" {
		return g
	}
	return resolve.SIP
}

func (job *Job) presenceRules() []*lint.Rule {
	return slices.DeleteFunc(slices.Clone(job.Rules), func(r *lint.Rule) bool { return r.Area != presenceArea || r.Kind == lint.LiveKind })
}

// lint reads the exports once, for their names and for the static findings.
func (job *Job) lint(ctx context.Context, names *Names, policy *lint.Policy, filter *lint.Filter, out *Report) ([]lint.Finding, error) {
	if job.Search == nil && len(job.Sources)+len(job.Errors) == 0 {
		return nil, nil
	}
	result, err := lint.Run(ctx, lint.Options{
		Sources: job.Sources, Search: job.Search, Rules: append(job.presenceRules(), names.Collector()), Policy: policy, Filter: filter,
		Jobs: job.Jobs, NewReader: job.NewReader, Errors: job.Errors,
	})
	if result == nil || err != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("lint the exports: %w", err)
	}
	if job.Inputs {
		out.exports = result
	} else {
		defer result.Close()
	}
	out.Summary, out.Errors = result.Summary, result.Errors
	job.count(len(names.subjects), out.Summary.Findings.AtLeast(lint.Info))
	var static []lint.Finding
	for f, err := range result.Findings() {
		if err != nil {
			return nil, fmt.Errorf("read the findings of the static rules again: %w", err)
		}
		lint.Unnumber(f)
		static = append(static, *f)
	}
	return static, nil
}

// pairJudge runs the static rules on pairs.
type pairJudge struct {
	rules      []*lint.Rule
	generation resolve.Generation
	reader     export.Reader
}

// findings returns what the static rules say about a pair whose address has a problem.
func (j *pairJudge) findings(p *Pair) []lint.Finding {
	text, err := json.Marshal(map[string]string{export.PresencePrimaryAddress.String(): p.Node, export.PresenceDomain.String(): p.Domain})
	if err != nil {
		return nil // not reached: strings always have a JSON form
	}
	e, err := j.reader.Parse(p.Place.File, text)
	if err != nil {
		return nil // larger than an export can be; the name itself is judged anyway
	}
	in := lint.NewInput(e)
	in.Generation = j.generation
	var found []lint.Finding
	for _, r := range j.rules {
		for _, f := range r.Judge(in) {
			f.File, f.Line, f.Column, f.EndLine, f.EndColumn = p.Place.File, p.Place.Line, p.Place.Column, p.Place.EndLine, p.Place.EndColumn
			f.Source, f.SourceColumn, f.Edits = p.Place.Source, p.Place.SourceColumn, nil // the text that was linted is not the user's
			found = append(found, f)
		}
	}
	return found
}

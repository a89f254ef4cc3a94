package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/config"
	"cupclint/internal/loginbudget"
	"cupclint/internal/report"
	"cupclint/lint"
)

// A liveRun is what commands that probe have in common: configuration, outputs, and what could not be carried out.
type liveRun struct {
	env     *environment
	conf    *config.Config
	outputs []output
	sources []export.Source // what the arguments name, where the command reads exports itself
	missing []error         // what the arguments name and is not there
	files   int             // exports read
	// properties in them
	properties int
	inputs     []lint.InputRow // what they were taken for
	comments   []lint.Comment  // the suppressions in them
	// probing is set by a command that probes, and targets counts what it found to probe.
	probing bool
	targets int
	errs    []lint.InputError
	// outside is set once log-ins are off, because attempts cannot be recorded; notes say so in reports.
	outside bool
	notes   []string
	// seen is what the probes saw, for pages; the other formats have it in a line for each server.
	seen *audit.Observations
}

// startLive loads the configuration and opens the outputs. more are the other files that the command writes; - is standard output, which
// must then not be that of the report.
func startLive(cmd *cobra.Command, env *environment, settings *configFlags, quiet bool, args []string, more ...string) (*liveRun, error) {
	if err := settings.checkQuiet(quiet); err != nil {
		return nil, err
	}
	conf, err := settings.load(cmd, env)
	if err != nil {
		return nil, err
	}
	files := slices.DeleteFunc(slices.Clone(more), func(name string) bool { return name == toStdout })
	outputs, err := openOutputs(env, conf, quiet, files...)
	if err != nil {
		return nil, err
	}
	if len(files) < len(more) && slices.ContainsFunc(outputs, func(o output) bool { return o.name == "" }) {
		return nil, errors.New("standard output is used twice, for the report and by a flag with the value -: write the report to a file with " +
			"--output FILE")
	}
	if err := settings.tell(env, outputs); err != nil {
		return nil, err
	}
	run := &liveRun{env: env, conf: conf, outputs: outputs, seen: audit.NewObservations(catalogue.Areas(nil))}
	run.sources, run.missing = settings.find(env, args)
	if run.sources, err = withoutOutputs(run.sources, outputs, args, files...); err != nil {
		return nil, err
	}
	return run, nil
}

// failed notes an input that could not be read, or a probe that could not be carried out: the run ends with exit code 3.
func (l *liveRun) failed(subject string, err error) {
	e := lint.InputError{File: subject, Message: err.Error()}
	var placed *export.Error
	if errors.As(err, &placed) {
		e = lint.InputError{File: placed.File, Line: placed.Line, Column: placed.Column, Message: placed.Err.Error()}
	}
	l.errs = append(l.errs, e)
	l.env.complain(&e)
}

// read hands over every export of the inputs, and notes those that cannot be read.
func (l *liveRun) read(ctx context.Context, f func(*export.Export)) {
	r := l.env.reader(ctx)
	r.Passed = func(p *export.Passed) { l.inputs = append(l.inputs, lint.NewPassedRow(p)) }
	for _, err := range eachExport(ctx, r, l.sources, l.missing, func(e *export.Export) {
		l.files++
		l.properties += len(e.Properties)
		l.inputs = append(l.inputs, lint.NewInputRow(e))
		l.comments = append(l.comments, lint.CommentsOf(e, l.conf.Rules)...)
		f(e)
	}) {
		l.failed("", err)
	}
}

// probed tells in a line how a probe went; what is incomplete ends the run with exit code 3.
func (l *liveRun) probed(quiet bool, server, summary, incomplete string) {
	if !quiet {
		fmt.Fprint(l.env.stderr, report.Fold(server+": "+summary+"\n", l.env.errWidth))
	}
	if incomplete != "" {
		l.failed(server, errors.New(incomplete))
	}
}

// A probed observation can be reported in a line.
type probedServer interface {
	area.Observation
	ServerName() string
	Summary() string
}

// probeAll probes the requests of one area and keeps what was seen for pages. incomplete is why a probe did not come to its end.
func probeAll[R, O any](ctx context.Context, run *liveRun, s *area.Service[R, O], t area.Tools, requests []R, quiet bool) []*O {
	run.probing = true
	run.targets += len(requests)
	rows := make([]area.Row, len(requests))
	for i := range requests {
		rows[i] = s.Task(requests[i]).Row()
	}
	if run.loginsOff(t.Budget, rows) && s.Outside != nil {
		for i := range requests {
			s.Outside(&requests[i])
		}
	}
	done := run.env.stage("probe " + s.About.Name)
	defer done()
	seen := s.Observe(ctx, t, requests, orDefault(run.conf.Jobs, 8), func(o *O) {
		run.env.logSeen(any(o).(area.Observation))
		server := any(o).(probedServer)
		run.probed(quiet, server.ServerName(), server.Summary(), server.Seen()[0].Incomplete)
	})
	for _, o := range seen {
		run.seen.Add(s, any(o).(area.Observation))
	}
	return seen
}

// loginsOff reports whether the run makes no log-in because attempts cannot be recorded: two runs that do not know of each other could lock
// an account. It says so once, where a log-in is planned.
func (l *liveRun) loginsOff(budget *loginbudget.Budget, rows []area.Row) bool {
	logsIn := func(r area.Row) bool { return r.Tried || r.Auditor != "" }
	if l.outside || !slices.ContainsFunc(rows, logsIn) {
		return l.outside
	}
	if err := budget.CanRecord(); err != nil {
		l.outside = true
		l.env.complain(loginsOff(err, "everything is probed without them"))
		l.notes = append(l.notes, "Log-ins were off because attempts cannot be recorded. Everything was probed without a log-in.")
	}
	return l.outside
}

// loginsOff is what is said once where attempts cannot be recorded. done says what is done all the same.
func loginsOff(err error, done string) error {
	return fmt.Errorf("log-ins are off, and %s: %w. Set XDG_STATE_HOME to a folder that cupclint can write to", done, err)
}

// output writes what is not a list of findings to --output, or to standard output. what says what it is, for the note that it is written.
func (l *liveRun) output(quiet bool, what string, write func(io.Writer) error) error {
	at := outputPlace(l.conf)
	if at.name == "" {
		return write(l.env.stdout)
	}
	if err := at.write(write); err != nil {
		return fmt.Errorf("write to %s: %w", at.name, err)
	}
	l.env.wrote(quiet, at.name, what)
	return nil
}

// report lets the findings through the policy, writes them and gives the exit code as an error.
func (l *liveRun) report(findings []lint.Finding) error {
	filter := l.conf.Policy.NewFilter(l.conf.Rules)
	filter.AddComments(l.comments...)
	var standing, suppressed []lint.Finding
	for _, f := range findings {
		switch {
		case filter.Apply(&f): // sets the severity
			standing = append(standing, f)
		case f.Suppressed != "":
			suppressed = append(suppressed, f)
		}
	}
	findings = standing
	if l.probing && l.targets == 0 && len(l.errs) == 0 {
		subject := "arguments"
		if len(l.sources) > 0 {
			subject = l.sources[0].Name
		}
		l.failed(subject, errors.New("nothing was probed: the inputs name no server of this kind. cupclint audit --plan lists the targets that "+
			"they name"))
	}
	for _, list := range [][]lint.Finding{findings, suppressed} {
		slices.SortStableFunc(list, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
		lint.Number(list)
	}
	d := &report.Document{
		Findings: report.Of(findings), Suppressed: report.Of(suppressed), Errors: l.errs, Version: buildVersion(),
		Rules: l.conf.Rules, Page: catalogue.Page(l.conf.Rules), PageHTML: catalogue.PageHTML(l.conf.Rules), Probes: l.seen.Probes(),
		Notes: append(l.notes, l.seen.Notes()...), Links: catalogue.Links, Named: l.conf.Policy.DeploymentOf,
		RuleURL: l.conf.RulePage,
	}
	trimAll(l.outputs, func(d *report.Document) { d.Probes = nil })
	if len(l.sources) > 0 {
		d.Inputs = report.Rows(l.inputs)
		for i := range l.inputs {
			d.Summary.CountPassed(&l.inputs[i])
		}
	}
	d.Summary.Files, d.Summary.Properties, d.Summary.Suppressed = l.files, l.properties, filter.Suppressed()
	for i := range findings {
		d.Summary.Findings.Add(findings[i].Severity)
	}
	if err := writeAll(l.outputs, d); err != nil {
		return unreadable(err)
	}
	if len(l.errs) > 0 {
		return exitWith(exitInput)
	}
	return exitWith(findingsCode(l.conf, d.Summary.Findings))
}

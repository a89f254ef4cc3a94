package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"cupclint/internal/audit"
	"cupclint/internal/demo"
	"cupclint/internal/diagnose"
	"cupclint/internal/lab"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
)

// runDemo audits the lab.
func (f *auditFlags) runDemo(ctx context.Context, env *environment, run *liveRun) error {
	l, err := lab.Start(ctx, lab.Options{Demo: f.simulated, Fixed: f.fixed})
	if err != nil {
		return unreadable(err)
	}
	defer l.Close()
	files := demo.FilesOf(f.simulated)
	if err := demo.WriteExports(l, files.Exports); err != nil {
		return unreadable(fmt.Errorf("write the demo's exports: %w", err))
	}
	filter := run.conf.Policy.NewFilter(run.conf.Rules)
	c, plan, err := f.lint(ctx, env, run, filter, []string{files.Exports})
	if err != nil {
		return unreadable(err)
	}
	f.restrict(plan, run.conf.Policy.On)
	tools, done, err := demo.Prepare(l, plan, &f.names)
	if err != nil {
		return unreadable(err)
	}
	defer done()
	tools.Prober.Log = env.log
	f.probe(ctx, env, c, plan, tools, filter)
	if f.save == "" {
		f.save = files.Case
	}
	f.keep(ctx, env, run, c)
	if err := f.demoPage(run, c, files.Page); err != nil {
		return unreadable(err)
	}
	end := f.finish(env, run, c, context.Cause(ctx))
	if !f.quiet {
		if err := f.demoEnd(env, run, c); err != nil {
			return unreadable(err)
		}
	}
	return end
}

// demoEnd writes the end of the demo below a report for people. Formats for programs keep standard output for themselves.
func (f *auditFlags) demoEnd(env *environment, run *liveRun, c *audit.Case) error {
	w := env.stderr
	if slices.Equal(run.conf.Formats, []string{"text"}) && run.conf.Output == "" {
		w = env.stdout
	}
	k, err := diagnose.Load()
	if err != nil {
		return err
	}
	var in diagnose.Input
	in.Findings, in.Looked = diagnose.Judged(c, run.conf.Rules, run.conf.Policy)
	end := demo.Ending{Files: demo.FilesOf(f.simulated), Saved: f.save, Causes: k.Rank(in), Found: f.found, Width: env.width}
	return end.Write(w)
}

// demoPage writes the report for a browser.
func (f *auditFlags) demoPage(run *liveRun, c *audit.Case, name string) error {
	write, err := report.Find("html")
	if err != nil {
		return err
	}
	d := auditDocument(run.conf.Rules, c, c.Judge(run.conf.Rules, run.conf.Policy), c.Incomplete(), nil, false)
	return safefile.Write(name, 0o644, func(w io.Writer) error { return write(w, d, report.Style{}) })
}

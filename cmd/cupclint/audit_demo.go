package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/diagnose"
	"cupclint/internal/lab"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/report"
)

// demoDir is the folder that a demo leaves behind, so that its exports can be looked at beside the findings. They have a folder of their
// own, so that it can be linted.
const (
	demoDir     = "cupclint-demo"
	demoExports = demoDir + "/exports"
)

// runDemo audits the lab.
func (f *auditFlags) runDemo(ctx context.Context, env *environment, run *liveRun) error {
	l, err := lab.Start(ctx, lab.Options{Fixed: f.fixed})
	if err != nil {
		return unreadable(err)
	}
	defer l.Close()
	if err := writeLab(l, demoExports); err != nil {
		return unreadable(fmt.Errorf("write the demo's exports: %w", err))
	}
	filter := run.conf.Policy.NewFilter(catalogue.All())
	c, plan, err := f.lint(ctx, env, run, filter, []string{demoExports})
	if err != nil {
		return unreadable(err)
	}
	plan.Restrict(run.conf.Policy.On)
	plan.LogIn(loginbudget.NewSecret(l.Password), lab.MailUser)
	tools, done, err := demoTools(l, f.concurrency)
	if err != nil {
		return unreadable(err)
	}
	defer done()
	f.probe(ctx, env, c, plan, tools, filter)
	if f.save == "" {
		f.save = filepath.Join(demoDir, "case.json")
	}
	f.keep(run, c)
	page := filepath.Join(demoDir, "report.html")
	if err := f.demoPage(run, c, page); err != nil {
		return unreadable(err)
	}
	end := f.finish(env, run, c, context.Cause(ctx))
	if !f.quiet {
		if err := f.demoEnd(env, run, c, page); err != nil {
			return unreadable(err)
		}
	}
	return end
}

// demoCauses is how many causes the demo ends with.
const demoCauses = 4

// demoEnd writes, below a report for people, what a help-desk would be told, and what was left where. Standard output is left to
// formats for programs.
func (f *auditFlags) demoEnd(env *environment, run *liveRun, c *audit.Case, page string) error {
	w := env.stderr
	if slices.Equal(run.conf.Formats, []string{"text"}) && run.conf.Output == "" {
		w = env.stdout
	}
	k, err := diagnose.Load()
	if err != nil {
		return err
	}
	causes := k.Rank(diagnosisInput(c, run))
	if len(causes) > 0 {
		fmt.Fprint(w, "\nWhat the help-desk would be told:\n\n")
		if err := diagnose.Write(w, causes[:min(len(causes), demoCauses)], diagnose.Style{Width: env.width, Short: true}); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, `The deployment is made up, and nothing beyond this machine was contacted. Left for you to look at:
  %-28s the exports
  %-28s this report for a browser
  %-28s for cupclint audit --replay and cupclint diagnose --case
`, demoExports+"/", page, f.save)
	return err
}

// writeLab writes the exports of a lab into a folder.
func writeLab(l *lab.Lab, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, file := range l.Files {
		if err := os.WriteFile(filepath.Join(dir, file.Name), []byte(file.Text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// demoTools lead into the lab and nowhere else. Failed log-ins are remembered for this run only: the next one has another password.
func demoTools(l *lab.Lab, jobs int) (t audit.Tools, done func(), err error) {
	memory, err := os.MkdirTemp("", "cupclint-demo-")
	if err != nil {
		return t, nil, err
	}
	budget, err := loginbudget.Open(loginbudget.Options{Dir: memory})
	if err != nil {
		return t, nil, errors.Join(err, os.RemoveAll(memory))
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(l.CA)
	resolvers := []wire.Resolver{{Addr: l.Resolver}}
	client := dnscheck.NewClient(resolvers, func(wire.Resolver) wire.Options { return wire.Options{} })
	t = audit.Tools{
		Prober: &probe.Prober{Roots: roots, Resolve: client.Resolve, Dial: l.Dial}, Budget: budget,
		DNS: dnscheck.Options{Resolvers: resolvers}, Jobs: jobs,
	}
	return t, func() {
		_ = client.Close() // its sockets end with the program in any case
		_ = os.RemoveAll(memory)
	}, nil
}

// demoPage writes the report for a browser.
func (f *auditFlags) demoPage(run *liveRun, c *audit.Case, name string) error {
	write, err := report.Find("html")
	if err != nil {
		return err
	}
	d := auditDocument(c, c.Judge(catalogue.All(), run.conf.Policy), c.Incomplete(), false)
	return writeFile(name, 0o644, func(w io.Writer) error { return write(w, d, report.Style{}) })
}

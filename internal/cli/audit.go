package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/baseline"
	"cupclint/internal/catalogue"
	"cupclint/internal/cli/term"
	"cupclint/internal/conceal"
	"cupclint/internal/config"
	"cupclint/internal/diagnose"
	"cupclint/internal/lab"
	"cupclint/internal/report"
	"cupclint/lint"
)

// auditFlags are the flags of `cupclint audit`.
type auditFlags struct {
	plan, offline, noLogin bool
	demo, fixed            bool
	simulated              lab.Demo         // which deployment --demo audits
	names                  dnscheck.Options // how names are asked for; prepare fills it
	areas                  []area.Area
	webProxy               bool
	save, replay           string
	hide                   []string
	mapName                string
	sources                []export.Source // what was linted
	typed                  []byte          // standard input, with --hide
	concurrency            int
	oldTLS                 bool
	hold, soon             time.Duration
	ask                    resolverFlags
	views                  viewFlags
	credentials            auditCredentials
	base                   baselining
	args                   []string // of the run
	found                  lint.Counts
	probeFlags
	remembering
}

func newAuditCmd(env *environment) *cobra.Command {
	f := &auditFlags{}
	cmd := &cobra.Command{
		Use:   "audit PATH... | --replay FILE | --demo [cupc|jabber]",
		Short: "Lint a deployment and probe everything it names, in one run",
		Long: `Lints exports (PATH as in cupclint lint), plans a probe for every server and name in them, runs the probes in parallel, and writes one
report: names in DNS, directory servers, mail stores, calendar gateways, presence servers (SIP or XMPP), CTIManagers, time servers, and the
other servers of Jabber: Expressway-E, user data service, TFTP servers and Unity Connection.

--plan prints which server would be contacted, on which port, with which account and how many log-ins, and stops. --only and --skip take
areas (dns, directory, mail, voicemail, calendar, sip, xmpp, cti, ntp, edge, uds, tftp and those of cupclint rules), rule IDs or names.
Servers are contacted only if at least one of their rules is switched on. --offline probes nothing and is the same as cupclint lint.

Each password is tried once in a run. It is used again only if it was accepted. Where neither the lock-out policy nor the failure
count can be read, that log-in may add a failure to others that are not known. With --auditor-dn they are read first. See
docs/audit.md and docs/ldap.md. Passwords come from the exports, from files or from the environment, never from a flag's value.

--demo audits a small deployment that this program simulates. It is broken in about ten ways and needs neither exports nor a
network: clients of the SIP generation, or with --demo jabber Jabber with IM and Presence, call managers, Unity Connection and an
Expressway-E. With --fixed it is the repaired one. Its exports and an HTML report are left in the folder cupclint-demo. The exit code of
the demonstration is 0, whatever it finds.

--save keeps the findings and the answers of the servers as JSON, without secrets. --replay makes a report from such a file again, with your
present configuration, and does not use the network. With --hide you can give the saved case to others: names and addresses are replaced by
pseudonyms, the same everywhere, and --replay has the same findings. The map of the pseudonyms, FILE.map.tsv, stays with you and is used
again. The report of the run itself has the real names.

Exit code 3 means that an input could not be read or a probe could not be carried out. Everything else is reported.`,
		Example: `  cupclint audit --demo
  cupclint audit --demo jabber
  cupclint audit exports/
  cupclint audit --plan exports/                     what would be contacted, and with which account
  cupclint audit --no-login --skip mail exports/     from outside, without the mail servers
  cupclint audit --save case.json exports/
  cupclint audit --save case.json --hide addresses,names exports/
  cupclint audit --replay case.json                  make a report from it again`,
		RunE: func(cmd *cobra.Command, args []string) error { return runAudit(cmd, env, f, f.demoOf(args)) },
	}
	fl := cmd.Flags()
	fl.BoolVar(&f.demo, "demo", false, "audit a small broken deployment that is simulated on this computer")
	fl.BoolVar(&f.fixed, "fixed", false, "with --demo: the repaired deployment")
	fl.BoolVar(&f.plan, "plan", false, "print what would be contacted, and stop")
	fl.BoolVar(&f.offline, "offline", false, "probe nothing: the same as cupclint lint")
	fl.BoolVar(&f.noLogin, "no-login", false, "make no log-in anywhere")
	fl.StringVar(&f.save, "save", "", "keep what was found and seen in this `FILE` as JSON; - is standard output")
	fl.StringSliceVar(&f.hide, "hide", nil, "with --save: replace `addresses,names`, or one of them, by pseudonyms")
	fl.StringVar(&f.mapName, "map", "", "with --hide: the `FILE` of the map; if it exists, it is used again (default SAVED.map.tsv)")
	fl.StringVar(&f.replay, "replay", "", "make a report from the case that --save kept in this `FILE`; - for standard input")
	f.registerProbes(cmd)
	f.addHistory(cmd)
	f.settings.add(cmd)
	f.settings.addReport(cmd)
	f.base.addBaseline(cmd)
	mainFlags.put(cmd, "demo", "fixed", "plan", "offline", "replay")
	loginFlags.put(cmd, "no-login")
	outputFlags.put(cmd, "save", "hide", "map")
	return cmd
}

// registerProbes adds the flags that decide how probes are made.
func (f *auditFlags) registerProbes(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.IntVar(&f.concurrency, "concurrency", 0, "former name of --jobs for what is probed")
	hide(cmd, "concurrency")
	fl.BoolVar(&f.oldTLS, "old-tls", false, "continue with mail and calendar servers that support only TLS 1.1 or older")
	fl.DurationVar(&f.hold, "hold", time.Second, "how long a CTI connection must stay open")
	fl.DurationVar(&f.soon, "soon", 30*24*time.Hour, "an expiry of an account's password within this time is soon")
	f.ask.addSystem(fl, "this machine's hosts file")
	f.views.register(cmd)
	registerCertificateDays(cmd)
	registerWebProxy(cmd, &f.webProxy)
	f.credentials.register(cmd)
	f.registerPolicy(cmd)
	f.registerRisk(cmd)
	f.registerConnection(cmd, "passwords")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "text: findings only, neither what was probed nor a summary")
	advancedFlags.put(cmd, "concurrency", "old-tls", "hold", "soon", "resolv-conf", "hosts-file")
	outputFlags.put(cmd, "quiet")
}

// maxAuditJobs keeps a run below the usual limit of open files.
const maxAuditJobs = 512

// demoOf takes the name of a deployment out of the arguments, with --demo.
func (f *auditFlags) demoOf(args []string) []string {
	if !f.demo || len(args) != 1 {
		return args
	}
	d, err := lab.ParseDemo(args[0])
	if err != nil {
		return args
	}
	f.simulated = d
	return nil
}

// check refuses flags that contradict each other.
func (f *auditFlags) check(cmd *cobra.Command, args []string) error {
	switch {
	case f.replay != "" && (len(args) > 0 || f.plan || f.offline || f.save != ""):
		return errors.New("--replay makes a report from a saved case: give no exports and none of --plan, --offline and --save with it")
	case len(f.hide) > 0 && f.save == "":
		return errors.New("--hide is about the saved case: give --save FILE too")
	case len(f.hide) > 0 && f.save == toStdout && f.mapName == "":
		return errors.New("--save - writes to standard output: name the file of the map with --map FILE")
	case f.demo && f.save == toStdout:
		return errors.New("--demo leaves its case in a file: give --save the name of one")
	case f.mapName != "" && len(f.hide) == 0:
		return errors.New("--map belongs to --hide: give --hide too")
	case f.demo && (len(args) > 0 || f.replay != "" || f.plan || f.offline):
		return errors.New("--demo audits a deployment of its own, cupc or jabber: give no exports and none of --replay, --plan and --offline " +
			"with it")
	case f.demo && (f.base.write != "" || f.base.read != "" || f.base.prune):
		return errors.New("--demo audits a deployment of its own, which has no baseline: leave the flags for baselines out")
	case f.noLogin && f.credentials.auditorDN != "":
		return errors.New("--no-login makes no log-in, and --auditor-dn makes one: give only one of the two")
	case f.demo && (f.credentials.given() || f.noLogin):
		return errors.New("--demo has accounts of its own and logs in with them: leave the flags for log-ins out")
	case f.fixed && !f.demo:
		return errors.New("--fixed belongs to --demo: give --demo too")
	case f.plan && f.offline:
		return errors.New("--plan and --offline: without probes there is nothing to plan. Give only one of the two")
	case f.plan && f.save != "":
		return errors.New("--plan and --save: --plan probes nothing, so there is nothing to save. Give only one of the two")
	case cmd.Flags().Changed("concurrency") && (f.concurrency < 1 || f.concurrency > maxAuditJobs):
		return fmt.Errorf("--concurrency %d: give a number from 1 to %d", f.concurrency, maxAuditJobs)
	case f.replay == "" && !f.demo:
		if err := needPaths(cmd, args); err != nil {
			return err
		}
	}
	if err := conceal.Check(f.hide); err != nil {
		return fmt.Errorf("--hide: %w", err)
	}
	return nil
}

func runAudit(cmd *cobra.Command, env *environment, f *auditFlags, args []string) error {
	if err := f.check(cmd, args); err != nil {
		return err
	}
	if err := f.checkHistory(); err != nil {
		return err
	}
	f.areas = catalogue.Areas(&f.names)
	run, err := startLive(cmd, env, &f.settings, f.quiet, nil, f.save)
	if err != nil {
		return err
	}
	if f.concurrency == 0 {
		f.concurrency = min(run.conf.Jobs, maxAuditJobs)
	}
	if !f.demo {
		if err := f.base.open(cmd, env, run.conf, args); err != nil {
			return err
		}
	}
	if f.demo {
		return f.runDemo(cmd.Context(), env, run)
	}
	if f.replay != "" {
		c, err := f.load(cmd.Context(), env, run.conf)
		if err != nil {
			return unreadable(err)
		}
		return f.finish(env, run, c, nil)
	}
	return f.audit(cmd.Context(), env, run, args)
}

// restrict removes from the plan what the areas and rules of the run do not need.
func (f *auditFlags) restrict(plan *audit.Plan, on func(*lint.Rule) bool) {
	plan.Restrict(on)
	plan.Keep(func(i area.Info) bool {
		return !slices.Contains(f.settings.skipAreas, i.Name) &&
			(len(f.settings.onlyAreas) == 0 || slices.Contains(f.settings.onlyAreas, i.Name))
	})
}

// audit lints, plans, probes and reports.
func (f *auditFlags) audit(ctx context.Context, env *environment, run *liveRun, args []string) error {
	if err := f.typedInput(ctx, env, args); err != nil {
		return unreadable(err)
	}
	filter := run.conf.Policy.NewFilter(run.conf.Rules)
	c, plan, err := f.lint(ctx, env, run, filter, args)
	if c == nil {
		return unreadable(err)
	}
	switch {
	case err != nil && f.plan:
		return unreadable(errors.New("interrupted: no plan is printed, because not all inputs were read"))
	case err != nil:
		return f.finish(env, run, c, err)
	}
	if f.offline {
		f.keep(ctx, env, run, c)
		return f.finish(env, run, c, nil)
	}
	if len(plan.Rows()) == 0 && !f.plan && len(c.Errors)+len(run.errs) == 0 {
		run.failed(strings.Join(args, " "),
			errors.New("nothing was probed: the inputs name no server. cupclint lint checks the settings in them"))
	}
	f.restrict(plan, run.conf.Policy.On)
	tools, err := f.prepare(ctx, env, run, plan)
	if err != nil {
		return err
	}
	defer f.close()
	if f.plan {
		run.errs = append(run.errs, c.Errors...)
		return printPlan(env, run, plan, tools.AssumePolicy)
	}
	run.notes = append(run.notes, plan.Covered()...)
	f.probe(ctx, env, c, plan, tools, filter)
	f.keep(ctx, env, run, c)
	return f.finish(env, run, c, context.Cause(ctx))
}

// keep writes the case where --save asks for it.
func (f *auditFlags) keep(ctx context.Context, env *environment, run *liveRun, c *audit.Case) {
	if f.save == "" {
		return
	}
	if len(f.hide) > 0 {
		if err := f.keepHidden(context.WithoutCancel(ctx), env, c); err != nil {
			run.failed(f.save, err)
			env.complain(err)
		}
		return
	}
	if err := env.writeOther(f.save, c.Save); err != nil {
		run.failed(f.save, fmt.Errorf("save the case: %w", err))
		return
	}
	f.saved(env, c)
}

// probe fills the case with what the probes see.
func (f *auditFlags) probe(ctx context.Context, env *environment, c *audit.Case, plan *audit.Plan, tools area.Tools, filter *lint.Filter) {
	tools.Hold = f.hold
	rows := plan.Rows()
	view := watched(env, rows)
	c.At = time.Now().UTC().Truncate(time.Second)
	done := env.stage("probe")
	c.Observations = *plan.Observe(ctx,
		audit.Options{Tools: tools, Jobs: cmp.Or(f.concurrency, audit.DefaultJobs), Watch: func(e audit.Event) {
			view.tell(e)
			env.logProbe(rows[e.Row], e)
		}})
	view.Close()
	done()
	c.Known.Soon = f.soon
	c.Unused(filter)
}

func (f *auditFlags) lint(ctx context.Context, env *environment, run *liveRun, filter *lint.Filter, args []string) (*audit.Case,
	*audit.Plan, error) {
	sources, errs := f.settings.find(env, args)
	sources = f.base.without(f.withoutHistory(sources))
	sources, err := withoutOutputs(sources, run.outputs, args, fileOf(f.save), f.base.writes())
	if err == nil {
		err = f.base.ofFolders(env, export.SourcesOf(sources), args)
	}
	if err != nil {
		return nil, nil, err
	}
	f.sources, f.args = sources, args
	if f.offline {
		filter = nil // lint itself knows which suppressions are used
	}
	progress := term.NewProgress(env.screen(), "linted")
	defer env.stage("lint")()
	var facts diagnose.FactFinder
	read := audit.Lint
	if f.plan {
		read = audit.PlanOnly
	}
	c, plan, err := read(ctx, lint.Options{
		Sources: sources, Errors: errs, Rules: append(slices.Clip(run.conf.Rules), facts.Rule()), Policy: run.conf.Policy, Filter: filter,
		Jobs:      run.conf.Jobs,
		NewReader: func() *export.Reader { return env.reader(ctx) }, Progress: progress.Update,
	}, f.areas)
	progress.Done()
	if c != nil {
		c.Version, c.Facts = buildVersion(), facts.FactsOf()
		c.Known.CertificateSoon = run.conf.CertificateSoon()
		if len(sources) == 0 && len(errs) == 0 {
			run.failed(strings.Join(args, " "), errors.New("no export was found: see docs/exports.md for the files that cupclint reads"))
		}
	}
	return c, plan, err
}

// prepare fills the passwords that the plan lacks and makes what the probes share. Without a resolver the names are left out, which is
// noted, and the rest is done. Close f afterwards.
func (f *auditFlags) prepare(ctx context.Context, env *environment, run *liveRun, plan *audit.Plan) (t area.Tools, err error) {
	if err := f.credentials.fill(ctx, env, plan); err != nil {
		return t, err
	}
	if f.noLogin {
		plan.NoLogins()
	}
	if t, err = f.areaTools(ctx, env); err != nil {
		return t, err
	}
	env.logPlan(plan)
	if !f.plan && run.loginsOff(t.Budget, plan.Rows()) {
		f.noLogin = true
		plan.NoLogins()
	}
	if t.OldTLS = f.oldTLS; f.webProxy {
		t.WebProxy = webProxy(env)
	}
	const dns, edge = "dns", "edge"
	if len(plan.Of(dns))+len(plan.Of(edge)) == 0 {
		return t, nil
	}
	f.ask.types, f.ask.concurrency, f.ask.timeout = []string{"all"}, wire.DefaultOutstanding, wire.DefaultTimeout
	f.ask.caFile, f.ask.resolvers = f.caFile, f.resolvers
	if f.names, err = f.ask.options(ctx, env); err != nil {
		run.failed("DNS", err)
		plan.Keep(func(i area.Info) bool { return i.Name != dns && i.Name != edge })
		return t, nil
	}
	return t, f.views.fill(&f.names)
}

// load reads the case of --replay. The present configuration decides how many days before its end a certificate is reported; its dates are
// compared with the time of the probe.
func (f *auditFlags) load(ctx context.Context, env *environment, conf *config.Config) (*audit.Case, error) {
	name := f.replay
	file, err := env.open(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read the case: %w", err)
	}
	defer file.Close()
	if name == export.Stdin {
		name = "standard input"
	}
	c, err := audit.Load(file, f.areas)
	if err != nil {
		return nil, fmt.Errorf("read the case from %s: %w", name, err)
	}
	c.Known.CertificateSoon = conf.CertificateSoon()
	return c, nil
}

// finish judges and writes the report. interrupted, if set, is the reason why the result is not complete.
func (f *auditFlags) finish(env *environment, run *liveRun, c *audit.Case, interrupted error) error {
	for _, e := range c.Incomplete() {
		run.errs = append(run.errs, e)
		env.complain(&e)
	}
	done := env.stage("judge")
	judged := c.Judge(run.conf.Rules, run.conf.Policy)
	d := auditDocument(run.conf.Rules, c, judged, run.errs, run.notes, f.offline)
	done()
	d.Named, d.RuleURL = run.conf.Policy.DeploymentOf, run.conf.RulePage
	if interrupted == nil && f.base.write != "" {
		return f.base.accept(env, f.quiet, d.Findings, f.args, len(run.errs) > 0)
	}
	if interrupted == nil {
		if err := f.base.apply(env, f.quiet, f.looked(run, c), d); err != nil {
			return err
		}
	}
	if f.offline {
		trimAll(run.outputs, func(d *report.Document) { d.Addresses = nil })
	}
	if err := writeAll(run.outputs, d); err != nil {
		return unreadable(err)
	}
	if interrupted != nil {
		return unreadable(errors.New("interrupted: the report has only what was known by then"))
	}
	code := exitInput
	if len(run.errs) == 0 {
		code = findingsCode(run.conf, d.Summary.Findings)
	}
	if f.found = d.Summary.Findings; f.demo && code == exitFindings {
		code = exitClean // the demo is meant to show errors
	}
	if err := f.remember(env, f.quiet, "audit", d, code); err != nil {
		return unreadable(err)
	}
	return exitWith(code)
}

// looked says what the run looked at. A finding that a probe did not make again is gone only if every probe was finished.
func (f *auditFlags) looked(run *liveRun, c *audit.Case) baseline.Run {
	o := lint.Options{Sources: f.sources, Policy: run.conf.Policy, Rules: run.conf.Rules}
	all := baseline.RunOf(o, &lint.Result{Errors: c.Errors}, foldersOf(f.args))
	live := map[string]bool{}
	for _, r := range o.Rules {
		live[r.ID] = r.Kind == lint.LiveKind && o.Policy.On(r)
	}
	ran := all.Ran
	all.Ran = func(id string) bool { return ran(id) || live[id] }
	partial := f.offline || f.noLogin || len(run.errs) > 0 || len(f.settings.onlyAreas)+len(f.settings.skipAreas) > 0
	all.Unsure = func(id string) bool { return f.replay != "" || live[id] && partial }
	return all
}

// auditDocument is the report. Offline it is that of lint.
func auditDocument(rules []*lint.Rule, c *audit.Case, judged *audit.Report, errs []lint.InputError, notes []string,
	offline bool) *report.Document {
	d := &report.Document{
		Findings: report.Of(judged.Findings), Suppressed: report.Of(judged.Suppressed), Summary: judged.Summary, Errors: errs,
		Version: buildVersion(), Rules: rules, Page: catalogue.Page(rules), PageHTML: catalogue.PageHTML(rules),
		Links: catalogue.Links,
	}
	d.Addresses = report.Rows(c.Addresses)
	if c.Inputs != nil {
		d.Inputs = report.Rows(c.Inputs)
	}
	if !offline {
		d.Probes, d.At, d.Notes = c.Observations.Probes(), c.At, slices.Concat(notes, c.Observations.Notes(), c.Observations.Unchecked())
	}
	return d
}

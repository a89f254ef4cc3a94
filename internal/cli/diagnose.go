package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/cli/term"
	"cupclint/internal/diagnose"
	"cupclint/internal/report"
	"cupclint/lint"
)

// diagnoseFlags are the flags of `cupclint diagnose`.
type diagnoseFlags struct {
	symptoms    []string
	health      string
	answers     []string
	answersFile string
	kept        string // an audit's case
	found       string // findings of an earlier run
	live        bool
	ticket      bool
	top         int
	topGiven    bool
	auditFlags

	gathered *diagnose.Gathering
	asker    *term.Prompter // where questions were asked

	// What --live continues with.
	linted  *audit.Case
	planned *audit.Plan
	filter  *lint.Filter
}

func newDiagnoseCmd(env *environment) *cobra.Command {
	f := &diagnoseFlags{}
	cmd := &cobra.Command{
		Use:   "diagnose [PATH...]",
		Short: "Find the likely cause of what a caller complains about",
		Long: `Finds the likely cause of a complaint. The answer begins with one sentence: the most likely cause, what to do now and who does it. After it:
why the cause fits (the finding, the line or the answer), what confirms it or rules it out, and every fix, the safest first.

It uses what you have: a pasted error message, Show Server Health, mail, log or command output (- or --health), exports and logs (a PATH as in
cupclint lint), what an audit kept (--case), the JSON of an earlier run (--findings), and answers to a few questions. On a terminal it asks;
elsewhere --answer and --answers give the answers. With --live it also probes the servers that the symptom is about, with the same account
safety as cupclint audit; see docs/diagnose.md.`,
		Example: `  cupclint diagnose
  cupclint diagnose --health server-health.txt
  cupclint diagnose --symptom log-in jabber.log
  cupclint diagnose --symptom desk-phone exports/
  cupclint diagnose --symptom voicemail --answer mail=exchange2007 --answer who=everyone
  cupclint diagnose --symptom directory --live exports/
  cupclint diagnose --case case.json --ticket
  cupclint diagnose --symptom voicemail --findings findings.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.topGiven = cmd.Flags().Changed("top")
			return runDiagnose(cmd, env, f, args)
		},
	}
	fl := cmd.Flags()
	fl.StringSliceVar(&f.symptoms, "symptom", nil, "what fails: "+strings.Join(diagnose.Symptoms(), ", ")+"; may be repeated")
	fl.StringVar(&f.health, "health", "",
		"a pasted text in this `FILE`: error message, Show Server Health, mail, log, command output; - for standard input")
	fl.StringArrayVar(&f.answers, "answer", nil, "answer a question, as in who=everyone; may be repeated")
	fl.StringVar(&f.answersFile, "answers", "", "answers in this `FILE`, a line each: who: everyone, or who=everyone")
	fl.StringVar(&f.kept, "case", "", "what cupclint audit --save kept in this `FILE`")
	fl.StringVar(&f.found, "findings", "", "findings that an earlier run wrote to this `FILE` with --format json; - for standard input")
	fl.BoolVar(&f.live, "live", false, "probe the servers that settle it, and rank again; on a terminal it asks before")
	fl.BoolVar(&f.ticket, "ticket", false, "write a text to paste into the ticket")
	fl.IntVar(&f.top, "top", 5, "how many causes to show, 0 for all; text shows 1 unless you set it")
	fl.BoolVar(&f.noLogin, "no-login", false, "with --live: no log-in anywhere")
	f.registerProbes(cmd)
	f.settings.add(cmd)
	mainFlags.put(cmd, "symptom", "health", "answer", "answers", "case", "findings", "live")
	loginFlags.put(cmd, "no-login")
	outputFlags.put(cmd, "ticket", "top")
	fl.Lookup("quiet").Usage = "text: only the short answer"
	fl.Lookup("format").Usage = "text or json (default text)"
	fl.Lookup("output").Usage = "write the diagnosis to this file; - is standard output"
	fl.Lookup("fail-on").Hidden = true // a diagnosis is not a verdict
	return cmd
}

func runDiagnose(cmd *cobra.Command, env *environment, f *diagnoseFlags, args []string) error {
	f.areas = catalogue.Areas(&f.names)

	k, err := diagnose.Load()
	if err != nil {
		return err
	}
	run, err := startLive(cmd, env, &f.settings, f.quiet, nil)
	if err != nil {
		return err
	}
	f.concurrency = min(run.conf.Jobs, maxAuditJobs)
	in, err := f.given(cmd.Context(), env, k)
	if err != nil {
		return err
	}
	if err := f.checkInputs(run, args); err != nil {
		return err
	}
	ctx := cmd.Context()
	f.gathered = diagnose.NewGathering(&in)
	env, args, err = f.readHealth(ctx, env, run, args)
	if err != nil {
		return err
	}
	f.readTexts(env, args)
	if err := f.findings(ctx, env, run, k, &in, args); err != nil {
		return err
	}
	if err := f.question(ctx, env, run.conf.Color, k, &in); err != nil {
		return err
	}
	if err := f.probeLive(ctx, env, run, k, &in); err != nil {
		return err
	}
	return f.write(env, run, k, in, args)
}

func (f *diagnoseFlags) checkInputs(run *liveRun, args []string) error {
	switch {
	case f.live && len(args) == 0:
		return errors.New("--live probes what exports name: give exports")
	case f.kept != "" && len(args) > 0:
		return errors.New("give exports or --case, not both")
	case f.found != "" && (f.kept != "" || len(args) > 0):
		return errors.New("--findings is the result of exports and probes: give no exports and no --case with it")
	case f.found == export.Stdin && f.health == export.Stdin:
		return errors.New("standard input is the paste or the findings, not both")
	case f.health != "" && slices.Contains(args, export.Stdin):
		return errors.New("give the paste by --health or by -, not by both")
	case f.top < 0:
		return fmt.Errorf("--top %d: give 0 or a larger number", f.top)
	}
	for _, format := range run.conf.Formats {
		if format != "text" && format != "json" {
			return fmt.Errorf("--format %s: a diagnosis is written as text or json", format)
		}
	}
	return nil
}

// given checks the given symptoms and answers.
func (f *diagnoseFlags) given(ctx context.Context, env *environment, k *diagnose.Knowledge) (in diagnose.Input, err error) {
	for i, s := range f.symptoms {
		word := diagnose.SymptomNamed(s)
		if word == "" {
			return in, fmt.Errorf("--symptom %q: use %s", s, strings.Join(diagnose.Symptoms(), ", "))
		}
		f.symptoms[i] = word
	}
	in.Symptoms, in.Answers, in.Facts = f.symptoms, make(map[string]string), make(map[string]diagnose.Answer)
	if f.answersFile != "" {
		file, err := env.open(ctx, f.answersFile)
		if err != nil {
			return in, unreadable(fmt.Errorf("read the answers: %w", err))
		}
		defer file.Close()
		if in.Answers, err = k.ReadAnswers(file); err != nil {
			return in, unreadable(fmt.Errorf("read the answers from %s: %w", f.answersFile, err))
		}
	}
	for _, a := range f.answers {
		if err := k.CheckAnswer(a); err != nil {
			return in, fmt.Errorf("--answer: %w", err)
		}
		q, word, _ := strings.Cut(a, "=")
		in.Answers[q] = word
	}
	return in, nil
}

// findings lints the exports and, with --live, probes what the symptoms are about; or it reads a saved case.
func (f *diagnoseFlags) findings(ctx context.Context, env *environment, run *liveRun, k *diagnose.Knowledge, in *diagnose.Input,
	args []string) error {
	if f.found != "" {
		if err := f.readFindings(ctx, env, run, in); err != nil {
			return err
		}
	}
	var c *audit.Case
	switch {
	case f.kept != "":
		f.replay = f.kept
		kept, err := f.load(ctx, env, run.conf)
		if err != nil {
			return unreadable(err)
		}
		c = kept
	case len(args) > 0:
		env = f.evidence(ctx, env, args)
		filter := run.conf.Policy.NewFilter(run.conf.Rules)
		linted, plan, err := f.lint(ctx, env, run, filter, args)
		if err != nil {
			return unreadable(err)
		}
		c = linted
		f.linted, f.planned, f.filter = linted, plan, filter
	default:
		return nil
	}
	missed, err := f.gathered.Case(k, c, run.conf.Rules, run.conf.Policy)
	if err != nil {
		return unreadable(err)
	}
	complainAll(env, run, missed)
	return nil
}

// complainAll reports what a run missed, and keeps it for the exit code.
func complainAll(env *environment, run *liveRun, missed []lint.InputError) {
	for i := range missed {
		run.errs = append(run.errs, missed[i])
		env.complain(&missed[i])
	}
}

// probeLive carries out, with --live, the part of the plan that can find a rule of the symptom: first what separates the two best causes,
// and the rest only where the first cause is not clear after it. On a terminal it asks before anything is contacted.
func (f *diagnoseFlags) probeLive(ctx context.Context, env *environment, run *liveRun, k *diagnose.Knowledge, in *diagnose.Input) error {
	if !f.live || f.linted == nil {
		return nil
	}
	c, plan := f.linted, f.planned
	wanted := k.Wanted(in.Symptoms)
	plan.Restrict(func(r *lint.Rule) bool { return wanted(r.ID) && run.conf.Policy.On(r) })
	if agreed, err := f.agreed(env, plan); err != nil || !agreed {
		return err
	}
	tools, err := f.prepare(ctx, env, run, plan)
	if err != nil {
		return err
	}
	defer f.close()
	apart := k.Separates(*in)
	first, rest := plan.Split(func(i area.Info) bool {
		return slices.ContainsFunc(slices.Concat(i.Rules, i.Shared), func(r *lint.Rule) bool { return apart(r.ID) })
	})
	for n, part := range []*audit.Plan{first, rest} {
		if len(part.Tasks()) == 0 || n == 1 && k.Clear(*in) {
			continue
		}
		seen := c.Observations
		f.probe(ctx, env, c, part, tools, f.filter)
		if n == 1 && len(first.Tasks()) > 0 {
			seen.Merge(&c.Observations)
			c.Observations = seen
		}
		in.Findings, in.Looked = diagnose.Judged(c, run.conf.Rules, run.conf.Policy)
		for _, p := range in.Pastes {
			in.Findings = append(in.Findings, p.Findings...)
		}
	}
	complainAll(env, run, slices.DeleteFunc(f.gathered.Missed(c), func(e lint.InputError) bool { return slices.Contains(run.errs, e) }))
	return nil
}

func (f *diagnoseFlags) write(env *environment, run *liveRun, k *diagnose.Knowledge, in diagnose.Input, args []string) error {
	if len(in.Symptoms)+len(in.Findings)+len(in.Pastes)+len(in.Answers) == 0 && len(args) == 0 && f.kept == "" && f.found == "" {
		return errors.New("at least one fact is needed: give --symptom, exports, a pasted text (--health FILE or -), or answers (" +
			questionsLine(k) + ")")
	}
	result := k.Judge(in)
	result.Errors = run.errs
	env.logDiagnosis(in, result)
	paths := "exports/"
	if kept := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == export.Stdin }); len(kept) > 0 {
		paths = quoteAll(kept)
	}
	style := diagnose.Style{Width: env.width, Paths: paths, Short: f.quiet, Top: f.top,
		Color: outputPlace(run.conf).name == "" && env.colored(run.conf.Color)}
	switch {
	case !f.topGiven:
		style.Top = 1
	case f.top == 0:
		style.Top = len(result.Causes)
	}
	err := run.output(f.quiet, "the diagnosis, "+plural(len(result.Causes), "cause", "causes"), func(w io.Writer) error {
		switch {
		case slices.Contains(run.conf.Formats, "json"):
			return result.WriteJSON(w, f.top, paths)
		case f.ticket:
			return result.Ticket(w, in, style)
		case f.asker != nil && !f.topGiven && !f.quiet && outputPlace(run.conf).name == "":
			return f.atTheTerminal(env, w, result, in, style)
		}
		return result.Write(w, style)
	})
	switch {
	case err != nil:
		return unreadable(err)
	case len(run.errs) > 0:
		return exitWith(exitInput)
	}
	return nil
}

func questionsLine(k *diagnose.Knowledge) string {
	var parts []string
	for _, q := range k.Questions {
		parts = append(parts, "--answer "+q.ID+"="+strings.Join(q.Words(), "|"))
	}
	return strings.Join(parts, ", ")
}

// quoteAll writes arguments as a shell takes them.
func quoteAll(args []string) string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = report.Clean(a)
		if a == "" || strings.ContainsAny(a, " \t\n'\"\\$`*?[]{}()<>|&;#~!") {
			out[i] = "'" + strings.ReplaceAll(report.Clean(a), "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}

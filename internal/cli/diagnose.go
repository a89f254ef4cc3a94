package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
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
	top         int
	auditFlags
}

func newDiagnoseCmd(env *environment) *cobra.Command {
	f := &diagnoseFlags{}
	cmd := &cobra.Command{
		Use:   "diagnose [PATH...]",
		Short: "Rank the causes of what a caller complains about",
		Long: `Ranks the causes of a symptom, the best fitting first. Each comes with why it fits (the finding, the line or the answer), what would
confirm it or rule it out, and what to do, step by step, the safest way first.

It goes by what there is: exports (a PATH is what it is for cupclint lint), a pasted Show Server Health (- or --health), what an audit kept
(--case), the JSON of an earlier run (--findings), and answers to a few questions. On a terminal it asks them; elsewhere --answer
and --answers give them. With --live the servers that the symptom is about are probed at once, under the same care for accounts
as cupclint audit; see docs/diagnose.md.`,
		Example: `  cupclint diagnose --symptom desk-phone exports/
  cupclint diagnose --health server-health.txt
  cupclint diagnose --symptom voicemail --answer mail=exchange2007 --answer who=everyone
  cupclint diagnose --symptom directory --live exports/
  cupclint diagnose --case case.json
  cupclint diagnose --symptom voicemail --findings findings.json`,
		RunE: func(cmd *cobra.Command, args []string) error { return runDiagnose(cmd, env, f, args) },
	}
	fl := cmd.Flags()
	fl.StringSliceVar(&f.symptoms, "symptom", nil, "what fails: "+strings.Join(diagnose.Symptoms(), ", ")+"; may be repeated")
	fl.StringVar(&f.health, "health", "", "a pasted Show Server Health in this `FILE`; - for standard input")
	fl.StringArrayVar(&f.answers, "answer", nil, "answer a question, as in who=everyone; may be repeated")
	fl.StringVar(&f.answersFile, "answers", "", "answers in this `FILE`, a line each: who: everyone, or who=everyone")
	fl.StringVar(&f.kept, "case", "", "what cupclint audit --save kept in this `FILE`")
	fl.StringVar(&f.found, "findings", "", "findings that an earlier run wrote to this `FILE` with --format json; - for standard input")
	fl.BoolVar(&f.live, "live", false, "probe the servers that the symptom is about, and rank again")
	fl.IntVar(&f.top, "top", 5, "how many causes to show; 0 for all")
	fl.BoolVar(&f.noLogin, "no-login", false, "with --live: no log-in anywhere")
	f.registerProbes(cmd)
	f.settings.add(cmd)
	fl.Lookup("quiet").Usage = "text: only the causes, why they fit and the safest fix"
	fl.Lookup("format").Usage = "text or json (default text)"
	fl.Lookup("output").Usage = "write the diagnosis to this file"
	fl.Lookup("fail-on").Hidden = true // a diagnosis is no verdict
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
	in, err := f.given(k)
	if err != nil {
		return err
	}
	if err := f.checkInputs(run, args); err != nil {
		return err
	}
	env, args, err = f.readHealth(env, &in, args)
	if err != nil {
		return err
	}
	if err := f.findings(cmd.Context(), env, run, k, &in, args); err != nil {
		return err
	}
	if err := f.question(env, k, &in); err != nil {
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
		return errors.New("--findings is what exports and probes came to: give no exports and no --case beside it")
	case f.found == export.Stdin && f.health == export.Stdin:
		return errors.New("standard input is the paste or the findings, not both")
	case f.health != "" && slices.Contains(args, export.Stdin):
		return errors.New("give the paste by --health or by -, not by both")
	}
	for _, format := range run.conf.Formats {
		if format != "text" && format != "json" {
			return fmt.Errorf("--format %s: a diagnosis is written as text or json", format)
		}
	}
	return nil
}

// given checks symptoms and answers.
func (f *diagnoseFlags) given(k *diagnose.Knowledge) (in diagnose.Input, err error) {
	for _, s := range f.symptoms {
		if !slices.Contains(diagnose.Symptoms(), s) {
			return in, fmt.Errorf("--symptom %q: use %s", s, strings.Join(diagnose.Symptoms(), ", "))
		}
	}
	in.Symptoms, in.Answers = f.symptoms, make(map[string]string)
	if f.answersFile != "" {
		file, err := os.Open(f.answersFile)
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

// maxPaste bounds what is read from a paste, in bytes.
const maxPaste = 4 << 20

// readHealth reads the paste. On standard input it may be an export as well, since it shows properties: then it is left for lint to read
// again.
func (f *diagnoseFlags) readHealth(env *environment, in *diagnose.Input, args []string) (*environment, []string, error) {
	text, name, err := f.paste(env, args)
	if err != nil || text == nil {
		return env, args, err
	}
	if in.Health, err = diagnose.ReadHealth(bytes.NewReader(text)); err != nil {
		return env, args, unreadable(fmt.Errorf("read the paste from %s: %w", name, err))
	}
	if len(in.Symptoms) == 0 {
		for i := range in.Health {
			if s := in.Health[i].Symptom(); s != "" && !slices.Contains(in.Symptoms, s) {
				in.Symptoms = append(in.Symptoms, s)
			}
		}
	}
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == export.Stdin })
	if _, err := new(export.Reader).Parse(name, text); err != nil {
		if len(in.Health) == 0 {
			return env, args, unreadable(fmt.Errorf("read the paste from %s: no line says that something fails, and it is no export: %w", name, err))
		}
		return env, args, nil
	}
	with := *env
	with.stdin = bytes.NewReader(text)
	return &with, append(args, export.Stdin), nil
}

func (f *diagnoseFlags) paste(env *environment, args []string) (text []byte, name string, err error) {
	in, name := env.stdin, "standard input"
	switch {
	case f.health != "" && f.health != export.Stdin:
		file, err := os.Open(f.health)
		if err != nil {
			return nil, "", unreadable(fmt.Errorf("read the paste: %w", err))
		}
		defer file.Close()
		in, name = file, f.health
	case f.health == export.Stdin, slices.Contains(args, export.Stdin):
	default:
		return nil, "", nil
	}
	text, err = io.ReadAll(io.LimitReader(in, maxPaste+1))
	if err == nil && len(text) > maxPaste {
		err = fmt.Errorf("more than %d bytes", maxPaste)
	}
	if err != nil {
		return nil, "", unreadable(fmt.Errorf("read the paste from %s: %w", name, err))
	}
	return text, name, nil
}

// findings lints the exports and, with --live, probes what the symptoms are about; or it takes a kept case.
func (f *diagnoseFlags) findings(ctx context.Context, env *environment, run *liveRun, k *diagnose.Knowledge, in *diagnose.Input, args []string) error {
	if f.found != "" {
		if err := f.readFindings(env, run, in); err != nil {
			return err
		}
	}
	var c *audit.Case
	switch {
	case f.kept != "":
		f.replay = f.kept
		kept, err := f.load(env)
		if err != nil {
			return unreadable(err)
		}
		c = kept
	case len(args) > 0:
		filter := run.conf.Policy.NewFilter(catalogue.All())
		linted, plan, err := f.lint(ctx, env, run, filter, args)
		if err != nil {
			return unreadable(err)
		}
		c = linted
		if f.live {
			if err := f.probeFor(ctx, env, run, c, plan, filter, k.Rules(in.Symptoms)); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	complainAll(env, run, c.Incomplete())
	known := diagnosisInput(c, run)
	in.Findings, in.Looked = append(in.Findings, known.Findings...), known.Looked
	return nil
}

// readFindings takes what an earlier run found, and says what that run missed.
func (f *diagnoseFlags) readFindings(env *environment, run *liveRun, in *diagnose.Input) error {
	from, name := env.stdin, "standard input"
	if f.found != export.Stdin {
		file, err := os.Open(f.found)
		if err != nil {
			return unreadable(fmt.Errorf("read the findings: %w", err))
		}
		defer file.Close()
		from, name = file, f.found
	}
	findings, missed, err := diagnose.ReadFindings(from)
	if err != nil {
		return unreadable(fmt.Errorf("read the findings from %s: %w", name, err))
	}
	in.Findings = findings
	complainAll(env, run, missed)
	return nil
}

// complainAll tells what a run missed, and keeps it for the exit code.
func complainAll(env *environment, run *liveRun, missed []lint.InputError) {
	for i := range missed {
		run.errs = append(run.errs, missed[i])
		env.complain(&missed[i])
	}
}

// diagnosisInput is what a case tells.
func diagnosisInput(c *audit.Case, run *liveRun) (in diagnose.Input) {
	in.Findings = c.Judge(catalogue.All(), run.conf.Policy).Findings
	for _, l := range c.Observations.LookedFor() {
		in.Looked = append(in.Looked, diagnose.Looked(l))
	}
	return in
}

// probeFor carries out the part of the plan that can find one of the rules.
func (f *diagnoseFlags) probeFor(ctx context.Context, env *environment, run *liveRun, c *audit.Case, plan *audit.Plan, filter *lint.Filter, rules map[string]bool) error {
	plan.Restrict(func(r *lint.Rule) bool { return rules[r.ID] && run.conf.Policy.On(r) })
	tools, err := f.prepare(ctx, env, run, plan)
	if err != nil {
		return err
	}
	defer f.close()
	f.probe(ctx, env, c, plan, tools, filter)
	return nil
}

// ask asks on a terminal until the first cause is clear.
func (f *diagnoseFlags) question(env *environment, k *diagnose.Knowledge, in *diagnose.Input) error {
	if promptTerminal(env) == nil || !env.outTerminal {
		return nil
	}
	p := &prompter{env: env}
	if len(in.Symptoms)+len(in.Findings)+len(in.Health) == 0 {
		q := diagnose.Question{ID: "symptom", Ask: "What fails?", Answers: make(map[string]string)}
		for _, s := range diagnose.Symptoms() {
			q.Answers[s] = strings.ReplaceAll(s, "-", " ")
		}
		word, err := p.ask(&q)
		if err != nil {
			return unreadable(err)
		}
		if word != "" {
			in.Symptoms = []string{word}
		}
	}
	for q := k.Next(*in); q != nil; q = k.Next(*in) {
		word, err := p.ask(q)
		if err != nil {
			return unreadable(err)
		}
		in.Answers[q.ID] = word // empty where it is not known: it is not asked again
	}
	return nil
}

func (f *diagnoseFlags) write(env *environment, run *liveRun, k *diagnose.Knowledge, in diagnose.Input, args []string) error {
	if len(in.Symptoms)+len(in.Findings)+len(in.Health)+len(in.Answers) == 0 && len(args) == 0 && f.kept == "" && f.found == "" {
		return errors.New("nothing is known of the case: give --symptom, exports, a pasted Show Server Health, or answers (" + questionsLine(k) + ")")
	}
	list := k.Rank(in)
	if f.top > 0 {
		list = list[:min(len(list), f.top)]
	}
	next := k.Next(in)
	paths := "exports/"
	if kept := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == export.Stdin }); len(kept) > 0 {
		paths = quoteAll(kept)
	}
	err := run.output(func(w io.Writer) error {
		if slices.Contains(run.conf.Formats, "json") {
			return diagnose.WriteJSON(w, list, next, paths)
		}
		if err := diagnose.Write(w, list, diagnose.Style{Width: env.width, Paths: paths, Short: f.quiet}); err != nil || next == nil {
			return err
		}
		_, err := fmt.Fprintf(w, "To tell these apart: %s --answer %s=%s\n", next.Ask, next.ID, strings.Join(next.Words(), "|"))
		return err
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

package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/diagnose"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
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

	texts map[string]bool // inputs that were read as texts
	asker *prompter       // where questions were asked

	// What --live goes on with.
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
	fl.StringVar(&f.health, "health", "", "a pasted text in this `FILE`: error message, Show Server Health, mail, log, command output; - for standard input")
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
	fl.Lookup("quiet").Usage = "text: only the short answer"
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
	in, err := f.given(cmd.Context(), env, k)
	if err != nil {
		return err
	}
	if err := f.checkInputs(run, args); err != nil {
		return err
	}
	ctx := cmd.Context()
	env, args, err = f.readHealth(ctx, env, run, &in, args)
	if err != nil {
		return err
	}
	f.readTexts(ctx, env, &in, args)
	if err := f.findings(ctx, env, run, k, &in, args); err != nil {
		return err
	}
	if err := f.question(ctx, env, k, &in); err != nil {
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
		return fmt.Errorf("--top %d: give a number from 0", f.top)
	}
	for _, format := range run.conf.Formats {
		if format != "text" && format != "json" {
			return fmt.Errorf("--format %s: a diagnosis is written as text or json", format)
		}
	}
	return nil
}

// given checks symptoms and answers.
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

// maxPaste bounds what is read from a paste, in bytes.
const maxPaste = 4 << 20

// readHealth reads the paste. It may be an export as well, since Show Server Health shows properties: then it is left for lint to read again.
func (f *diagnoseFlags) readHealth(ctx context.Context, env *environment, run *liveRun, in *diagnose.Input, args []string) (*environment, []string, error) {
	text, name, err := f.paste(ctx, env, args)
	if err != nil || text == nil {
		return env, args, err
	}
	paste, err := readPaste(name, "", text)
	if err != nil {
		return env, args, unreadable(fmt.Errorf("read the paste from %s: %w", name, err))
	}
	in.Pastes = append(in.Pastes, paste)
	in.Findings = append(in.Findings, paste.Findings...)
	args = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == export.Stdin })
	if !isExport(name, text) {
		if !paste.Understood() {
			run.failed(name, errors.New("nothing in this text was understood. cupclint reads error messages (English, German, French, Spanish, Portuguese, "+
				"Italian, Japanese, Chinese), Show Server Health, logs of Jabber, and the output of the commands that its checks name"))
		}
		return env, args, nil
	}
	with := *env
	with.stdin = bytes.NewReader(text)
	return &with, append(args, export.Stdin), nil
}

// readPaste understands a text. Secrets are taken out first, so that nothing that is shown, stored or sent has them.
func readPaste(name, file string, text []byte) (*diagnose.Paste, error) {
	if clean, err := export.Redact(name, text, export.Auto); err == nil {
		text = clean.Data
	} else {
		text = []byte(export.Hide(string(text)))
	}
	return diagnose.Read(bytes.NewReader(text), file)
}

// isExport reports whether the text is an export that says something.
func isExport(name string, text []byte) bool {
	e, err := new(export.Reader).Parse(name, bytes.Clone(text))
	return err == nil && e.Problem == nil
}

// quietly searches for what lint searches for again, and tells about.
func (f *diagnoseFlags) quietly() *export.Finder {
	return &export.Finder{FollowLinks: f.settings.followLinks}
}

// readTexts reads the logs and other texts among the inputs. They are lines, and no file of settings.
func (f *diagnoseFlags) readTexts(_ context.Context, env *environment, in *diagnose.Input, args []string) {
	f.texts = make(map[string]bool)
	sources, _ := f.quietly().Find(slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == export.Stdin })) // lint says what is wrong with them
	take := func(source, name string, text []byte) {
		if !diagnose.IsText(text) {
			return
		}
		paste, err := readPaste(name, name, text)
		if err != nil {
			env.complain(fmt.Errorf("read %s: %w: what is behind it is not read", name, err))
		}
		if paste == nil || !paste.Understood() {
			return
		}
		f.texts[source], f.texts[name] = true, true
		in.Pastes = append(in.Pastes, paste)
		in.Findings = append(in.Findings, paste.Findings...)
	}
	for _, src := range sources {
		info, err := os.Stat(src.Name)
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxReport { // a pipe would be waited for
			continue
		}
		if archive, err := zip.OpenReader(src.Name); err == nil {
			eachLog(&archive.Reader, func(name string, text []byte) { take(src.Name, src.Name+"/"+name, text) })
			_ = archive.Close() // it was only read from
			continue
		}
		if info.Size() > maxPaste {
			continue
		}
		if text, err := safefile.ReadFound(src.Name, maxPaste); err == nil {
			take(src.Name, src.Name, text)
		}
	}
}

// The bounds of a problem report.
const (
	maxReport = 256 << 20 // bytes of the archive
	maxLog    = 16 << 20  // bytes of one log in it
	maxLogs   = 64
)

// eachLog hands over the logs and texts of a problem report.
func eachLog(archive *zip.Reader, take func(name string, text []byte)) {
	n := 0
	for _, member := range archive.File {
		ext := strings.ToLower(filepath.Ext(member.Name))
		if ext != ".log" && ext != ".txt" || n == maxLogs {
			continue
		}
		r, err := member.Open()
		if err != nil {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(r, maxLog))
		_ = r.Close() // it was only read from
		if err == nil {
			n++
			take(member.Name, text)
		}
	}
}

func (f *diagnoseFlags) paste(ctx context.Context, env *environment, args []string) (text []byte, name string, err error) {
	in, name := env.input(ctx), "standard input"
	switch {
	case f.health != "" && f.health != export.Stdin:
		file, err := env.open(ctx, f.health)
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
		env = f.evidence(ctx, env, in, args)
		filter := run.conf.Policy.NewFilter(catalogue.All())
		linted, plan, err := f.lint(ctx, env, run, filter, args)
		if err != nil {
			return unreadable(err)
		}
		c = linted
		f.linted, f.planned, f.filter = linted, plan, filter
	default:
		return nil
	}
	for question, fact := range c.Facts {
		if err := k.CheckAnswer(question + "=" + fact.Answer); err != nil {
			return unreadable(fmt.Errorf("read the facts of the case: %w", err))
		}
		in.Facts[question] = diagnose.Answer{Word: fact.Answer, Where: fact.Where, Text: fact.Text}
	}
	complainAll(env, run, slices.DeleteFunc(c.Incomplete(), func(e lint.InputError) bool { return f.texts[e.File] }))
	known := diagnosisInput(c, run)
	in.Findings, in.Looked = append(in.Findings, known.Findings...), known.Looked
	return nil
}

// evidence takes what the logs among the inputs say of failed attempts. Standard input is kept for lint, which reads it again.
func (f *diagnoseFlags) evidence(ctx context.Context, env *environment, in *diagnose.Input, args []string) *environment {
	with := *env
	if slices.Contains(args, export.Stdin) {
		text, err := io.ReadAll(io.LimitReader(env.input(ctx), export.MaxFile+1))
		if err != nil {
			return env // lint says it
		}
		with.stdin = bytes.NewReader(text)
	}
	sources, _ := f.quietly().Find(args) // lint says what cannot be read
	r := export.Reader{Stdin: with.input(ctx), Evidence: true}
	for _, src := range sources {
		for e, err := range r.Read(ctx, src) {
			if err != nil || len(e.Evidence) == 0 || f.texts[e.File] || f.texts[src.Name] {
				continue
			}
			if paste, err := diagnose.FromEvidence(e.Evidence); err == nil && paste.Understood() { // a log in a problem report
				f.texts[e.File], f.texts[src.Name] = true, true
				in.Pastes = append(in.Pastes, paste)
			}
		}
	}
	if r, ok := with.stdin.(*bytes.Reader); ok {
		_, _ = r.Seek(0, io.SeekStart) // a reader of bytes always can
	}
	return &with
}

// readFindings takes what an earlier run found, and says what that run missed.
func (f *diagnoseFlags) readFindings(ctx context.Context, env *environment, run *liveRun, in *diagnose.Input) error {
	from, name := env.stdin, "standard input"
	if f.found != export.Stdin {
		file, err := env.open(ctx, f.found)
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
	in.Findings = append(in.Findings, findings...)
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

// probeLive carries out, with --live, the part of the plan that can find a rule of the symptom: first what separates the two best causes, and the
// rest only where the first cause is not clear after it. On a terminal it asks before anything is contacted.
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
		known := diagnosisInput(c, run)
		in.Findings, in.Looked = known.Findings, known.Looked
		for _, p := range in.Pastes {
			in.Findings = append(in.Findings, p.Findings...)
		}
	}
	complainAll(env, run, slices.DeleteFunc(c.Incomplete(), func(e lint.InputError) bool { return slices.Contains(run.errs, e) || f.texts[e.File] }))
	return nil
}

// agreed asks on a terminal whether the servers of the plan may be contacted.
func (f *diagnoseFlags) agreed(env *environment, plan *audit.Plan) (bool, error) {
	rows := plan.Rows()
	if f.asker == nil || len(rows) == 0 {
		return len(rows) > 0, nil
	}
	p := f.asker
	p.say("", fmt.Sprintf("%d targets can be contacted to settle this. Nothing is changed on them, and at most one log-in is tried for each account:", len(rows)))
	for _, r := range rows[:min(len(rows), 10)] {
		p.say("  ", fmt.Sprintf("%s: %s (%s)", r.Area, r.Target, r.Use))
	}
	if n := len(rows) - 10; n > 0 {
		p.say("  ", fmt.Sprintf("and %d more", n))
	}
	fmt.Fprint(env.stderr, "Contact them? y for yes, Enter for no: ")
	answer, err := p.line()
	return err == nil && (strings.EqualFold(answer, "y") || strings.EqualFold(answer, "yes")), err
}

// locked is the choice for an account that is locked; something that for all else.
const (
	locked    = "locked"
	something = "something else"
)

// complaints are the choices of the menu, in the caller's words.
func complaints() []choice {
	return []choice{
		{diagnose.LogIn, []string{"login", "log in", "logon", "sign in", "sign-in", "password"}, "log-in: the client does not let the user in",
			`"Your username or password is not correct", "Cannot communicate with the server", "Cannot find your services"`},
		{diagnose.Presence, []string{"status", "im", "chat", "offline"}, "presence: no status, everybody is offline", `Show Server Health: Presence, "invalid credential" or "not connected"`},
		{diagnose.DeskPhone, []string{"phone", "desk phone", "telephone", "cti"}, "phone: the client does not control the phone", `Show Server Health: Desk Phone (CTI), "invalid credentials", "no devices"`},
		{diagnose.Voicemail, []string{"voice mail", "messages", "mailbox"}, "voicemail: messages are not shown", `"Invalid username/password or account locked"`},
		{diagnose.Directory, []string{"contacts", "search", "ldap", "address book"}, "contacts: the search finds nobody", "Show Server Health: LDAP; names are missing, only numbers are shown"},
		{diagnose.Calendar, []string{"meeting", "outlook", "exchange"}, `calendar: "in a meeting" is never shown`, "the status does not follow the meetings in Outlook"},
		{locked, []string{"account locked", "lock", "account"}, "account locked: the account is locked, or locks again and again", "a device or service with an old password locks it"},
		{diagnose.PhoneControl, []string{"phone control", "ocs", "lync", "communicator", "rcc"}, "phone control from Communicator (OCS)", "remote call control: the Communicator does not control the phone"},
		{something, []string{"other", "else", "paste"}, "something else: paste it", "an error message, lines of a log, a mail, the output of a command"},
	}
}

// question asks on a terminal until the first cause is clear.
func (f *diagnoseFlags) question(ctx context.Context, env *environment, k *diagnose.Knowledge, in *diagnose.Input) error {
	if !env.asks() {
		return nil
	}
	p := newPrompter(ctx, env)
	f.asker = p
	if len(in.Symptoms)+len(in.Findings)+len(in.Pastes) == 0 {
		if err := f.complaint(p, k, in); err != nil {
			return unreadable(err)
		}
	}
	for asked := 0; asked < maxQuestions && !p.ended; asked++ {
		q := k.Next(*in)
		if q == nil {
			break
		}
		word, err := p.question(q)
		if err != nil {
			return unreadable(err)
		}
		in.Answers[q.ID] = word // empty where it is not known: it is not asked again
	}
	fmt.Fprintln(env.stderr)
	return nil
}

// maxQuestions bounds how often a caller has to wait.
const maxQuestions = 5

// complaint asks what fails, and for what the screen shows.
func (f *diagnoseFlags) complaint(p *prompter, k *diagnose.Knowledge, in *diagnose.Input) error {
	for !p.ended {
		word, other, err := p.choose("What does the caller say?", "Number, word or the error message; ? for help, Enter if you do not know: ", complaints())
		if err != nil {
			return err
		}
		switch {
		case other != "": // the caller's own words
			paste, err := readPaste("answer", "", []byte(other))
			if err != nil {
				return err
			}
			if !paste.Understood() && len(paste.Symptoms()) == 0 {
				p.say("", fmt.Sprintf("%q was not understood. Please type a number from 1 to %d, or a word of the list.", other, len(complaints())))
				continue
			}
			in.Pastes = append(in.Pastes, paste)
			return nil
		case word == locked:
			in.Symptoms = []string{diagnose.LogIn}
			paste, err := readPaste("answer", "", []byte("account is locked"))
			if err != nil {
				return err
			}
			in.Pastes = append(in.Pastes, paste)
			if q := k.Question("lock"); q != nil {
				if in.Answers[q.ID], err = p.question(q); err != nil {
					return err
				}
			}
			return nil
		case word != "" && word != something:
			in.Symptoms = []string{word}
		}
		return f.screen(p, in)
	}
	return nil
}

// screen asks for a text.
func (f *diagnoseFlags) screen(p *prompter, in *diagnose.Input) error {
	p.say("", "")
	p.say("", "Is there an error message, Show Server Health (menu Help) or a log? Paste it now. Then type a dot (.) alone on a line and press Enter; "+
		"Ctrl-Z and Enter (Windows) or Ctrl-D (elsewhere) end it as well. Press Enter to go on without.")
	text, err := p.paste()
	if err != nil || strings.TrimSpace(text) == "" {
		return err
	}
	paste, err := readPaste("paste", "", []byte(text))
	if err != nil {
		return err
	}
	in.Pastes = append(in.Pastes, paste)
	in.Findings = append(in.Findings, paste.Findings...)
	switch n := paste.Failing(); {
	case !paste.Understood():
		p.say("", "Nothing in this text was understood, so the questions have to do.")
	case n == 0:
		p.say("", "This text shows no failure.")
	default:
		p.say("", fmt.Sprintf("Understood: %d of %d lines say that something fails.", n, paste.Lines))
	}
	return nil
}

func (f *diagnoseFlags) write(env *environment, run *liveRun, k *diagnose.Knowledge, in diagnose.Input, args []string) error {
	if len(in.Symptoms)+len(in.Findings)+len(in.Pastes)+len(in.Answers) == 0 && len(args) == 0 && f.kept == "" && f.found == "" {
		return errors.New("at least one fact is needed: give --symptom, exports, a pasted text (--health FILE or -), or answers (" + questionsLine(k) + ")")
	}
	result := k.Judge(in)
	result.Errors = run.errs
	paths := "exports/"
	if kept := slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == export.Stdin }); len(kept) > 0 {
		paths = quoteAll(kept)
	}
	style := diagnose.Style{Width: env.width, Paths: paths, Short: f.quiet, Top: f.top, Color: run.conf.Output == "" && env.colored(run.conf.Color)}
	switch {
	case !f.topGiven:
		style.Top = 1
	case f.top == 0:
		style.Top = len(result.Causes)
	}
	err := run.output(func(w io.Writer) error {
		switch {
		case slices.Contains(run.conf.Formats, "json"):
			return result.WriteJSON(w, f.top, paths)
		case f.ticket:
			return result.Ticket(w, in, style)
		case f.asker != nil && !f.topGiven && !f.quiet && run.conf.Output == "":
			return f.atTheTerminal(w, result, in, style)
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

// atTheTerminal writes what fits on a screen, and the rest when it is asked for: a person on the phone must see the short answer.
func (f *diagnoseFlags) atTheTerminal(w io.Writer, result *diagnose.Result, in diagnose.Input, style diagnose.Style) error {
	short := style
	short.Compact = true
	if err := result.Write(w, short); err != nil {
		return err
	}
	for !f.asker.ended {
		fmt.Fprint(f.asker.env.stderr, "m: more (why, checks, every fix); t: text for the ticket; Enter: end: ")
		answer, err := f.asker.line()
		switch {
		case err != nil:
			return err
		case answer == "m":
			err = result.Write(w, style)
		case answer == "t":
			err = result.Ticket(w, in, style)
		default:
			return nil
		}
		if err != nil {
			return err
		}
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

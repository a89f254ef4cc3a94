package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cupclint/export"
	"cupclint/internal/catalogue"
	"cupclint/internal/cli/term"
	"cupclint/internal/config"
	"cupclint/internal/report"
	"cupclint/lint"
)

func newLintCmd(env *environment) *cobra.Command {
	var inputFormat string
	var addresses, deployments, quiet, skipUnknown bool
	var settings configFlags
	var modes lintModes
	cmd := &cobra.Command{
		Use:   "lint PATH...",
		Short: "Lint configuration exports",
		Long: `Reads configuration exports and says what is wrong in them, without touching the network.

A PATH is a file, a folder (searched with its subfolders; hidden files are skipped), a glob, an archive (.zip, .tar, .tar.gz) or - for standard input.
The format is recognised from the content: SOAP client configuration response, key = value text (logs, a pasted Show Server
Health, .properties), YAML or JSON in cupclint's keys, a Windows registry export, jabber-config.xml, jabber-bootstrap.properties,
an AXL answer, or the output of run sql or show network cluster.

Exports of clients and of servers that are in one folder or archive and name the same nodes are judged together as one
deployment. The configuration can name other deployments.

With --fix, cupclint fixes in the files what can be fixed automatically and safely. Every other byte stays the same. The report has the
remaining findings. --diff prints the same as a patch for git apply; exit code 1 says that there is something to fix.

With --write-baseline all findings are accepted: from then on only new ones are reported, until --prune-baseline or the next
--write-baseline. A finding is recognised by rule, key and value, so lines may move and files may be renamed.

With --changed-since, only findings in files that changed since a git revision are reported: committed, staged, in the work tree, or
new. Rules that compare several exports see all of them, and their findings are always reported.

Severities and suppressions are set in .cupclint.yaml. cupclint looks for it in the current folder, then in its parents.`,
		Example: `  cupclint lint exports/
  cupclint lint --addresses hq.xml                  with the table of presence addresses
  cupclint lint --format json --output found.json exports/ backup.zip
  cupclint lint --only presence --fail-on warning 'sites/**/*.xml'
  cupclint lint --explain-deployments hq/           also what was judged together, and why
  cupclint lint --fix exports/                      fix white space, case, dots, port and protocol
  cupclint lint --diff exports/ | git apply         the same, as a patch
  cupclint lint --write-baseline exports/           accept the findings of today; only new ones fail from now on
  cupclint lint --changed-since origin/main exports/
  cat hq.xml | cupclint lint --stdin-filename exports/hq.xml -`,
		Args: needPaths,
		RunE: func(cmd *cobra.Command, args []string) error {
			force, err := export.ParseFormat(inputFormat)
			if err != nil {
				return fmt.Errorf("--input-format: %w", err)
			}
			conf, err := settings.load(cmd, env)
			if err != nil {
				return err
			}
			if settings.stdinName != "" && !slices.Contains(args, export.Stdin) {
				return errors.New("--stdin-filename names standard input: give - as an input, too")
			}
			if err := settings.checkQuiet(quiet); err != nil {
				return err
			}
			modes.force, modes.quiet, modes.skipUnknown = force, quiet, skipUnknown
			if err := modes.prepare(cmd, env, conf, args); err != nil {
				return err
			}
			outputs, err := openOutputs(env, conf, quiet, modes.writes())
			if err != nil {
				return err
			}
			if err := settings.tell(env, outputs); err != nil {
				return err
			}
			return lintPaths(cmd, env, &settings, conf, outputs, lint.Options{
				Rules: conf.Rules, Policy: conf.Policy, Jobs: conf.Jobs, Addresses: addresses, Deployments: deployments,
				NewReader: func() *export.Reader {
					r := env.reader(cmd.Context())
					r.Force, r.SkipForeign = force, skipUnknown
					return r
				},
			}, modes, args)
		},
	}
	flags := cmd.Flags()
	settings.add(cmd)
	flags.StringVar(&settings.stdinName, "stdin-filename", "",
		"with -: `NAME` of the file whose text is on standard input, as in an editor")
	flags.StringVar(&inputFormat, "input-format", "auto", "read every input as this format: "+strings.Join(export.FormatNames(), ", "))
	modes.add(cmd)
	flags.BoolVar(&addresses, "addresses", false, "add the table of presence addresses")
	flags.BoolVar(&deployments, "explain-deployments", false, "add what was judged together, by which nodes, and why")
	settings.addReport(cmd)
	flags.BoolVar(&skipUnknown, "skip-unknown", false,
		"skip named files of other tools, as in a folder; for hooks, which name every changed file")
	flags.BoolVarP(&quiet, "quiet", "q", false, "text: findings only, no summary")
	mainFlags.put(cmd, "stdin-filename", "input-format", "skip-unknown")
	outputFlags.put(cmd, "addresses", "explain-deployments", "quiet")
	flags.String("cache", "", "without effect")

	flags.Bool("no-cache", false, "without effect")
	for _, old := range [...]string{"cache", "no-cache"} {
		flags.Lookup(old).Hidden = true
	}
	return cmd
}

func needPaths(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("no input: name files, folders, globs or archives, or - for standard input; see %s --help", cmd.CommandPath())
	}
	return nil
}

func lintPaths(cmd *cobra.Command, env *environment, settings *configFlags, conf *config.Config, outputs []output, o lint.Options,
	modes lintModes, args []string) error {
	written, err := writtenBy(outputs, args, modes.writes())
	if err != nil {
		return err
	}
	if env.listen != nil && (len(written) > 0 || modes.fix || modes.past != "") {
		env.listen()
	}
	found := settings.searching(env, args)
	ctx, stop := context.WithCancelCause(cmd.Context())
	defer stop(nil)
	limitMemory(env, lintMemory(0))
	collectAt(env, 200)
	o.Search = func(ctx context.Context, take func([]export.Source)) []error {
		return found.walk(ctx, func(sources []export.Source) {
			if err != nil {
				return
			}
			if before := found.files - len(sources); before <= manyInputs && found.files > manyInputs {
				collectAt(env, 100) // more is alive: rules keep something of each folder
			}
			if len(sources) > manyInputs { // they are together in memory
				limitMemory(env, lintMemory(len(sources)))
			}
			if sources, err = written.without(sources); err != nil {
				stop(err)
				return
			}
			take(modes.without(sources))
		})
	}
	o.Suppressed = modes.on() || slices.ContainsFunc(outputs, func(out output) bool { return out.suppressed })
	if o.Shard = modes.shard; modes.on() {
		o.Addresses = true // the formats of the merge are not known yet
	}
	if !o.Addresses {
		trimAll(outputs, func(d *report.Document) { d.Addresses = nil })
		o.Addresses = slices.ContainsFunc(outputs, func(out output) bool { return out.page })
	}
	progress := term.NewProgress(env.screen(), "linted")
	o.Progress = progress.Update
	done := env.stage("lint")
	result, interrupted := lint.Run(ctx, o)
	progress.Done()
	done()
	defer func() { result.Close() }()
	found.done()
	if err != nil {
		return err
	}
	o.Errors, o.Search = result.SearchErrors, nil
	inputs := result.Sources.Len()
	if o.Sources, err = modes.survey(env, result.Sources, args); err != nil {
		return err
	}
	if modes.on() {
		if interrupted != nil {
			return unreadable(errors.New("interrupted: the report of the shard is not written"))
		}
		return modes.writeShard(cmd, env, conf, outputs, result, o, args)
	}
	if modes.diff {
		if interrupted != nil {
			return unreadable(errors.New("interrupted: there is no patch"))
		}
		return modes.printPatch(cmd.Context(), env, conf, result, o, args)
	}
	mendingFailed := false
	if modes.fix && interrupted == nil {
		changed, failed, err := modes.fixFiles(cmd.Context(), env, result, o, args)
		if err != nil {
			return err
		}
		mendingFailed = failed
		if changed { // the remaining findings, and where they are now
			result.Close()
			result, interrupted = lint.Run(cmd.Context(), o)
			progress.Done()
		}
	}
	for i := range result.Errors {
		env.complain(&result.Errors[i])
	}
	if inputs == 0 && len(o.Errors) == 0 && interrupted == nil {
		env.complain(errors.New("no export was found: see docs/exports.md for the files that cupclint reads"))
	}
	nothing := result.Summary.Files == 0 && len(result.Errors) == 0 && inputs > 0 && interrupted == nil
	if nothing && !modes.skipUnknown {
		env.complain(fmt.Errorf("nothing was read: %s", readNothing(result.Summary)))
	}
	failed := len(result.Errors) > 0 || inputs == 0 || nothing && !modes.skipUnknown || mendingFailed
	if modes.write != "" && interrupted == nil {
		return modes.accept(env, modes.quiet, result.Findings(), args, failed)
	}
	d := documentOf(result, o)
	d.RuleURL = conf.RulePage
	if interrupted == nil {
		if err := modes.narrow(env, o, result, args, d); err != nil {
			return err
		}
	}
	if err := writeAll(outputs, d); err != nil {
		return unreadable(err)
	}
	if interrupted != nil {
		return unreadable(errors.New("interrupted: the report has only what was known by then"))
	}
	code := exitInput
	if !failed {
		code = findingsCode(conf, d.Summary.Findings)
	}
	if err := modes.remember(env, modes.quiet, "lint", d, code); err != nil {
		return unreadable(err)
	}
	return exitWith(code)
}

// readNothing says why a run without an error read nothing.
func readNothing(s lint.Summary) string {
	n := s.Passed + s.Answers
	if n == 0 {
		return "the configuration leaves all inputs out (ignore:)"
	}
	return fmt.Sprintf("none of the %d files is an export of a client or a server; name a file to learn why", n)
}

func documentOf(result *lint.Result, o lint.Options) *report.Document {
	d := &report.Document{
		Findings: result.Findings(), Summary: result.Summary, Errors: result.Errors, Version: buildVersion(),
		Rules: o.Rules, Page: catalogue.Page(o.Rules), PageHTML: catalogue.PageHTML(o.Rules), Deployments: result.Deployments,
		Inputs: result.Inputs(), Named: o.Policy.DeploymentOf, Links: catalogue.Links,
	}
	if o.Suppressed {
		d.Suppressed = result.Suppressed()
	}
	if o.Addresses {
		d.Addresses = result.Addresses()
	}
	return d
}

// lintMemory bounds the heap of lint and merge: they run next to other jobs of a CI machine. What is alive does not grow with the inputs of
// a run. Only inputs that are together in memory, such as those of several arguments, take about 180 bytes each. For more than a hundred
// thousand of them the bound grows: with one below what is alive, the collector takes more time than the rules.
func lintMemory(inputs int) int64 { return 32<<20 + int64(max(0, inputs-manyInputs))*300 }

const manyInputs = 100_000

// boundsMemory reports whether a command may tell the collector when to work. A limit that the user has set has priority. Where the process
// is not the program's own, its other work would be collected at the bound of this command, and after the command as well.
func (env *environment) boundsMemory() bool {
	return env.ownProcess && env.getenv("GOGC") == "" && env.getenv("GOMEMLIMIT") == ""
}

// limitMemory makes the collector work harder before the heap exceeds a bound. The bound is soft: a large input still passes.
func limitMemory(env *environment, bound int64) {
	if env.boundsMemory() {
		debug.SetMemoryLimit(bound)
	}
}

// collectAt says how much the heap grows before it is collected, in percent of what is alive. With 200 instead of 100, lint takes a
// twentieth less processor time. For some 10,000 inputs this costs 2 MiB, because little is alive. The bound of limitMemory holds all the
// same. Below 0, it is collected at that bound only.
func collectAt(env *environment, percent int) {
	if env.boundsMemory() {
		debug.SetGCPercent(percent)
	}
}

// findingsCode is exitFindings when a finding has the severity of --fail-on or above.
func findingsCode(conf *config.Config, c lint.Counts) int {
	if conf.FailOn == config.Never {
		return exitClean
	}
	s, err := lint.ParseSeverity(conf.FailOn)
	if err == nil && c.AtLeast(s) > 0 {
		return exitFindings
	}
	return exitClean
}

// configFlags are the flags that the configuration file can set as well.
type configFlags struct {
	path        string
	followLinks bool
	// verbose, all and statistics say how much the reports show.
	verbose, all, statistics bool
	// noSuppressions reports what suppressions of the configuration and in comments silence.
	noSuppressions bool
	page           pageFlags
	// stdinName is the name of the file that standard input is the text of; empty for none.
	stdinName string
	// onlyAreas and skipAreas are the live areas that --only and --skip name; onlyAreas is empty where rules are named too.
	onlyAreas, skipAreas []string
}

// addReport adds the flags that say how much the reports show.
func (c *configFlags) addReport(cmd *cobra.Command) {
	c.page.add(cmd)
	f := cmd.Flags()
	f.BoolVarP(&c.verbose, "verbose", "v", false, "")
	f.BoolVar(&c.all, "all", false, "text, markdown, html: list all places of findings that are the same, and all sites")
	f.BoolVar(&c.statistics, "statistics", false, "text, markdown, json, csv: count findings by rule, by site and by severity")
	outputFlags.put(cmd, "all", "statistics")
}

// checkQuiet refuses two flags that contradict each other.
func (c *configFlags) checkQuiet(quiet bool) error {
	if quiet && c.verbose {
		return errors.New("--quiet and --verbose exclude each other: give only one of the two")
	}
	return nil
}

// tell lets the outputs show as much as is asked for, and name what their head is to name. The error is one of usage.
func (c *configFlags) tell(env *environment, outputs []output) error {
	head, err := c.page.head(env, outputs)
	for i := range outputs {
		s := &outputs[i].style
		s.Verbose, s.All, s.Statistics, s.Head = c.verbose, c.all, c.statistics, head
	}
	return err
}

// addPath adds the flag that names the configuration.
func (c *configFlags) addPath(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.path, "config", "", "configuration file (default: .cupclint.yaml in the current folder or its parents)")
	mainFlags.put(cmd, "config")
}

func (c *configFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	c.addPath(cmd)
	f.BoolVar(&c.noSuppressions, "no-suppressions", false, "report also the findings that the configuration or a comment suppresses")
	f.BoolVar(&c.followLinks, "follow-links", false, "follow symbolic links that lead out of a folder that is named")
	f.String("fail-on", "", "exit with 1 from this severity on: error, warning, info, never (default error)")
	addList(cmd, "format", "format of the report, "+strings.Join(report.Formats(), ", ")+
		"; NAME=FILE writes to a file, - is standard output; may be repeated (default text)")
	f.StringP("output", "o", "", "write the report to this file; - is standard output")
	f.String("color", "", "colour: auto, always, never (default auto)")
	f.String("profile", "", "stage of the deployment: first-light makes rules about encryption less severe")
	f.String("generation", "", "client generation: sip (1.2 to 7.x), xmpp (8.x and Jabber); default: what the export says, else sip")
	f.Int("jobs", 0, "how much is done at once: files read, or servers and names asked; 0: what suits the command")
	addList(cmd, "only", "run these rules and no others, and what they need: IDs, names, areas or commands")
	addList(cmd, "enable", "run these rules too")
	addList(cmd, "skip", "leave these rules out, and what only they need: IDs, names, areas or commands")
	addList(cmd, "disable", "former name of --skip")
	hide(cmd, "disable")
	mainFlags.put(cmd, "fail-on", "profile", "generation", "only", "enable", "skip")
	outputFlags.put(cmd, "format", "output", "color")
	advancedFlags.put(cmd, "no-suppressions", "follow-links", "jobs", "disable")
}

// choose has --only and --skip decide on rules, and so on the probes that they need. An area can be named as the command that probes it.
func (c *configFlags) choose(cmd *cobra.Command) error {
	only, ok := cmd.Flags().Lookup("only").Value.(pflag.SliceValue)
	if ok && len(only.GetSlice()) > 0 {
		words, names, all := catalogue.Select(catalogue.Areas(nil), only.GetSlice(), false)
		if all {
			c.onlyAreas = names
		}
		if err := only.Replace(words); err != nil {
			return err
		}
	}
	skip, err := cmd.Flags().GetStringSlice("skip")
	if err != nil || len(skip) == 0 {
		return err
	}
	words, names, _ := catalogue.Select(catalogue.Areas(nil), skip, true)
	c.skipAreas = names
	for _, w := range words {
		if err := cmd.Flags().Set("disable", w); err != nil {
			return err
		}
	}
	return nil
}

func (c *configFlags) load(cmd *cobra.Command, env *environment) (*config.Config, error) {
	if err := c.choose(cmd); err != nil {
		return nil, err
	}
	return c.loadWith(cmd, env, cmd.Flags())
}

// read loads the configuration for a command that takes nothing of it but the rules.
func (c *configFlags) read(cmd *cobra.Command, env *environment) (*config.Config, error) {
	return c.loadWith(cmd, env, nil)
}

func (c *configFlags) loadWith(cmd *cobra.Command, env *environment, flags *pflag.FlagSet) (*config.Config, error) {
	conf, err := config.Load(config.Options{
		Context: cmd.Context(), WorkDir: env.dir(), Path: c.path, Getenv: env.getenv, Flags: flags,
		Rules: catalogue.All(), Formats: report.Formats(), ShowSuppressed: c.noSuppressions, Now: env.clock(),
	})
	if err == nil {
		env.logConfig(conf)
	}
	return conf, err
}

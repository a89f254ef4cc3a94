package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"cupclint/docs"
	"cupclint/export"
	"cupclint/internal/catalogue"
	"cupclint/internal/config"
	"cupclint/internal/report"
	"cupclint/lint"
)

func newLintCmd(env *environment) *cobra.Command {
	var inputFormat string
	var addresses, deployments, quiet, verbose, skipUnknown bool
	var settings configFlags
	var modes lintModes
	cmd := &cobra.Command{
		Use:   "lint PATH...",
		Short: "Lint configuration exports",
		Long: `Reads configuration exports and says what is wrong in them, without touching the network.

A PATH is a file, a folder (walked, without what is hidden), a glob, an archive (.zip, .tar, .tar.gz) or - for standard input.
The format is recognised from the content: SOAP client configuration response, key = value text (logs, a pasted Show Server
Health, .properties), YAML or JSON in cupclint's keys, a Windows registry export, jabber-config.xml, jabber-bootstrap.properties,
an AXL answer, or the output of run sql or show network cluster.

Exports of clients and of servers that lie in one folder or archive and name the same nodes are judged together as one
deployment, as are those that the configuration names.

With --fix, what can be mended mechanically and safely is mended in place, byte for byte the same elsewhere; the report says what is
left. With --diff the same is printed as a patch that git apply takes, and exit code 1 says that there is something to mend.

With --write-baseline all findings are accepted: from then on only new ones are reported, until --prune-baseline or the next
--write-baseline. A finding is known by rule, key and value, so lines may move and files may be renamed.

With --changed-since, findings stand only in files that git says changed since a revision: committed, staged, in the work tree, or
new. Rules over several exports see all of them, and what they find is always reported.

Rules are weighed, switched off and suppressed in .cupclint.yaml, which is looked for upwards from the working directory.`,
		Example: `  cupclint lint exports/
  cupclint lint --addresses hq.xml                  with the table of presence addresses
  cupclint lint --format json --output found.json exports/ backup.zip
  cupclint lint --only presence --fail-on warning 'sites/**/*.xml'
  cupclint lint --explain-deployments hq/           with what was judged together, and why
  cupclint lint --fix exports/                      mend white space, case, dots, port and protocol
  cupclint lint --diff exports/ | git apply         the same, by way of a patch
  cupclint lint --write-baseline exports/           accept what is found today; from now on only what is new fails
  cupclint lint --changed-since origin/main exports/
  cat hq.xml | cupclint lint -`,
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
			if quiet && verbose {
				return errors.New("--quiet and --verbose exclude each other")
			}
			modes.force, modes.quiet, modes.skipUnknown = force, quiet, skipUnknown
			if err := modes.prepare(cmd, env, conf, args); err != nil {
				return err
			}
			outputs, err := openOutputs(env, conf, quiet)
			if err != nil {
				return err
			}
			for i := range outputs {
				outputs[i].style.Verbose = verbose
			}
			return lintPaths(cmd, env, conf, outputs, lint.Options{
				Rules: catalogue.All(), Policy: conf.Policy, Jobs: conf.Jobs, Addresses: addresses, Deployments: deployments,
				NewReader: func() *export.Reader {
					return &export.Reader{Force: force, SkipForeign: skipUnknown, Stdin: env.input(cmd.Context())}
				},
			}, modes, args)
		},
	}
	flags := cmd.Flags()
	settings.add(cmd)
	flags.StringVar(&inputFormat, "input-format", "auto", "take every input for this format: "+strings.Join(export.FormatNames(), ", "))
	modes.add(cmd)
	flags.BoolVar(&addresses, "addresses", false, "add the table of presence addresses")
	flags.BoolVar(&deployments, "explain-deployments", false, "add what was judged together, by which nodes, and why")
	flags.BoolVarP(&verbose, "verbose", "v", false, "text: add what each input was taken for, and what was passed over in it")
	flags.BoolVar(&skipUnknown, "skip-unknown", false, "pass over named files of other tools, as in a folder; for hooks, which name every changed file")
	flags.BoolVarP(&quiet, "quiet", "q", false, "text: findings only, no summary")
	flags.String("cache", "", "how an unchanged input is told: stat (size, times, number), content, off (default stat)")
	flags.BoolVar(&modes.noCache, "no-cache", false, "the same as --cache=off")
	return cmd
}

func needPaths(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("no input: name files, folders, globs or archives, or - for standard input; see %s --help", cmd.CommandPath())
	}
	return nil
}

func lintPaths(cmd *cobra.Command, env *environment, conf *config.Config, outputs []output, o lint.Options, modes lintModes, args []string) error {
	limitMemory()
	sources, errs := export.Find(args)
	sources, err := withoutOutputs(sources, outputs, args)
	if err != nil {
		return err
	}
	if sources, err = modes.choose(sources); err != nil {
		return err
	}
	o.Sources, o.Errors = sources, errs
	o.Suppressed = slices.ContainsFunc(outputs, func(out output) bool { return out.suppressed })
	if !o.Addresses {
		trimAll(outputs, func(d *report.Document) { d.Addresses = nil })
		o.Addresses = slices.ContainsFunc(outputs, func(out output) bool { return out.page })
	}
	o.Cache = cacheFor(env, conf, modes.noCache, &o, modes.force, args)
	progress := newProgress(env, "linted")
	o.Progress = progress.update
	result, interrupted := lint.Run(cmd.Context(), o)
	progress.done()
	defer func() { result.Close() }()
	if modes.diff {
		if interrupted != nil {
			return unreadable(errors.New("interrupted: there is no patch"))
		}
		return modes.printPatch(cmd.Context(), env, conf, result, o, args)
	}
	mendingFailed := false
	if modes.fix && interrupted == nil {
		mended, err := modes.mend(cmd.Context(), env, result, o, args)
		if err != nil {
			return err
		}
		mendingFailed = mended.failed
		if mended.files > 0 { // what is left, and where it stands now
			result.Close()
			result, interrupted = lint.Run(cmd.Context(), o)
			progress.done()
		}
	}
	for i := range result.Errors {
		env.complain(&result.Errors[i])
	}
	if len(sources) == 0 && len(errs) == 0 {
		env.complain(errors.New("no export was found"))
	}
	nothing := result.Summary.Files == 0 && len(result.Errors) == 0 && len(sources) > 0
	if nothing && !modes.skipUnknown {
		env.complain(fmt.Errorf("nothing was read: %s", passedOver(result.Summary)))
	}
	failed := len(result.Errors) > 0 || len(sources) == 0 || nothing && !modes.skipUnknown || mendingFailed
	if modes.write != "" && interrupted == nil {
		return modes.accept(env, result, failed)
	}
	d := documentOf(result, o)
	if interrupted == nil {
		if err := modes.narrow(env, o, result, args, d); err != nil {
			return err
		}
	}
	if err := writeAll(outputs, d); err != nil {
		return unreadable(err)
	}
	switch {
	case interrupted != nil:
		return unreadable(errors.New("interrupted: the report holds what was known by then"))
	case failed:
		return exitWith(exitInput)
	}
	return exitWith(findingsCode(conf, d.Summary.Findings))
}

// passedOver says why a run without an error read nothing.
func passedOver(s lint.Summary) string {
	if s.Passed == 0 {
		return "all inputs are left out by ignore: in the configuration"
	}
	return fmt.Sprintf("none of the %d files is an export of a client or a server; name a file to learn why", s.Passed)
}

func documentOf(result *lint.Result, o lint.Options) *report.Document {
	d := &report.Document{
		Findings: result.Findings(), Summary: result.Summary, Errors: result.Errors, Version: buildVersion(),
		Rules: o.Rules, Page: docs.RulePage, Deployments: result.Deployments, Inputs: result.Inputs(),
	}
	if o.Suppressed {
		d.Suppressed = result.Suppressed()
	}
	if o.Addresses {
		d.Addresses = result.Addresses()
	}
	return d
}

// withoutOutputs leaves out the reports of an earlier run that lie in a folder of exports. To name one as an input is a mistake that
// would cost the input.
func withoutOutputs(sources []export.Source, outputs []output, args []string) ([]export.Source, error) {
	for _, o := range outputs {
		if o.file == "" {
			continue
		}
		base := filepath.Base(o.file)
		is := func(name string) bool { // the names decide first: there may be very many
			return filepath.Base(name) == base && same(name, o.file)
		}
		if slices.ContainsFunc(args, is) {
			return nil, fmt.Errorf("the report would overwrite the input %s", o.file)
		}
		sources = slices.DeleteFunc(sources, func(s export.Source) bool { return is(s.Name) })
	}
	return sources, nil
}

// limitMemory lets the heap grow up to a bound before the collector works hard: what is alive is little, and lint runs
// beside other jobs of a CI machine. The bound is soft, so a large input still passes.
func limitMemory() {
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(32 << 20)
}

// findingsCode is exitFindings when something weighs as much as --fail-on says.
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
type configFlags struct{ path string }

func (c *configFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.path, "config", "", "configuration file (default: .cupclint.yaml, looked for upwards)")
	f.String("fail-on", "", "exit with 1 from this severity on: error, warning, info, never (default error)")
	f.StringSlice("format", nil, "format of the report, "+strings.Join(report.Formats(), ", ")+"; NAME=FILE writes to a file, may be repeated (default text)")
	f.StringP("output", "o", "", "write the report to this file")
	f.String("color", "", "colour: auto, always, never (default auto)")
	f.String("profile", "", "stage of the deployment: first-light weighs rules about encryption less")
	f.String("generation", "", "client generation: sip (1.2 to 7.x), xmpp (8.x and Jabber); default: what the export says, else sip")
	f.Int("jobs", 0, "files read at once; 0 means one for each processor")
	f.StringSlice("only", nil, "run these rules and no others: IDs, names or areas")
	f.StringSlice("enable", nil, "run these rules too")
	f.StringSlice("disable", nil, "leave these rules out")
}

func (c *configFlags) load(cmd *cobra.Command, env *environment) (*config.Config, error) {
	return config.Load(config.Options{
		WorkDir: env.workDir, Path: c.path, Getenv: env.getenv, Flags: cmd.Flags(),
		Rules: catalogue.All(), Formats: report.Formats(),
	})
}

// An output is one format and where it goes.
type output struct {
	write report.Writer
	file  string // empty for standard output
	style report.Style
	to    io.Writer
	// suppressed says that the format shows suppressed findings, too; page that it shows all that is known.
	suppressed, page bool
	// trim, if set, takes out of a copy of the document what this output is not to show although it is known.
	trim func(*report.Document)
}

// trimAll has all outputs but pages leave out what trim takes out.
func trimAll(outputs []output, trim func(*report.Document)) {
	for i := range outputs {
		if !outputs[i].page {
			outputs[i].trim = trim
		}
	}
}

func openOutputs(env *environment, conf *config.Config, quiet bool) ([]output, error) {
	var outputs []output
	plain := 0
	for _, spec := range conf.Formats {
		name, file, _ := strings.Cut(spec, "=")
		w, err := report.Find(name)
		if err != nil {
			return nil, err
		}
		if file == "" {
			plain++
			file = conf.Output
		}
		if file != "" && !isFolder(filepath.Dir(file)) {
			return nil, fmt.Errorf("write the report to %s: there is no such folder", file)
		}
		style := report.Style{Quiet: quiet}
		if file == "" {
			style.Color, style.Width = env.colored(conf.Color), env.width
		}
		outputs = append(outputs, output{write: w, file: file, to: env.stdout, style: style, suppressed: report.ShowsSuppressed(name), page: report.IsPage(name)})
	}
	if plain > 1 {
		return nil, errors.New("several formats for one output: write --format NAME=FILE for all but one")
	}
	return outputs, nil
}

func writeAll(outputs []output, d *report.Document) error {
	var errs []error
	for _, o := range outputs {
		d := d
		if o.trim != nil {
			trimmed := *d
			o.trim(&trimmed)
			d = &trimmed
		}
		if o.file == "" {
			if err := o.write(o.to, d, o.style); !errors.Is(err, syscall.EPIPE) { // else the reader has seen enough
				errs = append(errs, err)
			}
			continue
		}
		err := writeFile(o.file, 0o644, func(w io.Writer) error { return o.write(w, d, o.style) })
		if err != nil {
			errs = append(errs, fmt.Errorf("write the report to %s: %w", o.file, err))
		}
	}
	return errors.Join(errs...)
}

// writeFile writes a file as a whole or not at all: into a new one beside it, which then takes its name. What is no regular file,
// such as /dev/null, is written to directly.
func writeFile(name string, mode os.FileMode, write func(io.Writer) error) (err error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	replaces := err == nil
	tmp, err := createBeside(name, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if err := write(tmp); err != nil {
		return err
	}
	if replaces {
		if err := tmp.Chmod(info.Mode().Perm()); err != nil {
			return err
		}
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

// createBeside makes a new file in the folder of another, which no one else has open. The process's umask holds, as it does not
// for os.CreateTemp with a change of mode.
func createBeside(name string, mode os.FileMode) (*os.File, error) {
	dir, base := filepath.Split(name)
	for {
		f, err := os.OpenFile(fmt.Sprintf("%s.%s.%08x", dir, base, rand.Uint32()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

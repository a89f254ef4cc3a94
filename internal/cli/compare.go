package cli

import (
	"cmp"
	"context"
	"encoding/json"
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
	"cupclint/internal/compare"
	"cupclint/internal/config"
	"cupclint/internal/report"
	"cupclint/internal/safefile"
	"cupclint/lint"
)

// compareFlags are the flags of `cupclint compare`.
type compareFlags struct {
	settings configFlags
	quiet    bool
	all      bool
}

func newCompareCmd(env *environment) *cobra.Command {
	f := &compareFlags{}
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Show what changed between two states of a deployment",
		Long: `Compares two states and shows the findings that are new, gone or changed, and the
facts that changed: settings, presence addresses, what servers answered.

OLD and NEW are each one of:
  - a folder, a file or an archive of exports, which is linted
  - a report of lint or audit, in JSON or JSON Lines
  - a case that audit --save wrote, which is judged again

A finding is recognised by its rule, its key and its meaning. A renamed file, a
moved line and another order do not count as a change. If the other side could
not have a finding (its file could not be read, its servers were not probed), the
finding is listed as not known.

Settings are compared between exports, for each site; of a secret only the fact
that it changed is shown. Answers of servers are compared between cases. Two
sides of different kinds are compared in what both have.

Exit codes: 0 no new finding at or above --fail-on; 1 new findings; 2 wrong
usage or configuration; 3 an input could not be read, and the rest was compared.`,
		Example: `  cupclint compare exports-monday/ exports-friday/
  cupclint compare last.json now.json                  two reports
  cupclint compare monday.case.json friday.case.json   two cases of audit --save
  cupclint compare --format html=changes.html old.zip exports/`,
		Args: takes(2, 2, "name two states: the earlier one and the later one"),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, env, args) },
	}
	f.settings.add(cmd)
	fl := cmd.Flags()
	fl.Lookup("format").Usage = "format of the comparison: text, json, html; NAME=FILE writes to a file; may be repeated (default text)"
	fl.Lookup("output").Usage = "write the comparison to this file; - is standard output"
	fl.Lookup("fail-on").Usage = "exit with 1 for new findings from this severity on: error, warning, info, never (default error)"
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "text: only what changed, no summary")
	fl.BoolVar(&f.all, "all", false, "text: show every finding and fact, however many there are")
	outputFlags.put(cmd, "quiet", "all")
	return cmd
}

// compareFormats are those of a comparison.
func compareFormats() []string { return []string{"text", "json", "html"} }

func (f *compareFlags) run(cmd *cobra.Command, env *environment, args []string) error {
	if args[0] == export.Stdin && args[1] == export.Stdin {
		return errors.New("standard input can be only one of the two sides")
	}
	conf, err := f.settings.load(cmd, env)
	if err != nil {
		return err
	}
	if err := chooseCompareFormats(conf); err != nil {
		return err
	}
	var result *compare.Result
	outputs, err := f.outputs(env, conf, &result)
	if err != nil {
		return err
	}
	for _, o := range outputs {
		if o.name != "" && slices.ContainsFunc(args, func(a string) bool { return a != export.Stdin && same(a, o.path()) }) {
			return fmt.Errorf("the comparison would overwrite the input %s", o.name)
		}
	}
	areas := catalogue.Areas(nil)
	var sides [2]*compare.Side
	for i, arg := range args {
		if sides[i], err = f.side(cmd.Context(), env, conf, areas, outputs, arg); err != nil {
			return unreadable(err)
		}
		for k := range sides[i].Errors {
			env.complain(&sides[i].Errors[k])
		}
	}
	for i, s := range sides {
		if s.Kind == compare.Exports && len(s.Files) == 0 && len(s.Errors) > 0 {
			return unreadable(fmt.Errorf("%s: nothing could be read, so there is nothing to compare", hideTyped(args[i])))
		}
	}
	result = compare.Run(sides[0], sides[1], compare.Options{DeploymentOf: conf.Policy.DeploymentOf, AreasOf: areasOf(areas)})
	result.Version = buildVersion()
	if err := writeAll(outputs, &report.Document{}); err != nil {
		return unreadable(err)
	}
	if len(result.Errors) > 0 {
		return exitWith(exitInput)
	}
	return exitWith(findingsCode(conf, result.NewCounts()))
}

// chooseCompareFormats leaves out formats that the configuration file sets for reports.
func chooseCompareFormats(conf *config.Config) error {
	kept := slices.DeleteFunc(slices.Clone(conf.Formats), func(spec string) bool {
		name, _, _ := strings.Cut(spec, "=")
		return !slices.Contains(compareFormats(), name)
	})
	if len(kept) == len(conf.Formats) {
		return nil
	}
	if !conf.ByFile("format") {
		return fmt.Errorf("compare writes %s: give one of them with --format", strings.Join(compareFormats(), ", "))
	}
	if conf.Formats = kept; len(kept) == 0 {
		conf.Formats = []string{"text"}
	}
	return nil
}

// outputs are those of the configuration, each of which writes the result.
func (f *compareFlags) outputs(env *environment, conf *config.Config, result **compare.Result) ([]output, error) {
	outputs, err := openOutputs(env, conf, f.quiet)
	if err != nil {
		return nil, err
	}
	for i, spec := range conf.Formats {
		name, _, _ := strings.Cut(spec, "=")
		outputs[i].says = func() string {
			return fmt.Sprintf("%s, %d gone, %d changed", plural(len((*result).Appeared), "new finding", "new findings"), len((*result).Gone),
				len((*result).Changed))
		}
		outputs[i].write = func(w io.Writer, _ *report.Document, s report.Style) error {
			switch name {
			case "json":
				return (*result).WriteJSON(w)
			case "html":
				return (*result).WriteHTML(w)
			}
			return (*result).WriteText(w, compare.Style{Color: s.Color, Quiet: s.Quiet, All: f.all, Width: cmp.Or(s.Width, releasesWidth)})
		}
	}
	return outputs, nil
}

// areasOf lists the areas of a live rule.
func areasOf(areas []area.Area) func(rule string) []string {
	names := make(map[string][]string)
	for _, a := range areas {
		info := a.Info()
		for _, r := range slices.Concat(info.Rules, info.Shared) {
			names[r.ID] = append(names[r.ID], info.Name)
		}
	}
	return func(rule string) []string { return names[rule] }
}

// side reads one side: exports, a report or a case.
func (f *compareFlags) side(ctx context.Context, env *environment, conf *config.Config, areas []area.Area, outputs []output,
	arg string) (*compare.Side, error) {
	if isFolder(arg) {
		return f.lint(ctx, env, conf, outputs, arg)
	}
	if arg != export.Stdin {
		head, err := safefile.Head(arg, reportHead)
		if err != nil || compare.FormOf(head) == compare.NoForm {
			return f.lint(ctx, env, conf, outputs, arg) // exports, a glob, or nothing: lint reports the error
		}
	}
	text, err := env.readFile(ctx, arg, compare.MaxReport, "the report")
	if err != nil {
		return nil, err
	}
	switch compare.FormOf(text) {
	case compare.SavedCase:
		return caseSide(conf, areas, arg, text)
	case compare.JSONReport:
		s, err := compare.ReadReport(arg, text)
		if err != nil {
			return nil, fmt.Errorf("read the report %s: %w", arg, err)
		}
		return s, nil
	case compare.JSONLines:
		return compare.ReadLines(arg, text), nil
	}
	return nil, fmt.Errorf("%s: this is neither a report in JSON nor a case of audit --save", arg)
}

// lint makes a side of exports.
func (f *compareFlags) lint(ctx context.Context, env *environment, conf *config.Config, outputs []output, arg string) (*compare.Side,
	error) {
	sources, errs := f.settings.find(env, []string{arg})
	sources, err := withoutOutputs(sources, outputs, []string{arg})
	if err != nil {
		return nil, err
	}
	var settings compare.SettingsFinder
	progress := term.NewProgress(env.screen(), "linted")
	result, interrupted := lint.Run(ctx, lint.Options{
		Sources: sources, Errors: errs, Rules: append(catalogue.All(), settings.Rule()), Policy: conf.Policy, Jobs: conf.Jobs, Addresses: true,
		NewReader: func() *export.Reader { return &export.Reader{Log: env.log} }, Progress: progress.Update,
	})
	progress.Done()
	defer func() { _ = result.Close() }() // it is only read from
	if interrupted != nil {
		return nil, errors.New("interrupted: nothing is compared")
	}
	s := &compare.Side{Name: arg, Kind: compare.Exports, Exports: result.Summary.Files, Errors: result.Errors, Version: buildVersion(),
		Probed: map[string]bool{}}
	if len(result.Errors) == 0 && result.Summary.Files == 0 {
		s.Errors = append(s.Errors, lint.InputError{File: arg, Message: "no export was found"})
	}
	for fd, err := range result.Findings() {
		if err != nil {
			return nil, fmt.Errorf("read back the findings: %w", err)
		}
		s.Findings = append(s.Findings, *fd)
	}
	for row, err := range result.Inputs() {
		if err != nil {
			return nil, fmt.Errorf("read back the inputs: %w", err)
		}
		if row.Skipped() {
			s.Passed = append(s.Passed, strings.Clone(row.File))
		} else {
			s.Files = append(s.Files, strings.Clone(row.File))
		}
	}
	var addresses []lint.AddressRow
	for row, err := range result.Addresses() {
		if err != nil {
			return nil, fmt.Errorf("read back the presence addresses: %w", err)
		}
		addresses = append(addresses, *row)
	}
	s.Facts = map[compare.Source][]compare.Fact{
		compare.Settings: settings.Facts(), compare.Addresses: compare.AddressFacts(addresses),
	}
	return s, nil
}

// caseSide makes a side of a saved case, judged as audit --replay does.
func caseSide(conf *config.Config, areas []area.Area, name string, text []byte) (*compare.Side, error) {
	wrong := func(err error) (*compare.Side, error) { return nil, fmt.Errorf("read the case from %s: %w", name, err) }
	c, err := audit.Load(strings.NewReader(string(text)), areas)
	if err != nil {
		return wrong(err)
	}
	c.Known.CertificateSoon = conf.CertificateSoon()
	judged := c.Judge(catalogue.All(), conf.Policy)
	kept, err := json.Marshal(&c.Observations)
	if err != nil {
		return wrong(err)
	}
	var observations map[string]json.RawMessage
	if err := json.Unmarshal(kept, &observations); err != nil {
		return wrong(err)
	}
	facts, err := compare.Observed(areas, observations)
	if err != nil {
		return wrong(err)
	}
	s := &compare.Side{
		Name: name, Kind: compare.Case, Version: c.Version, At: c.At, Exports: c.Summary.Files, Findings: judged.Findings, Errors: c.Incomplete(),
		Facts: map[compare.Source][]compare.Fact{compare.Addresses: compare.AddressFacts(c.Addresses), compare.Observations: facts},
	}
	s.SetProbes(c.Observations.Probes())
	return s, nil
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/baseline"
	"cupclint/internal/config"
	"cupclint/internal/report"
	"cupclint/lint"
)

// mergeFlags are the flags of `cupclint merge`.
type mergeFlags struct {
	settings               configFlags
	addresses, deployments bool
	quiet                  bool
}

func newMergeCmd(env *environment) *cobra.Command {
	f := &mergeFlags{}
	cmd := &cobra.Command{
		Use:   "merge REPORT...",
		Short: "Make one report of the shards of lint",
		Long: `Makes one report of the reports that cupclint lint --shard 1/N to N/N wrote. It has the same findings, counts and order as one run of
cupclint lint over all inputs, and the same exit code.

A REPORT is a file, a glob, or a folder with files whose names end in .json.

The rules that compare several exports (the kinds fleet and joined), suppressions that match nothing and the baseline need all inputs. They are judged
here, from facts in the reports. Use the same .cupclint.yaml and the same flags --only, --enable, --skip, --profile and --generation
as for the shards, and run the merge in the same folder. Passwords are not in the reports: where several shards found a
password of one account, rule LDAP007 reads a file of each again.

The merge refuses a missing shard, a shard that is there twice, a report that is cut, and reports of other versions, settings or
inputs, with exit code 3.`,
		Example: `  cupclint merge shards/
  cupclint merge --format html=report.html --format sarif=lint.sarif shards/*.json
  cupclint merge --fail-on warning -o report.txt shards/1.json shards/2.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("no report: name the files that cupclint lint --shard wrote; see %s --help", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, env, args) },
	}
	f.settings.add(cmd)
	fl := cmd.Flags()
	for _, name := range [...]string{"jobs", "follow-links"} { // the shards have done what they are about
		fl.Lookup(name).Hidden = true
	}
	fl.BoolVar(&f.addresses, "addresses", false, "add the table of presence addresses")
	fl.BoolVar(&f.deployments, "explain-deployments", false, "add what was judged together, by which nodes, and why")
	f.settings.addReport(cmd)
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "text: findings only, no summary")
	outputFlags.put(cmd, "addresses", "explain-deployments", "quiet")
	return cmd
}

func (f *mergeFlags) run(cmd *cobra.Command, env *environment, args []string) error {
	conf, err := f.settings.load(cmd, env)
	if err != nil {
		return err
	}
	if err := f.settings.checkQuiet(f.quiet); err != nil {
		return err
	}
	outputs, err := openOutputs(env, conf, f.quiet)
	if err != nil {
		return err
	}
	if err := f.settings.tell(env, outputs); err != nil {
		return err
	}
	files, err := reportFiles(args)
	if err != nil {
		return unreadable(err)
	}
	for _, o := range outputs {
		if o.name != "" && slices.ContainsFunc(files, func(name string) bool { return same(name, o.path()) }) {
			return fmt.Errorf("the report would overwrite the input %s", o.name)
		}
	}
	parts, heads, err := openParts(files)
	if err != nil {
		return unreadable(err)
	}
	o := lint.Options{Rules: conf.Rules, Policy: conf.Policy, Addresses: f.addresses, Deployments: f.deployments}
	if err := lint.CheckParts(o, buildVersion(), heads, files); err != nil {
		return unreadable(err)
	}
	limitMemory(env, lintMemory(heads[0].All))
	return f.merge(cmd.Context(), env, conf, outputs, o, parts, heads)
}

// reportFiles are the files that arguments name.
func reportFiles(args []string) (files []string, err error) {
	for _, arg := range args {
		if isFolder(arg) {
			entries, err := os.ReadDir(arg)
			if err != nil {
				return nil, fmt.Errorf("find reports: %w", err)
			}
			n := len(files)
			for _, e := range entries {
				if filepath.Ext(e.Name()) == ".json" && !e.IsDir() {
					files = append(files, filepath.Join(arg, e.Name()))
				}
			}
			if len(files) == n {
				return nil, fmt.Errorf("find reports: %s has no file whose name ends in .json", arg)
			}
			continue
		}
		if _, err := os.Lstat(arg); errors.Is(err, fs.ErrNotExist) {
			if found, err := filepath.Glob(arg); err == nil && len(found) > 0 {
				files = append(files, found...)
				continue
			}
		}
		files = append(files, arg)
	}
	return files, nil
}

// openParts reads the heads of reports.
func openParts(files []string) (parts []*report.PartFile, heads []*lint.Head, err error) {
	var errs []error
	for _, name := range files {
		p, err := report.OpenPart(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		parts, heads = append(parts, p), append(heads, &p.Head)
	}
	return parts, heads, errors.Join(errs...)
}

func (f *mergeFlags) merge(ctx context.Context, env *environment, conf *config.Config, outputs []output, o lint.Options,
	parts []*report.PartFile, heads []*lint.Head) error {
	head := heads[0]
	set, sources, folders, err := carried(env, heads)
	if err != nil {
		return unreadable(err)
	}
	force, err := export.ParseFormat(head.InputFormat)
	if err != nil {
		return unreadable(fmt.Errorf("%s: %w", parts[0].Name, err))
	}
	o.NewReader = func() *export.Reader {
		r := env.reader(ctx)
		r.Force, r.SkipForeign = force, head.SkipUnknown
		return r
	}
	o.Suppressed = slices.ContainsFunc(outputs, func(out output) bool { return out.suppressed })
	if !o.Addresses {
		trimAll(outputs, func(d *report.Document) { d.Addresses = nil })
		o.Addresses = slices.ContainsFunc(outputs, func(out output) bool { return out.page })
	}
	done := env.stage("merge")
	m := lint.NewMerger(o, heads)
	for _, p := range parts {
		if err := p.Read(ctx, m); err != nil {
			return unreadable(errors.Join(err, m.Close()))
		}
	}
	result, interrupted := m.Finish(ctx)
	done()
	defer result.Close()
	if interrupted != nil {
		return unreadable(errors.New("interrupted: nothing is reported"))
	}
	for i := range result.Errors {
		env.complain(&result.Errors[i])
	}
	if head.All == 0 && len(result.Errors) == 0 {
		env.complain(errors.New("no export was found: see docs/exports.md for the files that cupclint reads"))
	}
	nothing := result.Summary.Files == 0 && len(result.Errors) == 0 && head.All > 0 && !head.SkipUnknown
	if nothing {
		env.complain(fmt.Errorf("nothing was read: %s", readNothing(result.Summary)))
	}
	d := documentOf(result, o)
	d.RuleURL = conf.RulePage
	o.Sources = sources
	if err := (&baselining{set: set}).apply(env, f.quiet, baseline.RunOf(o, result, folders), d); err != nil {
		return err
	}
	if err := writeAll(outputs, d); err != nil {
		return unreadable(err)
	}
	if len(result.Errors) > 0 || head.All == 0 || nothing {
		return exitWith(exitInput)
	}
	return exitWith(findingsCode(conf, d.Summary.Findings))
}

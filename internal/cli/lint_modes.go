package cli

import (
	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/baseline"
	"cupclint/internal/config"
	"cupclint/internal/report"
	"cupclint/lint"
)

// lintModes are the ways in which lint does more, or less, than report what it finds.
type lintModes struct {
	fixing
	baselining
	changing
	remembering
	sharding
	force export.Format
	quiet bool
	// skipUnknown skips named files of other tools.
	skipUnknown bool
}

func (l *lintModes) add(cmd *cobra.Command) {
	l.addFixing(cmd)
	l.addBaseline(cmd)
	l.addChanging(cmd)
	l.addHistory(cmd)
	l.addSharding(cmd)
}

// prepare checks the flags, and reads what they need.
func (l *lintModes) prepare(cmd *cobra.Command, env *environment, conf *config.Config, args []string) error {
	if err := l.checkSharding(cmd, conf, args); err != nil {
		return err
	}
	if err := l.checkFixing(cmd, args); err != nil {
		return err
	}
	if err := l.checkHistory(); err != nil {
		return err
	}
	if err := l.ask(cmd, env, args); err != nil {
		return err
	}
	return l.open(cmd, env, conf, args)
}

// without leaves out files that are not inputs.
func (l *lintModes) without(sources []export.Source) []export.Source {
	return l.withoutHistory(l.baselining.without(sources))
}

// survey finds the baselines in the folders of the inputs, and sees which inputs changed. It returns the inputs if a mode needs them: all
// of them take much memory.
func (l *lintModes) survey(env *environment, inputs *export.Sources, args []string) ([]export.Source, error) {
	if err := l.ofFolders(env, inputs, args); err != nil {
		return nil, err
	}
	if !l.fix && !l.diff && !l.on() && l.changing.set == nil && !l.compares() {
		return nil, nil
	}
	limitMemory(env, lintMemory(inputs.Len()))
	sources, err := inputs.Slice()
	if err != nil {
		return nil, unreadable(err)
	}
	return sources, l.changing.survey(sources)
}

// narrow leaves in the report what is asked for.
func (l *lintModes) narrow(env *environment, o lint.Options, result *lint.Result, args []string, d *report.Document) error {
	if l.on() {
		return nil // the baseline is for the merge
	}
	if err := l.apply(env, l.quiet, baseline.RunOf(o, result, foldersOf(args)), d); err != nil {
		return err
	}
	if l.changed != nil {
		return l.keepChanged(env, l.quiet, d)
	}
	return nil
}

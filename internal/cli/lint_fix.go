package cli

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/config"
	"cupclint/internal/fix"
	"cupclint/internal/report"
	"cupclint/lint"
)

// fixing is what --fix and --diff ask for.
type fixing struct{ fix, diff bool }

func (m *fixing) addFixing(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&m.fix, "fix", false, "fix in the files what can be fixed automatically, and report the remaining findings")
	cmd.Flags().BoolVar(&m.diff, "diff", false, "print what --fix would do, as a patch for git apply, instead of a report")
	mainFlags.put(cmd, "fix", "diff")
	cmd.MarkFlagsMutuallyExclusive("fix", "diff")
}

// check refuses flags that contradict each other.
func (m *fixing) checkFixing(cmd *cobra.Command, args []string) error {
	switch {
	case (m.fix || m.diff) && slices.Contains(args, export.Stdin):
		return errors.New("--fix and --diff need files, and standard input is not one: name the file")
	case m.diff && (cmd.Flags().Changed("format") || cmd.Flags().Changed("output")):
		return errors.New("--diff prints a patch to standard output: --format and --output are for reports")
	}
	return nil
}

// fixFiles is --fix. It reports whether files were changed and whether something failed.
func (l *lintModes) fixFiles(ctx context.Context, env *environment, result *lint.Result, o lint.Options, args []string) (
	changed, failed bool, err error) {
	m := fix.NewRun(o, l.force, args, "not fixed", env.complain)
	defer m.Close()
	err = m.Each(ctx, result.Findings(), l.has, func(file *fix.File, change *fix.Result) error {
		if err := m.Replace(file, change); err != nil {
			return err
		}
		env.wrote(l.quiet, change.Name, plural(len(change.Applied), "finding fixed", "findings fixed"))
		return nil
	})
	if m.Files > 0 && !l.quiet {
		env.note(plural(m.Findings, "finding fixed", "findings fixed") + " in " + plural(m.Files, "file", "files"))
	}
	if err != nil {
		err = unreadable(err)
	}
	return m.Files > 0, m.Failed, err
}

// printPatch is --diff.
func (l *lintModes) printPatch(ctx context.Context, env *environment, conf *config.Config, result *lint.Result, o lint.Options,
	args []string) error {
	for i := range result.Errors {
		env.complain(&result.Errors[i])
	}
	root, err := fix.PatchRoot(env.dir())
	if err != nil {
		return unreadable(err)
	}
	failed := len(result.Errors) > 0 || len(o.Sources) == 0
	if len(o.Sources) == 0 && len(o.Errors) == 0 {
		env.complain(errors.New("no export was found"))
	}
	m := fix.NewRun(o, l.force, args, "not in the patch", env.complain)
	defer m.Close()
	var patch bytes.Buffer
	err = m.Each(ctx, result.Findings(), l.has, func(_ *fix.File, change *fix.Result) error {
		path, err := fix.PatchPath(root, change.Name)
		if err != nil {
			return err
		}
		text, err := change.Patch(path)
		patch.Write(text)
		return err
	})
	if err != nil {
		return unreadable(err)
	}
	if err := writePatch(env, patch.Bytes()); err != nil {
		return err
	}
	switch {
	case failed || m.Failed:
		return exitWith(exitInput)
	case conf.FailOn != config.Never && m.Files+m.Left > 0: // something could be fixed
		return exitWith(exitFindings)
	}
	return exitWith(exitClean)
}

// writePatch prints the patch. A terminal gets no control characters: it would act on them instead of showing them.
func writePatch(env *environment, text []byte) error {
	if env.outTerminal {
		var shown bytes.Buffer
		for line := range bytes.Lines(text) {
			shown.WriteString(report.Clean(strings.TrimRight(string(line), "\r\n")))
			shown.WriteByte('\n')
		}
		text = shown.Bytes()
	}
	_, err := env.stdout.Write(text)
	return err
}

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/config"
	"cupclint/internal/fix"
	"cupclint/internal/report"
	"cupclint/lint"
)

// mending is what --fix and --diff ask for.
type mending struct{ fix, diff bool }

func (m *mending) addMending(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&m.fix, "fix", false, "mend what can be mended mechanically, in place, and report what is left")
	cmd.Flags().BoolVar(&m.diff, "diff", false, "print what --fix would do, as a patch for git apply, instead of a report")
	cmd.MarkFlagsMutuallyExclusive("fix", "diff")
}

// check refuses what does not go together.
func (m *mending) checkMending(cmd *cobra.Command, args []string) error {
	switch {
	case (m.fix || m.diff) && slices.Contains(args, export.Stdin):
		return errors.New("--fix and --diff mend files: standard input has no name")
	case m.diff && (cmd.Flags().Changed("format") || cmd.Flags().Changed("output")):
		return errors.New("--diff prints a patch to standard output: --format and --output are for reports")
	}
	return nil
}

// A mender mends the files of one run.
type mender struct {
	env   *environment
	quiet bool
	judge *lint.Judge
	force export.Format
	args  []string
	not   string // what is said of a file that is left alone

	named   map[string]bool // the sources
	folders map[string]bool // what the user named, or what lies in it
	tree    *fix.Tree       // the one that was used last: files come folder by folder
	treeIs  string
	failed  bool // an error was told: exit code 3
	files   int  // files that were mended
	count   int  // findings that were
	left    int  // files that could be mended and were not
	patch   bytes.Buffer
}

func newMender(env *environment, o lint.Options, force export.Format, args []string, quiet bool) *mender {
	m := &mender{env: env, judge: lint.NewJudge(o), force: force, args: args, quiet: quiet, named: make(map[string]bool, len(o.Sources))}
	for _, s := range o.Sources {
		m.named[s.Name] = true
	}
	m.folders = make(map[string]bool, len(args))
	for _, a := range args {
		m.folders[namedFolder(a)] = true
	}
	return m
}

func (m *mender) close() {
	if m.tree != nil {
		m.tree.Close()
	}
}

// mend handles every file that only takes and a finding with edits points to. do writes the file, or adds it to the patch.
func (m *mender) mend(ctx context.Context, findings *lint.Result, only func(string) bool, do func(*fix.File, *fix.Mend) error) error {
	last := ""
	for f, err := range findings.Findings() {
		switch {
		case err != nil:
			return unreadable(err)
		case ctx.Err() != nil:
			return unreadable(errors.New("interrupted: no file was left half done, and not all were reached"))
		case len(f.Edits) == 0 || f.File == last || !only(f.File):
			continue
		}
		last = f.File
		if !m.named[f.File] {
			m.left++
			m.env.complain(fmt.Errorf("%s: %s: archives are not rewritten, unpack it first", f.File, m.not))
			continue
		}
		if err := m.file(f.File, do); err != nil {
			m.left++
			m.env.complain(fmt.Errorf("%s: %s: %w", f.File, m.not, err))
		}
	}
	return nil
}

// file mends one file. The error says why it was left alone; failed is set where that is a fault.
func (m *mender) file(name string, do func(*fix.File, *fix.Mend) error) error {
	file, err := m.read(name)
	if err != nil {
		m.failed = m.failed || !errors.Is(err, fix.ErrOutside)
		return err
	}
	mend, err := fix.Compute(name, file.Data, m.force, m.judge.Findings)
	if err != nil {
		m.failed = true
		return err
	}
	for _, r := range mend.Refused {
		m.env.complain(fmt.Errorf("%s:%d:%d: %s: %s: %w", name, r.Finding.Line, r.Finding.Column, r.Finding.Rule, m.not, r.Err))
	}
	if !mend.Changed() {
		return nil
	}
	if err := do(file, mend); err != nil {
		return err
	}
	m.files++
	m.count += len(mend.Applied)
	return nil
}

// read finds the folder that was named and holds the file. Where such folders lie in one another the inner one decides first.
func (m *mender) read(name string) (*fix.File, error) {
	name = filepath.FromSlash(name)
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		if m.folders[dir] {
			file, err := m.readBelow(dir, name)
			if !errors.Is(err, fix.ErrOutside) {
				return file, err
			}
		}
		if dir == filepath.Dir(dir) {
			return nil, fix.ErrOutside
		}
	}
}

func (m *mender) readBelow(dir, name string) (*fix.File, error) {
	if m.tree == nil || m.treeIs != dir {
		t, err := fix.OpenTree(dir)
		if err != nil {
			return nil, err
		}
		m.close()
		m.tree, m.treeIs = t, dir
	}
	return m.tree.Read(name, export.MaxFile)
}

// namedFolder returns the folder that an argument is, that it lies in, or that a glob starts from.
func namedFolder(arg string) string {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return filepath.Clean(arg)
	case err != nil && strings.ContainsAny(arg, "*?[{"):
		base, _ := doublestar.SplitPattern(filepath.ToSlash(arg))
		return filepath.Clean(filepath.FromSlash(base))
	}
	return filepath.Dir(arg)
}

// replace is what --fix does with a file.
func (m *mender) replace(file *fix.File, mend *fix.Mend) error {
	if err := file.Replace(mend.After); err != nil {
		m.failed = true
		return err
	}
	m.say("%s: %d fixed", mend.Name, len(mend.Applied))
	return nil
}

// add is what --diff does with a file.
func (m *mender) add(root string) func(*fix.File, *fix.Mend) error {
	return func(_ *fix.File, mend *fix.Mend) error {
		path, err := patchPath(root, mend.Name)
		if err != nil {
			return err
		}
		text, err := mend.Patch(path)
		m.patch.Write(text)
		return err
	}
}

func (m *mender) say(format string, args ...any) {
	if !m.quiet {
		fmt.Fprintln(m.env.stderr, "cupclint:", report.Clean(fmt.Sprintf(format, args...)))
	}
}

// writePatch prints the patch. A terminal gets no control characters: they would not be shown but obeyed.
func (m *mender) writePatch() error {
	text := m.patch.Bytes()
	if m.env.outTerminal {
		var shown bytes.Buffer
		for line := range bytes.Lines(text) {
			shown.WriteString(report.Clean(strings.TrimRight(string(line), "\r\n")))
			shown.WriteByte('\n')
		}
		text = shown.Bytes()
	}
	_, err := m.env.stdout.Write(text)
	return err
}

// patchCode is exitFindings where something could be mended.
func (m *mender) patchCode(conf *config.Config) int {
	switch {
	case m.failed:
		return exitInput
	case conf.FailOn != config.Never && m.files+m.left > 0:
		return exitFindings
	}
	return exitClean
}

// patchRoot is the folder that the paths of a patch start from: the work tree of git that the working directory lies in, else the
// working directory.
func patchRoot(workDir string) (string, error) {
	real, err := filepath.EvalSymlinks(workDir)
	if err != nil {
		return "", err
	}
	for dir := real; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil { // a file in a linked work tree
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return real, nil
		}
	}
}

func patchPath(root, name string) (string, error) {
	real, err := filepath.EvalSymlinks(name)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(root, real)
	if err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("it lies outside of %s, where the patch would be applied", root)
	}
	return filepath.ToSlash(rel), nil
}

// mend is --fix.
func (l *lintModes) mend(ctx context.Context, env *environment, result *lint.Result, o lint.Options, args []string) (*mender, error) {
	m := newMender(env, o, l.force, args, l.quiet)
	m.not = "not mended"
	defer m.close()
	err := m.mend(ctx, result, l.has, m.replace)
	if m.files > 0 {
		m.say("%s in %s", plural(m.count, "finding fixed", "findings fixed"), plural(m.files, "file", "files"))
	}
	return m, err
}

// printPatch is --diff.
func (l *lintModes) printPatch(ctx context.Context, env *environment, conf *config.Config, result *lint.Result, o lint.Options,
	args []string) error {
	for i := range result.Errors {
		env.complain(&result.Errors[i])
	}
	root, err := patchRoot(env.workDir)
	if err != nil {
		return unreadable(err)
	}
	m := newMender(env, o, l.force, args, l.quiet)
	m.not = "not in the patch"
	defer m.close()
	m.failed = len(result.Errors) > 0 || len(o.Sources) == 0
	if len(o.Sources) == 0 && len(o.Errors) == 0 {
		env.complain(errors.New("no export was found"))
	}
	if err := m.mend(ctx, result, l.has, m.add(root)); err != nil {
		return err
	}
	if err := m.writePatch(); err != nil {
		return err
	}
	return exitWith(m.patchCode(conf))
}

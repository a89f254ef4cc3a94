package fix

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"cupclint/export"
	"cupclint/lint"
)

// A Run mends the files of one run of the linter: those that findings with edits point to, in the folders that were named.
type Run struct {
	// Files counts those that were mended, Findings the findings that were, Left the files that could be mended and were not.
	Files, Findings, Left int
	// Failed says that an error was told that is a fault, and not only a file that is left alone.
	Failed bool

	judge *lint.Judge
	force export.Format
	not   string
	tell  func(error)

	named   map[string]bool // the sources
	folders map[string]bool // what the user named, or what lies in it
	tree    *Tree           // the one that was used last: files come folder by folder
	treeIs  string
}

// NewRun prepares to mend the sources of a run. args are what the user named, force the format that was forced on them. not is what is said
// of a file that is left alone, as in "not mended"; tell is told why. Close it.
func NewRun(o lint.Options, force export.Format, args []string, not string, tell func(error)) *Run {
	m := &Run{judge: lint.NewJudge(o), force: force, not: not, tell: tell, named: make(map[string]bool, len(o.Sources))}
	for _, s := range o.Sources {
		m.named[s.Name] = true
	}
	m.folders = make(map[string]bool, len(args))
	for _, a := range args {
		m.folders[namedFolder(a)] = true
	}
	return m
}

// Close lets go of the folder that is open.
func (m *Run) Close() {
	if m.tree != nil {
		m.tree.Close()
	}
}

// ErrInterrupted says that the context ended before all files were reached.
var ErrInterrupted = errors.New("interrupted: no file was left half done, and not all were reached")

// Each handles every file that only takes and a finding with edits points to: do writes it with Replace, or makes a patch of it. The error
// is ErrInterrupted or one of the findings.
func (m *Run) Each(ctx context.Context, findings iter.Seq2[*lint.Finding, error], only func(string) bool,
	do func(*File, *Mend) error) error {
	last := ""
	for f, err := range findings {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ErrInterrupted
		case len(f.Edits) == 0 || f.File == last || !only(f.File):
			continue
		}
		last = f.File
		if !m.named[f.File] {
			m.Left++
			m.tell(fmt.Errorf("%s: %s: archives are not rewritten, unpack it first", f.File, m.not))
			continue
		}
		if err := m.file(f.File, do); err != nil {
			m.Left++
			m.tell(fmt.Errorf("%s: %s: %w", f.File, m.not, err))
		}
	}
	return nil
}

// file mends one file. The error says why it was left alone; Failed is set where that is a fault.
func (m *Run) file(name string, do func(*File, *Mend) error) error {
	file, err := m.read(name)
	if err != nil {
		m.Failed = m.Failed || !errors.Is(err, ErrOutside)
		return err
	}
	mend, err := Compute(name, file.Data, m.force, m.judge.Findings)
	if err != nil {
		m.Failed = true
		return err
	}
	for _, r := range mend.Refused {
		m.tell(fmt.Errorf("%s:%d:%d: %s: %s: %w", name, r.Finding.Line, r.Finding.Column, r.Finding.Rule, m.not, r.Err))
	}
	if !mend.Changed() {
		return nil
	}
	if err := do(file, mend); err != nil {
		return err
	}
	m.Files++
	m.Findings += len(mend.Applied)
	return nil
}

// Replace writes a mended file in the place of the old one.
func (m *Run) Replace(file *File, mend *Mend) error {
	err := file.Replace(mend.After)
	m.Failed = m.Failed || err != nil
	return err
}

// read finds the folder that was named and holds the file. Where such folders lie in one another the inner one decides first.
func (m *Run) read(name string) (*File, error) {
	name = filepath.FromSlash(name)
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		if m.folders[dir] {
			file, err := m.readBelow(dir, name)
			if !errors.Is(err, ErrOutside) {
				return file, err
			}
		}
		if dir == filepath.Dir(dir) {
			return nil, ErrOutside
		}
	}
}

func (m *Run) readBelow(dir, name string) (*File, error) {
	if m.tree == nil || m.treeIs != dir {
		t, err := OpenTree(dir)
		if err != nil {
			return nil, err
		}
		m.Close()
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

// PatchRoot is the folder that the paths of a patch start from: the work tree of git that the working directory lies in, else the
// working directory.
func PatchRoot(workDir string) (string, error) {
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

// PatchPath is the path of a file in a patch that starts from root.
func PatchPath(root, name string) (string, error) {
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

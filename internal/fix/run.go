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

// A Run fixes the files of one run of the linter: those that findings with edits point to, in the folders that were named.
type Run struct {
	// Files counts the files that were fixed, Findings the findings that were fixed, Left the files that could be fixed and were not.
	Files, Findings, Left int
	// Failed says that an error was reported that is a fault, and not only a file that was left unchanged.
	Failed bool

	judge    *lint.Judge
	force    export.Format
	not      string
	complain func(error)

	named   map[string]bool // the sources
	folders map[string]bool // the folders that the user named, or those of the named files
	tree    *Tree           // the one that was used last: files come folder by folder
	treeIs  string
}

// NewRun prepares to fix the sources of a run. args are the arguments of the user, force the format that was forced on them. not is
// the text for a file that is left unchanged, such as "not fixed"; complain gets the reason. Close it.
func NewRun(o lint.Options, force export.Format, args []string, not string, complain func(error)) *Run {
	r := &Run{judge: lint.NewJudge(o), force: force, not: not, complain: complain, named: make(map[string]bool, len(o.Sources))}
	for _, s := range o.Sources {
		r.named[s.Name] = true
	}
	r.folders = make(map[string]bool, len(args))
	for _, a := range args {
		r.folders[namedFolder(a)] = true
	}
	return r
}

// Close closes the open folder.
func (r *Run) Close() {
	if r.tree != nil {
		r.tree.Close()
	}
}

// ErrInterrupted says that the context ended before all files were reached.
var ErrInterrupted = errors.New("interrupted: not all files were handled; no file was left half written")

// Each handles every file that only takes and a finding with edits points to: do writes it with Replace, or makes a patch of it. The error
// is ErrInterrupted or one of the findings.
func (r *Run) Each(ctx context.Context, findings iter.Seq2[*lint.Finding, error], only func(string) bool,
	do func(*File, *Result) error) error {
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
		if !r.named[f.File] {
			r.Left++
			r.complain(fmt.Errorf("%s: %s: archives are not rewritten: unpack it first", f.File, r.not))
			continue
		}
		if err := r.file(f.File, do); err != nil {
			r.Left++
			r.complain(fmt.Errorf("%s: %s: %w", f.File, r.not, err))
		}
	}
	return nil
}

// file fixes one file. The error says why it was left unchanged; Failed is set if that is a fault.
func (r *Run) file(name string, do func(*File, *Result) error) error {
	file, err := r.read(name)
	if err != nil {
		r.Failed = r.Failed || !errors.Is(err, ErrOutside)
		return err
	}
	fixed, err := Compute(name, file.Data, r.force, r.judge.Findings)
	if err != nil {
		r.Failed = true
		return err
	}
	for _, refused := range fixed.Refused {
		r.complain(fmt.Errorf("%s:%d:%d: %s: %s: %w", name, refused.Finding.Line, refused.Finding.Column, refused.Finding.Rule, r.not,
			refused.Err))
	}
	if !fixed.Changed() {
		return nil
	}
	if err := do(file, fixed); err != nil {
		return err
	}
	r.Files++
	r.Findings += len(fixed.Applied)
	return nil
}

// Replace writes a fixed file in the place of the old one.
func (r *Run) Replace(file *File, fixed *Result) error {
	err := file.Replace(fixed.After)
	r.Failed = r.Failed || err != nil
	return err
}

// read finds the named folder that has the file. If one such folder is in another one, the inner one decides first.
func (r *Run) read(name string) (*File, error) {
	name = filepath.FromSlash(name)
	for dir := filepath.Dir(name); ; dir = filepath.Dir(dir) {
		if r.folders[dir] {
			file, err := r.readBelow(dir, name)
			if !errors.Is(err, ErrOutside) {
				return file, err
			}
		}
		if dir == filepath.Dir(dir) {
			return nil, ErrOutside
		}
	}
}

func (r *Run) readBelow(dir, name string) (*File, error) {
	if r.tree == nil || r.treeIs != dir {
		t, err := OpenTree(dir)
		if err != nil {
			return nil, err
		}
		r.Close()
		r.tree, r.treeIs = t, dir
	}
	return r.tree.Read(name, export.MaxFile)
}

// namedFolder returns the argument if it is a folder, else the folder of the file, or the folder that a glob starts from.
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

// PatchRoot is the folder that the paths of a patch start from: the work tree of git with the working directory, else the
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
		return "", fmt.Errorf("it is outside %s, where the patch would be applied", root)
	}
	return filepath.ToSlash(rel), nil
}

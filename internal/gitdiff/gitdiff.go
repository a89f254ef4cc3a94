// Package gitdiff asks git which files of a work tree differ from a revision. A folder of the work tree and a revision go in; the set of
// files that changed, were added or renamed, staged or not, and of those that git does not know yet, comes out.
//
// It runs the git that is installed, reads only, takes no lock, fetches nothing and starts no program that the repository's configuration
// names for watching, showing or filtering files: a file that a filter such as Git LFS would turn into another counts as changed once it
// was touched. What a hook's environment says of the repository does not count: the folder decides. A revision never becomes an option of
// git.
package gitdiff

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNoGit says that there is no git to ask.
var ErrNoGit = errors.New("git is not installed, or not in the PATH")

// A RepositoryError says that a folder is in no work tree that git would work on. Reason is git's own.
type RepositoryError struct{ Folder, Reason string }

func (e *RepositoryError) Error() string {
	return fmt.Sprintf("%s is in no work tree of git: %s", e.Folder, e.Reason)
}

// A RevisionError says that git has no commit of that name.
type RevisionError struct{ Revision string }

func (e *RevisionError) Error() string {
	if strings.HasPrefix(e.Revision, "-") {
		return fmt.Sprintf("%q is not a valid revision: no revision begins with a hyphen", e.Revision)
	}
	return fmt.Sprintf("git knows no commit %q; a shallow clone has only the last ones, and has to fetch it first", e.Revision)
}

// A Set holds the files of a work tree that changed.
type Set struct {
	root    string // the real path of the work tree
	changed map[string]bool
}

// Since returns what changed in the work tree that the folder is in. The revision is anything that git treats as a commit. Errors are
// ErrNoGit, *RepositoryError, *RevisionError, the context's, and git's own.
func Since(ctx context.Context, folder, revision string) (*Set, error) {
	g := git{ctx: ctx, folder: folder}
	if err := g.switchFiltersOff(); err != nil {
		return nil, err
	}
	top, err := g.run("rev-parse", "--show-toplevel")
	if err != nil {
		var exit *gitError
		if errors.As(err, &exit) {
			return nil, &RepositoryError{folder, exit.reason}
		}
		return nil, err
	}
	commit, err := g.commit(revision)
	if err != nil {
		return nil, err
	}
	root, err := filepath.EvalSymlinks(filepath.FromSlash(strings.TrimRight(top, "\r\n")))
	if err != nil {
		return nil, fmt.Errorf("find the work tree of git: %w", err)
	}
	g.folder = root // both commands give paths from here
	s := &Set{root: root, changed: map[string]bool{}}
	for _, args := range [][]string{
		// Without looking for renames a renamed file is one that went and one that came.
		{"diff", "--name-only", "-z", "--no-renames", "--diff-filter=d", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", commit,
			"--"},
		{"ls-files", "-z", "--others", "--exclude-standard"},
	} {
		names, err := g.run(args...)
		if err != nil {
			return nil, err
		}
		for name := range strings.SplitSeq(names, "\x00") {
			if name = strings.TrimSuffix(name, "/"); name != "" { // a repository in this one ends with a slash
				s.changed[name] = true
			}
		}
	}
	if err := s.submodules(g); err != nil {
		return nil, err
	}
	return s, nil
}

// submodules adds those whose own work tree changed. git would look into them itself, but with their configuration, filters included.
func (s *Set) submodules(g git) error {
	out, err := g.run("ls-files", "-z", "--stage")
	if err != nil {
		return err
	}
	for line := range strings.SplitSeq(out, "\x00") {
		mode, name, ok := strings.Cut(line, "\t")
		if !ok || !strings.HasPrefix(mode, "160000 ") || s.changed[name] {
			continue
		}
		in := git{ctx: g.ctx, folder: filepath.Join(s.root, filepath.FromSlash(name))}
		if _, err := os.Lstat(filepath.Join(in.folder, ".git")); err != nil {
			continue // not checked out
		}
		if err := in.switchFiltersOff(); err != nil {
			return err
		}
		changed, err := in.run("diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "HEAD", "--")
		if err == nil && changed == "" {
			changed, err = in.run("ls-files", "-z", "--others", "--exclude-standard")
		}
		if err != nil || changed != "" { // one that git cannot read is not called unchanged
			s.changed[name] = true
		}
	}
	return nil
}

// Inside reports whether a file is in the work tree, by its name or by where it really is.
func (s *Set) Inside(name string) bool {
	for _, path := range paths(name) {
		if _, ok := s.relative(path); ok {
			return true
		}
	}
	return false
}

// Has reports whether a file changed: the link itself, or what it leads to. What is in a changed submodule, or in a repository that git
// does not know, counts as changed.
func (s *Set) Has(name string) bool {
	for _, path := range paths(name) {
		for rel, ok := s.relative(path); ok && rel != "."; rel = parent(rel) {
			if s.changed[rel] {
				return true
			}
		}
	}
	return false
}

// paths returns the file's path with its folder resolved, and that of what it leads to.
func paths(name string) []string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil
	}
	var found []string
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		found = append(found, filepath.Join(dir, filepath.Base(abs)))
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		found = append(found, real)
	}
	return found
}

// relative returns a path as git has it.
func (s *Set) relative(path string) (string, bool) {
	rel, err := filepath.Rel(s.root, path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

func parent(rel string) string {
	i := strings.LastIndexByte(rel, '/')
	if i < 0 {
		return "."
	}
	return rel[:i]
}

// git runs commands in one folder.
type git struct {
	ctx    context.Context
	folder string
	config []string // of the environment: settings that win over the repository's
}

// switchFiltersOff gives every filter that any configuration names empty commands, which are not run. A configuration that cannot be
// read names none: the next command says what is wrong.
func (g *git) switchFiltersOff() error {
	out, err := g.run("config", "--null", "--name-only", "--get-regexp", `^filter\.`)
	var exit *gitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	n := 0
	set := func(key, value string) {
		g.config = append(g.config, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", n, key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", n, value))
		n++
	}
	seen := map[string]bool{}
	for name := range strings.SplitSeq(out, "\x00") {
		dot := strings.LastIndexByte(name, '.')
		if dot < 0 || seen[name[:dot]] {
			continue
		}
		seen[name[:dot]] = true
		for _, command := range [...]string{"clean", "smudge", "process"} {
			set(name[:dot]+"."+command, "")
		}
		set(name[:dot]+".required", "false")
	}
	g.config = append(g.config, fmt.Sprintf("GIT_CONFIG_COUNT=%d", n))
	return nil
}

// ofRepository are the variables that say where a repository is and how it is set up; git sets some of them for hooks (git rev-parse
// --local-env-vars).
var ofRepository = [...]string{
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "GIT_OBJECT_DIRECTORY", "GIT_DIR",
	"GIT_WORK_TREE",
	"GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE", "GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_PREFIX",
	"GIT_SHALLOW_FILE",
	"GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_EXTERNAL_DIFF",
}

// environment is that of the process without what it says of a repository.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(ofRepository[:], name) || strings.HasPrefix(name, "GIT_CONFIG_KEY_") ||
			strings.HasPrefix(name, "GIT_CONFIG_VALUE_")
	})
}

// commit returns the hash that a revision stands for. Names of references cannot begin with a hyphen (git check-ref-format).
func (g git) commit(revision string) (string, error) {
	if revision == "" || strings.HasPrefix(revision, "-") || strings.ContainsAny(revision, "\x00\n") {
		return "", &RevisionError{revision}
	}
	out, err := g.run("rev-parse", "--quiet", "--verify", revision)
	if err == nil { // not in one step: ^{commit} would become part of the text in :/text
		out, err = g.run("rev-parse", "--quiet", "--verify", strings.TrimSpace(out)+"^{commit}")
	}
	var exit *gitError
	switch hash := strings.TrimSpace(out); {
	case errors.As(err, &exit):
		return "", &RevisionError{revision}
	case err != nil:
		return "", err
	case strings.Trim(hash, "0123456789abcdef") != "" || hash == "":
		return "", &RevisionError{revision}
	default:
		return hash, nil
	}
}

// A gitError is a command that git ended with an error.
type gitError struct{ command, reason string }

func (e *gitError) Error() string { return fmt.Sprintf("git %s: %s", e.command, e.reason) }

// killDelay is how long git may take to end after it was asked to.
const killDelay = 2 * time.Second

func (g git) run(args ...string) (string, error) {
	cmd := exec.CommandContext(g.ctx, "git",
		append([]string{"-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "--no-pager", "-C", g.folder}, args...)...)
	cmd.Env = append(append(environment(), g.config...), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1")
	cmd.WaitDelay = killDelay
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return stdout.String(), nil
	case g.ctx.Err() != nil:
		return "", context.Cause(g.ctx)
	case errors.Is(err, exec.ErrNotFound):
		return "", ErrNoGit
	case errors.As(err, &exit):
		reason, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		if reason = strings.TrimPrefix(reason, "fatal: "); reason == "" {
			reason = exit.Error()
		}
		return "", &gitError{args[0], reason}
	}
	return "", fmt.Errorf("run git %s: %w", args[0], err)
}

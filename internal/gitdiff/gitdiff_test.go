package gitdiff_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/internal/gitdiff"
)

func needGit(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	args = append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"}, args...)
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// repository has one commit, v1, with these files.
func repository(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	for _, n := range names {
		write(t, dir, n, "text of "+n+"\n")
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "one", "--allow-empty")
	git(t, dir, "tag", "v1")
	return dir
}

func since(t *testing.T, dir, revision string) *gitdiff.Set {
	t.Helper()
	s, err := gitdiff.Since(t.Context(), dir, revision)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// check compares for every file of a folder.
func check(t *testing.T, s *gitdiff.Set, dir string, want map[string]bool) {
	t.Helper()
	for name, changed := range want {
		if got := s.Has(filepath.Join(dir, filepath.FromSlash(name))); got != changed {
			t.Errorf("%q: changed %v, want %v", name, got, changed)
		}
	}
}

func TestSinceSeesEveryKindOfChange(t *testing.T) {
	needGit(t)
	odd := "sub/f\u00fcr \"uns\"\nall.xml"
	dir := repository(t, "same.xml", "committed.xml", "staged.xml", "edited.xml", "old.xml", "gone.xml", "sub/same.xml", odd, "back.xml",
		"untracked-again.xml")
	write(t, dir, ".gitignore", "ignored.xml\n")
	write(t, dir, "committed.xml", "2\n")
	write(t, dir, "back.xml", "2\n")
	git(t, dir, "mv", "old.xml", "sub/renamed.xml")
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "two")
	write(t, dir, "back.xml", "text of back.xml\n") // as it was in v1
	write(t, dir, "staged.xml", "2\n")
	write(t, dir, "added.xml", "2\n")
	git(t, dir, "add", "staged.xml", "added.xml")
	git(t, dir, "rm", "-q", "--cached", "untracked-again.xml")
	write(t, dir, "edited.xml", "2\n")
	write(t, dir, odd, "2\n")
	write(t, dir, "new/untracked.xml", "2\n")
	write(t, dir, "ignored.xml", "2\n")
	if err := os.Remove(filepath.Join(dir, "gone.xml")); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{
		"same.xml": false, "sub/same.xml": false, "committed.xml": true, "back.xml": false, "staged.xml": true, "edited.xml": true,
		"sub/renamed.xml": true, "old.xml": false, "gone.xml": false, "added.xml": true, "new/untracked.xml": true, "ignored.xml": false,
		"untracked-again.xml": true, odd: true, ".gitignore": true,
	}
	for _, from := range []string{"v1", "HEAD~1", git(t, dir, "rev-parse", "v1"), "v1^{commit}", ":/one"} {
		check(t, since(t, dir, from), dir, want)
	}
	check(t, since(t, filepath.Join(dir, "sub"), "v1"), dir, want) // a folder of it sees all of it
	want["committed.xml"], want["sub/renamed.xml"], want["back.xml"], want[".gitignore"] = false, false, true, false
	check(t, since(t, dir, "HEAD"), dir, want)
}

func TestSinceFollowsLinksAndSubmodules(t *testing.T) {
	needGit(t)
	other := repository(t, "x.xml")
	dir := repository(t, "a.xml", "b.xml")
	git(t, dir, "submodule", "--quiet", "add", other, "module")
	if err := os.Symlink("a.xml", filepath.Join(dir, "link.xml")); err != nil {
		t.Skip("no symbolic link can be made here: ", err)
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "two")
	check(t, since(t, dir, "HEAD"), dir, map[string]bool{"a.xml": false, "link.xml": false, "module/x.xml": false})
	write(t, dir, "a.xml", "2\n")
	write(t, dir, "module/x.xml", "2\n")
	write(t, dir, "nested/y.xml", "2\n")
	git(t, filepath.Join(dir, "nested"), "init", "-q")
	git(t, filepath.Join(dir, "nested"), "add", "-A")
	git(t, filepath.Join(dir, "nested"), "commit", "-q", "-m", "y")
	s := since(t, dir, "HEAD")
	check(t, s, dir, map[string]bool{"a.xml": true, "link.xml": true, "b.xml": false, "module/x.xml": true, "nested/y.xml": true})

	through := filepath.Join(t.TempDir(), "through")
	if err := os.Symlink(dir, through); err != nil {
		t.Fatal(err)
	}
	check(t, s, through, map[string]bool{"a.xml": true, "b.xml": false})
	if !s.Inside(filepath.Join(through, "b.xml")) || s.Inside(filepath.Join(other, "x.xml")) {
		t.Error("Inside is wrong")
	}
}

func TestSinceRefuses(t *testing.T) {
	needGit(t)
	dir := repository(t, "a.xml")
	before := git(t, dir, "status", "--porcelain")
	for _, revision := range []string{"", "nothing", "-h", "--output=x", "--all", "v1:a.xml", "v1..HEAD", "v1 HEAD", "HEAD\nx", "HEAD\x00x",
		"HEAD^5"} {
		_, err := gitdiff.Since(t.Context(), dir, revision)
		var unknown *gitdiff.RevisionError
		if !errors.As(err, &unknown) || unknown.Revision != revision {
			t.Errorf("%q: %v", revision, err)
		}
	}
	if after := git(t, dir, "status", "--porcelain"); after != before {
		t.Errorf("something was written: %s", after)
	}
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	_, err := gitdiff.Since(t.Context(), t.TempDir(), "HEAD")
	var none *gitdiff.RepositoryError
	if !errors.As(err, &none) || !strings.Contains(err.Error(), "not a git repository") {
		t.Errorf("outside of a repository: %v", err)
	}
	bare := t.TempDir()
	git(t, bare, "init", "-q", "--bare")
	if _, err := gitdiff.Since(t.Context(), bare, "HEAD"); !errors.As(err, &none) {
		t.Errorf("a bare repository: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gitdiff.Since(ended, dir, "HEAD"); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := gitdiff.Since(t.Context(), dir, "HEAD"); !errors.Is(err, gitdiff.ErrNoGit) {
		t.Errorf("without git: %v", err)
	}
}

// A repository that names programs for git to run gets none of them run.
func TestSinceRunsNothingOfTheRepository(t *testing.T) {
	needGit(t)
	dir := repository(t, "a.xml", "b.yaml")
	mark := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(t.TempDir(), "run.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntouch '"+mark+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, dir, ".gitattributes", "*.xml diff=x filter=x\n*.yaml filter=y\n")
	for _, key := range []string{"core.fsmonitor", "diff.external", "diff.x.command", "diff.x.textconv", "core.pager", "filter.x.clean",
		"filter.x.smudge", "filter.y.process"} {
		git(t, dir, "config", key, script)
	}
	git(t, dir, "config", "filter.x.required", "true")
	os.Remove(mark) // git config itself may have asked
	write(t, dir, "a.xml", "2\n")
	write(t, dir, "b.yaml", "2\n")
	check(t, since(t, dir, "HEAD"), dir, map[string]bool{"a.xml": true, "b.yaml": true})
	if _, err := os.Stat(mark); err == nil {
		t.Error("a program of the repository's configuration was run")
	}
}

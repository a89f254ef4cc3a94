package fix_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cupclint/internal/fix"
)

const limit = 1 << 20

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dir string) *fix.Tree {
	t.Helper()
	tree, err := fix.OpenTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tree.Close() })
	return tree
}

func link(t *testing.T, old, name string) {
	t.Helper()
	if err := os.Symlink(old, name); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

func content(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestReplaceKeepsModeAndLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "sub", "a.xml")
	write(t, name, "old")
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	f, err := open(t, dir).Read(name, limit)
	if err != nil {
		t.Fatal(err)
	}
	if string(f.Data) != "old" {
		t.Errorf("read %q", f.Data)
	}
	if err := f.Replace([]byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, name); got != "new" || runtime.GOOS != "windows" && info.Mode() != 0o640 {
		t.Errorf("%q with mode %v", got, info.Mode())
	}
	if entries, _ := os.ReadDir(filepath.Dir(name)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestReadFollowsLinksInsideOfTheTreeOnly(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "real", "a.xml"), "in")
	write(t, filepath.Join(outside, "b.xml"), "out")
	link(t, "real/a.xml", filepath.Join(dir, "in.xml"))
	link(t, filepath.Join(dir, "real"), filepath.Join(dir, "folder"))
	link(t, filepath.Join(outside, "b.xml"), filepath.Join(dir, "out.xml"))
	link(t, outside, filepath.Join(dir, "away"))
	tree := open(t, dir)

	for _, name := range []string{"in.xml", "folder/a.xml"} {
		f, err := tree.Read(filepath.Join(dir, name), limit)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := f.Replace([]byte("fixed " + name)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := content(t, filepath.Join(dir, "real", "a.xml")); got != "fixed "+name {
			t.Errorf("%s: the file reads %q", name, got)
		}
	}
	if info, err := os.Lstat(filepath.Join(dir, "in.xml")); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is not a link any more: %v, %v", info, err)
	}
	for _, name := range []string{"out.xml", "away/b.xml"} {
		if _, err := tree.Read(filepath.Join(dir, name), limit); !errors.Is(err, fix.ErrOutside) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A folder that becomes a link between reading and writing is not followed.
func TestReplaceDoesNotFollowANewLink(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	name := filepath.Join(dir, "sub", "a.xml")
	write(t, name, "old")
	write(t, filepath.Join(outside, "a.xml"), "old")
	f, err := open(t, dir).Read(name, limit)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "sub")); err != nil {
		t.Fatal(err)
	}
	link(t, outside, filepath.Join(dir, "sub"))
	if err := f.Replace([]byte("new")); !errors.Is(err, fix.ErrOutside) {
		t.Errorf("Replace: %v", err)
	}
	if got := content(t, filepath.Join(outside, "a.xml")); got != "old" {
		t.Errorf("the file outside reads %q", got)
	}
}

func TestReplaceLeavesChangedFilesAlone(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.xml")
	write(t, name, "old")
	f, err := open(t, dir).Read(name, limit)
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, "written by another program")
	if err := f.Replace([]byte("new")); !errors.Is(err, fix.ErrChanged) {
		t.Errorf("Replace: %v", err)
	}
	if got := content(t, name); got != "written by another program" {
		t.Errorf("the file reads %q", got)
	}
}

func TestReplaceRespectsReadOnlyFiles(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write to every file")
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "a.xml")
	write(t, name, "old")
	if err := os.Chmod(name, 0o444); err != nil {
		t.Fatal(err)
	}
	f, err := open(t, dir).Read(name, limit)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Replace([]byte("new")); !errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), dir) {
		t.Errorf("Replace: %v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "large.xml"), "12345")
	tree := open(t, dir)
	for name, want := range map[string]string{"large.xml": "larger than 4", "missing.xml": "no such file", ".": "not a regular file"} {
		if _, err := tree.Read(filepath.Join(dir, name), 4); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package safefile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func content(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWriteFollowsLinksAndKeepsThem(t *testing.T) {
	dir := t.TempDir()
	real, link, dangling := filepath.Join(dir, "real"), filepath.Join(dir, "link"), filepath.Join(dir, "dangling")
	if err := errors.Join(os.WriteFile(real, []byte("old"), 0o640), os.Symlink("real", link), os.Symlink("new", dangling),
		os.Symlink("loop", filepath.Join(dir, "loop"))); err != nil {
		t.Skip("no symbolic link can be made here: ", err)
	}
	if err := errors.Join(Write(link, 0o600, text("one")), Write(dangling, 0o600, text("two"))); err != nil {
		t.Fatal(err)
	}
	if content(t, real) != "one" || content(t, filepath.Join(dir, "new")) != "two" {
		t.Error("what the links lead to was not written")
	}
	for _, l := range []string{link, dangling} {
		if info, err := os.Lstat(l); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s is a link no more: %v", l, err)
		}
	}
	if info, err := os.Stat(real); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode changed: %v, %v", info.Mode(), err)
	}
	if err := Write(filepath.Join(dir, "loop"), 0o600, text("x")); err == nil {
		t.Error("a link to itself was written")
	}
}

func TestAFileThatIsNotWrittenToItsEndStays(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("failed")
	if err := Write(name, 0o600, func(w io.Writer) error { _, _ = io.WriteString(w, "ha"); return failed }); !errors.Is(err, failed) {
		t.Errorf("%v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 || content(t, name) != "old" {
		t.Errorf("%v, %v", files, err)
	}
}

func TestAFolderIsNotLeft(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "sub"), 0o700), os.Mkdir(filepath.Join(dir, ".git"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Symlink(outside, filepath.Join(dir, "out")), os.Symlink("sub", filepath.Join(dir, "in"))); err != nil {
		t.Skip("no symbolic link can be made here: ", err)
	}
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var place *PlaceError
	for _, name := range []string{
		"/abs", filepath.Join(outside, "x"), "../x", "sub/../../x", "out/x", "in/x", "sub", ".", ".git/hooks/pre-commit", ".GIT/config",
		".git. /x", "git~1/x", "sub/.git/x", ".git::$INDEX_ALLOCATION/x", ".g\u200cit/x",
	} {
		if err := f.Write(name, 0o600, text("x")); !errors.As(err, &place) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"x", "sub/x", "sub/../y", ".gitignore", "git/x"} {
		if strings.Contains(name, "git/") {
			_ = os.Mkdir(filepath.Join(dir, "git"), 0o700)
		}
		if err := f.Write(name, 0o600, text("x")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if files, err := os.ReadDir(outside); err != nil || len(files) > 0 {
		t.Errorf("something was written outside: %v, %v", files, err)
	}
}

func TestReadsHaveABound(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	if err := os.WriteFile(name, []byte("12345"), 0o600); err != nil {
		t.Fatal(err)
	}
	var size *SizeError
	for limit, ok := range map[int64]bool{4: false, 5: true, 6: true} {
		for how, read := range map[string]func() ([]byte, error){
			"found": func() ([]byte, error) { return ReadFound(name, limit) },
			"named": func() ([]byte, error) { return Read(context.Background(), name, limit) },
		} {
			if data, err := read(); ok != (err == nil && string(data) == "12345") || !ok && !errors.As(err, &size) {
				t.Errorf("%s, limit %d: %q, %v", how, limit, data, err)
			}
		}
	}
	if _, err := ReadFound(dir, 5); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a folder: %v", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ended, name, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
	if head, err := Head(name, 2); err != nil || string(head) != "12" {
		t.Errorf("%q, %v", head, err)
	}
}

func TestSweepTakesOldLeftoversOnly(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-48 * time.Hour)
	for name, at := range map[string]time.Time{
		".a.cupclint-0123abcd": old, ".a.cupclint-fedc3210": time.Now(), ".b.cupclint-0123abcd": old, ".gone.cupclint-0123abcd": old,
		".a.cupclint-short": old, "a": old, "b": old,
		".a.20261101": old, ".a.0123abcd": old, // backups of the user's own
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	names := func() string {
		files, _ := os.ReadDir(dir)
		var all []string
		for _, f := range files {
			all = append(all, f.Name())
		}
		return strings.Join(all, " ")
	}
	const kept = ".a.0123abcd .a.20261101 .a.cupclint-fedc3210 .a.cupclint-short "
	if Sweep(root, ".", "a"); names() != kept+".b.cupclint-0123abcd .gone.cupclint-0123abcd a b" {
		t.Errorf("next to a: %s", names())
	}
	if Sweep(root, ".", ""); names() != kept+".gone.cupclint-0123abcd a b" {
		t.Errorf("next to any: %s", names())
	}
}

func TestNamesAsLongAsAFileSystemTakes(t *testing.T) {
	for _, name := range []string{strings.Repeat("n", 255), strings.Repeat("ü", 127)} {
		path := filepath.Join(t.TempDir(), name)
		for _, text := range []string{"new", "replaced"} {
			err := Write(path, 0o600, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
			if got, _ := os.ReadFile(path); err != nil || string(got) != text {
				t.Errorf("%q, %v", got, err)
			}
		}
	}
}

func TestLongFileIsWrittenAsAWhole(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.json")
	for _, part := range []string{"first ", "second, over the first "} { // a new file, and one that is replaced
		want := strings.Repeat(part, 3*aheadStep/len(part))
		if err := Write(name, 0o600, func(w io.Writer) error {
			for rest := want; rest != ""; {
				n := min(len(rest), 100_001)
				if _, err := io.WriteString(w, rest[:n]); err != nil {
					return err
				}
				rest = rest[n:]
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if content(t, name) != want {
			t.Error("the file has another text than was written")
		}
	}
}

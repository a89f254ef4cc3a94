package collect_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/collect"
)

// A file of the user in the folder of a run that is continued is neither removed nor replaced, whatever it holds.
func TestFilesOfTheUserStay(t *testing.T) {
	w := acmeWorld(t)
	dir, _ := w.run()
	own := map[string]string{"notes.txt": "ask Anna", "evidence/passwords.txt": "it is " + w.config.Password}
	for name, text := range own {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := "evidence/passwords.txt, notes.txt"
	if os.Symlink("notes.txt", filepath.Join(dir, "exports", "link")) == nil { // takes a privilege on Windows
		want = "evidence/passwords.txt, exports/link, notes.txt"
	}
	folder, old, err := collect.OldFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	w.o.Resume, w.o.Request = old, old.Request
	m, err := collect.Run(context.Background(), folder, w.o)
	if err == nil || m.Complete || !strings.Contains(err.Error(), "evidence/passwords.txt") || strings.Contains(err.Error(), "removed") {
		t.Errorf("complete %v, %v", m.Complete, err)
	}
	_, err = collect.Hide(context.Background(), folder, m, both, "")
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
	for name, text := range own {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// A folder that no run wrote is not touched.
func TestResumeOfAFolderOfOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := collect.OldFolder(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	info, err := os.Stat(dir)
	files, _ := os.ReadDir(dir)
	if err != nil || info.Mode().Perm() != 0o755 || len(files) > 0 {
		t.Errorf("%v, %v, %v", info.Mode(), files, err)
	}
}

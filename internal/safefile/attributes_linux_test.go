package safefile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A file that is replaced keeps its access control list: those whom it names can still read it.
func TestReplaceKeepsTheAccessControlList(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	if err := os.WriteFile(name, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	// Version 2; owner rw, user 1 r, group r, mask r, others none.
	list := []byte{2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 2, 0, 4, 0, 1, 0, 0, 0, 4, 0, 4, 0, 255, 255, 255, 255,
		16, 0, 4, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255}
	if err := unix.Setxattr(name, posixACL, list, 0); errors.Is(err, unix.ENOTSUP) {
		t.Skip("the file system has no access control lists")
	} else if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	old, err := root.Stat("a")
	if err != nil {
		t.Fatal(err)
	}
	err = Replace(root, "a", old, Options{KeepOwner: true}, func(w io.Writer) error {
		_, err := w.Write([]byte("new"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 200)
	n, err := unix.Getxattr(name, posixACL, got)
	if text, _ := os.ReadFile(name); err != nil || !bytes.Equal(got[:n], list) || string(text) != "new" {
		t.Errorf("%q, list %v, %v", text, got[:max(n, 0)], err)
	}
}

//go:build unix

package fix_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Root in a container leaves the files to their owner.
func TestReplaceKeepsTheOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives files away")
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "a.xml")
	write(t, name, "old")
	if err := os.Chown(name, 12345, 23456); err != nil {
		t.Fatal(err)
	}
	f, err := open(t, dir).Read(name, limit)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Replace([]byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if s := info.Sys().(*syscall.Stat_t); s.Uid != 12345 || s.Gid != 23456 || content(t, name) != "new" {
		t.Errorf("owner %d, group %d, text %q", s.Uid, s.Gid, content(t, name))
	}
}

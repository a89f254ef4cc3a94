//go:build unix

package config

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"cupclint/internal/safefile"
)

// A named pipe in the place of the configuration file is refused. Load does not wait for it, neither with a silent writer nor without
// a writer.
func TestAPipeThatIsFoundIsNotWaitedFor(t *testing.T) {
	o := options(t, "")
	path := filepath.Join(o.WorkDir, FileName)
	if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)); err != nil {
		t.Skip("no named pipe can be made here: ", err)
	}
	check := func(what string) {
		t.Helper()
		if _, err := Load(o); !errors.Is(err, safefile.ErrNotRegular) {
			t.Errorf("%s: %v", what, err)
		}
	}
	check("without a writer")
	silent, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	check("with a silent writer")
}

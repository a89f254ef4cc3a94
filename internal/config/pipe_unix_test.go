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

// A named pipe that lies where the configuration file is looked for is refused and not waited for, with a writer that is silent as without
// one.
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

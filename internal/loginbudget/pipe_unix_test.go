//go:build unix

package loginbudget

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A named pipe in the place of a file of the memory is an error and is not waited for, as nothing could end that wait.
func TestANamedPipeInTheStateFolderIsNotWaitedFor(t *testing.T) {
	full := t.TempDir()
	spend(t, newClock().open(t, full), wrong, domain, Rejected)
	files, err := os.ReadDir(full)
	if err != nil || len(files) < 4 { // state, salt, its lock, and an account's lock
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		t.Run(f.Name(), func(t *testing.T) {
			dir := t.TempDir()
			for _, other := range files {
				data, err := os.ReadFile(filepath.Join(full, other.Name()))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, other.Name()), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(dir, f.Name())
			if err := errors.Join(os.Remove(path), syscall.Mkfifo(path, 0o600)); err != nil {
				t.Skip("no named pipe can be made here: ", err)
			}
			var m *MemoryError
			if _, err := newClock().open(t, dir).Reserve(context.Background(), svc, other, domain); !errors.As(err, &m) {
				t.Errorf("%v", err)
			}
		})
	}
}

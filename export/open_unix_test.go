//go:build unix

package export_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"cupclint/export"
)

func pipe(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pipe.properties")
	if err := unix.Mkfifo(name, 0o600); err != nil {
		t.Skip("no named pipe can be made here: ", err)
	}
	return name
}

// read returns how many properties a path gives.
func read(path string) (int, error) {
	sources, errs := export.Find([]string{path})
	if len(errs) > 0 {
		return 0, errors.Join(errs...)
	}
	n := 0
	for e, err := range new(export.Reader).Read(context.Background(), sources[0]) {
		if err != nil {
			return n, err
		}
		n += len(e.Properties)
	}
	return n, nil
}

func TestANamedPipeWithoutAWriterIsEmpty(t *testing.T) {
	if _, err := read(pipe(t)); !errors.Is(err, export.ErrEmpty) {
		t.Errorf("%v, want %v", err, export.ErrEmpty)
	}
}

// The shell's <(command) is a path that leads to a pipe without a name.
func TestAPipeWithoutANameIsRead(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	name := fmt.Sprintf("/dev/fd/%d", r.Fd())
	if _, err := os.Stat(name); err != nil {
		t.Skip("this system has no /dev/fd: ", err)
	}
	if _, err := w.WriteString("Presence.Domain = acme.com\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if n, err := read(name); n != 1 || err != nil {
		t.Errorf("%d properties, %v", n, err)
	}
}

// The reader waits for a writer that is at work: the pipe is open before there is anything in it.
func TestANamedPipeIsReadToItsEnd(t *testing.T) {
	name := pipe(t)
	w, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	type result struct {
		n   int
		err error
	}
	done := make(chan result)
	go func() {
		n, err := read(name)
		done <- result{n, err}
	}()
	// More than the pipe holds: when all is written, the reader has it open, and nothing is lost by closing.
	text := "Presence.Primary.Address = cup1\n" + strings.Repeat("# comment\n", 1<<17) + "Presence.Domain = acme.com\n"
	if _, err := w.WriteString(text); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if got := <-done; got.err != nil || got.n != 2 {
		t.Errorf("%d properties, %v", got.n, got.err)
	}
}

//go:build unix

package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A signal ends the context as soon as it is listened for: from the call of listen on, or after patience.
func TestASignalEndsTheContext(t *testing.T) {
	guard := make(chan os.Signal, 1)
	signal.Notify(guard, syscall.SIGTERM) // or it ends the test before it is caught
	defer signal.Stop(guard)
	t.Run("from the call on", func(t *testing.T) {
		env := new(environment)
		ctx, stop := env.catch(t.Context())
		defer stop()
		env.listen()
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
	})
	t.Run("after patience", func(t *testing.T) {
		env := new(environment)
		ctx, stop := env.catch(t.Context())
		defer stop()
		for ctx.Err() == nil {
			if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(patience):
			}
		}
	})
}

// A lint that writes files listens from the start: an interrupt must not leave half of one.
func TestLintListensWhenItWrites(t *testing.T) {
	for line, want := range map[string]bool{
		"lint a.properties":                                        false,
		"lint --format json a.properties":                          false,
		"lint --diff a.properties":                                 false,
		"lint --fix a.properties":                                  true,
		"lint --output found.txt a.properties":                     true,
		"lint --format json=found.json --format text a.properties": true,
		"lint --write-baseline=accepted.json a.properties":         true,
		"lint --history past.jsonl a.properties":                   true,
	} {
		t.Run(line, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			writeFiles(t, dir, map[string]string{"a.properties": good})
			listened := false
			var stderr bytes.Buffer
			env := &environment{stdin: strings.NewReader(""), stdout: new(bytes.Buffer), stderr: &stderr, workDir: dir,
				getenv: func(string) string { return "" }, listen: func() { listened = true }}
			if code := execute(context.Background(), env, strings.Fields(line)); code > exitFindings {
				t.Fatalf("exit code %d\n%s", code, stderr.String())
			}
			if listened != want {
				t.Errorf("it listens: %v", listened)
			}
		})
	}
}

// An interrupted run says that it was, and no other reason for what it did not read.
func TestAnInterruptedLintSaysSo(t *testing.T) {
	t.Chdir(t.TempDir())
	silent, writer := io.Pipe() // it is never written to
	defer writer.Close()
	waits := &firstRead{r: silent, begun: make(chan struct{})}
	ctx, interrupt := context.WithCancel(t.Context())
	go func() {
		<-waits.begun
		interrupt()
	}()
	var stderr bytes.Buffer
	env := &environment{stdin: waits, stdout: io.Discard, stderr: &stderr, getenv: func(string) string { return "" }}
	code := execute(ctx, env, []string{"lint", "-"})
	if want := "cupclint: interrupted: the report has only what was known by then\n"; code != exitInput || stderr.String() != want {
		t.Errorf("exit code %d, it says\n%s", code, stderr.String())
	}
}

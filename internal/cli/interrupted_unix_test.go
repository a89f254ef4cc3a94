//go:build unix

package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The first interrupt ends every command that waits for an input that does not come: standard input, and a named pipe without a writer.
func TestAnInterruptEndsEveryWait(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	writeFiles(t, dir, map[string]string{"a.properties": good,
		"d.properties": "Directory.Primary.Address = 127.0.0.1\nDirectory.Primary.Port = 1\nDirectory.DN = svc\n"})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Skip("no named pipe can be made here: ", err)
	}
	for _, line := range []string{
		"lint -", "lint pipe", "lint --config pipe a.properties", "resolve -", "redact -", "redact pipe", "route sip:a@b --config -",
		"route sip:a@b --config pipe",
		"dns --resolver 127.0.0.1:1 --pairs -", "dns --resolver 127.0.0.1:1 --pairs pipe", "dns --resolver 127.0.0.1:1 pipe", "ldap lockouts -",
		"ldap lockouts pipe", "ldap rotate-plan pipe",
		"ldap --password-file - d.properties", "ldap --password-file pipe d.properties",
		"ldap --auditor-dn a --auditor-password-file pipe d.properties", "ldap --ca-file pipe d.properties", "ldap pipe",
		"mail --no-login pipe", "mail --user a --password-file - --server 127.0.0.1:1", "sip --no-login pipe", "audit --replay -",
		"audit --replay pipe", "audit --plan pipe", "audit --credentials pipe d.properties",
		"audit --directory-password-file - d.properties", "diagnose -", "diagnose --health pipe", "diagnose --case pipe", "diagnose --findings -",
		"diagnose --answers pipe --symptom log-in", "diagnose --symptom log-in pipe",
	} {
		t.Run(line, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(context.Background())
			defer interrupt()
			silent, writer := io.Pipe() // it is never written to
			defer writer.Close()
			waits := &firstRead{r: silent, begun: make(chan struct{})}
			env := &environment{stdin: waits, stdout: io.Discard, stderr: new(bytes.Buffer), workDir: dir, getenv: func(name string) string {
				return map[string]string{"HOME": dir, "XDG_STATE_HOME": dir + "/state"}[name]
			}}
			done := make(chan int, 1)
			go func() { done <- execute(ctx, env, strings.Fields(line)) }()
			if strings.Contains(line+" ", " - ") {
				<-waits.begun
			}
			interrupt()
			if code := <-done; code == exitClean {
				t.Errorf("exit code %d: a missing input was treated as an input", code)
			}
		})
	}
}

// A firstRead reports the first read.
type firstRead struct {
	r     io.Reader
	begun chan struct{}
	told  bool
}

func (f *firstRead) Read(p []byte) (int, error) {
	if !f.told {
		f.told = true
		close(f.begun)
	}
	return f.r.Read(p)
}

// A pipe whose writer has said something and is silent since is waited for, until the first interrupt.
func TestAnInterruptEndsTheWaitForASilentWriter(t *testing.T) {
	for _, line := range []string{"redact pipe", "lint pipe", "lint --config pipe a.properties", "diagnose --health pipe", "audit --plan pipe",
		"ldap lockouts pipe", "ldap --password-file pipe d.properties"} {
		t.Run(line, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			writeFiles(t, dir, map[string]string{"a.properties": good,
				"d.properties": "Directory.Primary.Address = 127.0.0.1\nDirectory.Primary.Port = 1\nDirectory.DN = svc\n"})
			if err := syscall.Mkfifo("pipe", 0o600); err != nil {
				t.Skip("no named pipe can be made here: ", err)
			}
			writer, err := os.OpenFile("pipe", os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
			if _, err := writer.WriteString("#"); err != nil {
				t.Fatal(err)
			}
			ctx, interrupt := context.WithCancel(context.Background())
			defer interrupt()
			env := &environment{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, workDir: dir,
				getenv: func(string) string { return "" }}
			done := make(chan int, 1)
			go func() { done <- execute(ctx, env, strings.Fields(line)) }()
			for { // until what was written is taken
				if n, err := unix.Poll([]unix.PollFd{{Fd: int32(writer.Fd()), Events: unix.POLLIN}}, 0); err == nil && n == 0 {
					break
				}
				select {
				case code := <-done:
					t.Fatalf("exit code %d before the pipe was read", code)
				default:
					runtime.Gosched()
				}
			}
			select {
			case code := <-done:
				t.Fatalf("exit code %d: the writer was not waited for", code)
			default:
			}
			interrupt()
			if code := <-done; code == exitClean {
				t.Errorf("exit code %d: half an input was treated as a whole one", code)
			}
		})
	}
}

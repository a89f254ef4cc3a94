package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo terminal: what is written to person is typed.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminal can be opened here: ", err)
	}
	t.Cleanup(func() { _ = person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Skip("no pseudo-terminal can be opened here: ", err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Skip("no pseudo-terminal can be opened here: ", err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminal can be opened here: ", err)
	}
	t.Cleanup(func() { _ = program.Close() })
	return person, program
}

// asked collects what a program writes and reports when it has asked for something.
type asked struct {
	mu    sync.Mutex
	text  bytes.Buffer
	asked chan struct{}
	once  sync.Once
}

func (a *asked) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.text.Write(p)
	if strings.Contains(a.text.String(), "assword") {
		a.once.Do(func() { close(a.asked) })
	}
	return len(p), nil
}

// A password that is typed at a prompt reaches its server, and neither the screen nor any output.
func TestATypedPasswordReachesItsServerOnly(t *testing.T) {
	m := &markers{}
	s := serveMarked(t)
	for service, args := range map[string][]string{
		"ldap":  {"ldap", "--server", s.ldap, "--bind-dn", "svc@mark.test"},
		"imap":  {"mail", "--server", s.imap, "--user", "alice"},
		"https": {"mail", "--calendar", "--server", s.https, "--user", "alice", "--trust-any-certificate"},
	} {
		t.Run(service, func(t *testing.T) {
			typed := m.plant("typed for " + service)
			person, program := terminal(t)
			var screen, stdout bytes.Buffer
			stderr := &asked{asked: make(chan struct{})}
			echoed := make(chan struct{})
			go func() {
				defer close(echoed)
				_, _ = screen.ReadFrom(person)
			}()
			dir := t.TempDir()
			env := &environment{loginCost: cheap, stdin: program, stdout: &stdout, stderr: stderr, workDir: dir, getenv: func(name string) string {
				return map[string]string{"HOME": dir, "XDG_STATE_HOME": dir + "/state"}[name]
			}}
			done := make(chan int)
			go func() { done <- execute(context.Background(), env, append(args, "--format", "json")) }()
			select {
			case <-stderr.asked:
			case code := <-done:
				t.Fatalf("no question, exit code %d: %s", code, stderr.text.String())
			}
			for { // the question comes before the echo is off
				if state, err := unix.IoctlGetTermios(int(program.Fd()), unix.TCGETS); err != nil || state.Lflag&unix.ECHO == 0 {
					break
				}
				runtime.Gosched()
			}
			_, _ = person.WriteString(typed + "\n")
			<-done
			_, _ = program.Close(), person.Close()
			<-echoed
			for name, text := range map[string][]byte{"the screen": screen.Bytes(), "standard output": stdout.Bytes(),
				"standard error": stderr.text.Bytes()} {
				if found := m.in(text); len(found) > 0 {
					t.Errorf("%s holds %q: %s", name, found, around(text))
				}
			}
			for to, sent := range s.take() {
				if found := slices.Contains(m.in(sent), "typed for "+service); found != (to == service) {
					t.Errorf("sent to %s: %v", to, found)
				}
			}
		})
	}
}

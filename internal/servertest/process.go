package servertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

const (
	startLimit = 60 * time.Second // for a machine that is busy with other tests; most servers take a tenth of a second
	askLimit   = 2 * time.Second  // for one question whether the server is ready
	askPause   = 10 * time.Millisecond
	stopLimit  = 10 * time.Second // until a server that was asked to end is ended by force
	logLimit   = 16 << 10         // bytes of a log that are shown
)

// service says how to run one server.
type service struct {
	name  string                          // for messages
	dir   string                          // working directory, and where the log goes
	path  string                          // the program
	args  []string                        // its arguments; they must keep it in the foreground
	env   []string                        // added to the test's environment
	logs  []string                        // more log files to show on failure
	kill  bool                            // end it by force
	ready func(ctx context.Context) error // asks the server a real question; nil when it was answered
}

// process is a running server. The zero value is of no use.
type process struct {
	service
	t    testing.TB
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed when the program has ended
	err  error         // how it ended; read after done
	once sync.Once
}

// run starts a server, waits until it answers, and stops it when the test ends. Any failure ends the test with the
// server's log.
func run(t testing.TB, s service) *process {
	t.Helper()
	supported(t)
	p := &process{service: s, t: t, log: filepath.Join(s.dir, s.name+".out"), done: make(chan struct{})}
	if err := p.start(); err != nil {
		t.Fatalf("start %s: %v", s.name, err)
	}
	t.Cleanup(func() {
		p.Stop()
		if t.Failed() {
			t.Log(p.logText())
		}
	})
	if err := p.waitReady(t.Context()); err != nil {
		t.Fatalf("%s did not come up: %v", s.name, err)
	}
	return p
}

func (p *process) start() error {
	out, err := os.Create(p.log)
	if err != nil {
		return err
	}
	defer out.Close()
	p.cmd = exec.Command(p.path, p.args...)
	p.cmd.Dir = p.dir
	p.cmd.Env = append(os.Environ(), p.env...)
	// A file and no pipe: a server's children may hold its output open when it has long ended.
	p.cmd.Stdout, p.cmd.Stderr = out, out
	separate(p.cmd)

	started := make(chan error)
	go func() {
		// The parent in "signal at the parent's death" is the thread, so this one must stay until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := p.cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return <-started
}

// waitReady asks until the server answers, has ended, or the time is over.
func (p *process) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	pause := time.NewTicker(askPause)
	defer pause.Stop()
	for {
		ask, cancelAsk := context.WithTimeout(ctx, askLimit)
		err := p.ready(ask)
		cancelAsk()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("the program ended: %w", errors.Join(p.err, err))
		case <-ctx.Done():
			return fmt.Errorf("gave up after %s: %w", startLimit, err)
		case <-pause.C:
		}
	}
}

// Stop ends the server and waits until it is gone. A second call does nothing; the end of the test calls it too.
func (p *process) Stop() {
	p.once.Do(func() {
		if p.kill {
			killGroup(p.cmd)
		} else {
			terminate(p.cmd)
		}
		limit := time.NewTimer(stopLimit)
		defer limit.Stop()
		select {
		case <-p.done:
		case <-limit.C:
			p.t.Logf("%s did not end within %s of being asked to and was killed", p.name, stopLimit)
			_ = p.cmd.Process.Kill()
			<-p.done
		}
		killGroup(p.cmd)
	})
}

// logText gives the ends of the server's logs, for a test that failed.
func (p *process) logText() string {
	text := ""
	for _, path := range append([]string{p.log}, p.logs...) {
		data, err := os.ReadFile(path)
		if err != nil {
			text += fmt.Sprintf("%s: %s: %v\n", p.name, filepath.Base(path), err)
			continue
		}
		if cut := len(data) - logLimit; cut > 0 {
			data = append([]byte("...\n"), data[cut:]...)
		}
		text += fmt.Sprintf("%s: %s:\n%s\n", p.name, filepath.Base(path), data)
	}
	return text
}

package servertest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// supported is true where the servers can be run: they need all of 127.0.0.0/8 and process groups.
func supported(testing.TB) {}

// separate puts the child into a process group of its own, and has the kernel end it when the test dies without
// cleaning up, as it does at a test's time limit. The signal is the ordinary one, so that a server with children of its
// own can end them too.
func separate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// terminate asks the child to end.
func terminate(cmd *exec.Cmd) { _ = cmd.Process.Signal(syscall.SIGTERM) }

// killGroup ends the rest of the child's process group by force, and waits until none of it runs any more, so
// that its ports are free.
func killGroup(cmd *exec.Cmd) {
	group := cmd.Process.Pid
	for deadline := time.Now().Add(stopLimit); groupRuns(group) && time.Now().Before(deadline); time.Sleep(askPause) {
		_ = syscall.Kill(-group, syscall.SIGKILL)
	}
}

// groupRuns reports whether a process of the group still runs. Zombies do not count: an orphan is reaped by the
// machine's first process, and the one of a container may take its time.
func groupRuns(group int) bool {
	if syscall.Kill(-group, 0) != nil {
		return false // not even a zombie
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		// pid (name) state parent group ..., where the name may hold anything, blanks and parentheses too.
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		if len(fields) > 2 && fields[0][0] != 'Z' && string(fields[2]) == strconv.Itoa(group) {
			return true
		}
	}
	return false
}

//go:build !linux

package servertest

import (
	"os/exec"
	"testing"
)

// supported ends the test: only Linux gives every test loopback addresses of its own.
func supported(t testing.TB) {
	t.Helper()
	missing(t, "the servers are run on Linux only")
}

func separate(*exec.Cmd) {}

func terminate(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

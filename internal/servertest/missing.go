package servertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// MissingPrefix begins the reason of every skip for a missing server, so that a summary can count them.
const MissingPrefix = "missing server: "

// sbin holds the folders of daemons; an ordinary user's PATH often lacks them.
var sbin = [...]string{"/usr/local/sbin", "/usr/sbin", "/sbin"}

// program finds a server's program, or ends the test: see missing.
func program(t testing.TB, name string) string {
	t.Helper()
	if testing.Short() {
		t.Skipf("with -short no server is started (%s)", name)
	}
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	for _, dir := range sbin {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	missing(t, name+" is not installed (scripts/install-servers.sh does that)")
	return ""
}

// needFile ends the test unless a file of a server's package is there: not every package that a server needs comes with
// its program. The pattern is filepath.Match's.
func needFile(t testing.TB, pattern, pkg string) {
	t.Helper()
	if found, _ := filepath.Glob(pattern); len(found) == 0 {
		missing(t, pkg+" is not installed (scripts/install-servers.sh does that)")
	}
}

// missing ends a test that cannot have its server: skipped by name, but failed where CI=true promises every server.
// It is the only place that skips tests because a server is missing.
func missing(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(MissingPrefix + reason)
	}
	t.Skip(MissingPrefix + reason)
}

// needRoot ends the test unless it runs as root, which the named server needs for the reason given.
func needRoot(t testing.TB, why string) {
	t.Helper()
	if os.Geteuid() != 0 {
		missing(t, why+", which takes root")
	}
}

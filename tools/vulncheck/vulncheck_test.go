// Package vulncheck tests scripts/vulncheck.sh with databases of its own: made-up vulnerabilities of modules that cupclint has.
package vulncheck

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestJudgement(t *testing.T) {
	database, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	here := "file://" + filepath.ToSlash(database)
	tests := []struct {
		name, database, pkg string
		code                int
		says                string
	}{
		{"the code calls what is vulnerable", here + "/called", "./internal/lockouts", 1, "GO-1901-0001"},
		{"a module is vulnerable, and the code does not call it", here + "/called", "./resolve", 0, "no known vulnerability is called"},
		{"a database that is not there", here + "/nowhere", "./resolve", 1, "govulncheck ended with status 1"},
		{"a database that is broken", here + "/broken", "./resolve", 1, "govulncheck ended with status 1"},
		{"a package that does not compile", here + "/called", "./nowhere", 1, "govulncheck ended with status 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			said, code := check(t, "../../scripts/vulncheck.sh", test.pkg, "VULNDB="+test.database)
			if code != test.code || !strings.Contains(said, test.says) {
				t.Errorf("status %d, want %d with %q:\n%s", code, test.code, test.says, said)
			}
		})
	}
}

// A database that does not answer is not a failure. What govulncheck says then is played by a program of the test's own.
func TestADatabaseThatCannotBeReachedIsNoFailure(t *testing.T) {
	const fetching = "govulncheck: fetching vulnerabilities: "
	const index = "https://vuln.go.dev/index/modules.json.gz"
	tests := []struct {
		name, says string
		skipped    bool
	}{
		{"no such host", fetching + `Get "` + index + `": dial tcp: lookup vuln.go.dev: no such host`, true},
		{"a time-out", fetching + `Get "` + index + `": net/http: TLS handshake timeout`, true},
		{"a proxy that refuses", fetching + "HTTP GET " + index + " returned unexpected status: 403 Forbidden", true},
		{"a server with an error", fetching + "HTTP GET " + index + " returned unexpected status: 503 Service Unavailable", true},
		{"no database at that address", fetching + "HTTP GET " + index + " returned unexpected status: 404 Not Found", false},
		{"an answer that is not one of a database", fetching + "gzip: invalid header", false},
		{"code that does not compile", "govulncheck: loading packages: there are errors", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bin := t.TempDir()
			text := "#!/bin/sh\ncat >&2 <<'END'\n" + test.says + "\nEND\nexit 1\n"
			if err := os.WriteFile(filepath.Join(bin, "go"), []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
			said, code := check(t, "../../scripts/vulncheck.sh", "./resolve", "VULNDB=", "PATH="+bin+":"+os.Getenv("PATH"))
			skipped := code == 0 && strings.HasPrefix(said, "skipped: ") && strings.Count(said, "\n") == 1
			failed := code == 1 && strings.Contains(said, test.says)
			if skipped != test.skipped || failed == test.skipped {
				t.Errorf("status %d:\n%s", code, said)
			}
		})
	}
}

func check(t *testing.T, script, pkg string, env ...string) (said string, code int) {
	t.Helper()
	cmd := exec.Command(script, pkg)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

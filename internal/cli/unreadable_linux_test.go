package cli

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// unprivileged is an account without rights; root may read everything.
const unprivileged = 65534

func TestAFileWithoutPermissionStopsNothing(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"good.properties": good, "shut.properties": good, "closed/in.properties": good})
	for name, mode := range map[string]os.FileMode{
		"good.properties": 0o644, "shut.properties": 0, "closed": 0, "": 0o755, "..": 0o755,
	} {
		path := filepath.Join(dir, name)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "closed"), 0o755) }) // so that it can be removed

	cmd := exec.Command(ownCopy(t, dir), "lint", "--only", "PRES002", dir)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), runAsProgram + "=1"}
	cmd.Dir = "/"
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: unprivileged, Gid: unprivileged}}
	}
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != exitInput {
		t.Errorf("exit code %d, want %d", code, exitInput)
	}
	want := "cupclint: " + dir + "/closed: permission denied\ncupclint: " + dir + "/shut.properties: permission denied\n"
	if stderr.String() != want {
		t.Errorf("standard error is\n%swant\n%s", &stderr, want)
	}
	if strings.Count(stdout.String(), "error PRES002") != 1 {
		t.Errorf("the good file is not linted:\n%s", &stdout)
	}
}

// ownCopy puts the program of this test where anyone may run it.
func ownCopy(t *testing.T, dir string) string {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(dir, "cupclint"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(to, from)
	if closeErr := to.Close(); err != nil || closeErr != nil {
		t.Fatal(err, closeErr)
	}
	return to.Name()
}

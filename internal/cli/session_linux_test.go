package cli

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// 50 MB of a terminal's log are read in less than 128 MB of memory, with and without what a terminal adds.
func TestSessionLogIsReadInLittleMemory(t *testing.T) {
	withoutRace(t, "writes 50 MB, and measures the program as it is")
	const size, bound = 50 << 20, 128 << 20
	program := thisProgram(t)
	for _, end := range []string{"\n", "\x1b[0m\r\n"} {
		log := filepath.Join(t.TempDir(), "session.log")
		writeSession(t, log, size, end)
		status := filepath.Join(t.TempDir(), "status")
		cmd := exec.CommandContext(t.Context(), program, "lint", log)
		cmd.Env = append(os.Environ(), "GOMEMLIMIT=", "GOGC=", "HOME="+t.TempDir(), runAsProgram+"=1", measured+"="+status)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != exitFindings || !strings.Contains(string(out), "NTP007") {
			t.Errorf("%v\n%s", err, out)
		}
		peak := peakOf(t, status)
		t.Logf("line end %q: %d MB", end, peak>>20)
		if peak > bound {
			t.Errorf("line end %q: %d MB of memory, the bound is %d", end, peak>>20, bound>>20)
		}
		if err := os.Remove(log); err != nil {
			t.Fatal(err)
		}
	}
}

// writeSession writes the outputs of the broken cluster over and over, with an output between them that nothing reads.
func writeSession(t *testing.T, path string, size int, end string) {
	t.Helper()
	nodes, err := filepath.Glob("../../fixtures/deployments/evidence/broken/*.txt")
	if err != nil || len(nodes) == 0 {
		t.Fatal("no fixtures", err)
	}
	var text strings.Builder
	for _, name := range nodes {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("Command Line Interface is starting up, please wait ...\n\n   Welcome to the Platform Command Line Interface\n\n")
		text.Write(data)
		text.WriteString("admin:utils network arp list\n")
		for i := range 400 {
			fmt.Fprintf(&text, "10.2.%d.%d ether 00:00:5E:00:53:%02X C eth0\n", i%250, i%240, i%256)
		}
	}
	once := strings.ReplaceAll(text.String(), "\n", end)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for n := 0; n < size; n += len(once) {
		if _, err := w.WriteString(once); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

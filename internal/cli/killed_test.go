package cli

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"cupclint/internal/testrace"
)

// TestSoakKilledRunsLeaveTheOldFileOrTheNew kills commands that write over files, at random moments: 20 times, 200 times with
// CUPCLINT_SOAK. Each file is then the old one or the new one, as a whole, and the next run does the work that is left.
func TestSoakKilledRunsLeaveTheOldFileOrTheNew(t *testing.T) {
	testrace.Slow(t, "starts the program dozens of times")
	kills := 20
	switch {
	case os.Getenv("CUPCLINT_SOAK") != "":
		kills = 200
	case testing.Short():
		kills = 3
	}
	const files = 40
	text := "Presence.Primary.Address = cups1.acme.com \nPresence.Domain = acme.com\nDirectory.Password = hunter2geheim\n"
	var names []string
	for i := range files {
		names = append(names, fmt.Sprintf("%02d.properties", i))
	}
	for name, args := range map[string][]string{
		"fix":      {"lint", "--fix", "."},
		"redact":   append([]string{"redact", "--in-place"}, names...),
		"baseline": {"lint", "--write-baseline=.cupclint-baseline.json", "."},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			watched := names
			if name == "baseline" {
				watched = []string{".cupclint-baseline.json"}
			}
			before, after := map[string][]byte{}, map[string][]byte{}
			reset := func() {
				t.Helper()
				for i, n := range names {
					// Each is longer than one write of the kernel, so that half a file could be seen.
					long := bytes.Repeat([]byte(fmt.Sprintf("# a comment of file %d\n", i)), 400)
					if err := os.WriteFile(filepath.Join(dir, n), append(long, text...), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				if name == "baseline" {
					if err := os.WriteFile(filepath.Join(dir, watched[0]), []byte("{\"version\":1,\"findings\":[]}\n"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			read := func(into map[string][]byte) {
				t.Helper()
				for _, n := range watched {
					data, err := os.ReadFile(filepath.Join(dir, n))
					if err != nil {
						t.Fatal(err)
					}
					into[n] = data
				}
			}
			start := func() (*exec.Cmd, *bytes.Buffer) {
				var said bytes.Buffer
				cmd := exec.Command(os.Args[0], args...)
				cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
				cmd.Env = append(os.Environ(), runAsProgram+"=1", "XDG_STATE_HOME="+t.TempDir())
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				return cmd, &said
			}
			reset()
			read(before)
			began := time.Now()
			cmd, said := start()
			_ = cmd.Wait()
			whole := time.Since(began)
			read(after)
			for _, n := range watched {
				if bytes.Equal(before[n], after[n]) {
					t.Fatalf("the command changes nothing: %s", said)
				}
			}
			old, new, half := 0, 0, 0
			for range kills {
				reset()
				cmd, said := start()
				moment := time.AfterFunc(time.Duration(rand.Int64N(int64(whole)+1)), func() { _ = cmd.Process.Kill() })
				_ = cmd.Wait()
				moment.Stop()
				now := map[string][]byte{}
				read(now)
				oldHere := old
				for _, n := range watched {
					switch {
					case bytes.Equal(now[n], before[n]):
						old++
					case bytes.Equal(now[n], after[n]):
						new++
					default:
						t.Errorf("%s is neither the old file nor the new one: %d bytes, old %d, new %d\n%s", n, len(now[n]), len(before[n]), len(after[n]),
							said)
					}
				}
				if n := old - oldHere; n > 0 && n < len(watched) {
					half++
				}
			}
			t.Logf("%d kills: %d files old, %d new; %d kills in the middle of the files", kills, old, new, half)
			// The next run does the rest.
			cmd, said = start()
			_ = cmd.Wait()
			now := map[string][]byte{}
			read(now)
			for _, n := range watched {
				if !bytes.Equal(now[n], after[n]) {
					t.Errorf("%s is not done by the next run: %s", n, said)
				}
			}
		})
	}
}

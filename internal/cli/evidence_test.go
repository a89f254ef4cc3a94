package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEvidenceTellsTheStory: the report on a broken cluster begins with the time, continues with the replication and ends with the
// services, in the order in which they are fixed; the report on the repaired cluster is empty.
func TestEvidenceTellsTheStory(t *testing.T) {
	golden, err := filepath.Abs("testdata/evidence.golden")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir("../../fixtures/deployments/evidence")
	audit := func(folder string) (int, string) {
		var out, errs bytes.Buffer
		env := &environment{
			loginCost: cheap, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, workDir: ".", width: 80,
			getenv: func(string) string { return "" },
		}
		code := execute(t.Context(), env, []string{"audit", "--offline", folder})
		if errs.Len() > 0 {
			t.Errorf("%s", &errs)
		}
		return code, out.String()
	}
	if code, text := audit("right"); code != 0 || !strings.HasPrefix(text, "0 findings") {
		t.Errorf("the repaired deployment: exit code %d\n%s", code, text)
	}
	code, text := audit("broken")
	if code != 1 {
		t.Errorf("exit code %d", code)
	}
	last := -1
	for _, rule := range []string{"error NTP007", "error REPL007", "SVC001", "info SVC003", "error CN002"} {
		at := strings.Index(text, rule)
		if at <= last {
			t.Errorf("%s is at %d, and what comes before it at %d", rule, at, last)
		}
		last = at
	}
	for line := range strings.Lines(text) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("the report differs; run the test with -update and look at the difference\n%s", text)
	}
}

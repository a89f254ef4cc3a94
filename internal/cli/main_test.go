package cli

import (
	"os"
	"testing"
)

// The variables that make the test's own binary the program, for tests that need a process: with the second one it writes down what the
// system says of its memory.
const (
	runAsProgram = "CUPCLINT_RUN_AS_PROGRAM"
	measured     = "CUPCLINT_MEASURED"
)

func TestMain(m *testing.M) {
	if os.Getenv(runAsProgram) == "" {
		os.Exit(m.Run())
	}
	code := Main()
	if file := os.Getenv(measured); file != "" {
		if status, err := os.ReadFile("/proc/self/status"); err == nil {
			_ = os.WriteFile(file, status, 0o600) // the test misses the file
		}
	}
	os.Exit(code)
}

// thisProgram is the test's own binary, which runAsProgram makes the program.
func thisProgram(t *testing.T) string {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

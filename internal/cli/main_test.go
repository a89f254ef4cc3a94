package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// The variables that make the test's own binary the program, for tests that need a process: with the second one it writes down what the
// system says of its memory.
const (
	runAsProgram = "CUPCLINT_RUN_AS_PROGRAM"
	measured     = "CUPCLINT_MEASURED"
)

func TestMain(m *testing.M) {
	if os.Getenv(runAsProgram) == "" && filepath.Base(os.Args[0]) != program {
		os.Exit(runTests(m))
	}
	env := systemEnvironment()
	env.loginCost = cheap
	code := runProcess(env)
	if file := os.Getenv(measured); file != "" {
		if status, err := os.ReadFile("/proc/self/status"); err == nil {
			_ = os.WriteFile(file, status, 0o600) // the test misses the file
		}
	}
	os.Exit(code)
}

// program is the name under which shells that tests start find the program: it is the test's own binary.
const program = "cupclint"

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "cupclint-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	own, err := os.Executable()
	if err == nil {
		err = os.Symlink(own, filepath.Join(dir, program))
	}
	if err == nil {
		err = os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	}
	if err != nil {
		panic(err)
	}
	return m.Run()
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

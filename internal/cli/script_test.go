package cli

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// runAsProgram is the variable that makes the test's own binary the program, for tests that need a process.
const runAsProgram = "CUPCLINT_RUN_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(runAsProgram) != "" {
		os.Exit(Main())
	}
	testscript.Main(m, map[string]func(){
		"cupclint": func() { os.Exit(Main()) },
		"cupclint-measured": func() { // writes down what the system says of its memory
			code := Main()
			if status, err := os.ReadFile("/proc/self/status"); err == nil {
				_ = os.WriteFile(os.Getenv("CUPCLINT_MEASURED"), status, 0o600) // the test misses the file
			}
			os.Exit(code)
		},
	})
}

// Each script is a promise of the help texts. They run the real command line in a folder of their own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
			env.Setenv("HOME", env.WorkDir+"/home")
			return os.Mkdir(env.WorkDir+"/home", 0o700)
		},
	})
}

package cli_test

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"cupclint/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cupclint": func() { os.Exit(cli.Main()) }})
}

// Each script is a promise of the help texts. They run the real command line in a folder of their own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "../../cli/testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
			env.Setenv("HOME", env.WorkDir+"/home")
			return os.Mkdir(env.WorkDir+"/home", 0o700)
		},
	})
}

package cli

import (
	"strings"
	"testing"

	"cupclint/internal/diagnose"
)

// TestChecksAreCommands proves that every command that a cause names parses as one of this program.
func TestChecksAreCommands(t *testing.T) {
	k, err := diagnose.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range k.Causes {
		for _, check := range c.Confirm {
			if check.Run == "" {
				continue
			}
			words := strings.Fields(check.Command("exports/"))
			if words[0] != "cupclint" {
				t.Errorf("%s: %q is not a command of this program", c.ID, check.Run)
				continue
			}
			root := newRootCmd(systemEnvironment(), commands())
			cmd, rest, err := root.Find(words[1:])
			if err == nil {
				err = cmd.ParseFlags(rest)
			}
			if err != nil || cmd == root {
				t.Errorf("%s: %s: %v", c.ID, check.Run, err)
			}
		}
	}
}

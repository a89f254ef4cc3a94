package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Every flag that takes a FILE is known as one that writes it or as one that reads it, and every name of the two lists is a flag: else a
// new flag could write over a password file.
func TestFlagsWithAFileAreKnown(t *testing.T) {
	listed := slices.Concat(writing, reading)
	found := map[string]bool{}
	var look func(*cobra.Command)
	look = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			found[f.Name] = true
			value, _ := pflag.UnquoteUsage(f)
			if value == "FILE" && !slices.Contains(listed, f.Name) && !strings.HasSuffix(f.Name, "-file") {
				t.Errorf("%s --%s: is the file written or read?", cmd.CommandPath(), f.Name)
			}
		})
		for _, sub := range cmd.Commands() {
			look(sub)
		}
	}
	look(newRootCmd(&environment{getenv: func(string) string { return "" }}, commands()))
	for _, name := range listed {
		if !found[name] {
			t.Errorf("no command has the flag --%s", name)
		}
	}
}

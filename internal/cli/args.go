package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"cupclint/internal/nearest"
)

// takes checks how many arguments a command has, and says what to name where there are fewer or more. most is below 0 where there is no
// upper bound.
func takes(least, most int, name string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if n := len(args); n < least || most >= 0 && n > most {
			return fmt.Errorf("%s; given: %s; see %s --help", name, plural(n, "argument", "arguments"), cmd.CommandPath())
		}
		return nil
	}
}

// takesNone is for commands without arguments. A word after one that has commands of its own was meant to be one of them.
func takesNone(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	word, path := args[0], cmd.CommandPath()
	if !cmd.HasAvailableSubCommands() {
		return fmt.Errorf("%q is not expected: %s takes no arguments; see %[2]s --help", word, path)
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	hint := ""
	if near := nearest.Word(word, names); near != "" {
		hint = ": did you mean " + path + " " + near + "?"
	} else if elsewhere := commandOf(cmd.Root(), word); elsewhere != "" {
		hint = ": did you mean " + elsewhere + "?"
	}
	return fmt.Errorf("unknown command %q for %q%s; see %s --help", word, path, hint, path)
}

// commandOf finds a command by its name alone, in whatever command it is.
func commandOf(in *cobra.Command, name string) string {
	for _, c := range in.Commands() {
		if c.IsAvailableCommand() && c.Name() == name {
			return c.CommandPath()
		}
		if path := commandOf(c, name); path != "" {
			return path
		}
	}
	return ""
}

package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A wordList is the value of a flag that takes several words, as pflag.StringSlice has it. That one writes its default as CSV when it is
// made, with a buffer of 4 KiB for each flag at each start; this one is made when the flag is used.
type wordList struct{ used pflag.SliceValue }

// addList adds a flag that takes several words and has none by default.
func addList(cmd *cobra.Command, name, usage string) { cmd.Flags().Var(new(wordList), name, usage) }

func (l *wordList) value() pflag.SliceValue {
	if l.used == nil {
		var own pflag.FlagSet
		own.StringSlice("list", nil, "")
		l.used = own.Lookup("list").Value.(pflag.SliceValue)
	}
	return l.used
}

// Set implements pflag.Value.
func (l *wordList) Set(text string) error { return l.value().(pflag.Value).Set(text) }

// Type implements pflag.Value.
func (l *wordList) Type() string { return "stringSlice" }

// String implements pflag.Value.
func (l *wordList) String() string {
	if l.used == nil {
		return "[]"
	}
	return l.used.(pflag.Value).String()
}

// Append implements pflag.SliceValue.
func (l *wordList) Append(word string) error { return l.value().Append(word) }

// Replace implements pflag.SliceValue.
func (l *wordList) Replace(words []string) error { return l.value().Replace(words) }

// GetSlice implements pflag.SliceValue.
func (l *wordList) GetSlice() []string {
	if l.used == nil {
		return nil
	}
	return l.used.GetSlice()
}

package loginbudget

import (
	_ "embed"
	"slices"
	"strings"

	"cupclint/internal/lazy"
)

// Said is what the words of a refusal say about the password.
type Said string

// The kinds of words (said.tsv).
const (
	SaidPassword Said = "password" // it is wrong
	SaidName     Said = "name"     // the name or the password is wrong
	SaidFailed   Said = "failed"   // the log-in failed, and no more
	SaidMany     Said = "many"     // too many log-ins failed before
)

//go:embed said.tsv
var saidTSV string

var saidWords = lazy.Value[map[Said][]string]{New: func() map[Said][]string {
	words := map[Said][]string{}
	for line := range strings.Lines(saidTSV) {
		what, part, found := strings.Cut(strings.TrimRight(line, "\r\n"), "\t")
		if found && what[0] != '#' {
			words[Said(what)] = append(words[Said(what)], part)
		}
	}
	return words
}}

// Says reports whether a refusal has words of one of the kinds, in upper or lower case.
func Says(text string, kinds ...Said) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc(kinds, func(kind Said) bool {
		return slices.ContainsFunc(saidWords.Get()[kind], func(part string) bool { return strings.Contains(text, part) })
	})
}

package area

import (
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// Reads say what a gatherer looks at in an export, apart from its generation, its format, and whether it has settings of Jabber.
type Reads struct {
	// Key reports whether values of a key are looked at. Nil means that the gatherer looks at everything.
	Key func(k export.KeyID) bool
	// Group, if set, is what else counts: exports of different groups are never the same to the gatherer.
	Group func(in *lint.Input) string
}

// Selective is a Gatherer that says what it looks at. An export changes nothing in it if one with a smaller or the same index, which was
// added before, has the same values there: it names the same targets, and the places of the first export count.
type Selective interface{ Reads() Reads }

// KeysOf is a Reads of the keys whose names begin with one of the texts.
func KeysOf(beginnings ...string) func(k export.KeyID) bool {
	return func(k export.KeyID) bool {
		name := k.String()
		for _, b := range beginnings {
			if strings.HasPrefix(name, b) {
				return true
			}
		}
		return false
	}
}

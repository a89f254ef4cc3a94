package rules

import (
	"slices"
	"testing"

	"cupclint/export"
)

// jabberSection does not look at such names.
func TestTheNameOfAJabberKeyHasASectionThatItMayBeIn(t *testing.T) {
	n := 0
	for k := export.KeyID(1); k < export.NumKeys; k++ {
		if k.Group() != export.JabberKeys {
			continue
		}
		section, _, ok := sectionAndName(&export.Property{Name: k.String()})
		if ok && !slices.Contains(k.Get().Sections, section) {
			t.Errorf("%s, but its sections are %q", k, k.Get().Sections)
		}
		n++
	}
	if n == 0 {
		t.Error("no key was looked at")
	}
}

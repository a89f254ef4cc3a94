package catalogue_test

import (
	"slices"
	"testing"

	"cupclint/internal/catalogue"
	"cupclint/lint"
)

// Every row of catalogue.tsv is a rule of the program, and every rule of the program has a row.
func TestTheCatalogueIsComplete(t *testing.T) {
	var ids []string
	for _, r := range catalogue.All() {
		ids = append(ids, r.ID)
	}
	slices.Sort(ids)
	if want := lint.Defined(); !slices.Equal(ids, want) {
		t.Errorf("the program has the rules %v,\ncatalogue.tsv %v", ids, want)
	}
}

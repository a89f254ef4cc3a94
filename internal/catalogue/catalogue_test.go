package catalogue_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"cupclint/internal/catalogue"
	"cupclint/lint"
	"cupclint/lint/ownrules"
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

// No ID, name or area of the program can be an ID of a rule of one's own.
func TestIDsOfOnesOwnCannotCollide(t *testing.T) {
	form := regexp.MustCompile("(?i)" + ownrules.IDForm)
	for _, r := range catalogue.All() {
		for _, name := range []string{r.ID, r.Name, r.Area, r.Service, lint.All} {
			if form.MatchString(name) {
				t.Errorf("%q of %s could be the ID of a rule of one's own", name, r.ID)
			}
		}
		if r.Own || strings.EqualFold(r.Area, ownrules.Area) {
			t.Errorf("%s is marked as a rule of one's own", r.ID)
		}
	}
}

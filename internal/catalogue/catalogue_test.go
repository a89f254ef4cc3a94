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
	have, want := ids(catalogue.All()), lint.Defined()
	slices.Sort(have)
	if !slices.Equal(have, want) {
		t.Errorf("the program has the rules %v,\ncatalogue.tsv %v", have, want)
	}
}

func ids(rules []*lint.Rule) (list []string) {
	for _, r := range rules {
		list = append(list, r.ID)
	}
	return list
}

// Every live rule belongs to one area: otherwise nothing would ever find what it is for, and --only could not name it.
func TestEveryLiveRuleBelongsToOneArea(t *testing.T) {
	var of []*lint.Rule
	for _, a := range catalogue.Areas(nil) {
		of = append(of, a.Info().Rules...)
	}
	byID := func(a, b *lint.Rule) int { return strings.Compare(a.ID, b.ID) }
	slices.SortFunc(of, byID)
	if live := lint.AllLive(); !slices.Equal(of, live) {
		t.Errorf("the areas have the rules %v,\ncatalogue.tsv %v", ids(of), ids(live))
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

package page

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cupclint/docs"
	"cupclint/internal/diagnose"
)

// knowledgeKeys are the keys of the knowledge's texts: what every language must have, and what it may have.
func knowledgeKeys(t *testing.T) (must, may map[string]string) {
	t.Helper()
	k, err := diagnose.Load()
	if err != nil {
		t.Fatal(err)
	}
	must, may = make(map[string]string), make(map[string]string)
	for _, c := range k.Complaints {
		must["complaint."+c.ID], must["complaint."+c.ID+".help"] = c.Title, c.Help
	}
	for i := range k.Questions {
		q := &k.Questions[i]
		must["question."+q.ID], must["question."+q.ID+".lookup"] = q.Ask, q.Lookup
		for _, w := range q.Words() {
			must["answer."+q.ID+"."+w] = q.Answers[w]
		}
	}
	for i := range k.Causes {
		c := &k.Causes[i]
		must["cause."+c.ID+".short"] = c.Short
		may["cause."+c.ID+".why"] = c.Why
		for n, f := range c.Fixes {
			key := "cause." + c.ID + ".fix." + itoa(n+1)
			must[key] = f.Title
			for m, step := range f.Steps {
				may[key+".step."+itoa(m+1)] = step
			}
		}
	}
	for _, term := range docs.Glossary() {
		may["term."+term.Names[0]] = term.Meaning
	}
	return must, may
}

var placeholder = regexp.MustCompile(`\{\d\}`)

func placeholders(text string) []string {
	list := placeholder.FindAllString(text, -1)
	slices.Sort(list)
	return slices.Compact(list)
}

// Every language has all texts, none that is not used, and the same placeholders.
func TestEachLanguageIsComplete(t *testing.T) {
	languages, err := loadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	own := languages[0].text
	if languages[0].Tag != english || len(languages) < 2 {
		t.Fatalf("%d languages, %s first", len(languages), languages[0].Tag)
	}
	must, may := knowledgeKeys(t)
	for key := range own {
		if must[key] != "" || may[key] != "" {
			t.Errorf("en.tsv has %s, which is in causes.yaml or the glossary", key)
		}
	}
	for _, l := range languages[1:] {
		want := maps.Clone(own)
		maps.Copy(want, must)
		for key, text := range want {
			if l.text[key] == "" {
				t.Errorf("%s.tsv lacks %s\t%s", l.Tag, key, text)
				continue
			}
			if a, b := placeholders(text), placeholders(l.text[key]); !slices.Equal(a, b) {
				t.Errorf("%s.tsv: %s has the placeholders %v, English %v", l.Tag, key, b, a)
			}
			if strings.Contains(text, ": ") != strings.Contains(l.text[key], ": ") && strings.HasPrefix(key, "complaint.") &&
				!strings.HasSuffix(key, ".help") {
				t.Errorf("%s.tsv: %s: what is before the colon is the name of the complaint", l.Tag, key)
			}
		}
		for key := range l.text {
			if want[key] == "" && may[key] == "" {
				t.Errorf("%s.tsv has %s, which nothing shows", l.Tag, key)
			}
		}
	}
}

// Every text of the page is asked for by a template or by the program, and every key that they ask for is there.
func TestEveryTextIsUsed(t *testing.T) {
	languages, err := loadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	var sources strings.Builder
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go") {
			text, err := os.ReadFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(text)
		}
	}
	pages, err := templateFiles.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range pages {
		text, err := templateFiles.ReadFile("templates/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		sources.Write(text)
	}
	text := languages[0].text
	built := []string{"degree.", "who.", "safety.", "verdict.", "severity."}
	for key := range text {
		plain := strings.TrimSuffix(strings.TrimSuffix(key, ".one"), ".other")
		if !strings.Contains(sources.String(), `"`+plain+`"`) && !slices.ContainsFunc(built,
			func(p string) bool { return strings.HasPrefix(key, p) }) &&
			key != "language" {
			t.Errorf("nothing shows %s", key)
		}
	}
	for _, m := range regexp.MustCompile(`\.T\(? ?"([a-z.-]+[a-z])"`).FindAllStringSubmatch(sources.String(), -1) {
		if text[m[1]] == "" {
			t.Errorf("en.tsv lacks %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`\.Count "([a-z.-]+)"`).FindAllStringSubmatch(sources.String(), -1) {
		if text[m[1]+".one"] == "" || text[m[1]+".other"] == "" {
			t.Errorf("en.tsv lacks %s.one or %s.other", m[1], m[1])
		}
	}
	for _, who := range diagnose.Persons() {
		if text["who."+who] == "" {
			t.Errorf("en.tsv lacks who.%s", who)
		}
	}
}

// The language is the one of the address, else the best that the browser asks for, else English.
func TestTheLanguageIsChosen(t *testing.T) {
	languages, err := loadLanguages()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		asked, accept, want string
		chosen              bool
	}{
		{"", "", "en", false}, {"", "de-AT,de;q=0.9,en;q=0.8", "de", false}, {"", "fr,en;q=0.5,de;q=0.4", "en", false},
		{"", "en;q=0.4,de;q=0.7", "de", false}, {"de", "en", "de", true}, {"xx", "de", "de", false}, {"", "*", "en", false},
		{"", "de;q=x, en;q=0.1", "en", false}, {"", strings.Repeat("fr,", 100000), "en", false}, {"DE-ch", "", "de", true},
	} {
		l, chosen := choose(languages, c.asked, c.accept)
		if l.Tag != c.want || chosen != c.chosen {
			t.Errorf("lang=%s, Accept-Language %.40s: %s %v, want %s %v", c.asked, c.accept, l.Tag, chosen, c.want, c.chosen)
		}
	}
}

package fold

import (
	"strings"
	"testing"
)

func TestPlacesAreThoseOfTheText(t *testing.T) {
	for _, c := range []struct {
		text, sub   string
		first, last int
	}{
		{"a Run SQL x run sql ", "run sql ", 2, 12}, {"İ\xdfRUN SQL ", "run sql ", 3, 3}, {"run", "run sql ", -1, -1}, {"", "x", -1, -1},
		{"", "", 0, 0}, {"x", "", 0, 1}, {"{[@`", "[", 1, 1}, {"{[@`", "{", 0, 0}, {"ſql", "sql", -1, -1},
	} {
		if first, last := Index(c.text, c.sub), LastIndex(c.text, c.sub); first != c.first || last != c.last {
			t.Errorf("%q in %q: %d and %d, want %d and %d", c.sub, c.text, first, last, c.first, c.last)
		}
	}
}

func FuzzIndex(f *testing.F) {
	f.Add("A run SQL", "sql")
	f.Fuzz(func(t *testing.T, text, sub string) {
		lower := func(s string) string {
			return string(strings.Map(func(r rune) rune { return r }, strings.NewReplacer("A", "a", "Z", "z", "S", "s").Replace(s)))
		}
		if i := Index(text, sub); i >= 0 && lower(text[i:i+len(sub)]) != sub && !strings.EqualFold(text[i:i+len(sub)], sub) {
			t.Errorf("%q at %d of %q", sub, i, text)
		}
		if Index(text, sub) < 0 != (LastIndex(text, sub) < 0) {
			t.Errorf("%q in %q: found from one side only", sub, text)
		}
	})
}

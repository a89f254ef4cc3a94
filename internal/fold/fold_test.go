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

func TestBegins(t *testing.T) {
	for _, c := range []struct {
		text, prefix string
		want         bool
	}{
		{"jabber-config.xml", "JABBER-", true}, {"JABBER", "jabber", true}, {"jabbe", "jabber", false}, {"x-jabber", "jabber", false},
		{"", "", true},
		{"\u017fql ", "sql", false}, {"\u212aey", "key", false}, // their small letters are those of ASCII, in more bytes
	} {
		if got := HasPrefix(c.text, c.prefix); got != c.want {
			t.Errorf("%q begins with %q: %t", c.text, c.prefix, got)
		}
	}
}

// The places are those that a comparison with lower case of ASCII gives, byte by byte.
func FuzzIndex(f *testing.F) {
	f.Add("A run SQL", "sql")
	f.Add("İ\xdfRUN", "run")
	f.Fuzz(func(t *testing.T, text, sub string) {
		lower := []byte(text)
		for i, c := range lower {
			if c >= 'A' && c <= 'Z' {
				lower[i] = c - 'A' + 'a'
			}
		}
		if got, want := Index(text, sub), strings.Index(string(lower), sub); got != want {
			t.Errorf("%q in %q: %d, want %d", sub, text, got, want)
		}
		if got, want := LastIndex(text, sub), strings.LastIndex(string(lower), sub); got != want {
			t.Errorf("the last %q in %q: %d, want %d", sub, text, got, want)
		}
	})
}

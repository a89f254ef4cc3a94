package secret

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestNamesAreSplitIntoWords(t *testing.T) {
	for name, want := range map[string]string{
		"Directory.Password": "directory password", "adminPW2": "admin pw", "LDAPBindPW": "ldap bind pw", "HTTPSKey": "https key",
		"user_pass-word": "user pass word", "x": "x", "...": "", "aB": "a b", "AB": "ab", "ABc": "a bc", "a1B": "a b",
	} {
		if got := strings.Join(split(nil, name, strings.ToLower(name)), " "); got != want {
			t.Errorf("%s: words %q, want %q", name, got, want)
		}
	}
}

// A name with a letter beyond ASCII is split rune by rune, others byte by byte.
func TestNamesAreSplitAlike(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		b := make([]byte, random.IntN(10))
		for i := range b {
			b[i] = "aBcDEf1.-_ "[random.IntN(11)]
		}
		name := string(b)
		long := name + " \u00e9"
		got, want := split(nil, name, strings.ToLower(name)), split(nil, long, strings.ToLower(long))
		if !slices.Equal(append(got, "\u00e9"), want) {
			t.Fatalf("%q: words %q, rune by rune %q", name, got, want)
		}
	}
}

package nearest

import (
	"slices"
	"strings"
	"testing"
)

func TestWordSuggestsWhatWasMeant(t *testing.T) {
	known := []string{"PRES001", "PRES002", "presence-domain-mismatch", "presence-case-mismatch", "fail-on", "format", "output",
		"init", "lint"}
	for _, tt := range []struct{ word, want string }{
		{"fial-on", "fail-on"},
		{"failon", "fail-on"},
		{"FORMAT", "format"},
		{"formt", "format"},
		{"pres01", "PRES001"},
		{"PRES0002", "PRES002"},
		{"presence-case-missmatch", "presence-case-mismatch"},
		{"presence-domian-mismatch", "presence-domain-mismatch"},
		{"presence-case", "presence-case-mismatch"}, // the only one it begins
		{"presence", ""}, // begins two
		{"lnit", "lint"}, // as near to init
		{"inti", "init"},
		{"zzz", ""},
		{"", ""},
		{"\x00\xff\xfe", ""},
	} {
		if got := Word(tt.word, known); got != tt.want {
			t.Errorf("Word(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

// The bound must never change an answer, only save work: compare with the plain recursion.
func TestDistanceAgreesWithItsDefinition(t *testing.T) {
	var words []string
	var grow func(prefix string, n int)
	grow = func(prefix string, n int) {
		words = append(words, prefix)
		if n == 0 {
			return
		}
		for _, c := range "abc" {
			grow(prefix+string(c), n-1)
		}
	}
	grow("", 4)
	for i, a := range words {
		for _, b := range words[i%7 : min(len(words), i%7+40)] {
			want := slow(a, b)
			for limit := 1; limit <= 6; limit++ {
				if got := distance(a, b, limit); got != min(want, limit) {
					t.Fatalf("distance(%q, %q, %d) = %d, want %d", a, b, limit, got, min(want, limit))
				}
			}
		}
	}
}

func slow(a, b string) int {
	if a == "" || b == "" {
		return len(a) + len(b)
	}
	la, lb := len(a)-1, len(b)-1
	d := slow(a[:la], b[:lb])
	if a[la] != b[lb] {
		d++
	}
	d = min(d, slow(a[:la], b)+1, slow(a, b[:lb])+1)
	if la > 0 && lb > 0 && a[la] == b[lb-1] && a[la-1] == b[lb] {
		d = min(d, slow(a[:la-1], b[:lb-1])+1)
	}
	return d
}

func FuzzWord(f *testing.F) {
	f.Add("fial-on", "fail-on format")
	f.Fuzz(func(t *testing.T, word, list string) {
		known := strings.Fields(list)
		got := Word(word, known)
		if got != "" && !slices.Contains(known, got) {
			t.Fatalf("Word(%q) = %q, which is not in %q", word, got, known)
		}
	})
}

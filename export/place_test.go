package export

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLongLinesAreCutAroundThePlace(t *testing.T) {
	const lead, most = 60, 200
	long := strings.Repeat("é", 1000) + "HERE" + strings.Repeat("\xff", 1000)
	for _, tt := range []struct {
		name   string
		line   string
		column int
		runes  int
		start  int
	}{
		{"short", "abc", 2, 3, 1},
		{"empty", "", 1, 0, 1},
		{"just fits", strings.Repeat("é", most), 150, most, 1},
		{"begin", long, 1, most, 1},
		{"middle", long, 1001, most, 1001 - lead},
		{"end", long, 2004, lead + 1, 2004 - lead},
		{"column after the line", long, 9999, lead, 2005 - lead},
	} {
		for _, around := range []string{"%s", "first\n%s\nthird"} {
			e := Export{text: fmt.Sprintf(around, tt.line)}
			text, start := e.Source(Range{Line: 1 + strings.Count(around, "first"), Column: tt.column}, lead, most)
			got := utf8.RuneCountInString(text)
			if got != tt.runes || start != tt.start {
				t.Errorf("%s in %q: %d code points from column %d, want %d from %d", tt.name, around, got, start, tt.runes, tt.start)
			}
			if strings.ContainsAny(text, "\r\n") {
				t.Errorf("%s in %q: the text continues after the line: %q", tt.name, around, text)
			}
			if tt.name == "middle" && string([]rune(text)[tt.column-start:][:4]) != "HERE" {
				t.Errorf("%s: the place is not where the columns say: %q", tt.name, text)
			}
		}
	}
}

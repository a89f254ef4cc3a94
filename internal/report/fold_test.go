package report

import (
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"a line that fits", "  short  line\n", "  short  line\n"},
		{"below the last column", "  10.0.0.17        2 failures, wrong password 2; since 08:00:01\n",
			"  10.0.0.17        2 failures, wrong\n                   password 2; since\n                   08:00:01\n"},
		{"prose", "this is a long line of prose that is too wide for it\n", "this is a long line of prose that is too\n  wide for it\n"},
		{"a point", "   - a long point that is too wide for the line\n", "   - a long point that is too wide for\n     the line\n"},
		{"a word is not broken", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz b\n",
			"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\n  b\n"},
		{"colours take no room", Paint(true, Red, "10 findings") + " in 3 exports; 2 not read\n",
			Paint(true, Red, "10 findings") + " in 3 exports; 2 not read\n"},
		{"no end of the line", "a b", "a b"},
	} {
		if got := Fold(tc.text, 40); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
		if got := Fold(tc.text, 0); got != tc.text {
			t.Errorf("%s: without a width %q", tc.name, got)
		}
	}
	long := strings.Repeat("word ", 100)
	for line := range strings.Lines(Fold(long, 80)) {
		if TextWidth(strings.TrimRight(line, "\n")) > 80 {
			t.Errorf("too wide: %q", line)
		}
	}
}

// Colours must not change where a paragraph is broken.
func TestWrapWithColours(t *testing.T) {
	const text = "one two three four five six seven eight"
	var plain, painted strings.Builder
	Wrap(&plain, "Now: ", text, 30)
	Wrap(&painted, Paint(true, Bold, "Now: "), Paint(true, Red, text), 30)
	got := strings.NewReplacer("\x1b[1m", "", "\x1b[1;31m", "", "\x1b[0m", "").Replace(painted.String())
	if got != plain.String() {
		t.Errorf("%q, without colours %q", got, &plain)
	}
}

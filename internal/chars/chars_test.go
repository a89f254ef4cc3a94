package chars_test

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cupclint/internal/chars"
)

func TestKindsOfCharacters(t *testing.T) {
	const letters, digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
	for name, c := range map[string]struct {
		is  func(byte) bool
		all string
	}{
		"letters": {chars.Letter, letters}, "blanks": {chars.Blank, " \t\r\n"}, "parts of a key": {chars.Key, letters + digits + "._-"},
	} {
		for b := range 256 {
			if got, want := c.is(byte(b)), strings.IndexByte(c.all, byte(b)) >= 0; got != want {
				t.Errorf("%s: %#x: %t, want %t", name, b, got, want)
			}
		}
	}
}

func TestBlanks(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a ": 0, " \t\r\na": 4, "  ": 2, "\u00a0": 0} {
		if got := chars.Blanks(text); got != want || chars.AllBlank(text) != (want == len(text)) {
			t.Errorf("%q begins with %d blanks, all: %t", text, got, chars.AllBlank(text))
		}
	}
}

func TestHex(t *testing.T) {
	for text, want := range map[string]int{"00": 0, "3Dx": 0x3D, "fF": 0xFF, "aA": 0xAA, "9g": -1, "g9": -1, "@0": -1, "4": -1, "": -1} {
		got, ok := chars.Hex(text)
		if ok != (want >= 0) || ok && int(got) != want {
			t.Errorf("%q is %#x %t, want %#x", text, got, ok, want)
		}
	}
}

func TestLines(t *testing.T) {
	const text = "a\r\n\nb\r\r\nc"
	var lines []string
	for start, line := range chars.Lines(text) {
		lines = append(lines, line)
		if !strings.HasPrefix(text[start:], line) || chars.LineEnd(text, start) < start+len(line) {
			t.Errorf("%q is not at %d", line, start)
		}
	}
	if want := []string{"a", "", "b", "c"}; !slices.Equal(lines, want) {
		t.Errorf("%q, want %q", lines, want)
	}
	for range chars.Lines(text) {
		break // the rest is not asked for
	}
	if got := chars.LineEnd("ab\nc", 1); got != 2 {
		t.Errorf("the line ends at %d", got)
	}
	if got := chars.LineEnd("ab", 2); got != 2 {
		t.Errorf("the last line ends at %d", got)
	}
}

// References stand for what the XML reader of the standard library takes them for.
func TestReferences(t *testing.T) {
	for _, name := range []string{"amp", "lt", "gt", "quot", "apos", "#65", "#x41", "#x1F600", "#9", "#x10FFFF", "#0", "#x1", "#xFFFE",
		"#x110000", "#4294967361", "#", "#x", "#-1", "#+1", "nbsp", "AMP", ""} {
		got, ok := chars.Reference(name)
		var want string
		err := xml.Unmarshal([]byte("<a>&"+name+";</a>"), &want)
		if ok != (err == nil) || ok && string(got) != want {
			t.Errorf("&%s; is %q %t, want %q %v", name, got, ok, want, err)
		}
		if ok && (len(name) > chars.MaxReference || !utf8.ValidRune(got)) {
			t.Errorf("&%s; is %q", name, got)
		}
	}
	if got, ok := chars.Reference("#xD800"); ok { // half of a character, for which that reader takes U+FFFD
		t.Errorf("&#xD800; is %q", got)
	}
}

func TestSextet(t *testing.T) {
	for c := range 256 {
		want := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", byte(c))
		if got := chars.Sextet(byte(c)); got != want {
			t.Errorf("%q is %d, want %d", byte(c), got, want)
		}
	}
}

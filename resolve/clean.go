package resolve

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// spoilt says what clean removed.
type spoilt uint8

const (
	byWhiteSpace spoilt = 1 << iota
	byDot
)

func (s spoilt) as(whiteSpace, dot Problems) (p Problems) {
	if s&byWhiteSpace != 0 {
		p |= whiteSpace
	}
	if s&byDot != 0 {
		p |= dot
	}
	return p
}

// clean removes characters that cannot be seen, and blanks and dots at the ends, and says which it removed. The result is
// used for comparison and suggestions only; the address is made of the values as they are.
func clean(s string) (string, spoilt) {
	var found spoilt
	if !plain(s) && strings.ContainsFunc(s, invisible) {
		s, found = dropInvisible(s), byWhiteSpace
	}
	start, end := 0, len(s)
	for start < end && (s[start] == ' ' || s[start] == '.') {
		found |= spoiltBy(s[start])
		start++
	}
	for start < end && (s[end-1] == ' ' || s[end-1] == '.') {
		found |= spoiltBy(s[end-1])
		end--
	}
	return s[start:end], found
}

func spoiltBy(c byte) spoilt {
	if c == '.' {
		return byDot
	}
	return byWhiteSpace
}

// dropInvisible keeps all other bytes as they are, invalid UTF-8 included.
func dropInvisible(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !invisible(r) {
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	return b.String()
}

// plain reports whether s is printable ASCII, as nearly every value is.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return true
}

// invisible reports whether a reader of a configuration page cannot see r: control characters, format characters and
// all others that Unicode lets a display ignore (zero-width space, soft hyphen, byte order mark, variation selectors,
// Hangul fillers), and every blank but the ordinary one. That one is wrong only at an end; a blank inside is
// reported as an invalid host name.
func invisible(r rune) bool {
	const brailleBlank = '\u2800' // a symbol by its category, and nothing on the screen
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7F
	}
	return r == brailleBlank || unicode.IsSpace(r) ||
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Z, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

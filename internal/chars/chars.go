// Package chars has what the readers of texts share: kinds of characters, lines, and the references that XML has for characters.
package chars

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Letter reports whether a byte is a letter of ASCII.
func Letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// Key reports whether a byte may be part of the name of a setting.
func Key(c byte) bool {
	return Letter(c) || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-'
}

// Blank reports whether a byte is a blank or a part of a line end.
func Blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// Blanks is how many such bytes a text begins with.
func Blanks(s string) int {
	n := 0
	for n < len(s) && Blank(s[n]) {
		n++
	}
	return n
}

// AllBlank reports whether a text has no other bytes.
func AllBlank(s string) bool {
	for i := 0; i < len(s); i++ {
		if !Blank(s[i]) {
			return false
		}
	}
	return true
}

// Hex is the byte that the two hexadecimal digits at the begin of a text stand for.
func Hex(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	hi, lo := hexDigit(s[0]), hexDigit(s[1])
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// Sextet is the value of a character of base64 (RFC 4648, section 4); -1 for another.
func Sextet(c byte) int {
	switch {
	case c >= 'A' && c <= 'Z':
		return int(c - 'A')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 26
	case c >= '0' && c <= '9':
		return int(c-'0') + 52
	case c == '+':
		return 62
	case c == '/':
		return 63
	}
	return -1
}

// Lines yields the lines of a text without their ends, and where each begins.
func Lines(text string) func(yield func(start int, line string) bool) {
	return func(yield func(start int, line string) bool) {
		start := 0
		for line := range strings.Lines(text) {
			if !yield(start, strings.TrimRight(line, "\r\n")) {
				return
			}
			start += len(line)
		}
	}
}

// LineEnd is where the line ends that a place is in: the place of the line feed, or the end of the text.
func LineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

// MaxReference is more than a reference has, in bytes.
const MaxReference = len("&#x0010FFFF;") + 8

// Reference is the character that a reference of XML stands for (XML 1.0, 4.1 and 4.6). name is what is between & and ;.
func Reference(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, isNumber := strings.CutPrefix(name, "#")
	if !isNumber {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !legal(rune(n)) || n > utf8.MaxRune {
		return 0, false
	}
	return rune(n), true
}

// legal reports whether XML may have a character (XML 1.0, 2.2).
func legal(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000
}

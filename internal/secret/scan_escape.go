package secret

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cupclint/internal/chars"
)

// escaped looks at a name in which letters are written as escapes: "Pass\u0077ord" of JSON, also in a text that is quoted once more,
// Pass\x77ord, Pass&#119;ord, Pass%77ord. [start, end) is the word before the first escape, and may be empty. It returns 0 where there is
// no such name, or where it says nothing.
func (s *scanner) escaped(start, end int) int {
	text := s.text
	if end >= len(text) || strings.IndexByte(`\&%`, text[end]) < 0 {
		return 0
	}
	if next := s.continuedName(start, end); next > 0 {
		return next
	}
	var name strings.Builder
	name.WriteString(text[start:end])
	p, escapes := end, 0
	for p < len(text) && p-start <= maxName {
		if r, n := escape(text[p:]); n > 0 && nameRune(r) {
			name.WriteRune(r)
			p += n
			escapes++
			continue
		}
		next := s.wordEnd(p)
		if next == p {
			break
		}
		name.WriteString(text[p:next])
		p = next
	}
	if escapes == 0 || p-start > maxName {
		return 0
	}
	st := s.strength(name.String())
	if st == None {
		return 0
	}
	return s.named(start, p, st)
}

func nameRune(r rune) bool {
	return r < utf8.RuneSelf && wordByte(byte(r)) || r >= utf8.RuneSelf && r != utf8.RuneError && unicode.IsLetter(r)
}

// escape reads the escape of a character that a text begins with: what it stands for, and its length; 0 where there is none.
func escape(text string) (rune, int) {
	switch text[0] {
	case '\\':
		n := 0
		for n < len(text) && n < maxBackslashes && text[n] == '\\' {
			n++
		}
		switch {
		case strings.HasPrefix(text[n:], "u"):
			return hexRune(text, n+1, 4)
		case strings.HasPrefix(text[n:], "x"):
			return hexRune(text, n+1, 2)
		}
	case '%':
		return hexRune(text, 1, 2)
	case '&':
		shut := strings.IndexByte(text[:min(len(text), chars.MaxReference)], ';')
		if shut < 0 {
			return 0, 0
		}
		if c, ok := chars.Reference(strings.ToLower(text[1:shut])); ok { // HTML has &#X77; too
			return c, shut + 1
		}
	}
	return 0, 0
}

// maxBackslashes is how many a text has that was quoted three times.
const maxBackslashes = 8

// hexRune reads so many hexadecimal digits at a place.
func hexRune(text string, at, digits int) (rune, int) {
	if len(text) < at+digits {
		return 0, 0
	}
	for _, c := range []byte(text[at : at+digits]) {
		if !hexDigit(c) {
			return 0, 0
		}
	}
	c, _ := strconv.ParseUint(text[at:at+digits], 16, 21)
	return rune(c), at + digits
}

// sign looks at a character with which an escape may begin, and returns where to continue.
func (s *scanner) sign(i int) int {
	if next := s.escaped(i, i); next > i {
		return next
	}
	if s.text[i] == '%' && i+2 < len(s.text) && hexDigit(s.text[i+1]) && hexDigit(s.text[i+2]) {
		return i + 3
	}
	return i + 1
}

// comments are how comments begin and end.
var comments = [...][2]string{{"<!--", "-->"}, {"/*", "*/"}}

// commentEnd is where the value that begins at p ends, if the pair is in a comment that ends before end: the sign at its end is not a part
// of the value.
func (s *scanner) commentEnd(span Span, p, end int) int {
	text := s.text
	for _, c := range comments {
		i := strings.Index(near(text[p:end]), c[1])
		if i < 0 {
			continue
		}
		before := text[max(0, span.NameStart-maxTag):span.NameStart]
		if open := strings.LastIndex(before, c[0]); open >= 0 && !strings.Contains(before[open:], c[1]) {
			end = p + len(strings.TrimRight(text[p:p+i], " \t"))
		}
	}
	return end
}

// explicitKey returns where the value of a key of YAML begins that has a line of its own: "? Directory.Password" and below it ": X" (YAML
// 1.2.2, section 8.2.2). rest is what follows the key in its line. It returns 0 where there is none.
func (s *scanner) explicitKey(span Span, rest string) int {
	before := strings.Trim(s.text[s.lineStart:span.NameStart], " \t-\"'")
	if before != "?" || strings.TrimLeft(rest, " \t") != "" && rest[0] != '#' {
		return 0
	}
	from, to, ok := s.lineAfter(s.lineEnd)
	from += indentOf(s.text[from:to])
	if !ok || from >= to || s.text[from] != ':' || from+1 < to && s.text[from+1] != ' ' && s.text[from+1] != '\t' {
		return 0
	}
	return from + 1
}

// continuedName takes the value of a name that continues in the next line, or whose sign is there: Directory.Pass\ and below it word = x
// (Java, java.util.Properties.load). [start, end) is the word before the backslash. It returns 0 where there is none.
func (s *scanner) continuedName(start, end int) int {
	text := s.text
	s.line(start)
	if text[end] != '\\' || end+1 != s.lineEnd || !s.leads(start) || end-start > maxName {
		return 0
	}
	from, to, ok := s.lineAfter(s.lineEnd)
	if !ok {
		return 0
	}
	from += indentOf(text[from:to])
	rest := min(s.wordEnd(from), to)
	st := s.strength(text[start:end] + text[from:rest])
	at := rest + indentOf(text[rest:to])
	n := separator(text[at:to])
	if st < Strong || n == 0 {
		return 0
	}
	at += n
	s.line(at) // the value is judged as one of a name in its own line
	return s.value(Span{Name: text[start:end] + text[from:rest], NameStart: at, NameEnd: at}, at, true, false, true, st)
}

// continuedSign does the same where the name is in a line of its own, with a blank and a backslash after it.
func (s *scanner) continuedSign(span Span, st Strength) int {
	from, to, ok := s.lineAfter(s.lineEnd)
	from += indentOf(s.text[from:to])
	n := separator(s.text[from:to])
	if !ok || n == 0 || st < Strong {
		return 0
	}
	span.NameStart, span.NameEnd = from+n, from+n
	s.line(from)
	return s.value(span, from+n, true, false, true, st)
}

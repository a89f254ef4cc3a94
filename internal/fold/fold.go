// Package fold searches texts without regard to the case of ASCII letters. The places that it gives are places in the text itself. Those in
// strings.ToLower of the text are not: letters such as İ and bytes that are not UTF-8 have another length there.
package fold

import "strings"

// Index is the first place of sub, or -1. sub has ASCII letters in lower case only. Its rarest byte is searched, not its first.
func Index(text, sub string) int {
	if sub == "" {
		return 0
	}
	pivot, rank := 0, len(common)
	for i := range len(sub) {
		if r := strings.IndexByte(common, sub[i]); r < rank {
			pivot, rank = i, r
		}
	}
	small, capital := search{c: sub[pivot], next: -1}, search{c: sub[pivot], next: len(text)}
	if c := sub[pivot]; c >= 'a' && c <= 'z' {
		capital = search{c: c - ('a' - 'A'), next: -1}
	}
	for from := pivot; ; from++ {
		from = min(small.from(text, from), capital.from(text, from))
		if start := from - pivot; start+len(sub) > len(text) {
			return -1
		} else if at(text, start, sub) {
			return start
		}
	}
}

// common has what is usual in settings and English, the most usual last. What is not in it is rarer.
const common = "wkybvfgpmhudclrsnioate "

// search finds each place of a byte once.
type search struct {
	c    byte
	next int
}

// from is the first place that is not before at, and the length of the text if there is none.
func (s *search) from(text string, at int) int {
	if s.next < at {
		s.next = len(text)
		if i := strings.IndexByte(text[min(at, len(text)):], s.c); i >= 0 {
			s.next = at + i
		}
	}
	return s.next
}

// LastIndex is the last place of sub, or -1.
func LastIndex(text, sub string) int {
	for i := len(text) - len(sub); i >= 0; i-- {
		if at(text, i, sub) {
			return i
		}
	}
	return -1
}

// HasPrefix reports whether a text begins with prefix. Both may have letters of either case.
func HasPrefix(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

func at(text string, i int, sub string) bool {
	for j := range len(sub) {
		c := text[i+j]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != sub[j] {
			return false
		}
	}
	return true
}

package secret

import "strings"

// emphasis is the length of the signs of bold or slanted text that end right after a name, in front of a sign and one word: *Password*: X.
// It is 0 elsewhere: such a name can be the heading of a sentence.
func emphasis(rest string) int {
	n := len(rest) - len(strings.TrimLeft(rest, "*_"))
	if n == 0 || n > 3 || !oneWord(rest[n:]) {
		return 0
	}
	return n
}

// oneWord reports whether a separator and nothing but one word follow in the line.
func oneWord(rest string) bool {
	rest = rest[:min(len(rest), maxClause)]
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	rest = strings.TrimSpace(rest)
	n := separator(rest)
	return n > 0 && rest[0] != '>' && strings.IndexByte(strings.TrimLeft(rest[n:], " "), ' ') < 0
}

// afterTag returns the place after the end tag at p, where a sign and one word follow it; 0 elsewhere.
func (s *scanner) afterTag(p int) int {
	if n := inlineTag(s.text[p:]); n > 0 && oneWord(s.text[p+n:]) {
		return p + n
	}
	return 0
}

// marks skips what only changes how a value looks: the end of bold text, tags of HTML inside of a line, and their blanks.
func (s *scanner) marks(p int) int {
	text := s.text
	for range maxMarks {
		n := inlineTag(text[p:s.lineEnd])
		for _, m := range [...]string{"** ", "__ ", "&nbsp;", "&#160;", "\u00a0", "\u202f", " "} {
			if strings.HasPrefix(text[p:s.lineEnd], m) {
				n = len(m)
			}
		}
		if n == 0 {
			return p
		}
		p += n
	}
	return p
}

const maxMarks = 8

// inlineTag is the length of the tag at the beginning of a text, where it belongs to a part of a line in HTML; 0 otherwise.
func inlineTag(text string) int {
	if !strings.HasPrefix(text, "<") {
		return 0
	}
	name := strings.TrimPrefix(text[1:min(len(text), maxName)], "/")
	shut := strings.IndexByte(name, '>')
	if shut < 0 || strings.IndexByte(name[:shut], '<') >= 0 {
		return 0
	}
	switch strings.ToLower(name[:cutAny(name[:shut], " /")]) {
	case "b", "strong", "i", "em", "u", "code", "tt", "kbd", "samp", "span", "font", "label", "small", "big", "mark":
	case "br":
	default:
		return 0
	}
	return strings.IndexByte(text, '>') + 1
}

package appliance

import (
	"slices"
	"strings"

	"cupclint/internal/chars"
)

// A Text is a piece of a session without what a terminal adds: colour codes, pager lines, carriage returns. Its lines end with \n.
type Text struct {
	// S is the cleaned text.
	S string
	// at maps every byte of S to its place in the original, with one more for the end. It is nil where S is the original from base on.
	at   []int32
	base int
}

// original turns an offset in S into one in the original text.
func (t *Text) original(i int) int {
	if t.at == nil {
		return t.base + i
	}
	return int(t.at[min(i, len(t.at)-1)])
}

// Lines yields the lines of S without their ends, with the offset of each.
func (t *Text) Lines(yield func(start int, line string) bool) {
	for start := 0; start < len(t.S); {
		end := strings.IndexByte(t.S[start:], '\n')
		if end < 0 {
			end = len(t.S) - start
		}
		if !yield(start, t.S[start:start+end]) {
			return
		}
		start += end + 1
	}
}

// A Word is a run of characters without blanks, and its offset.
type Word struct {
	S  string
	At int
}

// Words splits a piece of S at blanks and line ends.
func (t *Text) Words(from, to int) []Word {
	var out []Word
	s := t.S
	for i := from; i < to; {
		if chars.Blank(s[i]) {
			i++
			continue
		}
		start := i
		for i < to && !chars.Blank(s[i]) {
			i++
		}
		out = append(out, Word{s[start:i], start})
	}
	return out
}

// clean takes a piece of the original text.
func clean(text string, start, end int) *Text {
	piece := text[start:end]
	if !dirty(piece) {
		return &Text{S: piece, base: start}
	}
	return new(cleaner).clean(piece, start, end)
}

// clean takes a piece of a text. The result is valid until the next call.
func (c *cleaner) clean(piece string, start, end int) *Text {
	c.out, c.at = slices.Grow(c.out[:0], len(piece)), slices.Grow(c.at[:0], len(piece)+1)
	c.run(piece, start)
	c.at = append(c.at, int32(end))
	return &Text{S: string(c.out), at: c.at}
}

// pagerHeads begin the lines of the two pagers; pagerTails end them.
var pagerHeads = [...]string{"Press <enter> for ", "options: q=quit"}

// dirty reports whether a terminal left anything in the text.
func dirty(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return strings.Contains(s, pagerHeads[0]) || strings.Contains(s, pagerHeads[1]) || strings.Contains(s, "\u00a0")
}

type cleaner struct {
	out []byte
	at  []int32
}

func (c *cleaner) add(b byte, at int) {
	c.out = append(c.out, b)
	c.at = append(c.at, int32(at))
}

// newline ends a line that holds something.
func (c *cleaner) newline(at int) {
	if n := len(c.out); n > 0 && c.out[n-1] != '\n' {
		c.add('\n', at)
	}
}

func (c *cleaner) run(s string, base int) {
	for i := 0; i < len(s); {
		switch b := s[i]; {
		case b == 0x1b:
			i += escape(s[i:])
		case b == '\r':
			if rest := strings.TrimLeft(s[i:], "\r"); rest == "" || rest[0] == '\n' {
				i = len(s) - len(rest)
				continue
			}
			c.newline(base + i) // the terminal writes over the line; what was there is one of its own
			i++
		case b == '\b' || b == 0x7f:
			if n := len(c.out); n > 0 && c.out[n-1] != '\n' {
				c.out, c.at = c.out[:n-1], c.at[:n-1]
			}
			i++
		case b < ' ' && b != '\n' && b != '\t':
			i++
		case b == 0xc2 && i+1 < len(s) && s[i+1] == 0xa0: // a blank that does not break, as web pages have them
			c.add(' ', base+i)
			i += 2
		case b == 'P' || b == 'o':
			n := Pager(s[i:])
			if n == 0 {
				c.add(b, base+i)
				i++
				continue
			}
			// The phrase is where a line would have begun.
			if strings.TrimSpace(string(c.out[lineStart(c.out):])) == "" {
				c.out, c.at = c.out[:lineStart(c.out)], c.at[:lineStart(c.out)]
			} else {
				c.newline(base + i)
			}
			i += n
			if i < len(s) && s[i] == '\n' {
				i++
			} else if i+1 < len(s) && s[i] == '\r' && s[i+1] == '\n' {
				i += 2
			}
		default:
			c.add(b, base+i)
			i++
		}
	}
}

func lineStart(b []byte) int {
	for i := len(b); i > 0; i-- {
		if b[i-1] == '\n' {
			return i
		}
	}
	return 0
}

// Escape returns the length of the escape sequence that s begins with.
func Escape(s string) int { return escape(s) }

// escape returns the length of the escape sequence that s begins with (ECMA-48): CSI, a string such as a window title, or two bytes.
func escape(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s) && i < 64; i++ {
			if s[i] >= '@' && s[i] <= '~' {
				return i + 1
			}
		}
		return 2
	case ']', 'P', '_', '^':
		for i := 2; i < len(s) && i < 512; i++ {
			if s[i] == 7 {
				return i + 1
			}
			if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
		}
		return 2
	case '(', ')', '#':
		return min(3, len(s))
	}
	return 2
}

// Pager returns the length of the pager's phrase that s begins with, or 0.
func Pager(s string) int {
	if strings.HasPrefix(s, pagerHeads[0]) {
		near := s[:min(len(s), 120)]
		if i := strings.Index(near, "to quit"); i > 0 {
			return i + len("to quit")
		}
	}
	if strings.HasPrefix(s, pagerHeads[1]) {
		near := s[:min(len(s), 160)]
		if i := strings.Index(near, ") :"); i > 0 {
			return i + len(") :")
		}
	}
	return 0
}

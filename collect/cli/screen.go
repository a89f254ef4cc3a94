package cli

import (
	"bytes"
	"unicode/utf8"
)

// A screen turns what a terminal receives into lines: it applies carriage returns, backspaces and the escape sequences that move or
// erase in a line (ECMA-48), and drops all others, and NULs. It takes its input in pieces of any size. Its memory is bounded: beyond
// max bytes, text is dropped.
type screen struct {
	max       int    // bytes of out
	out       []byte // the complete lines, each with \n
	line      []rune // the line that has not ended; bytes that are not UTF-8 are above utf8.MaxRune
	col       int    // where the next character goes
	truncated bool   // text was dropped

	rest []byte // the beginning of a character that the last piece cut
	esc  []byte // the escape sequence that is being read, with its ESC
	wipe bool   // the line held a pager's phrase, and blanks may follow that erase it on a terminal
}

const (
	escMax  = 512            // bytes of an escape sequence; a longer one is dropped
	escape  = 0x1b           // ESC
	badByte = rune(0x110000) // added to a byte that is not UTF-8
	lineMax = 1024           // characters of the line that are kept even beyond max, so that the prompt is still seen
)

func (s *screen) write(p []byte) {
	if len(s.rest) > 0 {
		p = append(s.rest, p...)
		s.rest = nil
	}
	for len(p) > 0 {
		b := p[0]
		switch {
		case s.esc != nil:
			s.escaped(b)
			p = p[1:]
		case b == escape:
			s.esc = append(make([]byte, 0, 16), b)
			p = p[1:]
		case b < ' ' || b == 0x7f:
			s.control(b)
			p = p[1:]
		case b < utf8.RuneSelf:
			s.put(rune(b))
			p = p[1:]
		default:
			if !utf8.FullRune(p) {
				s.rest = bytes.Clone(p)
				return
			}
			r, n := utf8.DecodeRune(p)
			if r == utf8.RuneError && n == 1 {
				r = badByte + rune(b)
			}
			s.put(r)
			p = p[n:]
		}
	}
}

func (s *screen) put(r rune) {
	if s.col < len(s.line) {
		s.line[s.col] = r
		s.col++
		return
	}
	if len(s.out)+len(s.line) >= s.max && len(s.line) >= lineMax {
		s.truncated = true
		return
	}
	for len(s.line) < s.col {
		s.line = append(s.line, ' ')
	}
	s.line = append(s.line, r)
	s.col++
}

func (s *screen) control(b byte) {
	switch b {
	case '\n':
		s.end()
	case '\r':
		if s.wipe && len(bytes.TrimSpace([]byte(string(s.line)))) == 0 {
			s.line = s.line[:0]
		}
		s.col = 0
	case '\b', 0x7f:
		s.col = max(0, s.col-1)
	case '\t': // kept as it is: tables of some commands are separated by tabs
		s.put('\t')
	}
}

// end completes the line.
func (s *screen) end() {
	if s.wipe && len(bytes.TrimSpace([]byte(string(s.line)))) == 0 && len(s.line) > 0 {
		s.line = s.line[:0]
	}
	if len(s.out)+len(s.line)+1 > s.max {
		s.truncated = true
	} else {
		s.out = append(appendRunes(s.out, s.line), '\n')
	}
	s.line, s.col, s.wipe = s.line[:0], 0, false
}

func appendRunes(out []byte, line []rune) []byte {
	for _, r := range line {
		if r >= badByte {
			out = append(out, byte(r-badByte))
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

// last is the line that has not ended.
func (s *screen) last() string { return string(appendRunes(nil, s.line)) }

// ending is last where it may be a prompt, a pager or a question; a longer line is output, and looking at it again for each piece would
// take long.
func (s *screen) ending() string {
	if len(s.line) > 4*lineMax {
		return ""
	}
	return s.last()
}

// escaped takes the next byte of an escape sequence.
func (s *screen) escaped(b byte) {
	s.esc = append(s.esc, b)
	n := len(s.esc)
	if n > escMax {
		s.esc = nil
		return
	}
	switch s.esc[1] {
	case '[':
		switch {
		case n == 2:
		case b >= '@' && b <= '~':
			s.sequence(s.esc[2:n-1], b)
			s.esc = nil
		case b < ' ': // a control character inside a sequence acts as usual
			s.esc = s.esc[:n-1]
			if b == '\n' || b == escape {
				s.esc = nil // the sequence was cut
			}
			if b == escape {
				s.esc = append(s.esc, escape)
				return
			}
			s.control(b)
		}
	case ']', 'P', '_', '^': // a string, such as the title of a window
		if n > 2 && (b == 7 || b == '\\' && s.esc[n-2] == escape) {
			s.esc = nil
		}
	case '(', ')', '#':
		if n == 3 {
			s.esc = nil
		}
	default:
		s.esc = nil
	}
}

// sequence carries out ESC [ parameters final.
func (s *screen) sequence(parameters []byte, final byte) {
	n := 0
	for _, b := range parameters {
		if b < '0' || b > '9' || n > 10000 {
			break
		}
		n = 10*n + int(b-'0')
	}
	switch final {
	case 'K':
		switch n {
		case 0:
			if s.col < len(s.line) {
				s.line = s.line[:s.col]
			}
		case 1:
			for i := range min(s.col+1, len(s.line)) {
				s.line[i] = ' '
			}
		case 2:
			s.line = s.line[:0]
		}
	case 'D':
		s.col = max(0, s.col-max(1, n))
	case 'C':
		s.col = min(len(s.line), s.col+max(1, n))
	case 'G':
		s.col = min(len(s.line), max(0, n-1))
	}
}

// strike removes the end of the line that has not ended, from byte i on. Text before it becomes a line of its own: a pager's phrase is
// at the beginning of a line.
func (s *screen) strike(i int) {
	kept := []rune(nil)
	for n := 0; n < i; {
		r := s.line[len(kept)]
		kept = s.line[:len(kept)+1]
		if r >= badByte {
			n++
		} else {
			n += utf8.RuneLen(r)
		}
	}
	blank := len(bytes.TrimSpace([]byte(string(kept)))) == 0
	s.line, s.col = kept, len(kept)
	if blank {
		s.line, s.col = s.line[:0], 0
	} else {
		s.end()
	}
	s.wipe = true
}

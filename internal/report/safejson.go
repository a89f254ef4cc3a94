package report

import (
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"
)

// SafeJSON passes JSON on with every character escaped that a terminal obeys or does not show: C1 controls, DEL, direction marks,
// zero-width characters. In JSON they are in strings only, so the value stays the same. People look at JSON in terminals, too.
func SafeJSON(w io.Writer) io.Writer { return &safeJSON{w: w} }

type safeJSON struct {
	w    io.Writer
	rest []byte // the beginning of a character whose end comes with the next write
	out  []byte
}

func (s *safeJSON) Write(p []byte) (int, error) {
	if len(s.rest) == 0 && plainJSON(p) {
		return s.w.Write(p)
	}
	data := append(s.rest, p...)
	s.out = s.out[:0]
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1 && !utf8.FullRune(data):
			s.rest = append([]byte(nil), data...)
			if _, err := s.w.Write(s.out); err != nil {
				return 0, err
			}
			return len(p), nil
		case r < utf8.RuneSelf && r != 0x7F, r == utf8.RuneError, !unsafe(r):
			s.out = append(s.out, data[:size]...)
		case r > 0xFFFF:
			r -= 0x10000
			s.out = fmt.Appendf(s.out, `\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
		default:
			s.out = fmt.Appendf(s.out, `\u%04x`, r)
		}
		data = data[size:]
	}
	s.rest = nil
	if _, err := s.w.Write(s.out); err != nil {
		return 0, err
	}
	return len(p), nil
}

func plainJSON(p []byte) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	for ; len(p) >= 8; p = p[8:] { // eight bytes at a time: nearly all of a report is plain
		if x := binary.LittleEndian.Uint64(p); (x|(x+ones))&high != 0 {
			return false
		}
	}
	for _, c := range p {
		if c >= 0x7F {
			return false
		}
	}
	return true
}

// inSafeJSON makes a writer of a JSON format write safe JSON.
func inSafeJSON(write Writer) Writer {
	return func(w io.Writer, d *Document, s Style) error { return write(SafeJSON(w), d, s) }
}

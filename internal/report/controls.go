package report

import (
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// SafeJSON returns a writer for JSON that escapes what a terminal would obey and JSON allows raw: 8-bit control characters, and characters
// that turn the direction of text or do not show. People look at JSON in terminals too. Only strings can hold such characters, so
// the document means the same. Each write must end between two characters, as those of encoding/json do.
func SafeJSON(w io.Writer) io.Writer { return safeJSON{w} }

type safeJSON struct{ w io.Writer }

func (s safeJSON) Write(p []byte) (int, error) {
	start := 0
	for i := 0; i < len(p); {
		if p[i] < 0x7F {
			i++
			continue
		}
		r, n := utf8.DecodeRune(p[i:])
		if r == utf8.RuneError || !unsafe(r) {
			i += n
			continue
		}
		if _, err := s.w.Write(p[start:i]); err != nil {
			return start, err
		}
		escape := fmt.Sprintf(`\u%04x`, r)
		if r > 0xFFFF {
			hi, lo := utf16.EncodeRune(r)
			escape = fmt.Sprintf(`\u%04x\u%04x`, hi, lo)
		}
		if _, err := io.WriteString(s.w, escape); err != nil {
			return start, err
		}
		i += n
		start = i
	}
	if _, err := s.w.Write(p[start:]); err != nil {
		return start, err
	}
	return len(p), nil
}

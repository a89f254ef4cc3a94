package copied

import (
	"strings"
	"unicode/utf8"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// mailLine is the longest line that quoted-printable has (RFC 2045, section 6.7), and shortestSoft the shortest one that is called
// broken.
const (
	mailLine     = 76
	shortestSoft = 70
)

// QuotedPrintable finds what a mail has in that encoding: =3D for a character, and = at the end of a line that continues in the next one. A
// line that was broken becomes one, and the empty lines after it keep the numbers of those that follow.
func QuotedPrintable(text string) (edits []Edit) {
	var parts map[string]bool
	encoded := false
	switch {
	case strings.IndexByte(text, '=') < 0:
		return nil
	case fold.Index(text[:min(len(text), 64<<10)], "quoted-printable") >= 0:
		parts = Boundaries(text)
	case isSoftBroken(text): // a piece of a mail, without its head
		encoded = true
	default:
		return nil
	}
	header, missing := !encoded, 0
	for at := 0; at < len(text); {
		end := chars.LineEnd(text, at)
		line := strings.TrimSuffix(text[at:end], "\r")
		switch {
		case header:
			name, value, _ := strings.Cut(line, ":")
			if strings.EqualFold(name, "Content-Transfer-Encoding") {
				encoded = fold.HasPrefix(strings.TrimSpace(value), "quoted-printable")
			}
			header = line != "" || !encoded
		case parts[line]:
			header, encoded = true, false
		case encoded:
			edits = characters(edits, line, at)
			if soft := strings.TrimRight(line, " \t"); strings.HasSuffix(soft, "=") && end < len(text) {
				edits = append(edits, Edit{Start: at + len(soft) - 1, End: end + 1})
				missing++
				at = end + 1
				continue
			}
		}
		if missing > 0 && end < len(text) {
			edits = append(edits, Edit{Start: end, End: end, With: strings.Repeat("\n", missing)})
			missing = 0
		}
		at = end + 1
	}
	return edits
}

// Boundaries are the lines that begin the parts of a mail (RFC 2046, section 5.1.1).
func Boundaries(text string) map[string]bool {
	const (
		name    = "boundary="
		longest = 70 // of such a value
	)
	lines := map[string]bool{}
	for at := 0; ; {
		i := fold.Index(text[at:], name)
		if i < 0 {
			return lines
		}
		at += i + len(name)
		value := text[at:min(len(text), at+longest+len(`""`))]
		if quoted, ok := strings.CutPrefix(value, `"`); ok {
			value, _, _ = strings.Cut(quoted, `"`)
		} else if i := strings.IndexAny(value, "; \t\r\n"); i >= 0 {
			value = value[:i]
		}
		lines["--"+value] = true
	}
}

// characters adds the edits for the characters of a line. What would not be valid UTF-8 stays, as do control characters.
func characters(edits []Edit, line string, at int) []Edit {
	for i := 0; i < len(line); {
		var b []byte
		from := i
		for i < len(line) && line[i] == '=' {
			c, ok := chars.Hex(line[i+1:])
			if !ok {
				break
			}
			b = append(b, c)
			i += len("=3D")
			if c < utf8.RuneSelf {
				break
			}
		}
		switch {
		case len(b) == 0:
			i++
		case utf8.Valid(b) && (b[0] >= ' ' || b[0] == '\t') && b[0] != 0x7F:
			edits = append(edits, Edit{Start: at + from, End: at + i, With: string(b)})
		}
	}
	return edits
}

// isSoftBroken knows the encoding by itself: several lines are broken where mail programs break them, and = is written as =3D.
func isSoftBroken(text string) bool {
	if !strings.Contains(text, "=3D") {
		return false
	}
	broken := 0
	for _, line := range chars.Lines(text) {
		if n := len(line); n >= shortestSoft && n <= mailLine && line[n-1] == '=' {
			broken++
		}
	}
	return broken > 1
}

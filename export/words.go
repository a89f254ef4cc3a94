package export

import "cupclint/internal/chars"

// A word is a run of characters without blanks, and its place in the text.
type word struct {
	text  string
	start int
}

// words splits a line at blanks and at the escape sequences that a terminal's log holds.
func words(text string, start, end int) []word {
	var out []word
	for i := start; i < end; {
		if c := text[i]; c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			i++
			continue
		}
		if text[i] == 0x1b { // ESC [ parameters letter (ECMA-48)
			i++
			if i < end && text[i] == '[' {
				for i++; i < end && !chars.Letter(text[i]); i++ {
				}
				i++
			}
			continue
		}
		from := i
		for i < end && text[i] != ' ' && text[i] != '\t' && text[i] != '\r' && text[i] != '\n' && text[i] != 0x1b {
			i++
		}
		out = append(out, word{text[from:i], from})
	}
	return out
}

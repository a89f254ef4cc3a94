package copied

import (
	"strconv"
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/secret"
)

// diffed finds the signs of a unified diff (diff -u, git diff) of outputs: what stays is the new text. Without this, the + of an added line
// counts as a mark of ntpq. Lines that the diff removes and its heads are taken away, unless a secret begins in one.
func (f *Formats) diffed(text string) (edits []Edit) {
	if !strings.HasPrefix(text, "@@ -") && !strings.Contains(text, "\n@@ -") {
		return nil
	}
	secrets := secret.Find(text, f.Names)
	away := func(start, end int) {
		for len(secrets) > 0 && secrets[0].Start < start {
			secrets = secrets[1:]
		}
		if end > start && (len(secrets) == 0 || secrets[0].Start >= end) {
			edits = append(edits, Edit{Start: start, End: end})
		}
	}
	before, after := 0, 0 // lines that the hunk still has of the old and of the new text
	for start, line := range chars.Lines(text) {
		sign := byte(' ')
		if line != "" {
			sign = line[0]
		}
		switch {
		case before <= 0 && after <= 0:
			away(start, start+len(line))
			before, after = hunk(line)
		case sign == '\\': // "\ No newline at end of file"
			away(start, start+len(line))
		case sign == '-':
			before--
			away(start, start+len(line))
		case sign == '+':
			after--
			edits = append(edits, Edit{Start: start, End: start + 1})
		case sign == ' ':
			before, after = before-1, after-1
			if line != "" { // a mail program removes the blank of an empty line
				edits = append(edits, Edit{Start: start, End: start + 1})
			}
		default:
			return nil
		}
	}
	if !f.printedIn(text, edits) {
		return nil
	}
	return edits
}

// hunk is how many lines of both texts follow the head of a hunk: "@@ -1,5 +1,6 @@".
func hunk(line string) (before, after int) {
	fields := strings.Fields(line)
	if len(fields) < 4 || fields[0] != "@@" || fields[3] != "@@" || fields[1][0] != '-' || fields[2][0] != '+' {
		return 0, 0
	}
	return lines(fields[1]), lines(fields[2])
}

func lines(span string) int {
	_, count, found := strings.Cut(span, ",")
	if !found {
		return 1
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

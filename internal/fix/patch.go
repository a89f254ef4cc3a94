package fix

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"cupclint/export"
)

// contextLines is the number of unchanged lines around a change, if they have no secret.
const contextLines = 3

// ErrUTF16 says why a file in UTF-16 has no patch.
var ErrUTF16 = errors.New("the file is in UTF-16, which git treats as binary: use --fix")

// A SecretError says that a patch would have to show a secret: a patch has whole lines, and git needs one after each change.
type SecretError struct{ Line int }

func (e *SecretError) Error() string {
	return fmt.Sprintf("line %d holds a secret, and a patch would show it: use --fix, or run cupclint redact first", e.Line)
}

// Patch returns the change as a unified diff in git's form, empty when there is none. The path is the one that git knows, with
// forward slashes and without a prefix. Lines with secrets are never part of it: context ends before them. Errors are ErrUTF16,
// *SecretError where that is not possible, and those of reading the export.
func (r *Result) Patch(path string) ([]byte, error) {
	if !r.Changed() {
		return nil, nil
	}
	e, err := r.parse(r.Before)
	if err != nil {
		return nil, err
	}
	if e.UTF16() {
		return nil, ErrUTF16
	}
	before, after := splitLines(r.Before), splitLines(r.After)
	secret := newShield(e, before)
	hunks := hunksOf(before, after)
	for i := range hunks {
		if err := hunks[i].addContext(before, secret); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	from, to := gitQuote("a/"+path), gitQuote("b/"+path)
	fmt.Fprintf(&b, "diff --git %s %s\n--- %s\n+++ %s\n", from, to, endName(from), endName(to))
	for i := 0; i < len(hunks); {
		i += writeHunk(&b, hunks[i:], before, after)
	}
	return b.Bytes(), nil
}

// A hunk replaces the lines [start, end) by [newStart, newEnd); top and bottom are where its context begins and ends. All count the
// lines from 0; the first six differ from each other only by how many lines came and went before.
type hunk struct {
	start, end, newStart, newEnd int
	top, bottom                  int
}

// hunksOf finds the lines that differ. Edits stay within their lines, so there are as many lines as before; else all between the first
// and the last difference is one hunk.
func hunksOf(before, after [][]byte) []hunk {
	var hunks []hunk
	if len(before) != len(after) {
		first, tail := 0, 0
		for first < min(len(before), len(after)) && bytes.Equal(before[first], after[first]) {
			first++
		}
		for tail < min(len(before), len(after))-first && bytes.Equal(before[len(before)-1-tail], after[len(after)-1-tail]) {
			tail++
		}
		return []hunk{{start: first, end: len(before) - tail, newStart: first, newEnd: len(after) - tail}}
	}
	for i := 0; i < len(before); i++ {
		start := i
		for i < len(before) && !bytes.Equal(before[i], after[i]) {
			i++
		}
		if i > start {
			hunks = append(hunks, hunk{start: start, end: i, newStart: start, newEnd: i})
		}
	}
	return hunks
}

// addContext takes the lines around the change up to the next secret. Git needs at least one line after a change, unless the file
// ends there: it puts a hunk without such a line at the end.
func (h *hunk) addContext(lines [][]byte, secret *shield) error {
	for i := h.start; i < h.end; i++ {
		if secret.covers(i) {
			return &SecretError{i + 1}
		}
	}
	h.top, h.bottom = h.start, h.end
	for h.start-h.top < contextLines && h.top > 0 && !secret.covers(h.top-1) {
		h.top--
	}
	for h.bottom-h.end < contextLines && h.bottom < len(lines) && !secret.covers(h.bottom) {
		h.bottom++
	}
	if h.bottom == h.end && h.end < len(lines) {
		return &SecretError{h.end + 1}
	}
	return nil
}

// writeHunk writes the first hunk together with those that its context touches, and returns how many that were.
func writeHunk(b *bytes.Buffer, hunks []hunk, before, after [][]byte) int {
	n := 1
	for n < len(hunks) && hunks[n].top <= hunks[n-1].bottom {
		n++
	}
	first, last := hunks[0], hunks[n-1]
	newTop := first.newStart - (first.start - first.top)
	newBottom := last.newEnd + (last.bottom - last.end)
	fmt.Fprintf(b, "@@ -%s +%s @@\n", hunkRange(first.top, last.bottom), hunkRange(newTop, newBottom))
	at := first.top
	for _, h := range hunks[:n] {
		writeLines(b, ' ', before[at:h.start])
		writeLines(b, '-', before[h.start:h.end])
		writeLines(b, '+', after[h.newStart:h.newEnd])
		at = h.end
	}
	writeLines(b, ' ', before[at:last.bottom])
	return n
}

func hunkRange(start, end int) string {
	if start == end {
		return fmt.Sprintf("%d,0", start)
	}
	return fmt.Sprintf("%d,%d", start+1, end-start)
}

func writeLines(b *bytes.Buffer, mark byte, lines [][]byte) {
	for _, l := range lines {
		b.WriteByte(mark)
		b.Write(l)
		if !bytes.HasSuffix(l, []byte("\n")) {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

func splitLines(data []byte) [][]byte {
	lines := bytes.SplitAfter(data, []byte("\n"))
	if len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// minSecret is the length in bytes from which a secret is also looked for in other places: a shorter one is part of too many words.
const minSecret = 4

// A shield knows the lines with a secret: the secret itself, or the same text again, as in a comment.
type shield struct {
	lines [][]byte
	own   []bool
	texts [][]byte
}

func newShield(e *export.Export, lines [][]byte) *shield {
	s := &shield{lines: lines, own: make([]bool, len(lines))}
	for i := range e.Properties {
		p := &e.Properties[i]
		if !p.Secret() || p.Value == "" || p.Value == export.Redacted {
			continue
		}
		at := e.Range(p)
		for n := at.Line; n <= at.EndLine && n <= len(lines); n++ {
			s.own[n-1] = true
		}
		if len(p.Value) >= minSecret {
			s.texts = append(s.texts, []byte(p.Value))
		}
	}
	for i := range e.Found {
		at := e.Range(&e.Found[i])
		for n := at.Line; n <= at.EndLine && n <= len(lines); n++ {
			s.own[n-1] = true
		}
	}
	slices.SortFunc(s.texts, bytes.Compare)
	s.texts = slices.CompactFunc(s.texts, bytes.Equal)
	return s
}

// covers says whether a line, counted from 0, must not be shown.
func (s *shield) covers(line int) bool {
	return s.own[line] || slices.ContainsFunc(s.texts, func(t []byte) bool { return bytes.Contains(s.lines[line], t) })
}

// endName ends a name with a tab where it has a space, as git does: else a reader treats the following text as a time.
func endName(quoted string) string {
	if quoted[0] != '"' && bytes.IndexByte([]byte(quoted), ' ') >= 0 {
		return quoted + "\t"
	}
	return quoted
}

// gitQuote writes a path as git does: as it is, or in double quotes with C's escapes.
func gitQuote(path string) string {
	plain := true
	quoted := []byte{'"'}
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '"' || c == '\\':
			quoted = append(quoted, '\\', c)
		case c < ' ' || c >= 0x7f:
			quoted = fmt.Appendf(quoted, "\\%03o", c)
		default:
			quoted = append(quoted, c)
			continue
		}
		plain = false
	}
	if plain {
		return path
	}
	return string(append(quoted, '"'))
}

package rules

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"cupclint/export"
	"cupclint/lint"
)

// edit replaces the value of a property. A text that would need quoting or escaping in any of the formats gets no edit, unless it is
// in the file already, as part of the old value.
func edit(in *lint.Input, p *export.Property, text string) []lint.Edit {
	if p.Covered() || in.Coded() {
		return nil // the text would have the mask instead of a secret, or would be in base64 in the file
	}
	r := in.Range(p)
	if in.Format == export.Registry && !literal(r, p.Value) {
		return nil // not the value itself but a number as dword:, or text with \\ in it
	}
	if r.Start == r.End || len(text) > maxEdit || strings.ContainsFunc(text, notASCII) {
		return nil
	}
	if strings.ContainsFunc(text, needsQuotes) && !(literal(r, p.Value) && strings.Contains(p.Value, text)) {
		return nil
	}
	return []lint.Edit{{Start: r.Start, End: r.End, Text: text}}
}

// maxEdit bounds the text of an edit, in bytes.
const maxEdit = 1024

// literal reports whether the value is written in the file without escapes: an escaped character has more than one byte.
func literal(r export.Range, value string) bool {
	return r.Line == r.EndLine && r.EndColumn-r.Column == utf8.RuneCountInString(value)
}

func notASCII(r rune) bool { return r < ' ' || r > '~' }

// together joins edits of one finding in the order of the file.
func together(edits, more []lint.Edit) []lint.Edit {
	edits = append(edits, more...)
	slices.SortFunc(edits, func(a, b lint.Edit) int { return cmp.Compare(a.Start, b.Start) })
	return edits
}

// sameCase writes an upper-case word in lower case where the old one was in lower case, as JSON wants its truth values.
func sameCase(word, old string) string {
	if old == strings.ToLower(old) {
		return strings.ToLower(word)
	}
	return word
}

func needsQuotes(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-')
}

// trimmed is the edit for a value that is right but for the white space around it.
func trimmed(in *lint.Input, p *export.Property, right func(string) bool) []lint.Edit {
	if v := strings.TrimSpace(p.Value); v != p.Value && right(v) {
		return edit(in, p, v)
	}
	return nil
}

// onLike writes a switch that is off as one that is on.
func onLike(off string) string {
	if off == "0" {
		return "1"
	}
	return sameCase("TRUE", off)
}

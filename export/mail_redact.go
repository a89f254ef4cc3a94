package export

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"slices"
	"sort"
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/secret"
)

// applyLifted writes a copy of a mail of which some parts were read. A part in base64 that has a secret is encoded again. What is not in
// these parts is searched as text without structure.
func (r *Redaction) applyLifted(e *Export, cuts []span) {
	var all []span // in the decoded text of the mail
	coded := make([][]span, len(e.coded))
	for _, c := range cuts {
		r.Lines = append(r.Lines, e.seek(c.start).line)
		c.start, c.end = e.copy.Place(c.start), e.copy.Place(c.end)-len(e.copy.Cut(c.end))
		if i := e.codedAt(c.start); i >= 0 {
			coded[i] = append(coded[i], c)
		} else {
			all = append(all, c)
		}
	}
	for i := range e.coded {
		if len(coded[i]) > 0 {
			all = append(all, e.coded[i].encodedAgain(e.copy.Original, e.coded[i].without(coded[i])))
		}
	}
	for _, c := range e.elsewhere() {
		line, _ := e.rawAt.seek(e.copy.Original, c.start)
		r.Lines = append(r.Lines, line)
		all = append(all, c)
	}
	slices.Sort(r.Lines)
	r.replace(e, all)
}

// codedAt is the index of the coded text that a place is in; -1 where it is in none.
func (e *Export) codedAt(place int) int {
	return slices.IndexFunc(e.coded, func(c codedText) bool { return c.start <= place && place < c.end })
}

// without returns the bytes of a coded text without some of its parts, which are places in the file.
func (c *codedText) without(cuts []span) []byte {
	var out []byte
	in := Export{enc: c.enc}
	at := 0
	byteAt := func(place int) int {
		return min(len(c.raw), sort.Search(len(c.at), func(i int) bool { return int(c.at[i]) >= place }))
	}
	for _, cut := range cuts {
		from, to := byteAt(cut.start), byteAt(cut.end)
		if from < at {
			continue
		}
		out = append(append(out, c.raw[at:from]...), in.encode(cut.text)...)
		at = max(to, from)
	}
	return append(out, c.raw[at:]...)
}

// encodedAgain is the base64 of other bytes in the place of a coded text, in lines as long as before.
func (c *codedText) encodedAgain(text string, raw []byte) span {
	start, end := int(c.at[0]), int(c.at[len(c.raw)])
	for i := end; i < c.end && (text[i] == '=' || chars.Blank(text[i])); i++ {
		if text[i] == '=' {
			end = i + 1
		}
	}
	code := base64.StdEncoding.EncodeToString(raw)
	width, lineEnd := len(code), "\n"
	if i := strings.IndexByte(text[start:end], '\n'); i > 0 {
		if width = i; text[start+i-1] == '\r' {
			width, lineEnd = i-1, "\r\n"
		}
	}
	var b strings.Builder
	for ; width > 0 && len(code) > width; code = code[width:] {
		b.WriteString(code[:width] + lineEnd)
	}
	return span{start: start, end: end, text: b.String() + code}
}

// elsewhere finds the secrets of a mail that are not in the parts that were read.
func (e *Export) elsewhere() (cuts []span) {
	others := slices.DeleteFunc(partsOf(e.copy.Original), func(p mailPart) bool { return p.encoding != "base64" })
	taken := slices.Concat(others, e.lifted) // they are apart, or the same
	slices.SortFunc(taken, func(a, b mailPart) int { return cmp.Compare(a.start, b.start) })
	for _, f := range secret.Find(e.copy.Original, keyTable{}) {
		i := sort.Search(len(taken), func(i int) bool { return taken[i].end > f.Start })
		if done(e.copy.Original[f.Start:f.End]) || i < len(taken) && taken[i].start < f.End {
			continue
		}
		cuts = append(cuts, span{start: f.Start, end: f.End, text: Redacted})
	}
	for _, p := range others {
		if !p.mayBeText(e.copy.Original) || slices.ContainsFunc(e.lifted, func(l mailPart) bool { return l.start == p.start }) {
			continue
		}
		if c, ok := p.decodePart(e.copy.Original); ok {
			if clean := Scrub(p.name, c.raw); !bytes.Equal(clean.Data, c.raw) {
				cuts = append(cuts, c.encodedAgain(e.copy.Original, clean.Data))
			}
		}
	}
	return cuts
}

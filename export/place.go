package export

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"cupclint/internal/secret"
)

// A cursor is a place in the decoded text, said in all ways that are asked for. The zero value is not a place; see seek.
type cursor struct {
	offset       int // in the decoded text
	original     int // in the file
	line, column int // of the file, from 1; columns in code points
	textLine     int // of the decoded text: the same line, unless the file has it in several
	lineStart    int // offset of textLine
}

// advance moves the cursor forward.
func (c *cursor) advance(e *Export, to int) {
	part := e.text[c.offset:to]
	c.original += e.originalLen(e.rawPart(c.offset, to))
	if n := strings.Count(part, "\n"); n > 0 {
		c.textLine += n
		c.lineStart = c.offset + strings.LastIndexByte(part, '\n') + 1
		c.column = 1
		part = e.text[c.lineStart:to]
	}
	c.column += utf8.RuneCountInString(part)
	c.offset = to
	c.inFile(e)
}

// back moves the cursor backward.
func (c *cursor) back(e *Export, to int) {
	part := e.text[to:c.offset]
	c.original -= e.originalLen(e.rawPart(to, c.offset))
	c.textLine -= strings.Count(part, "\n")
	c.lineStart = strings.LastIndexByte(e.text[:to], '\n') + 1
	c.column = 1 + utf8.RuneCountInString(e.text[c.lineStart:to])
	c.offset = to
	c.inFile(e)
}

// rawPart is a part of the decoded text of the file.
func (e *Export) rawPart(from, to int) string {
	if !e.copy.Decorated() {
		return e.text[from:to]
	}
	return e.copy.Original[e.copy.Place(from):e.copy.Place(to)]
}

// inFile makes line and column those of the file, where something was taken out of the text.
func (c *cursor) inFile(e *Export) {
	if c.line = c.textLine; e.copy.Decorated() {
		c.before(e, "")
	}
}

// before makes line and column those of the place in the file that is in front of what was taken out there.
func (c *cursor) before(e *Export, cut string) {
	c.line, c.column = e.rawAt.seek(e.copy.Original, e.copy.Place(c.offset)-len(cut))
}

// A rawCursor is a place in the decoded text of a file, of which another text is read.
type rawCursor struct {
	offset, begin int // begin is where the line begins
	line, column  int // from 1
}

// seek moves the cursor to an offset. It goes from where it was, as findings are near each other.
func (c *rawCursor) seek(raw string, to int) (line, column int) {
	if c.line == 0 || to < c.offset/2 {
		*c = rawCursor{line: 1, column: 1}
	}
	part := raw[min(to, c.offset):max(to, c.offset)]
	n := strings.Count(part, "\n")
	switch {
	case to >= c.offset && n > 0:
		c.begin = c.offset + strings.LastIndexByte(part, '\n') + 1
		c.line, c.column = c.line+n, 1+utf8.RuneCountInString(raw[c.begin:to])
	case to >= c.offset:
		c.column += utf8.RuneCountInString(part)
	case n > 0:
		c.begin = strings.LastIndexByte(raw[:to], '\n') + 1
		c.line, c.column = c.line-n, 1+utf8.RuneCountInString(raw[c.begin:to])
	default:
		c.column -= utf8.RuneCountInString(part)
	}
	c.offset = to
	return c.line, c.column
}

// seek returns the cursor at an offset. It continues from where it was last: findings come in the order of the file, and
// counting from the beginning for each of them takes minutes when there are many.
func (e *Export) seek(offset int) *cursor {
	if e.at.line > 0 && offset < e.at.offset && offset > e.at.offset/2 {
		e.at.back(e, offset)
		return &e.at
	}
	if e.at.line == 0 || offset < e.at.offset {
		e.at = cursor{line: 1, textLine: 1, column: 1, original: e.markLen() + e.originalLen(e.copy.Original[:e.copy.Place(0)])}
	}
	e.at.advance(e, offset)
	return &e.at
}

// markLen is the length of the byte order mark.
func (e *Export) markLen() int {
	switch {
	case e.enc == utf8BOM:
		return 3
	case (e.enc == utf16LE || e.enc == utf16BE) && !e.unmarked:
		return 2
	}
	return 0
}

// originalLen returns how many bytes a piece of the decoded text has in the file.
func (e *Export) originalLen(part string) int {
	switch e.enc {
	case utf16LE, utf16BE:
		units := 0
		for _, r := range part {
			units += utf16.RuneLen(r)
		}
		return 2 * units
	case windows1252, latin1:
		return utf8.RuneCountInString(part)
	}
	return len(part)
}

// originalEnd turns the end of a value into a place in the file.
func (e *Export) originalEnd(offset int) int {
	at := e.seek(offset).original
	if e.copy.Decorated() {
		at -= e.originalLen(e.copy.Cut(offset))
	}
	return at
}

// Mask is what stands for a secret in everything that is shown.
const Mask = secret.Mask

// SourceLine returns the text of a line, counted from 1, with every secret value on it masked.
func (e *Export) SourceLine(line int) string {
	e.Asked.Else = true
	start := e.lineStart(line)
	if start < 0 {
		return ""
	}
	end := len(e.text)
	if i := strings.IndexByte(e.text[start:], '\n'); i >= 0 {
		end = start + i
	}
	return strings.TrimSuffix(e.withoutSecrets(start, end), "\r")
}

// Source returns the line that the range begins in as SourceLine does, or, of a line longer than most code points, as many of
// them around the range: lead of them are before it. It returns the column that the text begins in too. The cost does not
// depend on the length of the line.
func (e *Export) Source(r Range, lead, most int) (text string, column int) {
	e.Asked.Else = true
	start := e.lineStart(r.Line)
	if start < 0 {
		return "", 1
	}
	first := 1 // the column that the text of the line begins in
	at := e.at
	if e.copy.Decorated() {
		start, at = e.decodedLine(start, r)
		first = r.Column - utf8.RuneCountInString(e.text[start:at.offset]) // what is marked is in its place, whatever was before it in the file
	} else if at.line != r.Line || at.column != r.Column {
		at = cursor{line: r.Line, textLine: r.Line, column: first, offset: start, lineStart: start}
		for at.column < r.Column && at.offset < len(e.text) && e.text[at.offset] != '\n' {
			_, n := utf8.DecodeRuneInString(e.text[at.offset:])
			at.offset += n
			at.column++
		}
	}
	if end := e.lineEnd(start, most); end >= 0 {
		return strings.TrimSuffix(e.withoutSecrets(start, end), "\r"), first
	}
	from := at.offset
	column = at.column
	for ; lead > 0 && from > start; lead-- {
		_, n := utf8.DecodeLastRuneInString(e.text[start:from])
		from -= n
		column--
	}
	end := e.lineEnd(from, most)
	if end < 0 {
		end = from
		for range most {
			_, n := utf8.DecodeRuneInString(e.text[end:])
			end += n
		}
	}
	return strings.TrimSuffix(e.withoutSecrets(from, end), "\r"), column
}

// decodedLine finds the line of the text, or its part, that a place is in: a line of the file may have several. start is where the line
// of the file begins.
func (e *Export) decodedLine(start int, r Range) (int, cursor) {
	at := e.at
	if at.line != r.Line || at.column != r.Column {
		raw := e.copy.Place(start)
		if e.rawAt.line == r.Line {
			raw = e.rawAt.begin
		}
		for column := 1; column < r.Column && raw < len(e.copy.Original) && e.copy.Original[raw] != '\n'; column++ {
			_, n := utf8.DecodeRuneInString(e.copy.Original[raw:])
			raw += n
		}
		at = cursor{line: r.Line, column: r.Column}
		at.offset = e.copy.Find(raw)
	}
	at.offset = max(at.offset, start)
	return max(start, strings.LastIndexByte(e.text[:at.offset], '\n')+1), at
}

// lineStart returns the offset of a line of the file, -1 when there are fewer lines.
func (e *Export) lineStart(line int) int {
	text := e.text
	if e.copy.Decorated() {
		text = e.copy.Original
	}
	start := 0
	switch {
	case e.copy.Decorated() && e.rawAt.line == line:
		start, line = e.rawAt.begin, 1
	case !e.copy.Decorated() && e.at.line == line:
		return e.at.lineStart
	}
	for ; line > 1; line-- {
		i := strings.IndexByte(text[start:], '\n')
		if i < 0 {
			return -1
		}
		start += i + 1
	}
	if e.copy.Decorated() {
		start = e.copy.Find(start)
	}
	return start
}

// lineEnd returns where the line ends, looking from an offset in it no further than a number of code points; -1 when it is
// longer.
func (e *Export) lineEnd(from, most int) int {
	near := e.text[from:min(len(e.text), from+utf8.UTFMax*most+1)]
	end := strings.IndexByte(near, '\n')
	switch {
	case end >= 0:
	case from+len(near) == len(e.text):
		end = len(near)
	default:
		return -1
	}
	if utf8.RuneCountInString(near[:end]) > most {
		return -1
	}
	return from + end
}

// joined sorts spans and makes one of those that overlap.
func joined(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	kept := spans[:0]
	for _, s := range spans {
		if n := len(kept); n > 0 && s.start < kept[n-1].end {
			kept[n-1].end = max(kept[n-1].end, s.end)
			continue
		}
		kept = append(kept, s)
	}
	return kept
}

// withoutSecrets returns a piece of the text without secrets.
func (e *Export) withoutSecrets(start, end int) string {
	if !e.secretsKnown {
		e.secretsKnown = true
		e.secrets = joined(e.ownSecrets(e.secrets))
	}
	secrets := e.secrets
	if !e.whole { // what no reader looks at: a comment, an attribute
		from := max(start-scanAround, 0)
		from += strings.LastIndexByte(e.text[from:start], '\n') + 1
		to := min(len(e.text), end+scanAround)
		if i := strings.IndexByte(e.text[end:to], '\n'); i >= 0 {
			to = end + i
		}
		line := e.text[from:to]
		if known, ok := e.harmless[line]; ok {
			if start == from && end == to && !e.ownSecretIn(start, end) {
				return known
			}
		} else if more := secret.Find(line, keyTable{}); len(more) == 0 {
			e.learnHarmless(from, to)
		} else {
			first := sort.Search(len(secrets), func(i int) bool { return secrets[i].end > start })
			behind := sort.Search(len(secrets), func(i int) bool { return secrets[i].start >= end })
			secrets = slices.Clone(secrets[first:max(first, behind)]) // only those in the piece: a file can have thousands
			for _, f := range more {
				secrets = append(secrets, span{start: from + f.Start, end: from + f.End})
			}
			secrets = joined(secrets)
		}
	}
	var b strings.Builder
	at := start
	first := sort.Search(len(secrets), func(i int) bool { return secrets[i].end > start })
	for _, secret := range secrets[first:] {
		if secret.start >= end {
			break
		}
		b.WriteString(e.text[at:max(secret.start, at)])
		b.WriteString(Mask)
		at = min(secret.end, end)
	}
	b.WriteString(e.text[at:end])
	return b.String()
}

// learnHarmless remembers a line in which the scanner found no secret: exports of one deployment repeat most of their lines. One that has a
// secret by its key is not remembered.
func (e *Export) learnHarmless(from, to int) {
	if to-from > maxHarmless || e.ownSecretIn(from, to) {
		return
	}
	if e.harmless == nil || len(e.harmless) >= maxHarmlessLines {
		e.harmless = make(map[string]string)
	}
	line := strings.Clone(e.text[from:to])
	e.harmless[line] = line
}

// ownSecretIn reports whether a secret that a reader found is in a piece of the text.
func (e *Export) ownSecretIn(start, end int) bool { return overlap(e.secrets, start, end) }

// overlap reports whether one of some joined spans has a part of a piece of the text.
func overlap(joined []span, start, end int) bool {
	i := sort.Search(len(joined), func(i int) bool { return joined[i].end > start })
	return i < len(joined) && joined[i].start < end
}

// Bounds on what is remembered of lines without secrets.
const (
	maxHarmless      = 256 // bytes of a line
	maxHarmlessLines = 4096
)

// scanAround is how much of a long line is looked at around the part that is shown, in bytes.
const scanAround = 512

// ownSecrets adds the places of all secrets that are known.
func (e *Export) ownSecrets(spans []span) []span {
	for i := range e.Properties {
		if p := &e.Properties[i]; p.Secret() && p.valueStart < p.valueEnd {
			spans = append(spans, span{start: int(p.valueStart), end: int(p.valueEnd)})
		}
	}
	for i := range e.Found {
		if p := &e.Found[i]; p.valueStart < p.valueEnd {
			spans = append(spans, span{start: int(p.valueStart), end: int(p.valueEnd)})
		}
	}
	return append(spans, e.scanned...)
}

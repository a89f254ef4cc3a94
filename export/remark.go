package export

import (
	"slices"
	"sort"
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/nearest"
)

// A Remark is a comment of an export that is meant for cupclint: "cupclint: ignore ...".
type Remark struct {
	// Text is what follows "cupclint:", up to the end of the comment or of its line, with secrets masked.
	Text string
	// At is the place of the remark.
	At Range
	// From and To are the first and the last place that the remark is about: of the setting next to it. Both are zero for a remark that is
	// misplaced.
	From, To Spot
	// Misplaced is why the text is not a comment; empty for a comment.
	Misplaced string
}

// A Spot is a line and a column, both from 1.
type Spot struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Before reports whether a spot comes before another one.
func (s Spot) Before(o Spot) bool { return s.Line < o.Line || s.Line == o.Line && s.Column < o.Column }

const (
	remarkSign = "upclint" // in both cases of the first letter
	// MaxRemarks is how many remarks of one export count.
	MaxRemarks = 500
	// maxRemark bounds the text of a remark, in bytes.
	maxRemark = 1000
	// maxNeighbour bounds the element next to a comment, in bytes.
	maxNeighbour = 64 << 10
	// maxBetween is how many lines with other comments may come between a comment and what it is about.
	maxBetween = 100
)

// Remarks finds the comments that are meant for cupclint. An export without the word costs one search. more says that there are
// further ones after the first MaxRemarks.
func (e *Export) Remarks() (remarks []Remark, more bool) {
	if !e.mayRemark() {
		return nil, false
	}
	at := strings.Index(e.text, remarkSign)
	if at < 0 {
		return nil, false
	}
	s := remarkScan{Export: e}
	for ; at >= 0; at = s.next(at) {
		text, ok := directive(e.text, at)
		if !ok {
			continue
		}
		if len(remarks) == MaxRemarks {
			return remarks, true
		}
		if r, ok := s.remark(at-1, text); ok {
			remarks = append(remarks, r)
		}
	}
	return remarks, false
}

// mayRemark looks for the word between the parts that a reader saw. A word is in one of them or outside of all: each is between brackets.
func (e *Export) mayRemark() bool {
	from := 0
	for _, s := range e.without {
		if e.unsure || strings.Contains(e.text[from:s.start], remarkSign) {
			return true
		}
		from = int(s.end)
	}
	return strings.Contains(e.text[from:], remarkSign)
}

func (s *remarkScan) next(at int) int {
	at += len(remarkSign)
	i := strings.Index(s.text[at:], remarkSign)
	if i < 0 {
		return -1
	}
	return at + i
}

// directive returns where the text after "cupclint:" begins, for the word at offset at, and whether it reads like a remark: a colon
// follows, or a verb that is meant for a linter.
func directive(text string, at int) (from int, ok bool) {
	if at == 0 || text[at-1]|0x20 != 'c' || at > 1 && wordByte(text[at-2]) {
		return 0, false
	}
	from = at + len(remarkSign)
	rest := text[from:min(len(text), from+64)]
	colon := strings.TrimLeft(rest, " \t")
	if after, found := strings.CutPrefix(colon, ":"); found {
		word := Verb(after)
		return from + len(rest) - len(after), meant(word) || word != "" && nearest.Word(word, verbs[:2]) != ""
	}
	// Without the colon it is a slip, unless it is prose.
	word := Verb(strings.TrimLeft(rest, "-_="))
	return from, word != "" && meant(word)
}

// verbs are the two words that begin a remark, and those that people treat as one.
var verbs = [...]string{"ignore", "ignore-file", "ignore-next-line", "ignore-line", "disable", "disable-file", "disable-next-line",
	"disable-line", "suppress", "skip", "nolint", "noqa", "allow", "off"}

func meant(word string) bool { return slices.Contains(verbs[:], word) }

// Verb returns the first word of a remark in lower case, "" where it does not begin with one.
func Verb(text string) string {
	text = strings.TrimLeft(text, " \t")
	end := 0
	for end < len(text) && (chars.Letter(text[end]) || text[end] == '-' && end > 0) {
		end++
	}
	if end < len(text) && (wordByte(text[end]) || text[end] == '\'') {
		return ""
	}
	return strings.ToLower(strings.TrimRight(text[:end], "-"))
}

func wordByte(c byte) bool { return chars.Letter(c) || c >= '0' && c <= '9' || c == '_' || c >= 0x80 }

// A remarkScan looks around the remarks of one export.
type remarkScan struct {
	*Export
	comments []span // those of XML; found when first asked for
	known    bool
}

// remark makes the remark whose word begins at an offset and whose text begins at from.
func (s *remarkScan) remark(at, from int) (Remark, bool) {
	lineStart := strings.LastIndexByte(s.text[:at], '\n') + 1
	lineEnd := lineAfter(s.text, at)
	c, ok := s.comment(at, lineStart, lineEnd)
	end := min(lineEnd, from+maxRemark)
	if ok {
		end = min(end, c.textEnd)
	}
	for end > from && chars.Blank(s.text[end-1]) {
		end--
	}
	r := Remark{At: s.rangeOf(int32(at), int32(end))}
	r.Text = strings.Clone(strings.TrimSpace(s.withoutSecrets(from, end)))
	if !ok {
		if s.Format == CLI || s.Format == JabberLog || s.Format == Cluster || s.Format == RunSQL || s.Format == JabberLink {
			if !s.begins(lineStart, at) {
				return Remark{}, false // what a server or a client wrote about something else
			}
		}
		r.Misplaced = s.whyNot(at)
		return r, true
	}
	from, to := s.about(c)
	first := s.seek(from)
	r.From = Spot{first.line, first.column}
	last := s.seek(to)
	r.To = Spot{last.line, last.column}
	return r, true
}

// begins reports whether nothing but the signs of a comment comes before the remark in its line.
func (s *remarkScan) begins(lineStart, at int) bool {
	return strings.Trim(s.text[lineStart:at], " \t#;!/*<-") == ""
}

func (s *remarkScan) whyNot(at int) string {
	for i := range s.Properties {
		if p := &s.Properties[i]; int(p.valueStart) <= at && at < int(p.valueEnd) {
			return "it is a part of the value of " + strings.Clone(p.Canonical()) + ": in this format a comment needs its own line"
		}
	}
	switch s.Format {
	case JSON:
		return "JSON has no comments"
	case CLI, Cluster, RunSQL, JabberLog, JabberLink:
		return "this format has no comments"
	}
	return "it is not in a comment"
}

// A comment0 is a comment: from its first sign to after its last.
type comment0 struct {
	start, end int
	textEnd    int // of what it says
	xml        bool
}

// comment returns the comment that an offset is in.
func (s *remarkScan) comment(at, lineStart, lineEnd int) (comment0, bool) {
	signs := ""
	switch s.Format {
	case SOAP, Jabber, AXL, JabberLocal, JabberUpdate, JabberEMM:
		return s.xmlComment(at)
	case YAML:
		start, ok := yamlComment(s.text[lineStart:at])
		if !ok || s.inValue(lineStart+start) {
			return comment0{}, false
		}
		return comment0{start: lineStart + start, end: lineEnd, textEnd: lineEnd}, true
	case Properties, JabberBootstrap:
		signs = "#!;"
	case Registry:
		signs = ";"
	case JabberInstall:
		signs = "#;'"
	default:
		return comment0{}, false
	}
	start := lineStart
	for start < at && (s.text[start] == ' ' || s.text[start] == '\t') {
		start++
	}
	if start < at && strings.IndexByte(signs, s.text[start]) >= 0 || s.Format == JabberInstall && batchComment(s.text[start:at]) {
		return comment0{start: start, end: lineEnd, textEnd: lineEnd}, true
	}
	if c, ok := s.xmlComment(at); ok && !s.inValue(at) { // pasted markup
		return c, true
	}
	return comment0{}, false
}

func batchComment(head string) bool {
	return strings.HasPrefix(head, "::") || len(head) > 3 && strings.EqualFold(head[:3], "rem") && chars.Blank(head[3])
}

// inValue reports whether an offset is in a value.
func (e *Export) inValue(at int) bool {
	for i := range e.Properties {
		if p := &e.Properties[i]; int(p.valueStart) <= at && at < int(p.valueEnd) {
			return true
		}
	}
	return false
}

// yamlComment finds the # that begins a comment in a line of YAML, which is followed by the remark.
func yamlComment(line string) (int, bool) {
	var quote byte
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote == '"' && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case (c == '"' || c == '\'') && (i == 0 || strings.IndexByte(" \t:[{,-", line[i-1]) >= 0):
			quote = c
		case c == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			return i, true
		}
	}
	return 0, false
}

// xmlComment returns the XML comment that an offset is in.
func (s *remarkScan) xmlComment(at int) (comment0, bool) {
	if !s.known {
		s.known = true
		s.comments = xmlComments(s.text)
	}
	c := s.around(at)
	return comment0{start: c.start, end: c.end, textEnd: c.end - len("-->"), xml: true}, c.end > 0
}

// around returns the XML comment that an offset is in, or the zero span.
func (s *remarkScan) around(at int) span {
	i := sort.Search(len(s.comments), func(i int) bool { return s.comments[i].end > at })
	if i < len(s.comments) && s.comments[i].start <= at {
		return s.comments[i]
	}
	return span{}
}

// xmlComments finds all comments of a document; CDATA sections and processing instructions are none.
func xmlComments(text string) (comments []span) {
	for at := 0; ; {
		i := strings.Index(text[at:], "<")
		if i < 0 {
			return comments
		}
		at += i
		rest := text[at:]
		skip := func(open, shut string) int {
			if n := strings.Index(rest[len(open):], shut); n >= 0 {
				return len(open) + n + len(shut)
			}
			return len(rest)
		}
		switch {
		case strings.HasPrefix(rest, "<!--"):
			n := skip("<!--", "-->")
			if strings.HasSuffix(rest[:n], "-->") {
				comments = append(comments, span{start: at, end: at + n})
			}
			at += n
		case strings.HasPrefix(rest, "<![CDATA["):
			at += skip("<![CDATA[", "]]>")
		case strings.HasPrefix(rest, "<?"):
			at += skip("<?", "?>")
		default:
			at++
		}
	}
}

// about returns the part of the text that a comment is about: what else is on its line, or what follows it.
func (s *remarkScan) about(c comment0) (from, to int) {
	lineStart := strings.LastIndexByte(s.text[:c.start], '\n') + 1
	lineEnd := lineAfter(s.text, c.end)
	if !s.blankApartFromComments(lineStart, c.start) || !s.blankApartFromComments(c.end, lineEnd) {
		return s.onLine(c, lineStart, lineEnd)
	}
	// The next line that says something.
	for at, n := lineEnd, 0; at < len(s.text) && n < maxBetween; n++ {
		start := at + 1
		for start < len(s.text) && chars.Blank(s.text[start]) {
			start++
		}
		if start >= len(s.text) {
			break
		}
		if end := s.commentAt(start); end > start {
			at = lineAfter(s.text, end)
			continue
		}
		lineStart = strings.LastIndexByte(s.text[:start], '\n') + 1
		return lineStart, s.extent(start, lineAfter(s.text, start), c.xml)
	}
	return lineEnd, lineEnd
}

// blankApartFromComments reports whether a part of a line says nothing.
func (s *remarkScan) blankApartFromComments(start, end int) bool {
	for start < end {
		if chars.Blank(s.text[start]) {
			start++
			continue
		}
		c := s.around(start)
		if c.end == 0 {
			return false
		}
		start = c.end
	}
	return true
}

// commentAt returns the end of the comment that begins at an offset, or 0.
func (s *remarkScan) commentAt(at int) int {
	if c := s.around(at); c.end > 0 {
		if s.blankApartFromComments(c.end, lineAfter(s.text, c.end)) {
			return c.end
		}
		return 0
	}
	lineStart, lineEnd := strings.LastIndexByte(s.text[:at], '\n')+1, lineAfter(s.text, at)
	if s.text[at] == '<' {
		return 0
	}
	if c, ok := s.comment(at+1, lineStart, lineEnd); ok && c.start == at && !c.xml {
		return c.end
	}
	return 0
}

// onLine is what a comment is about that shares its line: the line, or in a line of several settings the one before it, else the one
// after it.
func (s *remarkScan) onLine(c comment0, lineStart, lineEnd int) (from, to int) {
	var before, after *Property
	n := 0
	for i := range s.Properties {
		p := &s.Properties[i]
		if int(p.valueEnd) < lineStart || int(p.nameStart) > lineEnd {
			continue
		}
		n++
		switch {
		case int(p.valueEnd) <= c.start && (before == nil || p.valueEnd > before.valueEnd):
			before = p
		case int(p.nameStart) >= c.end && (after == nil || p.nameStart < after.nameStart):
			after = p
		}
	}
	switch {
	case n > 1 && before != nil:
		return int(before.nameStart), int(max(before.valueEnd, before.nameEnd))
	case n > 1 && after != nil:
		return int(after.nameStart), int(max(after.valueEnd, after.nameEnd))
	}
	return lineStart, s.extent(lineStart, lineEnd, c.xml)
}

// extent is where what begins at an offset ends: at the end of the line, of a value that continues after it, or in XML of an element with
// one setting.
func (s *remarkScan) extent(start, lineEnd int, xml bool) int {
	end := lineEnd
	for i := range s.Properties {
		if p := &s.Properties[i]; start <= int(p.nameStart) && int(p.nameStart) <= lineEnd {
			end = max(end, int(p.valueEnd))
		}
	}
	if !xml || s.text[start] != '<' {
		return end
	}
	name := s.text[start+1 : min(len(s.text), start+256)]
	if i := strings.IndexAny(name, " \t\r\n/>"); i > 0 {
		name = name[:i]
	} else {
		return end
	}
	shut := strings.Index(s.text[start:min(len(s.text), start+maxNeighbour)], "</"+name)
	if shut < 0 {
		return end
	}
	shut += start
	n := 0
	for i := range s.Properties {
		if p := &s.Properties[i]; start <= int(p.nameStart) && int(p.nameStart) < shut {
			n++
		}
	}
	if n <= 1 {
		end = max(end, lineAfter(s.text, shut))
	}
	return end
}

// lineAfter returns the end of the line that an offset is in.
func lineAfter(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

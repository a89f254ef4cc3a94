package secret

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Span is the place of a secret in a text.
type Span struct {
	Start, End int
	// Name is what the secret is called: the name in front of it, or what it is a part of.
	Name string
	// NameStart and NameEnd are the place of the name; both are Start where there is none.
	NameStart, NameEnd int
	// Inside reports a secret that is a part of another value: user info, a query, a header, a connection string.
	Inside bool
}

// Names of what has none in the text.
const (
	inUserInfo = "user info"
	inHeader   = "Authorization"
	inCommand  = "command line"
	inKey      = "private key"
)

// Find returns the secrets of a text, in order. None overlaps another. The table may be nil. The time is linear in the text.
func Find(text string, keys Table) []Span {
	s := scanner{text: text, keys: keys}
	s.run()
	return s.found
}

// Hide returns the text with Mask in the place of every secret.
func Hide(text string, keys Table) string { return Replace(text, Find(text, keys), Mask) }

// Replace returns the text with something else in the place of every span. Spans are in order.
func Replace(text string, spans []Span, with string) string {
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	at := 0
	for _, f := range spans {
		b.WriteString(text[at:f.Start])
		b.WriteString(with)
		at = f.End
	}
	b.WriteString(text[at:])
	return b.String()
}

type scanner struct {
	text  string
	keys  Table
	found []Span
	end   int // of the last span
	names map[string]Strength

	lineStart, lineEnd int // the line that was asked for last
}

// Bounds, so that the time stays linear: how far a value, a tag, and a folded header are looked for.
const (
	maxValue  = 8 << 10
	maxTag    = 2 << 10
	maxFolded = 40 // lines
	maxNames  = 4096
)

func (s *scanner) run() {
	text := s.text
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case wordByte(c) && (c < utf8.RuneSelf || s.wordRune(i)):
			j := s.wordEnd(i)
			next := s.word(i, j)
			i = max(j, next)
		case c == '@':
			s.userInfo(i)
			i++
		case c == '%' && i+2 < len(text) && hexDigit(text[i+1]) && hexDigit(text[i+2]):
			i += 3
		case c >= utf8.RuneSelf:
			_, n := utf8.DecodeRuneInString(text[i:])
			i += n
		default:
			i++
		}
	}
}

func hexDigit(c byte) bool { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// wordByte reports bytes that names are made of, or that begin a letter beyond ASCII.
func wordByte(c byte) bool {
	return letter(c) || digit(c) || c == '_' || c == '-' || c == '.' || c >= utf8.RuneSelf
}

func (s *scanner) wordRune(i int) bool {
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r))
}

func (s *scanner) wordEnd(i int) int {
	text := s.text
	for i < len(text) {
		c := text[i]
		switch {
		case c < utf8.RuneSelf && wordByte(c):
			i++
			continue
		case c >= utf8.RuneSelf && s.wordRune(i):
			_, n := utf8.DecodeRuneInString(text[i:])
			i += n
			continue
		}
		break
	}
	return i
}

// add keeps a span. What lies in an earlier one is none.
func (s *scanner) add(f Span) int {
	for f.Start < f.End && (s.text[f.Start] == ' ' || s.text[f.Start] == '\t') {
		f.Start++
	}
	for f.End > f.Start && strings.IndexByte(" \t\r\n", s.text[f.End-1]) >= 0 {
		f.End--
	}
	f.Start = max(f.Start, s.end)
	if f.Start >= f.End {
		return f.End
	}
	if v := s.text[f.Start:f.End]; v == Redacted || strings.Trim(v, "*•●") == "" {
		return f.End
	}
	if f.NameStart == f.NameEnd {
		f.NameStart, f.NameEnd = f.Start, f.Start
	}
	// A value that goes on in the next lines: each line is a span of its own, so that the lines stay.
	for {
		n := strings.IndexByte(s.text[f.Start:f.End], '\n')
		if n < 0 {
			break
		}
		part := f
		part.End = f.Start + n
		for part.End > part.Start && strings.IndexByte(" \t\r\\", s.text[part.End-1]) >= 0 {
			part.End--
		}
		if part.Start < part.End && s.text[part.Start:part.End] != Redacted {
			s.found = append(s.found, part)
		}
		f.Start += n + 1
		for f.Start < f.End && (s.text[f.Start] == ' ' || s.text[f.Start] == '\t') {
			f.Start++
		}
	}
	if f.Start < f.End && s.text[f.Start:f.End] != Redacted {
		s.found = append(s.found, f)
	}
	s.end = f.End
	return f.End
}

// strength is Name with a memory: logs say the same names over and over.
func (s *scanner) strength(name string) Strength {
	if st, ok := s.names[name]; ok {
		return st
	}
	st := Name(name, s.keys)
	if s.names == nil || len(s.names) >= maxNames {
		s.names = make(map[string]Strength)
	}
	s.names[name] = st
	return st
}

// line sets the bounds of the line around a place.
func (s *scanner) line(at int) {
	if at >= s.lineStart && at <= s.lineEnd && s.lineEnd > 0 {
		return
	}
	s.lineStart = strings.LastIndexByte(s.text[:at], '\n') + 1
	s.lineEnd = len(s.text)
	if i := strings.IndexByte(s.text[at:], '\n'); i >= 0 {
		s.lineEnd = at + i
	}
	if s.lineEnd > s.lineStart && s.text[s.lineEnd-1] == '\r' && s.lineEnd > at {
		s.lineEnd--
	}
}

// word looks at the word [start, end) and returns where to go on.
func (s *scanner) word(start, end int) int {
	text := s.text
	if end-start > maxName {
		return s.token(start, end)
	}
	dashes := start
	for dashes < end && text[dashes] == '-' {
		dashes++
	}
	name := strings.TrimRight(text[dashes:end], ".-")
	if name == "" {
		return end
	}
	nameEnd := dashes + len(name)
	switch {
	case dashes-start == 5 && name == "BEGIN":
		return s.pem(start, end)
	case dashes > start && (start == 0 || strings.IndexByte(" \t\"'=,([`", text[start-1]) >= 0):
		return s.option(start, dashes, nameEnd)
	case len(name) >= 5 && (name[0]|0x20 == 'b' || name[0]|0x20 == 'n' || name[0]|0x20 == 'k' || name[0] == 'e' || name[0]|0x20 == 't'):
		if next := s.scheme(dashes, nameEnd); next > 0 {
			return next
		}
	}
	if len(name) == 1 && name[0]|0x20 == 'p' && start > 1 && text[start-1] == '/' && text[start-2] == ' ' && end < len(text) &&
		text[end] == ':' {
		return max(end, s.named(start, end, Strong)) // /p:SECRET
	}
	if name[0]|0x20 == 'r' && strings.EqualFold(name, "response") {
		return s.digestResponse(nameEnd)
	}
	if header(name) {
		if next := s.header(dashes, nameEnd); next > 0 {
			return next
		}
	}
	st := s.strength(name)
	first := dashes
	if st == None {
		first, st = s.pair(dashes, nameEnd)
	}
	if st == None {
		return end
	}
	if next := s.named(first, nameEnd, st); next > 0 {
		return next
	}
	return end
}

// pair joins the word with the one before it: "session key", "mot de passe".
func (s *scanner) pair(start, end int) (int, Strength) {
	text := s.text
	if start < 2 || text[start-1] != ' ' || !wordByte(text[start-2]) {
		return start, None
	}
	before := start - 1
	for before > 0 && start-before < 40 && wordByte(text[before-1]) {
		before--
	}
	a, b := strings.ToLower(text[before:start-1]), strings.ToLower(text[start:end])
	return before, words().pairs[a+" "+b]
}

// named looks for the value behind a name and returns where to go on, or 0 when there is none.
func (s *scanner) named(start, end int, st Strength) int {
	text := s.text
	s.line(start)
	span := Span{Name: text[start:end], NameStart: start, NameEnd: end}
	before := byte('\n')
	if start > 0 {
		before = text[start-1]
	}
	switch {
	case before == '/' && (start > 1 && text[start-2] == '<' || strings.HasSuffix(text[:start], "&lt;/")):
		return end // an end tag
	case before == '/' && end < len(text) && (text[end] == ':' || text[end] == '=') && (start < 2 || text[start-2] != '/'):
		return s.take(span, end+1, s.word1(end+1), st) // /p:SECRET of Windows programs
	case before == '<' || before == ':' && s.tagAt(start-1) > 0:
		if next := s.element(span, st); next != 0 {
			return next
		}
		return 0
	case before == '>' && strings.HasPrefix(text[end:], "</"):
		return s.valueElement(span, end, st)
	}
	p := end
	quote := quoteBefore(text, start)
	if quote != "" && strings.HasPrefix(text[p:], quote) {
		p += len(quote)
		if start-len(quote) > 0 && text[start-len(quote)-1] == '=' {
			if tag := s.tagAt(start - len(quote) - 1); tag > 0 {
				return s.inTag(span, p, st) // <property name="Directory.Password" ...
			}
		}
		if next := s.otherField(span, p, st); next > 0 { // {"name": "Directory.Password", "value": ...
			return next
		}
	} else {
		quote = ""
		if p < len(text) && (before == '[' && text[p] == ']' || before == '(' && text[p] == ')' || before == '{' && text[p] == '}') {
			p++
			if next := s.otherField(span, p, st); next > 0 {
				return next
			}
		}
	}
	return s.pairValue(span, p, quote != "", st)
}

// pairValue looks for a separator at p and takes what stands behind it.
func (s *scanner) pairValue(span Span, p int, quoted bool, st Strength) int {
	text := s.text
	s.line(span.NameStart)
	lead := s.leads(span.NameStart)
	at := p
	for p < s.lineEnd && (text[p] == ' ' || text[p] == '\t') {
		p++
	}
	blanks := text[at:p]
	spaced := blanks != ""
	rest := text[p:s.lineEnd]
	n := separator(rest)
	switch {
	case n > 0:
		if rest[0] == '>' && s.tagAt(span.NameStart) == 0 && st != Sure {
			return 0 // a sign in prose
		}
		p += n
	case spaced && n == 0 && s.headerLine():
		return 0 // the head of a table: what stands behind the name is the name of the next column
	case strings.Contains(blanks, "\t"), lead && (len(blanks) >= 2 || quoted && spaced):
		spaced = true // a table that was pasted
	case rest != "" && (rest[0] == '|' || lead && !spaced && (rest[0] == ',' || rest[0] == ';')):
		p++
		return s.take(span, p, s.cell(p, rest[0]), st)
	case rest != "" && !spaced && (rest[0] == '(' || rest[0] == '[') && len(rest) > 1:
		return s.bracketed(span, p, st)
	case rest == "" && s.labelBefore(span.NameStart):
		return s.otherField(span, p, st) // name: Directory.Password, and value: on the next line
	case rest == "" || quoted && rest[0] != '"':
		return 0
	default:
		return s.sentence(span, p, st)
	}
	after := p
	for p < s.lineEnd && (text[p] == ' ' || text[p] == '\t') {
		p++
	}
	spaced = spaced || p > after
	if p >= s.lineEnd {
		return s.nextLines(span, st, lead)
	}
	if strings.HasPrefix(text[p:s.lineEnd], "&lt;![CDATA[") {
		p += len("&lt;![CDATA[")
	}
	if q := quoteAt(text, p); q != "" {
		from := p + len(q)
		to := closing(text, from, min(len(text), from+maxValue), q)
		if to < 0 {
			to = s.lineEnd
		}
		if Value(text[from:min(to, len(text))], st) {
			if sc := s.inAuth(span, from, to); sc > 0 {
				return sc
			}
			return s.add(s.at(span, from, to))
		}
		return 0
	}
	// YAML: a tag, an anchor or an alias in front of the value, or a block below it.
	if st == Sure || lead {
		if c := text[p]; (c == '|' || c == '>') && len(strings.TrimRight(text[p:s.lineEnd], " \t0123456789+-")) == 1 {
			return s.nextLines(span, st, true)
		}
	}
	switch text[p] {
	case '{':
		if end := strings.IndexByte(text[p:s.lineEnd], '}'); end > 1 && plainScheme(text[p+1:p+end]) && p+end+1 < s.lineEnd {
			return s.take(span, p, s.word1(p), st) // {SSHA}...
		}
		return s.object(span, p, st)
	case '[':
		return s.bracketed(span, p, st)
	}
	to := s.unquoted(span, p, lead, spaced, st)
	if sc := s.inAuth(span, p, to); sc > 0 {
		return sc
	}
	if lead && to >= s.lineEnd && oddBackslashes(text[p:s.lineEnd]) {
		if to--; p == to {
			return s.continued(span)
		}
		if s.take(span, p, to, st) > 0 {
			return s.continued(span)
		}
		return 0
	}
	return s.take(span, p, to, st)
}

// object takes the texts of an object behind a name: "password": {"value": "x", "type": "clear"}.
func (s *scanner) object(span Span, p int, st Strength) int {
	text := s.text
	if st < Strong {
		return 0
	}
	next, depth := 0, 0
	for i, end := p, min(len(text), p+maxValue); i < end; {
		switch c := text[i]; {
		case c == '{':
			depth++
			i++
			continue
		case c == '}':
			if depth--; depth == 0 {
				return next
			}
			i++
			continue
		case !wordByte(c):
			i++
			continue
		}
		from := i
		i = s.wordEnd(i)
		if i == from { // a letter of no name
			i++
			continue
		}
		name, q := text[from:i], quoteBefore(text, from)
		p := i
		if q != "" && strings.HasPrefix(text[p:], q) {
			p += len(q)
		}
		for p < end && text[p] == ' ' {
			p++
		}
		if p >= end || text[p] != ':' && text[p] != '=' {
			continue
		}
		for p++; p < end && text[p] == ' '; p++ {
		}
		if p >= end || text[p] == '{' {
			continue
		}
		to := p + cutAny(text[p:end], ",}] \t\r\n")
		if q = quoteAt(text, p); q != "" {
			p += len(q)
			if to = closing(text, p, end, q); to < 0 {
				to = p + cutAny(text[p:end], "\n")
			}
		}
		if s.strength(span.Name+"."+name) >= Strong {
			next = max(next, s.take(span, p, to, Strong))
		}
		i = max(i, to)
	}
	return next
}

// at is the span of a value.
func (s *scanner) at(span Span, from, to int) Span {
	span.Start, span.End = from, to
	return span
}

// headerLine reports whether the next line is the rule below the head of a table.
func (s *scanner) headerLine() bool {
	start, end, ok := s.lineAfter(s.lineEnd)
	rule := s.text[start:end]
	return ok && strings.Trim(rule, "=-+| \t") == "" && strings.ContainsAny(rule, "=-")
}

// labelBefore reports whether the name stands in the field that names a key.
func (s *scanner) labelBefore(start int) bool {
	before := strings.TrimRight(s.text[s.lineStart:start], " \t\"'")
	before, ok := strings.CutSuffix(before, ":")
	if !ok {
		before, ok = strings.CutSuffix(before, "=")
	}
	before = strings.ToLower(strings.TrimRight(before, " \t"))
	for _, l := range [...]string{"name", "key", "param", "parameter", "setting", "field"} {
		if ok && strings.HasSuffix(before, l) {
			return true
		}
	}
	return false
}

// take keeps [from, to) when it can be the secret.
func (s *scanner) take(span Span, from, to int, st Strength) int {
	if from >= to || !Value(s.text[from:to], st) {
		return 0
	}
	return s.add(s.at(span, from, to))
}

// leads reports whether a name is the first thing in its line, apart from marks of lists, comments, quotes and export.
func (s *scanner) leads(start int) bool {
	before := strings.Trim(s.text[s.lineStart:start], " \t#;!-*>\"'$@:")
	switch before {
	case "", "export", "set", "SET", "admin", "REM", "rem", "|":
		return true
	}
	return false
}

// separator returns the length of what stands between a name and a value, or 0.
func separator(rest string) int {
	for _, sep := range [...]string{"=>", "->", ":=", "==", "=", ":", "\uff1a", "\uff1d", "%3D", "%3d", "%3A", "%3a", "&gt;", ">"} {
		if strings.HasPrefix(rest, sep) {
			if sep == ":" && strings.HasPrefix(rest, "://") {
				return 0
			}
			return len(sep)
		}
	}
	return 0
}

// quotes are the ways in which text is quoted, the longest first.
var quotes = [...]string{`\\\"`, `\"`, `&quot;`, `&#34;`, `&apos;`, `%22`, "\u201c", "\u00ab", "\u201e", `"`, `'`, "`"}

func quoteAt(text string, p int) string {
	if p >= len(text) {
		return ""
	}
	switch text[p] {
	case '"', '\'', '`', '\\', '&', '%', 0xE2, 0xC2:
		for _, q := range quotes {
			if strings.HasPrefix(text[p:], q) {
				return q
			}
		}
	}
	return ""
}

func quoteBefore(text string, p int) string {
	if p == 0 {
		return ""
	}
	switch text[p-1] {
	case '"', '\'', '`', ';', '2', 0x9c, 0x9e, 0xab:
		for _, q := range quotes {
			if strings.HasSuffix(text[:p], q) {
				return q
			}
		}
	}
	return ""
}

// closing finds the quote that ends what began at from. A doubled quote and one behind a backslash are part of it.
func closing(text string, from, end int, q string) int {
	switch q {
	case "\u201c", "\u201e":
		for _, c := range [...]string{"\u201d", "\u201c"} {
			if i := strings.Index(text[from:end], c); i >= 0 {
				return from + i
			}
		}
		return -1
	case "\u00ab":
		q = "\u00bb"
	}
	for i := from; i < end; i++ {
		if q[0] == '\\' && text[i] == '\\' {
			n := 1
			for i+n < end && text[i+n] == '\\' {
				n++
			}
			if n == len(q)-1 && i+n < end && text[i+n] == q[n] {
				return i
			}
			i += n // what is quoted once more is part of the value
			continue
		}
		switch {
		case strings.HasPrefix(text[i:end], q):
			if len(q) == 1 && i+1 < end && text[i+1] == q[0] && i > from {
				i++ // doubled
				continue
			}
			return i
		case text[i] == '\\' && len(q) == 1:
			i++
		case text[i] == '\n' && len(q) > 1:
			return -1
		}
	}
	return -1
}

// unquoted finds the end of a value without quotes.
func (s *scanner) unquoted(span Span, p int, lead, spaced bool, st Strength) int {
	text, end := s.text, s.lineEnd
	// What the pair stands in ends the value: an element, a quoted text, a query, a list of parameters.
	switch i := span.NameStart - 1; {
	case i >= 0 && (text[i] == '?' || text[i] == '&' || strings.HasSuffix(text[:i+1], "%26") || strings.HasSuffix(text[:i+1], "&amp;")):
		return p + cutAny(text[p:end], "&; \t\"'<>#)", "%26", "%22")
	case i >= 0 && text[i] == ';' && !strings.HasSuffix(text[:i+1], "&lt;") && !strings.HasSuffix(text[:i+1], "&quot;"):
		stop := ";\"<"
		if strings.Contains(strings.ToLower(span.Name), "sess") {
			stop = ";\"'<>?&# \t"
		}
		return s.trimmed(p, p+cutAny(text[p:end], stop))
	}
	if q := s.openQuote(span.NameStart); q != "" {
		if i := strings.Index(text[p:end], q); i >= 0 {
			end = p + i
		}
		if i := indexAny(text[p:end], `\r`, `\n`); i >= 0 && len(q) > 0 {
			end = p + i
		}
	}
	if !lead || st != Sure {
		if i := strings.Index(text[p:end], "</"); i >= 0 {
			end = p + i
		}
		if i := strings.Index(text[p:end], "&lt;"); i >= 0 {
			end = p + i
		}
	}
	if lead {
		// The rest of the line, but for a further pair whose key is known.
		return s.beforePair(p, end, spaced || st == Sure)
	}
	if !spaced {
		stop := p + cutAny(text[p:end], " \t")
		if i := strings.IndexAny(text[p:stop], ",|;&"); i >= 0 && s.pairAt(p+i+1, stop) {
			stop = p + i
		}
		return s.trimmed(p, stop)
	}
	stop := s.beforePair(p, end, false)
	for i := p; i+1 < stop; i++ {
		if (text[i] == ',' || text[i] == ';') && (text[i+1] == ' ' || text[i+1] == '\t') {
			stop = i
			break
		}
	}
	return s.trimmed(p, stop)
}

// beforePair finds where in [p, end) another pair begins behind a blank: with known, only one whose name the table has, or that is a secret
// itself.
func (s *scanner) beforePair(p, end int, known bool) int {
	text := s.text
	for i := p; i < end; i++ {
		if text[i] != ' ' && text[i] != '\t' {
			continue
		}
		j := i + 1
		if j >= end || !letter(text[j]) {
			continue
		}
		k := s.wordEnd(j)
		if k >= end || !s.pairAt(j, end) {
			continue
		}
		if known {
			is := false
			if s.keys != nil {
				_, is = s.keys.Key(text[j:k])
			}
			if !is && s.strength(text[j:k]) == None {
				continue
			}
		}
		return i
	}
	return end
}

// pairAt reports whether a name and a separator stand at p.
func (s *scanner) pairAt(p, end int) bool {
	text := s.text
	if p >= end || !letter(text[p]) {
		return false
	}
	k := min(s.wordEnd(p), end)
	for k < end && (text[k] == '"' || text[k] == '\'') {
		k++
	}
	if k < end && (text[k] == '=' || text[k] == ':' && (k+1 == end || text[k+1] == ' ' || text[k+1] == '"')) {
		return true
	}
	return k+1 < end && text[k] == ' ' && (text[k+1] == '=' || text[k+1] == ':')
}

// trimmed takes away what ends a list, a sentence or a bracket rather than a value.
func (s *scanner) trimmed(from, to int) int {
	text := s.text
	for to > from {
		switch c := text[to-1]; {
		case c == ',' || c == ';' || c == ' ' || c == '\t':
		case c == ')' && !strings.Contains(text[from:to], "("),
			c == ']' && !strings.Contains(text[from:to], "["),
			c == '}' && !strings.Contains(text[from:to], "{"),
			c == '>' && !strings.Contains(text[from:to], "<"):
			open := strings.IndexByte(")(][}{><", c)
			if strings.LastIndexByte(text[s.lineStart:from], ")(][}{><"[open+1]) < 0 {
				return to
			}
		default:
			return to
		}
		to--
	}
	return to
}

// openQuote returns the quote that was opened in the line before p and not closed.
func (s *scanner) openQuote(p int) string {
	part := s.text[max(s.lineStart, p-maxTag):p]
	for _, q := range [...]string{`"`, `'`} {
		if strings.Count(part, q)%2 == 1 &&
			(q == `"` || strings.Contains(part, " '") || strings.Contains(part, "='") || strings.Contains(part, "('")) {
			return q
		}
	}
	return ""
}

// word1 is the end of the word that begins at p, or of the quoted text without its quotes.
func (s *scanner) word1(p int) int {
	s.line(p)
	if q := quoteAt(s.text, p); q != "" {
		if to := closing(s.text, p+len(q), s.lineEnd, q); to >= 0 {
			return to + len(q)
		}
		return s.lineEnd
	}
	return p + cutAny(s.text[p:s.lineEnd], " \t")
}

// cell is the end of a cell that a sign ends.
func (s *scanner) cell(p int, sep byte) int {
	if i := strings.IndexByte(s.text[p:s.lineEnd], sep); i >= 0 {
		return p + i
	}
	return s.lineEnd
}

// bracketed takes what stands between brackets: password(...), value : [...].
func (s *scanner) bracketed(span Span, p int, st Strength) int {
	text := s.text
	shut := byte(']')
	if text[p] == '(' {
		shut = ')'
	}
	inner := p + 1
	if q := quoteAt(text, inner); q != "" {
		if to := closing(text, inner+len(q), s.lineEnd, q); to >= 0 {
			return s.take(span, inner+len(q), to, st)
		}
	}
	to := strings.IndexByte(text[inner:s.lineEnd], shut)
	if to < 0 {
		return 0
	}
	// A bracket inside the value: the last one before the line ends or goes on with a comma or a blank.
	for k := inner + to + 1; k < s.lineEnd && strings.IndexByte(" \t,;.)", text[k]) < 0; {
		next := strings.IndexByte(text[k:s.lineEnd], shut)
		if next < 0 {
			break
		}
		to = k + next - inner
		k += next + 1
	}
	if text[p] == '(' && st == Weak {
		return 0
	}
	return s.take(span, inner, inner+to, st)
}

// nextLines takes a value that stands below its name: a folded header, a YAML block, a line that a backslash goes on with.
func (s *scanner) nextLines(span Span, st Strength, lead bool) int {
	text := s.text
	if !lead {
		return 0
	}
	indent := indentOf(text[s.lineStart:s.lineEnd])
	from, to := -1, -1
	at := s.lineEnd
	for range maxFolded {
		start, end, ok := s.lineAfter(at)
		if !ok {
			break
		}
		body := strings.TrimSpace(text[start:end])
		if body == "" && from >= 0 {
			at = end
			continue
		}
		if body == "" || indentOf(text[start:end]) <= indent ||
			from < 0 && (s.pairAt(start+indentOf(text[start:end]), end) || body[0] == '-' && len(body) > 1 && body[1] == ' ') {
			break
		}
		if from < 0 {
			from = start + indentOf(text[start:end])
		}
		to, at = end, end
	}
	if from < 0 {
		return 0
	}
	if q := quoteAt(text, from); q != "" && strings.HasSuffix(text[from+len(q):to], q) {
		from, to = from+len(q), to-len(q)
	}
	return s.take(span, from, to, st)
}

// continued takes the lines that a backslash joins to a value that was taken.
func (s *scanner) continued(span Span) int {
	text := s.text
	next := s.lineEnd
	for at := s.lineEnd; at < len(text); {
		start, end, ok := s.lineAfter(at)
		if !ok {
			break
		}
		from := start + indentOf(text[start:end])
		to := end
		more := oddBackslashes(text[from:to])
		if more {
			to--
		}
		next = max(next, s.add(s.at(span, from, to)))
		at = end
		if !more {
			break
		}
	}
	return next
}

func (s *scanner) lineAfter(end int) (start, stop int, ok bool) {
	i := strings.IndexByte(s.text[end:], '\n')
	if i < 0 || end+i+1 >= len(s.text) {
		return 0, 0, false
	}
	start = end + i + 1
	stop = len(s.text)
	if j := strings.IndexByte(s.text[start:], '\n'); j >= 0 {
		stop = start + j
	}
	if stop > start && s.text[stop-1] == '\r' {
		stop--
	}
	return start, stop, true
}

func indentOf(line string) int {
	n := 0
	for n < len(line) && (line[n] == ' ' || line[n] == '\t') {
		n++
	}
	return n
}

func oddBackslashes(s string) bool {
	n := 0
	for n < len(s) && s[len(s)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// cutAny is where the first of some bytes, or of some longer texts, stands in s; its length when none does.
func cutAny(s, bytes string, longer ...string) int {
	n := len(s)
	if i := strings.IndexAny(s, bytes); i >= 0 {
		n = i
	}
	if i := indexAny(s[:n], longer...); i >= 0 {
		n = i
	}
	return n
}

func indexAny(s string, texts ...string) int {
	best := -1
	for _, t := range texts {
		if i := strings.Index(s, t); i >= 0 && (best < 0 || i < best) {
			best = i
		}
	}
	return best
}

func plainScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !letter(c) && !digit(c) && c != '-' {
			return false
		}
	}
	return s != ""
}

// tagAt returns where the tag begins that p stands in, counted from 1, or 0.
func (s *scanner) tagAt(p int) int {
	text := s.text
	for i := p - 1; i >= 0 && p-i < maxTag; i-- {
		switch text[i] {
		case '<':
			if i+1 < len(text) && (letter(text[i+1]) || text[i+1] == '_') {
				return i + 1
			}
			return 0
		case '>':
			if i == 0 || text[i-1] != '-' && text[i-1] != '=' {
				return 0
			}
		}
	}
	return 0
}

// tagEnd returns the place behind the > of a tag, and whether the tag is empty.
func (s *scanner) tagEnd(p int) (end int, void bool) {
	text := s.text
	quote := byte(0)
	for i := p; i < len(text) && i-p < maxTag; i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1, text[i-1] == '/'
		case c == '<':
			return 0, false
		}
	}
	return 0, false
}

// element takes the text of an element by its name.
func (s *scanner) element(span Span, st Strength) int {
	end, void := s.tagEnd(span.NameEnd)
	switch {
	case end == 0:
		return 0
	case void || span.NameEnd+1 < end:
		next := s.valueAttribute(span, span.NameEnd, end, st)
		if void {
			return next
		}
		return max(next, s.content(span, end, span.Name, st))
	}
	return s.content(span, end, span.Name, st)
}

// inTag takes the value of an element that names a key in an attribute: value="..." or its text.
func (s *scanner) inTag(span Span, p int, st Strength) int {
	end, void := s.tagEnd(p)
	if end == 0 {
		return 0
	}
	if next := s.valueAttribute(span, p, end, st); next > 0 {
		if !void {
			next = max(next, s.content(span, end, s.text[s.tagAt(p):s.wordEnd(s.tagAt(p))], st))
		}
		return next
	}
	if begin := s.tagAt(p) - 1; begin >= 0 {
		if next := s.valueAttribute(span, begin, span.NameStart, st); next > 0 { // <add value="..." key="password"/>
			return next
		}
		if void {
			return 0
		}
		name := s.text[begin+1 : s.wordEnd(begin+1)]
		return s.content(span, end, name, st)
	}
	return 0
}

// valueAttribute takes value="..." from a tag.
func (s *scanner) valueAttribute(span Span, from, to int, st Strength) int {
	tag := s.text[from:to]
	for _, label := range [...]string{"value", "val", "Value", "VALUE", "content", "data"} {
		for at := 0; ; {
			i := strings.Index(tag[at:], label)
			if i < 0 {
				break
			}
			at += i + len(label)
			if at-len(label) > 0 && wordByte(tag[at-len(label)-1]) {
				continue
			}
			rest := strings.TrimLeft(tag[at:], " \t\r\n")
			if !strings.HasPrefix(rest, "=") {
				continue
			}
			rest = strings.TrimLeft(rest[1:], " \t\r\n")
			p := to - len(rest)
			if q := quoteAt(s.text, p); q != "" {
				if shut := closing(s.text, p+len(q), to, q); shut >= 0 {
					return s.take(span, p+len(q), shut, st)
				}
				return s.take(span, p+len(q), to, st)
			}
			return s.take(span, p, p+cutAny(rest, " \t/>"), st)
		}
	}
	return 0
}

// content takes the text from p to the end tag of an element.
func (s *scanner) content(span Span, p int, name string, st Strength) int {
	text := s.text
	end := min(len(text), p+maxValue)
	part := text[p:end]
	to := strings.IndexByte(part, '<')
	if to < 0 {
		to = len(part)
		if i := strings.IndexByte(part, '\n'); i >= 0 {
			to = i
		}
	}
	if strings.TrimSpace(part[:to]) == "" && to < len(part) {
		cdata := "<![CDATA["
		if !strings.HasPrefix(part[to:], cdata) {
			return 0 // elements of its own
		}
		to += len(cdata)
		shut := strings.Index(part[to:], "]]>")
		if shut < 0 {
			shut = len(part) - to
		}
		return s.take(span, p+to, p+to+shut, st)
	}
	if !strings.HasPrefix(part[to:], "</") { // a < that was not escaped, or a comment
		if i := closeTag(part, name); i >= 0 {
			to = i
		}
	} else if i := closeTag(part, name); i > to && i < to+200 && !strings.HasPrefix(part[to:], "</"+name) &&
		strings.IndexByte(part[to+2:i], '\n') < 0 && !strings.Contains(part[to+2:i], "><") {
		to = i
	}
	return s.take(span, p, p+to, st)
}

// closeTag finds the end tag of a local name.
func closeTag(part, name string) int {
	for at := 0; ; {
		i := strings.Index(part[at:], "</")
		if i < 0 {
			return -1
		}
		rest := part[at+i+2:]
		if j := strings.IndexAny(rest, ":> "); j >= 0 && rest[j] == ':' && j < 40 {
			rest = rest[j+1:]
		}
		if strings.HasPrefix(rest, name) {
			return at + i
		}
		at += i + 2
	}
}

// labels are the names of the field that holds what another field names.
func valueLabel(s string) bool {
	switch strings.ToLower(s) {
	case "value", "val", "paramvalue", "string", "text", "data", "content", "default", "defaultvalue", "currentvalue", "newvalue", "v":
		return true
	}
	return false
}

// valueElement takes the element behind one that holds a name: <name>x</name><value>y</value>, <key>x</key><string>y</string>.
func (s *scanner) valueElement(span Span, p int, st Strength) int {
	text := s.text
	for range 3 { // fields may stand between
		shut := strings.IndexByte(text[p:min(len(text), p+maxTag)], '>')
		if shut < 0 {
			return 0
		}
		p += shut + 1
		for p < len(text) && strings.IndexByte(" \t\r\n", text[p]) >= 0 {
			p++
		}
		if p+1 >= len(text) || text[p] != '<' || !letter(text[p+1]) {
			return 0
		}
		nameEnd := s.wordEnd(p + 1)
		name := text[p+1 : nameEnd]
		if nameEnd < len(text) && text[nameEnd] == ':' {
			start := nameEnd + 1
			nameEnd = s.wordEnd(start)
			name = text[start:nameEnd]
		}
		end, void := s.tagEnd(nameEnd)
		if end == 0 || void {
			return 0
		}
		if valueLabel(name) {
			return s.content(span, end, name, st)
		}
		next := strings.IndexByte(text[end:min(len(text), end+maxTag)], '<')
		if next < 0 || !strings.HasPrefix(text[end+next:], "</") {
			return 0
		}
		p = end + next
	}
	return 0
}

// otherField takes the field behind one that holds a name: "name": "x", "value": "y", also on the next line.
func (s *scanner) otherField(span Span, p int, st Strength) int {
	text := s.text
	end := min(len(text), p+300)
	for range 3 {
		for p < end && strings.IndexByte(" \t\r\n,;|", text[p]) >= 0 {
			p++
		}
		q := quoteAt(text, p)
		from := p + len(q)
		to := s.wordEnd(from)
		if to == from || to >= end || q != "" && !strings.HasPrefix(text[to:], q) {
			return 0
		}
		name := text[from:to]
		p = to + len(q)
		for p < end && text[p] == ' ' {
			p++
		}
		n := separator(text[p:end])
		if n == 0 {
			return 0
		}
		p += n
		for p < end && text[p] == ' ' {
			p++
		}
		q = quoteAt(text, p)
		from = p + len(q)
		if valueLabel(name) {
			s.line(from)
			if q != "" {
				if to := closing(text, from, min(len(text), from+maxValue), q); to >= 0 {
					return s.take(span, from, to, st)
				}
				return s.take(span, from, s.lineEnd, st)
			}
			if p < len(text) && text[p] == '[' {
				return s.bracketed(span, p, st)
			}
			return s.take(span, from, from+cutAny(text[from:s.lineEnd], ",}] \t"), st)
		}
		if q == "" {
			return 0
		}
		if to = closing(text, from, end, q); to < 0 {
			return 0
		}
		p = to + len(q)
	}
	return 0
}

// userInfo looks at the text in front of an @ for user and password: scheme://user:password@host, user:password@host.
func (s *scanner) userInfo(at int) {
	text := s.text
	s.line(at)
	from := at
	for from > s.lineStart && from > s.end && at-from < 300 && strings.IndexByte(" \t\"'<>`|", text[from-1]) < 0 {
		from--
	}
	part := text[from:at]
	scheme := false
	if i := strings.LastIndex(part, "://"); i >= 0 {
		part, scheme = part[i+3:], true
	} else {
		for _, p := range [...]string{"sips:", "sip:", "xmpp:", "im:", "pres:"} {
			if i := strings.LastIndex(strings.ToLower(part), p); i >= 0 && (i == 0 || !wordByte(part[i-1])) {
				part, scheme = part[i+len(p):], true
				break
			}
		}
	}
	if at+1 >= len(text) || !wordByte(text[at+1]) && text[at+1] != '[' && text[at+1] != '%' {
		if !scheme {
			return
		}
	}
	colon := strings.IndexByte(part, ':')
	if colon < 0 || colon+1 == len(part) {
		return
	}
	// The user begins behind the last sign that no name has.
	user := part[:colon]
	if i := strings.LastIndexAny(user, "=,;|(){}[]!&?"); i >= 0 {
		user = user[i+1:]
	}
	password := part[colon+1:]
	if user == "" && !scheme || strings.IndexByte(user, '@') >= 0 || strings.IndexByte(user, '/') >= 0 {
		return
	}
	if n := strings.IndexAny(password, "/?#"); n >= 0 && strings.Trim(password[:n], "0123456789") == "" {
		return // a port and a path
	}
	if !scheme && (fieldLabel(user) || strings.Trim(user, "0123456789.-") == "" || password[0] == '\\' ||
		len(user) == 1 && password[0] == '/') {
		return
	}
	// A further @ belongs to the password: the last one in front of the host counts.
	end := at
	if scheme {
		rest := text[at+1 : s.lineEnd]
		rest = rest[:cutAny(rest, " \t/?#\"'<>;,`")]
		if i := strings.LastIndexByte(rest, '@'); i >= 0 {
			end = at + 1 + i
		}
	}
	start := at - len(password)
	if v := text[start:end]; variable(v) || v == Redacted {
		return
	}
	s.add(Span{Start: start, End: end, Name: inUserInfo, Inside: true})
}

// fieldLabel reports words that name an address rather than log in at one: "user:alice@host".
func fieldLabel(s string) bool {
	switch strings.ToLower(strings.TrimRight(s[strings.LastIndexAny(s, ".-_")+1:], "0123456789")) {
	case "user", "username", "userid", "uid", "usr", "account", "acct", "login", "logon", "to", "from", "cc", "bcc", "mail", "email", "e-mail",
		"upn", "dn", "bind",
		"binddn", "id", "name", "contact", "address", "addr", "uri", "url", "for", "by", "jid", "sip", "sips", "tel", "mailto", "xmpp", "im",
		"pres", "smtp", "imap",
		"ldap", "ldaps", "http", "https", "ftp", "ssh", "principal", "identity", "peer", "host", "target", "sender", "recipient", "reply", "path",
		"via", "route",
		"callid", "subject", "ticket", "owner", "admin", "contacturi", "presentity", "watcher", "buddy", "resource", "domain", "realm", "line",
		"aor", "pai", "ppi", "at",
		"with", "as", "is", "member", "person", "benutzer", "konto", "an", "von", "re", "aw", "fwd", "proxyaddresses", "x", "note", "error",
		"info", "warn", "debug", "session":
		return true
	}
	return false
}

// option takes the value of an option of a command line.
func (s *scanner) option(start, from, end int) int {
	text := s.text
	s.line(start)
	name := text[from:end]
	span := Span{Name: inCommand + " " + text[start:end], NameStart: start, NameEnd: end, Inside: true}
	st := None
	if len(name) > 2 || from-start > 1 || name == "pw" {
		st = s.strength(name)
	}
	attached := 0
	if st == None {
		if attached = s.shortOption(start, from, end); attached == 0 {
			return end
		}
		if attached < end {
			span.NameEnd = attached
			span.Name = inCommand + " " + text[start:attached]
			return s.userPart(span, attached, s.word1(attached))
		}
		st = Strong
	}
	p := end
	if p < s.lineEnd && (text[p] == '=' || text[p] == ':') {
		p++
	} else {
		for p < s.lineEnd && (text[p] == ' ' || text[p] == '\t') {
			p++
		}
		if p == end && quoteAt(text, p) == "" || p < s.lineEnd && text[p] == '-' && attached == 0 {
			return end
		}
	}
	from2, to := p, s.word1(p)
	if q := quoteAt(text, p); q != "" {
		from2 += len(q)
		if strings.HasSuffix(text[from2:to], q) {
			to -= len(q)
		}
	} else {
		to = s.trimmed(from2, to)
	}
	if attached > 0 {
		return max(end, s.userPart(span, from2, to))
	}
	return max(end, s.take(span, from2, to, st))
}

// userPart takes a value, or of user:password and user%password the password.
func (s *scanner) userPart(span Span, from, to int) int {
	text := s.text
	if strings.HasSuffix(span.Name, "-u") || strings.HasSuffix(span.Name, "-U") || strings.HasSuffix(span.Name, "user") {
		i := strings.IndexAny(text[from:to], ":%")
		if i < 0 {
			return to
		}
		from += i + 1
	}
	if !Value(text[from:to], Strong) {
		return to
	}
	return s.add(s.at(span, from, to))
}

// commands are the programs whose short options take a password.
var commands = [...]struct{ program, options string }{
	{"ldapsearch", "-w"}, {"ldapmodify", "-w"}, {"ldapadd", "-w"}, {"ldapdelete", "-w"}, {"ldapwhoami", "-w"}, {"ldapcompare", "-w"},
	{"ldappasswd", "-w -s -a"},
	{"ldapbind", "-w"}, {"ldapmodrdn", "-w"}, {"dsconf", "-w"}, {"dsidm", "-w"}, {"curl", "-u --user --proxy-user -U"}, {"wget", "--user"},
	{"mysql", "-p"}, {"mysqldump", "-p"},
	{"sshpass", "-p"}, {"plink", "-pw"}, {"pscp", "-pw"}, {"psftp", "-pw"}, {"psexec", "-p"}, {"smbclient", "-U"}, {"rpcclient", "-U"},
	{"smbget", "-U"}, {"net", "-U"}, {"ldp", "-w"},
	{"dsquery", "-p"}, {"dsget", "-p"}, {"dsmod", "-p"}, {"schtasks", "-rp"}, {"sqlcmd", "-P"}, {"osql", "-P"}, {"bcp", "-P"}, {"isql", "-P"},
	{"dbaccess", "-p"},
	{"keytool", "-storepass -keypass"}, {"openssl", "-passin -passout -pass -k"}, {"kinit", "-w"}, {"sipp", "-ap"}, {"sipsak", "-a"},
	{"swaks", "-ap"}, {"mosquitto_pub", "-P"},
	{"snmpwalk", "-A -X -c"}, {"snmpget", "-A -X -c"}, {"zip", "-P"}, {"unzip", "-P"}, {"7z", "-p"}, {"docker", "-p"}, {"mongo", "-p"},
	{"redis-cli", "-a"}, {"ipmitool", "-P"},
	{"htpasswd", "-b"}, {"vncviewer", "-passwd"}, {"xfreerdp", "-p"}, {"rdesktop", "-p"}, {"httpie", "-a"}, {"http", "-a"},
}

// shortOption returns where the value of a short option that is a password begins: end for the next word, less than end when it is
// attached.
func (s *scanner) shortOption(start, from, end int) int {
	if end == from {
		return 0
	}
	line := strings.ToLower(s.text[max(s.lineStart, start-maxTag):start])
	option := s.text[start:end]
	for _, c := range commands {
		i := strings.Index(line, c.program)
		if i < 0 || i > 0 && wordByte(line[i-1]) && line[i-1] != '.' ||
			i+len(c.program) < len(line) && strings.IndexByte(" .\t\"'", line[i+len(c.program)]) < 0 {
			continue
		}
		for o := range strings.FieldsSeq(c.options) {
			switch {
			case option == o:
				return end
			case len(o) == 2 && len(option) > 4 && strings.HasPrefix(option, o) && option[1] != '-':
				return start + 2
			}
		}
	}
	return 0
}

// header reports names of headers whose values log in.
func header(name string) bool {
	switch len(name) {
	case 6, 7, 10, 12, 13, 19, 20:
		switch strings.ToLower(name) {
		case "cookie", "cookie2", "set-cookie", "set-cookie2", "authorization", "proxy-authorization", "x-authorization", "x-auth-token":
			return true
		}
	}
	return false
}

// header takes what a header holds, in its line and in those it is folded over.
func (s *scanner) header(start, end int) int {
	text := s.text
	s.line(start)
	p := end
	if q := quoteBefore(text, start); q != "" && strings.HasPrefix(text[p:], q) {
		p += len(q)
	}
	for p < s.lineEnd && text[p] == ' ' {
		p++
	}
	n := separator(text[p:s.lineEnd])
	if n == 0 {
		return 0
	}
	p += n
	stop := s.lineEnd
	if s.leads(start) || strings.TrimSpace(text[p:s.lineEnd]) == "" {
		for range maxFolded {
			from, to, ok := s.lineAfter(stop)
			if !ok || indentOf(text[from:to]) == 0 || strings.TrimSpace(text[from:to]) == "" {
				break
			}
			stop = to
		}
	}
	for p < stop && strings.IndexByte(" \t\r\n", text[p]) >= 0 {
		p++
	}
	quoted := false
	if q := quoteAt(text, p); q != "" {
		if to := closing(text, p+len(q), stop, q); to >= 0 {
			p, stop, quoted = p+len(q), to, true
		}
	}
	span := Span{Name: text[start:end], NameStart: start, NameEnd: end, Inside: true}
	if strings.Contains(strings.ToLower(span.Name), "cookie") {
		return s.cookies(span, p, stop)
	}
	if next := s.inAuth(span, p, stop); next > 0 {
		return next
	}
	if to := p + cutAny(text[p:stop], " \t\r\n,"); !quoted && madeUp(text[p:to]) || quoted && madeUp(text[p:stop]) {
		if quoted {
			to = stop
		}
		return s.add(s.at(span, p, to))
	}
	return 0
}

// inAuth takes the credentials of an Authorization header: the token of a scheme, or of Digest the response. It returns 0 when it is none.
func (s *scanner) inAuth(span Span, p, stop int) int {
	text := s.text
	end := p
	for end < stop && (letter(text[end]) || digit(text[end]) || text[end] == '-') {
		end++
	}
	if end == p || end >= stop || strings.IndexByte(" \t\r\n", text[end]) < 0 {
		return 0
	}
	scheme := strings.ToLower(text[p:end])
	switch scheme {
	case "basic", "bearer", "ntlm", "negotiate", "kerberos", "token", "apikey", "hoba", "mutual", "vapid", "scram-sha-1", "scram-sha-256",
		"pop":
		for end < stop && strings.IndexByte(" \t\r\n", text[end]) >= 0 {
			end++
		}
		to := end + cutAny(text[end:stop], " \t\r\n,\"'")
		if to-end < 4 || strings.EqualFold(text[end:min(stop, end+6)], "realm=") || !Value(text[end:to], Strong) {
			return 0
		}
		span.Inside = true
		return s.add(s.at(span, end, to))
	case "digest":
		next := 0
		part := text[end:stop]
		for at := 0; ; {
			i := strings.Index(strings.ToLower(part[at:]), "response")
			if i < 0 {
				break
			}
			at += i + len("response")
			span.Inside = true
			next = max(next, s.response(span, end+at, stop))
		}
		return max(next, stop)
	}
	return 0
}

// response takes what stands behind the word response.
func (s *scanner) response(span Span, p, stop int) int {
	text := s.text
	for p < stop && strings.IndexByte(" \t", text[p]) >= 0 {
		p++
	}
	if p >= stop || text[p] != '=' {
		return 0
	}
	p++
	for p < stop && strings.IndexByte(" \t", text[p]) >= 0 {
		p++
	}
	q := quoteAt(text, p)
	p += len(q)
	to := p + cutAny(text[p:stop], ", \t\r\n\"'\\&")
	if to == p {
		return 0
	}
	return s.add(s.at(span, p, to))
}

// digestResponse takes the response of a digest that stands without its header: hexadecimal digits, with a nonce near.
func (s *scanner) digestResponse(end int) int {
	text := s.text
	s.line(end)
	stop := min(len(text), end+300)
	p := end
	for p < stop && strings.IndexByte("= \t\"'\\:", text[p]) >= 0 {
		p++
	}
	to := p
	for to < stop && (digit(text[to]) || text[to]|0x20 >= 'a' && text[to]|0x20 <= 'f') {
		to++
	}
	if n := to - p; p == end || n < 32 || n > 128 {
		return end
	}
	return s.add(Span{Start: p, End: to, Name: inHeader, NameStart: end - len("response"), NameEnd: end, Inside: true})
}

// cookies takes the values of all cookies, and leaves the attributes of a cookie.
func (s *scanner) cookies(span Span, p, stop int) int {
	text := s.text
	next := stop
	for p < stop {
		end := p + cutAny(text[p:stop], ";\n")
		if eq := strings.IndexByte(text[p:end], '='); eq >= 0 {
			name := strings.ToLower(strings.TrimSpace(text[p : p+eq]))
			from := p + eq + 1
			to := end
			switch name {
			case "path", "domain", "expires", "max-age", "samesite", "version", "comment", "secure", "httponly", "$path", "$domain", "$version",
				"priority", "port", "lang", "language", "locale":
			default:
				for to > from && strings.IndexByte(" \t\r\"'", text[to-1]) >= 0 {
					to--
				}
				for from < to && strings.IndexByte(" \t\"'", text[from]) >= 0 {
					from++
				}
				if i := strings.IndexAny(text[from:to], " \t"); i > 0 && !s.pairAt(from+i+1, to) {
					to = from + i
				}
				if to-from >= 4 && !words().states[strings.ToLower(text[from:to])] {
					one := span
					one.Name = span.Name + " " + strings.TrimSpace(text[p:p+eq])
					s.add(s.at(one, from, to))
				}
			}
		}
		p = end + 1
	}
	return next
}

// scheme takes the token behind a word that names a way to log in, wherever it stands, and tokens that tell what they are.
func (s *scanner) scheme(start, end int) int {
	text := s.text
	word := text[start:end]
	if strings.HasPrefix(word, "eyJ") && strings.Count(word, ".") == 2 && len(word) > 40 {
		return s.add(Span{Start: start, End: end, Name: "token", Inside: true})
	}
	if strings.HasPrefix(word, "TlRMTVNTUA") {
		return s.token(start, end)
	}
	if end >= len(text) || text[end] != ' ' {
		return 0
	}
	from := end + 1
	to := from
	for to < len(text) && (letter(text[to]) || digit(text[to]) || strings.IndexByte("+/=_-.~", text[to]) >= 0) {
		to++
	}
	token := text[from:to]
	span := Span{Name: word, NameStart: start, NameEnd: end, Inside: true}
	switch {
	case len(token) < 6:
	case strings.EqualFold(word, "basic"):
		if b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(token, "=")); err == nil && strings.IndexByte(string(b), ':') >= 0 {
			return s.add(s.at(span, from, to))
		}
	case strings.EqualFold(word, "bearer"):
		if len(token) >= 16 && mixed(token) || strings.Count(token, ".") == 2 && len(token) > 30 {
			return s.add(s.at(span, from, to))
		}
	case strings.EqualFold(word, "ntlm"), strings.EqualFold(word, "negotiate"), strings.EqualFold(word, "kerberos"):
		if len(token) >= 16 && (strings.HasPrefix(token, "TlRM") || strings.HasPrefix(token, "YI") || strings.HasPrefix(token, "oY")) {
			return s.add(s.at(span, from, to))
		}
	}
	return 0
}

// token looks at a word longer than any name: a token that tells what it is.
func (s *scanner) token(start, end int) int {
	text := s.text
	if strings.HasPrefix(text[start:end], "eyJ") && strings.Count(text[start:end], ".") >= 2 {
		return s.add(Span{Start: start, End: end, Name: "token", Inside: true})
	}
	if strings.HasPrefix(text[start:end], "TlRMTVNTUA") {
		for end < len(text) && (wordByte(text[end]) && text[end] < utf8.RuneSelf || strings.IndexByte("+/=", text[end]) >= 0) {
			end++
		}
		return s.add(Span{Start: start, End: end, Name: "NTLM", Inside: true})
	}
	return end
}

// pem takes the body of a private key.
func (s *scanner) pem(start, end int) int {
	text := s.text
	const begin = "-----BEGIN "
	if !strings.HasPrefix(text[start:], begin) {
		return end
	}
	head := strings.IndexByte(text[start+len(begin):min(len(text), start+100)], '-')
	if head < 0 || !strings.HasSuffix(text[start:start+len(begin)+head], "PRIVATE KEY") {
		return end
	}
	from := start + len(begin) + head + len("-----")
	if from > len(text) {
		return end
	}
	to := strings.Index(text[from:], "-----END")
	if to < 0 {
		to = len(text) - from
	}
	return s.add(Span{Start: from + indentOf2(text[from:from+to]), End: from + to, Name: inKey, Inside: true})
}

func indentOf2(s string) int { return len(s) - len(strings.TrimLeft(s, " \t\r\n")) }

// sentence takes the word that prose says is the secret: "the password is X", "Kennwort lautet X", "with password 'X'".
func (s *scanner) sentence(span Span, p int, st Strength) int {
	text := s.text
	if st == Weak {
		return 0
	}
	lower := strings.ToLower(text[span.NameStart:span.NameEnd])
	if strings.ContainsAny(lower, "._") && st != Sure {
		return 0
	}
	before := strings.ToLower(strings.TrimSpace(text[max(s.lineStart, span.NameStart-40):span.NameStart]))
	at := p
	var last, first string
	for n := 0; n < 6 && at < s.lineEnd; n++ {
		end := at + cutAny(text[at:s.lineEnd], " \t")
		word := text[at:end]
		lowered := strings.ToLower(strings.TrimRight(word, ","))
		next := end
		for next < s.lineEnd && (text[next] == ' ' || text[next] == '\t') {
			next++
		}
		copula := false
		switch lowered {
		case "is", "was", "are", "equals", "ist", "lautet", "lautete", "war", "heißt", "heisst", "est", "era", "es", "é", "è", "becomes", "reads",
			"now", "jetzt", "=", ":":
			copula = true
		case "to", "auf", "zu", "en", "à", "a":
			copula = changes(last) || changes(lastWord(before)) || changes(firstOf(before))
		}
		if copula {
			for {
				end = next + cutAny(text[next:s.lineEnd], " \t")
				filler := strings.ToLower(text[next:end])
				if filler != "now" && filler != "jetzt" && filler != "still" && filler != "noch" && filler != ":" && filler != "=" {
					break
				}
				next = end
				for next < s.lineEnd && text[next] == ' ' {
					next++
				}
			}
			return s.spoken(span, next, lower)
		}
		if n == 0 {
			if next2 := s.direct(span, at, end, before); next2 > 0 {
				return next2
			}
		}
		if strings.ContainsAny(word, ".:;=!?") {
			if c := word[len(word)-1]; (c == ':' || c == '=') && whose(first) { // "password for alice: X"
				return s.spoken(span, next, lower)
			}
			return 0
		}
		if n == 0 {
			first = lowered
		}
		last = lowered
		at = next
	}
	return 0
}

func whose(word string) bool {
	switch word {
	case "for", "of", "von", "vom", "für", "fuer", "des", "der", "de", "du", "pour", "para", "di", "per", "voor", "zu":
		return true
	}
	return false
}

func changes(word string) bool {
	switch word {
	case "changed", "change", "set", "reset", "updated", "update", "modified", "switched", "geändert", "ändern", "gesetzt", "wurde",
		"zurückgesetzt", "changer", "changé", "cambiar":
		return true
	}
	return false
}

func lastWord(s string) string {
	s = strings.TrimRight(s, " ")
	return s[strings.LastIndexByte(s, ' ')+1:]
}

// firstOf is the last word but one: "set the password to".
func firstOf(s string) string {
	s = strings.TrimRight(s, " ")
	if i := strings.LastIndexByte(s, ' '); i >= 0 {
		return lastWord(s[:i])
	}
	return ""
}

// spoken takes the word at p as the secret of a sentence.
func (s *scanner) spoken(span Span, p int, name string) int {
	text := s.text
	if p >= s.lineEnd {
		return 0
	}
	if q := quoteAt(text, p); q != "" {
		if to := closing(text, p+len(q), s.lineEnd, q); to > p+len(q) && Value(text[p+len(q):to], Strong) {
			return s.add(s.at(span, p+len(q), to))
		}
		return 0
	}
	end := p + cutAny(text[p:s.lineEnd], " \t")
	to := end
	for to > p && strings.IndexByte(".,;:!?)\"'", text[to-1]) >= 0 {
		to--
	}
	v := text[p:to]
	if v == "" || !Value(v, Strong) || hostLike(v) {
		return 0
	}
	if words().words[name]&joined == 0 && !mixed(v) && strings.Trim(v, "0123456789") != "" {
		return 0 // "the secret of success is practice"
	}
	r, _ := utf8.DecodeRuneInString(v)
	last := strings.TrimSpace(text[to:s.lineEnd]) == "" || text[to] == '.' || text[to] == ',' || text[to] == '!'
	if !mixed(v) && !unicode.IsUpper(r) && !last && strings.ToLower(v) == v && strings.Trim(v, "0123456789") != "" {
		return 0 // a word of the sentence
	}
	return s.add(s.at(span, p, to))
}

// direct takes a word right behind the name: quoted, behind "with", or as a router writes it ("password 7 0822455D0A16").
func (s *scanner) direct(span Span, p, end int, before string) int {
	text := s.text
	if text[p] == '(' || text[p] == '<' {
		return 0
	}
	if q := quoteAt(text, p); q != "" {
		to := closing(text, p+len(q), s.lineEnd, q)
		with := lastWord(before) == "with" || lastWord(before) == "using" || lastWord(before) == "mit" || lastWord(before) == "avec"
		if to > p+len(q) && Value(text[p+len(q):to], Strong) &&
			(with || mixed(text[p+len(q):to]) || strings.IndexByte(text[p+len(q):to], ' ') < 0) {
			return s.add(s.at(span, p+len(q), to))
		}
		return 0
	}
	kind := text[p:end]
	if len(kind) == 1 && digit(kind[0]) && end < s.lineEnd {
		p = end + 1
		end = p + cutAny(text[p:s.lineEnd], " \t")
	} else {
		kind = ""
	}
	to := s.trimmed(p, end)
	for to > p && (text[to-1] == '.' || text[to-1] == ':') {
		to--
	}
	v := text[p:to]
	line := strings.ToLower(strings.TrimSpace(text[s.lineStart:span.NameStart]))
	config := line == "" || line == "enable" || strings.HasPrefix(line, "username ") || strings.HasPrefix(line, "neighbor ") ||
		strings.HasPrefix(line, "set ") ||
		strings.HasPrefix(line, "user ") || strings.HasPrefix(line, "identified ")
	switch lastWord(before) {
	case "with", "using", "mit", "avec", "con", "the", "password:", "by":
		if lastWord(before) != "the" {
			config = true
		}
	}
	if !config || !Value(v, Strong) || !mixed(v) || len(v) < 5 && kind == "" {
		return 0
	}
	return s.add(s.at(span, p, to))
}

// Suspects is a last look at a text that was redacted, with other eyes: it returns places where a name that says "password" is followed in
// its line by something that looks made up and that Find did not take for a secret. The table may be nil.
func Suspects(text string, keys Table) []int {
	s := scanner{text: text, keys: keys}
	var out []int
	for i := 0; i < len(text); {
		c := text[i]
		if !letter(c) && (c < utf8.RuneSelf || !s.wordRune(i)) {
			i++
			continue
		}
		j := s.wordEnd(i)
		name := text[i:j]
		if s.strength(strings.TrimRight(name, ".-")) >= Strong && (i == 0 || text[i-1] != '/') {
			s.line(j)
			if at := s.suspect(j); at > 0 {
				out = append(out, at)
			}
		}
		i = j
	}
	return out
}

// suspect looks behind a name for a sign that a value follows, and right behind that for something made up.
func (s *scanner) suspect(p int) int {
	text := s.text
	sign := false
	for p < s.lineEnd && strings.IndexByte(" \t=:>|,;\"'`([{\\/~#", text[p]) >= 0 {
		sign = sign || strings.IndexByte("=:>|\t", text[p]) >= 0
		p++
	}
	if !sign || p >= s.lineEnd {
		return 0
	}
	end := p + cutAny(text[p:s.lineEnd], " \t\"'<>,;|)]}&")
	v := text[p:end]
	if strings.HasPrefix(v, Redacted) || len(v) < 6 || !mixed(v) || !Value(v, Strong) {
		return 0
	}
	digits, letters := 0, 0
	for i := 0; i < len(v); i++ {
		if digit(v[i]) {
			digits++
		} else if letter(v[i]) {
			letters++
		}
	}
	if digits == 0 || letters == 0 || strings.ContainsAny(v, "=:") {
		return 0
	}
	return p
}

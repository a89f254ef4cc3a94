package secret

import (
	"strings"

	"cupclint/internal/chars"
)

// pair joins the word with the one before it: "session key", "mot de passe".
func (s *scanner) pair(start, end int) (int, Strength) {
	text := s.text
	if start < 2 || strings.IndexByte(" '/", text[start-1]) < 0 || !wordByte(text[start-2]) {
		return start, None
	}
	before := start - 1
	for before > 0 && start-before < 40 && wordByte(text[before-1]) {
		before--
	}
	a, b := strings.ToLower(text[before:start-1]), strings.ToLower(text[start:end])
	return before, pairStrength(a + text[start-1:start] + b)
}

// named looks for the value after a name and returns where to continue, or 0 when there is none.
func (s *scanner) named(start, end int, st Strength) int {
	text := s.text
	s.line(start)
	span := Span{Name: text[start:end], NameStart: start, NameEnd: end}
	before := byte('\n')
	if start > 0 {
		before = text[start-1]
	}
	switch {
	case before == '/' && (start > 1 && text[start-2] == '<' || strings.HasSuffix(text[:start], "&lt;/") ||
		strings.HasSuffix(text[:start], "&amp;lt;/")),
		strings.HasSuffix(text[:start], "%3c%2f"), strings.HasSuffix(text[:start], "%3C%2F"):
		return end // an end tag
	case before == ':' && s.inEndTag(start-1):
		return end
	case before == '/' && end < len(text) && (text[end] == ':' || text[end] == '=') &&
		(start < 2 || text[start-2] != '/' && !wordByte(text[start-2])):
		return s.take(span, end+1, s.word1(end+1), st) // /p:SECRET of Windows programs
	case before == '<' || before == ':' && s.tagAt(start-1) > 0:
		if next := s.element(span, st); next != 0 {
			return next
		}
		return 0
	case before == '>' && strings.HasPrefix(text[end:], "</"):
		if next := max(s.valueElement(span, end, st), s.elementBefore(span, st)); next > 0 {
			return next
		}
		if p := s.afterTag(end); p > 0 { // <b>PIN</b>: X
			return s.pairValue(span, p, false, st)
		}
		return 0
	case (before == '*' || before == '_') && emphasis(text[end:]) > 0:
		return s.pairValue(span, end+emphasis(text[end:]), false, st)
	}
	p := end
	if before == '\\' {
		if next := s.registry(span, p, st); next > 0 {
			return next
		}
	}
	quote := quoteBefore(text, start)
	if quote != "" && strings.HasPrefix(text[p:], quote) {
		p += len(quote)
		if start-len(quote) > 0 && text[start-len(quote)-1] == '=' {
			if tag := s.tagAt(start - len(quote) - 1); tag > 0 {
				return s.inTag(span, p, st) // <property name="Directory.Password" ...
			}
		}
		if next := max(s.otherField(span, p, st), s.fieldBefore(span, p, st)); next > 0 { // {"name": "Directory.Password", "value": ...
			return next
		}
		if next := s.variableDefault(span, p, st); next > 0 {
			return next
		}
		if strings.HasPrefix(text[p:], "] =") || strings.HasPrefix(text[p:], "]=") ||
			strings.HasPrefix(text[p:], ") =") { // conf["password"] = "x", Properties("Password") = "x"
			return s.pairValue(span, p+1, true, st)
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

// pairValue looks for a separator at p and takes what follows it.
func (s *scanner) pairValue(span Span, p int, quoted bool, st Strength) int {
	text := s.text
	s.line(span.NameStart)
	lead := s.leads(span.NameStart)
	at := p
	p += wideIndent(text[p:s.lineEnd])
	blanks := text[at:p]
	spaced := blanks != ""
	rest := text[p:s.lineEnd]
	if strings.HasPrefix(rest, ".:") || strings.HasPrefix(rest, ".=") { // an abbreviation
		p, rest = p+1, rest[1:]
	}
	if key := s.explicitKey(span, rest); key > 0 {
		s.line(key)
		span.NameStart, span.NameEnd = key, key // what is in front of the name in its line says nothing about the value
		return s.value(span, key, true, false, true, st)
	}
	if rest == `\` && lead && spaced { // the sign and the value are in the next line
		return s.continuedSign(span, st)
	}
	if n := required(rest); n > 0 {
		return s.pairValue(span, p+n, quoted, st)
	}
	n := separator(rest)
	switch {
	case n > 0:
		if rest[0] == '>' && s.tagAt(span.NameStart) == 0 && st != Sure {
			return 0 // a sign in prose
		}
		p += n
	case (rest != "" && spaced || rest == "" && strings.Trim(text[s.lineStart:span.NameStart], " \t#*|") != "") && s.headerLine():
		return s.columns()
	case leader(rest, spaced) > 0:
		p += leader(rest, spaced)
	case strings.HasPrefix(rest, "()") && separator(strings.TrimLeft(near(rest[len("()"):]), " ")) > 0: // getPassword() = x
		return s.pairValue(span, p+len("()"), false, st)
	case spaced && labelled(rest) > 0:
		return s.pairValue(span, p+labelled(rest), false, st)
	case rest != "" && strings.IndexByte(",;|", rest[0]) >= 0 && s.labelBefore(span.NameStart):
		return s.otherField(span, p, st)
	case strings.Contains(blanks, "\t"), lead && (len(blanks) >= 2 || quoted && spaced):
		spaced = true // a table that was pasted
	case rest != "" && (rest[0] == '|' || lead && !spaced && (rest[0] == ',' || rest[0] == ';')):
		p++
		return s.take(span, p, s.cell(p, rest[0]), st)
	case rest != "" && !spaced && (rest[0] == '(' || rest[0] == '[') && len(rest) > 1:
		return s.bracketed(span, p, st)
	case rest == "" && s.labelBefore(span.NameStart): // name: Directory.Password, and value: on the next line, or on the one before
		return max(s.otherField(span, p, st), s.fieldBefore(span, p, st))
	case rest == "" && st >= Strong && strings.TrimLeft(text[s.lineStart:span.NameStart], " \t#*") == "":
		return s.belowHeading(span)
	case rest != "" && rest[0] == ',' && (quoted || s.isSetter(span.NameStart)):
		return s.listed(span, p+1, st)
	case rest == "" || quoted && rest[0] != '"':
		return 0
	case strings.HasPrefix(rest, "'s ") && st >= Strong:
		return s.spoken(span, p+len("'s "), strings.ToLower(text[span.NameStart:span.NameEnd]))
	default:
		return s.sentence(span, p, st)
	}
	return s.value(span, p, spaced, quoted, lead, st)
}

// value takes what is after a separator, which ends at p.
func (s *scanner) value(span Span, p int, spaced, quoted, lead bool, st Strength) int {
	text := s.text
	after := p
	for p < s.lineEnd && (text[p] == ' ' || text[p] == '\t') {
		p++
	}
	spaced = spaced || p > after
	if q := quoteBefore(text, span.NameStart); q != "" && !quoted && strings.HasPrefix(text[p:], q) {
		return s.answered(span, p+len(q)) // the quote ends what a prompt is compared with
	}
	if p < s.lineEnd {
		p = s.marks(p) // **Password:** X, in Markdown and HTML
	}
	if p >= s.lineEnd {
		return s.below(span, st, lead)
	}
	if strings.HasPrefix(text[p:s.lineEnd], "&lt;![CDATA[") {
		p += len("&lt;![CDATA[")
	}
	if from, to := s.manyLines(p); to > from {
		return s.take(span, from, to, st)
	}
	if q := quoteAt(text, p); q != "" {
		from := p + len(q)
		to := closing(text, from, min(len(text), from+maxValue), q)
		if to < 0 {
			to = s.lineEnd
		}
		if v := text[from:min(to, len(text))]; Value(v, st) || s.isPIN(span, v) || st >= Strong && phraseWithSecret(v) {
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
		if to := s.braced(span, p); to > 0 {
			return s.take(span, p+1, to, st)
		}
		if end := strings.IndexByte(text[p:s.lineEnd], '}'); end > 1 && plainScheme(text[p+1:p+end]) && p+end+1 < s.lineEnd {
			return s.take(span, p, s.word1(p), st) // {SSHA}...
		} else if end > minRandom && randomWord(text[p+1:p+end]) {
			return s.take(span, p+1, p+end, st)
		}
		return s.object(span, p, st)
	case '[':
		return s.bracketed(span, p, st)
	}
	to := s.unquoted(span, p, lead, spaced, st)
	if sc := s.inAuth(span, p, to); sc > 0 {
		return sc
	}
	if rest := strings.TrimRight(text[p:s.lineEnd], " \t"); lead && to >= p+len(rest) && oddBackslashes(rest) {
		if to = p + len(rest) - 1; p == to {
			return s.continued(span)
		}
		if s.take(span, p, to, st) > 0 {
			return s.continued(span)
		}
		return 0
	}
	if st == Weak {
		if i := strings.LastIndexAny(text[p:to], "/: "); i >= 0 && random(text[p+i+1:to]) {
			p += i + 1 // credentials: user / X
			st = Strong
		}
	}
	return s.take(span, p, to, st)
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
	return ok && len(rule) <= maxValue && strings.Trim(rule, "=-+| \t") == "" && strings.ContainsAny(rule, "=-")
}

// labelBefore reports whether the name is in the field that names a key.
func (s *scanner) labelBefore(start int) bool {
	before := strings.TrimRight(s.text[max(s.lineStart, start-maxName):start], " \t\"'")
	before, ok := strings.CutSuffix(before, ":")
	if !ok {
		before, ok = strings.CutSuffix(before, "=")
	}
	before = strings.ToLower(strings.TrimRight(before, " \t\"'"))
	for _, l := range [...]string{"name", "key", "param", "parameter", "setting", "field"} {
		if ok && strings.HasSuffix(before, l) {
			return true
		}
	}
	return false
}

// take keeps [from, to) when it can be the secret.
func (s *scanner) take(span Span, from, to int, st Strength) int {
	if from >= to || !Value(s.text[from:to], st) && !s.isPIN(span, s.text[from:to]) {
		return 0
	}
	return s.add(s.at(span, from, to))
}

// isPIN reports a PIN in a field that is called "Credentials", as Unity Connection has (CUPI, credential/pin).
func (s *scanner) isPIN(span Span, v string) bool {
	return strings.EqualFold(span.Name, "credentials") && number(v) && span.NameStart > 0 &&
		strings.IndexByte(`"<`, s.text[span.NameStart-1]) >= 0
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

// separator returns the length of what is between a name and a value, or 0.
func separator(rest string) int {
	if rest == "" || strings.IndexByte("=-:>%&\xef", rest[0]) < 0 {
		return 0
	}
	for _, sep := range [...]string{"=>", "->", ":=", "==", "=", "::", ":", "\uff1a", "\uff1d", "%3D", "%3d", "%3A", "%3a", "%3E", "%3e",
		"&gt;", "&amp;gt;", ">"} {
		if strings.HasPrefix(rest, sep) {
			switch {
			case sep == ":" && strings.HasPrefix(rest, "://"):
				return 0
			case sep == ":" && strings.HasPrefix(rest, ":- "):
				return len(":-")
			}
			return len(sep)
		}
	}
	return 0
}

// unquoted finds the end of a value without quotes.
func (s *scanner) unquoted(span Span, p int, lead, spaced bool, st Strength) int {
	text, end := s.text, s.lineEnd
	// What the pair is in ends the value: an element, a quoted text, a query, a list of parameters.
	switch i := span.NameStart - 1; {
	case i >= 0 && (text[i] == '?' || text[i] == '&' || strings.HasSuffix(text[:i+1], "%26") || strings.HasSuffix(text[:i+1], "&amp;")):
		return p + cutAny(text[p:end], "&; \t\"'<>#)", "%26", "%22")
	case strings.HasSuffix(text[:i+1], "%3C"), strings.HasSuffix(text[:i+1], "%3c"): // an element in a query
		to := p
		for to < end && strings.IndexByte("& \t\"'<>", text[to]) < 0 &&
			!strings.HasPrefix(text[to:], "%3C") && !strings.HasPrefix(text[to:], "%3c") {
			to++
		}
		return to
	case i >= 0 && text[i] == ';' && !strings.HasSuffix(text[:i+1], "&lt;") && !strings.HasSuffix(text[:i+1], "&amp;lt;") &&
		!strings.HasSuffix(text[:i+1], "&quot;"):
		stop := ";\"<"
		if strings.Contains(strings.ToLower(span.Name), "sess") {
			stop = ";\"'<>?&# \t"
		}
		return s.trimmed(p, p+cutAny(text[p:end], stop))
	}
	if q := s.openQuote(span.NameStart); q != "" {
		if i := strings.Index(near(text[p:end]), q); i >= 0 {
			end = p + i
		}
		if i := indexAny(near(text[p:end]), `\r`, `\n`); i >= 0 && len(q) > 0 {
			end = p + i
		}
	}
	end = s.commentEnd(span, p, end)
	if !lead || st != Sure {
		if i := strings.Index(near(text[p:end]), "</"); i >= 0 {
			end = p + i
		}
		if i := indexAny(near(text[p:end]), "&lt;", "&amp;lt;"); i >= 0 {
			end = p + i
		}
	}
	if lead {
		if i := s.shellEnd(span, p, end); i > 0 {
			return i
		}
		// The rest of the line, but for a further pair whose key is known.
		return s.beforePair(p, end, spaced || st == Sure)
	}
	if !spaced {
		stop := p + cutAny(text[p:end], " \t")
		if i := strings.Index(text[p:stop], "]["); i > 0 && span.NameStart > 0 && text[span.NameStart-1] == '[' {
			return p + i // each pair in brackets of its own
		}
		for stop < end && oddBackslashes(text[p:stop]) { // a blank that a shell takes as a part of the word
			stop += 1 + cutAny(text[stop+1:end], " \t")
		}
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

// near is as much of a text as a sign is looked for in: a line of many pairs is not searched to its end for each of them.
func near(text string) string { return text[:min(len(text), maxValue)] }

// beforePair finds where in [p, end) another pair begins after a blank: with known, only one whose name the table has, or that is a secret
// itself. Where none begins within maxValue, it is end.
func (s *scanner) beforePair(p, end int, known bool) int {
	text := s.text
	for i := p; i < min(end, p+maxValue); i++ {
		if text[i] != ' ' && text[i] != '\t' {
			continue
		}
		j := i + 1
		if j >= end || !chars.Letter(text[j]) {
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

// pairAt reports whether a name and a separator are at p.
func (s *scanner) pairAt(p, end int) bool {
	text := s.text
	if p >= end || !chars.Letter(text[p]) {
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

// cell is the end of a cell that a sign ends.
func (s *scanner) cell(p int, sep byte) int {
	if i := strings.IndexByte(s.text[p:s.lineEnd], sep); i >= 0 {
		return p + i
	}
	return s.lineEnd
}

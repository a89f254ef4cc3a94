package secret

import (
	"strings"
)

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

// closing finds the quote that ends what began at from. A doubled quote and one after a backslash are part of it.
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

// nextLines takes a value that is below its name: a folded header, a YAML block, a line that a backslash continues.
func (s *scanner) nextLines(span Span, st Strength, lead bool) int {
	text := s.text
	if !lead {
		if st >= Strong {
			return s.belowHeading(span) // Please enter the password:
		}
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
		if st >= Strong {
			return s.belowHeading(span) // a mail program moved the value to a line of its own
		}
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

// wideIndent counts the blanks that do not break a line, too: French has one before a colon, and programs for texts write it.
func wideIndent(line string) int {
	n := indentOf(line)
	for _, blank := range [...]string{"\u00a0", "\u202f"} {
		if strings.HasPrefix(line[n:], blank) {
			return n + len(blank) + indentOf(line[n+len(blank):])
		}
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

// cutAny is where the first of some bytes, or of some longer texts, is in s; its length when none does.
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

// manyLines finds a text that goes over lines: between three quotes, as in TOML and Python, in a here-string of PowerShell, in a
// here-document of a shell. It returns nothing where the value has none of these forms.
func (s *scanner) manyLines(p int) (from, to int) {
	text := s.text[:min(len(s.text), p+maxValue)]
	rest := text[p:]
	for _, q := range [...]struct{ open, shut string }{{`"""`, `"""`}, {"'''", "'''"}, {"@\"\n", "\n\"@"}, {"@'\n", "\n'@"}, {"@\"\r\n", "\n\"@"},
		{"@'\r\n", "\n'@"}} {
		if strings.HasPrefix(rest, q.open) {
			from = p + len(q.open)
			return s.inner(from, strings.Index(text[from:], q.shut))
		}
	}
	if !strings.HasPrefix(rest, "<<") {
		return 0, 0
	}
	word := strings.Trim(strings.TrimSpace(rest[2:cutAny(rest, "\n")]), `-~"'`)
	if word == "" || strings.ContainsAny(word, " <>\t") {
		return 0, 0
	}
	from = p + cutAny(rest, "\n")
	return s.inner(from, strings.Index(text[from:], "\n"+word))
}

// inner gives a text without the line ends around it; nothing where it has no end.
func (s *scanner) inner(from, n int) (int, int) {
	if n < 0 {
		return 0, 0
	}
	to := from + n
	for from < to && strings.IndexByte("\r\n", s.text[from]) >= 0 {
		from++
	}
	for to > from && strings.IndexByte("\r\n", s.text[to-1]) >= 0 {
		to--
	}
	return from, to
}

// phraseWithSecret reports whether a text in quotes has a word that looks random. It is a secret then, though it begins as a sentence does.
func phraseWithSecret(v string) bool {
	if len(v) > maxName {
		return false
	}
	for word := range strings.FieldsSeq(v) {
		if word != v && !strings.HasPrefix(word, "0x") && (likely(word) || len(word) >= minRandom && randomWord(word)) {
			return !strings.Contains(v, Redacted)
		}
	}
	return false
}

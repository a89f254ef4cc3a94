package secret

import "strings"

// mobilityPIN takes the PIN of a log-in to Extension Mobility: EMAppServlet?device=...&userid=...&seq=PIN.
func (s *scanner) mobilityPIN(start, end int) int {
	text := s.text
	if start == 0 || text[start-1] != '&' && text[start-1] != '?' && !strings.HasSuffix(text[:start], "&amp;") ||
		end == len(text) || text[end] != '=' {
		return 0
	}
	s.line(end)
	url := text[max(s.lineStart, start-maxTag):start]
	url = url[strings.LastIndexAny(url, " \t\"'<>")+1:]
	if !strings.Contains(strings.ToLower(url), "emappservlet") {
		return 0
	}
	to := end + 1 + cutAny(text[end+1:s.lineEnd], "&;# \t\"'<>)")
	return s.add(Span{Start: end + 1, End: to, Name: text[start:end], NameStart: start, NameEnd: end, Inside: true})
}

// braced finds the end of a value in braces, as connection strings of ODBC have: PWD={x};. It returns 0 for an object.
func (s *scanner) braced(span Span, p int) int {
	text := s.text
	if span.NameEnd >= len(text) || text[span.NameEnd] != '=' {
		return 0
	}
	for at := p + 1; ; {
		i := strings.IndexByte(near(text[at:s.lineEnd]), '}')
		if i < 0 {
			return 0
		}
		at += i
		if at+1 < s.lineEnd && text[at+1] == '}' { // stands for one
			at += 2
			continue
		}
		inner := text[p+1 : at]
		if inner == "" || strings.ContainsAny(inner, "\"'{") || strings.ContainsAny(inner, ":=,") && strings.IndexByte(inner, ' ') >= 0 ||
			at+1 < s.lineEnd && strings.IndexByte("; \t\"'", text[at+1]) < 0 {
			return 0
		}
		return at
	}
}

// shellEnd finds where the value of export NAME=x or set NAME=x ends, if another command follows in the line; 0 where none does.
func (s *scanner) shellEnd(span Span, p, end int) int {
	text := s.text
	before := strings.Fields(text[s.lineStart:span.NameStart])
	if len(before) == 0 || span.NameEnd >= len(text) || text[span.NameEnd] != '=' {
		return 0
	}
	switch strings.ToLower(before[len(before)-1]) {
	case "export", "set", "setx":
	default:
		return 0
	}
	word := p + cutAny(text[p:end], " \t")
	i := strings.IndexAny(text[p:word], ";&")
	switch {
	case word == end:
		return 0
	case i > 0 && strings.Trim(text[p+i:word], ";&") == "": // the sign ends the word
		return p + i
	case strings.HasPrefix(strings.TrimLeft(text[word:end], " \t"), "&") || strings.HasPrefix(strings.TrimLeft(text[word:end], " \t"), ";"):
		return word
	}
	return 0
}

// disguised looks at a name with signs for letters, as people write it to get past a filter: P@ssword, Pa$$word. The sign is at i, and the
// letters or signs for "ss" at p. It returns 0 where there is no such name, or no value.
func (s *scanner) disguised(i, p int) int {
	text := s.text
	start := i - 1
	if p == i {
		start--
	}
	if start < s.end || start < 0 || text[start]|0x20 != 'p' || p > i && text[i] != '@' || p == i && text[start+1]|0x20 != 'a' ||
		len(text) < p+len("ss") || text[p:p+len("ss")] != "$$" && !strings.EqualFold(text[p:p+len("ss")], "ss") ||
		start > 0 && (wordByte(text[start-1]) || text[start-1] == ':') {
		return 0
	}
	end := s.wordEnd(p + len("ss"))
	switch strings.ToLower(text[p+len("ss") : end]) {
	case "", "word", "words", "wort", "phrase", "code":
	default:
		return 0
	}
	return s.named(start, end, Strong)
}

// initials takes the password of a user and a password with one letter each: u: alice p: X, also on two lines. start and end are those of
// the second letter. It returns 0 where the first is not in front of it, or the value looks like a word.
func (s *scanner) initials(start, end int) int {
	text := s.text
	if end >= len(text) || text[end] != ':' && text[end] != '=' {
		return 0
	}
	s.line(start)
	before := text[max(0, start-maxHead):start]
	if strings.TrimSpace(text[s.lineStart:start]) != "" {
		before = text[max(s.lineStart, start-maxHead):start]
	}
	fields := strings.Fields(before)
	label := ""
	switch n := len(fields); {
	case n > 0 && strings.IndexAny(fields[n-1], ":=") > 0:
		label = fields[n-1]
	case n > 1:
		label = fields[n-2]
	}
	label, _, ok := strings.Cut(strings.Replace(label, "=", ":", 1), ":")
	switch strings.ToLower(label) {
	case "u", "l", "user", "login", "usr", "username", "benutzer":
	default:
		ok = false
	}
	from := end + 1
	from += indentOf(text[from:s.lineEnd])
	to := s.trimmed(from, from+cutAny(text[from:s.lineEnd], " \t"))
	if !ok || !likely(text[from:to]) && !randomWord(text[from:to]) {
		return 0
	}
	return s.take(Span{Name: text[start:end], NameStart: start, NameEnd: end}, from, to, Strong)
}

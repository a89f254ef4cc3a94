package secret

import (
	"encoding/base64"
	"strings"

	"cupclint/internal/chars"
)

// Files of other programs, in which the place of a secret says what it is and no name does.

// inFile looks at a word as at one of those files. It returns 0 where it is none of their secrets.
func (s *scanner) inFile(start, nameEnd, end int) int {
	text := s.text
	name := text[start:nameEnd]
	switch {
	case name == "Private-Lines":
		return s.puttyKey(nameEnd)
	case name == "data", name == "stringData":
		return s.manifest(start, nameEnd)
	case len(name) == hashDigits && end == nameEnd && end < len(text) && text[end] == ':':
		return s.dumped(start, end)
	case len(name) >= minGrant && mayBeLogin(name),
		len(name) > 3 && end < len(text) && (text[end] == '+' || text[end] == '/') && mayBeLogin(name):
		return s.encodedLogin(start)
	}
	return 0
}

// puttyKey takes the private half of a key of PuTTY: as many lines as are counted (PuTTY User Manual, appendix C). It returns 0 where there
// is none.
func (s *scanner) puttyKey(end int) int {
	s.line(end)
	count := strings.TrimSpace(strings.TrimPrefix(s.text[end:s.lineEnd], ":"))
	if count == "" || len(count) > 4 || strings.Trim(count, "0123456789") != "" {
		return 0
	}
	lines := 0
	for _, c := range []byte(count) {
		lines = lines*10 + int(c-'0')
	}
	first, last := 0, 0
	for at := s.lineEnd; lines > 0; lines-- {
		from, to, ok := s.lineAfter(at)
		if !ok || !plainBase64(s.text[from:to]) {
			break
		}
		if first == 0 {
			first = from
		}
		last, at = to, to
	}
	if first == 0 {
		return 0
	}
	return s.add(Span{Start: first, End: last, Name: inKey, Inside: true})
}

// plainBase64 reports whether a line is base64 and nothing else, apart from blanks around it.
func plainBase64(line string) bool {
	line = strings.TrimRight(strings.TrimSpace(line), "=")
	for i := 0; i < len(line); i++ {
		if c := line[i]; !chars.Letter(c) && !digit(c) && c != '+' && c != '/' {
			return false
		}
	}
	return line != ""
}

// variableDefault takes the value in the block of a variable of Terraform that is named after a secret: variable "x" { default = "X" }
// (Terraform language, input variables). p is after the quote that ends the name. It returns 0 where there is none.
func (s *scanner) variableDefault(span Span, p int, st Strength) int {
	text := s.text
	if !strings.HasSuffix(text[:span.NameStart], `variable "`) ||
		!strings.HasPrefix(strings.TrimLeft(text[p:min(len(text), p+8)], " \t"), "{") {
		return 0
	}
	block := text[p:min(len(text), p+maxTag)]
	if i := strings.Index(block, "\n}"); i >= 0 {
		block = block[:i]
	}
	i := strings.Index(block, "default")
	if i < 0 || strings.IndexByte(" \t\n{", block[i-1]) < 0 {
		return 0
	}
	at := p + i + len("default")
	at += len(text[at:]) - len(strings.TrimLeft(text[at:], " \t"))
	if at >= len(text) || text[at] != '=' {
		return 0
	}
	at++
	at += len(text[at:]) - len(strings.TrimLeft(text[at:], " \t"))
	q := quoteAt(text, at)
	if q == "" {
		return 0
	}
	from := at + len(q)
	if to := closing(text, from, min(len(text), from+maxValue), q); to >= 0 {
		return s.take(span, from, to, st)
	}
	return 0
}

// manifest takes the values below "data" of a Secret of Kubernetes, whatever their names are: stringData too (Kubernetes documentation,
// Secrets). The kind is before it or after it. It returns 0 for other data.
func (s *scanner) manifest(start, end int) int {
	text := s.text
	s.line(start)
	if quoteBefore(text, start) == `"` {
		return s.manifestJSON(start, end)
	}
	if end >= len(text) || text[end] != ':' || strings.Trim(text[end+1:s.lineEnd], " \t") != "" ||
		strings.Trim(text[s.lineStart:start], " \t-") != "" {
		return 0
	}
	if !s.inSecret(start, end) {
		return 0
	}
	next, indent := 0, start-s.lineStart
	for at := s.lineEnd; ; {
		from, to, ok := s.lineAfter(at)
		deep := indentOf(text[from:to])
		if !ok || deep <= indent && strings.TrimSpace(text[from:to]) != "" {
			return next
		}
		at = to
		nameEnd := from + cutAny(text[from:to], ":")
		p := min(to, nameEnd+1)
		p += indentOf(text[p:to])
		name := Span{Name: text[from+deep : nameEnd], NameStart: from + deep, NameEnd: nameEnd}
		if q := quoteAt(text, p); q != "" && strings.HasSuffix(text[p+len(q):to], q) {
			next = max(next, s.take(name, p+len(q), to-len(q), Sure))
		} else if p < to && strings.IndexByte("|>", text[p]) >= 0 {
			s.lineStart, s.lineEnd = from, to
			next = max(next, s.nextLines(name, Sure, true))
		} else if p < to && text[p] != '#' {
			next = max(next, s.take(name, p, to, Sure))
		}
	}
}

// A document is the part of a text for which it is known whether it is a Secret, with its indent.
type document struct {
	end, indent int
	secret      bool
}

// inSecret looks for the line with the kind in the document around "data", or in the entry of a list of them.
func (s *scanner) inSecret(start, end int) bool {
	indent := s.text[s.lineStart:start]
	if start < s.document.end && len(indent) == s.document.indent {
		return s.document.secret
	}
	before, after := s.text[max(0, start-maxValue):start], s.text[end:min(len(s.text), end+maxValue)]
	for _, mark := range [...]string{"\n---", "\n- "} {
		if i := strings.LastIndex(before, mark); i >= 0 {
			before = "\n" + strings.TrimPrefix(before[i+1:], "---")
		}
		if i := strings.Index(after, mark); i >= 0 {
			after = after[:i]
		}
	}
	kind := "\n" + strings.ReplaceAll(indent, "-", " ") + "kind: Secret"
	is := hasLine("\n"+before, kind) || hasLine(after, kind) || hasLine(before, "\n- kind: Secret") // the first line of an entry
	s.document = document{end: end + len(after), indent: len(indent), secret: is}
	return is
}

// hasLine reports whether a text has a line that is nothing else; it begins with the end of the line before.
func hasLine(text, line string) bool {
	i := strings.Index(text, line)
	return i >= 0 && strings.IndexByte("\r\n ", (text + "\n")[i+len(line)]) >= 0
}

// manifestJSON takes the texts of an object "data" of a "kind": "Secret".
func (s *scanner) manifestJSON(start, end int) int {
	text := s.text
	after := text[end:min(len(text), end+maxValue)]
	if !strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(after, `"`), ": "), "{") {
		return 0
	}
	window := text[max(0, start-maxTag):min(len(text), end+maxTag)]
	kind := func(part string) bool {
		return strings.Contains(part, `"kind": "Secret"`) || strings.Contains(part, `"kind":"Secret"`)
	}
	if !kind(window) || !kind(object(window, start-max(0, start-maxTag))) {
		return 0
	}
	next := 0
	p := end + strings.IndexByte(after, '{') + 1
	stop := end + len(after)
	for {
		for p < stop && strings.IndexByte(" \t\r\n,", text[p]) >= 0 {
			p++
		}
		if p >= stop || text[p] != '"' {
			return next
		}
		nameEnd := closing(text, p+1, stop, `"`)
		if nameEnd < 0 {
			return next
		}
		name := Span{Name: text[p+1 : nameEnd], NameStart: p + 1, NameEnd: nameEnd}
		p = nameEnd + 1
		for p < stop && strings.IndexByte(" :", text[p]) >= 0 {
			p++
		}
		if p >= stop || text[p] != '"' {
			return next
		}
		to := closing(text, p+1, stop, `"`)
		if to < 0 {
			return next
		}
		next = max(next, s.take(name, p+1, to, Sure))
		p = to + 1
	}
}

// object is the part of a text that is in the same braces as a place.
func object(text string, at int) string {
	from, to := at, at
	for depth := 0; from > 0 && depth >= 0; from-- {
		switch text[from-1] {
		case '}':
			depth++
		case '{':
			depth--
		}
	}
	for depth := 0; to < len(text) && depth >= 0; to++ {
		switch text[to] {
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	return text[from:to]
}

// replica reports whether "credentials" belongs to a line of slapd.conf that says how to bind: syncrepl, idassert-bind (slapd.conf(5),
// slapd-ldap(5)).
func (s *scanner) replica(start, end int) bool {
	if end >= len(s.text) || s.text[end] != '=' || !strings.EqualFold(s.text[start:end], "credentials") {
		return false
	}
	return strings.Contains(s.text[max(0, start-maxTag):min(len(s.text), end+maxName)], "bindmethod")
}

// dumped takes both hashes of an account in the way tools of Windows print them: 32 digits, a colon, 32 digits, and three colons. Such a
// hash logs in as the password does. It returns 0 for others.
func (s *scanner) dumped(start, end int) int {
	text := s.text
	second := end + 1
	if end-start != hashDigits || len(text) < second+hashDigits+len(":::") || text[second+hashDigits:second+hashDigits+len(":::")] != ":::" {
		return 0
	}
	for i := range hashDigits {
		if !hexDigit(text[start+i]) || !hexDigit(text[second+i]) {
			return 0
		}
	}
	s.add(Span{Start: start, End: end, Name: "hash", Inside: true})
	return s.add(Span{Start: second, End: second + hashDigits, Name: "hash", Inside: true})
}

const hashDigits = 32

// encodedLogin takes base64 of a name, a colon and a password, as a header has it, without the header. What is decoded must be printable
// throughout and begin as a name does: other words do not decode to that. It returns 0 for them.
func (s *scanner) encodedLogin(start int) int {
	text := s.text
	if start > 0 && strings.IndexByte("+/%", text[start-1]) >= 0 {
		return 0
	}
	end := start
	for end < len(text) && end-start < maxName && (chars.Letter(text[end]) || digit(text[end]) || text[end] == '+' || text[end] == '/') {
		end++
	}
	if end-start < minGrant {
		return 0
	}
	b, err := base64.RawStdEncoding.DecodeString(text[start:end])
	if err != nil {
		return 0
	}
	name, password, ok := strings.Cut(string(b), ":")
	if !ok || len(name) < 2 || len(password) < 4 || strings.HasPrefix(password, "//") || !chars.Letter(name[0]) {
		return 0
	}
	for i := 0; i < len(name); i++ {
		if c := name[i]; !chars.Letter(c) && !digit(c) && strings.IndexByte(`._-@\/`, c) < 0 {
			return 0
		}
	}
	for i := 0; i < len(password); i++ {
		if password[i] <= ' ' || password[i] > '~' {
			return 0
		}
	}
	for end < len(text) && text[end] == '=' {
		end++
	}
	return s.add(Span{Start: start, End: end, Name: inHeader, Inside: true})
}

// mayBeLogin is a cheap look at the first letters of a word: do they decode to a letter and two characters that can be printed?
func mayBeLogin(word string) bool {
	a, b, c := chars.Sextet(word[0]), chars.Sextet(word[1]), chars.Sextet(word[2])
	return a >= 'A'>>2 && a <= 'z'>>2 && b&15 >= ' '>>4 && b&15 <= '~'>>4 && c >= 0 && c&3 < 2
}

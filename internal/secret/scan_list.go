package secret

import "strings"

// below takes what is in the lines below a name and its separator: a value, a list, or the answer to a prompt.
func (s *scanner) below(span Span, st Strength, lead bool) int {
	if lead && st >= Strong {
		if next := s.items(span); next > 0 {
			return next
		}
	}
	return s.nextLines(span, st, lead)
}

// belowHeading takes a word that is alone in the line below a name, or below the rule under it, and looks random. Both lines can begin with
// a time.
func (s *scanner) belowHeading(span Span) int {
	text := s.text
	from, to, ok := s.lineAfter(s.lineEnd)
	if ok && from < to && strings.Trim(text[from:to], "=-_ ") == "" {
		from, to, ok = s.lineAfter(to)
	}
	from += indentOf(text[from:to])
	if i := strings.LastIndexByte(text[from:to], ' ') + 1; i > 0 && sameBegin(text[from:from+i], text[s.lineStart:s.lineEnd]) {
		from += i
	}
	v := text[from:to]
	if !ok || strings.ContainsAny(v, " \t=:<") || !mixed(v) || len(v) < 6 || !Value(v, Strong) {
		return 0
	}
	return s.add(s.at(span, from, to))
}

// sameBegin reports whether a line begins as another text, but for digits: with a time, and what a log has after it.
func sameBegin(begin, line string) bool {
	if len(begin) > len(line) || len(begin) > maxName {
		return false
	}
	digits := 0
	for i := range len(begin) {
		switch a, b := digit(begin[i]), digit(line[i]); {
		case a && b:
			digits++
		case a || b || begin[i] != line[i]:
			return false
		}
	}
	return digits > 3
}

// items takes the items of a list below a name that look random: passwords: and below it - X.
func (s *scanner) items(span Span) (next int) {
	text := s.text
	for at := s.lineEnd; ; {
		start, end, ok := s.lineAfter(at)
		start += indentOf(text[start:end])
		item, dash := strings.CutPrefix(text[start:end], "- ")
		from := end - len(strings.TrimLeft(item, " "))
		if !ok || !dash || s.pairAt(from, end) {
			return next
		}
		to := from + len(strings.TrimRight(text[from:end], " "))
		if q := quoteAt(text, from); q != "" && to-from > 2*len(q) && strings.HasSuffix(text[from:to], q) {
			from, to = from+len(q), to-len(q)
		}
		if v := text[from:to]; mixed(v) && len(v) >= 6 && !strings.ContainsAny(v, " \t/") {
			next = max(next, s.take(span, from, to, Strong))
		}
		at = end
	}
}

// listed takes the text in quotes that follows a name in a list, where it looks random, or in a call: ["password", "x"].
func (s *scanner) listed(span Span, p int, st Strength) int {
	text := s.text
	for p < s.lineEnd && text[p] == ' ' {
		p++
	}
	q := quoteAt(text, p)
	if comma := strings.IndexByte(near(text[p:s.lineEnd]), ','); comma >= 0 && typeOrFlags(text[p:p+comma]) {
		return s.argumentAfter(span, p, st)
	}
	if q == "" {
		return 0
	}
	from := p + len(q)
	to := closing(text, from, s.lineEnd, q)
	if to < 0 || (!mixed(text[from:to]) || to-from < 6) && (st < Strong || !s.isSetter(span.NameStart)) {
		return 0
	}
	return s.take(span, from, to, Strong)
}

// isSetter reports whether the text in quotes that begins at a place is the first argument of a call that sets a value: define('X', 'y'),
// os.Setenv("X", "y").
func (s *scanner) isSetter(start int) bool {
	before, ok := strings.CutSuffix(strings.TrimRight(s.text[max(s.lineStart, start-maxName):start], "\"'"), "(")
	name := strings.ToLower(before[strings.LastIndexAny(before, " \t.:>([")+1:])
	for _, verb := range [...]string{"set", "put", "define", "add"} {
		if ok && strings.HasPrefix(name, verb) {
			return true
		}
	}
	return false
}

// list takes the texts in quotes from p on, with commas between them: of a call only the first.
func (s *scanner) list(span Span, p int, shut byte, st Strength) (next int) {
	text, end := s.text, min(len(s.text), p+maxValue)
	for {
		for shut == ']' && p < end && strings.IndexByte(" \t\r\n,", text[p]) >= 0 {
			p++
		}
		q := quoteAt(text[:end], p)
		if q == "" {
			return next
		}
		from := p + len(q)
		to := closing(text, from, end, q)
		if to < 0 {
			return next
		}
		next = max(next, s.take(span, from, to, st))
		if p = to + len(q); shut != ']' {
			return next
		}
	}
}

// leader returns the length of what a form or a note has between a name and a value, or 0: a row of dots, also with a colon after it, a
// dash with blanks around it, an arrow. Without a colon, one word must follow: others end a sentence or begin one.
func leader(rest string, spaced bool) int {
	n := len(rest) - len(strings.TrimLeft(rest, ". "))
	dots := strings.Count(rest[:n], ".") >= 4
	if dots && n < len(rest) && rest[n] == ':' {
		return n + 1
	}
	word := rest[n:]
	if len(word) > maxName {
		return 0
	}
	if !dots {
		n = 0
		for _, sign := range [...]string{"- ", "\u2013 ", "\u2014 ", "\u2192 ", "\u21d2 ", "\u00bb ", "\u203a ", "\u2022 ", "~ "} {
			if spaced && strings.HasPrefix(rest, sign) {
				n = len(sign)
			}
		}
		if word = strings.TrimSpace(rest[n:]); n == 0 || !mixed(word) {
			return 0
		}
	}
	if strings.IndexByte(strings.TrimRight(word, " \t"), ' ') >= 0 {
		return 0
	}
	return n
}

// labelled returns the length of a remark in brackets between a name and the sign or the tab after it: PIN (voicemail): X, PIN [LDAP]: X.
// It is 0 where there is none.
func labelled(rest string) int {
	n := strings.IndexAny(rest[:min(len(rest), maxRemark+1)], ")]") + 1
	if rest == "" || rest[0] != '(' && rest[0] != '[' || n == 0 || n > maxRemark {
		return 0
	}
	if after := strings.TrimLeft(rest[n:], " "); separator(after) == 0 && !strings.HasPrefix(after, "\t") {
		return 0
	}
	return n
}

// required returns the length of the sign that a form puts after the label of a field that must not be empty: LDAP Password*, then a tab,
// or a sign before the value. It is 0 where there is none.
func required(rest string) int {
	if rest == "" || rest[0] != '*' {
		return 0
	}
	if after := strings.TrimLeft(rest[1:], " "); !strings.HasPrefix(after, "\t") && (after == "" || after[0] != ':' && after[0] != '=') {
		return 0
	}
	return 1
}

// maxRemark is more than a remark between a name and its sign has, in bytes.
const maxRemark = 40

// bracketed takes what is between brackets: password(...), value : [...].
func (s *scanner) bracketed(span Span, p int, st Strength) int {
	text := s.text
	shut := byte(']')
	if text[p] == '(' {
		shut = ')'
	}
	inner := p + 1
	if shut == ']' && strings.HasPrefix(strings.TrimLeft(text[inner:min(len(text), inner+maxName)], " \t\r\n"), "{") {
		return s.objects(span, inner, st)
	}
	if next := s.list(span, inner, shut, st); next > 0 {
		return next
	}
	to := strings.IndexByte(text[inner:s.lineEnd], shut)
	if to < 0 {
		return 0
	}
	if after := inner + to + 1; to > 0 && strings.Trim(text[inner:inner+to], "0123456789") == "" &&
		separator(strings.TrimLeft(text[after:s.lineEnd], " ")) > 0 {
		return s.pairValue(span, after, false, st) // password(13)=X: a length, or a place in a list
	}
	// A bracket inside the value: the last one before the line ends or continues with a comma or a blank.
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

// objects takes the secrets of a list of objects after a name. Objects that name a field, as those of Postman do, have a secret where that
// field is "value" or named as a secret is: "apikey": [{"key": "value", "value": "x"}, {"key": "in", "value": "header"}].
func (s *scanner) objects(span Span, p int, st Strength) (next int) {
	text, end := s.text, min(len(s.text), p+maxValue)
	for p < end {
		p += len(text[p:end]) - len(strings.TrimLeft(text[p:end], " \t\r\n,"))
		if p >= end || text[p] != '{' {
			return next
		}
		shut := end
		if i := strings.IndexByte(text[p:end], '}'); i >= 0 {
			shut = p + i + 1
		}
		name, from, to := s.field(p, shut)
		switch {
		case name == "":
			next = max(next, s.object(span, p, st))
		case name == "value" || s.strength(name) >= Strong:
			next = max(next, s.take(span, from, to, Strong))
		}
		p = shut
	}
	return next
}

// field reads an object of {"key": "x", "value": "y"}: the name x, and the place of y.
func (s *scanner) field(p, end int) (name string, from, to int) {
	text := s.text
	for p < end {
		if text[p] != '"' {
			p++
			continue
		}
		shut := closing(text, p+1, end, `"`)
		if shut < 0 {
			return name, from, to
		}
		label := text[p+1 : shut]
		if p = shut + 1; p >= end || text[p] != ':' {
			continue
		}
		p += 1 + indentOf(text[p+1:end])
		if p >= end || text[p] != '"' {
			continue
		}
		if shut = closing(text, p+1, end, `"`); shut < 0 {
			shut = end
		}
		switch label {
		case "key", "name":
			name = text[p+1 : shut]
		case "value":
			from, to = p+1, shut
		}
		p = shut + 1
	}
	return name, from, to
}

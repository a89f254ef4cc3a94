package secret

import (
	"strings"
	"unicode/utf8"

	"cupclint/internal/chars"
)

// What people write in tickets and chats has no sign between a name and its value, or words between them. There only what looks like no
// word, name, version or parameter is a secret.

// Bounds of a clause after a name.
const (
	maxClause = 160 // bytes
	maxWords  = 10
	minLikely = 6
	maxLikely = 64
)

// inClause takes the first word after a name that is likely a password, up to the end of the sentence: "pw svc-cupc Sommer2026!". It
// returns 0 where there is none.
func (s *scanner) inClause(start, end int, st Strength) int {
	text := s.text
	s.line(start)
	span := Span{Name: text[start:end], NameStart: start, NameEnd: end}
	rest := strings.TrimLeft(text[end:min(s.lineEnd, end+maxClause)], " \t")
	switch {
	case rest == "" && st >= Strong && end >= s.lineEnd-1 && s.subject(start, end):
		return s.reply(span)
	case rest == "", strings.IndexByte(" \t?)(*_,;|", text[end]) < 0, separator(rest) > 0 && st < Strong:
		return 0
	}
	return s.clause(span, end, st)
}

// maxSubject is more than the last word of a subject has, and less than a line of base64.
const maxSubject = 24

// subject reports whether a name that ends a line is a word of its own, as in the subject of a mail: not the end of a line of base64.
func (s *scanner) subject(start, end int) bool {
	return end-start <= maxSubject && (start == s.lineStart || strings.IndexByte(" \t:>*\"'", s.text[start-1]) >= 0)
}

// clause does it from a place on.
func (s *scanner) clause(span Span, at int, st Strength) int {
	text := s.text
	stop := min(s.lineEnd, at+maxClause)
	named := true // nothing but a word such as "is" was between
	for n := 0; n < maxWords && at < stop; n++ {
		at += indentOf(text[at:stop])
		if n == 0 && at < stop && strings.IndexByte(",;|", text[at]) >= 0 {
			at++
		}
		to := at + cutAny(text[at:stop], " \t")
		if to == stop && stop < s.lineEnd {
			return 0 // a word that was cut
		}
		from, until := bare(text, at, to)
		v := text[from:until]
		switch {
		case likely(v) && Value(v, Strong), named && n < 2 && len(v) >= minGrant && randomWord(v):
			return s.add(s.at(span, from, until))
		case v != "" && n > 0 && (s.strength(v) >= Strong || st >= Strong && isAccount(strings.ToLower(v))):
			return 0 // it has a value of its own
		case to > at && strings.IndexByte(".!?;", text[to-1]) >= 0:
			if text[to-1] == '?' && st >= Strong && strings.TrimSpace(text[to:s.lineEnd]) == "" {
				return s.reply(span)
			}
			if n > 0 || text[to-1] != '?' {
				return 0
			}
		}
		named = named && (st >= Strong || v == "" || isCopula(strings.ToLower(v)))
		at = to
	}
	return 0
}

// further takes the second password of a sentence, where the first is one that is likely: "the old one was X, the new one is Y". next is
// where the first ends.
func (s *scanner) further(next int, st Strength) int {
	last := len(s.found) - 1
	if last < 0 || st < Strong || s.found[last].End != next || !likely(s.text[s.found[last].Start:next]) {
		return next
	}
	s.line(next)
	at := next + cutAny(s.text[next:min(s.lineEnd, next+maxClause)], " \t")
	if strings.ContainsAny(s.text[next:at], ".?") {
		return next
	}
	return max(next, s.clause(s.found[last], at, Strong))
}

// reply takes the answer to a question that ends a line, where the next line has nothing else, apart from who wrote it and when.
func (s *scanner) reply(span Span) int {
	from, to, ok := s.lineAfter(s.lineEnd)
	if !ok || to-from > maxClause {
		return 0
	}
	line := strings.TrimRight(s.text[from:to], " \t")
	word := strings.LastIndexAny(line, " \t") + 1
	if before := strings.TrimRight(line[:word], " \t"); before != "" && strings.IndexByte(":>]", before[len(before)-1]) < 0 {
		return 0
	}
	from, to = bare(s.text, from+word, from+len(line))
	if v := s.text[from:to]; !likely(v) && !randomWord(v) || !Value(v, Strong) {
		return 0
	}
	return s.add(s.at(span, from, to))
}

// bare is the place of a word without the quotes, brackets and signs of a sentence around it.
func bare(text string, from, to int) (int, int) {
	v := strings.TrimLeft(text[from:to], "\"'`“„‚‘([<*_")
	from = to - len(v)
	v = strings.TrimRight(v, "\"'`”“’‘)]>*_.,;:")
	return from, from + len(v)
}

// likely reports what looks like a password and like nothing else that a sentence has: letters, digits and a sign that words, names,
// versions, references and parameters do not have.
func likely(v string) bool {
	if len(v) < minLikely || len(v) > maxLikely || isEmail(v) {
		return false
	}
	word := strings.TrimRight(v, "!?")
	small, capital, digits, strong, weak := 0, 0, 0, 0, 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c >= 'a' && c <= 'z' || c >= utf8.RuneSelf:
			small++
		case c >= 'A' && c <= 'Z':
			capital++
		case digit(c):
			digits++
		case c == '-' || c == '_' || c == '.':
		case (c == '#' || c == '$') && i < len(word) && reference(word, i):
			return false
		case c == '$' && i+1 == len(word): // the account of a computer
			weak++
		case strings.IndexByte("!#$?", c) >= 0:
			if i > 0 && i < len(word) {
				strong++
			}
		case strings.IndexByte("@+*~^&", c) >= 0:
			if i > 0 && i+1 < len(word) {
				weak++
			}
		default:
			return false
		}
	}
	if strong == 0 && small > 0 && strings.HasSuffix(v, "!") && strings.IndexByte(word, '.') < 0 { // a sentence ends with one, too
		strong++
	}
	return digits > 0 && small+capital > 1 && (strong > 0 || weak > 0 && small > 0 && capital > 0) && !hostLike(v)
}

// reference reports whether a # or a $ is followed by digits alone, after letters or what has no small letter, or by the lines of a file:
// Ticket#4711, INC0012345#2, $1, main.go#L10-L12.
func reference(v string, i int) bool {
	before, after := v[:i], v[i+1:]
	if after = strings.TrimLeft(after, "0123456789-"); after != "" {
		return v[i] == '#' && v[i+1] == 'L' && strings.Trim(v[i+1:], "0123456789-L") == ""
	}
	return i+1 < len(v) && (!strings.ContainsAny(before, "0123456789") || strings.ToUpper(before) == before)
}

// randomWord reports a random word of letters and digits alone.
func randomWord(v string) bool {
	return random(v) && !strings.ContainsFunc(v, func(r rune) bool { return r != '-' && r != '_' && !isLetter(r) && (r < '0' || r > '9') })
}

func isEmail(v string) bool {
	user, host, ok := strings.Cut(v, "@")
	return ok && user != "" && (strings.IndexByte(host, '.') >= 0 || plainWords(host))
}

// usedAs takes the word before "as password", "is the new password", "for the password" or "(password)", where it looks as one.
func (s *scanner) usedAs(start int, name string) {
	text := s.text
	s.line(start)
	before := strings.TrimRight(text[max(s.lineStart, start-maxName):start], " ")
	rest, inBrackets := strings.CutSuffix(before, "(")
	use := "("
	if !inBrackets {
		if rest, use = beforeUse(before); use == "" {
			return
		}
	} else if end := start + len(name); end >= len(text) || text[end] != ')' {
		return
	}
	rest = strings.TrimRight(rest, ", \"'`")
	v := rest[strings.LastIndexAny(rest, " \"'`:")+1:]
	to := max(s.lineStart, start-maxName) + len(rest)
	sure := mixed(v) && len(v) >= 6 && (random(v) || strings.ContainsAny(v, "!$%&#+*~^=?|"))
	if use != "as" && use != "is" {
		sure = likely(v)
	}
	if sure && Value(v, Strong) {
		s.add(Span{Name: name, NameStart: to - len(v), NameEnd: to - len(v), Start: to - len(v), End: to})
	}
}

// beforeUse takes away the words between a value and the name that follows it, and says which of them tells that it is one; "" for none.
func beforeUse(before string) (rest, use string) {
	for {
		word := strings.ToLower(before[strings.LastIndexByte(before, ' ')+1:])
		if len(word) == len(before) || !article(word) && !isBetween(word) {
			break
		}
		before = strings.TrimRight(before[:len(before)-len(word)], " ")
	}
	for _, word := range [...]string{"as", "als", "is", "ist", "for", "für", "comme", "como", "est", "es"} {
		if cut, ok := strings.CutSuffix(before, " "+word); ok {
			return strings.TrimSuffix(strings.TrimSuffix(cut, " which"), " that"), word
		}
	}
	return before, ""
}

func article(word string) bool {
	switch word {
	case "the", "my", "his", "her", "our", "your", "their", "a", "das", "mein", "dein", "sein", "ihr", "unser", "le", "mon", "votre", "la",
		"mi", "su":
		return true
	}
	return false
}

// account takes the password of a user and a password after a word such as "account", "login" or "Zugangsdaten": "account svc-cupc /
// Winter2026!", "Login: svc-cupc, Winter2026!". end is that of the word. It returns 0 where there is none.
func (s *scanner) account(end int) int {
	text := s.text
	s.line(end)
	p := end
	if p < s.lineEnd && strings.IndexByte(" \t:=(", text[p]) < 0 {
		return 0
	}
	stop := min(s.lineEnd, end+maxClause)
	if p = s.fillers(p, stop); p >= stop {
		var ok bool
		if p, stop, ok = s.lineAfter(s.lineEnd); !ok || stop-p > maxClause || strings.Trim(text[end:s.lineEnd], ": \t") != "" {
			return 0
		}
		p += indentOf(text[p:stop])
	}
	if q := quoteAt(text, p); q != "" && p > end+1 { // user = "name:x" of a .curlrc
		p += len(q)
	}
	if next := s.userAndPassword(p, stop); next > 0 {
		return next
	}
	if i := strings.Index(text[p:stop], ": "); i > 0 { // "the account for the gateway: svc-cupc / X"
		i += p + len(": ")
		return s.userAndPassword(i+indentOf(text[i:stop]), stop)
	}
	return 0
}

// fillers is where the words end that can be between "account" and the name of the user.
func (s *scanner) fillers(p, stop int) int {
	for {
		for p < stop && strings.IndexByte(" \t:=-(", s.text[p]) >= 0 {
			p++
		}
		word := p + cutAny(s.text[p:stop], " \t:")
		switch strings.ToLower(s.text[p:word]) {
		case "is", "are", "ist", "sind", "est", "sont", "es", "son", "the", "with", "mit", "avec", "con", "as", "als", "user", "account",
			"benutzer", "konto", "new", "neu", "name", "id", "data", "details", "info":
			p = word
		default:
			return p
		}
	}
}

// userAndPassword takes the second of two words with a sign or a conjunction between them, where it is likely a password.
func (s *scanner) userAndPassword(p, stop int) int {
	text := s.text
	user := p
	for p < stop && p-user < maxLikely && (wordByte(text[p]) || strings.IndexByte(`@\`, text[p]) >= 0) {
		p++
	}
	if p-user < 2 || s.strength(text[user:p]) != None || !strings.ContainsFunc(text[user:p], isLetter) {
		return 0
	}
	at := p + indentOf(text[p:stop])
	if at == stop && at-user < maxLikely {
		return s.lineBelow(stop)
	}
	conjunction := at + cutAny(text[at:stop], " \t")
	switch strings.ToLower(text[at:conjunction]) {
	case "/", "//", "|", "-", ":", "and", "und", "et", "y", "e", "with", "mit", "avec", "con", "using":
		at = conjunction + indentOf(text[conjunction:stop])
	default:
		if at < stop && strings.IndexByte("/:|,;", text[at]) >= 0 {
			at++
			at += indentOf(text[at:stop])
		}
	}
	from, to := bare(text, at, at+cutAny(text[at:stop], " \t"))
	v := text[from:to]
	if at == p || !likely(v) && !(randomWord(v) && len(v) >= minRandom) || !Value(v, Strong) {
		return 0
	}
	return s.add(Span{Name: inUserInfo, Start: from, End: to, NameStart: from, NameEnd: from, Inside: true})
}

// slash takes the password after a user and a / with blanks around it: (svc-cupc / Winter2026!).
func (s *scanner) slash(at int) int {
	text := s.text
	if at < 3 || at+2 >= len(text) || text[at-1] != ' ' || text[at+1] != ' ' || !wordByte(text[at-2]) {
		return 0
	}
	s.line(at)
	user := at - 1
	for user > s.lineStart && at-user < maxLikely && (wordByte(text[user-1]) || strings.IndexByte(`@\`, text[user-1]) >= 0) {
		user--
	}
	if user == s.lineStart || text[user-1] != '(' {
		return 0
	}
	return s.userAndPassword(user, min(s.lineEnd, at+maxClause))
}

// lineBelow takes the word that is alone in the next line, where it is likely a password: the line above names a user.
func (s *scanner) lineBelow(end int) int {
	from, to, ok := s.lineAfter(end)
	from += indentOf(s.text[from:to])
	v := strings.TrimRight(s.text[from:to], " \t")
	if !ok || !likely(v) || !Value(v, Strong) {
		return 0
	}
	return s.add(Span{Name: inUserInfo, Start: from, End: from + len(v), NameStart: from, NameEnd: from, Inside: true})
}

// minRandom is the length of a random word after a user that neither a model nor a version has.
const minRandom = 8

func isLetter(r rune) bool { return r < utf8.RuneSelf && chars.Letter(byte(r)) || r >= utf8.RuneSelf }

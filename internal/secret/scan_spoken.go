package secret

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"cupclint/internal/chars"
)

// sentence takes the word that prose says is the secret: "the password is X", "Kennwort lautet X", "with password 'X'".
func (s *scanner) sentence(span Span, p int, st Strength) int {
	text := s.text
	if st == Weak {
		return 0
	}
	lower := strings.ToLower(text[span.NameStart:span.NameEnd])
	switch strings.ToLower(strings.Trim(text[max(s.lineStart, span.NameStart-maxCommand):span.NameStart], " \t$>")) {
	case "env", "arg", "setx", "setenv": // a variable of a container, of Windows, of a shell
		return s.take(span, p, s.word1(p), st)
	}
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
		if bare := strings.TrimSuffix(lowered, ":"); n > 0 || says(lower, bare) {
			lowered = bare
		}
		next := end
		for next < s.lineEnd && (text[next] == ' ' || text[next] == '\t') {
			next++
		}
		copula := false
		switch {
		case says(lower, lowered), lowered == "=", lowered == ":":
			copula = true
		case lowered == "remains", lowered == "stays", lowered == "bleibt", isOf(lower, first) && dash(lowered):
			return s.spokenOf(span, next, lower)
		}
		switch lowered {
		case "be":
			switch last {
			case "will":
				copula = true
			case "should", "must", "can", "could", "would", "may", "might":
				return s.spokenOf(span, next, lower)
			}
		case "to", "auf", "zu", "en", "à", "a":
			copula = copula || changes(last) || changes(lastWord(before)) || changes(firstOf(before))
		case "par", "durch":
			if replaced(last) {
				return s.spokenOf(span, next, lower)
			}
		case "from", "von", "de", "da":
			if n == 1 && changes(last) || n == 0 && (changes(lastWord(before)) || changes(firstOf(before))) {
				return s.oldAndNew(span, next, lower)
			}
		}
		if copula {
			if to := s.changedTo(next); to > next { // "was changed to X"
				return s.spokenOf(span, to, lower)
			}
			if next == s.lineEnd && last == "" { // in the next line
				return s.reply(span)
			}
			next = s.follows(next)
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
			if to := s.trimmed(at, end); Value(text[at:to], Strong) && (random(text[at:to]) || number(text[at:to]) && to == s.lineEnd) {
				return s.add(s.at(span, at, to))
			}
		}
		if strings.ContainsAny(word, ".:;=!?") && (!isOf(lower, last) || strings.ContainsAny(word[len(word)-1:], ".:;=!?")) {
			// "password for alice: X"
			if c := word[len(word)-1]; (c == ':' || c == '=') && (isOf(lower, first) || isBetween(strings.Trim(lowered, "():="))) {
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

// follows returns where the value begins after words that announce it: "the password is as follows: X". Without them it is p.
func (s *scanner) follows(p int) int {
	for _, words := range [...]string{"as follows", "the following", "wie folgt", "folgendes", "le suivant", "comme suit", "la siguiente"} {
		if end := p + len(words); end < s.lineEnd && strings.EqualFold(s.text[p:end], words) && s.text[end] == ':' {
			return end + 1 + indentOf(s.text[end+1:s.lineEnd])
		}
	}
	return p
}

// glued takes the value of a sentence without blanks, as Chinese and Japanese write it, from the word [start, end): 密码是X, パスワードはXです.
func (s *scanner) glued(start, end int) int {
	text := s.text
	for _, particle := range [...]string{"是", "为", "為", "は"} {
		i := strings.Index(text[start:end], particle)
		from := start + i + len(particle)
		if i <= 0 || s.strength(text[start:start+i]) < Strong {
			continue
		}
		s.line(start)
		to := from
		for to < s.lineEnd && text[to] > ' ' && text[to] < utf8.RuneSelf && strings.IndexByte("\"'<>,;", text[to]) < 0 {
			to++
		}
		for to > from && strings.IndexByte(".:)", text[to-1]) >= 0 {
			to--
		}
		if to-from < 4 {
			return 0
		}
		return s.take(Span{Name: text[start : start+i], NameStart: start, NameEnd: start + i}, from, to, Strong)
	}
	return 0
}

// says reports a word between a name and its value in a sentence. Some words are one after names of their own language alone.
func says(name, word string) bool { return isCopula(word) || isCopula(name+" "+word) }

// isOf reports a word between a name and whose it is, in the same way.
func isOf(name, word string) bool { return isWhose(word) || isWhose(name+" "+word) }

// dash reports a sign between a name and its value in a sentence.
func dash(word string) bool { return word == "-" || word == "–" || word == "—" }

// replaced reports a word after which the new value has another preposition: "remplacé par X".
func replaced(word string) bool {
	switch word {
	case "remplacé", "remplacée", "ersetzt":
		return true
	}
	return false
}

// oldAndNew takes both words of a change: "changed the password from X to Y".
func (s *scanner) oldAndNew(span Span, p int, name string) int {
	to := s.spoken(span, p, name)
	if to == 0 { // the old one can be a word: "changed pw from old to X"
		to = p + cutAny(s.text[p:s.lineEnd], " \t")
	}
	rest := s.text[to:s.lineEnd]
	word := strings.TrimLeft(rest, " \t\"'")
	for _, sign := range [...]string{"to ", "auf ", "in ", "zu ", "en ", "à ", "a "} {
		if strings.HasPrefix(word, sign) {
			return max(to, s.spoken(span, to+len(rest)-len(word)+len(sign), name))
		}
	}
	return to
}

// changedTo returns where the word begins after "changed to", "set to", "reset to" at p; p where there is something else.
func (s *scanner) changedTo(p int) int {
	words := s.text[p:s.lineEnd]
	at := cutAny(words, " \t")
	verb := strings.ToLower(words[:at])
	if verb == "been" || verb == "now" || verb == "again" {
		next := at + indentOf(words[at:])
		at = next + cutAny(words[next:], " \t")
		verb = strings.ToLower(words[next:at])
	}
	if !changes(verb) {
		return p
	}
	at += indentOf(words[at:])
	to := at + cutAny(words[at:], " \t")
	switch strings.ToLower(words[at:to]) {
	case "to", "auf", "zu", "en", "à":
		return p + to + indentOf(words[to:])
	}
	return p
}

// spokenOf takes the word at p as the secret of a sentence where it does not look like a word: "should be X", and not "should be longer".
func (s *scanner) spokenOf(span Span, p int, name string) int {
	end := p + cutAny(s.text[p:s.lineEnd], " \t")
	if v := strings.TrimRight(s.text[p:end], ".,;!"); !mixed(v) && !number(v) && quoteAt(s.text, p) == "" {
		return 0
	}
	return s.spoken(span, p, name)
}

// maxCommand is more than a line of a router's configuration has in front of its password, in bytes. A longer text is cut at its begin, and
// then does not begin as such a line does.
const maxCommand = 200

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
	for to < end && text[to] == '!' && mixed(text[p:to]) { // more often the end of a password than of a sentence
		to++
	}
	v := text[p:to]
	if v == "" || !Value(v, Strong) || hostLike(v) {
		return 0
	}
	if kindOfWord(name)&joined == 0 && !mixed(v) && strings.Trim(v, "0123456789") != "" {
		return 0 // "the secret of success is practice"
	}
	r, _ := utf8.DecodeRuneInString(v)
	last := strings.TrimSpace(text[to:s.lineEnd]) == "" || strings.IndexByte(".,!", text[to]) >= 0
	if !mixed(v) && !unicode.IsUpper(r) && !last && strings.ToLower(v) == v && strings.Trim(v, "0123456789") != "" {
		return 0 // a word of the sentence
	}
	return s.add(s.at(span, p, to))
}

// direct takes a word directly after the name: in quotes, after "with", or as a router writes it ("password 7 0822455D0A16").
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
	line := strings.ToLower(strings.TrimSpace(text[max(s.lineStart, span.NameStart-maxCommand):span.NameStart]))
	if i := strings.IndexAny(line, "#>:"); i > 0 && !strings.ContainsAny(line[:i], " \t") { // the prompt of a router or an appliance
		line = strings.TrimSpace(line[i+1:])
	}
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

// number reports whether a text can be a PIN.
func number(v string) bool { return len(v) >= 4 && len(v) <= 12 && strings.Trim(v, "0123456789") == "" }

// random reports whether a text changes between letters and digits so often that no word, version or name of an algorithm does.
func random(v string) bool {
	turns, letters, small, capital := 0, false, false, false
	for i := 0; i < len(v); i++ {
		is := chars.Letter(v[i])
		if !is && !digit(v[i]) {
			continue
		}
		if i > 0 && is != letters {
			turns++
		}
		letters = is
		small = small || v[i] >= 'a' && v[i] <= 'z'
		capital = capital || v[i] >= 'A' && v[i] <= 'Z'
	}
	return len(v) >= 6 && turns > 2 && small && capital && !hostLike(v)
}

// Suspects is a last look at a text that was redacted, with other eyes: it returns places where a name that says "password" is followed in
// its line by something that looks random and that Find did not treat as a secret. The table may be nil.
func Suspects(text string, keys Table) []int {
	s := scanner{text: text, keys: keys}
	var out []int
	for i := 0; i < len(text); {
		c := text[i]
		if !chars.Letter(c) && (c < utf8.RuneSelf || !s.wordRune(i)) {
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

// suspect looks after a name for a sign that a value follows, and right after that for something random.
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
		} else if chars.Letter(v[i]) {
			letters++
		}
	}
	if digits == 0 || letters == 0 || strings.ContainsAny(v, "=:") {
		return 0
	}
	return p
}

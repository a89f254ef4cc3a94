package secret

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	"cupclint/internal/chars"
)

// A command is a line in which a secret has its place by the order of the words. The first word is not in words: commandsOf finds it.
type command struct {
	words  []string
	tagged bool // the tag of an IMAP command is before the first word
	plain  bool // an ordinary word is a secret, too
	random bool // only what no word or name looks like is a secret
	prose  bool // the first word can be anywhere in a sentence, and the secret is one that looks random
}

// command looks whether the word [start, end) begins one of the commands, and takes its secret. It returns 0 where there is none.
func (s *scanner) command(start, end int, list []command) int {
	for i := range list {
		c := &list[i]
		if tagged := s.tagBefore(start); !tagged && (c.tagged || !c.anywhere() && !s.begins(start)) {
			continue
		}
		var places []place
		if c.words[0] == "<piped>" {
			places = s.piped(start)
		} else {
			places = s.match(c, end)
		}
		upper := c.tagged && strings.ToUpper(s.text[start:end]) == s.text[start:end]
		next := 0
		for _, at := range places {
			v := s.text[at.from:at.to]
			quoted := at.from > 0 && strings.IndexByte(`"'`, s.text[at.from-1]) >= 0
			if Value(v, Strong) && (c.plain || c.random && unlikely(v) || c.prose && inProse(v) ||
				!c.random && !c.prose && (mixed(v) || quoted || upper)) {
				next = max(next, s.add(Span{Start: at.from, End: at.to, Name: inCommand, Inside: true}))
			}
		}
		if next > 0 {
			return next
		}
	}
	return 0
}

// anywhere reports a command whose first word can be anywhere in a line: a call, or what a | gives a text to.
func (c *command) anywhere() bool {
	return c.prose || argumentOf(c.words[0]) > 0 || c.words[0] == "<piped>"
}

// inProse reports whether a part of a sentence looks like neither a word, a name, a version nor a parameter.
func inProse(v string) bool {
	return unlikely(v) && (random(v) || !strings.ContainsAny(v, "=+|@/%"))
}

// argumentOf is the number of the argument of a call that a word of commands.tsv stands for; 0 for another word.
func argumentOf(word string) int {
	switch word {
	case "<first>":
		return 1
	case "<call>":
		return 2
	case "<third>":
		return 3
	}
	return 0
}

// unlikely reports what neither a word nor a name looks like.
func unlikely(v string) bool {
	return len(v) >= 6 && mixed(v) && (random(v) || strings.ContainsAny(v, "!$%&#+*~^=?|@") && !strings.ContainsAny(v, "(){}[]<>:,;"))
}

// A place is where a secret is.
type place struct{ from, to int }

// match compares what follows the first word of a command, and gives the places of the secrets.
func (s *scanner) match(c *command, p int) (places []place) {
	text := s.text
	s.line(p)
	lineEnd := min(s.lineEnd, p+maxValue)
	if quoteAt(text, p) != "" {
		return nil // the name of a field
	}
	if p < lineEnd && text[p] == '=' && argumentOf(c.words[0]) == 0 {
		return nil // the name of a pair
	}
	for _, w := range c.words {
		for p < lineEnd && (text[p] == ' ' || text[p] == '\t') {
			p++
		}
		end := p + cutAny(text[p:lineEnd], " \t")
		q := quoteAt(text, p)
		if q != "" {
			if shut := closing(text, p+len(q), lineEnd, q); shut >= 0 {
				end = shut + len(q)
			}
		}
		word := text[p:end]
		prefix, argument, attached := strings.Cut(w, ":<any>")
		switch {
		case w == "<line>":
			if lineEnd < s.lineEnd {
				return nil // too long for a command, and its end is far
			}
			next, stop, more := s.lineAfter(lineEnd)
			for range maxAnswers {
				if !more || !serverSays(text[next:stop]) {
					break
				}
				next, stop, more = s.lineAfter(stop)
			}
			if !more {
				return nil
			}
			p, lineEnd = next+len(marker(text[next:stop])), stop
			continue
		case w == "<end>":
			if word != "" && word[0] != '/' && word[0] != '-' {
				return nil
			}
			return places
		case w == "<options>":
			for p < lineEnd && text[p] == '-' {
				p += cutAny(text[p:lineEnd], " \t")
				for p < lineEnd && (text[p] == ' ' || text[p] == '\t') {
					p++
				}
			}
			continue
		case w == "<digit>":
			if len(word) != 1 || !digit(word[0]) {
				continue
			}
		case argumentOf(w) > 0:
			return s.argument(argumentOf(w), p, lineEnd)
		case word == "" || word[0] == '|' && w[0] == '<':
			return nil
		case w == "<literal>":
			if word[0] != '{' || word[len(word)-1] != '}' {
				return nil
			}
		case w == "<role>":
			switch strings.ToLower(word) {
			case "user", "account", "the", "benutzer":
			default:
				continue
			}
		case w == "<any>":
		case w == "<name>":
			if s.strength(strings.Trim(word, `"'`)) < Strong {
				return nil
			}
		case w == "<secret>":
			from, to := p+len(q), end-len(q)
			if q == "" {
				for to > from && strings.IndexByte(");,", text[to-1]) >= 0 {
					to--
				}
			}
			if from >= to || strings.IndexByte("$(/", text[from]) >= 0 || strings.HasPrefix(text[from:], `\\`) ||
				strings.HasPrefix(text[from:], "--") {
				return nil
			}
			places = append(places, place{from, to})
		case w == "<any>/<secret>":
			user, password, ok := strings.Cut(word, "/")
			if password = password[:cutAny(password, "@,;")]; !ok || user == "" || password == "" {
				return nil
			}
			places = append(places, place{p + len(user) + 1, p + len(user) + 1 + len(password)})
		case attached && argument == "":
			if len(word) <= len(prefix)+1 || !strings.EqualFold(word[:len(prefix)+1], prefix+":") {
				return nil
			}
		case !sameWord(word, w):
			return nil
		}
		p = end
	}
	return places
}

// sameWord compares a word with one of the table, which may list several: as|with.
func sameWord(word, w string) bool {
	if len(w) < 2 || strings.IndexByte(w, '|') < 0 {
		return strings.EqualFold(word, w)
	}
	for one := range strings.SplitSeq(w, "|") {
		if strings.EqualFold(word, one) {
			return true
		}
	}
	return false
}

// argument gives the place of an argument of a call, by its number, where it is in quotes.
func (s *scanner) argument(number, p, lineEnd int) []place {
	text := s.text
	lineEnd = min(lineEnd, p+maxTag)
	open := strings.IndexByte(text[p:lineEnd], '(')
	if open < 0 || open > len("]::new") {
		return nil
	}
	end := p + open + 1
	for range number - 1 {
		if p = end; quoteAt(text, p) != "" {
			end = s.word1(p)
		} else {
			end += cutAny(text[p:lineEnd], ",")
		}
		for end < lineEnd && strings.IndexByte(", ", text[end]) >= 0 {
			end++
		}
	}
	if end+1 < lineEnd && text[end]|0x20 == 'b' && quoteAt(text, end+1) != "" { // bytes in Python
		end++
	}
	q := quoteAt(text, end)
	if q == "" {
		return nil
	}
	from := end + len(q)
	if to := closing(text, from, lineEnd, q); to > from {
		return []place{{from, to}}
	}
	return nil
}

// piped gives the place of the text in quotes in front of the | before a command.
func (s *scanner) piped(start int) []place {
	s.line(start)
	before, bar := strings.CutSuffix(strings.TrimRight(s.text[s.lineStart:start], " "), "|")
	before = strings.TrimRight(before, " ")
	q := quoteBefore(before, len(before))
	if !bar || q == "" {
		return nil
	}
	inner := before[:len(before)-len(q)]
	open := strings.LastIndex(inner, q)
	if open < 0 {
		return nil
	}
	return []place{{s.lineStart + open + len(q), s.lineStart + len(inner)}}
}

const maxAnswers = 3 // lines of a server between two of a client

// serverSays reports whether a line of a dialogue is the server's.
func serverSays(line string) bool {
	line = strings.TrimLeft(line, " \t")
	if line == "" {
		return false
	}
	digits := len(line) - len(strings.TrimLeft(line, "0123456789"))
	return line[0] == '+' || line[0] == '*' || strings.HasPrefix(line, "-ERR") || strings.HasPrefix(line, "S:") ||
		strings.HasPrefix(line, "< ") ||
		digits == 3 && (len(line) == 3 || line[3] == ' ' || line[3] == '-')
}

// begins reports whether a word is the first of a command: at the beginning of its line, after a prompt or a sign, or after a program's
// path.
func (s *scanner) begins(start int) bool {
	s.line(start)
	before := strings.TrimRight(s.text[s.lineStart:start], " \t")
	return before == "" || strings.IndexByte(`:#>$(|;&="'`+"`", before[len(before)-1]) >= 0 ||
		len(before) < start-s.lineStart && digit(before[0])
}

// tagBefore reports whether the word before a place can be the tag of an IMAP command, and is the first word of its line: a1, 0004, or a
// point.
func (s *scanner) tagBefore(start int) bool {
	s.line(start)
	line := s.text[max(s.lineStart, start-maxName):start]
	before := strings.TrimRight(line, " \t")
	tag := before[strings.LastIndexAny(before, " \t:>")+1:]
	if tag == "" || len(tag) > 12 || len(before) == len(line) {
		return false
	}
	digits := strings.TrimLeft(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.")
	return strings.Trim(digits, "0123456789") == "" && (digits != "" || len(tag) < 3)
}

// marker is what a log of a dialogue writes before the lines of a side: "C: ", "> ".
func marker(line string) string {
	for _, m := range [...]string{"C: ", "C:", "-> ", ">>> ", ">> ", "> ", "< "} {
		if strings.HasPrefix(strings.TrimLeft(line, " \t"), m) {
			return line[:strings.Index(line, m)+len(m)]
		}
	}
	return ""
}

// plainResponse takes the message of SASL PLAIN without an authorization identity (RFC 4616): base64 of NUL, name, NUL, password. It shows
// what it is wherever it appears: in a dialogue, in an element of XMPP. It returns 0 for everything else.
func (s *scanner) plainResponse(start int) int {
	text := s.text
	end := start
	for end < len(text) && end-start < maxValue && (chars.Letter(text[end]) || digit(text[end]) || text[end] == '+' || text[end] == '/') {
		end++
	}
	b, err := base64.RawStdEncoding.DecodeString(text[start:end])
	if err != nil || len(b) < 4 || b[0] != 0 || !utf8.Valid(b) {
		return 0
	}
	name, password, ok := strings.Cut(string(b[1:]), "\x00")
	if !ok || name == "" || password == "" || strings.ContainsFunc(name+password, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return 0
	}
	for end < len(text) && text[end] == '=' {
		end++
	}
	return s.add(Span{Start: start, End: end, Name: "SASL PLAIN", Inside: true})
}

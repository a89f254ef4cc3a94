package secret

import (
	_ "embed"
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"

	"cupclint/internal/lazy"
)

//go:embed commands.tsv
var commandTable string

// A command is a line in which a secret has its place by the order of the words. The first word is not in words: commands finds it.
type command struct {
	words  []string
	tagged bool // the tag of an IMAP command is before the first word
	plain  bool // an ordinary word is a secret, too
}

// commands are the rows of commands.tsv by their first word in lower case.
var commands = lazy.Value[map[string][]command]{New: func() map[string][]command {
	list := make(map[string][]command, strings.Count(commandTable, "\n"))
	for line := range strings.Lines(commandTable) {
		row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(row) < 3 || strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(row[0])
		c := command{tagged: words[0] == "<tag>", plain: row[1] == "plain"}
		if c.tagged {
			words = words[1:]
		}
		c.words = words[1:]
		list[words[0]] = append(list[words[0]], c)
	}
	return list
}}

// command looks whether the word [start, end) begins one of the commands, and takes its secret. It returns 0 where there is none.
func (s *scanner) command(start, end int, list []command) int {
	for i := range list {
		c := &list[i]
		if tagged := s.tagBefore(start); !tagged && (c.tagged || c.words[0] != "<call>" && c.words[0] != "<piped>" && !s.begins(start)) {
			continue
		}
		from, to, ok := 0, 0, false
		if c.words[0] == "<piped>" {
			from, to, ok = s.piped(start)
		} else {
			from, to, ok = s.match(c, end)
		}
		if ok {
			v := s.text[from:to]
			quoted := from > 0 && strings.IndexByte(`"'`, s.text[from-1]) >= 0
			upper := c.tagged && strings.ToUpper(s.text[start:end]) == s.text[start:end]
			if Value(v, Strong) && (c.plain || mixed(v) || quoted || upper) {
				return s.add(Span{Start: from, End: to, Name: inCommand, Inside: true})
			}
		}
	}
	return 0
}

// match compares what follows the first word of a command, and gives the place of the secret.
func (s *scanner) match(c *command, p int) (from, to int, ok bool) {
	text := s.text
	s.line(p)
	lineEnd := min(s.lineEnd, p+maxValue)
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
			next, stop, more := s.lineAfter(lineEnd)
			for range maxAnswers {
				if !more || !serverSays(text[next:stop]) {
					break
				}
				next, stop, more = s.lineAfter(stop)
			}
			if !more {
				return 0, 0, false
			}
			p, lineEnd = next+len(marker(text[next:stop])), stop
			continue
		case w == "<end>":
			return from, to, ok && (word == "" || word[0] == '/' || word[0] == '-')
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
		case w == "<call>":
			return s.secondArgument(p, lineEnd)
		case word == "" || word[0] == '|' && w[0] == '<':
			return 0, 0, false
		case w == "<literal>":
			if word[0] != '{' || word[len(word)-1] != '}' {
				return 0, 0, false
			}
		case w == "<any>":
		case w == "<name>":
			if s.strength(strings.Trim(word, `"'`)) < Strong {
				return 0, 0, false
			}
		case w == "<secret>":
			if from, to = p+len(q), end-len(q); q == "" {
				for to > from && strings.IndexByte(");,", text[to-1]) >= 0 {
					to--
				}
			}
			if ok = from < to && strings.IndexByte("$(/", text[from]) < 0 && !strings.HasPrefix(text[from:], `\\`); !ok {
				return 0, 0, false
			}
		case attached && argument == "":
			if len(word) <= len(prefix)+1 || !strings.EqualFold(word[:len(prefix)+1], prefix+":") {
				return 0, 0, false
			}
		case !strings.EqualFold(word, w):
			return 0, 0, false
		}
		p = end
	}
	return from, to, ok
}

// secondArgument gives the place of the second argument of a call, where it is in quotes.
func (s *scanner) secondArgument(p, lineEnd int) (from, to int, ok bool) {
	text := s.text
	lineEnd = min(lineEnd, p+maxTag)
	open := strings.IndexByte(text[p:lineEnd], '(')
	if open < 0 || open > len("]::new") {
		return 0, 0, false
	}
	p += open + 1
	end := p + cutAny(text[p:lineEnd], ",")
	if quoteAt(text, p) != "" {
		end = s.word1(p)
	}
	for end < lineEnd && strings.IndexByte(", ", text[end]) >= 0 {
		end++
	}
	q := quoteAt(text, end)
	if q == "" {
		return 0, 0, false
	}
	from = end + len(q)
	to = closing(text, from, lineEnd, q)
	return from, to, to > from
}

// piped gives the place of the text in quotes in front of the | before a command.
func (s *scanner) piped(start int) (from, to int, ok bool) {
	s.line(start)
	before, bar := strings.CutSuffix(strings.TrimRight(s.text[s.lineStart:start], " "), "|")
	before = strings.TrimRight(before, " ")
	q := quoteBefore(before, len(before))
	if !bar || q == "" {
		return 0, 0, false
	}
	inner := before[:len(before)-len(q)]
	open := strings.LastIndex(inner, q)
	return s.lineStart + open + len(q), s.lineStart + len(inner), open >= 0
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
	for end < len(text) && end-start < maxValue && (letter(text[end]) || digit(text[end]) || text[end] == '+' || text[end] == '/') {
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

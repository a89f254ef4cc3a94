package secret

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cupclint/internal/chars"
	"cupclint/internal/recent"
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
func Find(text string, keys Table) []Span { return find(scanner{text: text, keys: keys}) }

// A Finder finds the secrets of one text after the other, in less time where they have the same names. The zero value is ready.
type Finder struct {
	// plain are names of the table that promise nothing. Other words may be secrets, and are not remembered.
	plain recent.Values
}

// Find does what the function does. The table is the same in each call.
func (f *Finder) Find(text string, keys Table) []Span {
	return find(scanner{text: text, keys: keys, plain: &f.plain})
}

func find(s scanner) []Span {
	s.run()
	return s.again()
}

// maxAgain bounds how many passwords of a text are looked for in the rest of it.
const maxAgain = 16

// again adds the places where a password that the text names is a second time, without a name or with one that says nothing: in a list, in
// a sentence. It must look random, so that no ordinary word becomes a secret, and be a word of its own. After "confirm:" it need not.
func (s *scanner) again() []Span {
	var values []string
	var more []Span
	for _, f := range s.found {
		v := s.text[f.Start:f.End]
		if len(v) < 6 || !mixed(v) || strings.ContainsAny(v, " \t") || slices.Contains(values, v) ||
			f.NameStart < f.NameEnd && s.strength(s.text[f.NameStart:f.NameEnd]) < Strong {
			continue
		}
		if values = append(values, v); len(values) > maxAgain {
			break
		}
		alone := unlikely(v)
		for at := 0; ; at += len(v) {
			i := strings.Index(s.text[at:], v)
			if i < 0 {
				break
			}
			at += i
			if s.alone(at, at+len(v)) && (alone || s.confirms(at)) {
				more = append(more, Span{Start: at, End: at + len(v), NameStart: at, NameEnd: at, Name: f.Name, Inside: true})
			}
		}
	}
	if len(more) == 0 {
		return s.found
	}
	slices.SortStableFunc(more, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	all, next := make([]Span, 0, len(s.found)+len(more)), 0
	for _, f := range s.found {
		for ; next < len(more) && more[next].Start < f.End; next++ {
			if m := more[next]; m.End <= f.Start && (len(all) == 0 || m.Start >= all[len(all)-1].End) {
				all = append(all, m)
			}
		}
		all = append(all, f)
	}
	for _, m := range more[next:] {
		if m.Start >= all[len(all)-1].End {
			all = append(all, m)
		}
	}
	return all
}

// Generated reports whether a password looks like neither a word nor a name, so that it is a secret wherever it is.
func Generated(v string) bool { return unlikely(v) && !strings.ContainsAny(v, " \t") }

// Again finds a password in a text where it is a word of its own; -1 where it is not.
func Again(text, v string) int {
	s := scanner{text: text}
	for at := 0; ; at += len(v) {
		i := strings.Index(text[at:], v)
		if i < 0 {
			return -1
		}
		if at += i; s.alone(at, at+len(v)) {
			return at
		}
	}
}

// confirms reports whether the name in front of a value asks for a password once more.
func (s *scanner) confirms(start int) bool {
	s.line(start)
	name := strings.ToLower(strings.TrimRight(s.text[max(s.lineStart, start-maxName):start], " \t:=\"'"))
	return isAgain(name[strings.LastIndexAny(name, " \t\"'")+1:])
}

// alone reports whether no letter, digit or part of a name is next to [start, end).
func (s *scanner) alone(start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(s.text[:start])
	after, _ := utf8.DecodeRuneInString(s.text[end:])
	return !inWord(before) && !inWord(after)
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

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
	plain *recent.Values // see Finder; nil is none
	found []Span
	end   int // of the last span
	names map[string]known

	lineStart, lineEnd int // the line that was asked for last
	document           document
}

// Bounds, so that the time stays linear: how far a value, a tag, and a folded header are looked for.
const (
	maxValue  = 8 << 10
	maxTag    = 2 << 10
	maxFolded = 40 // lines
	maxNames  = 4096
	shortText = 256 // bytes of a text in which no word comes often
	// textPerName is about how many bytes a text has for each of its names.
	textPerName = 24
)

func (s *scanner) run() {
	text := s.text
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case wordByte(c) && (c < utf8.RuneSelf || s.wordRune(i)):
			j := s.wordEnd(i)
			if next := s.escaped(i, j); next > 0 {
				i = next
				continue
			}
			next := s.word(i, j)
			i = max(j, next)
		case c == '/':
			i = max(i+1, s.slash(i))
		case c == '@':
			if next := s.disguised(i, i+1); next > 0 {
				i = next
				continue
			}
			s.userInfo(i)
			i++
		case c == '$' || c == '{':
			i = max(i+1, s.hash(i), s.disguised(i, i))
		case c == '<' && strings.HasPrefix(text[i:], "<<<"):
			i = s.option(i, i+len("<<"), i+len("<<<"))
		case c == '\\' || c == '&' || c == '%':
			i = s.sign(i)
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
	return chars.Letter(c) || digit(c) || c == '_' || c == '-' || c == '.' || c >= utf8.RuneSelf
}

func (s *scanner) wordRune(i int) bool {
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || invisible(r))
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

// add keeps a span. One inside an earlier span is not kept.
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
	// A value that continues in the next lines: each line is a span of its own, so that the lines stay.
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

// known is what a word can mean: a name with a strength, and the commands that it begins.
type known struct {
	strength Strength
	commands []command
	account  bool // a user and a password may follow
}

// invisible reports characters that a copy from a web page has in words.
func invisible(r rune) bool {
	return r >= 0x200b && r <= 0x200d || r == 0x2060 || r == 0xfeff || r == 0xad
}

// visible is a name without them.
func visible(name string) string {
	if ascii(name) || strings.IndexFunc(name, invisible) < 0 {
		return name
	}
	return strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, name)
}

// known looks a word up, with a memory: logs say the same words over and over. A single value does not.
func (s *scanner) known(name string) known {
	if k, ok := s.names[name]; ok || s.plain.Has(name) {
		return k
	}
	plain := visible(name)
	lower := strings.ToLower(plain)
	program := strings.TrimSuffix(lower, ".exe")
	strength, inTable := nameStrength(plain, lower, s.keys)
	k := known{strength, commandsOf(program[strings.LastIndexByte(program, '.')+1:]), isAccount(lower)}
	if inTable && s.plain != nil && k.strength == None && k.commands == nil && !k.account {
		s.plain.Add(name)
		return k
	}
	if len(s.text) < shortText {
		return k
	}
	if s.names == nil || len(s.names) >= maxNames {
		s.names = make(map[string]known, min(len(s.text)/textPerName, maxNames))
	}
	s.names[name] = k
	return k
}

func (s *scanner) strength(name string) Strength { return s.known(name).strength }

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

// word looks at the word [start, end) and returns where to continue.
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
	case len(name) > 20 && (name[0] == 'g' || name[0] == 'x'):
		if next := s.serviceToken(dashes, nameEnd); next > 0 {
			return next
		}
	case len(name) >= 5 && (name[0]|0x20 == 'b' || name[0]|0x20 == 'n' || name[0]|0x20 == 'k' || name[0] == 'e' || name[0]|0x20 == 't'):
		if next := s.scheme(dashes, nameEnd); next > 0 {
			return next
		}
	}
	if len(name) == 1 && name[0]|0x20 == 'p' && start > 0 && text[start-1] == '/' &&
		(start == 1 || text[start-2] == ' ' || text[start-2] == '\n') && end < len(text) && text[end] == ':' {
		return max(end, s.named(start, end, Strong)) // /p:SECRET
	}
	if len(name) == 1 && name[0]|0x20 == 'p' {
		if next := s.initials(dashes, nameEnd); next > 0 {
			return next
		}
	}
	if end-start <= 2 && start > 0 && text[start-1] == '/' && (start == 1 || strings.IndexByte(" \t\n", text[start-2]) >= 0) {
		return s.option(start-1, start, nameEnd) // /p SECRET, after the program
	}
	if name == "inline" {
		if next := s.mediaKey(end); next > 0 {
			return next
		}
	}
	if name[0] == 'A' && len(name) > 3 && name[1] >= 'A' && name[1] <= 'P' {
		if next := s.plainResponse(dashes); next > 0 {
			return next
		}
	}
	if len(name) >= minGrant || name == "data" || name == "stringData" || end < len(text) && (text[end] == '+' || text[end] == '/') {
		if next := s.inFile(dashes, nameEnd, end); next > 0 {
			return next
		}
	}
	if name[0]|0x20 == 'r' && (strings.EqualFold(name, "response") || name == "rspauth") || len(name) == 3 && strings.EqualFold(name, "ha1") {
		return max(s.digestResponse(dashes, nameEnd), s.coded(start, end))
	}
	switch {
	case name == "code", name == "ticket", len(name) == 3 && name == "sig", strings.HasSuffix(name, "ignature"):
		if next := s.grant(start, end); next > 0 {
			return next
		}
	case len(name) == len("seq") && strings.EqualFold(name, "seq"):
		if next := s.mobilityPIN(start, end); next > 0 {
			return next
		}
	case name == "auth":
		if next := s.coded(start, end); next > 0 {
			return next
		}
	}
	if end < len(text) && text[end] == '/' && strings.HasSuffix(name, ".com") {
		if next := s.webhook(dashes, nameEnd); next > 0 {
			return next
		}
	}
	if header(name) {
		if next := s.header(dashes, nameEnd); next > 0 {
			return next
		}
	}
	if name[0] >= utf8.RuneSelf {
		if next := s.glued(dashes, end); next > 0 {
			return next
		}
	}
	k := s.known(name)
	if k.commands != nil {
		if next := s.command(dashes, nameEnd, k.commands); next > 0 {
			return next
		}
	}
	if k.account {
		if next := s.account(nameEnd); next > 0 {
			return next
		}
	}
	st := k.strength
	first := dashes
	if st < Strong {
		if at, of := s.pair(dashes, nameEnd); of > st {
			first, st = at, of
		}
	}
	if st == None {
		return end
	}
	if st == Weak && s.replica(first, nameEnd) {
		st = Strong
	}
	if st >= Strong {
		s.usedAs(first, text[first:nameEnd])
	}
	for _, look := range [...]func(start, end int) int{s.table, s.inserted, s.nextCell} {
		if next := look(first, nameEnd); next > 0 {
			return next
		}
	}
	next := s.named(first, nameEnd, st)
	if next == 0 {
		next = s.inClause(first, nameEnd, st)
	}
	return max(end, s.further(next, st))
}

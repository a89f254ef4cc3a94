package secret

import (
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

func plainScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !chars.Letter(c) && !digit(c) && c != '-' {
			return false
		}
	}
	return s != ""
}

// userInfo looks at the text in front of an @ for user and password: scheme://user:password@host, user:password@host.
func (s *scanner) userInfo(at int) {
	text := s.text
	s.line(at)
	from := at
	for from > s.lineStart && from > s.end && at-from < 300 && strings.IndexByte(" \t\"'<>`|", text[from-1]) < 0 {
		from--
	}
	part := text[from:at]
	if oracle := fold.LastIndex(part, "jdbc:oracle:"); oracle >= 0 { // jdbc:oracle:thin:user/password@host
		if i := strings.IndexByte(part[oracle:], '/'); i > 0 && Value(part[oracle+i+1:], Strong) {
			s.add(Span{Start: from + oracle + i + 1, End: at, Name: inUserInfo, Inside: true})
		}
		return
	}
	scheme := false
	if i := strings.LastIndex(part, "://"); i >= 0 {
		part, scheme = part[i+3:], true
	} else if after, ok := strings.CutPrefix(part, "//"); ok {
		part, scheme = after, true
	} else {
		for _, p := range [...]string{"sips:", "sip:", "xmpp:", "im:", "pres:"} {
			if i := fold.LastIndex(part, p); i >= 0 && (i == 0 || !wordByte(part[i-1])) {
				part, scheme = part[i+len(p):], true
				break
			}
		}
	}
	if at+1 >= len(text) || !wordByte(text[at+1]) && text[at+1] != '[' && text[at+1] != '%' {
		if !scheme {
			return
		}
	}
	if at > 0 && !scheme && (text[at-1] == '\'' || text[at-1] == '"') {
		s.quotedInfo(at, text[at-1:at])
		return
	}
	colon := strings.IndexByte(part, ':')
	if i := strings.LastIndexByte(part, ':'); i > colon && strings.IndexByte(part[colon+1:i], '@') >= 0 && !scheme {
		colon = i
	}
	if colon < 0 && scheme && from < at && strings.HasPrefix(text[from:], "http") && len(part) >= minGrant && random(part) {
		s.add(Span{Start: at - len(part), End: at, Name: inUserInfo, Inside: true}) // a token in the place of the name
	}
	if user, password, ok := strings.Cut(part, "/"); colon < 0 && ok && !scheme && user != "" && likely(password) { // of SQL*Plus
		s.add(Span{Start: at - len(password), End: at, Name: inUserInfo, Inside: true})
		return
	}
	if colon < 0 || colon+1 == len(part) {
		return
	}
	// The user begins after the last sign that no name has.
	user := part[:colon]
	if i := strings.LastIndexAny(user, "=,;|(){}[]!&?"); i >= 0 {
		user = user[i+1:]
	}
	password := part[colon+1:]
	if user == "" && !scheme || !domainUser(user, password, text[at+1:s.lineEnd]) {
		return
	}
	if n := strings.IndexAny(password, "/?#"); n >= 0 && strings.Trim(password[:n], "0123456789") == "" {
		return // a port and a path
	}
	if !scheme && (fieldLabel(user) && !(isLogin(user) && unlikely(password)) || strings.Trim(user, "0123456789.-") == "" ||
		password[0] == '\\' || len(user) == 1 && password[0] == '/') {
		return
	}
	// A further @ belongs to the password: the last one in front of the host counts.
	end := at
	if scheme {
		rest := text[at+1 : s.lineEnd]
		rest = rest[:cutAny(rest, " \t/?#\"'<>;,`")]
		if i := strings.LastIndexByte(rest, '@'); i >= 0 {
			end = at + 1 + i
		}
	}
	start := at - len(password)
	if v := text[start:end]; variable(v) || v == Redacted {
		return
	}
	s.add(Span{Start: start, End: end, Name: inUserInfo, Inside: true})
}

// domainUser reports whether the name in front of a password can be one: with a domain in it, as user@domain or domain/user, only where the
// password looks as one. A path, the name of an image with its version, or a port is none.
func domainUser(user, password, host string) bool {
	if strings.IndexByte(user, '@') < 0 && strings.IndexByte(user, '/') < 0 {
		return true
	}
	if strings.Count(user, "@")+strings.Count(user, "/") > 1 || strings.HasPrefix(host, "sha256:") {
		return false
	}
	version := strings.TrimLeft(password, "vV")
	return mixed(password) && !strings.ContainsAny(password, ";,=/<>") &&
		!(version != "" && digit(version[0]) && strings.Contains(version, "."))
}

// quotedInfo takes a password in quotes in front of an @: north/imsvc:'x'@host.
func (s *scanner) quotedInfo(at int, quote string) {
	before := s.text[max(s.lineStart, s.end, at-maxName) : at-1]
	open := strings.LastIndex(before, quote)
	if open < 2 || before[open-1] != ':' || !wordByte(before[open-2]) {
		return
	}
	s.take(Span{Name: inUserInfo, NameStart: at, NameEnd: at, Inside: true}, at-len(before)-1+open+1, at-1, Strong)
}

// isLogin reports the labels that are a name to log in with as well: admin:X@host.
func isLogin(user string) bool {
	switch strings.ToLower(user) {
	case "admin", "user", "login", "account":
		return true
	}
	return false
}

// fieldLabel reports words that name an address rather than log in at one: "user:alice@host".
func fieldLabel(s string) bool {
	switch strings.ToLower(strings.TrimRight(s[strings.LastIndexAny(s, ".-_")+1:], "0123456789")) {
	case "user", "username", "userid", "uid", "usr", "account", "acct", "login", "logon", "to", "from", "cc", "bcc", "mail", "email", "e-mail",
		"upn", "dn", "bind",
		"binddn", "id", "name", "contact", "address", "addr", "uri", "url", "for", "by", "jid", "sip", "sips", "tel", "mailto", "xmpp", "im",
		"pres", "smtp", "imap",
		"ldap", "ldaps", "http", "https", "ftp", "ssh", "principal", "identity", "peer", "host", "target", "sender", "recipient", "reply", "path",
		"via", "route",
		"callid", "subject", "ticket", "owner", "admin", "contacturi", "presentity", "watcher", "buddy", "resource", "domain", "realm", "line",
		"aor", "pai", "ppi", "at",
		"with", "as", "is", "member", "person", "benutzer", "konto", "an", "von", "re", "aw", "fwd", "proxyaddresses", "x", "note", "error",
		"info", "warn", "debug", "session":
		return true
	}
	return false
}

// option takes the value of an option of a command line.
func (s *scanner) option(start, from, end int) int {
	text := s.text
	s.line(start)
	name := text[from:end]
	span := Span{Name: inCommand + " " + text[start:end], NameStart: start, NameEnd: end, Inside: true}
	st := None
	if len(name) > 2 || from-start > 1 || name == "pw" {
		st = s.strength(name)
	}
	attached, sign, skip := 0, "", 0
	if st == None {
		if attached, sign, skip = s.shortOption(start, end); attached == 0 {
			return end
		}
		if attached < end {
			span.NameEnd = attached
			span.Name = inCommand + " " + text[start:attached]
			from, to := attached, s.word1(attached)
			if q := quoteAt(text, from); q != "" && to-from > 2*len(q) && strings.HasSuffix(text[from:to], q) {
				from, to = from+len(q), to-len(q)
			}
			return s.userPart(span, from, to, sign)
		}
		st = Strong
	}
	p := end
	if p < s.lineEnd && (text[p] == '=' || text[p] == ':') {
		p++
	} else {
		for p < s.lineEnd && (text[p] == ' ' || text[p] == '\t') {
			p++
		}
		if p == end && quoteAt(text, p) == "" || p < s.lineEnd && text[p] == '-' && attached == 0 {
			return end
		}
	}
	if cmdlet(text[p:s.lineEnd]) {
		return end // -Password (ConvertTo-SecureString "X"): the command inside has the secret
	}
	for range skip {
		if p = s.word1(p); p >= s.lineEnd {
			return end
		}
		p += indentOf(text[p:s.lineEnd])
	}
	from2, to := p, s.word1(p)
	if q := quoteAt(text, p); q != "" {
		from2 += len(q)
		if strings.HasSuffix(text[from2:to], q) {
			to -= len(q)
		}
	} else {
		to = s.trimmed(from2, to)
	}
	if v := text[from2:to]; attached > 0 && sign == "" && from2 > p && strings.IndexByte(v, ' ') > 0 && mixed(v) && !variable(v) {
		return s.add(s.at(span, from2, to)) // 'a X': in quotes, no word of it is one of a sentence
	}
	if attached > 0 {
		return max(end, s.userPart(span, from2, to, sign))
	}
	return max(end, s.take(span, from2, to, st))
}

// cmdlet reports whether a text begins with a command of PowerShell in brackets: a verb, a hyphen, a noun, and more.
func cmdlet(text string) bool {
	inner, ok := strings.CutPrefix(text, "(")
	verb, rest, hyphen := strings.Cut(inner[:cutAny(inner, " \t")], "-")
	return ok && hyphen && len(verb) > 2 && len(rest) > 2 && plainWords(verb) && plainWords(rest) && strings.IndexByte(inner, ' ') > 0
}

// userPart takes a value, or of user:password, user%password and name=password what is after the sign.
func (s *scanner) userPart(span Span, from, to int, sign string) int {
	text := s.text
	if sign == "" && strings.HasSuffix(span.Name, "-u") || strings.HasSuffix(span.Name, "-U") || strings.HasSuffix(span.Name, "user") {
		sign = ":%"
	}
	if sign != "" {
		if from+2 < to && text[from+1] == ':' && text[from+2] == '\\' { // a drive
			from += 2
		}
		i := strings.IndexAny(text[from:to], sign)
		if i < 0 {
			return to
		}
		from += i + 1
		if q := quoteAt(text, from); q != "" && to-from > 2*len(q) && strings.HasSuffix(text[from:to], q) {
			from, to = from+len(q), to-len(q)
		}
	}
	if !Value(text[from:to], Strong) {
		return to
	}
	return s.add(s.at(span, from, to))
}

package secret

import (
	"strings"

	"cupclint/internal/fold"
)

func plainScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !letter(c) && !digit(c) && c != '-' {
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
	scheme := false
	if i := strings.LastIndex(part, "://"); i >= 0 {
		part, scheme = part[i+3:], true
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
	colon := strings.IndexByte(part, ':')
	if colon < 0 || colon+1 == len(part) {
		return
	}
	// The user begins after the last sign that no name has.
	user := part[:colon]
	if i := strings.LastIndexAny(user, "=,;|(){}[]!&?"); i >= 0 {
		user = user[i+1:]
	}
	password := part[colon+1:]
	if user == "" && !scheme || strings.IndexByte(user, '@') >= 0 || strings.IndexByte(user, '/') >= 0 {
		return
	}
	if n := strings.IndexAny(password, "/?#"); n >= 0 && strings.Trim(password[:n], "0123456789") == "" {
		return // a port and a path
	}
	if !scheme && (fieldLabel(user) || strings.Trim(user, "0123456789.-") == "" || password[0] == '\\' ||
		len(user) == 1 && password[0] == '/') {
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
	attached := 0
	if st == None {
		if attached = s.shortOption(start, from, end); attached == 0 {
			return end
		}
		if attached < end {
			span.NameEnd = attached
			span.Name = inCommand + " " + text[start:attached]
			return s.userPart(span, attached, s.word1(attached))
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
	from2, to := p, s.word1(p)
	if q := quoteAt(text, p); q != "" {
		from2 += len(q)
		if strings.HasSuffix(text[from2:to], q) {
			to -= len(q)
		}
	} else {
		to = s.trimmed(from2, to)
	}
	if attached > 0 {
		return max(end, s.userPart(span, from2, to))
	}
	return max(end, s.take(span, from2, to, st))
}

// cmdlet reports whether a text begins with a command of PowerShell in brackets: a verb, a hyphen, a noun, and more.
func cmdlet(text string) bool {
	inner, ok := strings.CutPrefix(text, "(")
	verb, rest, hyphen := strings.Cut(inner[:cutAny(inner, " \t")], "-")
	return ok && hyphen && len(verb) > 2 && len(rest) > 2 && plainWords(verb) && plainWords(rest) && strings.IndexByte(inner, ' ') > 0
}

// userPart takes a value, or of user:password and user%password the password.
func (s *scanner) userPart(span Span, from, to int) int {
	text := s.text
	if strings.HasSuffix(span.Name, "-u") || strings.HasSuffix(span.Name, "-U") || strings.HasSuffix(span.Name, "user") {
		i := strings.IndexAny(text[from:to], ":%")
		if i < 0 {
			return to
		}
		from += i + 1
	}
	if !Value(text[from:to], Strong) {
		return to
	}
	return s.add(s.at(span, from, to))
}

// programs are those whose short options take a password.
var programs = [...]struct{ program, options string }{
	{"ldapsearch", "-w"}, {"ldapmodify", "-w"}, {"ldapadd", "-w"}, {"ldapdelete", "-w"}, {"ldapwhoami", "-w"}, {"ldapcompare", "-w"},
	{"ldappasswd", "-w -s -a"},
	{"ldapbind", "-w"}, {"ldapmodrdn", "-w"}, {"dsconf", "-w"}, {"dsidm", "-w"}, {"curl", "-u --user --proxy-user -U"}, {"wget", "--user"},
	{"mysql", "-p"}, {"mysqldump", "-p"},
	{"sshpass", "-p"}, {"plink", "-pw"}, {"pscp", "-pw"}, {"psftp", "-pw"}, {"psexec", "-p"}, {"smbclient", "-U"}, {"rpcclient", "-U"},
	{"smbget", "-U"}, {"net", "-U"}, {"ldp", "-w"},
	{"dsquery", "-p"}, {"dsget", "-p"}, {"dsmod", "-p"}, {"schtasks", "-rp"}, {"sqlcmd", "-P"}, {"osql", "-P"}, {"bcp", "-P"}, {"isql", "-P"},
	{"dbaccess", "-p"},
	{"keytool", "-storepass -keypass"}, {"openssl", "-passin -passout -pass -k"}, {"kinit", "-w"}, {"sipp", "-ap"}, {"sipsak", "-a"},
	{"swaks", "-ap"}, {"mosquitto_pub", "-P"},
	{"snmpwalk", "-A -X -c"}, {"snmpget", "-A -X -c"}, {"zip", "-P"}, {"unzip", "-P"}, {"7z", "-p"}, {"docker", "-p"}, {"mongo", "-p"},
	{"redis-cli", "-a"}, {"ipmitool", "-P"},
	{"htpasswd", "-b"}, {"vncviewer", "-passwd"}, {"xfreerdp", "-p"}, {"rdesktop", "-p"}, {"httpie", "-a"}, {"http", "-a"},
}

// shortOption returns where the value of a short option that is a password begins: end for the next word, less than end when it is
// attached.
func (s *scanner) shortOption(start, from, end int) int {
	if end == from {
		return 0
	}
	line := strings.ToLower(s.text[max(s.lineStart, start-maxTag):start])
	option := s.text[start:end]
	for _, c := range programs {
		i := strings.Index(line, c.program)
		if i < 0 || i > 0 && wordByte(line[i-1]) && line[i-1] != '.' ||
			i+len(c.program) < len(line) && strings.IndexByte(" .\t\"'", line[i+len(c.program)]) < 0 {
			continue
		}
		for o := range strings.FieldsSeq(c.options) {
			switch {
			case option == o:
				return end
			case len(o) == 2 && len(option) > 4 && strings.HasPrefix(option, o) && option[1] != '-':
				return start + 2
			}
		}
	}
	return 0
}

package secret

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// header reports names of headers whose values log in.
func header(name string) bool {
	switch name[0] | 0x20 {
	case 'a', 'c', 'p', 's', 'x':
	default:
		return false
	}
	switch len(name) {
	case 6, 7, 10, 12, 13, 19, 20:
		switch strings.ToLower(name) {
		case "cookie", "cookie2", "set-cookie", "set-cookie2", "authorization", "proxy-authorization", "x-authorization", "x-auth-token":
			return true
		}
	}
	return false
}

// header takes what a header holds, in its line and in those it is folded over.
func (s *scanner) header(start, end int) int {
	text := s.text
	s.line(start)
	p := end
	if q := quoteBefore(text, start); q != "" && strings.HasPrefix(text[p:], q) {
		p += len(q)
	}
	for p < s.lineEnd && text[p] == ' ' {
		p++
	}
	n := separator(text[p:s.lineEnd])
	if n == 0 {
		return 0
	}
	p += n
	stop := s.lineEnd
	if s.leads(start) || strings.TrimSpace(text[p:s.lineEnd]) == "" {
		for range maxFolded {
			from, to, ok := s.lineAfter(stop)
			if !ok || indentOf(text[from:to]) == 0 || strings.TrimSpace(text[from:to]) == "" {
				break
			}
			stop = to
		}
	}
	for p < stop && strings.IndexByte(" \t\r\n", text[p]) >= 0 {
		p++
	}
	quoted := false
	if q := quoteAt(text, p); q != "" {
		if to := closing(text, p+len(q), stop, q); to >= 0 {
			p, stop, quoted = p+len(q), to, true
		}
	}
	span := Span{Name: text[start:end], NameStart: start, NameEnd: end, Inside: true}
	if strings.Contains(strings.ToLower(span.Name), "cookie") {
		return s.cookies(span, p, stop)
	}
	if next := s.inAuth(span, p, stop); next > 0 {
		return next
	}
	if to := p + cutAny(text[p:stop], " \t\r\n,"); !quoted && madeUp(text[p:to]) || quoted && madeUp(text[p:stop]) {
		if quoted {
			to = stop
		}
		return s.add(s.at(span, p, to))
	}
	return 0
}

// inAuth takes the credentials of an Authorization header: the token of a scheme, or of Digest the response. It returns 0 when it is none.
func (s *scanner) inAuth(span Span, p, stop int) int {
	text := s.text
	end := p
	for end < stop && (chars.Letter(text[end]) || digit(text[end]) || text[end] == '-') {
		end++
	}
	if end == p || end >= stop || strings.IndexByte(" \t\r\n", text[end]) < 0 {
		return 0
	}
	scheme := strings.ToLower(text[p:end])
	switch scheme {
	case "basic", "bearer", "ntlm", "negotiate", "kerberos", "token", "apikey", "hoba", "mutual", "vapid", "scram-sha-1", "scram-sha-256",
		"pop":
		for end < stop && strings.IndexByte(" \t\r\n", text[end]) >= 0 {
			end++
		}
		to := end + cutAny(text[end:stop], " \t\r\n,\"'")
		if to-end < 4 || strings.EqualFold(text[end:min(stop, end+6)], "realm=") || !Value(text[end:to], Strong) {
			return 0
		}
		span.Inside = true
		return s.add(s.at(span, end, to))
	case "digest", "aws4-hmac-sha256": // the second is of AWS, Signature Version 4
		next := 0
		part, name := text[end:stop], "response"
		if scheme != "digest" {
			name = "signature"
		}
		for at := 0; ; {
			i := fold.Index(part[at:], name)
			if i < 0 {
				break
			}
			at += i + len(name)
			span.Inside = true
			next = max(next, s.response(span, end+at, stop))
		}
		return max(next, stop)
	}
	return 0
}

// response takes what follows the word response.
func (s *scanner) response(span Span, p, stop int) int {
	text := s.text
	for p < stop && strings.IndexByte(" \t", text[p]) >= 0 {
		p++
	}
	if p >= stop || text[p] != '=' {
		return 0
	}
	p++
	for p < stop && strings.IndexByte(" \t", text[p]) >= 0 {
		p++
	}
	q := quoteAt(text, p)
	p += len(q)
	to := p + cutAny(text[p:stop], ", \t\r\n\"'\\&")
	if to == p {
		return 0
	}
	return s.add(s.at(span, p, to))
}

// digestResponse takes the response of a digest without its header: hexadecimal digits, with a nonce near.
func (s *scanner) digestResponse(start, end int) int {
	text := s.text
	s.line(end)
	stop := min(len(text), end+300)
	p := end
	for p < stop && strings.IndexByte("= \t\"'\\:", text[p]) >= 0 {
		p++
	}
	to := p
	for to < stop && (digit(text[to]) || text[to]|0x20 >= 'a' && text[to]|0x20 <= 'f') {
		to++
	}
	if n := to - p; p == end || n < 32 || n > 128 {
		return end
	}
	return s.add(Span{Start: p, End: to, Name: inHeader, NameStart: start, NameEnd: end, Inside: true})
}

// grant takes the code in a query with which a client asks for a token (RFC 6749, section 4.1.2), and the signature that makes an address
// a key (AWS, X-Amz-Signature; Azure, sig), and the ticket with which a browser logs in at a service (CAS Protocol 3.0, section 3). It
// returns 0 for every other code.
func (s *scanner) grant(start, end int) int {
	if start == 0 || strings.IndexByte("?&", s.text[start-1]) < 0 || end == len(s.text) || s.text[end] != '=' {
		return 0
	}
	s.line(end)
	to := end + 1 + cutAny(s.text[end+1:s.lineEnd], "&;# \t\"'<>)")
	v := s.text[end+1 : to]
	ticket := strings.HasPrefix(v, "ST-") || strings.HasPrefix(v, "PT-")
	if len(v) < minGrant || s.text[start:end] == "ticket" && !ticket || !ticket && !mixed(v) {
		return 0
	}
	return s.add(Span{Start: end + 1, End: to, Name: s.text[start:end], NameStart: start, NameEnd: end, Inside: true})
}

// mediaKey takes the key of a stream in SDP (RFC 4568, section 9.1): inline: and base64 of key and salt. It returns 0 where there is none.
func (s *scanner) mediaKey(end int) int {
	text := s.text
	if end >= len(text) || text[end] != ':' {
		return 0
	}
	to := end + 1
	for to < len(text) && to-end < maxName && (chars.Letter(text[to]) || digit(text[to]) || strings.IndexByte("+/=", text[to]) >= 0) {
		to++
	}
	if to-end-1 < minMediaKey {
		return 0
	}
	return s.add(Span{Start: end + 1, End: to, Name: "inline", Inside: true})
}

// minMediaKey is what the key and the salt of the shortest suite have in base64: 30 bytes (RFC 4568, section 6.2).
const minMediaKey = 40

// minGrant is less than what a code has that cannot be guessed (RFC 6749, section 10.10), and more than the number of an error.
const minGrant = 12

// coded takes base64 of what logs in: the text of the elements <auth> and <response> of XMPP (RFC 6120, section 6.4.2), the field "auth" of
// a file. The name of a method is not taken, and 0 is returned.
func (s *scanner) coded(start, end int) int {
	text := s.text
	if start == 0 || strings.IndexByte(`<"`, text[start-1]) < 0 {
		return 0
	}
	p := end
	if text[start-1] == '<' {
		if p, _ = s.tagEnd(end); p == 0 {
			return 0
		}
		for p < len(text) && strings.IndexByte(" \t\r\n", text[p]) >= 0 {
			p++
		}
	} else {
		s.line(end)
		p += len(text[end:s.lineEnd]) - len(strings.TrimLeft(text[end:s.lineEnd], "\" \t:="))
	}
	to := p
	for to < len(text) && to-p < maxValue && (chars.Letter(text[to]) || digit(text[to]) || strings.IndexByte("+/=", text[to]) >= 0) {
		to++
	}
	b, err := base64.StdEncoding.DecodeString(text[p:to])
	cut := text[start-1] == '<' && to-p >= minGrant && random(text[p:to]) // a log that shortens long lines
	if !cut && (err != nil || len(b) < 4 || !bytes.ContainsAny(b, "\x00:") && !bytes.Contains(b, []byte("response=")) &&
		!bytes.Contains(b, []byte(",p="))) {
		return 0
	}
	return s.add(Span{Start: p, End: to, Name: "auth", NameStart: start, NameEnd: end, Inside: true})
}

// cookies takes the values of all cookies, and leaves the attributes of a cookie.
func (s *scanner) cookies(span Span, p, stop int) int {
	text := s.text
	next := stop
	for p < stop {
		end := p + cutAny(text[p:stop], ";\n")
		if eq := strings.IndexByte(text[p:end], '='); eq >= 0 {
			name := strings.ToLower(strings.TrimSpace(text[p : p+eq]))
			from := p + eq + 1
			to := end
			switch name {
			case "path", "domain", "expires", "max-age", "samesite", "version", "comment", "secure", "httponly", "$path", "$domain", "$version",
				"priority", "port", "lang", "language", "locale":
			default:
				for to > from && strings.IndexByte(" \t\r\"'", text[to-1]) >= 0 {
					to--
				}
				for from < to && strings.IndexByte(" \t\"'", text[from]) >= 0 {
					from++
				}
				if i := strings.IndexAny(text[from:to], " \t"); i > 0 && !s.pairAt(from+i+1, to) {
					to = from + i
				}
				if to-from >= 4 && !isState(strings.ToLower(text[from:to])) {
					one := span
					one.Name = span.Name + " " + strings.TrimSpace(text[p:p+eq])
					s.add(s.at(one, from, to))
				}
			}
		}
		p = end + 1
	}
	return next
}

// scheme takes the token after a word that names a way to log in, wherever it is, and tokens that show what they are.
func (s *scanner) scheme(start, end int) int {
	text := s.text
	word := text[start:end]
	if strings.HasPrefix(word, "eyJ") && strings.Count(word, ".") == 2 && len(word) > 40 {
		return s.add(Span{Start: start, End: end, Name: "token", Inside: true})
	}
	if strings.HasPrefix(word, "TlRMTVNTUA") {
		return s.token(start, end)
	}
	bearer := strings.EqualFold(word, "bearer")
	from := end
	if bearer { // also as the name of a pair
		signs := text[end:min(len(text), end+len(`": "`))]
		from += len(signs) - len(strings.TrimLeft(signs, `"':= `))
	} else if end < len(text) && text[end] == ' ' {
		from++
	}
	if from == end {
		return 0
	}
	to := from
	for to < len(text) && (chars.Letter(text[to]) || digit(text[to]) || strings.IndexByte("+/=_-.~", text[to]) >= 0) {
		to++
	}
	token := text[from:to]
	span := Span{Name: word, NameStart: start, NameEnd: end, Inside: true}
	switch {
	case len(token) < 6:
	case strings.EqualFold(word, "basic"):
		if b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(token, "=")); err == nil && strings.IndexByte(string(b), ':') >= 0 {
			return s.add(s.at(span, from, to))
		}
	case bearer:
		if len(token) >= 16 && mixed(token) || strings.Count(token, ".") == 2 && len(token) > 30 {
			return s.add(s.at(span, from, to))
		}
	case strings.EqualFold(word, "ntlm"), strings.EqualFold(word, "negotiate"), strings.EqualFold(word, "kerberos"):
		if len(token) >= 16 && (strings.HasPrefix(token, "TlRM") || strings.HasPrefix(token, "YI") || strings.HasPrefix(token, "oY")) {
			return s.add(s.at(span, from, to))
		}
	}
	return 0
}

// tokens begin with what their service is called (GitHub, GitLab and Slack, documentation of their access tokens).
var tokens = [...]string{"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xoxa-", "xoxr-"}

// serviceToken takes a token that says which service it is for. It returns 0 for other words.
func (s *scanner) serviceToken(start, end int) int {
	for _, t := range tokens {
		if strings.HasPrefix(s.text[start:end], t) && end-start >= len(t)+16 {
			return s.add(Span{Start: start, End: end, Name: "token", Inside: true})
		}
	}
	return 0
}

// token looks at a word longer than any name: a token that shows what it is.
func (s *scanner) token(start, end int) int {
	text := s.text
	if strings.HasPrefix(text[start:end], "eyJ") && strings.Count(text[start:end], ".") >= 2 {
		return s.add(Span{Start: start, End: end, Name: "token", Inside: true})
	}
	if strings.HasPrefix(text[start:end], "TlRMTVNTUA") {
		for end < len(text) && (wordByte(text[end]) && text[end] < utf8.RuneSelf || strings.IndexByte("+/=", text[end]) >= 0) {
			end++
		}
		return s.add(Span{Start: start, End: end, Name: "NTLM", Inside: true})
	}
	return end
}

// pem takes the body of a private key.
func (s *scanner) pem(start, end int) int {
	text := s.text
	const begin = "-----BEGIN "
	if !strings.HasPrefix(text[start:], begin) {
		return end
	}
	head := strings.IndexByte(text[start+len(begin):min(len(text), start+100)], '-')
	if head < 0 || !strings.HasSuffix(text[start:start+len(begin)+head], "PRIVATE KEY") {
		return end
	}
	from := start + len(begin) + head + len("-----")
	if from > len(text) {
		return end
	}
	to := strings.Index(text[from:], "-----END")
	if to < 0 {
		to = len(text) - from
	}
	return s.add(Span{Start: from + indentOf2(text[from:from+to]), End: from + to, Name: inKey, Inside: true})
}

func indentOf2(s string) int { return len(s) - len(strings.TrimLeft(s, " \t\r\n")) }

// webhooks begin addresses that are a key: who knows one can write there (Slack, Incoming webhooks; Microsoft Teams, Incoming Webhook;
// Webex, Incoming Webhooks).
var webhooks = [...]string{"hooks.slack.com/services/", ".webhook.office.com/webhookb2/", "webexapis.com/v1/webhooks/incoming/"}

// webhook takes the path of such an address. It returns 0 for others.
func (s *scanner) webhook(start, end int) int {
	s.line(start)
	rest := s.text[start:min(s.lineEnd, end+maxClause)]
	for _, w := range webhooks {
		i := strings.Index(rest, w)
		if i < 0 || i > end-start {
			continue
		}
		from := start + i + len(w)
		to := from + cutAny(s.text[from:min(s.lineEnd, from+2*maxName)], " \t\"'<>`)")
		if to-from >= minGrant && mixed(s.text[from:to]) {
			return s.add(Span{Start: from, End: to, Name: "webhook", NameStart: from, NameEnd: from, Inside: true})
		}
	}
	return 0
}

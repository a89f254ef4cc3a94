package secret

import (
	"strings"

	"cupclint/internal/chars"
)

// hashes are the names of the ways in which servers keep passwords, between two $ (Linux, crypt(5); Apache, htpasswd; Cisco IOS Security
// Command Reference) or between braces (RFC 2307, section 5.3; OpenLDAP Administrator's Guide, password storage).
var hashes = [...]string{"1", "2", "2a", "2b", "2x", "2y", "5", "6", "7", "8", "9", "14", "y", "gy", "sha1", "md5", "apr1", "argon2i",
	"argon2d", "argon2id", "scrypt", "{SHA}", "{SSHA}", "{MD5}", "{SMD5}", "{CRYPT}", "{SHA256}", "{SSHA256}", "{SHA384}", "{SSHA384}",
	"{SHA512}", "{SSHA512}", "{PBKDF2}", "{PBKDF2-SHA256}", "{PBKDF2-SHA512}", "{ARGON2}"}

// schemes are those in which Dovecot keeps the password itself (Dovecot manual, password schemes).
var schemes = [...]string{"{PLAIN}", "{CLEAR}", "{CLEARTEXT}"}

const minHash = 12 // characters after the name of the way

// hash takes the hash of a password that begins at a $ or a brace, without a name in front of it: in a line of /etc/shadow or htpasswd. It
// returns 0 where there is none.
func (s *scanner) hash(start int) int {
	text := s.text[start:min(len(s.text), start+maxValue)]
	shut := byte('$')
	if text[0] == '{' {
		shut = '}'
	}
	n := strings.IndexByte(text[1:min(len(text), 20)], shut) + 1
	if n < 2 {
		return 0
	}
	name := text[1:n]
	if shut == '}' {
		name = strings.ToUpper(text[:n+1])
	}
	for _, h := range schemes {
		if end := n + 1 + cutAny(text[n+1:], ": \t\r\n"); h == name {
			return s.take(Span{Name: "hash", NameStart: start, NameEnd: start, Inside: true}, start+n+1, start+end, Strong)
		}
	}
	for _, h := range hashes {
		if h != name {
			continue
		}
		end := n + 1
		for end < len(text) && (chars.Letter(text[end]) || digit(text[end]) || strings.IndexByte("./+=$,_-", text[end]) >= 0) {
			end++
		}
		if end-n-1 < minHash {
			return 0
		}
		return s.add(Span{Start: start, End: start + end, Name: "hash", Inside: true})
	}
	return 0
}

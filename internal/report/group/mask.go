package group

import (
	"slices"
	"strings"
)

// The masks.
const (
	maskFile    = "{file}"
	maskLine    = "{line}"
	maskKey     = "{key}"
	maskNode    = "{node}"
	maskHost    = "{host}"
	maskAddress = "{address}"
	maskURL     = "{url}"
	maskDN      = "{dn}"
)

// trim takes the punctuation off a word.
func trim(token string) (before, core, after string) {
	from := 0
	for from < len(token) && strings.IndexByte(`"'([<`, token[from]) >= 0 {
		from++
	}
	to := len(token)
	for to > from && strings.IndexByte(`"')]>,;:.!?`, token[to-1]) >= 0 {
		to--
	}
	return token[:from], token[from:to], token[to:]
}

// of says what a word is replaced by, and what of its end is kept: a port. last is the word or the mask before.
func (m *masker) of(word, last string) (mask, rest string) {
	switch {
	case word == "" || word == maskFile:
		return "", ""
	case isNumber(word) && (last == "line" || last == "lines" || last == "column"):
		return maskLine, ""
	case strings.EqualFold(word, m.spelled[0]), strings.EqualFold(word, m.spelled[1]):
		return maskKey, ""
	case slices.Contains(m.nodes, word):
		return maskNode, ""
	case m.value == "": // the message has to tell the value, which may look like anything
		return "", ""
	case strings.Contains(word, "://"):
		return maskURL, ""
	case isDN(word):
		return maskDN, ""
	}
	if _, domain, ok := strings.Cut(word, "@"); ok && domain != "" {
		return maskAddress, ""
	}
	host := word
	if at := strings.LastIndexByte(word, ':'); at > 0 && isNumber(word[at+1:]) && !strings.Contains(word[:at], ":") {
		host, rest = word[:at], word[at:]
	}
	if isHost(host) || isAddress(host) {
		return maskHost, rest
	}
	return "", ""
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// isDN reports whether a word is a distinguished name or a part of one: those that directories of this field use.
func isDN(word string) bool {
	if !strings.Contains(word, "=") {
		return false
	}
	for part := range strings.SplitSeq(word, ",") {
		attribute, _, ok := strings.Cut(part, "=")
		if !ok {
			continue
		}
		switch strings.ToLower(attribute) {
		case "cn", "ou", "dc", "o", "uid", "c", "l", "st":
			return true
		}
	}
	return false
}

// isAddress reports whether a word is an IP address, or a hardware address, which looks the same.
func isAddress(s string) bool {
	if strings.Count(s, ":") >= 2 {
		return strings.Trim(s, "0123456789abcdefABCDEF:.%") == ""
	}
	n := 0
	for part := range strings.SplitSeq(s, ".") {
		if n++; !isNumber(part) || len(part) > 3 || len(part) == 3 && part > "255" {
			return false
		}
	}
	return n == 4
}

// isHost reports whether a word is the name of a host or a domain: labels with dots between them, the last in small letters, as keys have
// it not; labels in capitals; or one label in small letters with a number in it, as servers are called and words are not.
func isHost(s string) bool {
	s = strings.TrimSuffix(s, ".")
	dots, number, small, capital := 0, false, false, false
	start := 0 // of the last label
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			dots++
			start = i + 1
		case '0' <= c && c <= '9':
			number = true
		case 'a' <= c && c <= 'z':
			small = true
		case 'A' <= c && c <= 'Z':
			capital = true
		case c != '-' && c != '_' && c < 0x80:
			return false
		}
	}
	switch {
	case s == "" || s[0] == '.':
		return false
	case dots == 0:
		return 'a' <= s[0] && s[0] <= 'z' && number && !capital
	}
	last := s[start:]
	if len(last) < 2 {
		return false
	}
	if isNumber(last) { // a name with an address after it
		return small || capital
	}
	if 'a' <= last[0] && last[0] <= 'z' {
		return last == strings.ToLower(last)
	}
	return capital && !small && 'A' <= last[0] && last[0] <= 'Z'
}

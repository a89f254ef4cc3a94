// Package secret knows what a secret is, and finds secrets in text that has no structure.
//
// A name and a value go in, and whether the value is a secret comes out; or a text goes in, and the places of its secrets come out. The
// table of known keys decides first, then the words of the name (words.tsv), then the shape of the value. Credentials inside a value or
// a line (user info of a URL, a header, a query, a connection string, a command line, a sentence) are secrets under any name.
//
// The package prints nothing, keeps nothing, and shows a secret to no one but its caller.
package secret

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"cupclint/internal/chars"
)

// Mask is what stands for a secret in everything that is shown. Its width says nothing about the secret.
const Mask = "********"

// Redacted is what is written in the place of a secret in a copy that is safe to send.
const Redacted = "REDACTED"

// A Strength says how much a name promises a secret.
type Strength uint8

// The strengths.
const (
	None   Strength = iota // the name says nothing, or says that the value is none
	Weak                   // a token, a credential: a secret when the value looks random
	Strong                 // a password: a secret unless the value is a boolean, a URL or a state
	Sure                   // the key table says that it is one
)

// A Table knows the keys of the product.
type Table interface {
	// Key says whether the name is known, and whether its values are secret.
	Key(name string) (secret, known bool)
	// Near says the same of the known key that is spelled almost as the name.
	Near(name string) (secret, known bool)
}

//go:generate go run ../../scripts/gensecret words.tsv commands.tsv tables.go

// A wordKind is what words.tsv says about a word.
type wordKind uint8

const (
	strong wordKind = 1 << iota
	joined
	weak
	after  // "not" in the table
	before // the same, before the word
)

// maxName is a length that no name reaches, in bytes.
const maxName = 200

// Name says how much a name promises a secret. The table may be nil.
func Name(name string, keys Table) Strength {
	s, _ := nameStrength(name, strings.ToLower(name), keys)
	return s
}

// nameStrength is Name for a name that is there in lower case, too. inTable says that the table has it.
func nameStrength(name, lower string, keys Table) (s Strength, inTable bool) {
	if name == "" || len(name) > maxName {
		return None, false
	}
	if keys != nil {
		if secret, known := keys.Key(name); known {
			return sureIf(secret), true
		}
	}
	s = byWords(name, lower)
	if keys != nil && (s != None || mayBeMisspelt(name)) {
		if secret, known := keys.Near(name); known && (secret || s != Strong || len(name) >= 12 && !endsStrong(name)) {
			return sureIf(secret), false
		}
	}
	return s, false
}

// endsStrong reports whether the last word of a name is one for a password, spelled as it should be: Directory.PW is not a slip of
// Directory.DN.
func endsStrong(name string) bool {
	var space [8]string
	parts := split(space[:0], name, strings.ToLower(name))
	return len(parts) > 0 && kindOfWord(parts[len(parts)-1])&(strong|joined) != 0
}

func sureIf(secret bool) Strength {
	if secret {
		return Sure
	}
	return None
}

// mayBeMisspelt is a cheap look at names that say nothing: could one be a slip of a name that does?
func mayBeMisspelt(name string) bool {
	if len(name) < 8 {
		return false
	}
	tail := strings.ToLower(name[len(name)-6:])
	return strings.Contains(tail, "w") && strings.ContainsAny(tail, "dt") && strings.ContainsAny(tail, "sro")
}

// byWords looks at the last word of the name that says "secret", and at the words around it.
func byWords(name, lower string) Strength {
	var space [8]string
	parts := split(space[:0], name, lower)
	best := None
	for i := len(parts) - 1; i >= 0; i-- {
		s, rest := wordStrength(parts[i])
		if s < Strong && i > 0 {
			if p := pairStrength(parts[i-1] + " " + parts[i]); p > s {
				return around(parts, i-1, i+1, p)
			}
		}
		if s == None {
			continue
		}
		if rest != "" && isNot(rest) {
			return None
		}
		if s = around(parts, i, i+1, s); s != Weak {
			return max(s, best)
		}
		best = Weak // a word before it may promise more: "secret token"
	}
	return best
}

// around looks at the words before and after those that say "secret".
func around(parts []string, from, to int, s Strength) Strength {
	for _, p := range parts[to:] {
		if kindOfWord(p)&after != 0 {
			return None
		}
	}
	if from > 0 && kindOfWord(parts[from-1])&before != 0 {
		return None
	}
	return s
}

// wordStrength says what one word promises, and what follows the part of it that does.
func wordStrength(p string) (s Strength, rest string) {
	switch k := kindOfWord(p); {
	case k&(strong|joined) != 0:
		return Strong, ""
	case k&weak != 0:
		return Weak, ""
	case k != 0 || len(p) < 6:
		return None, ""
	}
	if mayHoldJoined(p) {
		for _, j := range joinedWords {
			if i := strings.Index(p, j); i >= 0 {
				return Strong, p[i+len(j):]
			}
		}
	}
	if strings.IndexByte("pkacmw", p[0]) >= 0 {
		for _, j := range [...]string{"password", "passwort", "kennwort", "passphrase", "passcode", "contraseña", "contrasena", "motdepasse",
			"wachtwoord"} {
			if oneEdit(p, j) {
				return Strong, ""
			}
		}
	}
	return None, ""
}

// mayHoldJoined is a cheap look: most words have no part with which a joined word begins.
func mayHoldJoined(p string) bool {
	for i := range len(p) - joinedStart + 1 {
		if beginsJoined(p[i : i+joinedStart]) {
			return true
		}
	}
	return false
}

// isNot reports whether the rest of a joined word begins with one that says "about the secret".
func isNot(rest string) bool {
	for _, n := range notWords {
		if strings.HasPrefix(rest, n) {
			return true
		}
	}
	return false
}

// oneEdit reports whether one letter more, less, other, or a swap of two makes a into b.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return i == len(a) || a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}

// split cuts a name into words in lower case: at characters other than letters and digits, before a capital inside a word, and digits away.
// It appends them to parts. They are parts of lower, the name in lower case, unless a letter may have another length there.
func split(parts []string, name, lower string) []string {
	if ascii(name) {
		return splitASCII(parts, name, lower)
	}
	start := -1
	flush := func(end int) {
		if start >= 0 {
			parts = append(parts, strings.ToLower(name[start:end]))
		}
		start = -1
	}
	var last rune
	for i, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsMark(r):
			flush(i)
		case start < 0:
			start = i
		case unicode.IsUpper(r) && (unicode.IsLower(last) || nextLower(name[i+utf8.RuneLen(r):]) && unicode.IsUpper(last)):
			flush(i)
			start = i
		}
		last = r
	}
	flush(len(name))
	return parts
}

// splitASCII is split for nearly all names.
func splitASCII(parts []string, name, lower string) []string {
	upper := func(i int) bool { return name[i] != lower[i] }
	start := -1
	for i := range len(name) {
		switch {
		case !chars.Letter(name[i]):
			if start >= 0 {
				parts = append(parts, lower[start:i])
			}
			start = -1
		case start < 0:
			start = i
		case upper(i) && (!upper(i-1) || i+1 < len(name) && chars.Letter(name[i+1]) && !upper(i+1)):
			parts = append(parts, lower[start:i])
			start = i
		}
	}
	if start >= 0 {
		parts = append(parts, lower[start:])
	}
	return parts
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func nextLower(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r)
}

// Masked reports whether a value is not a secret but replaces one: stars or dots, a row of x, or a word that a redaction leaves.
// Everything that asks "is there a password?" asks this, so that a rule and a probe give the same answer.
func Masked(v string) bool {
	v = strings.TrimSpace(v)
	if strings.Trim(v, "*.•●-") == "" {
		return true
	}
	if len(v) >= 3 && (strings.Trim(v, "x") == "" || strings.Trim(v, "X") == "") {
		return true
	}
	if strings.HasPrefix(v, Redacted) && strings.Trim(strings.ReplaceAll(v, Redacted, ""), `\ *`) == "" {
		return true
	}
	switch l := strings.ToLower(v); l {
	case "redacted", "masked", "hidden", "removed", "not_specified":
		return true
	default:
		if len(l) > 2 && strings.IndexByte("<[({", l[0]) >= 0 && strings.IndexByte(">])}", l[len(l)-1]) >= 0 {
			inner := l[1 : len(l)-1]
			return l[0] == '<' && plainWords(inner) || strings.Contains(inner, "redacted") || strings.Contains(inner, "masked") ||
				strings.Contains(inner, "removed") || strings.Contains(inner, "hidden") || strings.Trim(inner, "*.•●") == ""
		}
	}
	return false
}

// plainWords reports whether a text is letters, blanks, hyphens and underscores, as a placeholder between angle brackets is.
func plainWords(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !chars.Letter(c) && c != ' ' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// Value reports whether a value can be the secret that a name of this strength promises.
func Value(v string, s Strength) bool {
	v = strings.TrimSpace(v)
	if s == None || v == "" || v == Redacted || strings.Trim(v, "*•●") == "" {
		return false
	}
	if s == Sure {
		return true
	}
	if Masked(v) || variable(v) {
		return false
	}
	first := v
	if i := strings.IndexAny(v, " \t"); i > 0 {
		first = v[:i]
	}
	if isState(strings.ToLower(strings.Trim(first, ".,;:!?\"'()"))) {
		return false
	}
	if i := strings.Index(v, "://"); i > 0 && plainWords(v[:i]) && strings.IndexByte(v, '@') < 0 {
		return false
	}
	switch {
	case len(v) > 1 && (v[0] == '/' || v[0] == '~') && (strings.Count(v, "/") > 1 || v[1] >= 'a' && v[1] <= 'z' && !mixed(v)):
		return false // a path
	case len(v) > 2 && v[1] == ':' && v[2] == '\\':
		return false
	}
	if s == Weak {
		return madeUp(v) && !strings.HasSuffix(v, "aws4_request") // of AWS: the name of a key, a day, a place
	}
	return true
}

// variable reports a name that a program puts a value in the place of.
func variable(v string) bool {
	switch {
	case strings.HasPrefix(v, "${") && strings.HasSuffix(v, "}"), strings.HasPrefix(v, "$(") && strings.HasSuffix(v, ")"),
		strings.HasPrefix(v, "{{") && strings.HasSuffix(v, "}}"), strings.HasPrefix(v, "%{") && strings.HasSuffix(v, "}"):
		return true
	case len(v) > 2 && v[0] == '%' && v[len(v)-1] == '%', len(v) > 3 && v[0] == '$' && !strings.ContainsAny(v, "0123456789"):
		return strings.ToUpper(v) == v && plainWords(strings.Trim(v, "%$"))
	}
	return v == "%s" || v == "%d" || v == "{}" || v == "{0}" || v == "?"
}

// madeUp reports whether a text is not a word: letters and digits mixed, or many digits, and at least six of them without blanks.
func madeUp(v string) bool {
	if strings.ContainsAny(v, " \t") || len(v) < 6 {
		return false
	}
	digits := 0
	for i := 0; i < len(v); i++ {
		if v[i] >= '0' && v[i] <= '9' {
			digits++
		}
	}
	return digits > 0 && digits < len(v) && !hostLike(v) || digits == len(v) && digits >= 8
}

// mixed reports whether a text has letters and digits, and neither looks like a host name nor like a date.
func mixed(v string) bool {
	letters, digits, other := 0, 0, 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c >= '0' && c <= '9':
			digits++
		case chars.Letter(c) || c >= utf8.RuneSelf:
			letters++
		case strings.IndexByte("!$%&#+*~^=?@|{}<>", c) >= 0:
			other++
		}
	}
	return len(v) >= 4 && (letters > 0 && digits > 0 || letters+digits > 0 && other > 0) && !hostLike(v)
}

// hostLike reports names with dots, addresses, dates and times.
func hostLike(v string) bool {
	dots, colons, bad, digits, t := 0, 0, 0, 0, 0
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '.':
			dots++
		case c == ':':
			colons++
		case c >= '0' && c <= '9':
			digits++
		case c == 'T' || c == 'Z' || c == '-' || c == '+':
			t++
		case chars.Letter(c) || c == '_':
			bad++
		default:
			return false
		}
	}
	if bad == 0 && digits > 5 && (colons > 0 || t > 1) {
		return true // a date or a time
	}
	if dots == 0 || colons > 1 {
		return false
	}
	host, _, _ := strings.Cut(v, ":")
	top := host[strings.LastIndexByte(host, '.')+1:]
	return len(top) >= 2 && plainWords(top) && strings.ToLower(top) == top || bad == 0 && t == 0
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// Is reports whether the value of a name is a secret.
func Is(name, value string, keys Table) bool {
	s := Name(name, keys)
	return s != None && Value(value, s)
}

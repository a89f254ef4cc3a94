package resolve

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A nearness says what is wrong with a text that was meant as an address.
type nearness uint8

const (
	notNear       nearness = iota
	nearPort               // 10.1.1.1:5060, [::1]:389
	nearSign               // +10.1.1.1
	nearScheme             // sip:10.1.1.1
	nearNetwork            // 10.1.1.1/24
	nearZone               // 10.1.1.1%eth0
	nearWrapped            // (10.1.1.1), <10.1.1.1>, and quotes of any kind
	nearHex                // 0x0a.1.1.1
	nearComma              // 10,1,1,1
	nearForeign            // digits or dots of another script
	nearLookalike          // letters O and l among the digits
	nearMore               // 10.1.1.1;transport=tcp
	nearBlank              // 10.1. 1.1
	nearUser               // user@10.1.1.1
	nearSlash              // //10.1.1.1, \\10.1.1.1
	nearColons             // 10:1:1:1
)

// nearText and nearFix say what is wrong and how to fix it.
var nearText = [...]string{
	nearPort:      "a port is appended",
	nearSign:      "a sign is before it",
	nearScheme:    "a scheme is before it",
	nearNetwork:   "a slash and more text follow",
	nearZone:      "a zone is appended",
	nearWrapped:   "it is in brackets or quotes",
	nearHex:       "it has hexadecimal numbers",
	nearComma:     "it has commas in place of dots",
	nearForeign:   "its digits or dots are not ASCII",
	nearLookalike: "it has the letter O or l in place of a digit",
	nearMore:      "more text follows",
	nearBlank:     "it has a blank in it",
	nearUser:      "a user name is before it",
	nearSlash:     "slashes are before it",
	nearColons:    "it has colons or semicolons in place of dots",
}

var nearFix = [...]string{
	nearPort:      "Remove the port.",
	nearSign:      "Remove the sign.",
	nearScheme:    "Remove the scheme.",
	nearNetwork:   "Remove the slash and the text after it.",
	nearZone:      "Remove the zone.",
	nearWrapped:   "Remove the brackets or quotes.",
	nearHex:       "Write the address as four decimal numbers.",
	nearComma:     "Write dots in place of the commas.",
	nearForeign:   "Type the address with ASCII digits and dots.",
	nearLookalike: "Type the address with digits: 0 and 1 in place of O and l.",
	nearMore:      "Remove the text after the address.",
	nearBlank:     "Remove the blank.",
	nearUser:      "Remove the user name and the @.",
	nearSlash:     "Remove the slashes.",
	nearColons:    "Write dots in place of the colons or semicolons.",
}

// nearAddress reports whether a text that is not an address was meant as one and has one mistake. It does not allocate.
func nearAddress(s string) nearness {
	if len(s) < len("0.0.0.0") || len(s) > 80 {
		return notNear
	}
	if n := nearASCII(s); n != notNear {
		return n
	}
	var room [80]byte
	folded, foreign, similar := room[:0], false, false
	digits := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case r >= utf8.RuneSelf:
			c, ok := foldForeign(r)
			if !ok {
				return notNear
			}
			foreign = true
			r = rune(c)
		case r == 'O' || r == 'o':
			similar, r = true, '0'
		case r == 'l' || r == 'I':
			similar, r = true, '1'
		default:
			if r >= '0' && r <= '9' {
				digits++
			}
		}
		if !(r >= '0' && r <= '9' || r == '.') && !foreign {
			return notNear
		}
		folded = append(folded, byte(r))
	}
	switch text := string(folded); { // which the compiler keeps on the stack where it only compares
	case foreign && !similar && (IsDottedDecimal(text) || numbersAndDots(text) == 4 || nearASCII(text) != notNear):
		return nearForeign
	case similar && !foreign && digits*2 >= len(folded)-3 && IsDottedDecimal(text):
		return nearLookalike
	}
	return notNear
}

// foldForeign gives the ASCII form of a digit of another script, a full-width letter, or a dot or colon of East Asian writing.
func foldForeign(r rune) (byte, bool) {
	switch {
	case r == '\uff0e' || r == '\u3002' || r == '\uff61' || r == '\ufe52' || r == '\u00b7' || r == '\u2024':
		return '.', true
	case r == '\ufe55':
		return ':', true
	case r > '\uff00' && r < '\uff5f':
		return byte(r - 0xff01 + '!'), true
	}
	for _, digits := range unicode.Nd.R16 { // ten of each script, from zero on
		if r >= rune(digits.Lo) && r <= rune(digits.Hi) {
			return '0' + byte((r-rune(digits.Lo))%10), true
		}
	}
	for _, digits := range unicode.Nd.R32 {
		if r >= rune(digits.Lo) && r <= rune(digits.Hi) {
			return '0' + byte((r-rune(digits.Lo))%10), true
		}
	}
	return 0, false
}

func nearASCII(s string) nearness {
	if inside, ok := wrapped(s); ok && addressText(hostPart(inside)) {
		return nearWrapped
	}
	if rest := strings.TrimLeft(s, "+-"); len(rest) == len(s)-1 && addressText(rest) {
		return nearSign
	}
	if i := strings.IndexByte(s, ':'); i > 0 {
		switch head, rest := s[:i], s[i+1:]; {
		case isScheme(head) && (addressText(hostPart(strings.TrimLeft(rest, "/ "))) || followed(strings.TrimLeft(rest, "/ "))):
			return nearScheme
		case IsDottedDecimal(head) && allDigits(rest):
			return nearPort
		}
	}
	if s[0] == '[' {
		if end := strings.Index(s, "]:"); end > 0 && allDigits(s[end+2:]) {
			if a, err := netip.ParseAddr(s[1:end]); err == nil && a.Is6() {
				return nearPort
			}
		}
	}
	if i := strings.IndexByte(s, '/'); i > 0 && (IsDottedDecimal(s[:i]) || isIPv6(s[:i])) {
		return nearNetwork
	}
	if rest := strings.TrimLeft(s, `/\`); len(rest) < len(s) && (addressText(hostPart(rest)) || followed(rest)) {
		return nearSlash
	}
	if i := strings.IndexByte(s, '@'); i > 0 && addressText(hostPart(s[i+1:])) {
		return nearUser
	}
	if i := strings.IndexByte(s, '%'); i > 0 && IsDottedDecimal(s[:i]) {
		return nearZone
	}
	switch {
	case numbersAndDots(s) == 4 && strings.ContainsAny(s, "xX"):
		return nearHex
	case fourNumbers(s, ",."):
		return nearComma
	case fourNumbers(s, ":;."):
		return nearColons
	case spaced(s):
		return nearBlank
	case followed(s):
		return nearMore
	}
	return notNear
}

// followed reports whether an address is followed by what no name has: a sign or a blank, and text.
func followed(s string) bool {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.') {
		i++
	}
	return i < len(s) && IsDottedDecimal(s[:i]) && strings.IndexByte(":;,/?#&=@|\\<>()[]{}\"'*_~ \t", s[i]) >= 0
}

func isIPv6(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6()
}

// spaced reports whether a text is an address as soon as its blanks are removed. They are next to the dots, or in place of them.
func spaced(s string) bool {
	if strings.IndexByte(s, ' ') < 0 {
		return false
	}
	var room [80]byte
	out, number := room[:0], false // number: the last one ended with a blank
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ':
			number = number || len(out) > 0 && out[len(out)-1] != '.'
		case c == '.':
			out, number = append(out, c), false
		case c < '0' || c > '9':
			return false
		case number:
			out, number = append(out, '.', c), false
		default:
			out = append(out, c)
		}
		if len(out) > len(room)-2 {
			return false
		}
	}
	return IsDottedDecimal(string(out))
}

func addressText(s string) bool { return IsDottedDecimal(s) || numbersAndDots(s) == 4 }

// openings and closings are the signs that people and programs put around a name.
const (
	openings = "([<{\"'`" + "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\u2039\u203a"
	closings = ")]>}\"'`" + "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\u2039\u203a"
)

// wrapped returns a text without the brackets or quotes around it.
func wrapped(s string) (string, bool) {
	first, n := utf8.DecodeRuneInString(s)
	last, m := utf8.DecodeLastRuneInString(s)
	if n+m < len(s) && strings.ContainsRune(openings, first) && strings.ContainsRune(closings, last) {
		return s[n : len(s)-m], true
	}
	return "", false
}

func isScheme(s string) bool {
	switch strings.ToLower(s) {
	case "sip", "sips", "xmpp", "http", "https", "ldap", "ldaps", "tel", "im", "pres", "tcp", "udp", "tls", "tftp", "ftp", "ip", "ipv4",
		"host":
		return true
	}
	return false
}

// hostPart cuts a port off.
func hostPart(s string) string {
	host, port, found := strings.Cut(s, ":")
	if found && allDigits(strings.TrimSuffix(port, "/")) {
		return host
	}
	return s
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// numbersAndDots counts the numbers of a text that has only numbers, decimal or hexadecimal with 0x in front, and dots between them; 0
// for any other text.
func numbersAndDots(s string) int {
	n := 0
	for part := range strings.SplitSeq(s, ".") {
		digits := part
		hex := len(part) > 2 && part[0] == '0' && (part[1] == 'x' || part[1] == 'X')
		if hex {
			digits = part[2:]
		}
		if digits == "" {
			return 0
		}
		for i := range len(digits) {
			if c := digits[i]; (c < '0' || c > '9') && !(hex && isHex(c)) {
				return 0
			}
		}
		n++
	}
	return n
}

// fourNumbers reports whether a text is four short numbers with one of some signs between them, not dots alone.
func fourNumbers(s, signs string) bool {
	numbers, digits, dots := 1, 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case strings.IndexByte(signs, c) < 0 || digits == 0:
			return false
		default:
			numbers, digits = numbers+1, 0
			if c == '.' {
				dots++
			}
		}
		if digits > 3 {
			return false
		}
	}
	return numbers == 4 && digits > 0 && dots < 3
}

package resolve

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Bounds of a host name (RFC 1123 section 2.1, RFC 1035 section 2.3.4).
const (
	MaxLabel    = 63
	MaxHostname = 253 // in text form, without the root dot
)

// IsDottedDecimal reports whether s is four decimal numbers from 0 to 255, separated by dots, and nothing else. A number
// with a leading zero does not count: inet_aton reads 010 as eight and inet_pton refuses it (RFC 6943 section 3.1.1), so
// two stacks can disagree about the address. The examples of the support note have none, so it does not say what the
// client does. For such a node name the next steps are tried, and it is reported as malformed.
func IsDottedDecimal(s string) bool {
	if len(s) < len("0.0.0.0") || len(s) > len("255.255.255.255") {
		return false
	}
	numbers, value, digits := 1, 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if digits > 0 && value == 0 {
				return false
			}
			value = 10*value + int(c-'0')
			digits++
			if value > 255 {
				return false
			}
		case c == '.' && digits > 0:
			numbers, value, digits = numbers+1, 0, 0
		default:
			return false
		}
	}
	return numbers == 4 && digits > 0
}

// LooksLikeAddress reports whether s was meant as an address but is not a dotted decimal one: numbers and dots alone
// (three or five numbers, one over 255, leading zeros), or IPv6 with or without brackets.
func LooksLikeAddress(s string) bool {
	if IsDottedDecimal(s) {
		return false
	}
	dots, digits := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '.':
			dots++
		case c >= '0' && c <= '9':
			digits++
		case c == ':':
			a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
			return err == nil && a.Is6()
		default:
			if !isHex(c) && c != '[' {
				return false
			}
			dots, digits = -len(s), 0 // only IPv6 is left
		}
	}
	return dots > 0 && digits > 0
}

func isHex(c byte) bool { return c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

// addressProblem says in a few words why something that looks like an address is not dotted decimal.
func addressProblem(s string) string {
	s, _ = clean(s)
	if near := nearAddress(s); near != notNear {
		return nearText[near]
	}
	if strings.Contains(s, ":") {
		return "it is IPv6, and these clients are IPv4"
	}
	numbers := strings.Split(s, ".")
	for _, n := range numbers {
		switch v, err := strconv.Atoi(n); {
		case n == "":
			return "a number is missing between two dots"
		case err != nil || v > 255:
			return fmt.Sprintf("%.16s is over 255", n)
		case len(n) > 1 && n[0] == '0':
			return fmt.Sprintf("%.16s has a leading zero", n)
		}
	}
	return fmt.Sprintf("it has %d numbers, not four", len(numbers))
}

// HostnameProblem says in a few words why s is not a host name by RFC 952 and RFC 1123 section 2.1: letters, digits and inner
// hyphens in labels of 1 to 63, 253 bytes in all, the last label not a number (so that an address, also a malformed
// one, is not a host name). It returns the empty string for a host name. Names in other scripts must be
// in their ASCII form (RFC 5890).
func HostnameProblem(s string) string {
	switch {
	case IsHostname(s):
		return ""
	case s == "":
		return "it is empty"
	case len(s) > MaxHostname:
		return fmt.Sprintf("it has %d bytes; a host name has at most %d", len(s), MaxHostname)
	}
	for label := range strings.SplitSeq(s, ".") {
		switch {
		case label == "":
			return "it has an empty label: two dots in a row, or a dot at an end"
		case len(label) > MaxLabel:
			return fmt.Sprintf("the label %q has %d bytes; a label has at most %d", label[:16]+"...", len(label), MaxLabel)
		}
		for _, r := range label {
			if r > 0x7F {
				return fmt.Sprintf("the character %+q is not ASCII", r)
			}
			if !isLDH(byte(r)) {
				return fmt.Sprintf("the character %q is not a letter, digit or hyphen", r)
			}
		}
		if label[0] == '-' || label[len(label)-1] == '-' {
			return fmt.Sprintf("the label %q begins or ends with a hyphen", label)
		}
	}
	return "its last label is a number, as in an address"
}

// IsHostname reports whether HostnameProblem finds no problem. It does not allocate.
func IsHostname(s string) bool {
	return len(s) <= MaxHostname && validLabels(s) && !endsInNumber(s)
}

// validLabels reports whether s is one or more labels of letters, digits and inner hyphens, with dots between them.
func validLabels(s string) bool {
	start := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '.' {
			if !isLDH(s[i]) {
				return false
			}
			continue
		}
		if n := i - start; n == 0 || n > MaxLabel || s[start] == '-' || s[i-1] == '-' {
			return false
		}
		start = i + 1
	}
	return true
}

// endsInNumber reports whether the last label is all digits. There is no such top-level domain, and resolvers read such a
// name as an address ("the highest-level component label will be alphabetic", RFC 1123 section 2.1).
func endsInNumber(s string) bool {
	i := len(s)
	for i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
		i--
	}
	return i < len(s) && (i == 0 || s[i-1] == '.')
}

func isLDH(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'
}

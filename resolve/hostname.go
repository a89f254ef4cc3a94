package resolve

import (
	"fmt"
	"net/netip"
	"strings"
)

// Bounds of a host name (RFC 1123 section 2.1, RFC 1035 section 2.3.4).
const (
	MaxLabel    = 63
	MaxHostname = 253 // in text form, without the root dot
)

// IsDottedDecimal reports whether s is four decimal numbers from 0 to 255, separated by dots, and nothing else. A number
// with a leading zero does not count: what it means differs between stacks (inet_aton takes it for octal), so no
// client can be trusted with it.
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

// LooksLikeAddress reports whether s is no dotted decimal address but was meant as an address: numbers and dots alone
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

// HostnameProblem says in a few words why s is no host name by RFC 952 and RFC 1123: letters, digits and inner hyphens in
// labels of 1 to 63, 253 bytes in all. It returns the empty string for a host name. Names in other
// scripts must be in their ASCII form (RFC 5890).
func HostnameProblem(s string) string {
	if isHostname(s) {
		return ""
	}
	if s == "" {
		return "it is empty"
	}
	if len(s) > MaxHostname {
		return fmt.Sprintf("it has %d bytes, a host name at most %d", len(s), MaxHostname)
	}
	for label := range strings.SplitSeq(s, ".") {
		switch {
		case label == "":
			return "it has an empty label: two dots side by side, or a dot at an end"
		case len(label) > MaxLabel:
			return fmt.Sprintf("the label %.16q... has %d bytes, a label at most %d", label, len(label), MaxLabel)
		case label[0] == '-' || label[len(label)-1] == '-':
			return fmt.Sprintf("the label %q begins or ends with a hyphen", label)
		}
		for _, r := range label {
			if r > 0x7F {
				return fmt.Sprintf("the character %q is not ASCII", r)
			}
			if !isLDH(byte(r)) {
				return fmt.Sprintf("the character %q is no letter, digit or hyphen", r)
			}
		}
	}
	return "it is no host name"
}

func isHostname(s string) bool {
	if s == "" || len(s) > MaxHostname {
		return false
	}
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

func isLDH(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-'
}

package resolve

import (
	"fmt"
	"strconv"
	"strings"
)

// A Generation is the family of clients that an export is for.
type Generation string

// The generations. Presence was SIP up to 7.x and is XMPP from 8.x on, Jabber included; only the first appends the domain as
// documented.
const (
	SIP  Generation = "sip"
	XMPP Generation = "xmpp"
)

// ParseGeneration accepts "sip" and "xmpp".
func ParseGeneration(s string) (Generation, error) {
	for _, g := range [...]Generation{SIP, XMPP} {
		if s == string(g) {
			return g, nil // and not a part of s, which may be memory of a reader
		}
	}
	return "", fmt.Errorf("unknown client generation %q: use sip or xmpp", s)
}

// GenerationOf finds the generation for a client version such as "7.0.2.13496", "8.5(3)" or "Jabber 9.7". It reports false
// for text without a version.
func GenerationOf(version string) (Generation, bool) {
	if strings.Contains(strings.ToLower(version), "jabber") {
		return XMPP, true
	}
	major, ok := MajorVersion(version)
	switch {
	case !ok:
		return "", false
	case major <= 7:
		return SIP, true
	}
	return XMPP, true
}

// MajorVersion returns the first number of a version.
func MajorVersion(version string) (int, bool) {
	start := strings.IndexAny(version, "0123456789")
	if start < 0 {
		return 0, false
	}
	end := start
	for end < len(version) && version[end] >= '0' && version[end] <= '9' {
		end++
	}
	major, err := strconv.Atoi(version[start:end])
	return major, err == nil && major > 0
}

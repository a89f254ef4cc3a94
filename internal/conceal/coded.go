package conceal

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"cupclint/internal/lazy"
)

type codings struct{ base64, registry, xml, json *regexp.Regexp }

var patterns = lazy.Value[codings]{New: func() codings {
	return codings{
		base64:   regexp.MustCompile(`[A-Za-z0-9+/_-]{12,}={0,2}`),
		registry: regexp.MustCompile(`hex\([127]\):((?:[0-9a-fA-F]{2}[,\s\\]*)+)`),
		xml:      regexp.MustCompile(`&#(?:[xX]([0-9a-fA-F]{1,4})|([0-9]{1,5}));`),
		json:     regexp.MustCompile(`\\u00([0-9a-fA-F]{2})`),
	}
}}

// plain writes letters, digits, dots and hyphens that XML or JSON has as numbers as what they are, so that names are found.
func plain(text string) string {
	head := strings.TrimLeft(text, "\ufeff \t\r\n")
	letter := func(digits string, base int, as string) string {
		n, err := strconv.ParseUint(digits, base, 16)
		if c := byte(n); err == nil && n < 0x80 &&
			(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(".-_@", c) >= 0) {
			return string(rune(c))
		}
		return as
	}
	p := patterns.Get()
	switch {
	case strings.HasPrefix(head, "<") && strings.Contains(text, "&#"):
		return p.xml.ReplaceAllStringFunc(text, func(s string) string {
			if f := p.xml.FindStringSubmatch(s); f[1] != "" {
				return letter(f[1], 16, s)
			} else {
				return letter(f[2], 10, s)
			}
		})
	case (strings.HasPrefix(head, "{") || strings.HasPrefix(head, "[")) && strings.Contains(text, `\u00`):
		return p.json.ReplaceAllStringFunc(text, func(s string) string { return letter(s[len(`\u00`):], 16, s) })
	}
	return text
}

// coded calls f with a text, and with what is coded in it: base64, and strings that a registry has as bytes. f keeps the length. The text
// is that with the answers of f in its place.
func coded(text string, f func(string) string) string {
	p := patterns.Get()
	if strings.Contains(text, "hex(") {
		text = p.registry.ReplaceAllStringFunc(text, func(s string) string { return registryBytes(s, strings.HasPrefix(text, "REGEDIT4"), f) })
	}
	text = p.base64.ReplaceAllStringFunc(text, func(s string) string { return base64Text(s, f) })
	return f(text)
}

// base64Text hides what a word says in base64. A word that says no text stays.
func base64Text(s string, f func(string) string) string {
	for _, e := range [...]*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		raw, err := e.Strict().DecodeString(s)
		if err != nil {
			continue
		}
		if said := string(raw); readable(said) {
			if h := f(said); h != said {
				return e.EncodeToString([]byte(h))
			}
		} else if said := fromUTF16(raw); readable(said) {
			if h := f(said); h != said {
				return e.EncodeToString(toUTF16(h))
			}
		}
		return s
	}
	return s
}

// readable reports whether a text is one that people write: a run of random bytes is not.
func readable(s string) bool {
	if len(s) < 6 || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < ' ' && r != '\t' && r != '\r' && r != '\n' || r == 0x7f {
			return false
		}
	}
	return true
}

func fromUTF16(raw []byte) string {
	if len(raw)%2 != 0 {
		return ""
	}
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i < len(raw); i += 2 {
		if raw[i+1] != 0 && raw[i+1] > 0x05 { // other scripts are far more likely to be random bytes
			return ""
		}
		units = append(units, uint16(raw[i])|uint16(raw[i+1])<<8)
	}
	return string(utf16.Decode(units))
}

func toUTF16(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// registryBytes hides a string that is written as bytes: UTF-16, in the old format one byte a letter. The places of the digits stay.
func registryBytes(s string, old bool, f func(string) string) string {
	at := strings.IndexByte(s, ':') + 1
	var places []int
	var digits []byte
	for i := at; i < len(s); i++ {
		if c := s[i]; c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' {
			places, digits = append(places, i), append(digits, c)
		}
	}
	raw, err := hex.DecodeString(string(digits))
	if err != nil {
		return s
	}
	var changed []byte
	if old {
		changed = []byte(f(string(raw)))
	} else if len(raw)%2 == 0 {
		units := make([]uint16, len(raw)/2)
		for i := range units {
			units[i] = uint16(raw[2*i]) | uint16(raw[2*i+1])<<8
		}
		changed = toUTF16(f(string(utf16.Decode(units))))
	}
	if len(changed) != len(raw) || string(changed) == string(raw) {
		return s
	}
	out := []byte(s)
	for i, c := range []byte(hex.EncodeToString(changed)) {
		out[places[i]] = c
	}
	return string(out)
}

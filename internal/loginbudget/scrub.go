package loginbudget

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ScrubAll takes secrets out of every text below v, a pointer to an observation, as Scrub does for one text: whatever a server says, in
// whichever field it is kept, must not get a password into a report. configured are texts that the user gave (names of hosts and accounts,
// bases): a secret that is part of one of them is a word that is shown anyway, and stays, so that these keep their meaning. Unexported
// fields are skipped.
func ScrubAll(v any, configured []string, secrets ...Secret) {
	for _, s := range secrets {
		p := strings.ToLower(s.reveal())
		if p == "" {
			continue
		}
		own := false
		for _, c := range configured {
			own = own || strings.Contains(strings.ToLower(c), p)
		}
		if !own {
			s.walk(reflect.ValueOf(v))
		}
	}
}

func (s Secret) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			s.walk(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() || f.Anonymous {
				s.walk(v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		if k := v.Type().Elem().Kind(); k == reflect.Uint8 || k == reflect.Int {
			return
		}
		for i := range v.Len() {
			s.walk(v.Index(i))
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(v.MapIndex(k))
			s.walk(e)
			v.SetMapIndex(k, e)
		}
	case reflect.String:
		if v.CanSet() {
			if text := s.scrub(v.String()); text != v.String() {
				v.SetString(text)
			}
		}
	}
}

func (s Secret) scrub(text string) string {
	p := s.reveal()
	if p == "" || text == "" {
		return text
	}
	if len(p) < 4 {
		return scrubWord(text, p)
	}
	for _, form := range []string{p, url.QueryEscape(p), url.PathEscape(p), strings.Trim(strconv.Quote(p), `"`)} {
		text = replaceFold(text, form)
	}
	return replaceEncoded(text, p)
}

// replaceFold takes a form of the secret out, in upper or lower case: libraries fold the case of capabilities, schemes and host names.
func replaceFold(text, form string) string {
	first := smallLetter(form[0])
	for at := 0; at+len(form) <= len(text); {
		// Two different letters of ASCII are never the same in another case. A character of several bytes may be: the Kelvin sign is a k.
		c := smallLetter(text[at])
		if (c == first || max(c, first) >= utf8.RuneSelf) && strings.EqualFold(text[at:at+len(form)], form) {
			text = text[:at] + redacted + text[at+len(form):]
			at += len(redacted)
			continue
		}
		at++
	}
	return text
}

func smallLetter(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// encodes reports whether base64, in one of its alphabets, or hexadecimal digits are made of c.
func encodes(c byte) bool {
	return 'a' <= smallLetter(c) && smallLetter(c) <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '_' || c == '-'
}

// replaceEncoded takes out what may be base64 or hexadecimal digits and decodes to something with the secret in it. A scan by bytes takes a
// tenth of the time of a regular expression, and every file that is collected comes through here.
func replaceEncoded(text, secret string) string {
	var b strings.Builder
	kept := 0 // up to where the text is in b
	for at := 0; at < len(text); at++ {
		from := at
		for at < len(text) && encodes(text[at]) {
			at++
		}
		if at-from >= 6 && holds(text[from:at], secret) {
			b.WriteString(text[kept:from])
			b.WriteString(redacted)
			kept = at
		}
	}
	if kept == 0 {
		return text
	}
	b.WriteString(text[kept:])
	return b.String()
}

// holds reports whether a text decodes to something with the secret in it.
func holds(chunk, secret string) bool {
	if base64.RawStdEncoding.DecodedLen(len(chunk)) < len(secret) {
		return false // hexadecimal digits decode to less than base64 does
	}
	if b, err := hex.DecodeString(chunk); err == nil && strings.Contains(string(b), secret) {
		return true
	}
	std := strings.ReplaceAll(strings.ReplaceAll(chunk, "-", "+"), "_", "/")
	for from := 0; from < 4 && from < len(std); from++ { // the chunk may begin with a character that is none of the code's
		part := std[from:]
		if len(part)%4 == 1 {
			part = part[:len(part)-1]
		}
		if b, err := base64.RawStdEncoding.DecodeString(part); err == nil && strings.Contains(string(b), secret) {
			return true
		}
	}
	return false
}

// scrubWord takes a short secret out where neither a letter nor a digit is next to it.
func scrubWord(text, p string) string {
	word := func(i int) bool {
		return i >= 0 && i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z')
	}
	var b strings.Builder
	for at := 0; ; {
		i := strings.Index(text[at:], p)
		if i < 0 {
			b.WriteString(text[at:])
			return b.String()
		}
		i += at
		b.WriteString(text[at:i])
		if word(i-1) || word(i+len(p)) {
			b.WriteString(p)
		} else {
			b.WriteString(redacted)
		}
		at = i + len(p)
	}
}

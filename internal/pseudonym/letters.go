package pseudonym

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strings"
)

// random gives numbers below n that depend on the key and on a text only.
func (m *Map) random(use, text string) func(n int) int {
	counter, left := uint32(0), []byte(nil)
	return func(n int) int {
		for {
			if len(left) < 4 {
				h := hmac.New(sha256.New, m.key)
				var number [4]byte
				binary.BigEndian.PutUint32(number[:], counter)
				counter++
				h.Write(number[:])
				h.Write([]byte(use))
				h.Write([]byte{0})
				h.Write([]byte(text))
				left = h.Sum(nil)
			}
			x := binary.BigEndian.Uint32(left)
			left = left[4:]
			if limit := ^uint32(0) - ^uint32(0)%uint32(n); x < limit {
				return int(x % uint32(n))
			}
		}
	}
}

// next maps a member of a set to another one: all members form one circle, so no two have the same and none has itself.
func (m *Map) next(use, text string, set []byte, c byte) byte {
	order := append([]byte(nil), set...)
	random := m.random(use, text)
	for i := len(order) - 1; i > 0; i-- {
		j := random(i + 1)
		order[i], order[j] = order[j], order[i]
	}
	for i, x := range order {
		if x == c {
			return order[(i+1)%len(order)]
		}
	}
	return c
}

const (
	letters   = "abcdefghijklmnopqrstuvwxyz"
	hexDigits = "0123456789abcdef"
)

// label maps one label or one word. Each letter depends on what follows it, so two labels with the same end have pseudonyms with the same
// end, and no two labels have the same one. A pseudonym that is taken or a word that stays is derived again.
func (m *Map) label(s string) string {
	lower := lower(s)
	if p, ok := m.labels[lower]; ok {
		return withCase(s, p)
	}
	for _, end := range [...]string{"-ms", "-ec"} { // names of certificates: for several servers, with a key on a curve
		if stem, ok := strings.CutSuffix(lower, end); ok && hasLetter(stem) {
			return withCase(s, m.label(stem)+end)
		}
	}
	if end := m.stayingEnd(lower); end != "" {
		stem := lower[:len(lower)-len(end)]
		p := m.derive(stem)
		for range 64 {
			if m.taken[p+end] == "" && !m.fixed(p+end) && p != stem {
				m.labels[lower], m.taken[p+end] = p+end, lower
				return withCase(s, p+end)
			}
			p = m.derive(p)
		}
	}
	p := m.derive(lower)
	for range 64 {
		if other, taken := m.taken[p]; !m.fixed(p) && (!taken || other == lower) && p != lower {
			break
		}
		p = m.derive(p)
	}
	m.labels[lower], m.taken[p] = p, lower
	return withCase(s, p)
}

// stayingEnd is the longest label that stays and that a longer label ends in; empty where there is none.
func (m *Map) stayingEnd(label string) string {
	for i := 1; i < len(label); i++ {
		if end := label[i:]; m.staying[end] && hasLetter(label[:i]) {
			return end
		}
	}
	return ""
}

// fixed reports whether a label is never hidden.
func (m *Map) fixed(lower string) bool { return stays.Get().label[lower] || m.stop[lower] }

func (m *Map) derive(lower string) string {
	out := []byte(lower)
	for i := len(out) - 1; i >= 0; i-- {
		if c := lower[i]; c >= 'a' && c <= 'z' {
			out[i] = m.next("letter", lower[i+1:], []byte(letters), c)
		}
	}
	return string(out)
}

// lower is strings.ToLower for ASCII only: the length and every other byte stay.
func lower(s string) string {
	out := []byte(s)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return string(out)
}

// withCase gives letters the case that those of the original have.
func withCase(original, lower string) string {
	if len(original) != len(lower) {
		return lower
	}
	out := []byte(lower)
	for i := range out {
		if c := original[i]; c >= 'A' && c <= 'Z' && out[i] >= 'a' && out[i] <= 'z' {
			out[i] -= 'a' - 'A'
		}
	}
	return string(out)
}

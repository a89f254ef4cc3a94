package pseudonym

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Replace returns the text with its words replaced. Everything else stays, and so does the length.
func (m *Map) Replace(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	for {
		i := strings.IndexFunc(text, invisible)
		if i < 0 {
			m.replace(&out, text)
			return out.String()
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		m.replace(&out, text[:i])
		out.WriteString(text[i : i+size])
		text = text[i+size:]
	}
}

// invisible reports whether a character is not seen and is a part of no name, though names in exports have it: a control of 8 bits, a mark
// that turns the direction of text, a byte order mark.
func invisible(r rune) bool { return r >= 0x80 && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }

// replace is Replace for a text without invisible characters.
func (m *Map) replace(out *strings.Builder, text string) {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			out.WriteString(text[i : i+3])
			i += 3
			continue
		case !nameByte(c) && c != ':':
			out.WriteByte(c)
			i++
			continue
		}
		if mapped, n := m.colons(text, i); n > 0 {
			out.WriteString(mapped)
			i += n
			continue
		}
		if c == ':' {
			out.WriteByte(c)
			i++
			continue
		}
		end := i
		for end < len(text) && nameByte(text[end]) {
			end++
		}
		if n := m.attribute(out, text, i, end); n > 0 {
			i = n
			continue
		}
		m.token(out, text, i, end)
		i = end
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return strings.IndexByte(hexDigits+"ABCDEF", c) >= 0 }

func (m *Map) pair(real, mapped string) string {
	if real != mapped {
		m.pairs[lower(real)] = lower(mapped)
	}
	return mapped
}

// colons maps an IPv6 or a hardware address that begins here.
func (m *Map) colons(text string, at int) (string, int) {
	if !m.hide.Addresses || at > 0 && (nameByte(text[at-1]) || text[at-1] == ':') {
		return "", 0
	}
	end := at
	for end < len(text) && (isHex(text[end]) || text[end] == ':') {
		end++
	}
	if end < len(text) && wordByte(text[end]) {
		return "", 0
	}
	run := text[at:end]
	if strings.Count(run, ":") < 2 {
		return "", 0
	}
	if end+1 < len(text) && text[end] == '.' && isDigit(text[end+1]) { // an IPv4 address at the end
		head := run[:strings.LastIndexByte(run, ':')+1]
		return head, len(head)
	}
	for _, r := range []string{run, strings.TrimSuffix(run, ":")} {
		if isMAC(r, ':') {
			return m.pair(r, m.mac(r)), len(r)
		}
		if a, err := netip.ParseAddr(r); err == nil && a.Is6() {
			return m.pair(r, m.ip6(r)), len(r)
		}
	}
	return "", 0
}

func isMAC(s string, sep byte) bool {
	if len(s) != 17 {
		return false
	}
	for i := range len(s) {
		if i%3 == 2 && s[i] != sep || i%3 != 2 && !isHex(s[i]) {
			return false
		}
	}
	return true
}

// dnTypes are types of attributes in distinguished names whose values are hidden; those of one letter only in upper case.
const dnTypes = " cn ou dc st uid O L sn givenname "

// attribute maps a part of a distinguished name that begins here, and returns where it ends; 0 where there is none.
func (m *Map) attribute(out *strings.Builder, text string, at, end int) int {
	kind := text[at:end]
	if end-at > 1 {
		kind = lower(kind)
	}
	if end >= len(text) || text[end] != '=' || !strings.Contains(dnTypes, " "+kind+" ") {
		return 0
	}
	stop := end + 1
	for stop < len(text) && strings.IndexByte(",+;\"'<>()|&/=\r\n\t", text[stop]) < 0 && (kind != "dc" || text[stop] != ' ') &&
		!strings.HasPrefix(text[stop:], "  ") {
		n := 1
		if text[stop] == '\\' {
			if n = escaped(text[stop:]); n == 0 {
				break
			}
		}
		stop += n
	}
	out.WriteString(text[at : end+1])
	value := text[end+1 : stop]
	for i := 0; i < len(value); {
		if value[i] == '\\' {
			n := max(1, escaped(value[i:]))
			out.WriteString(value[i : i+n])
			i += n
			continue
		}
		if !nameByte(value[i]) {
			out.WriteByte(value[i])
			i++
			continue
		}
		e := i
		for e < len(value) && nameByte(value[e]) {
			e++
		}
		for _, head := range [...]string{"CAPF-", "ITLRECOVERY_"} { // names of certificates
			if strings.HasPrefix(value[i:e], head) && i+len(head) < e {
				out.WriteString(head)
				i += len(head)
			}
		}
		word := value[i:e]
		switch {
		case strings.Contains(word, "."), kind == "cn" && m.bare[lower(word)]: // a host of a certificate
			m.token(out, value, i, e)
		case kind == "dc" && m.hide.Addresses:
			first, _, _ := strings.Cut(m.name(word+dcAfter(text[stop:]), false), ".")
			out.WriteString(first)
		case kind != "dc" && m.hide.Names && !m.stop[lower(word)] && len(word) >= least:
			mapped := m.label(word)
			if _, known := m.pairs[lower(word)]; !known && word != mapped { // an everyday word, perhaps: not looked for elsewhere
				m.pair(word, mapped)
				m.loose[lower(word)] = true
			}
			out.WriteString(mapped)
		default:
			out.WriteString(word)
		}
		i = e
	}
	return stop
}

// escaped is how long the escape is that a value of a distinguished name continues with: a backslash, or two of them inside of a string of
// another language, with the character or the two hexadecimal digits that follow. It is 0 where the backslash means something else.
func escaped(text string) int {
	n := 1
	if len(text) > 1 && text[1] == '\\' {
		n = 2
	}
	switch {
	case len(text) > n && strings.IndexByte(",+<>;=# ", text[n]) >= 0:
		return n + 1
	case len(text) > n+1 && isHex(text[n]) && isHex(text[n+1]):
		return n + 2
	}
	return 0
}

// dcAfter is the rest of a domain that parts of a distinguished name spell: ".com" before ",DC=com".
func dcAfter(text string) string {
	var rest strings.Builder
	for {
		i := 0
		for i < len(text) && (text[i] == ' ' || text[i] == ',') {
			i++
		}
		if i == 0 || i+3 > len(text) || !strings.EqualFold(text[i:i+3], "dc=") {
			return rest.String()
		}
		text = text[i+3:]
		i = 0
		for i < len(text) && nameByte(text[i]) && text[i] != '.' {
			i++
		}
		rest.WriteString("." + text[:i])
		text = text[i:]
	}
}

// most bounds the parts of a token that are tried together.
const most = 24

// token maps a run of letters, digits, dots, hyphens and underscores: the longest known words in it, from the left.
func (m *Map) token(out *strings.Builder, text string, at, end int) {
	t := text[at:end]
	if m.hide.Addresses && (isMAC(t, '-') || len(t) == 14 && (isThirdsMAC(t, '.') || isThirdsMAC(t, '-') && m.macs[lower(plainMAC(t))])) {
		out.WriteString(m.pair(t, m.mac(t)))
		return
	}
	var ends []int // of the parts
	for i := range len(t) {
		if wordByte(t[i]) && (i+1 == len(t) || !wordByte(t[i+1])) {
			ends = append(ends, i+1)
		}
	}
	for s := 0; s < len(t); {
		if !wordByte(t[s]) {
			out.WriteByte(t[s])
			s++
			continue
		}
		for len(ends) > 0 && ends[0] <= s {
			ends = ends[1:]
		}
		mapped, n := m.words(text, at, s, end, ends)
		if n == 0 { // the part stays
			n = ends[0] - s
			mapped = t[s:ends[0]]
			if s == 0 && at > 0 && text[at-1] == '\\' && strings.IndexByte("nrtbf", t[0]) >= 0 && n > 1 { // an escape
				mapped, n = t[:1], 1
			}
		}
		out.WriteString(mapped)
		s += n
	}
}

// words finds the longest known word from s in the token text[at:end].
func (m *Map) words(text string, at, s, end int, ends []int) (string, int) {
	t := text[at:end]
	if m.hide.Addresses {
		if a := m.address(text, at+s, end); a > 0 {
			real := t[s : s+a]
			if rest := lower(t[s+a:]); strings.HasPrefix(rest, ".in-addr.arpa") {
				return m.pair(real, reversed(m.ip4(reversed(real)))), a
			}
			return m.pair(real, m.ip4(real)), a
		}
	}
	if mapped := m.reversed6(t[s:]); mapped != "" {
		return m.pair(t[s:s+len(mapped)], mapped), len(mapped)
	}
	for i := min(len(ends), most) - 1; i >= 0; i-- {
		e := ends[i]
		w := t[s:e]
		low := lower(w)
		local := at+e < len(text) && (text[at+e] == '@' || strings.HasPrefix(text[at+e:], "%40"))
		switch {
		case m.hide.Names && !m.fixed(low) && (local && s == 0 && len(w) >= least || m.users[low]):
			return m.pair(w, m.name(w, true)), len(w)
		case !m.hide.Addresses:
		case strings.Contains(w, ".") && (m.full[low] || m.below(low) && !m.behind(low)) && !m.kept(low):
			if s > 0 && t[s-1] == '_' { // a service label
				first := strings.IndexByte(w, '.') + 1
				return w[:first] + m.pair(w[first:], m.name(w[first:], false)), len(w)
			}
			return m.pair(w, m.name(w, false)), len(w)
		case m.bare[low] && !local && !m.fixed(low):
			return m.pair(w, m.label(w)), len(w)
		case i == 0 && (m.macs[low] || len(w) == 15 && strings.HasPrefix(low, "sep") && allHex(w[3:])):
			head := len(w) - 12
			return w[:head] + m.pair(w[head:], m.mac(w[head:])), len(w)
		}
	}
	return "", 0
}

// reversed6 maps the 32 digits of an IPv6 address in a name below ip6.arpa that a text begins with; empty where there is none.
func (m *Map) reversed6(text string) string {
	const digits = 32
	if !m.hide.Addresses || len(text) < 2*digits || !strings.HasPrefix(lower(text[2*digits-1:]), ".ip6.arpa") {
		return ""
	}
	var plain [digits]byte
	for i := range digits {
		if plain[digits-1-i] = text[2*i]; !isHex(text[2*i]) || text[2*i+1] != '.' {
			return ""
		}
	}
	var groups []string
	for i := 0; i < digits; i += 4 {
		groups = append(groups, string(plain[i:i+4]))
	}
	mapped := strings.ReplaceAll(m.ip6(strings.Join(groups, ":")), ":", "")
	out := []byte(text[:2*digits-1])
	for i := range digits {
		out[2*i] = mapped[digits-1-i]
	}
	return string(out)
}

func allHex(s string) bool {
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
	}
	return true
}

func isThirdsMAC(s string, sep byte) bool {
	return s[4] == sep && s[9] == sep && allHex(s[:4]) && allHex(s[5:9]) && allHex(s[10:])
}

func reversed(address string) string {
	p := strings.Split(address, ".")
	return p[3] + "." + p[2] + "." + p[1] + "." + p[0]
}

// address returns the length of an IPv4 address that begins at s, 0 for none. Versions are none.
func (m *Map) address(text string, s, end int) int {
	e := s
	for e < end && (isDigit(text[e]) || text[e] == '.') {
		e++
	}
	if e == s || e < end && wordByte(text[e]) && text[e-1] != '.' || s > 1 && strings.IndexByte(".-", text[s-1]) >= 0 && isDigit(text[s-2]) {
		return 0
	}
	parts := strings.Split(strings.TrimRight(text[s:e], "."), ".")
	if len(parts) < 4 || len(parts) > 5 || len(parts) == 5 && len(parts[4]) < 3 { // the fifth is a port
		return 0
	}
	a := strings.Join(parts[:4], ".")
	if _, err := netip.ParseAddr(a); err != nil {
		return 0
	}
	before := lower(text[max(0, s-24):s])
	before = before[strings.LastIndexByte(before, '\n')+1:]
	if strings.Contains(before, "version") || strings.Contains(before, "release") || strings.Contains(before, " ver") {
		return 0
	}
	return len(a)
}

// behind reports whether a known name ends a longer one after a hyphen or an underscore, as in the name of a file:
// show-status-ucm1.acme.com.
func (m *Map) behind(low string) bool {
	first := max(0, strings.IndexByte(low, '.'))
	for i := range first {
		if (low[i] == '-' || low[i] == '_') && m.full[low[i+1:]] {
			return true
		}
	}
	return false
}

// below reports whether a name ends in a known domain.
func (m *Map) below(low string) bool {
	for {
		_, rest, more := strings.Cut(low, ".")
		if !more {
			return false
		}
		if m.domains[rest] || stays.Get().suffix[rest] && strings.Contains(rest, ".") {
			return true
		}
		low = rest
	}
}

// name maps a full name, or the name of an account, label by label. Which labels stay depends on what follows them, never on what is before
// them: so the end of a name has the pseudonym that it has alone.
func (m *Map) name(w string, person bool) string {
	s := stays.Get()
	labels := strings.Split(w, ".")
	tail := len(labels) // from here on labels stay
	if !person {
		for i := range labels {
			if rest := lower(strings.Join(labels[i:], ".")); s.suffix[rest] || s.domain[rest] {
				tail = i
				break
			}
		}
	}
	below := tail < len(labels) // a label whose name belongs to someone was met
	for i := tail - 1; i >= 0; i-- {
		low := lower(labels[i])
		switch {
		case len(low) < least, !person && (s.label[low] || strings.HasPrefix(low, "_")):
			below = below || !s.label[low]
		case !person && below && m.stop[low]:
		default:
			labels[i], below = m.label(labels[i]), true
		}
	}
	return strings.Join(labels, ".")
}

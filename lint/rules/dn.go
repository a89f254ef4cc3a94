package rules

import (
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"cupclint/internal/lazy"
)

// A rdn is one attribute and value of a distinguished name, escapes and all. With joined set the next one belongs to the same
// part of the name ("CN=a+OU=b").
type rdn struct {
	attribute, value string
	joined           bool
}

// nextRDN cuts the first attribute and value off a distinguished name (RFC 4514 section 3) and reports whether it is well
// formed. Blanks around names, = and separators are allowed (RFC 4514 section 2.4 allows readers to accept them). It does not
// allocate.
func nextRDN(dn string) (first rdn, rest string, ok bool) {
	eq := strings.IndexByte(dn, '=')
	if eq < 0 {
		return rdn{}, "", false
	}
	first.attribute = strings.Trim(dn[:eq], " ")
	if !attributeType(first.attribute) {
		return rdn{}, "", false
	}
	dn = strings.TrimLeft(dn[eq+1:], " ")
	end := 0
	for end < len(dn) && dn[end] != ',' && dn[end] != '+' {
		switch c := dn[end]; c {
		case '"', ';', '<', '>', 0:
			return rdn{}, "", false
		case '\\':
			n := escape(dn[end:])
			if n == 0 {
				return rdn{}, "", false
			}
			end += n
		default:
			end++
		}
	}
	first.value = trimValue(dn[:end])
	if strings.HasPrefix(first.value, "#") && !hexString(first.value[1:]) {
		return rdn{}, "", false
	}
	if end == len(dn) {
		return first, "", true
	}
	first.joined = dn[end] == '+'
	// Something must follow a separator.
	rest = dn[end+1:]
	return first, rest, strings.Trim(rest, " ") != ""
}

// trimValue takes blanks from the end, but not one that a backslash holds.
func trimValue(v string) string {
	t := strings.TrimRight(v, " ")
	if len(t) < len(v) && strings.HasSuffix(t, `\`) && (len(t)-len(strings.TrimRight(t, `\`)))%2 == 1 {
		return v[:len(t)+1]
	}
	return t
}

func attributeType(s string) bool {
	if s == "" {
		return false
	}
	if s[0] >= '0' && s[0] <= '9' { // an object identifier
		for part := range strings.SplitSeq(s, ".") {
			if part == "" || strings.Trim(part, "0123456789") != "" {
				return false
			}
		}
		return true
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') && (i == 0 || !(c >= '0' && c <= '9' || c == '-')) {
			return false
		}
	}
	return true
}

// escape returns the length of the escape at the begin of s, 0 when it is none.
func escape(s string) int {
	if len(s) < 2 {
		return 0
	}
	if strings.IndexByte(` "#+,;<=>\`, s[1]) >= 0 {
		return 2
	}
	if len(s) >= 3 && hexDigit(s[1]) && hexDigit(s[2]) {
		return 3
	}
	return 0
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func hexString(s string) bool {
	if s == "" || len(s)%2 != 0 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !hexDigit(s[i]) {
			return false
		}
	}
	return true
}

// validDN reports whether s is a distinguished name of one part or more.
func validDN(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for ok := true; ; {
		if _, s, ok = nextRDN(s); !ok {
			return false
		}
		if s == "" {
			return true
		}
	}
}

// A bindForm says how an account is named in a bind.
type bindForm int

const (
	badBind    bindForm = iota
	dnBind              // CN=svc,DC=acme,DC=com
	upnBind             // svc@acme.com
	domainBind          // ACME\svc
)

func bindFormOf(s string) bindForm {
	if validDN(s) {
		return dnBind
	}
	if strings.ContainsAny(s, "= \t,") {
		return badBind
	}
	if user, domain, ok := strings.Cut(s, "@"); ok && user != "" && domain != "" && !strings.ContainsAny(domain, `@\`) {
		return upnBind
	}
	if domain, user, ok := strings.Cut(s, `\`); ok && user != "" && domain != "" && !strings.ContainsAny(user, `@\`) {
		return domainBind
	}
	return badBind
}

// normalAccount gives every spelling of an account the same form: names are compared without case, a DN part by part as in RFC 4517
// section 4.2.15.
func normalAccount(s string) string {
	if !validDN(s) {
		return strings.ToLower(strings.TrimSpace(s))
	}
	var parts, joined []string
	for s != "" {
		var r rdn
		r, s, _ = nextRDN(s)
		joined = append(joined, strings.ToLower(r.attribute)+"="+normalValue(r.value))
		if !r.joined {
			slices.Sort(joined) // what is joined by + has no order
			parts = append(parts, strings.Join(joined, "+"))
			joined = joined[:0]
		}
	}
	return strings.Join(parts, ",")
}

// normalValue undoes escapes, folds case and replaces several blanks by one (RFC 4518 section 2.6.1), then escapes what would
// be read as a separator.
func normalValue(v string) string {
	if strings.HasPrefix(v, "#") {
		return strings.ToLower(v)
	}
	plain := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' {
			plain = append(plain, v[i])
			continue
		}
		if b, err := hex.DecodeString(v[i+1 : min(i+3, len(v))]); err == nil && len(b) == 1 {
			plain = append(plain, b[0])
			i += 2
			continue
		}
		i++
		plain = append(plain, v[i])
	}
	return separators.Get().Replace(strings.Join(strings.Fields(strings.ToLower(string(plain))), " "))
}

var separators = lazy.Value[*strings.Replacer]{New: func() *strings.Replacer { return strings.NewReplacer(`\`, `\\`, ",", `\,`, "+", `\+`, "#", `\#`) }}

// A dnsDomain is a domain label by label. Comparing two costs no memory.
type dnsDomain struct {
	labels [maxLabels]string
	n      int
}

const maxLabels = 16

// domainOf reads the DC parts of a distinguished name: acme.com for OU=People,DC=acme,DC=com. root reports that there is
// nothing but DC parts. An invalid name, or one with too many labels, has no domain.
func domainOf(dn string) (d dnsDomain, root bool) {
	root = true
	for dn != "" {
		r, rest, ok := nextRDN(dn)
		if !ok {
			return dnsDomain{}, false
		}
		if !strings.EqualFold(r.attribute, "DC") {
			root = false
		} else if !d.add(r.value) {
			return dnsDomain{}, false
		}
		dn = rest
	}
	return d, root && d.n > 0
}

// dcPart returns what follows in a distinguished name from the first "DC" on, which may be part of another word. Before it there is no DC
// part, so names with the same dcPart have the same domain, or one of them is invalid.
func dcPart(dn string) string {
	for i := 0; i+1 < len(dn); i++ {
		if dn[i]|0x20 == 'd' && dn[i+1]|0x20 == 'c' {
			return dn[i:]
		}
	}
	return ""
}

// add appends the labels of a name and reports whether there was room.
func (d *dnsDomain) add(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if d.n == maxLabels {
			return false
		}
		d.labels[d.n] = label
		d.n++
	}
	return true
}

// within reports whether the domain is the other one or below it.
func (d *dnsDomain) within(other *dnsDomain) bool {
	if other.n == 0 || d.n < other.n {
		return false
	}
	for i, label := range other.labels[:other.n] {
		if !strings.EqualFold(d.labels[d.n-other.n+i], label) {
			return false
		}
	}
	return true
}

func (d *dnsDomain) String() string { return strings.ToLower(strings.Join(d.labels[:d.n], ".")) }

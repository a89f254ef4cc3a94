package rules

import (
	"strings"
	"unicode/utf8"
)

// A rdn is one attribute and value of a distinguished name, escapes and all.
type rdn struct{ attribute, value string }

// nextRDN cuts the first attribute and value off a distinguished name (RFC 4514 section 3) and reports whether it is well
// formed. Blanks around names, = and separators are allowed, as RFC 4514 section 2.4 says that they may be met. It does not
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
	// A separator must separate.
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

// normalAccount spells an account in one way: names are compared without case, and in a DN without blanks around the parts.
func normalAccount(s string) string {
	if !validDN(s) {
		return strings.ToLower(strings.TrimSpace(s))
	}
	var b strings.Builder
	for s != "" {
		var r rdn
		r, s, _ = nextRDN(s)
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.ToLower(r.attribute) + "=" + strings.ToLower(r.value))
	}
	return b.String()
}

// dnsDomain joins the DC parts of a distinguished name: acme.com for OU=People,DC=acme,DC=com. root reports that there is nothing
// but DC parts.
func dnsDomain(dn string) (domain string, root bool) {
	root = true
	for dn != "" {
		r, rest, ok := nextRDN(dn)
		if !ok {
			return "", false
		}
		if strings.EqualFold(r.attribute, "DC") {
			if domain != "" {
				domain += "."
			}
			domain += strings.ToLower(r.value)
		} else {
			root = false
		}
		dn = rest
	}
	return domain, root && domain != ""
}

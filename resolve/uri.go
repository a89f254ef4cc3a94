package resolve

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A URI is what routing needs of a SIP URI (RFC 3261 section 19.1). Passwords, headers and all other parameters are ignored.
type URI struct {
	Scheme    string // "sip" or "sips"
	User      string // as written, without a password; empty when there is none
	Host      string // as written; an IPv6 reference without its brackets
	Port      int    // 0 when none is given
	Transport string // the transport parameter, lower case; empty when there is none
	MAddr     string // the maddr parameter: where the request is sent instead of the host; empty when there is none
}

// A URIError says where a SIP URI is broken. Its text shows the URI without a password.
type URIError struct {
	Offset int    // in bytes from the start of the URI, from 0; at most its length
	Reason string // a clause that begins in lower case
	uri    string // not exported, because it may hold a password
}

func (e *URIError) Error() string {
	return fmt.Sprintf("SIP URI %q: byte %d: %s", RedactURI(e.uri), e.Offset+1, e.Reason)
}

// RedactURI masks the password of a URI, right or broken, so that it can be shown. The password is the text between the colon of a user
// part and the last "@".
func RedactURI(uri string) string {
	at := strings.LastIndexByte(uri, '@')
	if at < 0 {
		return uri
	}
	start := 0
	if i := strings.Index(uri[:at], "://"); i >= 0 {
		start = i + len("://")
	} else if scheme, _, ok := strings.Cut(uri[:at], ":"); ok {
		switch strings.ToLower(strings.TrimSpace(scheme)) {
		case "sip", "sips", "tel", "im", "pres", "xmpp", "mailto":
			start = len(scheme) + 1
		}
	}
	colon := strings.IndexByte(uri[start:at], ':')
	if colon < 0 {
		return uri
	}
	return uri[:start+colon+1] + "***" + uri[at:]
}

// ParseURI reads a SIP or SIPS URI. Errors are of type *URIError. It accepts what RFC 3261 section 25.1 allows in user
// part, host, port and parameters, and an underscore in the host, which deployments use although a host name
// must not have one.
func ParseURI(s string) (URI, error) {
	p := uriParser{s: s}
	u := p.parse()
	if p.err != nil {
		return URI{}, p.err
	}
	return u, nil
}

// uriParser holds the text and the first error. The offsets of its functions count from the start of the text.
type uriParser struct {
	s   string
	err error
}

func (p *uriParser) fail(offset int, format string, args ...any) {
	if p.err == nil {
		p.err = &URIError{Offset: offset, Reason: fmt.Sprintf(format, args...), uri: p.s}
	}
}

func (p *uriParser) parse() (u URI) {
	scheme, _, ok := strings.Cut(p.s, ":")
	u.Scheme = strings.ToLower(scheme)
	switch {
	case ok && u.Scheme == "tel":
		p.fail(0, "a tel URI has no host to route to; write sip:NUMBER@HOST")
		return u
	case !ok || u.Scheme != "sip" && u.Scheme != "sips":
		p.fail(0, "it does not begin with sip: or sips:")
		return u
	}
	start := len(scheme) + 1
	// Neither user part nor parameters nor headers can hold a bare "@", so the first one ends the user part.
	if i := strings.IndexByte(p.s[start:], '@'); i >= 0 {
		if j := strings.IndexByte(p.s[start+i+1:], '@'); j >= 0 {
			p.fail(start+i+1+j, "a second @; write it as %%40")
			return u
		}
		u.User = p.user(start, start+i)
		start += i + 1
	}
	end := len(p.s)
	if i := strings.IndexAny(p.s[start:], ";?"); i >= 0 {
		end = start + i
	}
	p.hostport(&u, start, end)
	p.params(&u, end)
	return u
}

// user reads user and password and returns the user.
func (p *uriParser) user(start, end int) string {
	user, password, ok := strings.Cut(p.s[start:end], ":")
	if user == "" {
		p.fail(start, "the user part before @ is empty")
	}
	p.chars(start, user, "&=+$,;?/", "user part")
	if ok {
		p.chars(start+len(user)+1, password, "&=+$,", "password")
	}
	return user
}

// chars checks that part, which begins at offset, is made of unreserved characters, those of extra, and escapes.
func (p *uriParser) chars(offset int, part, extra, what string) {
	const mark = "-_.!~*'()"
	for i := 0; i < len(part); i++ {
		switch c := part[i]; {
		case isLDH(c) || strings.IndexByte(mark, c) >= 0 || strings.IndexByte(extra, c) >= 0:
		case c == '%':
			if i+2 >= len(part) || !isHexDigit(part[i+1]) || !isHexDigit(part[i+2]) {
				p.fail(offset+i, "%% in the %s is not followed by two hexadecimal digits", what)
				return
			}
			i += 2
		case what == "password": // no part of it is shown
			p.fail(offset, "the password has a character that is not allowed there; write it as %% and two hexadecimal digits")
			return
		default:
			r, _ := utf8.DecodeRuneInString(part[i:])
			p.fail(offset+i, "the character %+q is not allowed in the %s", r, what)
			return
		}
	}
}

func isHexDigit(c byte) bool { return c >= '0' && c <= '9' || isHex(c) }

func (p *uriParser) hostport(u *URI, start, end int) {
	host, port := p.s[start:end], ""
	switch {
	case strings.HasPrefix(host, "["):
		i := strings.IndexByte(host, ']')
		if i < 0 {
			p.fail(start, "an IPv6 reference without a closing bracket")
			return
		}
		host, port = host[1:i], host[i+1:]
		if a, err := netip.ParseAddr(host); err != nil || !a.Is6() || a.Zone() != "" {
			p.fail(start+1, "%+q is not a valid IPv6 address", host)
		}
		if port != "" && port[0] != ':' {
			p.fail(start+i+1, "%+q after an IPv6 reference", port)
			return
		}
	default:
		if i := strings.IndexByte(host, ':'); i >= 0 {
			host, port = host[:i], host[i:]
		}
		p.host(start, host)
	}
	u.Host = host
	if port == "" {
		return
	}
	n, err := strconv.ParseUint(port[1:], 10, 16)
	if err != nil || n == 0 {
		p.fail(end-len(port)+1, "the port is not a number from 1 to 65535")
	}
	u.Port = int(n)
}

// host checks characters and labels. A dot at the end is allowed (RFC 3261 section 25.1, hostname).
func (p *uriParser) host(offset int, host string) {
	if host == "" {
		p.fail(offset, "there is no host")
		return
	}
	for i, r := range host {
		switch {
		case r == '.':
			if i == 0 || host[i-1] == '.' {
				p.fail(offset+i, "an empty label in the host")
				return
			}
		case r >= utf8.RuneSelf:
			p.fail(offset+i, "the character %+q in the host is not ASCII", r)
			return
		case !isLDH(byte(r)) && r != '_':
			p.fail(offset+i, "the character %+q is not allowed in a host", r)
			return
		}
	}
}

// params reads the parameters and skips the headers.
func (p *uriParser) params(u *URI, start int) {
	text, headers, hasHeaders := strings.Cut(p.s[start:], "?")
	if hasHeaders {
		p.chars(start+len(text)+1, headers, "[]/?:+$&=", "headers")
	}
	if text == "" {
		return
	}
	seen := map[string]bool{}
	offset := start + 1
	for param := range strings.SplitSeq(text[1:], ";") {
		name, value, _ := strings.Cut(param, "=")
		key := strings.ToLower(name)
		switch {
		case name == "":
			p.fail(offset, "an empty parameter")
		case seen[key]:
			p.fail(offset, "the parameter %q is set twice", key)
		}
		seen[key] = true
		p.chars(offset, param, "[]/:&+$=", "parameters")
		switch key {
		case "transport":
			u.Transport = strings.ToLower(value)
		case "maddr":
			u.MAddr = strings.Trim(value, "[]")
		}
		offset += len(param) + 1
	}
}

// number is the user part as a static route for users sees it: without the parameters of a telephone number (RFC 3966), and
// with its escapes undone (RFC 3261 section 19.1.4: an escaped character is the same as itself).
func (u *URI) number() string {
	user, _, _ := strings.Cut(u.User, ";")
	if strings.IndexByte(user, '%') < 0 {
		return user
	}
	var b strings.Builder
	for i := 0; i < len(user); i++ {
		if user[i] == '%' && i+2 < len(user) {
			if c, err := strconv.ParseUint(user[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(user[i])
	}
	return b.String()
}

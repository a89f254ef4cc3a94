package resolve

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// A URI is what routing needs of a SIP URI (RFC 3261 section 19.1): scheme, user, host, port and the transport
// parameter. Headers and other parameters are read over.
type URI struct {
	Scheme    string // "sip" or "sips"
	User      string // as written, without a password; empty when there is none
	Host      string // as written; an IPv6 reference without its brackets
	Port      int    // 0 when none is given
	Transport string // lower case; empty when none is given
}

// A URIError says where a SIP URI is broken.
type URIError struct {
	URI    string
	Offset int // in bytes, from 0
	Reason string
}

func (e *URIError) Error() string {
	return fmt.Sprintf("SIP URI %q: byte %d: %s", e.URI, e.Offset+1, e.Reason)
}

// ParseURI reads a SIP or SIPS URI. Errors are of type *URIError.
func ParseURI(s string) (URI, error) {
	fail := func(offset int, format string, args ...any) (URI, error) {
		return URI{}, &URIError{URI: s, Offset: offset, Reason: fmt.Sprintf(format, args...)}
	}
	scheme, rest, ok := strings.Cut(s, ":")
	u := URI{Scheme: strings.ToLower(scheme)}
	if !ok || u.Scheme != "sip" && u.Scheme != "sips" {
		return fail(0, "it does not begin with sip: or sips:")
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7F || invisible(r) }); i >= 0 {
		return fail(i, "white space or an invisible character")
	}
	at := len(scheme) + 1 // offset of rest in s
	// A user part may hold ";" and "?", so the last "@" before any header ends it.
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		u.User, _, _ = strings.Cut(rest[:i], ":")
		if u.User == "" {
			return fail(at, "the user part before @ is empty")
		}
		rest, at = rest[i+1:], at+i+1
	}
	hostport, params := rest, ""
	if i := strings.IndexAny(rest, ";?"); i >= 0 {
		hostport, params = rest[:i], rest[i:]
	}
	port := ""
	if strings.HasPrefix(hostport, "[") {
		end := strings.IndexByte(hostport, ']')
		if end < 0 {
			return fail(at, "an IPv6 reference without a closing bracket")
		}
		u.Host = hostport[1:end]
		if a, err := netip.ParseAddr(u.Host); err != nil || !a.Is6() {
			return fail(at+1, "%q is no IPv6 address", u.Host)
		}
		if port = hostport[end+1:]; port != "" && port[0] != ':' {
			return fail(at+end+1, "%q behind an IPv6 reference", port)
		}
	} else {
		u.Host = hostport
		if i := strings.IndexByte(hostport, ':'); i >= 0 {
			u.Host, port = hostport[:i], hostport[i:]
		}
	}
	if u.Host == "" {
		return fail(at, "there is no host")
	}
	if port != "" {
		n, err := strconv.ParseUint(port[1:], 10, 16)
		if err != nil || n == 0 {
			return fail(at+len(hostport)-len(port)+1, "the port %q is no number from 1 to 65535", port[1:])
		}
		u.Port = int(n)
	}
	params, _, _ = strings.Cut(params, "?")
	for p := range strings.SplitSeq(params, ";") {
		if name, value, _ := strings.Cut(p, "="); strings.EqualFold(name, "transport") {
			u.Transport = strings.ToLower(value)
		}
	}
	return u, nil
}

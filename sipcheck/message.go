package sipcheck

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/icholy/digest"

	"cupclint/internal/probe"
	"cupclint/internal/sip"
	"cupclint/resolve"
)

// A dialogue makes the requests of one probe: one Call-ID, and a CSeq that counts (RFC 3261, section 10.2).
type dialogue struct {
	host, user string // of the address of record
	transport  string // UDP, TCP or TLS
	port       int    // of the request URI; 0 when it is the transport's own
	local      net.Addr
	callID     string
	tag        string
	cseq       int
}

// newDialogue checks the parts of a URI: an invalid host, or a user with a line end, would make another message.
func newDialogue(host, user string, t probe.Target, local net.Addr) (*dialogue, error) {
	bare := strings.Trim(host, "[]")
	if addr, err := netip.ParseAddr(bare); err == nil {
		host = addr.String()
		if addr.Is6() {
			host = "[" + host + "]"
		}
	} else if !resolve.IsHostname(host) {
		return nil, fmt.Errorf("%q is not a host name that a SIP URI can contain", probe.Clean(host))
	}
	d := &dialogue{host: host, user: escapeUser(user), transport: transport(t), local: local, callID: rand.Text(), tag: rand.Text()[:10]}
	if standard := map[string]int{"UDP": 5060, "TCP": 5060, "TLS": 5061}[d.transport]; t.Port != standard {
		d.port = t.Port
	}
	return d, nil
}

// escapeUser writes a user name as the user part of a SIP URI (RFC 3261, section 25.1): what is neither unreserved nor allowed there
// becomes %XX.
func escapeUser(user string) string {
	var b strings.Builder
	for i := range len(user) {
		c := user[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.!~*'()&=+$,;?/", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// uri is the address registered to, without a user.
func (d *dialogue) uri() string {
	if d.port != 0 {
		return fmt.Sprintf("sip:%s:%d", d.host, d.port)
	}
	return "sip:" + d.host
}

// A request is what is sent, and what its answers repeat.
type request struct {
	text   []byte
	callID string
	cseq   int
	once   bool // it has a credential, and is sent once over UDP, too
}

// request makes a request. Headers are name and value in turn.
func (d *dialogue) request(method string, headers ...string) (*request, error) {
	d.cseq++
	record := fmt.Sprintf("<sip:%s@%s>", d.user, d.host)
	all := append([]string{
		"Via", fmt.Sprintf("SIP/2.0/%s %s;branch=z9hG4bK%s;rport", d.transport, d.local, rand.Text()[:16]),
		"Max-Forwards", "70",
		"From", record + ";tag=" + d.tag,
		"To", record,
		"Call-ID", d.callID,
		"CSeq", fmt.Sprintf("%d %s", d.cseq, method),
		"User-Agent", "cupclint",
	}, headers...)
	all = append(all, "Content-Length", "0")
	text := []byte(method + " " + d.uri() + " SIP/2.0\r\n")
	for i := 0; i < len(all); i += 2 {
		if strings.ContainsAny(all[i+1], "\r\n") { // it would make a header of its own
			return nil, fmt.Errorf("make a %s request: the header %s has a line end", method, all[i])
		}
		text = append(text, all[i]+": "+all[i+1]+"\r\n"...)
	}
	once := slices.Contains(headers, "Authorization") || slices.Contains(headers, "Proxy-Authorization")
	return &request{text: append(text, "\r\n"...), callID: d.callID, cseq: d.cseq, once: once}, nil
}

// contact is the binding of this probe: an address of this computer, and a user part that no other client has.
func (d *dialogue) contact(seconds int) string {
	return fmt.Sprintf("<sip:cupclint-%s@%s;transport=%s>;expires=%d", d.tag, d.local, strings.ToLower(d.transport), seconds)
}

// maxSaid bounds the headers of one answer that are kept.
const maxSaid = 8

func answerOf(res *sip.Message) *Answer {
	a := &Answer{Status: res.Status, Reason: probe.Clean(res.Reason)}
	for _, name := range []string{"Server", "User-Agent"} {
		if a.Server == "" {
			a.Server = probe.Clean(res.Header.Get(name))
		}
	}
	for _, name := range []string{"Contact", "Warning", "Reason", "Retry-After"} {
		for _, said := range res.Header.Values(name) {
			if len(a.Says) < maxSaid && a.Status >= 300 {
				a.Says = append(a.Says, name+": "+probe.Clean(said))
			}
		}
	}
	return a
}

// challengeOf reads the first challenge that can be answered, else the first one. It gives nil for an answer without one.
func challengeOf(res *sip.Message) (*Challenge, *digest.Challenge) {
	name := "WWW-Authenticate"
	if res.Status == 407 {
		name = "Proxy-Authenticate"
	} else if res.Status != 401 {
		return nil, nil
	}
	all := &Challenge{Status: res.Status}
	var shown *Challenge // a Digest that could be parsed
	for _, header := range res.Header.Values(name) {
		for _, text := range challenges(header) {
			scheme := strings.Fields(text)[0]
			all.add(probe.Clean(scheme))
			if !strings.EqualFold(scheme, "Digest") {
				if realm := realmOf(text); realm != "" {
					all.Realm = realm
				}
				continue
			}
			c, err := digest.ParseChallenge(tidy(text))
			if err != nil || c.Nonce == "" || !strings.Contains(strings.ToLower(text), "realm") {
				all.Unreadable = probe.Clean(text)
				continue
			}
			if !digest.CanDigest(c) {
				if shown == nil {
					shown = digestOf(res.Status, c)
				}
				continue
			}
			shown = digestOf(res.Status, c)
			shown.Schemes = all.Schemes
			return shown, c
		}
	}
	switch {
	case shown != nil:
		shown.Schemes, shown.Unanswerable = all.Schemes, true
		return shown, nil
	case all.Unreadable != "":
		all.Scheme = "Digest"
	}
	return all, nil
}

// realmOf is the realm that a challenge of another scheme than Digest names; empty if it names none.
func realmOf(challenge string) string {
	_, parameters, _ := strings.Cut(challenge, " ")
	for _, m := range probe.Members(parameters) {
		if name, value, _ := strings.Cut(m, "="); strings.EqualFold(strings.TrimSpace(name), "realm") {
			return probe.Clean(strings.Trim(strings.TrimSpace(value), `"`))
		}
	}
	return ""
}

func digestOf(status int, c *digest.Challenge) *Challenge {
	d := &Challenge{Status: status, Scheme: "Digest", Realm: probe.Clean(c.Realm), Algorithm: probe.Clean(c.Algorithm)}
	if d.Algorithm == "" {
		d.Algorithm = "MD5"
	}
	for _, q := range c.QOP {
		d.QOP = append(d.QOP, probe.Clean(q))
	}
	return d
}

// challenges splits a header at its challenges: servers join several in one line (RFC 9110, section 11.6.1). A member of the list begins a
// challenge when its first word is not the name of a parameter.
func challenges(header string) []string {
	var out []string
	for i, m := range probe.Members(strings.Trim(header, " \t\r\n\x00")) {
		word, rest, _ := strings.Cut(strings.Join(strings.Fields(m), " "), " ")
		begins := !strings.Contains(word, "=") && !strings.HasPrefix(rest, "=") && (rest != "" || known(word))
		switch last := len(out) - 1; {
		case i == 0 || begins:
			out = append(out, m)
		case !strings.Contains(out[last], "="):
			out[last] += " " + m // the scheme's first parameter, after an empty member
		default:
			out[last] += ", " + m
		}
	}
	return out
}

func known(scheme string) bool {
	return slices.ContainsFunc([]string{"Digest", "NTLM", "Kerberos", "TLS-DSK", "Negotiate", "Basic", "Bearer"},
		func(s string) bool { return strings.EqualFold(s, scheme) })
}

// add notes a scheme that is offered.
func (c *Challenge) add(scheme string) {
	if c.Scheme == "" {
		c.Scheme = scheme
	}
	if !slices.Contains(c.Schemes, scheme) && len(c.Schemes) < 20 {
		c.Schemes = append(c.Schemes, scheme)
	}
}

// tidy makes a challenge readable for a strict parser: folded lines become one (RFC 3261, section 7.3.1), and a list may end with a
// comma or have empty members (RFC 9110, section 5.6.1.2).
func tidy(challenge string) string {
	scheme, list, _ := strings.Cut(strings.Join(strings.Fields(challenge), " "), " ")
	return scheme + " " + strings.Join(probe.Members(list), ", ")
}

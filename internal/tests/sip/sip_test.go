// Package sip_test compares the reader of SIP messages with that of a whole SIP library.
package sip_test

import (
	"regexp"
	"strings"
	"testing"

	library "github.com/emiago/sipgo/sip"

	"cupclint/internal/sip"
)

const challenge = "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n" +
	"To: <sip:a@b>;tag=2\r\nCall-ID: a\r\nCSeq: 1 REGISTER\r\n" +
	"WWW-Authenticate: Digest realm=\"a\",\r\n nonce=\"b\", qop=\"auth\"\r\nContent-Length: 0\r\n\r\n"

// status is the only form of a status line that there is (RFC 3261, section 7.2). The library takes others.
var status = regexp.MustCompile("^(?i:SIP)/[^ \r\n]+ [1-9][0-9][0-9] [^\r\n]*\r\n")

// FuzzAgainstALibrary reads a datagram twice. What is a response for the library is one here, too, and says the same. The other way
// is not asked for: this reader looks at fewer headers, takes line ends without a carriage return, and a status without a reason.
func FuzzAgainstALibrary(f *testing.F) {
	for _, text := range []string{
		challenge,
		strings.ReplaceAll(challenge, "Call-ID", "i"),
		strings.ReplaceAll(challenge, "CSeq:", "cseq :\t"),
		strings.Replace(challenge, "WWW-Auth", "WWW-Authenticate: NTLM realm=\"x\"\r\nwww-auth", 1),
		strings.Replace(challenge, "Content-Length: 0", "l: 3", 1) + "abc",
		strings.Replace(challenge, "Content-Length: 0\r\n", "", 1) + "abc",
		strings.Replace(challenge, "Content-Length: 0", "Content-Length: 9", 1) + "abc",
		strings.Replace(challenge, "401 Unauthorized", "404 ", 1),
		strings.Replace(challenge, "SIP/2.0 401", "sip/2.0 100", 1),
		"OPTIONS sip:a@b SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, datagram []byte) {
		m, err := library.ParseMessage(datagram)
		want, ok := m.(*library.Response)
		if err != nil || !ok || !status.Match(datagram) || outside(datagram) {
			return
		}
		got, err := sip.Parse(datagram)
		if err != nil {
			t.Fatalf("the library takes it: %v", err)
		}
		if got.Status != want.StatusCode || got.Reason != want.Reason {
			t.Errorf("status %d %q, want %d %q", got.Status, got.Reason, want.StatusCode, want.Reason)
		}
		if id := want.CallID(); id != nil && len(got.Header["Call-Id"]) == 1 && got.Header.Get("Call-ID") != id.Value() {
			t.Errorf("Call-ID %q, want %q", got.Header.Get("Call-ID"), id.Value())
		}
		if cseq := want.CSeq(); cseq != nil && len(got.Header["Cseq"]) == 1 {
			if n, ok := got.CSeq(); !ok || n != int(cseq.SeqNo) {
				t.Errorf("CSeq %d %v, want %d", n, ok, cseq.SeqNo)
			}
		}
		for _, name := range []string{"WWW-Authenticate", "Proxy-Authenticate", "Server", "User-Agent", "Warning", "Reason", "Retry-After"} {
			var values []string
			for _, h := range want.GetHeaders(name) {
				values = append(values, h.Value())
			}
			if g, w := strings.Join(got.Header.Values(name), "\n"), strings.Join(values, "\n"); g != w {
				t.Errorf("%s %q, want %q", name, g, w)
			}
		}
	})
}

// outside reports what no form of a message allows: a status line or a name that continues in the next line, and other ends of lines.
func outside(datagram []byte) bool {
	head, _, _ := strings.Cut(string(datagram), "\r\n\r\n")
	_, headers, _ := strings.Cut(head, "\r\n")
	for i, line := range strings.Split(headers, "\r\n") {
		if folded := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t"); folded && i == 0 || !folded && !strings.Contains(line, ":") {
			return true
		}
	}
	return strings.ContainsAny(strings.ReplaceAll(head, "\r\n", ""), "\r\n")
}

package ldapcheck

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
)

// stub is a listener that plays a server no real software would be.
func stub(t *testing.T, serve func(net.Conn)) probe.Target {
	t.Helper()
	return target(t, servertest.Listen(t, serve), probe.Plain)
}

// message wraps a protocol operation for a message ID.
func message(id int64, op *ber.Packet) []byte {
	p := ber.NewSequence("")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	p.AppendChild(op)
	return p.Bytes()
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func result(tag ber.Tag, code int64, matched, text string, referrals ...string) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
	op.AppendChild(octets(matched))
	op.AppendChild(octets(text))
	if len(referrals) > 0 {
		r := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
		for _, u := range referrals {
			r.AppendChild(octets(u))
		}
		op.AppendChild(r)
	}
	return op
}

func entry(dn string) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
	op.AppendChild(octets(dn))
	op.AppendChild(ber.NewSequence(""))
	return op
}

func reference(url string) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultReference, nil, "")
	op.AppendChild(octets(url))
	return op
}

// scripted answers every request by its operation; a nil answer closes the connection.
func scripted(answer func(id int64, op ber.Tag, base string, w io.Writer) bool) func(net.Conn) {
	return func(conn net.Conn) {
		for {
			p, err := ber.ReadPacket(conn)
			if err != nil || len(p.Children) < 2 {
				return
			}
			id, _ := p.Children[0].Value.(int64)
			base := ""
			if op := p.Children[1]; len(op.Children) > 0 {
				base, _ = op.Children[0].Value.(string)
			}
			if !answer(id, p.Children[1].Tag, base, conn) {
				return
			}
		}
	}
}

func accept(id int64, op ber.Tag, base string, w io.Writer) (handled bool) {
	switch {
	case op == ldap.ApplicationBindRequest:
		_, _ = w.Write(message(id, result(ldap.ApplicationBindResponse, 0, "", "")))
	case op == ldap.ApplicationSearchRequest && base == "":
		_, _ = w.Write(message(id, entry("")))
		_, _ = w.Write(message(id, result(ldap.ApplicationSearchResultDone, 0, "", "")))
	default:
		return false
	}
	return true
}

// Each hostile server gives one finding, in bounded time and memory.
func TestHostileServers(t *testing.T) {
	for _, tc := range []struct {
		name    string
		serve   func(net.Conn)
		class   probe.Class
		timeout time.Duration // where the server makes the probe wait
	}{
		{"garbage bytes", func(c net.Conn) {
			_, _ = c.Write([]byte("\x00\xff\x13\x37 220 ready\r\n"))
			_, _ = io.Copy(io.Discard, c)
		}, probe.BadProtocol, 0},
		{"an HTTP server", func(c net.Conn) { _, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }, probe.BadProtocol, 0},
		{"half a message", func(c net.Conn) {
			_, _ = ber.ReadPacket(c)
			_, _ = c.Write(message(1, entry("dc=example,dc=com"))[:9])
		}, probe.BadProtocol, 0},
		{"half a message and silence", func(c net.Conn) {
			_, _ = c.Write(message(1, entry("dc=example,dc=com"))[:9])
			_, _ = io.Copy(io.Discard, c)
		}, probe.Timeout, 300 * time.Millisecond},
		{"silence after connect", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, probe.Timeout, 300 * time.Millisecond},
		{"closed after connect", func(c net.Conn) {}, probe.Reset, 0},
		{"a message that promises four gigabytes", func(c net.Conn) {
			_, _ = c.Write([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff})
			_, _ = io.Copy(io.Discard, c)
		}, probe.BadProtocol, 0},
		{"an indefinite length", func(c net.Conn) {
			_, _ = c.Write([]byte{0x30, 0x80, 0x02, 0x01, 0x01})
			_, _ = io.Copy(io.Discard, c)
		}, probe.BadProtocol, 0},
		{"a deep nest", func(c net.Conn) {
			nest := []byte{}
			for range 100 {
				nest = append([]byte{0x30, byte(len(nest))}, nest...)
				if len(nest) > 120 {
					break
				}
			}
			_, _ = c.Write(nest)
			_, _ = io.Copy(io.Discard, c)
		}, probe.BadProtocol, 0},
		{"a message of a hundred thousand elements", func(c net.Conn) {
			body := bytes.Repeat([]byte{0x05, 0x00}, 100_000)
			_, _ = c.Write(append([]byte{0x30, 0x83, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...))
			_, _ = io.Copy(io.Discard, c)
		}, probe.BadProtocol, 0},
		{"answers to questions that were not asked", func(c net.Conn) {
			m := message(4711, entry("x"))
			for {
				if _, err := c.Write(m); err != nil {
					return
				}
			}
		}, probe.BadProtocol, 0},
		{"endless search entries", func(c net.Conn) {
			searches := 0
			scripted(func(id int64, op ber.Tag, base string, w io.Writer) bool {
				if accept(id, op, base, w) {
					return true
				}
				m := message(id, entry("dc=example,dc=com"))
				_, _ = w.Write(m)
				if searches++; searches == 1 { // the base is there
					_, err := w.Write(message(id, result(ldap.ApplicationSearchResultDone, 0, "", "")))
					return err == nil
				}
				for {
					if _, err := w.Write(m); err != nil {
						return false
					}
				}
			})(c)
		}, "", 0},
		{"endless entries for one base", scripted(func(id int64, op ber.Tag, base string, w io.Writer) bool {
			if accept(id, op, base, w) {
				return true
			}
			m := message(id, entry("cn=one more,dc=example,dc=com"))
			for {
				if _, err := w.Write(m); err != nil {
					return false
				}
			}
		}), probe.BadProtocol, 0},
		{"endless search references", scripted(func(id int64, op ber.Tag, base string, w io.Writer) bool {
			if accept(id, op, base, w) {
				return true
			}
			m := message(id, reference("ldap://elsewhere/"))
			for {
				if _, err := w.Write(m); err != nil {
					return false
				}
			}
		}), probe.BadProtocol, 0},
		{"a page that never ends", scripted(func(id int64, op ber.Tag, base string, w io.Writer) bool {
			if accept(id, op, base, w) {
				return true
			}
			done := ber.NewSequence("")
			done.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
			done.AppendChild(result(ldap.ApplicationSearchResultDone, 0, "", ""))
			paging := ldap.NewControlPaging(1)
			paging.SetCookie([]byte("again"))
			controls := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
			controls.AppendChild(paging.Encode())
			done.AppendChild(controls)
			_, _ = w.Write(message(id, entry("dc=example,dc=com")))
			_, err := w.Write(done.Bytes())
			return err == nil
		}), "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tg := stub(t, tc.serve)
			c := checker(t, "", nil)
			if tc.timeout > 0 {
				c.Prober.Timeouts = probe.Uniform(tc.timeout)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			o, fs := probeAndJudge(t, c, request(tg, "cn=svc,dc=example,dc=com", neverValid, "dc=example,dc=com"), JudgeOptions{})
			runtime.ReadMemStats(&after)
			if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 128<<20 {
				t.Errorf("%d MB allocated", grown>>20)
			}
			if tc.class == "" {
				if o.Error != nil || !o.Bases[0].More {
					t.Errorf("error %v, bases %+v", o.Error, o.Bases)
				}
				return
			}
			if o.Error == nil || o.Error.Class != tc.class {
				t.Fatalf("error %v, want class %s", o.Error, tc.class)
			}
			if len(fs) != 1 || fs[0].Rule != "LDAP101" {
				t.Errorf("findings: %s", dump(fs))
			}
		})
	}
}

func TestAReferralToItselfIsRecordedAndNotFollowed(t *testing.T) {
	var tg probe.Target
	connections := make(chan struct{}, 100)
	tg = stub(t, func(c net.Conn) {
		connections <- struct{}{}
		scripted(func(id int64, op ber.Tag, base string, w io.Writer) bool {
			if accept(id, op, base, w) {
				return true
			}
			_, err := w.Write(message(id, result(ldap.ApplicationSearchResultDone, 10, "", "", "ldap://"+tg.String()+"/dc=example,dc=com")))
			return err == nil
		})(c)
	})
	o, fs := probeAndJudge(t, checker(t, "", nil), request(tg, "cn=svc,dc=example,dc=com", neverValid, "dc=example,dc=com"), JudgeOptions{})
	contains(t, find(t, fs, "LDAP103").Message, "ldap://"+tg.String())
	if len(fs) != 1 || len(o.Bases[0].Referrals) != 1 {
		t.Errorf("%s", dump(fs))
	}
	if n := len(connections); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// What Windows says and Samba does not: 525, and a bind that a server refers elsewhere.
func TestScriptedBindAnswers(t *testing.T) {
	for _, tc := range []struct {
		text, says string
		code       int64
		referral   []string
		rule       string
	}{
		{"80090308: LdapErr: DSID-0C090400, comment: AcceptSecurityContext error, data 525, v1db1", "no such user", 49, nil, "LDAP102"},
		{"80090308: LdapErr: DSID-0C090400, comment: AcceptSecurityContext error, data 568, v1db1", "too many groups", 49, nil, "LDAP102"},
		{"80090308: LdapErr: DSID-0C090400, comment: AcceptSecurityContext error, data 7ff, v1db1", "sub-code 7ff", 49, nil, "LDAP102"},
		{"", "elsewhere", 10, []string{"ldap://elsewhere/dc=x"}, "LDAP103"},
		{"busy\x1b[2J\u202e", "busy or not available", 51, nil, "LDAP102"},
	} {
		tg := stub(t, scripted(func(id int64, op ber.Tag, base string, w io.Writer) bool {
			if op == ldap.ApplicationBindRequest {
				_, err := w.Write(message(id, result(ldap.ApplicationBindResponse, tc.code, "", tc.text, tc.referral...)))
				return err == nil
			}
			return accept(id, op, base, w)
		}))
		_, fs := probeAndJudge(t, checker(t, "", nil), request(tg, "cn=svc,dc=example,dc=com", neverValid), JudgeOptions{})
		contains(t, find(t, fs, tc.rule).Message, tc.says)
		if text := dump(fs); strings.ContainsAny(text, "\x1b\u202e") {
			t.Errorf("a control character passes: %q", text)
		}
	}
}

func TestCancellationEndsAProbe(t *testing.T) {
	started := make(chan struct{}, 1)
	tg := stub(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1))
		started <- struct{}{}
		_, _ = io.Copy(io.Discard, c)
	})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-started
		cancel()
	}()
	o := checker(t, "", nil).Probe(ctx, request(tg, "cn=svc,dc=x", neverValid, "dc=x"))
	if o.Error == nil || o.Error.Class != probe.Cancelled || o.Incomplete == "" {
		t.Errorf("%v, %q", o.Error, o.Incomplete)
	}
	if fs := Judge([]*Observation{o}, JudgeOptions{}); len(fs) != 0 {
		t.Errorf("%s", dump(fs))
	}
}

func TestGatePassesWholeMessagesOnly(t *testing.T) {
	good := message(1, entry("dc=x"))
	for name, tc := range map[string]struct {
		in   []byte
		want error
	}{
		"two messages":     {append(append([]byte{}, good...), good...), io.EOF},
		"nothing":          {nil, io.EOF},
		"half a header":    {good[:1], io.ErrUnexpectedEOF},
		"half a body":      {good[:len(good)-1], io.ErrUnexpectedEOF},
		"another protocol": {[]byte("220 mail"), errGate},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := net.Pipe()
			go func() {
				_, _ = a.Write(tc.in)
				_ = a.Close()
			}()
			out, err := io.ReadAll(&gate{Conn: b})
			if err == nil {
				err = io.EOF
			}
			if !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
			if !bytes.HasPrefix(tc.in, out) || len(out)%len(good) != 0 {
				t.Errorf("%d bytes passed", len(out))
			}
		})
	}
}

// What passes the gate is a prefix of what came, made of whole messages that a decoder without bounds can take: small, flat and complete.
func FuzzGate(f *testing.F) {
	f.Add(message(1, entry("dc=x")))
	f.Add(append(message(1, entry("dc=x")), 0x30, 0x05, 0x02))
	f.Add([]byte{0x30, 0x84, 0, 0, 0, 2, 5, 0})
	f.Add([]byte{0x30, 0x03, 0x30, 0x01, 0x05})
	f.Fuzz(func(t *testing.T, in []byte) {
		a, b := net.Pipe()
		go func() {
			_, _ = a.Write(in)
			_ = a.Close()
		}()
		defer b.Close()
		out, err := io.ReadAll(&gate{Conn: b})
		if !bytes.HasPrefix(in, out) {
			t.Fatalf("%x passes of %x", out, in)
		}
		if err == nil && len(out) != len(in) {
			t.Fatalf("%d of %d bytes pass without an error", len(out), len(in))
		}
		for rest := out; len(rest) > 0; {
			size := wholeElement(rest)
			if size < 2 || size > len(rest) || rest[0] != 0x30 || size > maxMessage+6 {
				t.Fatalf("no whole message passes: %x", rest)
			}
			left := maxElements
			if err := checkBER(rest[:size], 0, &left); err != nil {
				t.Fatalf("%v: %x", err, rest[:size])
			}
			rest = rest[size:]
		}
	})
}

// wholeElement is the length of the element at the beginning of b with its header, read as X.690, section 8.1.3 has it.
func wholeElement(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	size, head := int(b[1]), 2
	if b[1] >= 0x80 {
		head += int(b[1] & 0x7f)
		if size = 0; head > len(b) {
			return 0
		}
		for _, d := range b[2:head] {
			size = size<<8 + int(d)
		}
	}
	return head + size
}

// What a server says in clear text around StartTLS must never be taken for something said through TLS.
func TestHostileStartTLS(t *testing.T) {
	granted := message(1, result(ldap.ApplicationExtendedResponse, 0, "", ""))
	for name, tc := range map[string]struct {
		say   []byte
		class probe.Class
	}{
		"garbage":                           {[]byte("220 ready to start TLS\r\n"), probe.BadProtocol},
		"half an answer":                    {granted[:5], probe.BadProtocol},
		"an answer and clear text after it": {append(append([]byte{}, granted...), message(1, entry("dc=injected"))...), probe.TLSFailed},
		"refused":                           {message(1, result(ldap.ApplicationExtendedResponse, 53, "", "no")), probe.NotSecured},
	} {
		t.Run(name, func(t *testing.T) {
			tg := stub(t, func(c net.Conn) {
				if _, err := ber.ReadPacket(c); err == nil {
					_, _ = c.Write(tc.say)
					if tc.class == probe.TLSFailed {
						_, _ = c.Read(make([]byte, 4096))
					}
				}
			})
			tg.Security = probe.StartTLS
			o, fs := probeAndJudge(t, checker(t, "", nil), request(tg, "cn=svc,dc=example,dc=com", neverValid, "dc=example,dc=com"), JudgeOptions{})
			if o.Error == nil || o.Error.Class != tc.class || o.RootDSE != nil || o.Bind != nil {
				t.Fatalf("error %+v, root DSE %+v", o.Error, o.RootDSE)
			}
			if len(fs) != 1 || fs[0].Rule != "LDAP101" {
				t.Errorf("%s", dump(fs))
			}
		})
	}
}

package xmpp_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"cupclint/internal/probe"
	"cupclint/internal/servertest"
	"cupclint/jabbercheck/xmpp"
)

// Servers that no real program would be.
func TestHostileServersEndInTypedErrors(t *testing.T) {
	keep := func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
	say := func(text string) func(net.Conn) {
		return func(c net.Conn) {
			_, _ = io.WriteString(c, text)
			keep(c)
		}
	}
	endless := func(begin, more string) func(net.Conn) {
		return func(c net.Conn) {
			_, _ = io.WriteString(c, begin)
			block := []byte(strings.Repeat(more, 1+(64<<10)/len(more)))
			for {
				if _, err := c.Write(block); err != nil {
					return
				}
			}
		}
	}
	nested := strings.Repeat("<x>", 200)
	for _, c := range []struct {
		name  string
		serve func(net.Conn)
		class probe.Class
		says  string
	}{
		{"silent", keep, probe.Timeout, "stays silent"},
		{"closes at once", func(net.Conn) {}, probe.Reset, "closes the connection"},
		{"resets", func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }, probe.Reset, "closes the connection"},
		{"half a header", say(head[:40]), probe.Timeout, "stays silent"},
		{"closes in the header", func(c net.Conn) { _, _ = io.WriteString(c, head[:60]) }, probe.Reset, "closes the connection"},
		{"closes in the features", func(c net.Conn) { _, _ = io.WriteString(c, head+required[:30]) }, probe.Reset, "closes the connection"},
		{"ends the stream", say(head + "</stream:stream>"), probe.Reset, "closes the connection"},
		{"no features", say(head), probe.Timeout, "stays silent"},
		{"an endless header", endless("<stream:stream xmlns:stream='", "a"), probe.BadProtocol, "sent more than the probe reads"},
		{"an endless element", endless(head+"<stream:features>", "text"), probe.BadProtocol, "sent more than the probe reads"},
		{"endless blanks", endless("", " \r\n"), probe.BadProtocol, "sent more than the probe reads"},
		{"giant features", endless(head+"<stream:features>", "<x/>"), probe.BadProtocol, "elements of a stream"},
		{"deep features", say(head + "<stream:features>" + nested), probe.BadProtocol, "elements of a stream"},
		{"many attributes", say(head + "<stream:features " + attributes(1000) + ">"), probe.BadProtocol, "elements of a stream"},
		{"entities", say("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>" + head[21:]), probe.BadProtocol, "DTD"},
		{"an external DTD", say("<!DOCTYPE x SYSTEM 'file:///etc/passwd'>" + head[21:]), probe.BadProtocol, "DTD"},
		{"an unknown entity", say(head + "<stream:features>&bomb;</stream:features>"), probe.BadProtocol, "violates its rules"},
		{"a comment", say(head + "<!-- hello -->"), probe.BadProtocol, "comments"},
		{"an instruction", say(head + "<?php x ?>"), probe.BadProtocol, "processing instructions"},
		{"another namespace of the stream", say(strings.ReplaceAll(head, "etherx.jabber.org", "example.com") + required), probe.BadProtocol,
			"does not speak XMPP"},
		{"the port for servers", say(strings.ReplaceAll(head, "jabber:client", "jabber:server") + required), probe.BadProtocol,
			"other XMPP servers"},
		{"another content namespace", say(strings.ReplaceAll(head, "jabber:client", "urn:x") + required), probe.BadProtocol, "urn:x"},
		{"XMPP of 1999", say(strings.ReplaceAll(head, " version='1.0'>", ">") + "<message/>"), probe.BadProtocol, "before RFC 3920"},
		{"no features but another element", say(head + "<presence/>"), probe.BadProtocol, "presence"},
		{"another encoding", say("<?xml version='1.0' encoding='utf-16'?>" + head[21:] + required), probe.BadProtocol, "encoding"},
		{"not well-formed", say(head + "<stream:features></stream:error>"), probe.BadProtocol, "XML syntax error"},
		{"HTTP", say("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n<html></html>"), probe.BadProtocol, "HTTP/1.1 400 Bad Request"},
		{"a web page", say("<!doctype html><html><body>Hello</body></html>"), probe.BadProtocol, "does not speak XMPP"},
		{"SSH", say("SSH-2.0-OpenSSH_9.2\r\n"), probe.BadProtocol, "SSH-2.0-OpenSSH_9.2"},
		{"garbage", say("\x00\xff\x1b[31mgarbage\r\n"), probe.BadProtocol, `\x1b`},
		{"a TLS alert", say("\x15\x03\x01\x00\x02\x02\x16"), probe.BadProtocol, "does not speak XMPP"},
		{"text between elements", say(head + "hello<x/>"), probe.BadProtocol, "does not begin as XML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ch := checker(t, nil)
			if c.class == probe.Timeout { // otherwise the bound ends it, not the clock
				ch.Prober.Timeouts = probe.Uniform(500 * time.Millisecond)
			}
			r := request(t, servertest.Listen(t, c.serve), "acme.test")
			r.Login = login("never-valid-4711")
			o := ch.Probe(t.Context(), r)
			if o.Error == nil || o.Error.Class != c.class {
				t.Errorf("%v, want %s", o.Error, c.class)
			}
			f := judge(o)
			if ruleIDs(f) != "XMPP101:error" || !strings.Contains(messages(f), c.says) {
				t.Errorf("want %q\n%s", c.says, messages(f))
			}
			if o.Login != nil && o.Login.NotMade == "" {
				t.Errorf("log-in %+v", o.Login)
			}
		})
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("a" + strings.Repeat("b", i%100) + "='x' ")
	}
	return b.String()
}

// TestTLSGarbage: a server that agrees to TLS and does not speak it.
func TestTLSGarbage(t *testing.T) {
	for name, garbage := range map[string]string{"text": "hello, this is not TLS at all", "a record that is cut": "\x16\x03\x03\x40\x00abc",
		"an alert": "\x15\x03\x03\x00\x02\x02\x28"} {
		t.Run(name, func(t *testing.T) {
			addr := servertest.Listen(t, func(c net.Conn) {
				b := make([]byte, 4096)
				_, _ = c.Read(b)
				_, _ = io.WriteString(c, head+required)
				_, _ = c.Read(b)
				_, _ = io.WriteString(c, proceed)
				_, _ = c.Read(b)
				_, _ = io.WriteString(c, garbage)
			})
			o := checker(t, nil).Probe(t.Context(), request(t, addr, "acme.test"))
			if f := judge(o); ruleIDs(f) != "XMPP101:error" || o.Error.Phase != probe.TLS {
				t.Errorf("%v\n%s", o.Error, messages(f))
			}
		})
	}
}

// TestChunks: how a server cuts its answers into packets changes nothing.
func TestChunks(t *testing.T) {
	for size := 1; size < 40; size += 7 {
		addr := servertest.Listen(t, func(c net.Conn) {
			for text := head + ended("host-unknown"); text != ""; text = text[min(size, len(text)):] {
				if _, err := io.WriteString(c, text[:min(size, len(text))]); err != nil {
					return
				}
			}
			_, _ = io.Copy(io.Discard, c)
		})
		o := checker(t, nil).Probe(t.Context(), request(t, addr, "acme.test"))
		if f := judge(o); ruleIDs(f) != "XMPP102:error" {
			t.Errorf("%d bytes: %v\n%s", size, o.Error, messages(f))
		}
	}
}

// TestCancelled: a run that ends is not the server's fault.
func TestCancelled(t *testing.T) {
	for name, text := range map[string]string{"before the header": "", "before the features": head, "before TLS": head + required} {
		ctx, cancel := context.WithCancel(t.Context())
		addr := servertest.Listen(t, func(c net.Conn) {
			_, _ = io.WriteString(c, text)
			if strings.HasSuffix(text, required) {
				b := make([]byte, 4096)
				for seen := ""; !strings.Contains(seen, "starttls"); {
					n, err := c.Read(b)
					if seen += string(b[:n]); err != nil {
						return
					}
				}
			}
			cancel()
			_, _ = io.Copy(io.Discard, c)
		})
		o := checker(t, nil).Probe(ctx, request(t, addr, "acme.test"))
		if o.Incomplete == "" || len(judge(o)) != 0 {
			t.Errorf("%s: %v, %q", name, o.Error, o.Incomplete)
		}
		cancel()
	}
}

// TestASecretThatTheServerSendsBackIsTakenOut: in every part of an answer.
func TestASecretThatTheServerSendsBackIsTakenOut(t *testing.T) {
	const password = "Never-4711-shown"
	answer := strings.ReplaceAll(failure("not-authorized"), "Because.",
		"alice "+password+" "+base64.StdEncoding.EncodeToString([]byte("\x00alice\x00"+password)))
	d := play(t, right(answer))
	r := request(t, d.addr, "acme.test")
	r.Login = login(password)
	o := checker(t, d.ca).Probe(t.Context(), r)
	text, err := json.Marshal(o)
	if err != nil || o.Login == nil || o.Login.Failure == nil {
		t.Fatalf("%v, %+v", err, o.Login)
	}
	if all := string(text) + messages(judge(o)) + o.Summary(); strings.Contains(all, password) || strings.Contains(all,
		"TmV2ZXItNDcxMS1zaG93b") {
		t.Errorf("%s", all)
	}
}

// FuzzStream: whatever a server sends, there is an observation that can be judged and saved.
func FuzzStream(f *testing.F) {
	for _, s := range []string{
		head + required, head + inside, head + ended("host-unknown"), head + ended("see-other-host"), head + required +
			proceed, "HTTP/1.1 400 Bad Request\r\n\r\n",
		"<!DOCTYPE x [<!ENTITY a 'b'>]>" + head, head +
			"<stream:features><a><b><c/></b></a></stream:features>", "\x15\x03\x01\x00\x02\x02\x16", "",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p := &probe.Prober{Dial: func(context.Context, string, string) (net.Conn, error) {
			return &canned{Reader: bytes.NewReader(data)}, nil
		}}
		o := (&xmpp.Checker{Prober: p}).Probe(t.Context(), xmpp.Request{Target: probe.Target{Host: "127.0.0.1"},
			Domain: xmpp.Domain{Name: "acme.test"}})
		judge(o)
		if _, err := json.Marshal(o); err != nil {
			t.Error(err)
		}
		if strings.ContainsFunc(o.Summary(), func(r rune) bool { return r < ' ' }) {
			t.Errorf("%q", o.Summary())
		}
	})
}

// canned gives fixed bytes and then the end.
type canned struct {
	net.Conn
	*bytes.Reader
}

func (c *canned) Read(b []byte) (int, error)       { return c.Reader.Read(b) }
func (c *canned) Write(b []byte) (int, error)      { return len(b), nil }
func (c *canned) Close() error                     { return nil }
func (c *canned) SetDeadline(time.Time) error      { return nil }
func (c *canned) SetReadDeadline(time.Time) error  { return nil }
func (c *canned) SetWriteDeadline(time.Time) error { return nil }

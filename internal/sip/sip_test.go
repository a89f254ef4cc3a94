package sip_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"cupclint/internal/sip"
)

const ok = "SIP/2.0 200 OK\r\nCall-ID: a\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n"

func with(old, new string) string { return strings.Replace(ok, old, new, 1) }

func TestMessages(t *testing.T) {
	long := "Server: " + strings.Repeat("x", 20000) + "\r\n"
	for name, c := range map[string]struct {
		text   string
		status int
		method string
		cseq   int // -1: none
		header string
	}{
		"an answer":                  {ok, 200, "", 7, ""},
		"after empty lines":          {"\r\n\r\n" + ok, 200, "", 7, ""},
		"line feeds only":            {strings.ReplaceAll(ok, "\r", ""), 200, "", 7, ""},
		"a status without a reason":  {with(" OK", ""), 200, "", 7, ""},
		"a request":                  {with("SIP/2.0 200 OK", "options sip:a@b SIP/2.0"), 0, "OPTIONS", 7, ""},
		"short names":                {"SIP/2.0 404 Not Found\r\ni: a\r\nCSeq: 1 X\r\nl: 2\r\n\r\nab", 404, "", 1, ""},
		"a body":                     {with("th: 0", "th: 20000") + strings.Repeat("b", 20000), 200, "", 7, ""},
		"no length":                  {with("Content-Length: 0\r\n", ""), 200, "", 7, ""},
		"a length below 0":           {with("th: 0", "th: -1"), 200, "", 7, ""},
		"a blank before the colon":   {with("CSeq:", "cseq \t:\t"), 200, "", 7, ""},
		"a folded value":             {with("CSeq", "Server: a\r\n\tb,\r\n  c\r\nCSeq"), 200, "", 7, "a b, c"},
		"a long value":               {with("CSeq", long+"CSeq"), 200, "", 7, long[8 : len(long)-2]},
		"a folded value with colons": {with("CSeq", "Server: <a>\r\n <sip:b>\r\nCSeq"), 200, "", 7, "<a> <sip:b>"},
		"the lowest status":          {with("200", "100"), 100, "", 7, ""},
		"a first line with a blank":  {with("Call-ID", " Call-ID"), 200, "", 7, ""},
		"a line without a colon":     {with("CSeq", "Server\r\nCSeq"), 200, "", 7, ""},
		"a number without a blank":   {with("7 OPTIONS", "7OPTIONS"), 200, "", 7, ""},
		"a number that is none":      {with("7", "-7"), 200, "", -1, ""},
		"no number":                  {with("CSeq", "X"), 200, "", -1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			check := func(m *sip.Message, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				n, ok := m.CSeq()
				if m.Status != c.status || m.Method != c.method || ok != (c.cseq >= 0) || ok && n != c.cseq {
					t.Errorf("%+v", m)
				}
				if m.Header.Get("Call-ID") != "a" || m.Header.Get("Server") != c.header {
					t.Errorf("headers %q", m.Header)
				}
			}
			check(sip.Parse([]byte(c.text)))
			in := sip.NewReader(iotest.OneByteReader(strings.NewReader(c.text + "SIP/2.0 299 The next\r\nContent-Length: 0\r\n\r\n")))
			check(in.Next())
			if m, err := in.Next(); err != nil || m.Status != 299 {
				t.Errorf("the next message: %+v, %v", m, err)
			}
			if _, err := in.Next(); err != io.EOF {
				t.Errorf("the end: %v", err)
			}
		})
	}
}

// Where a line does not fit into the buffer, the rest of it may be its line end alone: that is not the end of the headers.
func TestALineThatFillsTheBuffer(t *testing.T) {
	for n := 4080; n < 4110; n++ {
		value := strings.Repeat("x", n)
		m, err := sip.Parse([]byte(with("Call-ID", "Server: "+value+"\r\nCall-ID")))
		if err != nil || m.Header.Get("Server") != value || m.Header.Get("Call-ID") != "a" {
			t.Errorf("a value of %d bytes: %v", n, err)
		}
	}
}

func TestHeaderNames(t *testing.T) {
	m, err := sip.Parse([]byte("SIP/2.0 200 OK\r\nf: a\r\ni: b\r\nl: 0\r\nm: c\r\nt: d\r\nv: e\r\nv: f\r\n g: h\r\nno header\r\n\r\n"))
	want := "map[Call-Id:[b] Contact:[c] Content-Length:[0] From:[a] To:[d] Via:[e f g: h]]"
	if got := fmt.Sprint(map[string][]string(m.Header)); err != nil || got != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}

func TestWhatIsNoMessage(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		err  error // of a stream
	}{
		"nothing":                         {"", io.EOF},
		"cut in the status line":          {ok[:10], io.ErrUnexpectedEOF},
		"cut in the headers":              {ok[:len(ok)-2], io.ErrUnexpectedEOF},
		"another protocol":                {"SSH-2.0-OpenSSH_8.9\r\n", sip.ErrMalformed},
		"a web server":                    {"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", sip.ErrMalformed},
		"a status of two digits":          {with("200", "20"), sip.ErrMalformed},
		"a status of four digits":         {with("200", "2000"), sip.ErrMalformed},
		"a status that begins with 0":     {with("200", "099"), sip.ErrMalformed},
		"a status of letters":             {with("200", "abc"), sip.ErrMalformed},
		"a request without a method":      {with("SIP/2.0 200 OK", " sip:a@b SIP/2.0"), sip.ErrMalformed},
		"a request without an address":    {with("SIP/2.0 200 OK", "OPTIONS  SIP/2.0"), sip.ErrMalformed},
		"a request with a blank too many": {with("SIP/2.0 200 OK", "OPTIONS sip:a@b SIP/2.0 b"), sip.ErrMalformed},
		"a request without a version":     {with("SIP/2.0 200 OK", "OPTIONS sip:a@b SIP/"), sip.ErrMalformed},
		"headers that no message has":     {with("CSeq", strings.Repeat("X: "+strings.Repeat("x", 20000)+"\r\n", 4)+"CSeq"), sip.ErrMalformed},
		"a line that does not stop soon":  {"SIP/2.0 200 " + strings.Repeat("a", sip.MaxMessage), sip.ErrMalformed},
	} {
		if _, err := sip.NewReader(strings.NewReader(c.text)).Next(); !errors.Is(err, c.err) {
			t.Errorf("%s: stream: %v, want %v", name, err, c.err)
		}
		if _, err := sip.Parse([]byte(c.text)); !errors.Is(err, sip.ErrMalformed) {
			t.Errorf("%s: datagram: %v", name, err)
		}
	}
	in := sip.NewReader(strings.NewReader(with("th: 0", "th: 9") + "12345678"))
	if _, err := in.Next(); err != nil {
		t.Error(err)
	}
	if _, err := in.Next(); err != io.ErrUnexpectedEOF {
		t.Errorf("cut in a body: %v", err)
	}
	// A peer that speaks another protocol may wait after its first line.
	waits, peer := io.Pipe()
	go func() { _, _ = io.WriteString(peer, "SSH-2.0-OpenSSH_8.9\r\n") }()
	if _, err := sip.NewReader(waits).Next(); !errors.Is(err, sip.ErrMalformed) {
		t.Errorf("a peer that waits: %v", err)
	}
	// An answer is there before its body is.
	waits, peer = io.Pipe()
	go func() { _, _ = io.WriteString(peer, with("th: 0", "th: 2000000000")) }()
	if m, err := sip.NewReader(waits).Next(); err != nil || m.Status != 200 {
		t.Errorf("a body that does not come: %v", err)
	}
}

// FuzzRead reads to the end: a stream has at most one message for each empty line, and all of them are read again from their bytes.
func FuzzRead(f *testing.F) {
	f.Add([]byte(ok + ok))
	f.Add([]byte("\r\nSIP/2.0 180 Ringing\r\nl: 3\r\nFrom: a\r\n b\r\n\r\nabcOPTIONS sip:a SIP/2.0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := sip.NewReader(iotest.HalfReader(bytes.NewReader(data)))
		var first *sip.Message
		for n := 0; ; n++ {
			m, err := in.Next()
			if err != nil {
				break
			}
			if n > bytes.Count(data, []byte("\n")) {
				t.Fatalf("message %d: %+v", n, m)
			}
			if first == nil {
				first = m
			}
		}
		one, err := sip.Parse(data)
		if (err == nil) != (first != nil) || first != nil && (one.Status != first.Status || len(one.Header) != len(first.Header)) {
			t.Fatalf("%+v and %+v, %v", first, one, err)
		}
	})
}

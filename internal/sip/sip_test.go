package sip_test

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"cupclint/internal/sip"
)

const ok = "SIP/2.0 200 OK\r\nCall-ID: a\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n"

func TestMessages(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(ok, old, new, 1) }
	long := "Server: " + strings.Repeat("x", 20000) + "\r\n"
	for name, c := range map[string]struct {
		text   string
		status int
		method string
		cseq   int
		header string // Server
		err    error
	}{
		"an answer":                           {text: ok, status: 200, cseq: 7},
		"after empty lines":                   {text: "\r\n\r\n" + ok, status: 200, cseq: 7},
		"line feeds only":                     {text: strings.ReplaceAll(ok, "\r", ""), status: 200, cseq: 7},
		"a status without a reason":           {text: with(" OK", ""), status: 200, cseq: 7},
		"a request":                           {text: with("SIP/2.0 200 OK", "options sip:a@b SIP/2.0"), method: "OPTIONS", cseq: 7},
		"short names":                         {text: "SIP/2.0 404 Not Found\r\ni: a\r\nCSeq: 1 X\r\nl: 2\r\n\r\nab", status: 404, cseq: 1},
		"a blank before the colon":            {text: with("CSeq:", "cseq \t:\t"), status: 200, cseq: 7},
		"a folded value":                      {text: with("CSeq", "Server: a\r\n\tb,\r\n  c\r\nCSeq"), status: 200, cseq: 7, header: "a b, c"},
		"a value of many pieces":              {text: with("CSeq", long+"CSeq"), status: 200, cseq: 7, header: long[8 : len(long)-2]},
		"a number that is none":               {text: with("7", "-7"), status: 200, cseq: -1},
		"no number":                           {text: with("CSeq", "X"), status: 200, cseq: -1},
		"cut in the status line":              {text: ok[:10], err: io.ErrUnexpectedEOF},
		"cut in the headers":                  {text: ok[:len(ok)-2], err: io.ErrUnexpectedEOF},
		"cut in the body":                     {text: with("th: 0", "th: 3") + "ab", err: io.ErrUnexpectedEOF},
		"nothing":                             {text: "", err: io.EOF},
		"another protocol, which then waits":  {text: "SSH-2.0-OpenSSH_8.9\r\n", err: sip.ErrMalformed},
		"a web server":                        {text: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", err: sip.ErrMalformed},
		"a status of two digits":              {text: with("200", "20"), err: sip.ErrMalformed},
		"a line without a colon":              {text: with("CSeq:", "CSeq"), err: sip.ErrMalformed},
		"a first line with a blank":           {text: with("Call-ID", " Call-ID"), status: 200, cseq: 7},
		"a length below 0":                    {text: with("th: 0", "th: -1"), err: sip.ErrMalformed},
		"a length that no message has":        {text: with("th: 0", "th: 2000000000"), err: sip.ErrMalformed},
		"a header that no message has":        {text: with("CSeq", strings.Repeat(long, 4)+"CSeq"), err: sip.ErrMalformed},
		"a line that does not end in a bound": {text: "SIP/2.0 200 " + strings.Repeat("a", sip.MaxMessage), err: sip.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			in := bufio.NewReader(iotest.OneByteReader(strings.NewReader(c.text + "\r\n")))
			if c.err != nil && !errors.Is(c.err, sip.ErrMalformed) {
				in = bufio.NewReader(strings.NewReader(c.text))
			}
			m, err := sip.Read(in)
			check := func(how string) {
				t.Helper()
				if c.err != nil {
					if !errors.Is(err, c.err) {
						t.Errorf("%s: %v, want %v", how, err, c.err)
					}
					return
				}
				if err != nil {
					t.Fatalf("%s: %v", how, err)
				}
				if m.Status != c.status || m.Method != c.method || m.Header.Get("Server") != c.header {
					t.Errorf("%s: %+v", how, m)
				}
				if n, ok := m.CSeq(); ok != (c.cseq >= 0) || ok && n != c.cseq {
					t.Errorf("%s: CSeq %d %v", how, n, ok)
				}
				if m.Header.Get("Call-ID") != "a" {
					t.Errorf("%s: headers %q", how, m.Header)
				}
			}
			check("stream")
			if rest, _ := io.ReadAll(in); c.err == nil && string(rest) != "\r\n" {
				t.Errorf("%q is left", rest)
			}
			if c.err != nil { // of a datagram there is no more
				c.err = sip.ErrMalformed
			}
			m, err = sip.Parse([]byte(c.text))
			check("datagram")
		})
	}
}

// Only in a stream a message needs a length.
func TestWithoutALength(t *testing.T) {
	text := strings.Replace(ok, "Content-Length: 0\r\n", "", 1)
	if _, err := sip.Read(bufio.NewReader(strings.NewReader(text))); !errors.Is(err, sip.ErrMalformed) {
		t.Errorf("stream: %v", err)
	}
	if m, err := sip.Parse([]byte(text + "a body")); err != nil || m.Status != 200 {
		t.Errorf("datagram: %v", err)
	}
}

// FuzzRead reads messages to the end: none is read twice, and what is read as a datagram with a length is the same in a stream.
func FuzzRead(f *testing.F) {
	f.Add([]byte(ok + ok))
	f.Add([]byte("\r\nSIP/2.0 180 Ringing\r\nl: 3\r\nFrom: a\r\n b\r\n\r\nabcOPTIONS sip:a SIP/2.0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bufio.NewReader(strings.NewReader(string(data)))
		for left := len(data); ; {
			m, err := sip.Read(in)
			if err != nil {
				break
			}
			rest, _ := io.ReadAll(in)
			if len(rest) >= left {
				t.Fatalf("%d bytes of %d are left", len(rest), left)
			}
			one, err := sip.Parse(data[len(data)-left : len(data)-len(rest)])
			if err != nil || one.Status != m.Status || one.Method != m.Method || len(one.Header) != len(m.Header) {
				t.Fatalf("%+v and %+v, %v", m, one, err)
			}
			in, left = bufio.NewReader(strings.NewReader(string(rest))), len(rest)
		}
	})
}

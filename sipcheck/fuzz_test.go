package sipcheck

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// FuzzAnswers feeds what a server sends, in pieces: reading ends, with responses or an error, and never panics.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte("SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/TCP 127.0.0.1:5060;branch=z9hG4bK1\r\nCall-ID: a\r\nCSeq: 1 REGISTER\r\n"+
		"WWW-Authenticate: Digest realm=\"a\", nonce=\"b\", qop=\"auth\"\r\nContent-Length: 0\r\n\r\n"), 7, false)
	f.Add([]byte("SIP/2.0 200 OK\r\nContent-Length: -1\r\n\r\n"), 1, true)
	f.Add([]byte("\r\n\r\n\r\n"), 1, false)
	f.Fuzz(func(t *testing.T, data []byte, piece int, udp bool) {
		w := over(nil, peer{&pieces{data: data, n: max(piece, 1)}}, udp)
		for {
			res, err := w.next()
			if err != nil {
				return
			}
			answerOf(res)
			challengeOf(res)
		}
	})
}

// pieces gives its data n bytes at a time.
type pieces struct {
	data []byte
	n    int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.data[:min(p.n, len(p.data))])
	p.data = p.data[n:]
	return n, nil
}

type peer struct{ io.Reader }

func (peer) Write(b []byte) (int, error) { return len(b), nil }

func TestADatagramIsOneMessage(t *testing.T) {
	if _, err := over(nil, peer{strings.NewReader(strings.Repeat("x", 100))}, true).next(); !errors.Is(err, errNotSIP) {
		t.Errorf("garbage: %v", err)
	}
}

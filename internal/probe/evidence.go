package probe

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
)

// maxText bounds one line of evidence, in bytes.
const maxText = 400

// Clean makes text from a peer safe to show: one line, printable, at most 400 bytes. Control characters, line ends,
// invisible and bidirectional marks and broken UTF-8 become escapes, so that no peer can draw on the terminal.
func Clean(s string) string {
	s = strings.TrimRight(s, "\x00") // Active Directory ends every diagnostic with one
	var b strings.Builder
	for i := 0; i < len(s); {
		if b.Len() >= maxText {
			fmt.Fprintf(&b, "... (%d bytes more)", len(s)-i)
			break
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x80 && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// ErrTooMuch is the cause when a peer sends more than a probe is willing to read.
var ErrTooMuch = errors.New("the peer sent more than the probe reads")

// A LimitedConn stops reading after a number of bytes. It protects readers that would otherwise follow a hostile
// peer without end.
type LimitedConn struct {
	net.Conn
	left atomic.Int64
}

// Limit wraps conn so that at most max bytes are read from it.
func Limit(conn net.Conn, max int64) *LimitedConn {
	c := &LimitedConn{Conn: conn}
	c.left.Store(max)
	return c
}

// Read reads until the limit, then fails with ErrTooMuch.
func (c *LimitedConn) Read(b []byte) (int, error) {
	left := c.left.Load()
	if left <= 0 {
		return 0, ErrTooMuch
	}
	n, err := c.Conn.Read(b[:min(int64(len(b)), left)])
	c.left.Add(int64(-n))
	return n, err
}

package ldapcheck

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"cupclint/internal/probe"
)

// The LDAP library reads all that a server sends: messages of any size, any number of elements, search entries without
// end. The gate is between the connection and the library. It lets through only whole, small, flat messages,
// and not too many of them.
const (
	// maxMessage bounds one LDAP message. A page of 100 people with the attributes asked for is far below.
	maxMessage = 1 << 20
	// maxElements bounds the BER elements of one message: each costs the decoder some 300 bytes of memory.
	maxElements = 20_000
	// maxDepth bounds the nesting. A search entry with controls has 6 levels.
	maxDepth = 16
	// maxMessages and maxTraffic bound everything a server may send on one connection.
	maxMessages = 20_000
	maxTraffic  = 16 << 20
)

// errGate marks messages that the gate did not let through.
var errGate = errors.New("the answer cannot be read")

// notLDAP says what came instead of an LDAP message, as far as its first bytes show it.
func notLDAP(first []byte) error {
	what := ""
	switch {
	case bytes.Equal(first, []byte{0x15, 0x03}):
		return fmt.Errorf("%w: %w: the answer begins as an alert of TLS", errGate, errTLSPort)
	case bytes.Equal(first, []byte("HT")):
		what = ", as HTTP does"
	case bytes.Equal(first, []byte("SS")):
		what = ", as SSH does"
	case bytes.Equal(first, []byte("* ")), bytes.Equal(first, []byte("+O")), bytes.Equal(first, []byte("22")):
		what = ", as a mail server does"
	}
	return fmt.Errorf("%w: it begins with byte 0x%02x, not with an LDAP message%s", errGate, first[0], what)
}

// errTLSPort marks a port that expects TLS from the first byte.
var errTLSPort = errors.New("this port expects TLS")

func tooMuch(format string, args ...any) error {
	return fmt.Errorf("%w: %s: %w", errGate, fmt.Sprintf(format, args...), probe.ErrTooMuch)
}

// gate is a net.Conn whose Read gives only messages that passed. It remembers the first read error, because the
// library reports errors as text alone.
type gate struct {
	net.Conn

	buf  []byte // the rest of a message that passed
	hdr  [6]byte
	sent int   // bytes let through
	msgs int   // messages let through
	fail error // sticky, for Read

	mu  sync.Mutex
	err error
}

// cause is the first error that reading met, nil when there was none.
func (g *gate) cause() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

// Read fills b from the current message, or reads the next one.
func (g *gate) Read(b []byte) (int, error) {
	if g.fail != nil {
		return 0, g.fail
	}
	if len(g.buf) == 0 {
		if err := g.next(); err != nil {
			g.fail = err
			g.mu.Lock()
			g.err = err
			g.mu.Unlock()
			return 0, err
		}
	}
	n := copy(b, g.buf)
	g.buf = g.buf[n:]
	return n, nil
}

// next reads one whole message and checks it.
func (g *gate) next() error {
	if g.msgs++; g.msgs > maxMessages {
		return tooMuch("more than %d messages", maxMessages)
	}
	hdr := g.hdr[:2]
	if _, err := io.ReadFull(g.Conn, hdr); err != nil {
		return err
	}
	if hdr[0] != 0x30 { // every LDAPMessage is a SEQUENCE (RFC 4511, section 4.1.1)
		return notLDAP(hdr)
	}
	size := int(hdr[1])
	if hdr[1]&0x80 != 0 {
		n := int(hdr[1] & 0x7f)
		if n == 0 || n > 4 { // LDAP allows the definite form only (RFC 4511, section 5.1)
			return fmt.Errorf("%w: the length of the message has a form that LDAP does not use", errGate)
		}
		hdr = g.hdr[:2+n]
		if _, err := io.ReadFull(g.Conn, hdr[2:]); err != nil {
			return cutOff(err)
		}
		size = 0
		for _, d := range hdr[2:] {
			if size > maxMessage { // before it overflows where an int has 32 bits
				break
			}
			size = size<<8 | int(d)
		}
	}
	if size > maxMessage || g.sent+size > maxTraffic {
		return tooMuch("a message of %d bytes, after %d bytes", size, g.sent)
	}
	msg, err := readExactly(g.Conn, len(hdr), size)
	if err != nil {
		return cutOff(err)
	}
	copy(msg, hdr)
	g.sent += len(msg)
	left := maxElements
	if err := checkBER(msg[len(hdr):], 1, &left); err != nil {
		return err
	}
	g.buf = msg
	return nil
}

// readExactly reads size bytes after room for the header. It grows with what arrives, not with what was promised.
func readExactly(r io.Reader, header, size int) ([]byte, error) {
	const step = 64 << 10
	msg := make([]byte, header, header+min(size, step))
	for len(msg) < header+size {
		n := min(step, header+size-len(msg))
		at := len(msg)
		msg = append(msg, make([]byte, n)...)
		if _, err := io.ReadFull(r, msg[at:]); err != nil {
			return nil, err
		}
	}
	return msg, nil
}

func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the connection ended in the middle of a message: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// checkBER walks the elements of b and counts them.
func checkBER(b []byte, depth int, left *int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: nested deeper than %d levels", errGate, maxDepth)
	}
	for len(b) > 0 {
		if *left--; *left < 0 {
			return tooMuch("more than %d elements in one message", maxElements)
		}
		constructed := b[0]&0x20 != 0
		if b[0]&0x1f == 0x1f || len(b) < 2 {
			return fmt.Errorf("%w: an element that LDAP does not use", errGate)
		}
		head, size := 2, int(b[1])
		if b[1]&0x80 != 0 {
			n := int(b[1] & 0x7f)
			if n == 0 || n > 4 || len(b) < 2+n {
				return fmt.Errorf("%w: an element without a usable length", errGate)
			}
			size = 0
			for _, d := range b[2 : 2+n] {
				size = size<<8 | int(d)
			}
			head += n
		}
		if size > len(b)-head {
			return fmt.Errorf("%w: an element longer than its message", errGate)
		}
		if constructed {
			if err := checkBER(b[head:head+size], depth+1, left); err != nil {
				return err
			}
		}
		b = b[head+size:]
	}
	return nil
}

// classOf finds out why reading failed.
func classOf(ph probe.Phase, cause error) *probe.Error {
	if errors.Is(cause, errGate) || errors.Is(cause, io.ErrUnexpectedEOF) {
		return probe.ErrorOf(ph, probe.BadProtocol, cause, "%s", cause)
	}
	return probe.AsError(ph, cause)
}

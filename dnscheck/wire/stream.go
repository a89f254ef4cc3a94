package wire

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
)

// A stream keeps one TCP or TLS connection to a server and sends several questions on it without waiting (RFC 7766,
// section 6.2.1.1). A server may close it at any time; the next question opens another.
type stream struct {
	dial func(ctx context.Context) (net.Conn, error)

	opening sync.Mutex // held while a connection is made, and while a query is written
	mu      sync.Mutex
	conn    net.Conn
	table   map[uint16]*waiter
}

// errClosed says that the server closed the connection before it answered.
var errClosed = errors.New("the server closed the connection before it answered")

// A handshakeError is a failed TLS handshake.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// dialer makes the function that opens connections to a resolver.
func dialer(r Resolver, config *tls.Config) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", r.Addr.String())
		if err != nil || !r.TLS {
			return conn, err
		}
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, &handshakeError{errors.Join(err, conn.Close())}
		}
		return secured, nil
	}
}

// exchange asks one question. Its context bounds connecting, writing and waiting.
func (s *stream) exchange(ctx context.Context, w *waiter) (*Message, error) {
	id, conn, err := s.send(ctx, w)
	if err != nil {
		return nil, err
	}
	defer s.forget(id, conn)
	select {
	case r := <-w.result:
		return r.msg, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// send opens a connection where none is open, and writes the query.
func (s *stream) send(ctx context.Context, w *waiter) (uint16, net.Conn, error) {
	s.opening.Lock()
	defer s.opening.Unlock()
	s.mu.Lock()
	conn := s.conn
	s.mu.Unlock()
	if conn == nil {
		var err error
		if conn, err = s.dial(ctx); err != nil {
			return 0, nil, err
		}
		s.mu.Lock()
		s.conn, s.table = conn, make(map[uint16]*waiter)
		s.mu.Unlock()
		go s.receive(conn)
	}
	s.mu.Lock()
	if s.conn != conn {
		s.mu.Unlock()
		return 0, nil, errClosed
	}
	id := uint16(rand.Uint32())
	for s.table[id] != nil {
		id = uint16(rand.Uint32())
	}
	s.table[id] = w
	s.mu.Unlock()

	binary.BigEndian.PutUint16(w.query, id)
	framed := binary.BigEndian.AppendUint16(make([]byte, 0, len(w.query)+2), uint16(len(w.query)))
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetWriteDeadline(deadline)
	}
	if _, err := conn.Write(append(framed, w.query...)); err != nil {
		s.drop(conn, err)
		return 0, nil, err
	}
	return id, conn, nil
}

func (s *stream) forget(id uint16, conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == conn {
		delete(s.table, id)
	}
}

// receive hands answers to their waiters until the connection ends.
func (s *stream) receive(conn net.Conn) {
	for {
		msg, err := readFramed(conn)
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = errClosed
			}
			s.drop(conn, err)
			return
		}
		if err := s.deliver(conn, msg); err != nil {
			s.drop(conn, err)
			return
		}
	}
}

func readFramed(conn io.Reader) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, err
	}
	msg := make([]byte, binary.BigEndian.Uint16(size[:]))
	_, err := io.ReadFull(conn, msg)
	return msg, err
}

// deliver finds the waiter of an answer. On a stream, a message that makes no sense is an error: it ends
// the connection, and the questions on it.
func (s *stream) deliver(conn net.Conn, msg []byte) error {
	if len(msg) < headerSize {
		return fmt.Errorf("a message of %d bytes, shorter than a DNS header", len(msg))
	}
	s.mu.Lock()
	w := s.table[binary.BigEndian.Uint16(msg)]
	s.mu.Unlock()
	if w == nil {
		return nil // its asker has given up
	}
	m, err := read(msg, w.query)
	if err != nil {
		return err
	}
	w.deliver(result{msg: m})
	return nil
}

// drop closes the connection and wakes all that wait on it.
func (s *stream) drop(conn net.Conn, err error) {
	_ = conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != conn {
		return
	}
	s.conn = nil
	for _, w := range s.table {
		w.deliver(result{err: err})
	}
	s.table = nil
}

func (s *stream) close() {
	s.mu.Lock()
	conn := s.conn
	s.mu.Unlock()
	if conn != nil {
		s.drop(conn, net.ErrClosed)
	}
}

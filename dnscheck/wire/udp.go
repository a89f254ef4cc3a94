package wire

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"sync"

	"github.com/miekg/dns"

	"cupclint/internal/platform"
)

// A waiter is one question under way. Its numbers stay valid until it leaves, so that an answer to the first attempt
// that comes during the second is not lost.
type waiter struct {
	query  []byte
	result chan result // holds one
	places []place

	mu     sync.Mutex
	strays Strays
}

// A result is a message, or why none will come.
type result struct {
	msg *dns.Msg
	err error
}

// deliver hands over a result, unless one is waiting to be taken already.
func (w *waiter) deliver(m *dns.Msg, err error) {
	select {
	case w.result <- result{m, err}:
	default:
	}
}

// A place is a number that a waiter holds at a socket.
type place struct {
	sock *socket
	id   uint16
}

func newWaiter(query []byte) *waiter {
	return &waiter{query: query, result: make(chan result, 1)}
}

// leave takes the waiter out of all tables.
func (w *waiter) leave() {
	for _, p := range w.places {
		p.sock.forget(p.id)
	}
	w.places = w.places[:0]
}

// stray counts something that was not accepted.
func (w *waiter) stray(field func(*Strays) *uint16) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := field(&w.strays); *n < ^uint16(0) {
		*n++
	}
}

// takeStrays gives the counts since the last call.
func (w *waiter) takeStrays() Strays {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.strays
	w.strays = Strays{}
	return s
}

func wrongID(s *Strays) *uint16   { return &s.WrongID }
func wrongName(s *Strays) *uint16 { return &s.WrongName }
func malformed(s *Strays) *uint16 { return &s.Malformed }

// A socket is one connected UDP socket, shared by the questions under way on it.
type socket struct {
	conn   net.Conn
	mu     sync.Mutex
	table  map[uint16]*waiter
	closed bool
}

func newSocket(conn net.Conn) *socket {
	return &socket{conn: conn, table: make(map[uint16]*waiter)}
}

// send puts the waiter into the table under a number that no other waiter has, and sends its query.
func (s *socket) send(w *waiter) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return net.ErrClosed
	}
	// The generator of rand is ChaCha8 with a random seed: its numbers cannot be guessed from those before.
	id := uint16(rand.Uint32())
	for s.table[id] != nil {
		id = uint16(rand.Uint32())
	}
	s.table[id] = w
	w.places = append(w.places, place{s, id})
	s.mu.Unlock()
	binary.BigEndian.PutUint16(w.query, id)
	_, err := s.conn.Write(w.query)
	if platform.Refused(err) {
		// The kernel reports here the error of an earlier datagram. This one was not sent.
		_, err = s.conn.Write(w.query)
	}
	return err
}

func (s *socket) forget(id uint16) {
	s.mu.Lock()
	delete(s.table, id)
	s.mu.Unlock()
}

// receive hands answers to their waiters until the socket is closed.
func (s *socket) receive() {
	buf := make([]byte, 64<<10)
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			if s.isClosed() || errors.Is(err, net.ErrClosed) {
				return
			}
			// An ICMP message says that the server's port or host is not there. It does not name a question.
			s.failAll(err)
			if platform.Refused(err) || platform.NoRoute(err) {
				continue
			}
			_ = s.close() // an error that stays would occur again at once; the next question opens another socket
			return
		}
		s.deliver(buf[:n])
	}
}

func (s *socket) deliver(msg []byte) {
	if len(msg) < headerSize || msg[2]&0x80 == 0 {
		// No answer of any kind: it may be meant for every question under way here.
		s.strayFor(malformed, func(*waiter) bool { return true })
		return
	}
	id := binary.BigEndian.Uint16(msg)
	s.mu.Lock()
	w := s.table[id]
	s.mu.Unlock()
	if w == nil {
		// An answer that came too late, or one with a wrong number. The second repeats a question that is under way.
		s.strayFor(wrongID, func(w *waiter) bool { return repeats(msg, w.query) })
		return
	}
	switch m, err := read(msg, w.query); {
	case err == nil:
		w.deliver(m, nil)
	case errors.Is(err, errOtherName):
		w.stray(wrongName)
	default:
		w.stray(malformed)
	}
}

// strayFor counts something odd for the questions that it may have been meant for.
func (s *socket) strayFor(field func(*Strays) *uint16, match func(*waiter) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.table {
		if match(w) {
			w.stray(field)
		}
	}
}

func (s *socket) failAll(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.table {
		w.deliver(nil, err)
	}
}

func (s *socket) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *socket) close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	return s.conn.Close()
}

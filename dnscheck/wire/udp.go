package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cupclint/internal/platform"
)

// A waiter is one question under way. Its numbers stay valid until it leaves, so that an answer to the first attempt
// that comes during the second is not lost.
type waiter struct {
	query  []byte
	result chan result // holds one
	places []place
	line   atomic.Pointer[Line] // gets the result instead, if it is set

	mu       sync.Mutex
	strays   Strays
	ctx      context.Context // nil if the waiter does not wait now
	deadline time.Time
}

// A result is a message, or why none will come.
type result struct {
	msg *Message
	err error
	at  time.Time
}

// deliver hands over a result, unless one is waiting to be taken already.
func (w *waiter) deliver(r result) {
	if l := w.line.Swap(nil); l != nil {
		go l.take(r)
		return
	}
	select {
	case w.result <- r:
	default:
	}
}

// wait begins a wait that the watch ends. An answer that came since the last one counts.
func (w *waiter) wait(ctx context.Context, deadline time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ctx, w.deadline = ctx, deadline
	select {
	case r := <-w.result:
		if r.msg != nil {
			w.deliver(r)
		}
	default:
	}
}

// stop ends a wait that has its result.
func (w *waiter) stop() {
	w.mu.Lock()
	w.ctx = nil
	w.mu.Unlock()
}

// expire ends a wait that is over.
func (w *waiter) expire(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var err error
	switch {
	case w.ctx == nil:
		return
	case w.ctx.Err() != nil:
		err = w.ctx.Err()
	case now.After(w.deadline):
		err = os.ErrDeadlineExceeded
	default:
		return
	}
	w.deliver(result{err: err, at: now})
	w.ctx = nil
}

// A place is a number that a waiter holds at a socket.
type place struct {
	sock *socket
	id   uint16
}

func newWaiter() *waiter { return &waiter{result: make(chan result, 1)} }

// ask prepares the query. A question that does not fit into a message is a failed attempt.
func (w *waiter) ask(q Question, edns bool, r *Reply) bool {
	query, err := pack(w.query, q, edns)
	if err != nil {
		r.Attempts = append(r.Attempts, Attempt{End: Failed, Odd: &Odd{Detail: err.Error()}})
		return false
	}
	w.query = query
	return true
}

// leave takes the waiter out of all tables. Afterwards no socket uses it, so that it can wait for the answer to another question.
func (w *waiter) leave() {
	for _, p := range w.places {
		p.sock.forget(p.id)
	}
	w.places = w.places[:0]
	w.takeStrays()
	select {
	case <-w.result: // came too late
	default:
	}
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

// A socket is one connected UDP socket, shared by the questions under way on it. One goroutine writes their queries, several with one
// call, and one reads the answers.
type socket struct {
	conn batchConn
	wake chan struct{} // holds one; closed with the socket

	writing   sync.Mutex // held while queries are written
	datagrams [][]byte   // only used under writing
	sending   []sending  // only used under writing

	mu     sync.Mutex
	table  map[uint16]*waiter // only used under mu, and so are the waiters in it
	queue  outbox
	busy   bool        // the reader hands over answers, and sends what is in the queue afterwards
	closed atomic.Bool // set under mu
}

// An outbox has queries that wait for the writer. They are copies: an asker may give up at any time.
type outbox struct {
	queries []byte
	ends    []int // of each query
	askers  []*waiter
}

func (o *outbox) add(w *waiter) {
	o.queries = append(o.queries, w.query...)
	o.ends = append(o.ends, len(o.queries))
	o.askers = append(o.askers, w)
}

func (o *outbox) clear() {
	clear(o.askers)
	o.queries, o.ends, o.askers = o.queries[:0], o.ends[:0], o.askers[:0]
}

// A sending query is one that is about to be written.
type sending struct {
	query []byte
	asker *waiter
}

func newSocket(conn batchConn) *socket {
	return &socket{conn: conn, wake: make(chan struct{}, 1), table: make(map[uint16]*waiter)}
}

// send puts the waiter into the table under a number that no other waiter has, and hands its query to the writer. An error of the write
// is the waiter's result.
func (s *socket) send(w *waiter) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return net.ErrClosed
	}
	// The generator of rand is ChaCha8 with a random seed: its numbers cannot be guessed from those before.
	id := uint16(rand.Uint32())
	for s.table[id] != nil {
		id = uint16(rand.Uint32())
	}
	s.table[id] = w
	w.places = append(w.places, place{s, id})
	binary.BigEndian.PutUint16(w.query, id)
	s.queue.add(w)
	if len(s.queue.ends) == 1 && !s.busy {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

// write sends what waits until the socket is closed.
func (s *socket) write() {
	var taken outbox
	for range s.wake {
		// Answers come in batches, too. The askers that the last one has woken add their next questions first.
		runtime.Gosched()
		s.mu.Lock()
		taken, s.queue = s.queue, taken
		s.mu.Unlock()
		s.writeAll(&taken)
	}
}

// writeAll empties an outbox.
func (s *socket) writeAll(o *outbox) {
	s.writing.Lock()
	defer s.writing.Unlock()
	list, datagrams := s.sending[:0], s.datagrams[:0]
	start := 0
	for i, end := range o.ends {
		list = append(list, sending{o.queries[start:end], o.askers[i]})
		start = end
	}
	// Queries of one length are written together: the kernel may take them as one.
	slices.SortStableFunc(list, func(a, b sending) int { return len(a.query) - len(b.query) })
	for i := range list {
		datagrams = append(datagrams, list[i].query)
	}
	s.sending, s.datagrams = list, datagrams
	defer clear(list) // the askers are used again
	again := false
	for len(datagrams) > 0 {
		n, err := s.conn.send(datagrams)
		datagrams, list = datagrams[n:], list[n:]
		switch {
		case err == nil || n > 0:
			again = false
		case platform.Refused(err) && !again:
			again = true // The kernel reports here the error of an earlier datagram. This one was not sent.
		default:
			s.fail(binary.BigEndian.Uint16(datagrams[0]), list[0].asker, err)
			datagrams, list, again = datagrams[1:], list[1:], false
		}
	}
	o.clear()
}

// fail is the end of the question whose query could not be written.
func (s *socket) fail(id uint16, w *waiter, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.table[id] == w {
		w.deliver(failure(err))
	}
}

func failure(err error) result { return result{err: err, at: time.Now()} }

func (s *socket) forget(id uint16) {
	s.mu.Lock()
	delete(s.table, id)
	s.mu.Unlock()
}

// receive hands answers to their waiters until the socket is closed.
func (s *socket) receive() {
	var arrivals []arrival
	var answers []answer
	var taken outbox
	for {
		batch, err := s.conn.receive()
		if err != nil {
			if s.closed.Load() || errors.Is(err, net.ErrClosed) {
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
		arrivals = readAll(arrivals[:0], batch)
		answers = s.deliver(arrivals, answers[:0])
		if len(answers) == 0 {
			continue
		}
		for i := range answers {
			answers[i].line.take(answers[i].result)
		}
		clear(answers)
		s.mu.Lock()
		s.busy = false
		taken, s.queue = s.queue, taken
		s.mu.Unlock()
		if len(taken.ends) > 0 {
			s.writeAll(&taken)
		}
	}
}

// An answer is the result of a line that waits for it.
type answer struct {
	line   *Line
	result result
}

// An arrival is a datagram, and what it says if it can be read.
type arrival struct {
	msg  []byte
	read *Message
	err  error
}

// readAll decodes answers before the table is locked.
func readAll(list []arrival, batch [][]byte) []arrival {
	for _, msg := range batch {
		a := arrival{msg: msg}
		if len(msg) >= headerSize && msg[2]&responseBit != 0 {
			a.read, a.err = unpack(msg)
		}
		list = append(list, a)
	}
	return list
}

// deliver hands answers to those who wait. It adds those for lines to the list, and then what is put into the queue afterwards is not
// written until the caller does so.
func (s *socket) deliver(arrivals []arrival, list []answer) []answer {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range arrivals {
		if l := s.hand(&arrivals[i], now); l != nil {
			list = append(list, answer{l, result{msg: arrivals[i].read, at: now}})
		}
	}
	s.busy = len(list) > 0
	return list
}

// hand delivers one answer, or returns the line that waits for it.
func (s *socket) hand(a *arrival, now time.Time) *Line {
	if a.read == nil && a.err == nil {
		// No answer of any kind: it may be meant for every question under way here.
		s.strayFor(malformed, func(*waiter) bool { return true })
		return nil
	}
	w := s.table[binary.BigEndian.Uint16(a.msg)]
	if w == nil {
		// An answer that came too late, or one with a wrong number. The second repeats a question that is under way.
		s.strayFor(wrongID, func(w *waiter) bool { return repeats(a.msg, w.query) })
		return nil
	}
	switch err := matches(a.msg, w.query); {
	case errors.Is(err, errOtherName):
		w.stray(wrongName)
	case err != nil || a.err != nil:
		w.stray(malformed)
	default:
		if l := w.line.Swap(nil); l != nil {
			return l
		}
		w.deliver(result{msg: a.read, at: now})
	}
	return nil
}

// strayFor counts something odd for the questions that it may have been meant for.
func (s *socket) strayFor(field func(*Strays) *uint16, match func(*waiter) bool) {
	for _, w := range s.table {
		if match(w) {
			w.stray(field)
		}
	}
}

func (s *socket) failAll(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endAll(err)
}

// endAll ends every question; mu is held.
func (s *socket) endAll(err error) {
	for _, w := range s.table {
		w.deliver(failure(err))
	}
}

func (s *socket) expire(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.table {
		w.expire(now)
	}
}

// close ends the socket and the questions on it.
func (s *socket) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Swap(true) {
		return nil
	}
	s.endAll(net.ErrClosed)
	close(s.wake)
	return s.conn.Close()
}

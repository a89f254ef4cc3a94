package wire

import (
	"context"
	"time"
)

// A Line asks one question after the other without a goroutine that waits for the answer: to wake one costs more than all else that is
// done with an answer. Most questions are answered at once over UDP. All others go the way of Server.Ask.
type Line struct {
	server *Server
	socket uint32
	ctx    context.Context
	q      Question
	w      *waiter
	start  time.Time
	done   func(*Reply)
	none   Reply
}

// Line makes a line that calls done with each reply. It does so on the goroutine that receives answers, which must not wait there, or on a
// new one.
func (s *Server) Line(done func(*Reply)) *Line {
	return &Line{server: s, socket: s.nextSocket(), done: done}
}

// Ask begins to ask a question. The reply to the one before must be there.
func (l *Line) Ask(ctx context.Context, q Question) {
	if l.ctx, l.q = ctx, q; !l.send() {
		go func() { l.done(l.server.Ask(ctx, q)) }()
	}
}

// send sends the question unless there is a reason to wait, or to do more than that.
func (l *Line) send() bool {
	s := l.server
	if s.Resolver.TLS || s.pace != nil || s.options.Log != nil || !s.health.well(s.options.Timeout) {
		return false
	}
	sock, err := s.socketAt(l.socket)
	if err != nil || !s.gate.mayEnter() {
		return false
	}
	w := s.waiters.Get().(*waiter)
	if !w.ask(l.q, !s.plain.Load(), &l.none) {
		l.none = Reply{}
		s.waiters.Put(w)
		s.gate.leave(false)
		return false
	}
	wait := share(l.ctx, s.rtt.wait(s.options.Timeout), udpTries)
	l.w, l.start = w, time.Now()
	w.wait(l.ctx, l.start.Add(wait))
	w.line.Store(l)
	s.watch.add()
	if err := sock.send(w); err != nil { // it was closed at this moment
		w.line.Store(nil)
		w.stop()
		s.watch.done()
		s.gate.leave(false)
		s.waiters.Put(w)
		return false
	}
	return true
}

// take is called with the result of the first attempt.
func (l *Line) take(answer result) {
	s, w := l.server, l.w
	s.watch.done()
	w.stop()
	r := newReply()
	end := s.settle(w, 0, l.start, answer, r)
	if r.Msg != nil {
		l.leave(r)
		return
	}
	go func() {
		s.goOn(l.ctx, w, l.q, end, r)
		l.leave(r)
	}()
}

// leave hands over the reply.
func (l *Line) leave(r *Reply) {
	l.w.leave()
	l.server.waiters.Put(l.w)
	l.server.note(l.ctx, r)
	l.done(r)
}

package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/time/rate"

	"cupclint/internal/platform"
)

// Options says how a server is asked. The zero value means the defaults.
type Options struct {
	// Outstanding is how many questions are under way at once, 1 to MaxOutstanding; 0 means DefaultOutstanding.
	Outstanding int
	// Timeout is how long one attempt waits for an answer; 0 means DefaultTimeout.
	Timeout time.Duration
	// Rate is how many questions a second are sent at most; 0 means no bound.
	Rate float64
	// Roots are the authorities trusted for DNS over TLS; nil means the system's.
	Roots *x509.CertPool
	// Log, if set, gets each question and its answer.
	Log *slog.Logger
}

// Defaults and bounds. More than about a hundred questions at once overrun the receive buffer of a local server.
const (
	DefaultOutstanding = 50
	MaxOutstanding     = 100
	DefaultTimeout     = 3 * time.Second
)

const (
	// maxSockets is how many UDP sockets there are at most, each with one goroutine that receives. More than there are processors only make
	// the batches smaller that one call takes.
	maxSockets  = 4
	connections = 2
	// slowRate is how many lost questions a second are asked again. By default, response rate limiters let at least about 200 similar
	// answers a second pass (nsd's rrl-ratelimit, BIND's responses-per-second is lower where it is set).
	slowRate = 100
	// udpTries is how often a question goes out over UDP: once, and once more.
	udpTries = 2
)

// A Server asks one resolver. Its methods may be called from many goroutines at once. The caller must close it.
type Server struct {
	Resolver Resolver

	options Options
	gate    *gate
	pace    *rate.Limiter // nil without a bound
	slow    *rate.Limiter
	turn    atomic.Uint32
	plain   atomic.Bool // the server does not take EDNS0
	health  health
	rtt     rtt
	waiters sync.Pool
	batches func(*net.UDPConn) batchConn

	watch   *watch
	socks   []atomic.Pointer[socket] // opened when they are needed
	mu      sync.Mutex               // held while a socket is opened
	streams [connections]*stream
	closed  bool
	watched bool           // the watch runs
	running sync.WaitGroup // the goroutines of the sockets and of the watch
}

// NewServer prepares to ask a resolver. Sockets are opened when they are needed.
func NewServer(r Resolver, o Options) *Server {
	if o.Outstanding <= 0 {
		o.Outstanding = DefaultOutstanding
	}
	o.Outstanding = min(o.Outstanding, MaxOutstanding)
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	s := &Server{Resolver: r, options: o, gate: newGate(o.Outstanding), slow: rate.NewLimiter(slowRate, 1), batches: newBatchConn,
		watch: newWatch(), socks: make([]atomic.Pointer[socket], min(maxSockets, runtime.GOMAXPROCS(0)))}
	s.waiters.New = func() any { return newWaiter() }
	if o.Rate > 0 {
		s.pace = rate.NewLimiter(rate.Limit(o.Rate), 1)
		if o.Rate < slowRate {
			s.slow.SetLimit(rate.Limit(o.Rate))
		}
	}
	for i := range s.streams {
		s.streams[i] = s.newStream()
	}
	return s
}

func (s *Server) newStream() *stream {
	config := &tls.Config{ServerName: s.Resolver.serverName(), RootCAs: s.options.Roots, MinVersion: tls.VersionTLS12}
	return &stream{dial: dialer(s.Resolver, config)}
}

// Close ends all sockets. Questions under way end with an error.
func (s *Server) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		s.watch.close()
	}
	var errs []error
	for i := range s.socks {
		if sock := s.socks[i].Load(); sock != nil {
			errs = append(errs, sock.close())
		}
	}
	s.mu.Unlock()
	for _, st := range s.streams {
		st.close()
	}
	s.running.Wait()
	return errors.Join(errs...)
}

// Ask asks one question and does what is needed to get a true answer; see the package comment. It returns a Reply in
// every case, also when the context ends.
func (s *Server) Ask(ctx context.Context, q Question) *Reply {
	if s.options.Log == nil {
		return s.answer(ctx, q)
	}
	start := time.Now()
	r := s.answer(ctx, q)
	s.log(q, r, time.Since(start))
	return r
}

// log notes a question and its result.
func (s *Server) log(q Question, r *Reply, took time.Duration) {
	result, records := "", 0
	if r.Msg != nil {
		result, records = dns.RcodeToString[r.Msg.Rcode], len(r.Msg.Answer)
	} else {
		f := r.Failure()
		result = f.End.String() + " " + f.Detail()
		if f.End == Cancelled { // by the end of its phase, or because another question was enough; the run continues
			result = "stopped waiting"
		}
	}
	s.options.Log.Debug("DNS", "name", q.Name, "type", dns.TypeToString[q.Type], "resolver", s.Resolver.String(), "answer", result, "records",
		records, "attempts", len(r.Attempts), "took", took)
}

func (s *Server) answer(ctx context.Context, q Question) *Reply {
	r := newReply()
	if !s.health.ok(ctx, s.options.Timeout, s.check) {
		r.Attempts = []Attempt{{Transport: s.first(), End: NotTried}}
		if ctx.Err() != nil {
			r.Attempts[0] = Attempt{Transport: s.first(), End: ended(ctx)}
		}
		return r
	}
	s.ask(ctx, q, r)
	s.note(ctx, r)
	return r
}

// note remembers whether the server has answered.
func (s *Server) note(ctx context.Context, r *Reply) {
	if r.Msg != nil || ctx.Err() == nil {
		s.health.note(r.Msg != nil)
	}
}

func (s *Server) first() Transport {
	if s.Resolver.TLS {
		return TLS
	}
	return UDP
}

func (s *Server) ask(ctx context.Context, q Question, r *Reply) {
	w := s.waiters.Get().(*waiter)
	defer s.waiters.Put(w)
	if !w.ask(q, !s.plain.Load(), r) {
		r.Attempts[0].Transport = s.first()
		return
	}
	if s.Resolver.TLS {
		s.askStream(ctx, w.query, r)
		return
	}
	defer w.leave()
	s.goOn(ctx, w, q, s.askUDP(ctx, w, 0, r), r)
}

// goOn does what is needed after the first attempt over UDP, which ended like this.
func (s *Server) goOn(ctx context.Context, w *waiter, q Question, end End, r *Reply) {
	for try := 0; ; {
		switch end {
		case Truncated:
			s.askStream(ctx, w.query, r)
		case NoEDNS:
			w.leave()
			if !w.ask(q, false, r) {
				return
			}
			try--
		}
		if ctx.Err() != nil {
			return
		}
		if try++; try >= udpTries || r.Msg != nil {
			break
		}
		end = s.askUDP(ctx, w, try, r)
	}
	// If some answers are lost while others come, the server drops them on purpose. A rate limiter does not limit TCP.
	if r.Msg == nil && s.health.answering(2*s.options.Timeout) && r.last().Transport == UDP {
		s.askStream(ctx, w.query, r)
	}
}

func (r *Reply) last() Attempt { return r.Attempts[len(r.Attempts)-1] }

// askUDP makes one attempt over UDP. The second is made at a slower pace.
func (s *Server) askUDP(ctx context.Context, w *waiter, try int, r *Reply) End {
	wait := s.options.Timeout
	if try == 0 {
		wait = s.rtt.wait(wait)
	}
	wait = share(ctx, wait, udpTries-try)
	if err := s.mayAsk(ctx, try > 0); err != nil {
		a := Attempt{Transport: UDP, End: ended(ctx)}
		r.Attempts = append(r.Attempts, a)
		return a.End
	}
	sock, err := s.socket()
	start := time.Now()
	answer := result{at: start}
	if err == nil {
		w.wait(ctx, start.Add(wait))
		err = sock.send(w)
	}
	if err == nil {
		s.watch.add()
		answer = <-w.result
		s.watch.done()
	} else {
		answer.err = err
	}
	w.stop()
	return s.settle(w, try, start, answer, r)
}

// settle adds an attempt over UDP to the reply, with its result.
func (s *Server) settle(w *waiter, try int, start time.Time, answer result, r *Reply) End {
	a := Attempt{Transport: UDP}
	m, took, detail, err := answer.msg, max(0, answer.at.Sub(start)), "", answer.err
	a.took(took)
	s.gate.leave(err == os.ErrDeadlineExceeded)
	switch {
	case err != nil:
		a.End, detail = endOf(err)
	case m.Truncated:
		a.End = Truncated
	case refusesEDNS(m) && hasEDNS(w.query):
		a.End = NoEDNS
		s.plain.Store(true)
	default:
		r.Msg = m
		if try == 0 {
			s.rtt.add(took)
		}
	}
	a.odd(detail, w.takeStrays())
	r.Attempts = append(r.Attempts, a)
	return a.End
}

// refusesEDNS reports whether an answer may mean that the server does not take EDNS0.
func refusesEDNS(m *Message) bool {
	return m.Rcode == dns.RcodeFormatError || m.Rcode == dns.RcodeNotImplemented
}

// mayAsk waits for a place among the questions under way. The caller frees it with gate.leave.
func (s *Server) mayAsk(ctx context.Context, slowly bool) error {
	if slowly {
		if err := s.slow.Wait(ctx); err != nil {
			return err
		}
	}
	if s.pace != nil {
		if err := s.pace.Wait(ctx); err != nil {
			return err
		}
	}
	return s.gate.enter(ctx)
}

// ended returns how an attempt ended if its context ended: at its deadline the server was silent, else the run was cancelled.
func ended(ctx context.Context) End {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return TimedOut
	}
	return Cancelled
}

// share is how long one of so many attempts may wait, so that the last one ends before the context does.
func share(ctx context.Context, wait time.Duration, attempts int) time.Duration {
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)/time.Duration(attempts)*9/10)
	}
	return max(wait, time.Millisecond)
}

// askStream asks over TCP or TLS: on a connection shared with others, and if that one breaks, on one of its own.
func (s *Server) askStream(ctx context.Context, query []byte, r *Reply) {
	shared := s.streams[s.turn.Add(1)%connections]
	if s.streamTry(ctx, shared, query, r) != Failed {
		return
	}
	own := s.newStream()
	defer own.close()
	s.streamTry(ctx, own, query, r)
}

func (s *Server) streamTry(ctx context.Context, st *stream, query []byte, r *Reply) End {
	a := Attempt{Transport: TCP}
	if s.Resolver.TLS {
		a.Transport = TLS
	}
	if err := s.mayAsk(ctx, false); err != nil {
		a.End = ended(ctx)
		r.Attempts = append(r.Attempts, a)
		return a.End
	}
	start := time.Now()
	bounded, cancel := context.WithTimeout(ctx, s.options.Timeout)
	w := newWaiter()
	w.query = append(w.query, query...)
	m, err := st.exchange(bounded, w)
	cancel()
	a.took(time.Since(start))
	s.gate.leave(false)
	switch {
	case err != nil && ctx.Err() != nil:
		a.End = ended(ctx)
	case err != nil:
		var detail string
		a.End, detail = endOf(err)
		a.odd(detail, Strays{})
	default:
		r.Msg = m
	}
	r.Attempts = append(r.Attempts, a)
	return a.End
}

// socket opens the sockets one by one and hands them out in turn.
func (s *Server) socket() (*socket, error) { return s.socketAt(s.nextSocket()) }

func (s *Server) nextSocket() uint32 { return s.turn.Add(1) % uint32(len(s.socks)) }

func (s *Server) socketAt(i uint32) (*socket, error) {
	if sock := s.socks[i].Load(); sock != nil && !sock.closed.Load() {
		return sock, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, net.ErrClosed
	}
	if sock := s.socks[i].Load(); sock != nil && !sock.closed.Load() {
		return sock, nil // another question has opened it
	}
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(s.Resolver.Addr))
	if err != nil {
		return nil, err
	}
	sock := newSocket(s.batches(conn))
	s.socks[i].Store(sock)
	s.running.Go(sock.receive)
	s.running.Go(sock.write)
	if !s.watched {
		s.watched = true
		s.running.Go(func() { s.watch.run(s.expire) })
	}
	return sock, nil
}

// expire ends the waits that are over.
func (s *Server) expire(now time.Time) {
	for i := range s.socks {
		if sock := s.socks[i].Load(); sock != nil {
			sock.expire(now)
		}
	}
}

// check asks for the root's name servers, which every server has an answer to, if only a refusal.
func (s *Server) check(ctx context.Context) bool {
	r, w := new(Reply), newWaiter()
	if !w.ask(Question{Name: ".", Type: dns.TypeNS}, false, r) {
		return false
	}
	if s.Resolver.TLS {
		own := s.newStream()
		defer own.close()
		s.streamTry(ctx, own, w.query, r)
		return r.Msg != nil
	}
	defer w.leave()
	end := s.askUDP(ctx, w, 1, r)
	return end == Answered || end == Truncated
}

func hasEDNS(query []byte) bool { return query[11] == 1 }

// endOf classifies an error of the network.
func endOf(err error) (End, string) {
	var handshake *handshakeError
	var netErr net.Error
	switch {
	case errors.As(err, &handshake):
		return BadTLS, handshake.Error()
	case errors.Is(err, context.Canceled):
		return Cancelled, ""
	case platform.Refused(err):
		return Refused, ""
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return TimedOut, ""
	case errors.As(err, &netErr) && netErr.Timeout(), platform.TimedOut(err):
		return TimedOut, ""
	}
	return Failed, err.Error()
}

// HasAnswered reports whether the server has answered any question so far.
func (s *Server) HasAnswered() bool {
	s.health.mu.Lock()
	defer s.health.mu.Unlock()
	return !s.health.lastAnswer.IsZero()
}

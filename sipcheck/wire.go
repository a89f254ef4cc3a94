package sipcheck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/emiago/sipgo/sip"

	"cupclint/internal/probe"
)

const (
	// maxTraffic bounds what a proxy may send on one connection. Every answer of a probe is below 4 KiB.
	maxTraffic = 1 << 20
	// maxMessage bounds one message (the library's own bound, and that of UDP).
	maxMessage = 65535
	// T1 and T2 are the timers of RFC 3261, section 17.1.2.2, for requests over UDP.
	t1 = 500 * time.Millisecond
	t2 = 4 * time.Second
)

// A wire sends requests and reads the answers to them, over one connection.
type wire struct {
	raw    net.Conn // what deadlines are set on
	conn   io.ReadWriter
	udp    bool
	parser *sip.Parser
	stream *sip.ParserStream
	queue  []*sip.Response
	// provisional is the last provisional answer to the request that is under way.
	provisional *sip.Response
}

func newWire(raw, conn net.Conn, udp bool) *wire {
	w := &wire{raw: raw, conn: probe.Limit(conn, maxTraffic), udp: udp, parser: sip.NewParser()}
	w.stream = w.parser.NewSIPStream()
	return w
}

// ask sends a request and waits for its final answer: over UDP it sends it again as the timers say. The context's deadline
// ends the wait.
func (w *wire) ask(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	text := []byte(req.String())
	w.provisional = nil
	if err := w.write(text); err != nil {
		return nil, err
	}
	resend := t1
	for {
		if w.udp {
			_ = w.raw.SetReadDeadline(earlier(ctx, time.Now().Add(resend)))
		}
		res, err := w.next()
		switch {
		case err == nil && answers(res, req) && res.StatusCode >= 200:
			return res, nil
		case err == nil:
			if answers(res, req) {
				w.provisional = res
			}
			continue // provisional, or an answer to something else
		case w.udp && errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil && time.Now().Before(earlier(ctx, time.Now().Add(time.Hour))):
			if err := w.write(text); err != nil {
				return nil, err
			}
			resend = min(2*resend, t2)
		default:
			return nil, err
		}
	}
}

func (w *wire) write(text []byte) error {
	_, err := w.conn.Write(text)
	return err
}

// earlier is the context's deadline, or t when that comes first.
func earlier(ctx context.Context, t time.Time) time.Time {
	if d, ok := ctx.Deadline(); ok && d.Before(t) {
		return d
	}
	return t
}

// answers reports whether the response is one to the request: a late answer to an earlier one is not.
func answers(res *sip.Response, req *sip.Request) bool {
	id, cseq := res.CallID(), res.CSeq()
	return id != nil && cseq != nil && id.Value() == req.CallID().Value() && cseq.SeqNo == req.CSeq().SeqNo
}

// errNotSIP marks a message that is not a SIP response.
var errNotSIP = errors.New("the answer is not a SIP response")

// next reads the next response.
func (w *wire) next() (*sip.Response, error) {
	buf := make([]byte, maxMessage)
	for len(w.queue) == 0 {
		n, err := w.conn.Read(buf)
		if n > 0 {
			if err := w.parse(buf[:n]); err != nil {
				return nil, err
			}
		}
		if err != nil && len(w.queue) == 0 {
			return nil, err
		}
	}
	res := w.queue[0]
	w.queue = w.queue[1:]
	return res, nil
}

// parse reads the result of one read: a whole datagram, or a piece of a stream.
func (w *wire) parse(data []byte) error {
	if w.udp {
		msg, err := w.parser.ParseSIP(data)
		if err != nil {
			return fmt.Errorf("%w: %w", errNotSIP, err)
		}
		return w.keep(msg)
	}
	var wrong error
	err := w.stream.ParseSIPStream(data, func(msg sip.Message) {
		if err := w.keep(msg); err != nil {
			wrong = err
		}
	})
	switch {
	case wrong != nil:
		return wrong
	case err == nil:
		return nil
	case errors.Is(err, sip.ErrParseSipPartial), errors.Is(err, io.ErrUnexpectedEOF):
		if w.stream.Buffer().Len() > maxMessage {
			return fmt.Errorf("%w: a message of more than %d bytes", probe.ErrTooMuch, maxMessage)
		}
		return nil
	}
	return fmt.Errorf("%w: %w", errNotSIP, err)
}

func (w *wire) keep(msg sip.Message) error {
	res, ok := msg.(*sip.Response)
	if !ok {
		return fmt.Errorf("%w but a request", errNotSIP)
	}
	w.queue = append(w.queue, res)
	return nil
}

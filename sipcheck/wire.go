package sipcheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"cupclint/internal/probe"
	"cupclint/internal/sip"
)

const (
	// maxTraffic bounds what a proxy may send on one connection. Every answer of a probe is below 4 KiB.
	maxTraffic = 1 << 20
	// T1 and T2 are the timers of RFC 3261, section 17.1.2.2, for requests over UDP.
	t1 = 500 * time.Millisecond
	t2 = 4 * time.Second
)

// A wire sends requests and reads the answers to them, over one connection.
type wire struct {
	raw  net.Conn // what deadlines are set on
	conn io.ReadWriter
	udp  bool
	in   *sip.Reader // of a stream
	// provisional is the last provisional answer to the request that is under way.
	provisional *sip.Message
}

func newWire(raw, conn net.Conn, udp bool) *wire {
	return over(raw, probe.Limit(conn, maxTraffic), udp)
}

func over(raw net.Conn, conn io.ReadWriter, udp bool) *wire {
	return &wire{raw: raw, conn: conn, udp: udp, in: sip.NewReader(conn)}
}

// ask sends a request and waits for its final answer: over UDP it sends it again as the timers say. The context's deadline
// ends the wait. A request with a credential is sent once.
func (w *wire) ask(ctx context.Context, req *request) (*sip.Message, error) {
	w.provisional = nil
	if err := w.write(req.text); err != nil {
		return nil, err
	}
	resend := t1
	if req.once { // a server that counts credentials counts each copy
		resend = time.Hour
	}
	for {
		if w.udp {
			_ = w.raw.SetReadDeadline(earlier(ctx, time.Now().Add(resend)))
		}
		res, err := w.next()
		switch {
		case err == nil && res.Status >= 200 && (answers(res, req) || !w.udp && nameless(res)):
			return res, nil
		case err == nil:
			if answers(res, req) {
				w.provisional = res
			}
			continue // provisional, or an answer to something else
		case w.udp && errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil && time.Now().Before(earlier(ctx, time.Now().Add(time.Hour))):
			if err := w.write(req.text); err != nil {
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

// answers reports whether the response is one to the request: a late answer to an earlier one is not. It must repeat Call-ID and CSeq (RFC
// 3261, section 8.2.6.2); one that has lost one of them is known by the other.
func answers(res *sip.Message, req *request) bool {
	id := res.Header.Get("Call-ID")
	cseq, ok := res.CSeq()
	return (id != "" || ok) && (id == "" || id == req.callID) && (!ok || cseq == req.cseq)
}

// nameless reports whether a response does not say which request it is for: servers that could not read a request answer so, and one
// connection has one request under way.
func nameless(res *sip.Message) bool {
	_, ok := res.CSeq()
	return res.Header.Get("Call-ID") == "" && !ok
}

// errNotSIP marks a message that is not a SIP response.
var errNotSIP = errors.New("the answer is not a SIP response")

// next reads the next response.
func (w *wire) next() (*sip.Message, error) {
	res, err := w.message()
	switch {
	case errors.Is(err, sip.ErrMalformed):
		return nil, fmt.Errorf("%w: %w", errNotSIP, err)
	case err != nil:
		return nil, err
	case res.Status == 0:
		return nil, fmt.Errorf("%w but a request", errNotSIP)
	}
	return res, nil
}

func (w *wire) message() (*sip.Message, error) {
	if !w.udp {
		return w.in.Next()
	}
	buf := make([]byte, sip.MaxMessage)
	for {
		n, err := w.conn.Read(buf)
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimRight(buf[:n], "\r\n")) > 0 { // empty lines keep a connection open
			return sip.Parse(buf[:n])
		}
	}
}

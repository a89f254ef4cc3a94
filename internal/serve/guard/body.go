package guard

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// The memory of bodies on their way. Every connection may have a head in memory; what is longer takes pieces of a budget that all share;
// and of the large ones only so many are read at once, the others wait in the network.
const (
	headSize  = 4 << 10
	pieceSize = 64 << 10
	budget    = 8 << 20 // of all bodies up to smallBody
	smallBody = 1 << 20
	large     = 1 // bodies beyond that at once, each as long as allowed
)

// bodies reads the bodies of requests into memory.
type bodies struct {
	most   int64
	wait   time.Duration // for a piece; three times that for the turn of a large body
	pieces lane
	large  lane
	pool   *sync.Pool
}

func newBodies(most int64, wait time.Duration) bodies {
	return bodies{most: most, wait: wait, pieces: newLane(budget / pieceSize), large: newLane(large),
		pool: &sync.Pool{New: func() any { return new([pieceSize]byte) }}}
}

// A body is a request's, whole and in memory. It is read once.
type body struct {
	head   []byte
	pieces []*[pieceSize]byte
	size   int // of all
	at     int
	leave  []func()
	from   *bodies
}

// read reads the body of r. check sees its beginning first. free what is returned.
func (b *bodies) read(a *answer, r *http.Request, check func(*http.Request, []byte) *refusal) (*body, *refusal) {
	if r.ContentLength > b.most {
		return nil, b.tooLong()
	}
	in := &timedReader{from: http.MaxBytesReader(a.ResponseWriter, r.Body, b.most), answer: a, began: time.Now(), left: r.ContentLength}
	out := &body{head: make([]byte, headSize), from: b}
	n, err := in.fill(out.head)
	out.head, out.size = out.head[:n], n
	if err != nil {
		return nil, b.failed(err)
	}
	if refused := check(r, out.head); refused != nil {
		return nil, refused
	}
	for !in.ended {
		waits := time.Now()
		if refused := out.grow(r); refused != nil {
			out.free()
			return nil, refused
		}
		in.began = in.began.Add(time.Since(waits)) // the client is not to blame
		n, err = in.fill(out.pieces[len(out.pieces)-1][:])
		out.size += n
		if err != nil {
			out.free()
			return nil, b.failed(err)
		}
	}
	a.bodyRead = true
	_ = a.control.SetReadDeadline(time.Time{})
	return out, nil
}

// grow takes another piece. A large body, or one that does not say how long it is, waits until it is its turn.
func (o *body) grow(r *http.Request) *refusal {
	turn, wait := o.from.pieces, o.from.wait
	if r.ContentLength < 0 || r.ContentLength > smallBody {
		turn, wait = o.from.large, 3*wait
	}
	if turn != o.from.large || len(o.pieces) == 0 {
		leave, ok := turn.enter(r.Context(), wait)
		if !ok {
			return busy()
		}
		o.leave = append(o.leave, leave)
	}
	o.pieces = append(o.pieces, o.from.pool.Get().(*[pieceSize]byte)) //nolint:forcetypeassert // of this pool
	return nil
}

// failed judges the error of a read.
func (b *bodies) failed(err error) *refusal {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return b.tooLong()
	}
	return &refusal{status: http.StatusRequestTimeout, text: "The body of the request did not arrive, or too slowly."}
}

func (b *bodies) tooLong() *refusal {
	return &refusal{status: http.StatusRequestEntityTooLarge, text: "The body of the request is too long. --max-upload sets the limit."}
}

// Read gives the next bytes. They are copied: a piece belongs to another request later, from its end on.
func (o *body) Read(p []byte) (int, error) {
	if o.at >= o.size {
		return 0, io.EOF
	}
	from := o.head[min(o.at, len(o.head)):]
	if len(from) > 0 {
		n := copy(p, from)
		o.at += n
		return n, nil
	}
	at := o.at - len(o.head)
	from = o.pieces[at/pieceSize][at%pieceSize : min(pieceSize, at%pieceSize+o.size-o.at)]
	n := copy(p, from)
	o.at += n
	if n == len(from) {
		o.put(at / pieceSize)
	}
	return n, nil
}

// Close does nothing: free does.
func (o *body) Close() error { return nil }

// free gives the memory back. What was in it is gone.
func (o *body) free() {
	for i := range o.pieces {
		o.put(i)
	}
	clear(o.head)
	for _, leave := range o.leave {
		leave()
	}
	o.pieces, o.leave, o.size = nil, nil, 0
}

// put gives one piece back.
func (o *body) put(i int) {
	if p := o.pieces[i]; p != nil {
		clear(p[:])
		o.from.pool.Put(p)
		o.pieces[i] = nil
	}
}

// A timedReader gives the client its time for every read.
type timedReader struct {
	from   io.Reader
	answer *answer
	began  time.Time
	n      int64 // read so far
	left   int64 // what is still to come, below 0 if that is not known
	ended  bool
}

// fill reads until p is full or the body ends. A body that ends before the length that it announced is an error.
func (t *timedReader) fill(p []byte) (n int, err error) {
	for n < len(p) && !t.ended {
		_ = t.answer.control.SetReadDeadline(due(t.began, t.n)) // a recorder in a test has none
		m, err := t.from.Read(p[n:])
		n, t.n, t.left = n+m, t.n+int64(m), t.left-int64(m)
		t.ended = errors.Is(err, io.EOF) || t.left == 0
		if err != nil && !t.ended {
			return n, err
		}
	}
	return n, nil
}

package guard

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"
)

// A client takes and gives at least so much once a while is over; who is slower loses the connection.
const (
	grace   = 10 * time.Second
	minRate = 64 << 10 // bytes a second
)

// due is until when n bytes must have passed.
func due(began time.Time, n int64) time.Time {
	return began.Add(grace + time.Duration(n)*time.Second/minRate)
}

// An answer watches over what is written.
type answer struct {
	http.ResponseWriter
	control  *http.ResponseController
	began    time.Time // by the clock of the options
	first    time.Time // when the first byte was written
	written  int64
	status   int
	bodyRead bool
	panicked string // what the log says of it
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write passes the answer on in pieces, and gives the client its time for each.
func (a *answer) Write(p []byte) (n int, err error) {
	const piece = 64 << 10
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.first.IsZero() {
		a.first = time.Now()
	}
	for {
		part := p[n:min(n+piece, len(p))]
		_ = a.control.SetWriteDeadline(due(a.first, a.written)) // a recorder in a test has none
		m, err := a.ResponseWriter.Write(part)
		n, a.written = n+m, a.written+int64(m)
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// recover turns a panic into an answer. Its value may hold what a user typed, so the log has its type and the functions alone.
func (a *answer) recover() {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler { //nolint:errorlint // it is thrown as it is
		panic(cause)
	}
	a.panicked = fmt.Sprintf("panic: %T in %s", cause, callers())
	if err, ok := cause.(runtime.Error); ok {
		a.panicked = fmt.Sprintf("panic: %v in %s", err, callers())
	}
	if a.status != 0 { // the answer was begun: end the connection, so that the client does not take it for whole
		a.status = http.StatusInternalServerError
		panic(http.ErrAbortHandler)
	}
	(&refusal{status: http.StatusInternalServerError, text: "The server made a mistake. Its log says where."}).write(a)
}

// callers names the functions that led to a panic.
func callers() string {
	var pcs [24]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	var names []string
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			names = append(names, fmt.Sprintf("%s:%d", f.Function, f.Line))
		}
		if !more || len(names) == 8 {
			return strings.Join(names, " < ")
		}
	}
}

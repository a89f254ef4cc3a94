package wire

import (
	"context"
	"sync"
	"time"
)

// health knows whether a server still answers anything. If a server is gone, not every question must wait for its whole
// time-out. If a server is silent about some names only, it must still be asked about all others.
type health struct {
	mu         sync.Mutex
	failures   int // questions in a row without an answer
	lastAnswer time.Time
	checked    time.Time // when the last check ended
	alive      bool      // what it found
	checking   chan struct{}
}

// suspicious is how many questions in a row may stay without an answer before the server itself is checked.
const suspicious = 16

func (h *health) note(answered bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if answered {
		h.failures, h.lastAnswer = 0, time.Now()
	} else {
		h.failures++
	}
}

// answering reports whether the server has answered within the last span of time.
func (h *health) answering(span time.Duration) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.lastAnswer.IsZero() && time.Since(h.lastAnswer) < span
}

// well reports whether questions can be asked without a check.
func (h *health) well(span time.Duration) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.trusted(span)
}

func (h *health) trusted(span time.Duration) bool {
	return h.failures < suspicious || !h.lastAnswer.IsZero() && time.Since(h.lastAnswer) < span
}

// ok decides whether to ask. The check asks something harmless and reports whether any answer came; its result holds for
// one span.
func (h *health) ok(ctx context.Context, span time.Duration, check func(context.Context) bool) bool {
	h.mu.Lock()
	if h.trusted(span) {
		h.mu.Unlock()
		return true
	}
	if !h.checked.IsZero() && (time.Since(h.checked) < span || h.checking != nil) {
		alive := h.alive
		h.mu.Unlock()
		return alive
	}
	if running := h.checking; running != nil {
		h.mu.Unlock()
		select {
		case <-running:
			return h.found()
		case <-ctx.Done():
			return false
		}
	}
	done := make(chan struct{})
	h.checking = done
	h.mu.Unlock()
	alive := check(ctx)
	h.mu.Lock()
	h.checked, h.alive, h.checking = time.Now(), alive, nil
	h.mu.Unlock()
	close(done)
	return alive
}

func (h *health) found() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.alive
}

// rtt estimates how long an answer takes, as TCP does (RFC 6298).
type rtt struct {
	mu             sync.Mutex
	samples        int
	smooth, spread time.Duration
}

func (r *rtt) add(took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.samples++; r.samples == 1 {
		r.smooth, r.spread = took, took/2
		return
	}
	off := took - r.smooth
	r.smooth += off / 8
	r.spread += (max(off, -off) - r.spread) / 4
}

// The first wait for an answer is at least shortest. A server is known after enough answers.
const (
	shortest = 250 * time.Millisecond
	enough   = 16
)

// wait is how long to wait for the first answer to a question: the whole time-out while little is known, else what the
// server's pace suggests. An answer that comes later still counts.
func (r *rtt) wait(timeout time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.samples < enough {
		return timeout
	}
	return min(timeout, max(shortest, 4*(r.smooth+r.spread)))
}

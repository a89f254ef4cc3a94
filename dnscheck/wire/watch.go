package wire

import (
	"sync/atomic"
	"time"
)

// A watch looks now and then for waits that are over, because of their deadline or of their context. For each question this costs less than
// a timer and a channel. It sleeps while no question is under way.
type watch struct {
	waiting atomic.Int32
	wake    chan struct{} // holds one
	end     chan struct{}
}

// glance is how often the watch looks: often enough for every time-out, and for a user who cancels the run.
const glance = 10 * time.Millisecond

func newWatch() *watch { return &watch{wake: make(chan struct{}, 1), end: make(chan struct{})} }

// add counts one more wait.
func (w *watch) add() {
	if w.waiting.Add(1) == 1 {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

func (w *watch) done() { w.waiting.Add(-1) }

// run calls expire now and then until the watch is closed.
func (w *watch) run(expire func(now time.Time)) {
	ticks := time.NewTicker(glance)
	defer ticks.Stop()
	for {
		if w.waiting.Load() == 0 {
			ticks.Stop()
			select {
			case <-w.wake:
				ticks.Reset(glance)
			case <-w.end:
				return
			}
		}
		select {
		case now := <-ticks.C:
			expire(now)
		case <-w.end:
			return
		}
	}
}

func (w *watch) close() { close(w.end) }

package dnscheck

import (
	"context"
	"iter"

	"cupclint/dnscheck/wire"
)

// A worker looks at one subject after the other. It is a coroutine: while it waits for an answer, no goroutine waits, and it continues on
// the goroutine that receives the answer. For a hundred thousand questions, waking goroutines would take longer than all else.
type worker struct {
	*Prober
	judge *judge
	// The last question for a wildcard record: neighbours often are in one domain.
	wildcardDomain string
	wildcardLookup *Lookup

	line  *wire.Line
	next  func() (struct{}, bool) // continues the work until it waits
	yield func(struct{}) bool
	end   func()
	// What it waits for: a function that takes time, or else the reply to a question.
	job   func()
	ctx   context.Context
	q     wire.Question
	reply *wire.Reply
}

func newWorker(p *Prober) *worker {
	w := &worker{Prober: p, judge: newJudge(nil)}
	w.line = p.Client.servers[0].Line(w.answered)
	return w
}

// start begins the work. It calls end after it, on any goroutine.
func (w *worker) start(work, end func()) {
	w.end = end
	w.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		w.yield = yield
		work()
	})
	w.resume()
}

// resume continues the work until it waits. Then another goroutine may continue it at once.
func (w *worker) resume() {
	if _, more := w.next(); !more {
		w.end()
		return
	}
	if job := w.job; job != nil {
		w.job = nil
		go func() {
			job()
			w.resume()
		}()
		return
	}
	w.line.Ask(w.ctx, w.q)
}

func (w *worker) answered(r *wire.Reply) {
	w.reply = r
	w.resume()
}

// ask is called by the work.
func (w *worker) ask(ctx context.Context, q wire.Question) *wire.Reply {
	w.ctx, w.q = ctx, q
	w.yield(struct{}{})
	return w.reply
}

// wait is called by the work.
func (w *worker) wait(f func()) {
	w.job = f
	w.yield(struct{}{})
}

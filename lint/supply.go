package lint

import (
	"context"
	"sync"

	"cupclint/export"
)

// A supply hands the sources of a run to the workers, in order, while they may still be searched.
type supply struct {
	mu      sync.Mutex
	more    sync.Cond
	sources []export.Source
	next    int  // the source that is handed out next
	whole   bool // the search has ended
}

// add takes sources that were found.
func (s *supply) add(sources []export.Source) {
	s.mu.Lock()
	s.sources = append(s.sources, sources...)
	s.mu.Unlock()
	s.more.Broadcast()
}

// end says that there are no further sources.
func (s *supply) end() {
	s.mu.Lock()
	s.whole = true
	s.mu.Unlock()
	s.more.Broadcast()
}

// take waits for the next source and returns it with its place in the order of the run. ok is false where there is none any more.
func (s *supply) take() (src export.Source, index int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.next == len(s.sources) {
		if s.whole {
			return src, 0, false
		}
		s.more.Wait()
	}
	s.next++
	return s.sources[s.next-1], s.next - 1, true
}

// count returns how many sources there are; 0 where that is not known yet.
func (s *supply) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.whole {
		return 0
	}
	return len(s.sources)
}

// supplied finds the sources, and starts workers as soon as there is something to do. It returns when the search has ended.
func (r *run) supplied(ctx context.Context, start func(*worker)) (workers []*worker) {
	hire := func(sources int) {
		for len(workers) < r.jobs(sources) {
			w := r.newWorker()
			workers = append(workers, w)
			start(w)
		}
	}
	switch {
	case r.Search == nil:
	case len(r.policy.deployments) > 0: // any file may say something about the others of its deployment
		r.Errors = append(r.Errors, r.Search(ctx, func(more []export.Source) { r.Sources = append(r.Sources, more...) })...)
		r.jabber.add(r.Sources)
		r.supply.sources = r.Sources
	default:
		r.Errors = append(r.Errors, r.Search(ctx, func(more []export.Source) {
			r.jabber.add(more)
			r.supply.add(more)
			hire(len(r.supply.sources))
		})...)
		r.Sources = r.supply.sources
	}
	r.supply.end()
	r.cut = r.Search != nil && ctx.Err() != nil
	hire(max(1, len(r.Sources)))
	return workers
}

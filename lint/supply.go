package lint

import (
	"context"
	"sync"

	"cupclint/export"
)

// A supply hands the sources of a run to the workers, in order, while they may still be searched.
type supply struct {
	mu    sync.Mutex
	more  sync.Cond
	list  *export.Sources
	next  *export.SourceReader
	given int   // how many sources were handed out
	whole bool  // the search has ended
	err   error // of reading the list
}

// add takes sources that were found, and returns how many there are.
func (s *supply) add(sources []export.Source) int {
	s.mu.Lock()
	s.list.Add(sources)
	n := s.list.Len()
	s.mu.Unlock()
	s.more.Broadcast()
	return n
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
	for {
		if src, ok, s.err = s.next.Next(); ok {
			s.given++
			return src, s.given - 1, true
		}
		if s.whole || s.err != nil {
			return src, 0, false
		}
		s.more.Wait()
	}
}

// count returns how many sources there are; 0 where that is not known yet.
func (s *supply) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.whole {
		return 0
	}
	return s.list.Len()
}

// supplied finds the sources, and has workers judge them as soon as there are several. It returns when all is done.
func (r *run) supplied(ctx context.Context) (workers []*worker) {
	var wg sync.WaitGroup
	defer wg.Wait()
	hire := func(n int) {
		for len(workers) < n {
			w := r.newWorker()
			workers = append(workers, w)
			wg.Go(func() { w.work(ctx) })
		}
	}
	if r.Search != nil {
		early := len(r.policy.deployments) == 0 // else any file may say something about the others of its deployment
		r.Errors = append(r.Errors, r.Search(ctx, func(more []export.Source) {
			r.jabber.add(more)
			if n := r.supply.add(more); early && n > 1 {
				hire(r.jobs(n))
			}
		})...)
	}
	r.supply.end()
	r.cut = r.Search != nil && ctx.Err() != nil
	if n := r.jobs(max(1, r.sources.Len())); len(workers) < n {
		hire(n - 1)
		last := r.newWorker() // works here: for a single source, another goroutine would cost a thread
		workers = append(workers, last)
		last.work(ctx)
	}
	return workers
}

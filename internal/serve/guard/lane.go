package guard

import (
	"context"
	"net/http"
	"time"
)

// A lane lets so many pass at once.
type lane chan struct{}

func newLane(places int) lane { return make(lane, places) }

// enter waits for a place. Call leave when ok.
func (l lane) enter(ctx context.Context, wait time.Duration) (leave func(), ok bool) {
	leave = func() { <-l }
	select {
	case l <- struct{}{}:
		return leave, true
	default:
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case l <- struct{}{}:
		return leave, true
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil, false
}

// Limit lets so many requests into a handler at once. The others wait, and after a while get status 503.
func Limit(places int, wait time.Duration, next http.Handler) http.Handler {
	l := newLane(places)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leave, ok := l.enter(r.Context(), wait)
		if !ok {
			w.Header().Set("Retry-After", "5")
			http.Error(w, busy().text, http.StatusServiceUnavailable)
			return
		}
		defer leave()
		next.ServeHTTP(w, r)
	})
}

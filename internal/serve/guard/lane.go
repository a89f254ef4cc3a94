package guard

import (
	"context"
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

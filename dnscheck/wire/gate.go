package wire

import (
	"context"
	"sync"
)

// A gate bounds how many questions are under way to one server. The bound halves when answers are lost and grows again
// by one with every round in which no answer is lost, as TCP's congestion window does (RFC 5681).
type gate struct {
	mu      sync.Mutex
	most    float64
	limit   float64
	inUse   int
	waiting []chan struct{}
}

// least is the lowest bound: with fewer questions, one lost answer would delay all others.
const least = 4

func newGate(most int) *gate {
	return &gate{most: float64(most), limit: float64(most)}
}

// mayEnter takes a place if one is free.
func (g *gate) mayEnter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inUse >= int(g.limit) {
		return false
	}
	g.inUse++
	return true
}

func (g *gate) enter(ctx context.Context) error {
	g.mu.Lock()
	if g.inUse < int(g.limit) {
		g.inUse++
		g.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	g.waiting = append(g.waiting, turn)
	g.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, c := range g.waiting {
		if c == turn {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return ctx.Err()
		}
	}
	g.release() // the turn came at the same moment
	return ctx.Err()
}

// leave frees the place. Lost says that the answer did not come.
func (g *gate) leave(lost bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if lost {
		g.limit = max(min(least, g.most), g.limit/2)
	} else {
		g.limit = min(g.most, g.limit+1/g.limit)
	}
	g.release()
}

func (g *gate) release() {
	g.inUse--
	for len(g.waiting) > 0 && g.inUse < int(g.limit) {
		close(g.waiting[0])
		g.waiting = g.waiting[1:]
		g.inUse++
	}
}

package cli

import (
	"fmt"
	"time"
)

// A progress line on a terminal's standard error: how many of how many are done. It appears after a second of work, is
// written at most ten times a second and is gone at the end. One counter needs no library: those to be had bring a
// colour parser or a goroutine for each bar along.
type progress struct {
	env   *environment
	what  string
	start time.Time
	last  time.Time
	shown bool
}

const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

func newProgress(env *environment, what string) *progress {
	return &progress{env: env, what: what, start: time.Now()}
}

// update is never called twice at once.
func (p *progress) update(done, total int) {
	if !p.env.errTerminal || p.env.getenv("TERM") == "dumb" {
		return
	}
	now := time.Now()
	if now.Sub(p.start) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	p.last, p.shown = now, true
	const cells = 30
	full := 0
	percent := 0
	if total > 0 {
		full, percent = cells*done/total, 100*done/total
	}
	bar := make([]byte, cells)
	for i := range bar {
		bar[i] = '.'
		if i < full {
			bar[i] = '#'
		}
	}
	fmt.Fprintf(p.env.stderr, "\r[%s] %3d %%  %d of %d %s", bar, percent, done, total, p.what)
}

// done takes the line away.
func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.env.stderr, "\r\x1b[K")
	}
}

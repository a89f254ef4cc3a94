package term

import (
	"fmt"
	"time"
)

// A Progress is a line on a terminal's standard error: how many of how many are done. It appears after a second of work, is
// written at most ten times a second and is gone at the end. One counter needs no library: the available ones need a
// colour parser or a goroutine for each bar.
type Progress struct {
	on    Screen
	what  string
	start time.Time
	last  time.Time
	shown bool
}

const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

// NewProgress begins to count what; the word follows the numbers.
func NewProgress(on Screen, what string) *Progress {
	return &Progress{on: on, what: what, start: time.Now()}
}

// Update says how far it is. A total of 0 is one that is not known yet. It is never called twice at once.
func (p *Progress) Update(done, total int) {
	if !p.on.Live {
		return
	}
	now := time.Now()
	if now.Sub(p.start) < progressAfter || now.Sub(p.last) < progressEvery {
		return
	}
	p.last, p.shown = now, true
	if total == 0 {
		fmt.Fprintf(p.on.W, "\r%d %s, and still searching", done, p.what)
		return
	}
	const cells = 30
	full, percent := cells*done/total, 100*done/total
	bar := make([]byte, cells)
	for i := range bar {
		bar[i] = '.'
		if i < full {
			bar[i] = '#'
		}
	}
	fmt.Fprintf(p.on.W, "\r[%s] %3d %%  %d of %d %s", bar, percent, done, total, p.what)
}

// Done takes the line away.
func (p *Progress) Done() {
	if p.shown {
		fmt.Fprint(p.on.W, "\r\x1b[K")
	}
}

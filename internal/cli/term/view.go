package term

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"cupclint/internal/report"
)

// A View shows on a terminal's standard error what runs: a line for each row, with its phase and the time it takes, and a line that stays
// for each that ended. Anywhere else it shows nothing. Only a few lines are under way; they are drawn again as a block, which needs no
// library.
type View struct {
	on    Screen
	rows  []string
	stop  chan struct{}
	ended sync.WaitGroup

	mu      sync.Mutex
	started map[int]*underWay
	order   []int
	shown   int // lines of the block on the screen
	done    int
	results []string // lines that wait to be written above the block
}

type underWay struct {
	since time.Time
	phase string
}

// maxUnderWay is how many targets under way the block lists.
const maxUnderWay = 12

// NewView begins to show the rows, which are clean texts. Close ends it.
func NewView(on Screen, rows []string) *View {
	v := &View{on: on, rows: rows, stop: make(chan struct{}), started: make(map[int]*underWay)}
	if !on.Live {
		return v
	}
	v.ended.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-v.stop:
				return
			case <-tick.C:
				v.draw()
			}
		}
	})
	return v
}

// Begin says that a row is in a phase. It may be called from many goroutines.
func (v *View) Begin(row int, phase string) {
	if !v.on.Live {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	u := v.started[row]
	if u == nil {
		u = &underWay{since: time.Now()}
		v.started[row] = u
		v.order = append(v.order, row)
	}
	u.phase = phase
}

// End says how a row ended: a word of four letters, and a clean text. It may be called from many goroutines.
func (v *View) End(row int, mark, text string) {
	if !v.on.Live {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done++
	delete(v.started, row)
	v.results = append(v.results, v.line(mark, row, text))
}

func (v *View) line(mark string, row int, text string) string {
	return v.fit(fmt.Sprintf("%-4s  %s  %s", mark, v.rows[row], text))
}

// fit cuts a line to the terminal's width: one that wraps would be two when the block is drawn again.
func (v *View) fit(s string) string {
	width := v.on.Width
	if width <= 0 {
		width = 80
	}
	if report.TextWidth(s) < width {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if report.TextWidth(b.String())+3 >= width {
			break
		}
		b.WriteRune(r)
	}
	return b.String() + ".."
}

// draw writes what ended, and the block anew below it.
func (v *View) draw() {
	v.mu.Lock()
	defer v.mu.Unlock()
	var b strings.Builder
	if v.shown > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r\x1b[J", v.shown) // up to the block's first line, and all below it away
	}
	for _, line := range v.results {
		b.WriteString(line + "\n")
	}
	v.results, v.shown = nil, 0
	kept := v.order[:0]
	for _, row := range v.order {
		u := v.started[row]
		if u == nil {
			continue
		}
		kept = append(kept, row)
		if v.shown == maxUnderWay {
			continue
		}
		b.WriteString(v.line("", row, fmt.Sprintf("%s  %.1f s", u.phase, time.Since(u.since).Seconds())) + "\n")
		v.shown++
	}
	v.order = kept
	if waiting := len(v.rows) - v.done - v.shown; v.shown > 0 && waiting > 0 {
		fmt.Fprintf(&b, "      and %d more\n", waiting)
		v.shown++
	}
	fmt.Fprint(v.on.W, b.String())
}

// Close takes the block away; the lines of what ended stay.
func (v *View) Close() {
	if !v.on.Live {
		return
	}
	close(v.stop)
	v.ended.Wait()
	v.draw()
}

package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/report"
)

// An auditView shows on a terminal's standard error what an audit does: a line for each target, with its phase and the time it takes,
// and a line that stays for each that ended. Anywhere else it shows nothing. The lines that are under way are few and drawn
// again as a block, which takes no library.
type auditView struct {
	env   *environment
	rows  []area.Row
	on    bool
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

func newAuditView(env *environment, rows []area.Row) *auditView {
	v := &auditView{env: env, rows: rows, on: env.errTerminal && env.getenv("TERM") != "dumb", stop: make(chan struct{}), started: make(map[int]*underWay)}
	if !v.on {
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

// tell takes in what happened. It may be called from many goroutines.
func (v *auditView) tell(e audit.Event) {
	if !v.on {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if e.End != nil {
		v.done++
		delete(v.started, e.Row)
		mark := "done"
		if e.End.Incomplete != "" {
			mark = "stop"
		}
		v.results = append(v.results, v.line(mark, e.Row, report.Clean(e.End.Summary)))
		return
	}
	u := v.started[e.Row]
	if u == nil {
		u = &underWay{since: time.Now()}
		v.started[e.Row] = u
		v.order = append(v.order, e.Row)
	}
	u.phase = e.Phase
}

func (v *auditView) line(mark string, row int, text string) string {
	r := v.rows[row]
	return v.fit(fmt.Sprintf("%-4s  %-9s  %s  %s", mark, r.Area, r.Target, text))
}

// fit cuts a line to the terminal's width: one that wraps would be two when the block is drawn again.
func (v *auditView) fit(s string) string {
	width := v.env.errWidth
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
func (v *auditView) draw() {
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
	fmt.Fprint(v.env.stderr, b.String())
}

// close takes the block away; the lines of what ended stay.
func (v *auditView) close() {
	if !v.on {
		return
	}
	close(v.stop)
	v.ended.Wait()
	v.draw()
}

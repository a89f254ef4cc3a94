package history

import (
	"fmt"
	"io"
	"strings"
	"time"

	"cupclint/lint"
)

// The chart in its own units; it scales.
const (
	chartWidth, chartHeight = 840, 400
	left, right             = 64, 716
	top, bottom             = 56, 340
	// maxMarks is up to how many runs each has a mark of its own.
	maxMarks = 60
	// labelGap is the least distance between the labels at the ends of the lines.
	labelGap = 18
)

// A series is one line of the chart. The dashes distinguish lines where colours do not.
type series struct {
	name, class string
	of          func(lint.Counts) int
}

func (s *series) counted(n int) string {
	if n == 1 {
		return "1 " + strings.TrimSuffix(s.name, "s")
	}
	return fmt.Sprintf("%d %s", n, s.name)
}

var lines = [...]series{
	{"errors", "error", func(c lint.Counts) int { return c.Error }},
	{"warnings", "warning", func(c lint.Counts) int { return c.Warning }},
	{"infos", "info", func(c lint.Counts) int { return c.Info }},
}

// chartStyle has the colours of the HTML report.
const chartStyle = `text{font:13px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:#1b2027}
.title{font-size:17px;font-weight:600}.soft{fill:#4d5866}.ground{fill:#fff}.grid{stroke:#d3d8df}
polyline{fill:none;stroke-width:2.5;stroke-linejoin:round}.name{font-weight:600}
polyline.error{stroke:#b3201d}polyline.warning{stroke:#8a5200;stroke-dasharray:10 4}polyline.info{stroke:#1f5fa8;stroke-dasharray:3 4}
circle.error,text.error{fill:#b3201d}circle.warning,text.warning{fill:#8a5200}circle.info,text.info{fill:#1f5fa8}
@media (prefers-color-scheme:dark){text{fill:#e7eaee}.soft{fill:#aab4c0}.ground{fill:#14171b}.grid{stroke:#39414c}
polyline.error{stroke:#ff8f88}polyline.warning{stroke:#f2bd5f}polyline.info{stroke:#86b9f5}
circle.error,text.error{fill:#ff8f88}circle.warning,text.warning{fill:#f2bd5f}circle.info,text.info{fill:#86b9f5}}`

// WriteChart writes the counts of the runs over their times as a picture in SVG, which needs nothing else.
func (h *History) WriteChart(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="t d">`+"\n", chartWidth, chartHeight)
	fmt.Fprintf(&b, "<title id=\"t\">Findings over time</title>\n<desc id=\"d\">%s</desc>\n<style>%s</style>\n", h.describe(), chartStyle)
	fmt.Fprintf(&b, `<rect class="ground" width="%d" height="%d"/>`+"\n", chartWidth, chartHeight)
	fmt.Fprintf(&b, `<text class="title" x="%d" y="28">Findings over time</text>`+"\n", left)
	if len(h.Runs) == 0 {
		fmt.Fprintf(&b, `<text x="%d" y="%d">The history has no run.</text>`+"\n", left, (top+bottom)/2)
	} else {
		h.draw(&b)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// describe says in words what the chart shows.
func (h *History) describe() string {
	if len(h.Runs) == 0 {
		return "No run."
	}
	first, last := &h.Runs[0], &h.Runs[len(h.Runs)-1]
	var b strings.Builder
	fmt.Fprintf(&b, "%d runs from %s to %s UTC.", len(h.Runs), first.Time.UTC().Format(stamp), last.Time.UTC().Format(stamp))
	for _, s := range lines {
		fmt.Fprintf(&b, " %s: from %d to %d.", strings.ToUpper(s.name[:1])+s.name[1:], s.of(first.Findings), s.of(last.Findings))
	}
	return b.String()
}

func (h *History) draw(b *strings.Builder) {
	most := 0
	for i := range h.Runs {
		for _, s := range lines {
			most = max(most, s.of(h.Runs[i].Findings))
		}
	}
	step := niceStep(most)
	scale := step * ((most + step - 1) / step)
	y := func(n int) float64 { return bottom - float64(n)/float64(max(1, scale))*(bottom-top) }
	for n := 0; n <= scale; n += step {
		fmt.Fprintf(b, `<path class="grid" d="M%d %.1fH%d"/><text class="soft" text-anchor="end" x="%d" y="%.1f">%d</text>`+"\n",
			left, y(n), right, left-8, y(n)+4, n)
	}
	first, last := h.Runs[0].Time, h.Runs[len(h.Runs)-1].Time
	span := last.Sub(first)
	x := func(i int) float64 {
		if span <= 0 { // one run, or several within a second: one after the other
			return left + (right-left)*float64(i+1)/float64(len(h.Runs)+1)
		}
		return left + (right-left)*float64(h.Runs[i].Time.Sub(first))/float64(span)
	}
	drawTimes(b, first, last)
	ends := make([]float64, len(lines))
	for k, s := range lines {
		var d strings.Builder
		for i := range h.Runs {
			fmt.Fprintf(&d, "%.1f,%.1f ", x(i), y(s.of(h.Runs[i].Findings)))
		}
		fmt.Fprintf(b, `<polyline class="%s" points="%s"/>`+"\n", s.class, strings.TrimSpace(d.String()))
		for i := range h.Runs {
			if len(h.Runs) > maxMarks {
				break
			}
			n := s.of(h.Runs[i].Findings)
			fmt.Fprintf(b, `<circle class="%s" cx="%.1f" cy="%.1f" r="3.5"><title>%s: %s</title></circle>`+"\n",
				s.class, x(i), y(n), h.Runs[i].Time.UTC().Format(stamp), s.counted(n))
		}
		ends[k] = y(s.of(h.Runs[len(h.Runs)-1].Findings))
	}
	at := apart(ends)
	for k, s := range lines {
		fmt.Fprintf(b, `<text class="%s name" x="%d" y="%.1f">%s</text>`+"\n", s.class, right+12, at[k]+4,
			s.counted(s.of(h.Runs[len(h.Runs)-1].Findings)))
	}
}

// drawTimes writes the first and the last time below the chart, and the one in the middle.
func drawTimes(b *strings.Builder, first, last time.Time) {
	label := func(x int, anchor string, t time.Time) {
		fmt.Fprintf(b, `<text class="soft" text-anchor="%s" x="%d" y="%d">%s</text>`+"\n", anchor, x, bottom+24, t.UTC().Format(stamp))
	}
	label(left, "start", first)
	if last.After(first) {
		label((left+right)/2, "middle", first.Add(last.Sub(first)/2))
		label(right, "end", last)
	}
	fmt.Fprintf(b, `<text class="soft" text-anchor="middle" x="%d" y="%d">Time of the run (UTC)</text>`+"\n", (left+right)/2, bottom+48)
}

// niceStep is the distance of the lines of the grid: 1, 2 or 5 with zeros, so that there are at most five.
func niceStep(most int) int {
	for unit := 1; ; unit *= 10 {
		for _, n := range [...]int{1, 2, 5} {
			if step := n * unit; most <= 5*step {
				return step
			}
		}
	}
}

// apart moves labels away from each other, in the order of their places, within the chart.
func apart(ends []float64) []float64 {
	at := append([]float64(nil), ends...)
	for range ends { // few labels: one sweep a label is enough
		for i := range at {
			for k := range at {
				if i == k {
					continue
				}
				if d := at[k] - at[i]; d >= 0 && d < labelGap && (d > 0 || k > i) {
					at[i] -= (labelGap - d) / 2
					at[k] += (labelGap - d) / 2
				}
			}
		}
	}
	lowest := 0.0
	for _, y := range at {
		lowest = max(lowest, y)
	}
	for i := range at {
		at[i] -= max(0, lowest-bottom)
	}
	return at
}

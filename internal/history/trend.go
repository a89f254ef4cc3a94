package history

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cupclint/internal/report"
	"cupclint/lint"
)

// maxMovers is how many rules and sites the table names.
const maxMovers = 10

// stamp is how the table writes times, in UTC.
const stamp = "2006-01-02 15:04"

// WriteTable writes the runs, one a line, and the rules and sites whose counts differ between the first of them and the last. Width is the
// number of columns that it may have; 0 breaks no line.
func (h *History) WriteTable(w io.Writer, width int) error {
	rows := [][]string{{"TIME (UTC)", "COMMAND", "EXIT", "FILES", "ERRORS", "WARNINGS", "INFOS", "CHANGE"}}
	for i := range h.Runs {
		r := &h.Runs[i]
		change := ""
		if i > 0 {
			change = changed(total(r.Findings) - total(h.Runs[i-1].Findings))
		}
		rows = append(rows, []string{r.Time.UTC().Format(stamp), report.Clean(r.Command), strconv.Itoa(r.Exit), strconv.Itoa(r.Files),
			strconv.Itoa(r.Findings.Error), strconv.Itoa(r.Findings.Warning), strconv.Itoa(r.Findings.Info), change})
	}
	var b strings.Builder
	b.WriteString(aligned(rows))
	if h.Earlier > 0 {
		fmt.Fprintf(&b, "%d earlier runs are not shown.\n", h.Earlier)
	}
	if len(h.Runs) > 1 {
		first, last := &h.Runs[0], &h.Runs[len(h.Runs)-1]
		movers(&b, width, "RULE", first.Rules, last.Rules)
		movers(&b, width, "SITE", first.Sites, last.Sites)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// aligned puts the first two columns to the left and numbers to the right.
func aligned(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], report.TextWidth(c))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		var line strings.Builder
		for i, c := range r {
			pad := strings.Repeat(" ", widths[i]-report.TextWidth(c))
			if i < 2 {
				c += pad
			} else {
				c = pad + c
			}
			line.WriteString(c + "  ")
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

func changed(n int) string {
	if n == 0 {
		return "="
	}
	return fmt.Sprintf("%+d", n)
}

// movers writes the names whose counts differ most.
func movers(b *strings.Builder, width int, title string, first, last map[string]lint.Counts) {
	type mover struct {
		name      string
		from, to  int
		important int // errors weigh most
	}
	var all []mover
	names := maps.Clone(first)
	if names == nil {
		names = make(map[string]lint.Counts)
	}
	maps.Copy(names, last)
	for name := range names {
		from, to := first[name], last[name]
		if from == to {
			continue
		}
		all = append(all, mover{name, total(from), total(to), abs(to.Error - from.Error)})
	}
	if len(all) == 0 {
		return
	}
	slices.SortFunc(all, func(a, b mover) int {
		return cmp.Or(cmp.Compare(b.important, a.important), cmp.Compare(abs(b.to-b.from), abs(a.to-a.from)), strings.Compare(a.name, b.name))
	})
	rows := [][]string{{"FIRST", "LAST", "CHANGE", title}}
	for _, m := range all[:min(len(all), maxMovers)] {
		rows = append(rows, []string{strconv.Itoa(m.from), strconv.Itoa(m.to), changed(m.to - m.from), report.Clean(cmp.Or(m.name, "(no site)"))})
	}
	b.WriteString("\n" + report.Table(width, rows))
	if more := len(all) - maxMovers; more > 0 {
		fmt.Fprintf(b, "and %d more\n", more)
	}
}

func abs(n int) int { return max(n, -n) }

package term

import (
	"bytes"
	"strings"
	"testing"

	"cupclint/internal/report"
)

func viewOf(rows, width int, live bool) (*View, *bytes.Buffer) {
	var out bytes.Buffer
	texts := make([]string, rows)
	for i := range texts {
		texts[i] = "directory  dc1.example.com:3269"
	}
	return NewView(Screen{W: &out, Width: width, Live: live}, texts), &out
}

// TestTheViewFits proves that no line of the view is wider than the terminal, that the block is bounded, and that what ended stays.
func TestTheViewFits(t *testing.T) {
	v, out := viewOf(40, 60, true)
	for i := range 40 {
		v.Begin(i, "connect")
	}
	v.End(3, "done", strings.Repeat("längeres ", 30))
	v.draw()
	v.mu.Lock()
	first := out.String()
	v.mu.Unlock()
	for i := range 40 {
		if i != 3 {
			v.End(i, "stop", "ok")
		}
	}
	v.Close()
	for _, line := range strings.Split(strings.ReplaceAll(out.String(), "\r", "\n"), "\n") {
		line = line[strings.LastIndex(line, "\x1b")+1:]
		if n := report.TextWidth(line); n > 60 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	if n := strings.Count(first, "connect"); n%maxUnderWay != 0 || n == 0 {
		t.Errorf("the block lists %d targets, want %d", n, maxUnderWay)
	}
	if !strings.Contains(first, "and 27 more") {
		t.Errorf("the number of the others is missing: %q", first)
	}
	if n := strings.Count(out.String(), "\nstop  "); n < 30 {
		t.Errorf("%d lines of what was broken off stay", n)
	}
	if end := out.String(); strings.Contains(end[strings.LastIndex(end, "\x1b["):], "connect") {
		t.Error("the block is not taken away")
	}
}

// TestNoViewElsewhere proves that nothing is drawn without a terminal, or on a terminal that cannot draw.
func TestNoViewElsewhere(t *testing.T) {
	v, out := viewOf(1, 80, false)
	v.Begin(0, "dns")
	v.End(0, "done", "")
	v.Close()
	if out.Len() > 0 {
		t.Errorf("%q", out)
	}
}

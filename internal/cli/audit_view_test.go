package cli

import (
	"bytes"
	"strings"
	"testing"

	"cupclint/internal/area"
	"cupclint/internal/audit"
	"cupclint/internal/diagnose"
	"cupclint/internal/report"
)

func viewOf(rows int, width int, terminal string) (*auditView, *bytes.Buffer) {
	var out bytes.Buffer
	env := &environment{stderr: &out, errTerminal: terminal != "", errWidth: width, getenv: func(name string) string {
		return map[string]string{"TERM": terminal}[name]
	}}
	list := make([]area.Row, rows)
	for i := range list {
		list[i] = area.Row{Area: "directory", Target: "dc1.example.com:3269"}
	}
	return newAuditView(env, list), &out
}

// TestTheViewFits proves that no line of the view is wider than the terminal, that the block is bounded, and that what ended stays.
func TestTheViewFits(t *testing.T) {
	v, out := viewOf(40, 60, "xterm")
	for i := range 40 {
		v.tell(audit.Event{Row: i, Phase: "connect"})
	}
	v.tell(audit.Event{Row: 3, End: &report.Probe{Summary: strings.Repeat("längeres ", 30)}})
	v.draw()
	v.mu.Lock()
	first := out.String()
	v.mu.Unlock()
	for i := range 40 {
		if i != 3 {
			v.tell(audit.Event{Row: i, End: &report.Probe{Summary: "ok", Incomplete: "cancelled"}})
		}
	}
	v.close()
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
		t.Errorf("what is left is not said: %q", first)
	}
	if n := strings.Count(out.String(), "\nstop  "); n < 30 {
		t.Errorf("%d lines of what was broken off stay", n)
	}
	if end := out.String(); strings.Contains(end[strings.LastIndex(end, "\x1b["):], "connect") {
		t.Error("the block is not taken away")
	}
}

// TestNoViewElsewhere proves that nothing is drawn where nobody looks, or where the terminal cannot.
func TestNoViewElsewhere(t *testing.T) {
	for _, terminal := range []string{"", "dumb"} {
		v, out := viewOf(1, 80, terminal)
		v.tell(audit.Event{Row: 0, Phase: "dns"})
		v.tell(audit.Event{Row: 0, End: &report.Probe{}})
		v.close()
		if out.Len() > 0 {
			t.Errorf("TERM=%q: %q", terminal, out)
		}
	}
}

// TestPrompt proves how answers are read: a word wins over the number of a line, nothing means not known.
func TestPrompt(t *testing.T) {
	q := &diagnose.Question{ID: "version", Ask: "Which client is it?", Answers: map[string]string{"1.2": "CUPC 1.2", "7": "CUPC 7.x", "8": "CUPC 8.x", "jabber": "Jabber"}}
	for in, want := range map[string]string{
		"1\n": "1.2", "2\n": "7", "4\n": "jabber", "7\n": "7", "8\n": "8", "JABBER\n": "jabber", "\n": "", "": "", "9\nnonsense\n3\n": "8", "3": "8", "nonsense": "",
		"j\n": "jabber", "cupc 8\n": "8", "cupc\n": "", // it may mean several
	} {
		var out bytes.Buffer
		p := newPrompter(t.Context(), &environment{stdin: strings.NewReader(in), stderr: &out})
		got, err := p.question(q)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
		if strings.Contains(in, "nonsense\n") && !strings.Contains(out.String(), `"nonsense" is not an answer`) {
			t.Errorf("%q: %q", in, out.String())
		}
	}
}

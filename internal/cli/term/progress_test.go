package term

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgressSaysWhenTheTotalIsNotKnown(t *testing.T) {
	var stderr bytes.Buffer
	p := NewProgress(Screen{W: &stderr, Live: true}, "linted")
	p.start = p.start.Add(-2 * progressAfter)
	p.Update(50, 0)
	if got, want := stderr.String(), "\r50 linted, and still searching"; got != want {
		t.Errorf("it writes %q, want %q", got, want)
	}
	p.last = p.last.Add(-2 * progressEvery)
	p.Update(60, 100)
	if !strings.Contains(stderr.String(), "60 of 100 linted") {
		t.Errorf("it writes %q", stderr.String())
	}
}

func TestProgressOnlyOnATerminalAndNotAtOnce(t *testing.T) {
	for _, c := range []struct {
		what string
		live bool
		ago  time.Duration
		want string
	}{
		{"a second has passed", true, 2 * progressAfter, "50 of 100 linted"},
		{"a short run", true, 0, ""},
		{"no terminal", false, 2 * progressAfter, ""},
	} {
		var stderr bytes.Buffer
		p := NewProgress(Screen{W: &stderr, Live: c.live}, "linted")
		p.start = p.start.Add(-c.ago)
		p.Update(50, 100)
		shown := stderr.String()
		p.Done()
		if c.want == "" {
			if stderr.Len() > 0 {
				t.Errorf("%s: it writes %q", c.what, &stderr)
			}
			continue
		}
		if !strings.Contains(shown, c.want) || !strings.Contains(shown, " 50 %") || strings.Count(shown, "#") != strings.Count(shown, ".") {
			t.Errorf("%s: it writes %q", c.what, shown)
		}
		if cleared := strings.TrimPrefix(stderr.String(), shown); cleared != "\r\x1b[K" {
			t.Errorf("%s: at the end it writes %q", c.what, cleared)
		}
	}
}

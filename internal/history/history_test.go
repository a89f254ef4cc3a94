package history_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cupclint/internal/history"
	"cupclint/internal/safefile"
	"cupclint/lint"
)

var update = flag.Bool("update", false, "write the golden files again")

var day = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

// run makes a run some days after the first one, with that many errors in Berlin and warnings in Hamburg.
func run(days, errs, warnings int) *history.Run {
	r := &history.Run{Time: day.AddDate(0, 0, days), Version: "1.2.3", Command: "lint", Files: 600 + days}
	for range errs {
		r.Add("PRES001", "berlin", lint.Error)
		r.Exit = 1
	}
	for range warnings {
		r.Add("LDAP001", "hamburg", lint.Warning)
	}
	return r
}

func read(t *testing.T, name string, last int) *history.History {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h, err := history.Read(f, last)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestWhatIsAppendedIsReadAgain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "history.jsonl")
	for i := range 5 {
		if err := history.Append(t.Context(), name, run(i, 3-i/2, i)); err != nil {
			t.Fatal(err)
		}
	}
	h := read(t, name, 3)
	if len(h.Runs) != 3 || h.Earlier != 2 || len(h.Damaged) != 0 {
		t.Fatalf("%+v", h)
	}
	last := h.Runs[2]
	if !last.Time.Equal(day.AddDate(0, 0, 4)) || last.Findings != (lint.Counts{Error: 1, Warning: 4}) || last.Exit != 1 ||
		last.Rules["PRES001"].Error != 1 || last.Sites["hamburg"].Warning != 4 {
		t.Errorf("%+v", last)
	}
}

// Many runs append at the same time, as a scheduler starts them: no line is lost or torn.
func TestRunsAppendAtTheSameTime(t *testing.T) {
	name := filepath.Join(t.TempDir(), "history.jsonl")
	const runs = 40
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() {
			if err := history.Append(context.Background(), name, run(i, 50, 50)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	h := read(t, name, runs+1)
	seen := map[int]bool{}
	for _, r := range h.Runs {
		seen[r.Files] = true
	}
	if len(h.Runs) != runs || len(seen) != runs || len(h.Damaged) != 0 {
		t.Errorf("%d runs, %d different, %d damaged lines", len(h.Runs), len(seen), len(h.Damaged))
	}
}

// A run that was killed while it wrote leaves a part of a line. The next one does not continue it.
func TestATornLineDamagesNoOther(t *testing.T) {
	name := filepath.Join(t.TempDir(), "history.jsonl")
	if err := os.WriteFile(name, []byte(`{"time":"2026-03-0`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := history.Append(t.Context(), name, run(1, 1, 1)); err != nil {
		t.Fatal(err)
	}
	h := read(t, name, 10)
	if len(h.Runs) != 1 || len(h.Damaged) != 1 || h.Damaged[0].Line != 1 {
		t.Errorf("%+v", h)
	}
	if text, _ := os.ReadFile(name); bytes.Count(text, []byte("\n")) != 2 {
		t.Errorf("%s", text)
	}
}

// A line is bounded whatever the number of sites and the length of their names.
func TestALineIsBounded(t *testing.T) {
	name := filepath.Join(t.TempDir(), "history.jsonl")
	r := run(0, 1, 1)
	for i := range 3 * history.MaxSites {
		r.Add("PRES001", fmt.Sprintf("%05d\xff%s", i, strings.Repeat("\u00e4<&", 200)), lint.Error)
	}
	r.Add("PRES001", "worst", lint.Error)
	r.Add("PRES001", "worst", lint.Error)
	if err := history.Append(t.Context(), name, r); err != nil {
		t.Fatal(err)
	}
	h := read(t, name, 10)
	if len(h.Damaged) > 0 || len(h.Runs) != 1 {
		t.Fatalf("%+v", h.Damaged)
	}
	got := h.Runs[0]
	if len(got.Sites) != history.MaxSites || got.MoreSites != 2*history.MaxSites+3 || got.Sites["worst"].Error != 2 {
		t.Errorf("%d sites and %d more, %+v", len(got.Sites), got.MoreSites, got.Sites["worst"])
	}
}

func TestDamagedLinesAreNamedAndSkipped(t *testing.T) {
	good := `{"time":"2026-03-02T04:00:00Z","version":"1","command":"lint","exit":0,"files":1,"findings":{"error":0,"warning":1,"info":0},` +
		`"rules":{},"sites":{}}`
	text := strings.Join([]string{good, "", "<<<<<<< mine", `{"time": 3}`, `{"command":"lint"}`, strings.Repeat("x", history.MaxLine+1),
		strings.Replace(good, `"exit":0`, `"exit":-1`, 1), `[]`, good + "\r"}, "\n")
	h, err := history.Read(strings.NewReader(text), 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Runs) != 2 {
		t.Errorf("%d runs", len(h.Runs))
	}
	var got []string
	for _, d := range h.Damaged {
		got = append(got, fmt.Sprintf("%d:%d %s", d.Line, d.Column, d.Why))
	}
	want := []string{"3:1 not JSON", "4:1 not a run: invalid time", "5:1 not a run: no time", "6:1048577 the line is longer",
		"7:1 not a run: a number is out of bounds", "8:1 not a run: the line has the type array"}
	for i, w := range want {
		if i >= len(got) || !strings.HasPrefix(got[i], w) {
			t.Errorf("%q, want %q", got, want)
			break
		}
	}
	if h, _ := history.Read(strings.NewReader(strings.Repeat("x\n", 100)), 1); len(h.Damaged)+h.MoreDamaged != 100 {
		t.Errorf("%d damaged lines", len(h.Damaged)+h.MoreDamaged)
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := history.Append(t.Context(), dir, run(0, 1, 1)); !errors.Is(err, safefile.ErrNotRegular) {
		t.Errorf("a folder: %v", err)
	}
	if err := history.Append(t.Context(), filepath.Join(dir, "missing", "h"), run(0, 1, 1)); err == nil ||
		!strings.Contains(err.Error(), "missing") {
		t.Errorf("a folder that does not exist: %v", err)
	}
	other := filepath.Join(dir, "hq.xml")
	if err := os.WriteFile(other, []byte("<config/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := history.Append(t.Context(), other, run(0, 1, 1)); err == nil || !strings.Contains(err.Error(), "not a history") {
		t.Errorf("an export: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "missing")); err == nil {
		t.Error("a folder was made")
	}
}

func trend() *history.History {
	h := &history.History{Earlier: 7}
	for i, n := range [...][2]int{{12, 40}, {12, 41}, {9, 38}, {9, 20}, {4, 21}, {0, 3}} {
		r := run(i*3, n[0], n[1])
		if i > 2 {
			r.Add("SIP001", "k\u00f6ln & <site>", lint.Info)
			r.Add("HYG001", "", lint.Warning)
		}
		h.Runs = append(h.Runs, *r)
	}
	return h
}

func TestTableAndChart(t *testing.T) {
	for name, write := range map[string]func(*history.History, *bytes.Buffer) error{
		"trend.txt": func(h *history.History, b *bytes.Buffer) error { return h.WriteTable(b, 80) },
		"trend.svg": func(h *history.History, b *bytes.Buffer) error { return h.WriteChart(b) },
		"one.svg": func(h *history.History, b *bytes.Buffer) error {
			return (&history.History{Runs: h.Runs[:1]}).WriteChart(b)
		},
		"none.svg": func(_ *history.History, b *bytes.Buffer) error { return new(history.History).WriteChart(b) },
		"one.txt": func(h *history.History, b *bytes.Buffer) error {
			return (&history.History{Runs: h.Runs[:1]}).WriteTable(b, 80)
		},
	} {
		var got bytes.Buffer
		if err := write(trend(), &got); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || !bytes.Equal(want, got.Bytes()) {
			t.Errorf("%s (%v):\n%s", golden, err, &got)
		}
		for line := range strings.Lines(got.String()) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); strings.HasSuffix(name, ".txt") && n > 80 {
				t.Errorf("%s: a line of %d columns: %s", name, n, line)
			}
		}
	}
}

// Whatever a file holds: reading ends, every damage has a place, and what was read can be written.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	name := filepath.Join(f.TempDir(), "h")
	if err := history.Append(context.Background(), name, run(0, 2, 3)); err != nil {
		f.Fatal(err)
	}
	line, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Add(append(line, line[:30]...))
	f.Add([]byte("{\"time\":\"9999-12-31T23:59:59Z\",\"command\":\"x\",\"findings\":{\"error\":1099511627776}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := history.Read(bytes.NewReader(data), 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Runs) > 3 {
			t.Errorf("%d runs", len(h.Runs))
		}
		for _, d := range h.Damaged {
			if d.Line < 1 || d.Column < 1 || d.Why == "" {
				t.Errorf("%+v", d)
			}
		}
		b.Reset()
		if err := errors.Join(h.WriteTable(&b, 80), h.WriteChart(&b)); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsRune(b.String(), 0x1b) {
			t.Error("a control character is written")
		}
	})
}

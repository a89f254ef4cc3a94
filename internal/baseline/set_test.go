package baseline_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"cupclint/internal/baseline"
)

// A baseline of a folder counts for the files in it and below, together with those above it.
func TestEachBaselineCountsForItsFolder(t *testing.T) {
	dir := t.TempDir()
	for _, sub := range []string{"a/clients", "b"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	made := func(name string, lines ...string) *baseline.Baseline {
		b, err := baseline.Collect(filepath.Join(dir, name), dir, found(lines...))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	set := baseline.NewSet(made("all.json", "R1 b/y.xml c"))
	set.Add(made("a/own.json", "R1 a/clients/x.xml a", "R1 a/gone.xml d"))
	set.Add(made("b/own.json", "R1 b/y.xml b"))
	now := found("R1 a/clients/x.xml a", "R1 a/clients/x.xml a", "R1 b/y.xml a", "R1 b/y.xml b", "R1 b/y.xml c", "R1 a/clients/x.xml b")
	m, err := set.Match(baseline.Run{Sources: []string{"a/clients/x.xml", "b/y.xml"}, Folders: []string{"."},
		Ran: func(string) bool { return true }}, now)
	if err != nil {
		t.Fatal(err)
	}
	var fresh []string
	for f := range m.New(now) {
		fresh = append(fresh, f.File+" "+f.Fingerprint[:1])
	}
	if want := []string{"a/clients/x.xml a", "b/y.xml a", "a/clients/x.xml b"}; !slices.Equal(fresh, want) {
		t.Errorf("new: %q, want %q", fresh, want)
	}
	if m.Known.Error != 3 {
		t.Errorf("%d known", m.Known.Error)
	}
	for i, want := range []int{0, 1, 0} {
		if got := len(m.Parts[i].Stale); got != want {
			t.Errorf("%s: %d stale, want %d", m.Parts[i].Base().Name(), got, want)
		}
	}
}

// Two people who accept findings of two sites at once do not meet in git, even in one file.
func TestTwoSitesDoNotConflict(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git: ", err)
	}
	dir := t.TempDir()
	write := func(name string, lines ...string) {
		b, err := baseline.Collect(filepath.Join(dir, "b.json"), dir, found(lines...))
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if err := b.Write(&text); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("base", "R1 a/x.xml a", "R1 b/x.xml a", "R1 c/x.xml a")
	write("mine", "R1 a/x.xml a", "R1 a/x.xml b", "R1 b/x.xml a", "R1 c/x.xml a")
	write("theirs", "R1 a/x.xml a", "R1 b/x.xml b", "R1 b/x.xml c", "R1 c/x.xml a")
	write("want", "R1 a/x.xml a", "R1 a/x.xml b", "R1 b/x.xml b", "R1 b/x.xml c", "R1 c/x.xml a")
	cmd := exec.CommandContext(t.Context(), git, "merge-file", "-p", "mine", "base", "theirs")
	cmd.Dir = dir
	got, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	want, err := os.ReadFile(filepath.Join(dir, "want"))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v: got\n%s\nwant\n%s", err, got, want)
	}
}

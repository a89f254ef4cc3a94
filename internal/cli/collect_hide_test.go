package cli

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"cupclint/internal/lab"
)

// A folder with pseudonyms holds no name of the lab, its bundle neither, and lint finds in it what it finds in the real one.
func TestCollectHide(t *testing.T) {
	c := newCollection(t, lab.Options{})
	if code, _, errs := c.collect(); code != exitClean {
		t.Fatalf("exit code %d\n%s", code, errs)
	}
	_, want, _ := c.run("lint", "--format", "jsonl", c.path("hq"))
	if err := os.Rename(c.path("hq"), c.path("real")); err != nil {
		t.Fatal(err)
	}
	code, out, errs := c.collect("--hide", "addresses,names", "--bundle", c.path("b.tar.gz"))
	if code != exitClean || !strings.Contains(out, "hq.map.tsv") {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	_, got, _ := c.run("lint", "--format", "jsonl", c.path("hq"))
	if w, g := rulesIn(want), rulesIn(got); len(w) == 0 || !slices.Equal(w, g) {
		t.Errorf("findings %q, without pseudonyms %q", g, w)
	}
	pairs, err := os.ReadFile(c.path("hq.map.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var real []string
	for line := range strings.Lines(string(pairs)) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 3 && strings.Contains(f[1], ".") {
			real = append(real, f[1])
		}
	}
	if len(real) < 4 {
		t.Errorf("the map has %q", real)
	}
	in, err := os.ReadFile(c.path("b.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(h.Name, "collect/") || strings.Contains(h.Name, ".map.tsv") {
			t.Errorf("the bundle has %s", h.Name)
		}
		for _, w := range real {
			if strings.Contains(strings.ToLower(h.Name+"\n"+string(text)), w) {
				t.Errorf("%s holds %s", h.Name, w)
			}
		}
	}
	if code, _, errs := c.run("collect", "--resume", c.path("hq")); code != exitInput || !strings.Contains(errs, "--hide") {
		t.Errorf("resume: exit code %d\n%s", code, errs)
	}
}

func rulesIn(jsonLines string) (out []string) {
	for line := range strings.Lines(jsonLines) {
		if _, rest, ok := strings.Cut(line, `"rule":"`); ok {
			id, _, _ := strings.Cut(rest, `"`)
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

package export_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/export"
)

// tree makes files and links. A link is "name -> target".
func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		name, target, link := strings.Cut(name, " -> ")
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if link {
			err = os.Symlink(filepath.FromSlash(target), full)
		} else {
			err = os.WriteFile(full, []byte("Presence.Domain = d\n"), 0o644)
		}
		if err != nil {
			t.Skip(err) // links need a privilege on Windows
		}
	}
	return dir
}

// walk returns the parts in which sources are handed over, by the names below dir.
func walk(t *testing.T, dir string, args ...string) (parts [][]string) {
	t.Helper()
	errs := new(export.Finder).Walk(t.Context(), args, func(sources []export.Source) {
		var part []string
		for _, s := range sources {
			part = append(part, strings.TrimPrefix(s.Name, filepath.ToSlash(dir)+"/"))
		}
		parts = append(parts, part)
	})
	for _, err := range errs {
		t.Error(err)
	}
	return parts
}

func TestFoldersAreHandedOverBeforeTheNextIsSearched(t *testing.T) {
	dir := tree(t, "b/2.xml", "b/1.xml", "a/z.xml", "a/c/1.xml", "a/c.xml", "x.xml", "a.xml", ".hidden/1.xml", "b/.hidden.xml")
	got := walk(t, dir, dir)
	want := [][]string{{"a.xml"}, {"a/c.xml"}, {"a/c/1.xml"}, {"a/z.xml"}, {"b/1.xml", "b/2.xml"}, {"x.xml"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFilesNextToOneOfJabberComeTogether(t *testing.T) {
	dir := tree(t, "a/1.xml", "a/Jabber-Config-hq.xml", "a/sub/1.xml", "a/z.xml", "b/1.xml", "b/c/1.xml", "b/z.xml")
	got := walk(t, dir, dir)
	want := [][]string{{"a/1.xml", "a/Jabber-Config-hq.xml", "a/sub/1.xml", "a/z.xml"}, {"b/1.xml"}, {"b/c/1.xml"}, {"b/z.xml"}}
	slices.Sort(want[0])
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// The sources of a large folder are handed over while it is gone through, so that they are never together in memory.
func TestALargeFolderComesInParts(t *testing.T) {
	for _, odd := range []string{"0.xml", "jabber-config.xml"} {
		names := []string{odd}
		for i := range 1300 {
			names = append(names, fmt.Sprintf("pc%d.xml", i))
		}
		dir := tree(t, names...)
		slices.Sort(names)
		got := walk(t, dir, dir)
		if all := slices.Concat(got...); !slices.Equal(all, names) {
			t.Errorf("%s: %d names, or another order", odd, len(all))
		}
		if jabber := odd != "0.xml"; jabber != (len(got) == 1) || len(got[0]) > 600 != jabber {
			t.Errorf("%s: %d parts, the first has %d sources", odd, len(got), len(got[0]))
		}
	}
}

func TestAFolderOfCollectComesTogether(t *testing.T) {
	dir := tree(t, "a/1.xml", "run/manifest.json", "run/node1/1.txt", "run/node2/1.txt", "run/0.txt", "z/1.xml")
	manifest := []byte(`{"schema": "cupclint-collect/1"}`)
	if err := os.WriteFile(filepath.Join(dir, "run", "manifest.json"), manifest, 0o644); err != nil {
		t.Fatal(err)
	}
	got := walk(t, dir, dir)
	want := [][]string{{"a/1.xml"}, {"run/0.txt", "run/node1/1.txt", "run/node2/1.txt"}, {"z/1.xml"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestEachFileIsHandedOverOnceThoughLinksLeadToIt(t *testing.T) {
	for _, tt := range []struct {
		what  string
		names []string
		want  string
	}{
		{"a link to a file that was handed over", []string{"a/1.xml", "b/link.xml -> ../a/1.xml", "c/1.xml"}, "[[a/1.xml] [c/1.xml]]"},
		{"the same next to files of Jabber", []string{"a/jabber-config.xml", "a/s/1.xml", "b/link.xml -> ../a/s/1.xml"},
			"[[a/jabber-config.xml a/s/1.xml]]"},
		{"a link that comes first", []string{"a/link.xml -> ../b/1.xml", "b/1.xml"}, "[[a/link.xml]]"},
		{"a link to a hidden file", []string{"a/.1.xml", "a/2.xml", "b/link.xml -> ../a/.1.xml"}, "[[a/2.xml] [b/link.xml]]"},
		{"a link to a folder that was handed over", []string{"a/1.xml", "b -> a", "c/1.xml"}, "[[a/1.xml c/1.xml]]"},
		{"a link to a folder in the order of the names", []string{"s/a -> ../t", "s/a.xml", "t/1.xml"}, "[[s/a.xml s/a/1.xml]]"},
		{"two links to one file", []string{"a/1.xml", "b/l1.xml -> ../a/1.xml", "b/l2.xml -> ../a/1.xml"}, "[[a/1.xml]]"},
	} {
		dir := tree(t, tt.names...)
		if got := fmt.Sprint(walk(t, dir, dir)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
}

func TestSeveralArgumentsAreOnePart(t *testing.T) {
	dir := tree(t, "a/1.xml", "b/1.xml", "b/2.xml")
	got := walk(t, dir, filepath.Join(dir, "b", "2.xml"), filepath.Join(dir, "b"), filepath.Join(dir, "a"))
	if want := "[[a/1.xml b/1.xml b/2.xml]]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestPartsAreInTheOrderOfNames(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	letters := []string{"a", "b", "a.b", "a-b", "A", "ab", "é"}
	for range 20 {
		var names []string
		for range 60 {
			parts := make([]string, 1+rng.IntN(3))
			for i := range parts {
				parts[i] = letters[rng.IntN(len(letters))]
			}
			names = append(names, path.Join(parts...)+"/f"+letters[rng.IntN(len(letters))]+".xml")
		}
		dir := tree(t, names...)
		var got []string
		for _, part := range walk(t, dir, dir) {
			got = append(got, part...)
		}
		slices.Sort(names)
		if want := slices.Compact(names); !slices.Equal(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}

func TestTheEndOfTheContextEndsTheSearch(t *testing.T) {
	dir := tree(t, "a/1.xml", "b/1.xml")
	ctx, stop := context.WithCancel(t.Context())
	n := 0
	errs := new(export.Finder).Walk(ctx, []string{dir}, func(sources []export.Source) {
		n += len(sources)
		stop()
	})
	if n != 1 || len(errs) > 0 {
		t.Errorf("%d sources, errors %v", n, errs)
	}
}

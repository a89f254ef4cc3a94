package lint

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cupclint/export"
)

// A cacheRun runs a rule over a folder with a cache and counts how many exports the rule saw.
type cacheRun struct {
	dir    string
	cache  *Cache
	policy *Policy
	looked atomic.Int32
}

// newCacheRun makes a folder with three exports that are older than any clock's step.
func newCacheRun(t *testing.T) *cacheRun {
	t.Helper()
	c := &cacheRun{dir: t.TempDir(), cache: &Cache{Dir: filepath.Join(t.TempDir(), "a", "b")}}
	for i := range 3 {
		c.write(t, i, fmt.Sprintf("Presence.Domain = acme%d.com\n", i))
	}
	c.cache.Now = func() time.Time { return time.Now().Add(time.Hour) } // what was written just now is long ago
	return c
}

func (c *cacheRun) write(t *testing.T, i int, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, fmt.Sprintf("%d.properties", i)), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run gives the findings as JSON lines, with the summary, and whether the rule was asked.
func (c *cacheRun) run(t *testing.T) (found string, fresh bool) {
	t.Helper()
	rule := &Rule{ID: "A001", Name: "a-rule", Area: "a", Severity: Warning, Kind: ExportKind, Summary: "finds every domain", Check: func(in *Input) []Finding {
		c.looked.Add(1)
		f := in.At(in.Get(export.PresenceDomain), "the domain is %s", in.Properties[0].Value)
		f.Evidence, f.Edits = []string{"seen"}, []Edit{{1, 2, "x"}}
		return []Finding{f}
	}}
	before := c.looked.Load()
	sources, errs := export.Find([]string{c.dir})
	o := Options{Sources: sources, Errors: errs, Rules: []*Rule{rule}, Policy: c.policy, Addresses: true, Suppressed: true, Cache: c.cache, Jobs: 2}
	c.cache.Key = NewCacheKey("test", &o)
	res, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	var b strings.Builder
	for f, err := range res.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		line, _ := json.Marshal(f)
		fmt.Fprintf(&b, "%s %s %d\n", line, f.Source, f.SourceColumn)
	}
	for f := range res.Suppressed() {
		fmt.Fprintf(&b, "%s %s\n", f.Suppressed, f.Message)
	}
	for row := range res.Addresses() {
		fmt.Fprintf(&b, "%+v\n", *row)
	}
	fmt.Fprintf(&b, "%+v %d\n", res.Summary, len(res.Errors))
	return b.String(), c.looked.Load() > before
}

func TestASecondRunIsReadBack(t *testing.T) {
	c := newCacheRun(t)
	first, fresh := c.run(t)
	if !fresh || strings.Count(first, "\n") < 4 {
		t.Fatalf("fresh %v: %s", fresh, first)
	}
	if second, fresh := c.run(t); fresh || second != first {
		t.Errorf("fresh %v, then\n%s\nfirst\n%s", fresh, second, first)
	}
}

func TestAChangeOfAnyKindIsSeen(t *testing.T) {
	old := time.Now().Add(-time.Hour)
	for name, change := range map[string]func(t *testing.T, c *cacheRun){
		"other contents": func(t *testing.T, c *cacheRun) { c.write(t, 1, "Presence.Domain = other.com\n") },
		"the same size and time of modification": func(t *testing.T, c *cacheRun) {
			name := filepath.Join(c.dir, "1.properties")
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			c.write(t, 1, "Presence.Domain = acmeX.com\n")
			if err := os.Chtimes(name, info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
		},
		"one more": func(t *testing.T, c *cacheRun) { c.write(t, 7, "Presence.Domain = new.com\n") },
		"one less": func(t *testing.T, c *cacheRun) { _ = os.Remove(filepath.Join(c.dir, "1.properties")) },
		"another name": func(t *testing.T, c *cacheRun) {
			_ = os.Rename(filepath.Join(c.dir, "1.properties"), filepath.Join(c.dir, "1b.properties"))
		},
		"another time": func(t *testing.T, c *cacheRun) {
			if err := os.Chtimes(filepath.Join(c.dir, "1.properties"), old, old); err != nil {
				t.Fatal(err)
			}
		},
		"another policy": func(t *testing.T, c *cacheRun) {
			var err error
			if c.policy, err = NewPolicy([]*Rule{{ID: "A001", Name: "a-rule", Area: "a"}}, Settings{Suppress: []Suppression{{Rule: "A001", Key: "Presence.Domain", Reason: "known"}}}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCacheRun(t)
			first, _ := c.run(t)
			change(t, c)
			second, fresh := c.run(t)
			if !fresh || name != "another time" && second == first {
				t.Errorf("fresh %v: %s", fresh, second)
			}
			if third, fresh := c.run(t); fresh || third != second {
				t.Errorf("then fresh %v: %s", fresh, third)
			}
		})
	}
}

// A stamp of the moment of the run proves nothing: the contents decide.
func TestRecentFilesAreToldByTheirContents(t *testing.T) {
	for _, byContent := range []bool{false, true} {
		c := newCacheRun(t)
		c.cache.ByContent = byContent
		if !byContent {
			c.cache.Now = time.Now
		}
		first, _ := c.run(t)
		past := time.Now().Add(-10 * time.Hour)
		for i := range 3 { // other stamps, the same contents
			if err := os.Chtimes(filepath.Join(c.dir, fmt.Sprintf("%d.properties", i)), past, past); err != nil {
				t.Fatal(err)
			}
		}
		if second, fresh := c.run(t); fresh || second != first {
			t.Errorf("by content %v: fresh %v: %s", byContent, fresh, second)
		}
		c.write(t, 2, "Presence.Domain = acmeX.com\n") // the same size
		if _, fresh := c.run(t); !fresh {
			t.Errorf("by content %v: other contents of the same size are not seen", byContent)
		}
	}
}

func TestARunWithErrorsIsNotRemembered(t *testing.T) {
	c := newCacheRun(t)
	if err := os.WriteFile(filepath.Join(c.dir, "cut.xml"), []byte(`<a xmlns="urn:cisco:epas:soap">`), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if found, fresh := c.run(t); !fresh || !strings.HasSuffix(found, " 1\n") {
			t.Errorf("fresh %v: %s", fresh, found)
		}
	}
}

func TestADamagedEntryCountsForNothing(t *testing.T) {
	c := newCacheRun(t)
	first, _ := c.run(t)
	entry := c.cache.file()
	whole, err := os.ReadFile(entry)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(whole); i += 13 {
		flipped := append([]byte(nil), whole...)
		flipped[i] ^= 0x41
		for _, damaged := range [][]byte{whole[:i], flipped} {
			if err := os.WriteFile(entry, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if found, fresh := c.run(t); !fresh || found != first {
				t.Fatalf("byte %d of %d: fresh %v: %s", i, len(whole), fresh, found)
			}
		}
	}
}

func TestRunsSideBySideShareACache(t *testing.T) {
	c := newCacheRun(t)
	want, _ := c.run(t)
	if err := os.RemoveAll(c.cache.Dir); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		own := &cacheRun{dir: c.dir, cache: &Cache{Dir: c.cache.Dir, Now: c.cache.Now}}
		wg.Go(func() {
			for range 5 {
				if got, _ := own.run(t); got != want {
					t.Errorf("%s", got)
				}
			}
		})
	}
	wg.Wait()
	if _, fresh := c.run(t); fresh {
		t.Error("nothing is remembered in the end")
	}
}

func TestWithoutAFolderEveryRunIsTheFirst(t *testing.T) {
	c := newCacheRun(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.cache.Dir = filepath.Join(file, "no folder")
	for range 2 {
		if _, fresh := c.run(t); !fresh {
			t.Error("read back from nowhere")
		}
	}
}

func TestTheFolderStaysSmall(t *testing.T) {
	c := newCacheRun(t)
	if err := os.MkdirAll(c.cache.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	for i := range 2 * maxEntries {
		name := filepath.Join(c.cache.Dir, fmt.Sprint("old", i))
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, old, old); err != nil {
			t.Fatal(err)
		}
	}
	c.run(t)
	entries, err := os.ReadDir(c.cache.Dir)
	if err != nil || len(entries) != maxEntries {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	if _, fresh := c.run(t); fresh {
		t.Error("the new entry went")
	}
}

// FuzzCacheEntry feeds anything as an entry: it is read back whole or not at all.
func FuzzCacheEntry(f *testing.F) {
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.properties"), []byte("Presence.Domain = a.com\n"), 0o600); err != nil {
		f.Fatal(err)
	}
	sources, _ := export.Find([]string{dir})
	c := &Cache{Dir: f.TempDir(), Now: func() time.Time { return time.Now().Add(time.Hour) }}
	o := Options{Sources: sources, Cache: c}
	if res, err := Run(context.Background(), o); err != nil || res.Close() != nil {
		f.Fatal(err)
	}
	entry, err := os.ReadFile(c.file())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(entry)
	f.Add([]byte(cacheMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(c.file(), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if res := c.load(context.Background(), &o); res != nil {
			if string(data) != string(entry) {
				t.Errorf("another entry is believed: %q", data)
			}
			_ = res.Close()
		}
	})
}

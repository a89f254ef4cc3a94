package conceal_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cupclint/export"
	"cupclint/internal/conceal"
	"cupclint/internal/testrace"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// aboutSecrets are rules about what is masked in a hidden file.
var aboutSecrets = []string{"CRED008", "CRED009", "JAB009", "LDAP007"}

// counts lints a folder: how many findings there are by rule, severity and key, and how many inputs were not read.
func counts(t *testing.T, dir string, w *conceal.Words) map[string]int {
	t.Helper()
	policy, err := lint.NewPolicy(rules.All(), lint.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	sources, errs := export.Find([]string{dir})
	result, err := lint.Run(context.Background(), lint.Options{Sources: sources, Errors: errs, Rules: rules.All(), Policy: policy, Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	out := map[string]int{}
	out["not read"] = len(result.Errors)
	for f, err := range result.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(aboutSecrets, f.Rule) {
			key := f.Key
			switch {
			case strings.HasPrefix(key, "Appliance."): // which of several servers has the place depends on the names of the files
				key = key[strings.LastIndexByte(key, '.')+1:]
			case w != nil:
				key = w.Replace(key)
			}
			out[fmt.Sprintf("%s %s %s", f.Rule, f.Severity, key)]++
		}
	}
	return out
}

// inputs reads every file of a folder.
func inputs(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if base := d.Name(); base == "expect.yaml" || strings.HasSuffix(base, ".golden") || strings.HasSuffix(base, ".go") {
			return nil
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func write(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if old := time.Now().Add(-time.Hour); os.Chtimes(path, old, old) != nil { // a young file may still be written to
			t.Fatal(path)
		}
	}
	return dir
}

// units are folders of fixtures that are linted as one deployment.
func units(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"rules/*/*", "deployments/*/*", "reality/*/*", "right/*", "broken/*", "addresses", "edits"} {
		found, err := filepath.Glob("../../fixtures/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if info, err := os.Stat(f); err == nil && info.IsDir() {
				out = append(out, f)
			}
		}
	}
	return out
}

var seed = flag.Int("seed", 1, "the number that the pseudonyms depend on")

var both = []string{conceal.Addresses, conceal.Names}

// keyed makes words whose pseudonyms are the same in each run.
func keyed(t *testing.T, n int) *conceal.Words {
	t.Helper()
	w, err := conceal.Read(strings.NewReader(fmt.Sprintf("# key %064x\n", n)), both, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// real makes the names for documentation, which stay, such as real sites have.
var real = strings.NewReplacer("example.com", "kestrel.com", "example.net", "kestrel.net", "example.org", "kestrel.org", ".example",
	".kestrel.com",
	"EXAMPLE.COM", "KESTREL.COM", "Example.com", "Kestrel.com", "DC=example", "DC=kestrel", "dc=example", "dc=kestrel",
	"192.0.2.", "10.20.2.", "198.51.100.", "10.21.100.", "203.0.113.", "10.22.113.", "2001:db8:", "2a01:4f8:")

// Every fixture has the same findings with pseudonyms as without, rule by rule, and no name of it is left. Secrets are taken out of both.
func TestFixturesHaveTheSameFindings(t *testing.T) {
	testrace.Slow(t, "hides names in hundreds of files, one after the other")
	all := units(t)
	if len(all) < 300 {
		t.Fatalf("%d folders: the test does not reach what it is about", len(all))
	}
	for i, unit := range all {
		for own := range 2 {
			if testing.Short() && (i+own)%8 != 0 {
				continue
			}
			name := strings.TrimPrefix(unit, "../../fixtures/")
			if own == 1 {
				name += "/own"
			}
			t.Run(name, func(t *testing.T) {
				files := inputs(t, unit)
				for n, data := range files {
					if own == 1 {
						data = []byte(real.Replace(string(data)))
					}
					files[n] = export.Scrub(n, data).Data
				}
				words, hidden := hideAll(t, keyed(t, *seed), files)
				want, got := counts(t, write(t, files), words), counts(t, write(t, hidden), nil)
				for _, k := range slices.Sorted(maps.Keys(want)) {
					if got[k] != want[k] {
						t.Errorf("%s: %d, want %d", k, got[k], want[k])
					}
				}
				for k, n := range got {
					if want[k] == 0 && n > 0 {
						t.Errorf("%s: %d, want none", k, n)
					}
				}
			})
		}
	}
}

// hideAll learns the words of files and hides them. What is not text stays as it is.
func hideAll(t *testing.T, words *conceal.Words, files map[string][]byte) (*conceal.Words, map[string][]byte) {
	t.Helper()
	order := slices.Sorted(maps.Keys(files))
	for _, n := range order {
		if err := words.LearnInput(n, files[n]); err != nil {
			t.Logf("learn %s: %v", n, err)
		}
	}
	hidden := map[string][]byte{}
	for _, n := range order {
		out, r, err := words.HideInput(n, files[n])
		switch {
		case errors.Is(err, conceal.ErrNoText):
			out = files[n]
		case err != nil:
			t.Errorf("hide %s: %v", n, err)
			continue
		case len(r.Changed)+len(r.Left)+len(r.Suspect) > 0:
			t.Errorf("%s: %+v %q", n, r, words.LeftIn(n, out))
		}
		hidden[words.Path(n)] = out
	}
	if len(hidden) != len(files) {
		t.Errorf("%d files become %d", len(files), len(hidden))
	}
	return words, hidden
}

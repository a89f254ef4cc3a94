package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cupclint/internal/conceal"
)

// realWords are the names that a map leads back to.
func realWords(t *testing.T, name string) (out []string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 3 {
			out = append(out, f[1])
		}
	}
	return out
}

// The case of each demo has the findings of the run that saved it, by rule, and none of its names.
func TestHiddenDemosHaveTheSameFindings(t *testing.T) {
	for _, demo := range []string{"cupc", "jabber"} {
		for _, fixed := range []bool{false, true} {
			t.Run(demo, func(t *testing.T) {
				if testing.Short() && fixed {
					t.Skip("starts servers: left out with -short")
				}
				t.Chdir(t.TempDir())
				args := []string{"audit", "--demo", demo, "--save", "case.json", "--hide", "addresses,names", "--format", "jsonl"}
				if fixed {
					args = append(args, "--fixed")
				}
				code, want, errs := cupclint(t, "", args...)
				if code == exitInput || !strings.Contains(errs, "case.json.map.tsv") {
					t.Fatalf("exit code %d\n%s", code, errs)
				}
				replayed, got, errs := cupclint(t, "", "audit", "--replay", "case.json", "--format", "jsonl")
				if w, g := rulesIn(want), rulesIn(got); code != exitClean || (replayed == exitFindings) == fixed || !slices.Equal(w, g) ||
					(len(w) == 0) != fixed {
					t.Errorf("exit code %d, then %d; findings %q, with pseudonyms %q\n%s", code, replayed, w, g, errs)
				}
				text, err := os.ReadFile("case.json")
				if err != nil {
					t.Fatal(err)
				}
				words := realWords(t, "case.json.map.tsv")
				if len(words) < 10 {
					t.Errorf("the map has %q", words)
				}
				for _, w := range words {
					if strings.Contains(w, ".") && bytes.Contains(bytes.ToLower(text), []byte(w)) {
						t.Errorf("the case holds %s", w)
					}
				}
			})
		}
	}
}

// The cases of the other tests have the same findings with pseudonyms.
func TestHiddenCasesHaveTheSameFindings(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range scripts {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split("\n"+string(text), "\n-- ")[1:] {
			file, content, _ := strings.Cut(part, " --\n")
			if !conceal.IsCase([]byte(content)) {
				continue
			}
			if _, err := judgedCounts([]byte(content), nil); err != nil {
				continue // a damaged case
			}
			n++
			t.Run(filepath.Base(name)+"/"+file, func(t *testing.T) {
				m := &mapFile{words: conceal.New([]string{conceal.Addresses, conceal.Names}, nil)}
				if err := m.words.LearnCase([]byte(content)); err != nil {
					t.Fatal(err)
				}
				_, problem, err := m.hideCase([]byte(content))
				if err != nil || problem != nil {
					t.Errorf("%v, %v", problem, err)
				}
			})
		}
	}
	if n < 4 {
		t.Errorf("%d cases: the test does not reach what it is about", n)
	}
}

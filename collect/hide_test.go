package collect_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cupclint/collect"
)

// byRule drops the messages, which hold names.
func byRule(findings []string) []string {
	for i, f := range findings {
		findings[i], _, _ = strings.Cut(f, " ")
	}
	return findings
}

var both = []string{collect.HideAddresses, collect.HideNames}

// A deployment has the same findings, rule by rule, with pseudonyms, and none of its names is left.
func TestHiddenDeploymentsHaveTheSameFindings(t *testing.T) {
	folders, err := filepath.Glob("../fixtures/deployments/*/*")
	if err != nil || len(folders) < 8 {
		t.Fatalf("%q, %v", folders, err)
	}
	for _, from := range folders {
		if info, err := os.Stat(from); err != nil || !info.IsDir() {
			continue
		}
		t.Run(filepath.Base(filepath.Dir(from))+"/"+filepath.Base(from), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "hq")
			folder, err := collect.NewFolder(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(filepath.Join(dir, "exports"), os.DirFS(from)); err != nil {
				t.Fatal(err)
			}
			want := byRule(findings(t, dir))
			lengths := sizes(t, dir)
			m, err := collect.Hide(t.Context(), folder, &collect.Manifest{Schema: collect.Schema, Complete: true}, both, "")
			if err := errors.Join(err, folder.Close()); err != nil {
				t.Error(err)
			}
			if !slices.Equal(m.Hidden, both) {
				t.Errorf("hidden: %q", m.Hidden)
			}
			if got := byRule(findings(t, dir)); !slices.Equal(got, want) {
				t.Errorf("findings\n%q\nwithout pseudonyms\n%q", got, want)
			}
			if got := sizes(t, dir); !slices.Equal(got, lengths) {
				t.Errorf("lengths of lines changed")
			}
			nothingLeft(t, dir, "acme", "10.2.1.1", "10.1.1.10")
		})
	}
}

// sizes are the lengths of all lines of all files in exports.
func sizes(t *testing.T, dir string) (out []int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, "exports"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for line := range strings.Lines(string(text)) {
			out = append(out, len(line))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out) // the names of the files, and with them their order, change
	return out
}

// nothingLeft looks for words of the original. A pseudonym has random letters, and some may spell a short word: that counts only where no
// letter is next to it.
func nothingLeft(t *testing.T, dir string, words ...string) {
	t.Helper()
	var left []*regexp.Regexp
	for _, w := range words {
		expr := regexp.QuoteMeta(w)
		if len(w) <= 4 {
			expr = `(?:^|[^a-z])` + expr + `(?:[^a-z]|$)`
		}
		left = append(left, regexp.MustCompile(expr))
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		text := []byte{}
		if !d.IsDir() {
			text, err = os.ReadFile(path)
		}
		rel, _ := filepath.Rel(dir, path)
		for line := range strings.Lines(rel + "\n" + string(text)) {
			for i, expr := range left {
				if expr.MatchString(strings.ToLower(line)) {
					t.Errorf("%s holds %q: %s", rel, words[i], strings.TrimSpace(line))
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What is collected from a cluster is hidden with everything about the run, and has the same findings. The map leads back.
func TestHideACollectedFolder(t *testing.T) {
	c, commands := acme(t, "broken")
	w := newWorld(t, c, commands)
	w.o.Request.SOAPFor = []string{"bob"}
	w.o.Request.Found = "cucm2.dc.acme.net,imp1.dc.acme.net,imp2.dc.acme.net,ucm9.other-site.org"
	dir := filepath.Join(t.TempDir(), "hq")
	folder, err := collect.NewFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	real, err := collect.Run(t.Context(), folder, w.o)
	if err != nil {
		t.Fatal(err)
	}
	want := byRule(findings(t, dir))
	m, err := collect.Hide(context.Background(), folder, real, both, "")
	if err := errors.Join(err, folder.Close()); err != nil {
		t.Fatal(err)
	}
	if got := byRule(findings(t, dir)); !slices.Equal(got, want) {
		t.Errorf("findings\n%q\nwithout pseudonyms\n%q", got, want)
	}
	w.harmless(dir)
	nothingLeft(t, dir, "acme", "cucm1", "other-site", "bob", readUser, appUser, "begin certificate", "192.168.", "10.2.1.1")
	if len(m.Steps) != len(real.Steps) {
		t.Errorf("%d steps, %d before", len(m.Steps), len(real.Steps))
	}
	for _, s := range m.Steps {
		if s.File == "" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(s.File)))
		if sum := sha256.Sum256(data); err != nil || hex.EncodeToString(sum[:]) != s.SHA256 {
			t.Errorf("%s: %v, not the hash of the manifest", s.File, err)
		}
	}
	info, err := os.Stat(collect.MapFile(dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	text, err := os.ReadFile(collect.MapFile(dir))
	if err != nil || !strings.Contains(string(text), "\tbob\tuser\n") || !strings.Contains(string(text), "\tcucm1.dc.acme.net\thost\n") {
		t.Errorf("the map: %v\n%s", err, text)
	}
	neighbours, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(neighbours) != 2 {
		t.Errorf("next to the folder: %v, %v", neighbours, err)
	}
}

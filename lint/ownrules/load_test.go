package ownrules

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cupclint/lint"

	"go.yaml.in/yaml/v3"
)

// All mistakes are reported at once, each with its place in the file and in the expression.
func TestEachWrongFileGivesItsErrors(t *testing.T) {
	paths, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, errs := read(t, string(text))
			if len(errs) == 0 {
				t.Fatal("no error")
			}
			var b strings.Builder
			for _, err := range errs {
				fmt.Fprintln(&b, err)
			}
			golden := strings.TrimSuffix(path, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != string(want) {
				t.Errorf("got\n%swant\n%s", b.String(), want)
			}
		})
	}
}

func TestIDsAreOfAForm(t *testing.T) {
	for id, want := range map[string]bool{
		"ACME-001": true, "A1-1": true, "UC-9999": true, "PRES001": false, "ACME001": false, "A-1": false, "acme-001": false, "ACME-": false,
		"ACME-12345": false, "ACME-LDAP-1": false, "1A-1": false, "ACME-1\n": false, "": false,
	} {
		if got := validID.Get().MatchString(id); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
}

// FuzzRead proves that no configuration makes the loader, an evaluation or a page fail but by an error.
func FuzzRead(f *testing.F) {
	page, err := os.ReadFile(documentation)
	if err != nil {
		f.Fatal(err)
	}
	for _, block := range strings.Split(string(page), "```yaml\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		f.Add([]byte(block))
	}
	paths, err := filepath.Glob("testdata/err/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var c struct {
			Rules yaml.Node `yaml:"own-rules"`
		}
		if len(text) > 1<<16 || bytes.IndexByte(text, 0) >= 0 || yaml.Unmarshal(text, &c) != nil {
			return
		}
		set, errs := Read("c.yaml", text, &c.Rules, nil)
		lines := bytes.Count(text, []byte("\n")) + 1
		for _, err := range errs {
			if err.Origin.Line > lines || err.Error() == "" {
				t.Errorf("%v in a file of %d lines", err, lines)
			}
		}
		if len(errs) > 0 {
			return
		}
		if _, err := set.Test(context.Background(), func(*lint.Rule) bool { return true }); err != nil {
			t.Error(err)
		}
		for _, r := range set.Rules() {
			if html := HTML(r.Text); strings.Contains(html, "<script") {
				t.Errorf("the page of %s has a script", r.ID)
			}
			findings(t, set, "Presence.Primary.Address = cup1\nPresence.Domain = acme.com\nClient.Version = 9\n")
		}
	})
}

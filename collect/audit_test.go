package collect_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cupclint/export"
	"cupclint/lint"
	"cupclint/lint/rules"
)

// findings lints a folder and gives rules and messages, each once, in order.
func findings(t *testing.T, dir string) []string {
	t.Helper()
	policy, err := lint.NewPolicy(rules.All(), lint.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	sources, errs := export.Find([]string{dir})
	result, err := lint.Run(context.Background(), lint.Options{Sources: sources, Errors: errs, Rules: rules.All(), Policy: policy})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	for _, e := range result.Errors {
		t.Errorf("%s: %v", dir, e)
	}
	var out []string
	for f, err := range result.Findings() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f.Rule+" "+f.Message)
	}
	slices.Sort(out)
	return out
}

// What is collected from a cluster has the findings of the exports that someone made by hand of the same cluster.
func TestFindingsAreThoseOfHandMadeExports(t *testing.T) {
	for _, variant := range []string{"right", "broken"} {
		t.Run(variant, func(t *testing.T) {
			byHand := t.TempDir()
			for _, name := range []string{"nodes.xml", "cucm-ldap.xml", "parameters.txt", "cluster.txt", "jabber-config.xml", "bob.xml"} {
				if err := os.WriteFile(filepath.Join(byHand, name), []byte(readFixture(t, variant+"/"+name)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			c, commands := acme(t, variant)
			w := newWorld(t, c, commands)
			w.o.Request.SOAPFor = []string{"bob"}
			w.o.Request.Found = "all"
			dir, _ := w.run()
			want, got := findings(t, byHand), findings(t, dir)
			for _, f := range want {
				if !slices.Contains(got, f) {
					t.Errorf("not found in the folder: %s", f)
				}
			}
			for _, f := range got {
				if !slices.Contains(want, f) {
					t.Errorf("found in the folder only: %s", f)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d findings, %d by hand", len(got), len(want))
			}
		})
	}
}

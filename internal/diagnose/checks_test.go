package diagnose_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"cupclint/internal/diagnose"
)

// TestChecksCanBePastedBack proves that the output of each command that a check names counts: the wrong one puts the cause first, the right
// one is understood and speaks for no cause. A check that says "paste" without an output in testdata/checks.yaml fails.
func TestChecksCanBePastedBack(t *testing.T) {
	text, err := os.ReadFile("testdata/checks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	type output struct {
		Name, Cause, Command, Output string
		Healthy                      bool
	}
	var checks []output
	if err := yaml.Unmarshal(text, &checks); err != nil {
		t.Fatal(err)
	}
	k := load(t)
	for _, c := range checks {
		paste, err := diagnose.Read(strings.NewReader(c.Output), "")
		if err != nil {
			t.Fatal(err)
		}
		in := diagnose.Input{Pastes: []*diagnose.Paste{paste}}
		ranked := k.Rank(in)
		switch {
		case c.Healthy && (len(ranked) > 0 || !paste.Understood() || paste.Failing() > 0):
			t.Errorf("%s: %d causes, understood %v, failing %v", c.Name, len(ranked), paste.Understood(), paste.Items)
		case !c.Healthy && (len(ranked) == 0 || ranked[0].ID != c.Cause):
			t.Errorf("%s: first is not %s: %+v", c.Name, c.Cause, paste.Items)
		case len(k.Unused(in)) > 0:
			t.Errorf("%s: not explained %v", c.Name, k.Unused(in))
		}
	}
	for i := range k.Causes {
		cause := &k.Causes[i]
		for _, check := range cause.Confirm {
			if !strings.Contains(check.Look, "(paste ") {
				continue
			}
			for _, healthy := range []bool{false, true} {
				if !slices.ContainsFunc(checks, func(c output) bool {
					return c.Cause == cause.ID && c.Healthy == healthy && strings.Contains(check.Look, c.Command)
				}) {
					t.Errorf("%s: no output (healthy %v) for %q", cause.ID, healthy, check.Look)
				}
			}
		}
	}
}

package diagnose

import (
	"testing"

	"cupclint/internal/audit"
	"cupclint/lint"
)

// What a probe looked for stays known when more inputs are added to a case.
func TestInputsAddToWhatWasLookedFor(t *testing.T) {
	policy, err := lint.NewPolicy(nil, lint.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	k, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Looked: []Looked{{Rule: "SIP101", Key: "Presence.Primary.Address"}}}
	if _, err := NewGathering(&in).Case(k, new(audit.Case), nil, policy); err != nil || len(in.Looked) != 1 {
		t.Errorf("%v, %v", in.Looked, err)
	}
}

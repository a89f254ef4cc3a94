package diagnose_test

import (
	"testing"

	"cupclint/export"
	"cupclint/internal/diagnose"
	"cupclint/lint"
)

// TestNodeNotAuthenticated proves that a node that is not authenticated in its cluster is not a user whose password is refused.
func TestNodeNotAuthenticated(t *testing.T) {
	k := load(t)
	row := "192.0.2.12 sub1.acme.com sub1 Subscriber callmanager DBSub "
	for text, want := range map[string]bool{
		row + "not authenticated":                                      true,
		row + "authenticated using TCP since Mon May 13 08:20:15 2019": false,
	} {
		in := diagnose.Input{Symptoms: []string{diagnose.LogIn}, Pastes: []*diagnose.Paste{read(t, text)}}
		first := k.Rank(in)[0]
		if got := first.ID == "cluster-state" && first.Score > 3; got != want {
			t.Errorf("%q: %s with %v", text, first.ID, first.For)
		}
	}
}

// TestFindingOnALine proves that a line with a finding that counts is not listed as not explained.
func TestFindingOnALine(t *testing.T) {
	k := load(t)
	paste := read(t, "Network connectivity test with 192.0.2.12 failed.")
	in := diagnose.Input{Symptoms: []string{diagnose.Presence}, Pastes: []*diagnose.Paste{paste}}
	if len(k.Unused(in)) != 1 {
		t.Error("without the finding the line is explained")
	}
	in.Findings = []lint.Finding{{Rule: "CLU004", File: export.Stdin, Line: 1}}
	if missed := k.Unused(in); len(missed) != 0 {
		t.Errorf("not explained: %v", missed)
	}
}

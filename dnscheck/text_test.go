package dnscheck

import (
	"strings"
	"testing"

	"cupclint/dnscheck/wire"
)

// Each outcome has words of its own: only a run that was cancelled is said to be so.
func TestEveryOutcomeHasWords(t *testing.T) {
	seen := map[string]Outcome{}
	for o := range Outcome(len(outcomeNames)) {
		a := &Answer{Outcome: o, Rcode: 4, Attempts: []wire.Attempt{{Transport: wire.TCP, End: wire.Refused}}}
		text := a.text()
		if strings.Contains(text, "cancelled") != (o == Cancelled) {
			t.Errorf("%s: %s", o, text)
		}
		if other, ok := seen[text]; ok {
			t.Errorf("%s and %s have the same words: %s", o, other, text)
		}
		seen[text] = o
	}
	if got := (&Answer{Outcome: NoTCP}).text(); got != "truncated over UDP, and TCP fails: no answer" {
		t.Error(got)
	}
}

package cli

import (
	"testing"

	"cupclint/internal/testrace"
)

// withoutRace skips a test that takes long or measures the program where the race detector is on, and with -short.
func withoutRace(t *testing.T, why string) {
	t.Helper()
	if testing.Short() {
		t.Skip(why)
	}
	testrace.Slow(t, why)
}

// Package testrace is for tests that take several times the time or the memory with the race detector, and in which it has nothing to find.
package testrace

import "testing"

// Slow skips a test where the race detector is on. The test starts nothing that runs at the same time, so the detector finds nothing in it
// that other tests do not find. The Makefile names the test for the run without the detector, and a test of internal/house checks that.
func Slow(t *testing.T, why string) {
	t.Helper()
	if Enabled {
		t.Skip(why + ": make test runs it without the race detector")
	}
}

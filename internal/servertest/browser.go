package servertest

import (
	"os/exec"
	"testing"

	"cupclint/internal/browser"
)

// Browser runs a headless browser until the test ends.
func Browser(t testing.TB) *browser.Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("with -short no browser is started")
	}
	for _, name := range browser.Names() {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		b, err := browser.Start(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		})
		return b
	}
	missing(t, "chromium is not installed (scripts/install-servers.sh does that)")
	return nil
}

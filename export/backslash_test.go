package export_test

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"

	"cupclint/export"
)

// Compress-Archive of Windows PowerShell 5.1 writes the names of members with backslashes.
func TestMembersWithBackslashes(t *testing.T) {
	for member, ok := range map[string]bool{`hq\a.properties`: true, `..\a.properties`: false, `C:\..\..\a.properties`: false} {
		name := filepath.Join(t.TempDir(), "a.zip")
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		z := zip.NewWriter(f)
		w, err := z.Create(member)
		if err == nil {
			_, err = w.Write([]byte("Presence.Domain = acme.com\n"))
		}
		if err != nil || z.Close() != nil || f.Close() != nil {
			t.Fatal(err)
		}
		sources, errs := export.Find([]string{name})
		n, failed := 0, len(errs)
		for _, s := range sources {
			for e, err := range new(export.Reader).Read(t.Context(), s) {
				if err != nil {
					failed++
					continue
				}
				n += len(e.Properties)
			}
		}
		if ok != (n == 1 && failed == 0) {
			t.Errorf("%s: %d properties, %d errors", member, n, failed)
		}
	}
}

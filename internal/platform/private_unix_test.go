//go:build unix

package platform

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOthersLoseTheirAccess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	if err := PrivateFolder(dir); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info, err)
	}
	for mode, want := range map[os.FileMode]os.FileMode{0o644: 0o600, 0o666: 0o600, 0o600: 0o600, 0o400: 0o400} {
		name := filepath.Join(dir, mode.String())
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		err = KeepPrivate(f)
		info, statErr := f.Stat()
		f.Close()
		if err != nil || statErr != nil || info.Mode().Perm() != want {
			t.Errorf("%v: %v, want %v; %v, %v", mode, info.Mode(), want, err, statErr)
		}
	}
}

//go:build !windows

package platform

import (
	"fmt"
	"os"
)

// KeepPrivate takes other people's access to an open file of this user away.
func KeepPrivate(f *os.File) error {
	info, err := f.Stat()
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	if err := f.Chmod(info.Mode().Perm() &^ 0o077); err != nil {
		return fmt.Errorf("%s can be read by others: %w", f.Name(), err)
	}
	return nil
}

// PrivateFolder makes a folder that only this user can look into. One that exists stays as it is: its files are private themselves.
func PrivateFolder(name string) error { return os.MkdirAll(name, 0o700) }

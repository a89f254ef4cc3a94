//go:build !unix

package safefile

import (
	"io/fs"
	"os"
)

func keepOwner(*os.File, fs.FileInfo) error { return nil }

// Shared reports whether the file has more than one name, as far as the system says so.
func Shared(fs.FileInfo) bool { return false }

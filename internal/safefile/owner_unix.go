//go:build unix

package safefile

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives a new file the owner of the old one where they differ, as they do for root in a container. Who may not do that gets
// an error for a foreign owner, and the file is left alone.
func keepOwner(f *os.File, old fs.FileInfo) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	was, ok := old.Sys().(*syscall.Stat_t)
	is, known := info.Sys().(*syscall.Stat_t)
	if !ok || !known || was.Uid == is.Uid && was.Gid == is.Gid {
		return nil
	}
	if was.Uid == is.Uid { // a group that the user is not in cannot be given; the file stays usable for its owner
		_ = f.Chown(-1, int(was.Gid))
		return nil
	}
	return f.Chown(int(was.Uid), int(was.Gid))
}

// Shared reports whether the file has more than one name (hard links). What replaces it leaves the old text under the others.
func Shared(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink > 1
}

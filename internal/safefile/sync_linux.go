package safefile

import (
	"os"

	"golang.org/x/sys/unix"
)

// beginSync begins to write a part of a file to the disk, and does not wait. Not every file system can. Sync writes the rest.
func beginSync(f *os.File, from, size int64) {
	_ = unix.SyncFileRange(int(f.Fd()), from, size, unix.SYNC_FILE_RANGE_WRITE)
}

//go:build unix

package export

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"
)

// A file is an open file without what os.File has for networks and pipes: for each export that would cost as much as reading it.
type file int

func openFile(name string) (file, error) {
	for {
		fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			return file(fd), nil
		}
		if !errors.Is(err, unix.EINTR) {
			return 0, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
}

// Read is io.Reader, but for the end of the file, where it returns 0 and no error.
func (f file) Read(p []byte) (int, error) {
	for {
		n, err := unix.Read(int(f), p)
		if err == nil {
			return n, nil
		}
		if !errors.Is(err, unix.EINTR) {
			return 0, err
		}
	}
}

func (f file) Close() error { return unix.Close(int(f)) }

//go:build unix

package export

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"
)

// A file is an open file without what os.File has for networks and pipes: for each export that would cost as much as reading it.
type file int

// openFile does not wait for somebody to write into a named pipe: without one it is empty.
func openFile(name string) (file, error) {
	for {
		fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
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
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, unix.EAGAIN): // a pipe whose writer is still at work, as of a shell's <(command)
			_, err = unix.Poll([]unix.PollFd{{Fd: int32(f), Events: unix.POLLIN}}, -1)
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return 0, err
		}
	}
}

func (f file) Close() error { return unix.Close(int(f)) }

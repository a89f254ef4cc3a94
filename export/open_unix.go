//go:build unix

package export

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A file is an open file without what os.File has for networks and pipes: for each export that would cost as much as reading it.
type file struct {
	fd   int
	slow *os.File // takes over where a read has to wait
}

// openFile does not wait for someone to write into a named pipe: without one it is empty.
func openFile(name string) (file, error) {
	for {
		fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err == nil {
			return file{fd: fd}, nil
		}
		if !errors.Is(err, unix.EINTR) {
			return file{}, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
}

// read is io.Reader, but for the end of the file, where it returns 0 and no error. The context ends a read that waits for the writer
// of a pipe.
func (f *file) read(ctx context.Context, p []byte) (int, error) {
	for f.slow == nil {
		n, err := unix.Read(f.fd, p)
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, unix.EAGAIN): // a pipe whose writer is still at work, as of a shell's <(command)
			f.slow = os.NewFile(uintptr(f.fd), "")
		case !errors.Is(err, unix.EINTR):
			return 0, err
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = f.slow.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	n, err := f.slow.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		err = nil
	case err != nil && ctx.Err() != nil:
		err = context.Cause(ctx)
	}
	return n, err
}

func (f *file) Close() error {
	if f.slow != nil {
		return f.slow.Close()
	}
	return unix.Close(f.fd)
}

// stamp says whether the file can change while it is read, and what it is like now.
func (f *file) stamp() (s stamp, regular bool) {
	var st unix.Stat_t
	if err := unix.Fstat(f.fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return s, false
	}
	return stamp{st.Size, time.Unix(st.Mtim.Unix())}, true
}

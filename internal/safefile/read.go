package safefile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// A SizeError says that a file is larger than what it is meant to be can be.
type SizeError struct{ Limit int64 }

func (e *SizeError) Error() string {
	if e.Limit > 1<<20 {
		return fmt.Sprintf("larger than %d MiB", e.Limit>>20)
	}
	return fmt.Sprintf("larger than %d bytes", e.Limit)
}

// ErrNotRegular says that a file which the program looked for itself is a pipe, a device or a folder.
var ErrNotRegular = errors.New("this is not a regular file")

// ReadFound reads a file that no one named: it must be a regular one of at most limit bytes.
func ReadFound(name string, limit int64) ([]byte, error) {
	f, err := openFound(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, name, limit)
}

// OpenFound opens a file that no one named: it must be a regular one. A named pipe is not waited for.
func OpenFound(name string) (*os.File, error) { return openFound(name) }

func openFound(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|NonBlock, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: ErrNotRegular}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// Read reads a file that the user named, of any kind, of at most limit bytes. The context ends it while it waits for the writer of a
// pipe. The error is a *SizeError, that of the context, or that of the file system.
func Read(ctx context.Context, name string, limit int64) ([]byte, error) {
	f, err := Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f, name, limit)
}

func readAll(r io.Reader, name string, limit int64) ([]byte, error) {
	data, err := ReadAll(r, limit)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: bare(err)}
	}
	return data, nil
}

// ReadAll reads to the end, which must come within limit bytes.
func ReadAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, &SizeError{limit}
	}
	return data, err
}

// Open opens a file that the user named, for reading. The context ends every read of it.
func Open(ctx context.Context, name string) (fs.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|NonBlock, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	if info.IsDir() {
		_ = f.Close()
		return nil, &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	}
	in := &waiting{ctx: ctx, f: f, pipe: info.Mode()&fs.ModeNamedPipe != 0}
	in.stop = context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) })
	return in, nil
}

// A waiting file waits for its data no longer than its context lives.
type waiting struct {
	ctx  context.Context
	f    *os.File
	pipe bool // which no one may have opened for writing yet
	stop func() bool
}

// Stat makes it an fs.File: who reads it can reserve memory for all of it.
func (w *waiting) Stat() (fs.FileInfo, error) { return w.f.Stat() }

func (w *waiting) Read(p []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	if w.pipe {
		if err := awaitWriter(w.f); err != nil {
			return 0, w.because(err)
		}
		w.pipe = false
	}
	n, err := w.f.Read(p)
	return n, w.because(err)
}

func (w *waiting) because(err error) error {
	if err != nil && !errors.Is(err, io.EOF) && w.ctx.Err() != nil {
		return context.Cause(w.ctx)
	}
	return err
}

func (w *waiting) Close() error {
	w.stop()
	return w.f.Close()
}

// Head returns the beginning of a regular file, at most n bytes.
func Head(name string, n int64) ([]byte, error) {
	f, err := openFound(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, n))
}

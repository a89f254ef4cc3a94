//go:build !unix

package export

import (
	"context"
	"errors"
	"io"
	"os"
)

type file struct{ *os.File }

func openFile(name string) (file, error) {
	f, err := os.Open(name)
	if err != nil {
		return file{}, err
	}
	return file{f}, nil
}

// read is io.Reader, but for the end of the file, where it returns 0 and no error.
func (f *file) read(_ context.Context, p []byte) (int, error) {
	n, err := f.File.Read(p)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// stamp says whether the file can change while it is read, and what it is like now.
func (f *file) stamp() (s stamp, regular bool) {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return s, false
	}
	return stamp{info.Size(), info.ModTime()}, true
}

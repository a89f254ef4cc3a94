//go:build !unix

package export

import (
	"errors"
	"io"
	"os"
)

type file struct{ *os.File }

func openFile(name string) (file, error) {
	f, err := os.Open(name)
	return file{f}, err
}

// Read is io.Reader, but for the end of the file, where it returns 0 and no error.
func (f file) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

//go:build !linux

package export

import "os"

// StampOf returns the stamp of a file, of what a symbolic link leads to. Without a time of change and a number, as here, a file that is
// given its old size and time is taken for unchanged.
func StampOf(name string) (Stamp, error) {
	info, err := os.Stat(name)
	if err != nil {
		return Stamp{}, err
	}
	return Stamp{Size: info.Size(), Modified: info.ModTime().UnixNano()}, nil
}

// stampBefore returns the stamp of a file that was just opened, or none.
func stampBefore(name string, _ file) Stamp {
	s, err := StampOf(name)
	if err != nil {
		return Stamp{}
	}
	return s
}

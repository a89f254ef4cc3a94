package export

import (
	"crypto/sha256"
)

// A Stamp is what a file system says of a file: two that are equal, and older than the clock's granularity, are of the same contents unless
// somebody set the clock back. The zero Stamp is none.
type Stamp struct {
	Size           int64
	Modified       int64 // nanoseconds since 1970
	Changed        int64 // the same, of the last change of contents or metadata; 0 where the system has none
	Device, Number uint64
}

// A Loaded is a source that a Reader has loaded, before it is read.
type Loaded struct {
	Stamp Stamp // taken when the file was opened, before its first byte was read; zero for standard input
	data  []byte
	whole bool
}

// Sum is the SHA-256 of the contents, and whether they are known: an archive is not loaded as a whole.
func (l *Loaded) Sum() ([sha256.Size]byte, bool) {
	if !l.whole {
		return [sha256.Size]byte{}, false
	}
	return sha256.Sum256(l.data), true
}

// Package spill keeps bytes in memory up to a limit, and beyond it in a temporary file that only its owner may read and that has no name
// any more. Where no temporary file can be written, the bytes stay in memory.
package spill

import (
	"errors"
	"os"
)

// A Log is bytes that are added at the end and read again. The zero value keeps them in memory.
// Reads may happen at the same time as others, not at the same time as Append.
type Log struct {
	// Limit is how many bytes wait in memory before they go to the file; 0 keeps all of them in memory.
	Limit int
	// Dir is the folder of the file; "" is the system's.
	Dir string

	buf     []byte // what is not in the file yet
	flushed int64  // how much is
	file    *os.File
	named   bool // file could not be removed while open
	failed  bool // no file can be written
}

// Size is how many bytes were added.
func (l *Log) Size() int64 { return l.flushed + int64(len(l.buf)) }

// File is the temporary file; nil where there is none.
func (l *Log) File() *os.File { return l.file }

// Append adds a copy of bytes.
func (l *Log) Append(b []byte) {
	l.buf = append(l.buf, b...)
	if l.Limit > 0 && len(l.buf) >= l.Limit && !l.failed {
		l.flush()
	}
}

func (l *Log) flush() {
	if l.file == nil {
		f, err := os.CreateTemp(l.Dir, "cupclint-*") // mode 0600
		if err != nil {
			l.failed = true
			return
		}
		// Where the system removes no open file (Windows), Close does it.
		l.named = os.Remove(f.Name()) != nil
		l.file = f
	}
	if _, err := l.file.WriteAt(l.buf, l.flushed); err != nil {
		l.failed = true // no space left: nothing is lost, flushed is unchanged
		return
	}
	l.flushed += int64(len(l.buf))
	l.buf = l.buf[:0]
}

// Read fills p with the bytes from a place on. There must be as many.
func (l *Log) Read(p []byte, at int64) error {
	if at < l.flushed {
		n := min(int64(len(p)), l.flushed-at)
		if _, err := l.file.ReadAt(p[:n], at); err != nil {
			return err
		}
		p, at = p[n:], at+n
	}
	if len(p) > 0 {
		copy(p, l.buf[at-l.flushed:])
	}
	return nil
}

// Close removes the file. What is in it cannot be read any more.
func (l *Log) Close() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	if l.named {
		err = errors.Join(err, os.Remove(l.file.Name()))
	}
	l.file = nil
	return err
}

// readAhead is how many bytes a Window reads at once.
const readAhead = 16 << 10

// A Window is the part of a log that was read last. Most reads are in about the order of the log, and so in the window.
type Window struct {
	log *Log
	at  int64
	buf []byte
}

// Window makes a window on the log.
func (l *Log) Window() *Window { return &Window{log: l} }

// Bytes returns n bytes from a place on, or fewer before the end of the log. They are valid until the next call, and
// until the next Append.
func (w *Window) Bytes(at int64, n int) ([]byte, error) {
	n = int(min(int64(n), w.log.Size()-at))
	if at >= w.log.flushed {
		return w.log.buf[at-w.log.flushed:][:n], nil
	}
	if at < w.at || at+int64(n) > w.at+int64(len(w.buf)) {
		size := int(min(int64(max(n, readAhead)), w.log.Size()-at))
		if cap(w.buf) < size {
			w.buf = make([]byte, max(size, readAhead))
		}
		w.at, w.buf = at, w.buf[:size]
		if err := w.log.Read(w.buf, at); err != nil {
			w.buf = w.buf[:0]
			return nil, err
		}
	}
	return w.buf[at-w.at:][:n], nil
}

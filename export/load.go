package export

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"cupclint/export/appliance"
)

// firstRead is how much is read before anything is decided: more than most exports have.
const firstRead = 64 << 10

// ErrChanging says that someone wrote to the file whenever it was read. What was read may be half old and half new, so it is not judged.
var ErrChanging = errors.New("the file changes while cupclint reads it: run again when the other program has finished writing it")

// load reads a source into the reader's memory: all of it, or of an archive, of a file that is not text and of one that is too
// large as much as it takes to see that. A file that is being written to is read again.
func (r *Reader) load(ctx context.Context, src Source) ([]byte, error) {
	if data, ok := src.InMemory(); ok {
		if isArchive(data) {
			return data, nil // it is only read from, see openAgain
		}
		r.size = int64(len(data))
		return r.fill(src, bytes.NewReader(data))
	}
	if src.Stdin() {
		in := r.Stdin
		if in == nil {
			in = os.Stdin
		}
		r.size = 0
		return r.fill(src, in)
	}
	for try := 1; ; try++ {
		data, unsettled, err := r.loadFile(ctx, src)
		switch {
		case unsettled == 0:
			return data, err
		case try == maxLoads:
			return nil, ErrChanging
		}
		select {
		case <-time.After(unsettled):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// A stamp is what tells that a file was written to.
type stamp struct {
	size     int64
	modified time.Time
}

// A writer may be at work on a file whose time of modification is younger than this: the time is that of a write's begin, and its
// clock goes in steps of some milliseconds. Small files are written in less time; the write of a large one can be still for a while on a
// machine that is busy.
const (
	settleSmall = 20 * time.Millisecond
	settleLarge = 300 * time.Millisecond
	maxLoads    = 3
)

// loadFile reads a file once. Where it may have been written to meanwhile, unsettled is how long to wait before it is read again.
func (r *Reader) loadFile(ctx context.Context, src Source) (data []byte, unsettled time.Duration, err error) {
	f := &r.file
	if f.file, err = openFile(src.Name); err != nil {
		return nil, 0, err
	}
	defer f.Close()
	before, regular := f.stamp()
	r.size = before.size
	f.ctx, f.left, f.counts = ctx, before.size, regular && before.size > 0
	data, err = r.fill(src, f)
	f.ctx = nil
	if !regular || len(data) > 512 && hopeless(data) { // archives have check sums
		return data, 0, err
	}
	settle := settleSmall
	if before.size > firstRead {
		settle = settleLarge
	}
	after, _ := f.stamp()
	age := time.Since(after.modified)
	switch {
	case after != before:
		return nil, settle, nil
	case age >= 0 && age < settle: // one from the future comes from a server with another clock
		return nil, settle - age, nil
	}
	return data, 0, err
}

// A fileInput is the file that is being read.
type fileInput struct {
	file
	ctx    context.Context // of this load
	left   int64           // of the size that the file had when it was opened
	counts bool            // left tells the end
}

// Read tells the end by 0 and no error.
func (f *fileInput) Read(p []byte) (int, error) {
	if f.left == 0 && f.counts {
		return 0, nil // all is there; the second stamp says whether it still is all
	}
	n, err := f.read(f.ctx, p)
	f.left -= int64(n)
	return n, err
}

// fill reads to the end, which an input tells by io.EOF, or a file by 0 and no error.
func (r *Reader) fill(src Source, in io.Reader) ([]byte, error) {
	if r.buf == nil {
		r.buf = make([]byte, firstRead)
	}
	n := 0
	for {
		if n == len(r.buf) {
			r.grow()
		}
		m, err := in.Read(r.buf[n:])
		n += m
		switch {
		case errors.Is(err, io.EOF), m == 0 && err == nil && !src.Stdin():
			return r.buf[:n], nil
		case err != nil:
			return nil, err
		case n > MaxFile && !r.long(r.buf[:n]):
			if src.Stdin() && isArchive(r.buf[:n]) {
				return nil, &BoundError{"an archive on standard input", MaxFile >> 20, "MiB"}
			}
			if largeLog(r.buf[:n]) {
				return condensed(io.MultiReader(bytes.NewReader(r.buf[:n]), &source{in, src.Stdin()}), MaxReport, MaxReport)
			}
			return nil, &BoundError{"the file is larger than an export can be", MaxFile >> 20, "MiB"}
		case !src.Stdin() && n >= 512 && hopeless(r.buf[:n]):
			return r.buf[:n], nil
		}
	}
}

// A source reads the rest of an input, whose end is 0 and no error for a file.
type source struct {
	in    io.Reader
	stdin bool
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.in.Read(p)
	if n == 0 && err == nil && !s.stdin {
		err = io.EOF
	}
	return n, err
}

// grow makes the memory of the reader larger: a long file gets as much as it has, so that half of the memory is not wasted.
func (r *Reader) grow() {
	more := len(r.buf)
	if more >= 1<<20 && r.size > int64(more) && r.size <= MaxSession {
		more = int(r.size) - more + 1
	}
	old := r.buf
	r.buf = make([]byte, len(old)+more)
	copy(r.buf, old)
}

// long reports whether a file that is larger than an export can be is a session, which may be longer.
func (r *Reader) long(data []byte) bool {
	return len(data) <= MaxSession && !isArchive(data) &&
		(r.Force == CLI || r.Force == Auto && appliance.Looks(unsafeString(data[:min(len(data), firstRead)])))
}

func isArchive(b []byte) bool { return isZip(b) || isGzip(b) || isTar(b) }

// hopeless reports that the rest of the file changes nothing: it is an archive, which is read in another way, or no text.
func hopeless(b []byte) bool {
	if isArchive(b) {
		return true
	}
	return bytes.IndexByte(b[:512], 0) >= 0 && !bytes.HasPrefix(b, []byte("\xFF\xFE")) && !bytes.HasPrefix(b, []byte("\xFE\xFF")) &&
		unmarkedUTF16(b) == utf8Plain
}

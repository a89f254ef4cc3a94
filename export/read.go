package export

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Bounds on one archive.
const (
	MaxMembers  = 20_000    // members
	MaxExpanded = 512 << 20 // bytes that come out of it
)

// Read reads a source and yields its exports, or what is wrong with it, as *Error. An archive yields one export or error for each
// of its members; archives inside archives are refused. Sources that were met in a folder and are no exports
// yield nothing.
func (r *Reader) Read(ctx context.Context, src Source) iter.Seq2[*Export, error] {
	return func(yield func(*Export, error) bool) {
		data, err := r.load(ctx, src)
		if err != nil {
			yield(nil, sourceError(src.Name, err))
			return
		}
		open := func() (io.ReaderAt, int64, io.Closer, error) { return openAgain(src.Name, data) }
		switch {
		case isZip(data):
			err = r.zip(ctx, src.Name, open, yield)
		case isGzip(data), isTar(data):
			err = r.tar(ctx, src.Name, src.naming, open, yield)
		default:
			r.one(src.Name, data, src.naming, yield)
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, sourceError(src.Name, err))
		}
	}
}

// errStop ends the reading of an archive because nobody listens any more.
var errStop = errors.New("stop")

func sourceError(name string, err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		return err
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &Error{File: name, Err: err}
}

// one yields a single export. What was found in a folder or an archive, and not named, is passed over where it is of another tool.
func (r *Reader) one(name string, data []byte, how naming, yield func(*Export, error) bool) bool {
	e, err := r.Parse(name, data)
	if how == named && r.SkipForeign {
		how = found
	}
	problem := err
	if err == nil {
		problem = e.Problem
	}
	pass := false
	switch how {
	case unpromising:
		pass = err != nil || !e.known()
	case found:
		pass = problem != nil && r.foreign(problem)
	}
	switch {
	case pass:
		r.pass(name)
		return true
	case err != nil:
		return yield(nil, err)
	}
	return yield(e, nil) && (problem == nil || yield(nil, problem))
}

// A naming says how an input came into the run.
type naming uint8

const (
	named       naming = iota // the user named it
	found                     // in a folder or an archive, under a name that exports have
	unpromising               // there, under another name
)

// foreign reports whether an input that could not be read is of another tool. A damaged export is not.
func (r *Reader) foreign(err error) bool {
	if ours, ok := errors.AsType[*NotUnderstoodError](err); ok {
		return ours.Foreign
	}
	if _, bound := errors.AsType[*BoundError](err); bound || errors.Is(err, ErrEmpty) || errors.Is(err, ErrBinary) || errors.Is(err, ErrNoBOM) {
		return false
	}
	return !r.exp.known() && !r.hasSigns()
}

func (r *Reader) pass(name string) {
	if r.Passed == nil {
		return
	}
	p := Passed{File: name}
	for line := range strings.Lines(r.exp.text) {
		if !blankText(line) {
			p.Lines++
		}
	}
	r.Passed(&p)
}

// known reports whether the export has any key of the key space.
func (e *Export) known() bool {
	for i := range e.Properties {
		if e.Properties[i].Key != NoKey {
			return true
		}
	}
	return false
}

func isZip(b []byte) bool {
	return bytes.HasPrefix(b, []byte("PK\x03\x04")) || bytes.HasPrefix(b, []byte("PK\x05\x06"))
}
func isGzip(b []byte) bool { return bytes.HasPrefix(b, []byte("\x1f\x8b")) }
func isTar(b []byte) bool  { return len(b) > 262 && string(b[257:262]) == "ustar" }

// openAgain opens a file for reading at any place. Of standard input all has been read.
func openAgain(name string, data []byte) (io.ReaderAt, int64, io.Closer, error) {
	if name == Stdin {
		data = bytes.Clone(data) // the members are read into the memory that data lies in
		return bytes.NewReader(data), int64(len(data)), io.NopCloser(nil), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, nil, err
	}
	return f, info.Size(), f, nil
}

type opener func() (io.ReaderAt, int64, io.Closer, error)

func (r *Reader) zip(ctx context.Context, name string, open opener, yield func(*Export, error) bool) error {
	at, size, closer, err := open()
	if err != nil {
		return err
	}
	defer closer.Close()
	z, err := zip.NewReader(at, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // such members get an error of their own
		return fmt.Errorf("open the zip archive: %w", err)
	}
	if len(z.File) > MaxMembers {
		return &BoundError{fmt.Sprintf("the archive has %d members", len(z.File)), MaxMembers, "members"}
	}
	m := members{r: r, archive: name, left: MaxExpanded, yield: yield}
	for _, f := range z.File {
		if ctx.Err() != nil {
			return errStop
		}
		if !f.Mode().IsRegular() {
			continue
		}
		err := m.read(f.Name, func() (io.Reader, error) { return f.Open() })
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) tar(ctx context.Context, name string, how naming, open opener, yield func(*Export, error) bool) error {
	at, size, closer, err := open()
	if err != nil {
		return err
	}
	defer closer.Close()
	m := members{r: r, archive: name, left: MaxExpanded, yield: yield}
	in := io.Reader(io.NewSectionReader(at, 0, size))
	magic := make([]byte, 2)
	if _, err := at.ReadAt(magic, 0); err == nil && isGzip(magic) {
		unzip, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("open the gzip archive: %w", err)
		}
		whole := bufio.NewReader(unzip)
		if head, err := whole.Peek(512); !isTar(head) && !isTarName(name) && (err == nil || errors.Is(err, io.EOF)) {
			return m.member(unzipped(name, unzip.Name), how, func() (io.Reader, error) { return whole, nil })
		}
		in = whole
	}
	// Whatever stands between the members counts, too.
	t := tar.NewReader(&bounded{in, MaxExpanded + MaxExpanded/8})
	for n := 0; ; n++ {
		if ctx.Err() != nil {
			return errStop
		}
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, tar.ErrInsecurePath):
			return fmt.Errorf("read the tar archive: %w", err)
		case n >= MaxMembers:
			return &BoundError{"the archive has too many members; the first ones were read", MaxMembers, "members"}
		case h.Typeflag != tar.TypeReg:
			continue
		}
		if err := m.read(h.Name, func() (io.Reader, error) { return t, nil }); err != nil {
			return err
		}
	}
}

func isTarName(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".tgz") || strings.HasSuffix(name, ".tar.gz")
}

// unzipped names the one file that a gzip file without an archive holds.
func unzipped(name, inside string) string {
	base := path.Base(filepath.ToSlash(name))
	switch ext := path.Ext(base); {
	case strings.EqualFold(ext, ".gz") && len(base) > len(ext):
		return strings.TrimLeft(base[:len(base)-len(ext)], ".")
	case inside != "" && checkMember(inside) == nil && !hidden(inside):
		return inside
	}
	return "content"
}

// A bounded reader fails when more than a bound comes out of a compressed stream.
type bounded struct {
	in   io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, &BoundError{"bytes that come out of the archive", MaxExpanded >> 20, "MiB"}
	}
	n, err := b.in.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// members reads the members of one archive.
type members struct {
	r       *Reader
	archive string
	left    int64
	yield   func(*Export, error) bool
}

// read reads a member. One whose name promises nothing is passed over unless it is an export.
func (m *members) read(name string, open func() (io.Reader, error)) error {
	return m.member(name, namingOf(name), open)
}

func (m *members) member(name string, how naming, open func() (io.Reader, error)) error {
	full := m.archive + "!" + name
	failed := func(err error) error {
		if !m.yield(nil, &Error{File: full, Err: err}) {
			return errStop
		}
		return nil
	}
	if err := checkMember(name); err != nil {
		return failed(err)
	}
	if hidden(name) {
		return nil
	}
	in, err := open()
	if err != nil {
		return failed(err)
	}
	if c, ok := in.(io.Closer); ok {
		defer c.Close()
	}
	data, err := m.fill(in)
	m.left -= int64(len(data))
	switch {
	case m.left <= 0:
		return &BoundError{"bytes that come out of the archive", MaxExpanded >> 20, "MiB"}
	case err != nil && how == unpromising:
		return nil // a log of any size, as problem reports hold them
	case err != nil:
		return failed(err)
	case isArchive(data):
		return failed(errors.New("an archive inside an archive is not opened"))
	}
	if !m.r.one(full, data, how, m.yield) {
		return errStop
	}
	return nil
}

// fill reads a member into the reader's memory, up to one byte more than an export may have.
func (m *members) fill(in io.Reader) ([]byte, error) {
	b := bytes.NewBuffer(m.r.buf[:0])
	_, err := b.ReadFrom(io.LimitReader(in, MaxFile+1))
	data := b.Bytes()
	if cap(data) > cap(m.r.buf) {
		m.r.buf = data[:cap(data)]
	}
	if err == nil && len(data) > MaxFile {
		err = &BoundError{"the member is larger than an export can be", MaxFile >> 20, "MiB"}
	}
	return data, err
}

func hidden(name string) bool {
	for part := range strings.SplitSeq(path.Clean(name), "/") {
		if strings.HasPrefix(part, ".") || part == "__MACOSX" {
			return true
		}
	}
	return false
}

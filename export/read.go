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
	"time"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// Bounds on one archive.
const (
	MaxMembers  = 20_000    // members
	MaxExpanded = 512 << 20 // bytes that come out of it
	MaxReport   = 4 << 30   // bytes that come out of a problem report: of its logs only the lines that say something are kept
)

// Read reads a source and yields its exports, or what is wrong with it, as *Error. An archive yields one export or error for each
// of its members; archives inside archives are refused. Sources that were met in a folder and are not exports
// yield nothing.
func (r *Reader) Read(ctx context.Context, src Source) iter.Seq2[*Export, error] {
	return func(yield func(*Export, error) bool) {
		data, err := r.load(ctx, src)
		if err != nil {
			yield(nil, sourceError(src.Name, err))
			return
		}
		if isArchive(data) {
			err = r.archive(ctx, src, data, yield)
		} else {
			r.one(src.Name, data, src.naming, yield)
		}
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, sourceError(src.Name, err))
		}
	}
}

func (r *Reader) archive(ctx context.Context, src Source, data []byte, yield func(*Export, error) bool) error {
	open := func() (io.ReaderAt, int64, io.Closer, error) { return openAgain(src, data) }
	if isZip(data) {
		return r.zip(ctx, src.Name, open, yield)
	}
	return r.tar(ctx, src.Name, src.naming, open, yield)
}

// errStop ends the reading of an archive because no one listens any more.
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

// one yields a single export. What was found in a folder or an archive, and not named, is skipped where it is of another tool.
func (r *Reader) one(name string, data []byte, how naming, yield func(*Export, error) bool) bool {
	var start time.Time
	if r.Log != nil {
		start = time.Now()
	}
	e, err := r.Parse(name, data)
	if how == named && r.SkipForeign {
		how = namingOf(name)
	}
	own := r.Force == Auto && !r.Evidence && ownReport(r.exp.text)
	if own {
		r.exp.looks, r.exp.hint = "a report or a case of cupclint", ""
		e, err = nil, r.notUnderstood(ErrUnknownFormat)
	}
	problem := err
	if err == nil {
		problem = e.Problem
	}
	if how == gathered && e != nil {
		e.Hollow = nil // the manifest of the folder says what the server did not have
	}
	pass := false
	switch {
	case own:
		pass = how != named
	case how == unpromising, how == gathered && !promises(name):
		pass = err != nil || !e.known() && len(e.Evidence) == 0
	case how == gathered:
		_, pass = errors.AsType[*NotUnderstoodError](problem)
	case how == found:
		pass = problem != nil && (r.foreign(problem) || r.exp.Format == JabberLog && errors.Is(problem, ErrNoProperties))
	}
	if r.Log != nil {
		r.log(name, e, problem, pass, len(data), time.Since(start))
	}
	switch {
	case pass:
		r.pass(name, how == gathered)
		return true
	case err != nil:
		return yield(nil, err)
	}
	return yield(e, nil) && (problem == nil || yield(nil, problem))
}

// log notes what became of an input. The words of its text are not in it.
func (r *Reader) log(name string, e *Export, problem error, pass bool, size int, took time.Duration) {
	switch {
	case pass:
		r.Log.Info("skipped", "file", name, "bytes", size, "why", "it is not an export of a client or a server")
	case e == nil:
		r.Log.Info("not read", "file", name, "bytes", size, "why", problem.Error())
	default:
		more := ""
		if problem != nil {
			more = problem.Error()
		}
		r.Log.Info("read", "file", name, "format", e.Format.String(), "properties", len(e.Properties), "evidence", len(e.Evidence), "ignored",
			e.ignored, "bytes", size, "problem", more)
		r.Log.Debug("parsed", "file", name, "took", took)
	}
}

// A naming says how an input came into the run.
type naming uint8

const (
	named       naming = iota // the user named it
	found                     // in a folder or an archive, under a name that exports have
	unpromising               // there, under another name
	gathered                  // in a folder of cupclint collect: an answer of a server, of which rules need not know anything
)

// foreign reports whether an input that could not be read is of another tool. A damaged export is not.
func (r *Reader) foreign(err error) bool {
	if ours, ok := errors.AsType[*NotUnderstoodError](err); ok {
		return ours.Foreign
	}
	if _, bound := errors.AsType[*BoundError](err); bound || errors.Is(err, ErrEmpty) || errors.Is(err, ErrBinary) ||
		errors.Is(err, ErrNoBOM) {
		return false
	}
	return !r.exp.known() && !r.hasSigns()
}

func (r *Reader) pass(name string, answer bool) {
	if r.Passed == nil {
		return
	}
	p := Passed{File: name, Gathered: answer}
	for line := range strings.Lines(r.exp.text) {
		if !chars.AllBlank(line) {
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
func openAgain(src Source, data []byte) (io.ReaderAt, int64, io.Closer, error) {
	if whole, ok := src.InMemory(); ok {
		return bytes.NewReader(whole), int64(len(whole)), io.NopCloser(nil), nil
	}
	if src.Stdin() {
		data = bytes.Clone(data) // the members are read into the memory that data is in
		return bytes.NewReader(data), int64(len(data)), io.NopCloser(nil), nil
	}
	f, err := os.Open(src.Name)
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
	m := members{r: r, archive: name, most: MaxExpanded, yield: yield, report: isReport(z.File)}
	if m.report {
		m.most = MaxReport
	}
	m.left = m.most
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
	m := members{r: r, archive: name, left: MaxExpanded, most: MaxExpanded, yield: yield}
	in := io.Reader(io.NewSectionReader(at, 0, size))
	magic := make([]byte, 2)
	if _, err := at.ReadAt(magic, 0); err == nil && isGzip(magic) {
		unzip, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("open the gzip archive: %w", err)
		}
		whole := bufio.NewReader(unzip)
		if head, err := whole.Peek(512); !isTar(head) && !isTarName(name) {
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("unpack the gzip file: %w", err)
			}
			return m.member(unzipped(name, unzip.Name), how, func() (io.Reader, error) { return whole, nil })
		}
		in = whole
	}
	// What is between the members counts, too.
	t := tar.NewReader(&bounded{in, MaxExpanded + MaxExpanded/8, MaxExpanded})
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
	in         io.Reader
	left, most int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, &BoundError{"bytes that come out of the archive", b.most >> 20, "MiB"}
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
	most    int64 // what left began with
	yield   func(*Export, error) bool
	report  bool // the archive is a problem report of Jabber
	// collected says that the archive is a folder of cupclint collect, whose manifest comes first.
	collected bool
}

// read reads a member. One whose name promises nothing is skipped unless it is an export.
func (m *members) read(name string, open func() (io.Reader, error)) error {
	name = strings.ReplaceAll(name, `\`, "/") // as Compress-Archive of Windows PowerShell 5.1 writes names
	return m.member(name, m.naming(name), open)
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
	data, n, err := m.fill(in)
	m.left -= n
	if err == nil && isGzip(data) {
		data, n, err = m.unzip(data)
		m.left -= n
	}
	switch {
	case m.left <= 0:
		return &BoundError{"bytes that come out of the archive", m.most >> 20, "MiB"}
	case err != nil && how == unpromising:
		return nil
	case err != nil:
		return failed(err)
	case isArchive(data) && m.report:
		return nil
	case isArchive(data):
		return failed(errors.New("cupclint does not open an archive inside an archive"))
	}
	if path.Base(name) == collectManifest && isCollectManifest(data) {
		m.collected = true
		return nil
	}
	if m.collected && path.Base(name) == collectLog {
		return nil
	}
	if !m.r.one(full, data, how, m.yield) {
		return errStop
	}
	return nil
}

// naming says what to expect of a member. A problem report holds much that is of no interest; what clients downloaded and what they were
// set up with must be readable.
func (m *members) naming(name string) naming {
	if m.collected {
		return gathered
	}
	base := path.Base(name)
	if m.report && !fold.HasPrefix(base, "jabber-config") && !fold.HasPrefix(base, "jabber-bootstrap") {
		return unpromising
	}
	return namingOf(name)
}

// isReport reports whether an archive is a problem report of Jabber, by the logs in it.
func isReport(files []*zip.File) bool {
	for _, f := range files {
		base := path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
		if fold.HasPrefix(base, "csf-unified.log") || fold.HasPrefix(base, "jabber.log") {
			return true
		}
	}
	return false
}

// fill reads a member into the reader's memory, up to one byte more than an export may have. Of a larger log it keeps the lines that say
// something. n is how many bytes the member had.
func (m *members) fill(in io.Reader) (data []byte, n int64, err error) {
	b := bytes.NewBuffer(m.r.buf[:0])
	_, err = b.ReadFrom(io.LimitReader(in, MaxFile+1))
	data = b.Bytes()
	n = int64(len(data))
	if cap(data) > cap(m.r.buf) {
		m.r.buf = data[:cap(data)]
	}
	switch {
	case err != nil || len(data) <= MaxFile:
		return data, n, err
	case largeLog(data):
		rest := &counted{in: in}
		data, err = condensed(io.MultiReader(bytes.NewReader(data), rest), m.left, m.most)
		return data, n + rest.n, err
	}
	return data, n, &BoundError{"the member is larger than an export can be", MaxFile >> 20, "MiB"}
}

// unzip undoes the compression of a single file, as rotated logs have it.
func (m *members) unzip(data []byte) ([]byte, int64, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(bytes.Clone(data))) // its memory is that of what comes out
	if err != nil {
		return nil, 0, fmt.Errorf("open the gzip file: %w", err)
	}
	return m.fill(&bounded{unzip, m.left, m.most})
}

// largeLog reports whether what is too large for an export is a log of a Jabber client, of which only some lines count.
func largeLog(data []byte) bool { return isJabberLog(string(data[:min(len(data), firstRead)])) }

// condensed reads a log and keeps the lines that say something; of the others only the line ends stay, so that lines keep their numbers.
func condensed(in io.Reader, left, most int64) ([]byte, error) {
	lines := bufio.NewReaderSize(&bounded{in, left, most}, firstRead)
	var out []byte
	for {
		line, err := lines.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		if err != nil && !long && !errors.Is(err, io.EOF) {
			return out, err
		}
		switch {
		case !long && logInterest(string(line)):
			out = append(out, line...)
		case bytes.HasSuffix(line, []byte("\n")):
			out = append(out, '\n')
		}
		if len(out) > MaxFile {
			return out, &BoundError{"the settings and failures of a log", MaxFile >> 20, "MiB"}
		}
		if errors.Is(err, io.EOF) {
			return out, nil
		}
	}
}

// counted counts what was read.
type counted struct {
	in io.Reader
	n  int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, err
}

func hidden(name string) bool {
	for part := range strings.SplitSeq(path.Clean(name), "/") {
		if strings.HasPrefix(part, ".") || part == "__MACOSX" {
			return true
		}
	}
	return false
}

package lint

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cupclint/export"
)

// A Cache remembers the results of whole runs. A run over the same sources, none of which has changed, under the same configuration
// and program, is not made again: its findings are read back. When one source has changed all are judged again, because rules
// compare sources with one another.
//
// Whether a source has changed is told by its stamp (size, times of modification and of change, device and number). A stamp of the
// moment of the run itself proves nothing, because a clock has steps: there the contents decide, by their SHA-256, as they
// do for all sources with ByContent.
//
// An entry is a file of the folder, written beside and renamed, so runs side by side never see half of one; one that is damaged counts
// for nothing. It holds what reports hold: no secret.
type Cache struct {
	// Dir is the folder; it is made when missing. One that cannot be written to makes every run a first one.
	Dir string
	// Key stands for all else that the result depends on: program, configuration, arguments. See NewCacheKey.
	Key [sha256.Size]byte
	// ByContent trusts no stamp.
	ByContent bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// NewCacheKey makes a key of everything that a result depends on beside the sources. The policy counts with all its settings.
func NewCacheKey(program string, o *Options, more ...string) [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %t %t", cacheMagic, program, o.Addresses, o.Suppressed)
	for _, r := range o.Rules {
		fmt.Fprintf(h, " %s", r.ID)
	}
	if o.Policy != nil {
		fmt.Fprintf(h, " %#v", o.Policy.settings)
	}
	for _, m := range more {
		fmt.Fprintf(h, " %q", m)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

const (
	// cacheMagic begins every entry. It changes with the form of entries, and of findings in them.
	cacheMagic = "cupclint cache 2\n"
	// maxEntry bounds an entry in bytes; a result beyond it is not kept.
	maxEntry = 64 << 20
	// maxEntries bounds the entries of the folder; the oldest ones go.
	maxEntries = 64
	// granularity is the coarsest step of a file system's clock (FAT has two seconds).
	granularity = 2 * time.Second
)

// usable reports whether the run can be remembered at all.
func (c *Cache) usable(o *Options) bool {
	return c != nil && c.Dir != "" && o.Filter == nil && !o.Deployments && len(o.Errors) == 0 && len(o.Sources) > 0 &&
		!slices.ContainsFunc(o.Sources, func(s export.Source) bool { return s.Name == export.Stdin })
}

func (c *Cache) file() string { return filepath.Join(c.Dir, hex.EncodeToString(c.Key[:])) }

func (c *Cache) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// A seen is what is known of one source: its stamp, and where that proves nothing the sum of its contents.
type seen struct {
	stamp export.Stamp
	sum   *[sha256.Size]byte
}

// watcher gathers what the sources of a run were like when they were read.
type watcher struct {
	cache *Cache
	begun time.Time
	all   []seen
	lost  atomic.Bool // one cannot be known
}

func (c *Cache) watch(o *Options) *watcher {
	return &watcher{cache: c, begun: c.now(), all: make([]seen, len(o.Sources))}
}

// loaded is told of source i.
func (w *watcher) loaded(i int, l *export.Loaded) {
	s := &w.all[i]
	if s.stamp = l.Stamp; s.stamp == (export.Stamp{}) {
		w.lost.Store(true)
		return
	}
	recent := w.begun.Add(-granularity).UnixNano()
	if !w.cache.ByContent && s.stamp.Modified < recent && s.stamp.Changed < recent {
		return
	}
	sum, ok := l.Sum()
	if !ok {
		w.lost.Store(true)
		return
	}
	s.sum = &sum
}

// The form of an entry: cacheMagic, then the SHA-256 of all that follows, then numbers as varints and strings with their length in front:
// the sources in chunks of chunkSize, each chunk with its length in front; then summary, findings, suppressed findings, addresses.
const chunkSize = 512

// Kinds of sources in an entry.
const (
	unread    = 0 // ignored by the policy
	byStamp   = 1
	byContent = 2
)

// keep writes the result of a run that came to its end without errors.
func (w *watcher) keep(r *run, res *Result) {
	if w.lost.Load() || len(res.Errors) > 0 {
		return
	}
	var b bytes.Buffer
	b.Write(binary.AppendUvarint(nil, uint64(len(r.Sources))))
	for from := 0; from < len(r.Sources); from += chunkSize {
		chunk := w.chunk(r.Sources, from, min(from+chunkSize, len(r.Sources)))
		b.Write(binary.AppendUvarint(nil, uint64(len(chunk))))
		b.Write(chunk)
	}
	n := []byte{}
	for _, v := range []int{res.Summary.Files, res.Summary.Properties, res.Summary.Findings.Error, res.Summary.Findings.Warning, res.Summary.Findings.Info, res.Summary.Suppressed, res.Summary.Passed} {
		n = appendInt(n, v)
	}
	b.Write(n)
	if keepAll(&b, r.findings) && keepAll(&b, r.suppressed) && keepAll(&b, r.addresses) && keepAll(&b, r.inputs) {
		w.cache.write(b.Bytes())
	}
}

func (w *watcher) chunk(sources []export.Source, from, to int) []byte {
	var b []byte
	for i := from; i < to; i++ {
		s := &w.all[i]
		b = appendString(b, sources[i].Name)
		switch {
		case s.stamp == export.Stamp{}:
			b = append(b, unread)
			continue
		case s.sum != nil:
			b = append(append(b, byContent), s.sum[:]...)
		default:
			b = append(b, byStamp)
		}
		for _, v := range [...]uint64{uint64(s.stamp.Size), uint64(s.stamp.Modified), uint64(s.stamp.Changed), s.stamp.Device, s.stamp.Number} {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
	}
	return b
}

// keepAll appends the records of a spool, each with the name of its file and its length in front, and an end mark. It gives up where they are
// too many.
func keepAll[T any, R record[T]](b *bytes.Buffer, s *spool[T, R]) bool {
	w := window[T, R]{spool: s}
	for i := range s.blocks {
		encoded, err := w.bytes(s.blocks[i])
		if err != nil || b.Len()+len(encoded) > maxEntry {
			return false
		}
		b.Write(appendString([]byte{1}, s.blocks[i].file))
		b.Write(appendInt(nil, int(s.blocks[i].index)))
		b.Write(binary.AppendUvarint(nil, uint64(len(encoded))))
		b.Write(encoded)
	}
	b.WriteByte(0)
	return true
}

// write puts an entry into the folder, and takes old ones out. What fails costs the shortcut and nothing else.
func (c *Cache) write(body []byte) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return
	}
	f, err := os.CreateTemp(c.Dir, "new-*") // mode 0600
	if err != nil {
		return
	}
	sum := sha256.Sum256(body)
	_, err = f.Write(slices.Concat([]byte(cacheMagic), sum[:]))
	if err == nil {
		_, err = f.Write(body)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), c.file())
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return
	}
	c.prune()
}

// prune removes the oldest entries beyond the bound, and what an earlier run left half written.
func (c *Cache) prune() {
	entries, err := os.ReadDir(c.Dir)
	if err != nil || len(entries) <= maxEntries {
		return
	}
	type aged struct {
		name string
		at   time.Time
	}
	var all []aged
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			all = append(all, aged{e.Name(), info.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b aged) int { return b.at.Compare(a.at) })
	for _, old := range all[min(maxEntries, len(all)):] {
		_ = os.Remove(filepath.Join(c.Dir, old.name))
	}
}

// load returns the result of an earlier run over the same sources, or nil.
func (c *Cache) load(ctx context.Context, o *Options) *Result {
	f, err := os.Open(c.file())
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	head := int64(len(cacheMagic) + sha256.Size)
	if err != nil || info.Size() < head || info.Size() > maxEntry+int64(len(o.Sources))*4096 {
		return nil
	}
	start := make([]byte, head)
	if _, err := io.ReadFull(f, start); err != nil || !bytes.HasPrefix(start, []byte(cacheMagic)) {
		return nil
	}
	in := &entryReader{r: bufio.NewReaderSize(f, 256<<10), sum: sha256.New(), left: info.Size() - head}
	if in.int() != uint64(len(o.Sources)) || !c.unchanged(ctx, o.Sources, in) {
		return nil
	}
	r := newRun(*o)
	res := &Result{findings: r.findings, addresses: r.addresses, suppressed: r.suppressed, inputs: r.inputs}
	for _, to := range []*int{&res.Summary.Files, &res.Summary.Properties, &res.Summary.Findings.Error, &res.Summary.Findings.Warning, &res.Summary.Findings.Info, &res.Summary.Suppressed, &res.Summary.Passed} {
		*to = in.signed()
	}
	loadAll(in, r.findings)
	loadAll(in, r.suppressed)
	loadAll(in, r.addresses)
	loadAll(in, r.inputs)
	if in.err != nil || in.left != 0 || !bytes.Equal(in.sum.Sum(nil), start[len(cacheMagic):]) {
		_ = res.Close()
		return nil
	}
	if r.Progress != nil {
		r.Progress(len(o.Sources), len(o.Sources))
	}
	return res
}

func loadAll[T any, R record[T]](in *entryReader, s *spool[T, R]) {
	for in.byte() == 1 {
		file := string(in.bytes(int(in.int())))
		index := in.signed()
		if encoded := in.bytes(int(in.int())); in.err == nil {
			s.add(file, index, encoded)
		}
	}
	s.sort()
}

// unchanged compares the sources with those of the entry, side by side.
func (c *Cache) unchanged(ctx context.Context, sources []export.Source, in *entryReader) bool {
	type job struct {
		sources []export.Source
		chunk   []byte
	}
	var changed atomic.Bool
	var wg sync.WaitGroup
	jobs := make(chan job, 4)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for j := range jobs {
				if !changed.Load() && (ctx.Err() != nil || !c.sameChunk(j.sources, j.chunk)) {
					changed.Store(true)
				}
			}
		})
	}
	for from := 0; from < len(sources) && in.err == nil && !changed.Load(); from += chunkSize {
		n := int(in.int())
		chunk := bytes.Clone(in.bytes(n))
		jobs <- job{sources[from:min(from+chunkSize, len(sources))], chunk}
	}
	close(jobs)
	wg.Wait()
	return in.err == nil && !changed.Load()
}

func (c *Cache) sameChunk(sources []export.Source, chunk []byte) bool {
	for i := range sources {
		n, size := binary.Uvarint(chunk)
		if size <= 0 || n > uint64(len(chunk)-size) || string(chunk[size:size+int(n)]) != sources[i].Name {
			return false
		}
		chunk = chunk[size+int(n):]
		if len(chunk) == 0 {
			return false
		}
		kind := chunk[0]
		chunk = chunk[1:]
		if kind == unread {
			continue
		}
		var sum []byte
		if kind == byContent {
			if len(chunk) < sha256.Size {
				return false
			}
			sum, chunk = chunk[:sha256.Size], chunk[sha256.Size:]
		}
		const stampSize = 5 * 8
		if len(chunk) < stampSize || c.ByContent && sum == nil || !sameSource(sources[i].Name, stampFrom(chunk), sum) {
			return false
		}
		chunk = chunk[stampSize:]
	}
	return len(chunk) == 0
}

func stampFrom(b []byte) export.Stamp {
	at := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	return export.Stamp{Size: int64(at(0)), Modified: int64(at(1)), Changed: int64(at(2)), Device: at(3), Number: at(4)}
}

// sameSource reports whether a file is as it was. With a sum its contents decide, and the stamp only saves reading a file of another
// size.
func sameSource(name string, stamp export.Stamp, sum []byte) bool {
	now, err := export.StampOf(name)
	if err != nil {
		return false
	}
	if sum == nil {
		return now == stamp
	}
	if now.Size != stamp.Size {
		return false
	}
	have, err := sumOf(name)
	return err == nil && bytes.Equal(have, sum)
}

func sumOf(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, fs.ErrInvalid)
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	return h.Sum(nil), err
}

// An entryReader reads an entry. After the first error it gives zero values.
type entryReader struct {
	r    *bufio.Reader
	sum  hash.Hash
	left int64
	buf  []byte
	err  error
}

func (in *entryReader) fail() { in.err = errCodec }

func (in *entryReader) byte() byte {
	b := in.bytes(1)
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

func (in *entryReader) int() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b := in.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	in.fail()
	return 0
}

func (in *entryReader) signed() int {
	u := in.int()
	return int(int64(u>>1) ^ -int64(u&1))
}

// bytes are valid until the next call.
func (in *entryReader) bytes(n int) []byte {
	if in.err != nil || n < 0 || int64(n) > in.left {
		in.fail()
		return nil
	}
	in.buf = slices.Grow(in.buf[:0], n)[:n]
	if _, err := io.ReadFull(in.r, in.buf); err != nil {
		in.fail()
		return nil
	}
	in.left -= int64(n)
	in.sum.Write(in.buf)
	return in.buf
}

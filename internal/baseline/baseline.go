// Package baseline knows the findings that were accepted once, so that only new ones count. The findings of a run go in; a file that
// names them goes out, or the findings that such a file does not name.
//
// A finding is known again by its fingerprint, which has no file name, line or message in it. The file that it was in is written
// down with it, for one purpose: if equal findings are in many files, the one in the new file is the new one.
//
// The package writes no value and no message of a finding, so no secret. It never decides that a finding is in order.
package baseline

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cupclint/internal/jsonplace"
	"cupclint/internal/platform"
	"cupclint/internal/safefile"
	"cupclint/lint"
)

// FileName is the usual name of the file.
const FileName = ".cupclint-baseline.json"

// Version is that of the file's form, published as docs/schema/baseline.schema.json. Version 1 is still read.
const Version = 2

// maxFile bounds the file, in bytes: some hundred thousand findings.
const maxFile = 64 << 20

// An Entry stands for findings of one rule that have one fingerprint.
type Entry struct {
	Rule string `json:"rule"`
	// Key in canonical spelling; empty where the finding is about none. For the reader alone.
	Key string `json:"key,omitempty"`
	// Fingerprint is the HASH of HASH:N.
	Fingerprint string `json:"fingerprint"`
	// Files says how many are in which file: relative to the baseline's folder, with forward slashes; empty for a finding that no
	// file places.
	Files map[string]int `json:"files"`
}

// A Baseline is a file of accepted findings.
type Baseline struct {
	Entries []Entry
	place   place
	name    string
}

// document is the form of the file.
type document struct {
	Schema  string            `json:"$schema,omitempty"`
	Version int               `json:"version"`
	Files   map[string][]line `json:"files"`
	// Findings are those of version 1.
	Findings []Entry `json:"findings"`
}

// A line is what the file says of one file and fingerprint. Each has a line of its own below its file, and nothing counts over all of them,
// so that two changes about two files do not meet.
type line struct {
	Rule        string `json:"rule"`
	Key         string `json:"key,omitempty"`
	Fingerprint string `json:"fingerprint"`
	Count       int    `json:"count,omitempty"` // 0 for one
}

// Collect makes a baseline of all findings. The name is that of the file it will be written to; names of files are relative to the
// working directory, which is absolute.
func Collect(name, workDir string, findings iter.Seq2[*lint.Finding, error]) (*Baseline, error) {
	c := NewCollector(name, workDir)
	for f, err := range findings {
		if err != nil {
			return nil, err
		}
		c.Add(f)
	}
	return c.Baseline(), nil
}

// A Collector makes a baseline of findings one by one.
type Collector struct {
	b     *Baseline
	known map[string]int // hash -> place in Entries
}

// NewCollector makes one for a file of that name, as Collect does.
func NewCollector(name, workDir string) *Collector {
	return &Collector{&Baseline{place: newPlace(name, workDir), name: name}, map[string]int{}}
}

// Add takes a finding.
func (c *Collector) Add(f *lint.Finding) {
	hash := hashOf(f)
	i, ok := c.known[hash]
	if !ok {
		i = len(c.b.Entries)
		c.known[hash] = i
		c.b.Entries = append(c.b.Entries,
			Entry{Rule: f.Rule, Key: strings.ToValidUTF8(f.Key, "\ufffd"), Fingerprint: hash, Files: map[string]int{}})
	}
	c.b.Entries[i].Files[c.b.place.relative(f.File)]++
}

// Baseline returns the baseline of what was added.
func (c *Collector) Baseline() *Baseline {
	c.b.sort()
	return c.b
}

// hashOf cuts the number off a fingerprint.
func hashOf(f *lint.Finding) string {
	hash, _, _ := strings.Cut(f.Fingerprint, ":")
	return hash
}

func (b *Baseline) sort() {
	slices.SortFunc(b.Entries, func(x, y Entry) int {
		return cmp.Or(strings.Compare(x.Rule, y.Rule), strings.Compare(x.Key, y.Key), strings.Compare(x.Fingerprint, y.Fingerprint))
	})
}

// Len returns how many findings the baseline names.
func (b *Baseline) Len() int {
	n := 0
	for _, e := range b.Entries {
		n += e.count()
	}
	return n
}

func (e *Entry) count() int {
	n := 0
	for _, c := range e.Files {
		n += c
	}
	return n
}

// Write writes the file. The same findings give the same bytes.
func (b *Baseline) Write(w io.Writer) error {
	files := make(map[string][]line)
	for _, e := range b.Entries { // which are in order
		for name, n := range e.Files {
			l := line{Rule: e.Rule, Key: e.Key, Fingerprint: e.Fingerprint}
			if n > 1 {
				l.Count = n
			}
			files[name] = append(files[name], l)
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	value := func(v any) error {
		err := enc.Encode(v)
		out.Truncate(out.Len() - 1) // the line break
		return err
	}
	fmt.Fprintf(&out, "{\n \"version\": %d,\n \"files\": {", Version)
	for i, name := range slices.Sorted(maps.Keys(files)) {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n  ")
		if err := value(name); err != nil {
			return err
		}
		out.WriteString(": [")
		for j, l := range files[name] {
			if j > 0 {
				out.WriteByte(',')
			}
			out.WriteString("\n   ")
			if err := value(l); err != nil {
				return err
			}
		}
		out.WriteString("\n  ]")
	}
	if len(files) > 0 {
		out.WriteString("\n ")
	}
	out.WriteString("}\n}\n")
	_, err := w.Write(out.Bytes())
	return err
}

// Read reads the file of that name. The working directory is absolute; errors name the file.
func Read(name, workDir string) (*Baseline, error) {
	b, err := read(name, workDir)
	if err != nil {
		return nil, fmt.Errorf("read the baseline %s: %w", name, err)
	}
	return b, nil
}

func read(name, workDir string) (*Baseline, error) {
	data, err := safefile.ReadFound(name, maxFile)
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err // the name is said already
		}
		return nil, err
	}
	b, err := parse(data)
	if err != nil {
		return nil, err
	}
	b.place, b.name = newPlace(name, workDir), name
	return b, nil
}

func parse(data []byte) (*Baseline, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("larger than %d MiB", maxFile>>20)
	}
	data = platform.Text(data)
	var version struct{ Version int }
	if err := json.Unmarshal(data, &version); err != nil {
		return nil, jsonplace.Of(data, 0, err)
	}
	if version.Version != Version && version.Version != 1 {
		return nil, fmt.Errorf("its version is %d, but this program reads only 1 and %d: write it again with --write-baseline", version.Version,
			Version)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var d document
	if err := dec.Decode(&d); err != nil {
		return nil, jsonplace.Of(data, dec.InputOffset(), err)
	}
	switch {
	case version.Version == 1 && d.Files != nil:
		return nil, errors.New("version 1 has findings and no files")
	case version.Version != 1 && d.Findings != nil:
		return nil, fmt.Errorf("version %d has files and no findings", version.Version)
	case version.Version != 1 && d.Files == nil:
		return nil, fmt.Errorf("version %d needs files", version.Version)
	case version.Version != 1:
		return d.entries()
	}
	known := make(map[string]bool, len(d.Findings))
	for i := range d.Findings {
		e := &d.Findings[i]
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("finding %d: %w", i+1, err)
		}
		if known[e.Fingerprint] {
			return nil, fmt.Errorf("finding %d: the fingerprint %s is listed twice", i+1, e.Fingerprint)
		}
		known[e.Fingerprint] = true
	}
	return &Baseline{Entries: d.Findings}, nil
}

// entries turns the lines into entries, in order.
func (d *document) entries() (*Baseline, error) {
	b := new(Baseline)
	at := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(d.Files)) {
		for i, l := range d.Files[name] {
			n := max(l.Count, 1)
			one := Entry{Rule: l.Rule, Key: l.Key, Fingerprint: l.Fingerprint, Files: map[string]int{name: n}}
			err := one.check()
			if l.Count < 0 {
				err = fmt.Errorf("the count %d is not between 1 and %d", l.Count, math.MaxInt32)
			}
			if err != nil {
				return nil, fmt.Errorf("finding %d of %q: %w", i+1, name, err)
			}
			j, known := at[l.Fingerprint]
			if !known {
				at[l.Fingerprint] = len(b.Entries)
				b.Entries = append(b.Entries, one)
				continue
			}
			b.Entries[j].Files[name] = max(n, b.Entries[j].Files[name]) // twice after a merge of two branches that accepted the same
		}
	}
	b.sort()
	return b, nil
}

func (e *Entry) check() error {
	if hash, err := hex.DecodeString(e.Fingerprint); err != nil || len(hash) != 16 || e.Fingerprint != strings.ToLower(e.Fingerprint) {
		return fmt.Errorf("%q is not a fingerprint: use 32 hexadecimal digits in lower case", e.Fingerprint)
	}
	if e.Rule == "" || len(e.Files) == 0 {
		return errors.New("it needs a rule and files")
	}
	for file, n := range e.Files {
		if n < 1 || n > math.MaxInt32 {
			return fmt.Errorf("the number %d for %q is not between 1 and %d", n, file, math.MaxInt32)
		}
	}
	return nil
}

// A place turns names of findings into names of the file and back.
type place struct{ dir, workDir string }

func newPlace(name, workDir string) place {
	if !filepath.IsAbs(name) {
		name = filepath.Join(workDir, name)
	}
	return place{dir: filepath.Dir(name), workDir: workDir}
}

// relative returns a finding's file as the baseline has it. Standard input and files on another volume keep their names.
func (p place) relative(file string) string {
	if file == "" || file == "-" {
		return file
	}
	abs := filepath.FromSlash(file)
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(p.workDir, abs)
	}
	if rel, err := filepath.Rel(p.dir, abs); err == nil {
		file = rel
	}
	return strings.ToValidUTF8(filepath.ToSlash(file), "\ufffd")
}

// absolute returns the path of a file, or of the archive that it is in.
func (p place) absolute(file string) string {
	abs := filepath.FromSlash(file)
	if !filepath.IsAbs(abs) {
		abs = filepath.Join(p.dir, abs)
	}
	return abs
}

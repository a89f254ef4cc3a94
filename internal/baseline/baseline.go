// Package baseline knows the findings that were accepted once, so that only new ones count. The findings of a run go in; a file that
// names them goes out, or the findings that such a file does not name.
//
// A finding is known again by its fingerprint, which has no file name, line or message in it. The file that it stood in is written
// down beside it, for one purpose: where equal findings stand in many files, the one in the new file is the new one.
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
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cupclint/internal/safefile"
	"cupclint/lint"
)

// FileName is the usual name of the file.
const FileName = ".cupclint-baseline.json"

// Version is that of the file's form, published as docs/schema/baseline.schema.json.
const Version = 1

// maxFile bounds the file, in bytes: some hundred thousand findings.
const maxFile = 64 << 20

// An Entry stands for findings of one rule that have one fingerprint.
type Entry struct {
	Rule string `json:"rule"`
	// Key in canonical spelling; empty where the finding is about none. For the reader alone.
	Key string `json:"key,omitempty"`
	// Fingerprint is the HASH of HASH:N.
	Fingerprint string `json:"fingerprint"`
	// Files says how many stand in which file: relative to the baseline's folder, with forward slashes; empty for a finding that no
	// file places.
	Files map[string]int `json:"files"`
}

// A Baseline is a file of accepted findings.
type Baseline struct {
	Entries []Entry
	place   place
}

// document is the form of the file.
type document struct {
	Schema   string  `json:"$schema,omitempty"`
	Version  int     `json:"version"`
	Findings []Entry `json:"findings"`
}

// Collect makes a baseline of all findings. The name is that of the file it will be written to; names of files are relative to the
// working directory, which is absolute.
func Collect(name, workDir string, findings iter.Seq2[*lint.Finding, error]) (*Baseline, error) {
	b := &Baseline{place: newPlace(name, workDir)}
	known := map[string]int{} // hash -> place in Entries
	for f, err := range findings {
		if err != nil {
			return nil, err
		}
		hash := hashOf(f)
		i, ok := known[hash]
		if !ok {
			i = len(b.Entries)
			known[hash] = i
			b.Entries = append(b.Entries, Entry{Rule: f.Rule, Key: strings.ToValidUTF8(f.Key, "\ufffd"), Fingerprint: hash, Files: map[string]int{}})
		}
		b.Entries[i].Files[b.place.relative(f.File)]++
	}
	b.sort()
	return b, nil
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
	d := document{Version: Version, Findings: b.Entries}
	if d.Findings == nil {
		d.Findings = []Entry{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(d)
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
	b.place = newPlace(name, workDir)
	return b, nil
}

func parse(data []byte) (*Baseline, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("larger than %d MiB", maxFile>>20)
	}
	var version struct{ Version int }
	if err := json.Unmarshal(data, &version); err != nil {
		return nil, placed(data, err)
	}
	if version.Version != Version {
		return nil, fmt.Errorf("its version is %d, and this program knows %d: write it again with --write-baseline", version.Version, Version)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var d document
	if err := dec.Decode(&d); err != nil {
		return nil, placed(data, err)
	}
	known := make(map[string]bool, len(d.Findings))
	for i := range d.Findings {
		e := &d.Findings[i]
		if err := e.check(); err != nil {
			return nil, fmt.Errorf("finding %d: %w", i+1, err)
		}
		if known[e.Fingerprint] {
			return nil, fmt.Errorf("finding %d: the fingerprint %s stands there already", i+1, e.Fingerprint)
		}
		known[e.Fingerprint] = true
	}
	return &Baseline{Entries: d.Findings}, nil
}

// placed adds the line to an error of JSON, as after a merge conflict.
func placed(data []byte, err error) error {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	if offset < 0 || offset > int64(len(data)) {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:offset], []byte("\n")), err)
}

func (e *Entry) check() error {
	if hash, err := hex.DecodeString(e.Fingerprint); err != nil || len(hash) != 16 || e.Fingerprint != strings.ToLower(e.Fingerprint) {
		return fmt.Errorf("%q is no fingerprint: 32 hexadecimal digits in lower case", e.Fingerprint)
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

// relative returns a finding's file as the baseline has it. Standard input and what lies on another volume keep their names.
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

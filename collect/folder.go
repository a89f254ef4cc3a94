package collect

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"cupclint/export"
	"cupclint/internal/safefile"
)

// A Folder is where a run puts its files: 0700, the files 0600. It is safe for use by many goroutines.
type Folder struct {
	name string
	root *os.Root
	mu   sync.Mutex
	log  *os.File
	// content remembers by name of the file and hash what was written, so that the same file of two nodes is kept once.
	content map[string]string
	foreign map[string]bool // what is in the folder and no run wrote: it is never removed or replaced
	hidden  bool            // written with pseudonyms
}

// NewFolder makes a folder, or takes an empty one.
func NewFolder(name string) (*Folder, error) {
	entries, err := os.ReadDir(name)
	switch {
	case err == nil && len(entries) > 0:
		return nil, fmt.Errorf("the folder %s is not empty: name a new one with --out, or continue a run with --resume", name)
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(name, 0o700); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	}
	return openFolder(name)
}

// OldFolder opens the folder of an earlier run and reads its manifest. A folder that has none is left as it is.
func OldFolder(name string) (*Folder, *Manifest, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	m, err := readManifest(root)
	if err != nil {
		return nil, nil, fmt.Errorf("read the manifest of %s: %w", name, err)
	}
	f, err := openFolder(name)
	if err != nil {
		return nil, nil, err
	}
	if f.foreign, err = foreign(f.root, m); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, m, nil
}

// foreign are the files and links of a folder that its manifest does not have.
func foreign(root *os.Root, m *Manifest) (map[string]bool, error) {
	known := map[string]bool{ManifestFile: true, LogFile: true}
	for _, s := range m.Steps {
		known[s.File] = true
	}
	out := map[string]bool{}
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !known[name] && !safefile.Leftover(d.Name()) {
			out[name] = true
		}
		return err
	})
	return out, err
}

// maxManifest bounds a manifest, in bytes.
const maxManifest = 64 << 20

func readManifest(root *os.Root) (*Manifest, error) {
	in, err := root.Open(ManifestFile)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	text, err := safefile.ReadAll(in, maxManifest)
	if err != nil {
		return nil, err
	}
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, err
	}
	if m.Schema != Schema {
		return nil, fmt.Errorf("its schema is %q, and this program knows %q", m.Schema, Schema)
	}
	return m, nil
}

func openFolder(name string) (*Folder, error) {
	if err := os.Chmod(name, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	log, err := root.OpenFile(LogFile, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &Folder{name: name, root: root, log: log, content: map[string]string{}}, nil
}

// Name is the name that the user knows.
func (f *Folder) Name() string { return f.name }

// Close ends the use of the folder.
func (f *Folder) Close() error { return errors.Join(f.log.Close(), f.root.Close()) }

// put writes an answer. Where another node gave the same bytes under the same name, its file is named instead: rules would report
// everything in it twice.
func (f *Folder) put(name string, data []byte) (file, hash string, err error) {
	sum := sha256.Sum256(data)
	hash = hex.EncodeToString(sum[:])
	key := path.Base(name) + "\x00" + hash
	f.mu.Lock()
	defer f.mu.Unlock()
	if same, ok := f.content[key]; ok && same != name && sharedName(name) {
		return same, hash, nil
	}
	if err := f.root.MkdirAll(filepath.FromSlash(path.Dir(name)), 0o700); err != nil {
		return "", "", err
	}
	err = safefile.Create(f.root, filepath.FromSlash(name), 0o600, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return "", "", fmt.Errorf("write %s: %w", name, err)
	}
	f.content[key] = name
	delete(f.foreign, name) // an earlier run that was killed did not come to name it
	return name, hash, nil
}

// sharedName reports whether the file is the same on all nodes of a healthy cluster.
func sharedName(name string) bool { return path.Dir(path.Dir(name)) == "exports/jabber" }

// holds reports whether a file still has the hash of the manifest.
func (f *Folder) holds(name, hash string) bool {
	if name == "" || !filepath.IsLocal(filepath.FromSlash(name)) {
		return false
	}
	in, err := f.root.Open(filepath.FromSlash(name))
	if err != nil {
		return false
	}
	defer in.Close()
	h := sha256.New()
	if _, err := io.Copy(h, in); err != nil {
		return false
	}
	if hex.EncodeToString(h.Sum(nil)) != hash {
		return false
	}
	f.mu.Lock()
	f.content[path.Base(name)+"\x00"+hash] = name
	f.mu.Unlock()
	return true
}

// A logLine is one line of log.jsonl.
type logLine struct {
	Time    time.Time `json:"time"`
	Node    string    `json:"node"`
	ID      string    `json:"id"`
	Ms      int64     `json:"ms"`
	Bytes   int       `json:"bytes"`
	Outcome Outcome   `json:"outcome"`
	Class   string    `json:"class,omitempty"`
}

func (f *Folder) logged(l logLine) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err = f.log.Write(append(text, '\n'))
	return err
}

func (f *Folder) writeManifest(m *Manifest) error {
	text, err := m.marshal()
	if err != nil {
		return err
	}
	return safefile.Create(f.root, ManifestFile, 0o600, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// walk calls a function for each regular file, with its name and content, in the order of the names.
func (f *Folder) walk(each func(name string, data []byte) error) error {
	return fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := f.root.ReadFile(filepath.FromSlash(name))
		if err != nil {
			return err
		}
		return each(name, data)
	})
}

// A LeakError names files in which a last search finds what is probably a secret.
type LeakError struct{ Files []string }

func (e *LeakError) Error() string {
	return "a secret is probably in " + strings.Join(e.Files, ", ") + ": look at it, and pack the folder yourself if it is none"
}

// Search looks for secrets in all answers, as cupclint redact does. Its error is a *LeakError or that of the file system.
func (f *Folder) Search() error {
	leak := new(LeakError)
	err := f.walk(func(name string, data []byte) error {
		if name == ManifestFile || name == LogFile {
			return nil // they hold no answers
		}
		if out := export.Scrub(name, data); len(out.Lines)+len(out.Left) > 0 {
			leak.Files = append(leak.Files, name)
		}
		return nil
	})
	if err == nil && leak.Files != nil {
		return leak
	}
	return err
}

// Bundle writes the folder as a compressed archive. Search it first.
func (f *Folder) Bundle(w io.Writer, at time.Time) error {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	base := filepath.Base(filepath.Clean(f.name))
	if f.hidden { // the user's name for the folder may be that of the site
		base = "collect"
	}
	if base == "." || base == string(filepath.Separator) {
		base = "collect"
	}
	add := func(name string, data []byte) error {
		h := &tar.Header{Name: path.Join(base, name), Mode: 0o600, Size: int64(len(data)), ModTime: at, Typeflag: tar.TypeReg,
			Format: tar.FormatPAX}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		_, err := io.Copy(t, bytes.NewReader(data))
		return err
	}
	manifest, err := f.root.ReadFile(ManifestFile) // first: readers know the archive by it
	if err == nil {
		err = add(ManifestFile, manifest)
	}
	if err == nil {
		err = f.walk(func(name string, data []byte) error {
			if name == ManifestFile {
				return nil
			}
			return add(name, data)
		})
	}
	return errors.Join(err, t.Close(), z.Close())
}

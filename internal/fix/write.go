package fix

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cupclint/internal/safefile"
)

// ErrOutside says that a symbolic link leads out of the folder that the user named.
var ErrOutside = errors.New("a symbolic link leads out of the named folder, so the file is not written: name the file itself")

// ErrChanged says that another program wrote to the file in between.
var ErrChanged = errors.New("the file changed while it was being fixed, so it was left unchanged: run the command again")

// A Tree is a folder below which files may be replaced. It is held open, so that a folder or link that is replaced meanwhile does not
// lead to another place.
type Tree struct {
	dir   string // the real path
	root  *os.Root
	swept map[string]bool // folders without leftovers of killed runs
}

// OpenTree opens a folder. A link is followed here: the user named it.
func OpenTree(dir string) (*Tree, error) {
	real, err := realPath(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(real)
	if err != nil {
		return nil, err
	}
	return &Tree{dir: real, root: root, swept: make(map[string]bool)}, nil
}

// Close ends the use of the folder.
func (t *Tree) Close() error { return t.root.Close() }

// A File is a file below a Tree as it was when it was read.
type File struct {
	tree *Tree
	name string // relative to the tree, without links
	info fs.FileInfo
	Data []byte
}

// Read reads a file by the name that the user knows it by, at most limit bytes of it. Links are followed as long as they stay in the
// tree; else the error is ErrOutside.
func (t *Tree) Read(name string, limit int64) (*File, error) {
	real, err := realPath(name)
	if err != nil {
		return nil, bare(err)
	}
	rel, err := filepath.Rel(t.dir, real)
	if err != nil || !filepath.IsLocal(rel) {
		return nil, ErrOutside
	}
	in, err := t.root.Open(rel)
	if err != nil {
		return nil, bare(err)
	}
	defer in.Close()
	info, err := in.Stat()
	switch {
	case err != nil:
		return nil, bare(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("this is not a regular file")
	case info.Size() > limit:
		return nil, fmt.Errorf("larger than %d bytes", limit)
	}
	data, err := io.ReadAll(io.LimitReader(in, limit))
	if err != nil {
		return nil, bare(err)
	}
	return &File{tree: t, name: rel, info: info, Data: data}, nil
}

// Replace writes the file as a whole or not at all. If another program has written to the file since it was read, up to the moment in
// which the new one gets its name, the file is left unchanged.
func (f *File) Replace(data []byte) error {
	root := f.tree.root
	same := func() error {
		now, err := root.Stat(f.name)
		if err != nil {
			return err
		}
		if !os.SameFile(now, f.info) || now.Size() != f.info.Size() || !now.ModTime().Equal(f.info.ModTime()) {
			return ErrChanged
		}
		return nil
	}
	if err := same(); err != nil {
		return bare(err)
	}
	err := safefile.Replace(root, f.name, f.info, safefile.Options{KeepOwner: true, Check: same}, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return bare(err)
	}
	if dir := filepath.Dir(f.name); !f.tree.swept[dir] {
		f.tree.swept[dir] = true
		safefile.Sweep(root, dir, "")
	}
	return nil
}

func realPath(name string) (string, error) {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(real)
}

// bare removes the path from an error: the caller adds the path that the user knows.
func bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		if strings.Contains(path.Err.Error(), "escapes from parent") { // a link was exchanged meanwhile
			return ErrOutside
		}
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

package fix

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// ErrOutside says that a symbolic link leads out of the folder that the user named.
var ErrOutside = errors.New("a symbolic link leads out of the folder that was named, and nothing is written there: name the file itself")

// ErrChanged says that somebody else wrote to the file in between.
var ErrChanged = errors.New("the file changed while it was mended, and was left alone: run again")

// A Tree is a folder below which files may be replaced. It is held open, so that a folder or link that is exchanged meanwhile leads
// nowhere else.
type Tree struct {
	dir  string // the real path
	root *os.Root
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
	return &Tree{dir: real, root: root}, nil
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
		return nil, errors.New("this is no regular file")
	case info.Size() > limit:
		return nil, fmt.Errorf("larger than %d bytes", limit)
	}
	data, err := io.ReadAll(io.LimitReader(in, limit))
	if err != nil {
		return nil, bare(err)
	}
	return &File{tree: t, name: rel, info: info, Data: data}, nil
}

// Replace writes the file as a whole or not at all: into a new one beside it, which then takes its name and mode. Where the file may
// not be written to, it stays, although a new one could take its name. Another hard link keeps the old content.
func (f *File) Replace(data []byte) (err error) {
	root := f.tree.root
	check, err := root.OpenFile(f.name, os.O_WRONLY, 0)
	if err != nil {
		return bare(err)
	}
	now, err := check.Stat()
	if err = errors.Join(err, check.Close()); err != nil {
		return bare(err)
	}
	if !os.SameFile(now, f.info) || now.Size() != f.info.Size() || !now.ModTime().Equal(f.info.ModTime()) {
		return ErrChanged
	}
	tmp, name, err := f.createBeside()
	if err != nil {
		return bare(err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			root.Remove(name)
			err = bare(err)
		}
	}()
	if _, err := tmp.Write(data); err != nil {
		return err
	}
	if err := keepOwner(tmp, f.info); err != nil {
		return err
	}
	if err := tmp.Chmod(f.info.Mode().Perm()); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return root.Rename(name, f.name)
}

// createBeside makes a new file that only its owner can read until it has the mode of the old one. Its name begins with a dot, so a
// linter that walks the folder passes over it.
func (f *File) createBeside() (*os.File, string, error) {
	dir, base := filepath.Split(f.name)
	for {
		name := fmt.Sprintf("%s.%s.%08x", dir, base, rand.Uint32())
		tmp, err := f.tree.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			return tmp, name, err
		}
	}
}

func realPath(name string) (string, error) {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(real)
}

// bare takes the path off an error: the caller says it as the user knows it.
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

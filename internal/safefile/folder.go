package safefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Folder is where files may be written whose names the user did not choose.
type Folder struct {
	root *os.Root
	name string
}

// OpenFolder opens a folder by a name that the user chose or where the program itself looked. A link is followed here. Close it.
func OpenFolder(name string) (*Folder, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return &Folder{root, name}, nil
}

// Close ends the use of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// A PlaceError says why a name is not taken.
type PlaceError struct {
	Name   string
	Reason string
}

func (e *PlaceError) Error() string { return fmt.Sprintf("%s is not written: %s", e.Name, e.Reason) }

// Check reports whether Write would take the name: a relative one below the folder, through no symbolic link, not inside of .git, and of
// a regular file or of none. The error is a *PlaceError or that of the file system.
func (f *Folder) Check(name string) error {
	_, err := f.look(name)
	return err
}

func (f *Folder) look(name string) (fs.FileInfo, error) {
	refuse := func(reason string) error { return &PlaceError{filepath.ToSlash(name), reason} }
	if filepath.IsAbs(name) || strings.HasPrefix(filepath.ToSlash(name), "/") {
		return nil, refuse("it is an absolute path. Write a path below " + f.name)
	}
	if !filepath.IsLocal(name) {
		return nil, refuse("it leads out of " + f.name)
	}
	name = filepath.Clean(name)
	if name == "." {
		return nil, refuse("it is a folder")
	}
	parts := strings.Split(filepath.ToSlash(name), "/")
	for i, part := range parts {
		// NTFS and HFS+ know a folder under more than one name; git refuses the same ones.
		short := strings.TrimRight(strings.ToLower(part), " .")
		if short == ".git" || short == "git~1" || strings.HasPrefix(short, ".git:") || strings.EqualFold(strings.Map(visible, part), ".git") {
			return nil, refuse("it is inside of git's own folder")
		}
		info, err := f.root.Lstat(filepath.Join(parts[:i+1]...))
		last := i == len(parts)-1
		switch {
		case last && errors.Is(err, fs.ErrNotExist):
			return nil, nil
		case err != nil:
			return nil, &fs.PathError{Op: "open", Path: name, Err: bare(err)}
		case info.Mode()&fs.ModeSymlink != 0:
			return nil, refuse(filepath.Join(parts[:i+1]...) + " is a symbolic link")
		case last && info.IsDir():
			return nil, refuse("it is a folder")
		case last && !info.Mode().IsRegular():
			return nil, refuse("it is not a regular file")
		case last:
			return info, nil
		}
	}
	return nil, nil
}

// visible drops the characters that HFS+ ignores in names.
func visible(r rune) rune {
	if r >= 0x200c && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x206a && r <= 0x206f || r == 0xfeff {
		return -1
	}
	return r
}

// Write is like the function Write for a name that Check takes. What is exchanged for a link meanwhile leads out of the folder no more.
func (f *Folder) Write(name string, mode fs.FileMode, write func(io.Writer) error) error {
	old, err := f.look(name)
	if err != nil {
		return err
	}
	name = filepath.Clean(name)
	if old == nil {
		err = Create(f.root, name, mode, write)
	} else {
		err = Replace(f.root, name, old, Options{}, write)
	}
	if err != nil {
		return &fs.PathError{Op: "write", Path: name, Err: bare(err)}
	}
	Sweep(f.root, filepath.Dir(name), filepath.Base(name))
	return nil
}

// Package safefile writes files as a whole or not at all, and reads files with a bound and a context. The names of files go in; their
// contents go in or come out.
//
// Write is for paths that the user names: symbolic links and devices are followed. A Folder is for names that come from
// elsewhere, such as a configuration file of a repository: they lead nowhere but into the folder.
//
// A file that is replaced keeps its permissions and its owner, as far as the process may give it away. After a crash each file is the old
// or the new one; a file whose name begins with a dot and ends with 8 hexadecimal digits may be left next to it, and Sweep removes it.
package safefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"cupclint/internal/lazy"
)

// Write writes the file that the user names, into a new one next to it, which then takes its name. A symbolic link stays, and what
// it leads to is written. What is not a regular file (a device, a named pipe, an open file of this process such as /dev/stdout) is written
// to directly. A new file gets the mode without the bits of the process's mask.
func Write(name string, mode fs.FileMode, write func(io.Writer) error) error {
	target, open, err := follow(name)
	switch {
	case err != nil:
		return err
	case open != nil:
		return write(open)
	}
	info, err := os.Stat(target)
	if err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(target, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(write(f), f.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	root, err := os.OpenRoot(filepath.Dir(target))
	if err != nil {
		return &fs.PathError{Op: "open", Path: name, Err: bare(err)}
	}
	defer root.Close()
	base := filepath.Base(target)
	if info == nil {
		err = Create(root, base, mode, write)
	} else {
		err = Replace(root, base, info, Options{}, write)
	}
	if err != nil {
		return &fs.PathError{Op: "write", Path: name, Err: bare(err)}
	}
	Sweep(root, ".", base)
	return nil
}

// maxLinks bounds a chain of symbolic links, as the kernel does.
const maxLinks = 40

// follow resolves the links at the end of a path, also where nothing is there yet. open is set where the path stands for an open file of
// this process.
func follow(name string) (target string, open *os.File, err error) {
	target = name
	for range maxLinks {
		if f := descriptor(target); f != nil {
			return target, f, nil
		}
		to, err := os.Readlink(target)
		if err != nil {
			return target, nil, nil // no link
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(target), to)
		}
		target = to
	}
	return "", nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("too many levels of symbolic links")}
}

// descriptor returns the open file that a path such as /dev/stdout or /proc/self/fd/1 stands for. To open it anew would begin at its
// start, and to replace it would leave what others have open.
func descriptor(name string) *os.File {
	switch dir, base := filepath.Split(filepath.ToSlash(filepath.Clean(name))); dir {
	case "/dev/":
		switch base {
		case "stdout":
			return os.Stdout
		case "stderr":
			return os.Stderr
		}
	case "/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/", fmt.Sprintf("/proc/%d/fd/", os.Getpid()):
		switch n, err := strconv.Atoi(base); {
		case err != nil:
		case n == 1:
			return os.Stdout
		case n == 2:
			return os.Stderr
		case n > 2:
			return os.NewFile(uintptr(n), name)
		}
	}
	return nil
}

// Options say how a file is replaced.
type Options struct {
	// KeepOwner fails where the new file cannot get the owner of the old one; else the owner is kept where that is allowed.
	KeepOwner bool
	// Check, if set, is asked right before the new file takes the name. Its error keeps the old one.
	Check func() error
}

// Create writes a new file below an open folder as a whole or not at all. One that is there is replaced.
func Create(root *os.Root, name string, mode fs.FileMode, write func(io.Writer) error) error {
	return put(root, name, mode, func(f *os.File) error { return write(&ahead{file: f}) }, nil)
}

// Replace writes a file below an open folder as a whole or not at all. old is its present content. The new one has the mode, the owner, the
// access control list and the other attributes of the old one. Where the file may not be written to, it
// stays, although a new one could take its name. Another hard link keeps the old content.
func Replace(root *os.Root, name string, old fs.FileInfo, o Options, write func(io.Writer) error) error {
	allowed, err := root.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	kept := attributesOf(allowed)
	if err := allowed.Close(); err != nil {
		return err
	}
	return put(root, name, 0o600, func(f *os.File) error { // until it has the mode of the old one
		if err := write(&ahead{file: f}); err != nil {
			return err
		}
		if err := keepOwner(f, old); err != nil && o.KeepOwner {
			return err
		}
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			return err
		}
		return kept.give(f)
	}, o.Check)
}

func put(root *os.Root, name string, mode fs.FileMode, fill func(*os.File) error, check func() error) (err error) {
	tmp, tmpName, err := createBeside(root, name, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = root.Remove(tmpName)
		}
	}()
	if err := fill(tmp); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if check != nil {
		if err := check(); err != nil {
			return err
		}
	}
	if err := root.Rename(tmpName, name); err != nil {
		return err
	}
	syncFolder(root, name)
	return nil
}

// An ahead is a file whose text goes to the disk while more of it is made, so that there is less to wait for at the end.
type ahead struct {
	file           *os.File
	begun, written int64
}

// aheadStep is how much text is given to the disk at once. Most files are smaller.
const aheadStep = 2 << 20

func (a *ahead) Write(b []byte) (int, error) {
	n, err := a.file.Write(b)
	if a.written += int64(n); a.written-a.begun >= aheadStep {
		beginSync(a.file, a.begun, a.written-a.begun)
		a.begun = a.written
	}
	return n, err
}

// syncFolder makes the new name last. Not every file system can, and the file is whole in any case.
func syncFolder(root *os.Root, name string) {
	if dir, err := root.Open(filepath.Dir(name)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}

// createBeside makes a new file in the folder of another. Its name begins with a dot, so a linter that walks the folder skips it, and has
// the name of the program, so that Sweep takes no file of the user for it: .export.xml.20261101 may be a backup of the user's own.
func createBeside(root *os.Root, name string, mode fs.FileMode) (*os.File, string, error) {
	dir, base := filepath.Split(name)
	base = strings.ToValidUTF8(base[:min(len(base), maxName-len("..cupclint-01234567"))], "")
	for {
		tmpName := fmt.Sprintf("%s.%s.cupclint-%08x", dir, base, rand.Uint32())
		tmp, err := root.OpenFile(tmpName, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return tmp, tmpName, err
		}
	}
}

// maxName is how long the name of a file can be on most file systems, in bytes.
const maxName = 255

// leftover is the name of a file that a killed run left next to another.
var leftover = lazy.Pattern{Expr: `^\.(.+)\.cupclint-[0-9a-f]{8}$`}

// Leftover reports whether this is the name of a file that a killed run left next to another.
func Leftover(base string) bool { return leftover.Get().MatchString(base) }

// staleAfter is how old a leftover is that no run can be writing any more.
const staleAfter = time.Hour

// Sweep removes what killed runs left in a folder below root next to the file base, or next to any file where base is empty. Of a large
// folder it looks at a part: files that remain do no harm.
func Sweep(root *os.Root, dir, base string) {
	const most = 4096
	folder, err := root.Open(dir)
	if err != nil {
		return
	}
	defer folder.Close()
	entries, _ := folder.ReadDir(most) // what could be read
	for _, e := range entries {
		of := leftover.Get().FindStringSubmatch(e.Name())
		if of == nil || base != "" && of[1] != base || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < staleAfter {
			continue
		}
		if _, err := root.Lstat(filepath.Join(dir, of[1])); err == nil {
			_ = root.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// bare takes the path off an error: the caller says it as the user knows it.
func bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// Target returns the real path of the file that Write would write; empty where that is not a regular file, or cannot be found out.
func Target(name string) string {
	target, open, err := follow(name)
	if err != nil || open != nil {
		return ""
	}
	if info, err := os.Stat(target); err == nil && !info.Mode().IsRegular() {
		return ""
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(target))
	if err != nil {
		return ""
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return ""
	}
	return filepath.Join(dir, filepath.Base(target))
}

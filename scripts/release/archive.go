package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// archive writes a folder as a .tar.gz or a .zip file. The names in it begin with the folder's own name.
func archive(folder, file string, when time.Time) (err error) {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := out.Close(); err == nil {
			err = closeErr
		}
	}()
	if strings.HasSuffix(file, ".zip") {
		return writeZip(folder, out, when)
	}
	return writeTar(folder, out, when)
}

// mode is 0755 for what can be executed and for folders, else 0644: whatever the umask of the one who builds.
func mode(info fs.FileInfo) fs.FileMode {
	if info.IsDir() || info.Mode()&0o111 != 0 {
		return 0o755
	}
	return 0o644
}

// walk calls add for everything below a folder in the order of the names; a folder comes before what is in it.
func walk(folder string, add func(name string, info fs.FileInfo, data []byte) error) error {
	top := filepath.Base(folder)
	return filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		below, err := filepath.Rel(folder, file)
		if err != nil {
			return err
		}
		name := path.Join(top, filepath.ToSlash(below))
		if info.IsDir() {
			return add(name+"/", info, nil)
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is neither a file nor a folder", file)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		return add(name, info, data)
	})
}

func writeTar(folder string, out io.Writer, when time.Time) error {
	packed, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(packed)
	err = walk(folder, func(name string, info fs.FileInfo, data []byte) error {
		header := &tar.Header{Name: name, Mode: int64(mode(info)), Size: int64(len(data)), ModTime: when, Typeflag: tar.TypeReg,
			Format: tar.FormatUSTAR}
		if info.IsDir() {
			header.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return packed.Close()
}

func writeZip(folder string, out io.Writer, when time.Time) error {
	w := zip.NewWriter(out)
	err := walk(folder, func(name string, info fs.FileInfo, data []byte) error {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: when}
		header.SetMode(mode(info))
		if info.IsDir() {
			header.SetMode(mode(info) | fs.ModeDir)
			header.Method = zip.Store
		}
		member, err := w.CreateHeader(header)
		if err != nil {
			return err
		}
		_, err = member.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	return w.Close()
}

// compress writes FILE.gz for each file and removes the file.
func compress(files []string, when time.Time) error {
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		if err := os.WriteFile(file+".gz", b.Bytes(), 0o644); err != nil {
			return err
		}
		if err := os.Chtimes(file+".gz", when, when); err != nil {
			return err
		}
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}

// changelog writes the changelog in the form that Debian's tools read. It has the one entry of this version; the news is in CHANGELOG.md.
func changelog(file, version string, when time.Time) error {
	const form = "cupclint (%s) unstable; urgency=medium\n\n  * Version %s. The changes are in /usr/share/doc/cupclint/CHANGELOG.md.\n\n" +
		" -- The cupclint authors <cupclint@example.invalid>  %s\n"
	return os.WriteFile(file, fmt.Appendf(nil, form, version, version, when.Format(time.RFC1123Z)), 0o644)
}

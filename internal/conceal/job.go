package conceal

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/internal/safefile"
)

// MaxArchive bounds what an archive holds, in bytes.
const MaxArchive = 512 << 20

// A Report says what came of a file, or of all members of an archive.
type Report struct {
	Secrets int      // values that were masked
	Suspect []string // files in which a secret is probably left
	Changed []string // hidden names of files that are read differently
	Left    []string // hidden names of files that still hold a word of the site
	Omitted []string // hidden names of members that cannot be hidden, because they are not text
}

// Add takes in what came of another file.
func (r *Report) Add(o Report) {
	r.Secrets += o.Secrets
	r.Suspect, r.Changed = append(r.Suspect, o.Suspect...), append(r.Changed, o.Changed...)
	r.Left, r.Omitted = append(r.Left, o.Left...), append(r.Omitted, o.Omitted...)
}

// ErrNoText says that a file is neither a text nor an archive: nothing in it can be hidden.
var ErrNoText = errors.New("the file is not text: it cannot be hidden and is left out")

// LearnInput takes in the words of a file, or of all members of an archive. Secrets are never learned.
func (w *Words) LearnInput(name string, data []byte) error {
	return each(name, data, func(member string, data []byte) error {
		if isText(data) && !IsCase(data) {
			w.LearnFile(member, export.Scrub(member, data).Data)
		} else if IsCase(data) {
			return w.LearnCase(data)
		}
		return nil
	})
}

// HideInput returns a file, or an archive of the same kind, without secrets and with pseudonyms. The names of members are hidden, too.
func (w *Words) HideInput(name string, data []byte) (out []byte, r Report, err error) {
	if kindOf(name, data) == noArchive {
		return w.one(name, data)
	}
	var buf bytes.Buffer
	put, done := writer(&buf, kindOf(name, data))
	taken := map[string]bool{}
	err = each(name, data, func(member string, data []byte) error {
		hidden := w.Path(strings.TrimPrefix(member, name+"!"))
		out, one, err := w.one(member, data)
		r.Add(one)
		switch {
		case errors.Is(err, ErrNoText):
			r.Omitted = append(r.Omitted, w.Path(member))
			return nil
		case err != nil:
			return err
		case taken[hidden]:
			return fmt.Errorf("two members have the same name with pseudonyms: %s", hidden)
		}
		taken[hidden] = true
		return put(hidden, out)
	})
	if err = errors.Join(err, done()); err != nil {
		return nil, r, err
	}
	return buf.Bytes(), r, nil
}

func (w *Words) one(name string, data []byte) (out []byte, r Report, err error) {
	hidden := w.Path(name)
	switch {
	case IsCase(data):
		out, err = w.Case(data)
		if err != nil {
			return nil, r, err
		}
	case !isText(data):
		return nil, r, ErrNoText
	default:
		clean := export.Scrub(name, data)
		r.Secrets = len(clean.Lines)
		if len(clean.Left) > 0 {
			r.Suspect = append(r.Suspect, hidden)
		}
		var same bool
		if out, same = w.File(name, clean.Data); !same {
			r.Changed = append(r.Changed, hidden)
		}
	}
	if len(w.LeftIn(hidden, out)) > 0 {
		r.Left = append(r.Left, hidden)
	}
	return out, r, nil
}

func isText(data []byte) bool {
	return byteOrder(data) != nil || bytes.IndexByte(data[:min(len(data), 512)], 0) < 0
}

type kind uint8

const (
	noArchive kind = iota
	zipped
	tarred
	tarGzipped
	gzipped // one file
)

func kindOf(name string, data []byte) kind {
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		return zipped
	case isTar(data):
		return tarred
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		if z, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
			head := make([]byte, 512)
			if n, _ := io.ReadFull(z, head); isTar(head[:n]) { //nolint:errcheck // a short file is not an archive
				return tarGzipped
			}
		}
		return gzipped
	}
	return noArchive
}

func isTar(b []byte) bool { return len(b) > 262 && string(b[257:262]) == "ustar" }

// each calls f with a file, or with every regular member of an archive, whose name comes after that of the archive and a "!". Members that
// a run would skip, because their names begin with a dot or lead out of the archive, are left out.
func each(name string, data []byte, f func(member string, data []byte) error) error {
	left := int64(MaxArchive)
	member := func(inside string, in io.Reader) error {
		data, err := safefile.ReadAll(in, left)
		if err != nil {
			return fmt.Errorf("read %s in the archive: %w", inside, err)
		}
		left -= int64(len(data))
		return f(name+"!"+inside, data)
	}
	switch k := kindOf(name, data); k {
	case zipped:
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
			return fmt.Errorf("open the zip archive: %w", err)
		}
		for _, m := range z.File {
			if !m.Mode().IsRegular() || !wanted(m.Name) {
				continue
			}
			in, err := m.Open()
			if err != nil {
				return fmt.Errorf("open %s in the archive: %w", m.Name, err)
			}
			if err := errors.Join(member(m.Name, in), in.Close()); err != nil {
				return err
			}
		}
		return nil
	case tarred, tarGzipped, gzipped:
		in := io.Reader(bytes.NewReader(data))
		if k != tarred {
			z, err := gzip.NewReader(in)
			if err != nil {
				return fmt.Errorf("open the gzip archive: %w", err)
			}
			if in = z; k == gzipped {
				inside := strings.TrimSuffix(path.Base(name), path.Ext(name))
				return member(inside, in)
			}
		}
		for t := tar.NewReader(in); ; {
			h, err := t.Next()
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil && !errors.Is(err, tar.ErrInsecurePath):
				return fmt.Errorf("read the tar archive: %w", err)
			case h.Typeflag != tar.TypeReg || !wanted(h.Name):
				continue
			}
			if err := member(h.Name, t); err != nil {
				return err
			}
		}
	}
	return f(name, data)
}

func wanted(member string) bool {
	for part := range strings.SplitSeq(strings.ReplaceAll(member, `\`, "/"), "/") {
		if strings.HasPrefix(part, ".") && part != "." {
			return false
		}
	}
	return !path.IsAbs(member)
}

// writer makes an archive of a kind.
func writer(out io.Writer, k kind) (put func(name string, data []byte) error, done func() error) {
	if k == zipped {
		z := zip.NewWriter(out)
		return func(name string, data []byte) error {
			w, err := z.Create(name)
			if err == nil {
				_, err = w.Write(data)
			}
			return err
		}, z.Close
	}
	end := func() error { return nil }
	if k != tarred {
		z := gzip.NewWriter(out)
		out, end = z, z.Close
	}
	if k == gzipped {
		return func(_ string, data []byte) error {
			_, err := out.Write(data)
			return err
		}, end
	}
	t := tar.NewWriter(out)
	return func(name string, data []byte) error {
		err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), Format: tar.FormatPAX})
		if err == nil {
			_, err = t.Write(data)
		}
		return err
	}, func() error { return errors.Join(t.Close(), end()) }
}

// Sort puts the names of a report in order, each once.
func (r *Report) Sort() {
	for _, list := range [...]*[]string{&r.Suspect, &r.Changed, &r.Left, &r.Omitted} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

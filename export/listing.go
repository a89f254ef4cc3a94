package export

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A listing is what is in a folder and not hidden, in the order of the names of all files that are in it and below it. A folder may hold
// a million files, so there is one text for all names.
type listing struct {
	entries []entry
	names   []byte
	links   bool // there are symbolic links
	folders bool
	jabber  bool // there are files of Jabber, next to which other exports mean something else
}

// An entry of a folder: its name is in listing.names. The name of a folder ends in a slash, because the names of its files continue so.
type entry struct {
	from   uint32
	length uint16
	kind   kind
}

type kind uint8

const (
	regular kind = iota
	folder
	link
)

func (l *listing) name(e entry) []byte { return l.names[e.from:][:e.length] }

// list reads a folder in batches. What is listed before an error is there.
func list(dir *os.File, collected bool) (l listing, err error) {
	for err == nil {
		var batch []fs.DirEntry
		batch, err = dir.ReadDir(512)
		for _, e := range batch {
			name, made := e.Name(), entry{from: uint32(len(l.names))}
			if strings.HasPrefix(name, ".") || collected && ofCollect(name) {
				continue
			}
			l.jabber = l.jabber || ofJabber(name)
			switch mode := e.Type(); {
			case mode.IsDir():
				made.kind, l.folders = folder, true
			case mode&fs.ModeSymlink != 0:
				made.kind, l.links = link, true
			case !mode.IsRegular():
				continue
			}
			l.names = append(l.names, name...)
			if made.kind == folder {
				l.names = append(l.names, '/')
			}
			made.length = uint16(len(l.names) - int(made.from))
			l.entries = append(l.entries, made)
		}
	}
	slices.SortFunc(l.entries, func(a, b entry) int { return bytes.Compare(l.name(a), l.name(b)) })
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return l, err
}

// handOver is how many sources of one folder are handed over at once.
const handOver = 512

// entries finds what is in a folder of that name.
func (f *finder) entries(within, target string, l listing, above []string) {
	before := within + string(filepath.Separator)
	if within == "." {
		before = ""
	} else if strings.HasSuffix(within, string(filepath.Separator)) {
		before = within
	}
	shown := filepath.ToSlash(before)
	var names strings.Builder // the memory of the names that are handed over together
	for i, e := range l.entries {
		switch name := l.name(e); e.kind {
		case regular:
			if names.Cap()-names.Len() < len(shown)+len(name) {
				names = strings.Builder{}
				names.Grow(min(len(l.entries)-i, handOver) * (len(shown) + len(name)))
			}
			from := names.Len()
			names.WriteString(shown)
			names.Write(name)
			s := Source{Name: names.String()[from:], target: target, folder: true, home: f.collected}
			if s.naming = gathered; f.collected == "" {
				s.naming = namingOf(s.Name)
			}
			f.sources = append(f.sources, s)
			if len(f.sources) >= handOver && !l.jabber {
				f.flush()
			}
		case folder:
			f.flush()
			f.folder(before+strings.TrimSuffix(string(name), "/"), above)
		case link:
			f.symlink(before+string(name), above)
		}
	}
	f.flush()
}

package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"cupclint/internal/fold"
	"cupclint/internal/platform"
)

// Stdin is the argument, and the file name in findings, that stands for standard input.
const Stdin = "-"

// A Source is one file to read: an export, or an archive of exports.
type Source struct {
	// Name is the path as findings show it, with forward slashes.
	Name   string
	naming naming
	// target is the real path, or of the folder that the file is in.
	target string
	folder bool
	// stdin says that the source is standard input, whatever its name.
	stdin bool
	// home is the folder of cupclint collect that the file is in, or "".
	home string
	// memory is the content of a source that is not a file, see Memory.
	memory *[]byte
}

// Memory makes a source of bytes that are in memory: an upload. Nothing is read from the disk and nothing written to it, archives
// included. The name is only shown; Stdin stands for a paste. The bytes must not change.
func Memory(name string, data []byte) Source {
	return Source{Name: filepath.ToSlash(name), memory: &data}
}

// InMemory gives the bytes of a source that Memory made.
func (s *Source) InMemory() (data []byte, ok bool) {
	if s.memory == nil {
		return nil, false
	}
	return *s.memory, true
}

// Named returns the source under another name: standard input as the file that it is the text of.
func (s Source) Named(name string) Source {
	s.stdin = s.Stdin()
	s.Name = filepath.ToSlash(name)
	return s
}

// Stdin reports whether the source is standard input.
func (s *Source) Stdin() bool { return s.stdin || s.Name == Stdin }

// Home is the folder of cupclint collect that the source is in, as Name begins; "" where it is in none. Everything in it belongs to one
// deployment.
func (s *Source) Home() string { return s.home }

// Is reports whether the source is the file of that real path.
func (s *Source) Is(real string) bool {
	if s.folder {
		return filepath.Base(s.Name) == filepath.Base(real) && filepath.Join(s.target, filepath.Base(s.Name)) == real
	}
	return s.target == real
}

// extensions of files that a folder or an archive holds on purpose. A file with one of them must be readable; any other
// is skipped when its content is not an export.
var extensions = [...]string{".xml", ".soap", ".properties", ".txt", ".log", ".yaml", ".yml", ".json", ".reg", ".zip", ".tgz", ".gz",
	".tar"}

// namingOf is how a file that was found, and not named, came into the run.
func namingOf(name string) naming {
	if promises(name) {
		return found
	}
	return unpromising
}

func promises(name string) bool {
	ext := filepath.Ext(name)
	return slices.ContainsFunc(extensions[:], func(e string) bool { return strings.EqualFold(e, ext) })
}

// A Finder turns arguments into sources. The zero value is ready.
type Finder struct {
	// FollowLinks follows symbolic links that lead out of the folder that an argument names. What such a link leads to was
	// chosen by the author of the folder, not by the user.
	FollowLinks bool
	// Skipped, if set, is called for each link that is not followed.
	Skipped func(name string)
}

// Find is Finder.Find of the zero Finder.
func Find(args []string) ([]Source, []error) { return new(Finder).Find(args) }

// Find turns arguments (files, folders, globs, "-") into sources, each file once, in the order of their names. Folders are walked
// without what is hidden. An argument that is a symbolic link is followed; one that is met in a folder is followed as long as it
// stays in the folder that the argument names. One that leads back to its own folder is an error. Errors do not end
// the search.
func (o *Finder) Find(args []string) (sources []Source, errs []error) {
	errs = o.Walk(context.Background(), args, func(more []Source) {
		sources = append(sources, more...)
	})
	return sources, errs
}

// Walk is Find that hands over sources while it still searches. What it hands over is what Find returns, in the same order, in parts.
// Where files of Jabber are in a folder, they come in one part with all other files of that folder, and so does all that is in a folder
// of cupclint collect. Other large folders come in several parts. With several arguments there is one part, and nothing is handed over
// early after a symbolic link was met, because the order is known only at the end. The memory of a part is used again for the next one. The
// end of the context ends the search.
func (o *Finder) Walk(ctx context.Context, args []string, take func([]Source)) []error {
	f := finder{Finder: o, ctx: ctx, take: take, seen: map[string]walked{}}
	f.wait = len(args) > 1
	for _, arg := range args {
		f.argument(arg)
	}
	if f.wait {
		if len(args) > 1 || f.links > 0 {
			f.once()
		}
		slices.SortFunc(f.sources, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	}
	f.wait = false
	f.flush()
	return f.errs
}

type finder struct {
	*Finder
	ctx     context.Context
	take    func([]Source)
	within  string   // the real path of the folder that the argument names
	sources []Source // that were not handed over yet
	errs    []error
	seen    map[string]walked // by the real paths of folders
	links   int               // sources that are not simply files of a folder that was walked
	// collected is the folder of cupclint collect that is being walked, or "".
	collected string
	// wait says that the order of the sources is known only at the end. hold counts the open folders whose files are handed over together,
	// and held are the folders whose files wait for that.
	wait bool
	hold int
	held []string
}

// walked says what became of the files of a folder that was walked.
type walked uint8

const (
	waiting walked = iota + 1
	sent           // they were handed over
)

// flush hands over what was found, if its order is known.
func (f *finder) flush() {
	if f.wait || f.hold > 0 {
		return
	}
	for _, folder := range f.held {
		f.seen[folder] = sent
	}
	f.held = f.held[:0]
	if len(f.sources) > 0 {
		f.take(f.sources)
		f.sources = f.sources[:0]
	}
}

// once leaves out the files that were met more than once: as an argument and in a folder, or through a link. The first name
// stays. Files of one folder are compared only when there can be such.
func (f *finder) once() {
	seen := make(map[string]bool, len(f.sources))
	f.sources = slices.DeleteFunc(f.sources, func(s Source) bool {
		target := s.target
		if s.folder {
			target = filepath.Join(target, filepath.Base(s.Name))
		} else if f.seen[filepath.Dir(target)] == sent && !strings.HasPrefix(filepath.Base(target), ".") {
			return true // all files of that folder that are not hidden were handed over
		}
		again := seen[target]
		seen[target] = true
		return again
	})
}

func (f *finder) fail(name string, err error) {
	f.errs = append(f.errs, &Error{File: filepath.ToSlash(name), Err: bare(err)})
}

// bare takes the path off an error: it is said already.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func (f *finder) argument(arg string) {
	if arg == Stdin {
		f.sources = append(f.sources, Source{Name: Stdin, target: Stdin})
		f.links++
		return
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		if f.enter(arg) {
			f.folder(arg, nil)
		}
	case err == nil:
		f.link(arg, named)
	case (errors.Is(err, fs.ErrNotExist) || platform.InvalidName(err)) && strings.ContainsAny(arg, "*?[{"):
		f.glob(arg)
	default:
		f.fail(arg, err)
	}
}

func (f *finder) glob(pattern string) {
	options := []doublestar.GlobOption{doublestar.WithFilesOnly(), doublestar.WithFailOnIOErrors()}
	if !f.FollowLinks {
		options = append(options, doublestar.WithNoFollow())
	}
	matches, err := doublestar.FilepathGlob(pattern, options...)
	if err == nil && len(matches) == 0 {
		err = errors.New("no file matches this pattern")
	}
	if err != nil {
		f.fail(pattern, err)
		return
	}
	base, _ := doublestar.SplitPattern(filepath.ToSlash(pattern))
	if !f.enter(filepath.FromSlash(base)) {
		return
	}
	for _, m := range matches {
		if !f.outside(m) {
			f.link(m, named)
		}
	}
}

// enter begins to look into a folder that an argument names.
func (f *finder) enter(name string) bool {
	real, err := realPath(name)
	if err != nil {
		f.fail(name, err)
		return false
	}
	f.within = real
	return true
}

// outside reports whether a link that was met leads out of the folder that was named, and is not followed.
func (f *finder) outside(name string) bool {
	if f.FollowLinks {
		return false
	}
	real, err := realPath(name)
	if err != nil {
		return false // which is an error of its own
	}
	if rel, err := filepath.Rel(f.within, real); err == nil && filepath.IsLocal(rel) {
		return false
	}
	if f.Skipped != nil {
		f.Skipped(filepath.ToSlash(name))
	}
	return true
}

// link takes a file by the name under which it really is stored.
func (f *finder) link(name string, how naming) {
	target, err := realPath(name)
	if err != nil {
		f.fail(name, err)
		return
	}
	f.sources = append(f.sources, Source{Name: filepath.ToSlash(name), naming: how, target: target})
	f.links++
}

func realPath(name string) (string, error) {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		if strings.Contains(err.Error(), "too many links") {
			return "", errors.New("the symbolic link leads back to itself")
		}
		if _, statErr := os.Stat(name); statErr != nil {
			return "", err
		}
		target = name // a link to what has no name, as of a shell's <(command)
	}
	return filepath.Abs(target)
}

// folder walks a folder. above holds the real paths of the folders it is in.
func (f *finder) folder(name string, above []string) {
	target, err := realPath(name)
	if err != nil {
		f.fail(name, err)
		return
	}
	if slices.Contains(above, target) {
		f.fail(name, errors.New("the symbolic link leads back to a folder that contains it"))
		return
	}
	if f.seen[target] > 0 || f.ctx.Err() != nil {
		return
	}
	f.seen[target] = waiting
	dir, err := os.Open(name)
	if err != nil {
		f.fail(name, err)
		return
	}
	above = append(slices.Clip(above), target)
	name = filepath.Clean(name)
	top := false
	if f.collected == "" {
		if top = isCollected(name); top || len(above) == 1 && isCollected(filepath.Dir(target)) {
			f.collected = filepath.ToSlash(name)
			f.hold++
			defer func() { f.collected = ""; f.hold--; f.flush() }()
		}
	}
	l, listErr := list(dir, top)
	dir.Close()
	f.wait = f.wait || l.links
	if l.jabber && l.folders { // the files before a folder would be handed over without those after it
		f.hold++
		defer func() { f.hold--; f.flush() }()
	}
	f.held = append(f.held, target)
	f.entries(name, target, l, above)
	if listErr != nil { // what else is there stays unknown
		f.fail(name, fmt.Errorf("list the folder: %w", bare(listErr)))
	}
}

// ofJabber reports whether a file is one of Jabber's own by its name. Package lint decides so, too.
func ofJabber(name string) bool {
	return fold.HasPrefix(name, "jabber-config") || fold.HasPrefix(name, "jabber-bootstrap")
}

// symlink follows a symbolic link of a folder.
func (f *finder) symlink(name string, above []string) {
	info, err := os.Stat(name)
	switch {
	case err == nil && f.outside(name):
	case err != nil:
		if _, loop := realPath(name); loop != nil {
			err = loop
		}
		f.fail(name, err)
	case info.IsDir():
		f.folder(name, above)
	case info.Mode().IsRegular():
		how := namingOf(name)
		if f.collected != "" {
			how = gathered
		}
		f.link(name, how)
	}
}

// checkMember refuses names that would lead out of the archive.
func checkMember(name string) error {
	if !filepath.IsLocal(filepath.FromSlash(name)) || strings.Contains(name, `\`) {
		return fmt.Errorf("the member name %q points outside of the archive", trim(name))
	}
	return nil
}

// Files that cupclint collect writes about a run. All else in its folder are answers as they came: what no
// rule knows is skipped, what is damaged is said.
const (
	collectManifest = "manifest.json"
	collectLog      = "log.jsonl"
)

func ofCollect(name string) bool { return name == collectManifest || name == collectLog }

// isCollected reports whether a folder was written by cupclint collect.
func isCollected(folder string) bool {
	f, err := os.Open(filepath.Join(folder, collectManifest))
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 256)
	n, _ := io.ReadFull(f, head) // a short file has all in what was read
	return isCollectManifest(head[:n])
}

func isCollectManifest(data []byte) bool {
	return bytes.Contains(data[:min(len(data), 256)], []byte(`"schema": "cupclint-collect/`))
}

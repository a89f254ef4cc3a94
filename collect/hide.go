package collect

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"cupclint/internal/conceal"
	"cupclint/internal/pseudonym"
	"cupclint/internal/safefile"
)

// What --hide takes.
const (
	HideAddresses = conceal.Addresses
	HideNames     = conceal.Names
)

// MapFile is the name of the file with pseudonyms and real words: next to the folder, never in it.
func MapFile(folder string) string { return filepath.Clean(folder) + ".map.tsv" }

// A HiddenError says what is wrong with a folder that was written with pseudonyms.
type HiddenError struct {
	Left    []string // files that still hold a word of the site
	Changed []string // files that are read differently
}

func (e *HiddenError) Error() string {
	var parts []string
	if len(e.Left) > 0 {
		parts = append(parts, "names or addresses are left in "+strings.Join(e.Left, ", "))
	}
	if len(e.Changed) > 0 {
		parts = append(parts, "findings may differ, because with pseudonyms these files are read differently: "+strings.Join(e.Changed, ", "))
	}
	return "the folder is not fit to be given away: " + strings.Join(parts, "; ")
}

// A hider writes a folder anew with pseudonyms.
type hider struct {
	words    *conceal.Words
	manifest *Manifest
	real     map[string][]byte
	names    map[string]string // hidden by real file name
	problem  HiddenError
}

// Hide writes the folder of a run that has ended anew, with pseudonyms in the place of what is hidden, and returns its manifest. The hidden
// folder is made next to the real one and takes its place. The map of the pseudonyms is written to mapFile, which gives what it has already
// the same pseudonyms again; where it is empty, to a new MapFile. A *HiddenError says that the folder is written and yet not fit to be
// given away; after any other error the real folder is as it was. Files that no run wrote, in a folder that is continued, are such an
// error: the hidden folder would not have them.
func Hide(ctx context.Context, f *Folder, m *Manifest, what []string, mapFile string) (*Manifest, error) {
	if len(f.foreign) > 0 {
		return nil, fmt.Errorf("the folder has files that no run wrote: %s. Move them out of it and start the command again",
			strings.Join(slices.Sorted(maps.Keys(f.foreign)), ", "))
	}
	words, err := earlierWords(what, mapFile)
	if err != nil {
		return nil, err
	}
	h := &hider{manifest: m, real: map[string][]byte{}, names: map[string]string{}, words: words}
	if err := f.walk(func(name string, data []byte) error {
		h.real[name] = data
		return ctx.Err()
	}); err != nil {
		return nil, err
	}
	h.learn()
	hidden := map[string][]byte{}
	for name, data := range h.real {
		switch name {
		case ManifestFile:
		case LogFile:
			hidden[name] = h.log(data)
		default:
			h.names[name] = path.Clean(h.words.Path(name))
			if _, twice := hidden[h.names[name]]; twice {
				return nil, fmt.Errorf("two files have the same name with pseudonyms: %s", h.names[name])
			}
			hidden[h.names[name]] = h.file(name, data)
		}
	}
	out, err := h.hiddenManifest(hidden, what)
	if err != nil {
		return nil, err
	}
	if hidden[ManifestFile], err = out.marshal(); err != nil {
		return nil, err
	}
	for name, data := range hidden {
		if len(h.words.LeftIn(name, data)) > 0 {
			h.problem.Left = append(h.problem.Left, name)
		}
	}
	slices.Sort(h.problem.Left)
	slices.Sort(h.problem.Changed)
	if len(h.problem.Left)+len(h.problem.Changed) > 0 && out.Complete {
		out.Complete = false
		if hidden[ManifestFile], err = out.marshal(); err != nil {
			return nil, err
		}
	}
	if err := h.writeMap(f.name, mapFile, m.Plan); err != nil {
		return nil, err
	}
	if err := f.swap(hidden); err != nil {
		return nil, err
	}
	if len(h.problem.Left)+len(h.problem.Changed) > 0 {
		return out, &h.problem
	}
	return out, nil
}

// stopWords are words that the readers of the folder know, in addition to those of exports: they stay where they are alone.
func stopWords() []string {
	var words []string
	for _, s := range Steps() {
		for _, text := range [...]string{s.ID, s.Text, s.File} {
			words = append(words, conceal.Parts(text)...)
		}
	}
	return words
}

// learn takes in the words of the site: from the request, the manifest, the properties of the files, and their texts.
func (h *hider) learn() {
	m := h.manifest
	for _, n := range m.Request.Nodes {
		h.words.Learn(pseudonym.Host, n.Name)
	}
	for _, n := range m.Nodes {
		h.words.Learn(pseudonym.Host, n.Name)
	}
	for _, name := range m.Request.named() {
		h.words.Learn(pseudonym.Host, name)
	}
	h.words.Learn(pseudonym.Domain, m.Request.Domain)
	for _, u := range m.Request.Users {
		h.words.Learn(pseudonym.User, u)
	}
	for _, u := range slices.Concat(m.Request.SOAPFor, m.Request.LookAt) {
		h.words.Learn(pseudonym.User, u)
	}
	for _, s := range m.Steps {
		h.words.Learn(pseudonym.Host, s.Node)
		h.words.LearnText(s.Detail)
	}
	for _, n := range m.Notes {
		h.words.LearnText(n)
	}
	for name, data := range h.real {
		if name != ManifestFile && name != LogFile {
			h.words.LearnFile(name, data)
		}
	}
	for _, name := range slices.Concat([]string{m.Request.Domain}, m.Request.SOAPFor, m.Request.LookAt) {
		h.words.Odd(name, pathName)
	}
	for _, n := range m.Nodes {
		h.words.Odd(n.Name, pathName)
	}
}

// file hides the content of a file, and proves that it is read as before.
func (h *hider) file(name string, data []byte) []byte {
	if strings.HasPrefix(name, "evidence/tls/") {
		return h.words.Certificates(data)
	}
	hidden, same := h.words.File(name, data)
	if !same {
		h.problem.Changed = append(h.problem.Changed, h.words.Path(name))
	}
	return hidden
}

// log hides the nodes of the lines of the log.
func (h *hider) log(data []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(data) {
		var l logLine
		if json.Unmarshal(line, &l) != nil {
			continue // a line that was not written to its end
		}
		l.Node = h.words.Replace(l.Node)
		text, err := json.Marshal(l)
		if err != nil {
			continue
		}
		out.Write(append(text, '\n'))
	}
	return out.Bytes()
}

// asIs are the fields of a manifest that hold nothing of a site.
var asIs = []string{"schema", "tool", "plan", "id", "outcome", "class", "redacted", "role", "kex", "cipher", "interfaces", "started",
	"ended",
	"notAfter", "found", "version"}

// hiddenManifest makes the manifest of the hidden folder. Fingerprints of certificates and keys would show whose they are, so they are left
// out.
func (h *hider) hiddenManifest(files map[string][]byte, what []string) (*Manifest, error) {
	text, err := h.manifest.marshal()
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil, err
	}
	if text, err = json.Marshal(h.tree(tree)); err != nil {
		return nil, err
	}
	out := new(Manifest)
	if err := json.Unmarshal(text, out); err != nil {
		return nil, err
	}
	if list := out.Request.named(); list != nil {
		for i := range list {
			list[i] = h.words.Replace(list[i])
		}
		out.Request.Found = strings.Join(list, ",")
	}
	out.Hidden, out.Plan = what, out.Request.Plan().Hash()
	for i := range out.Nodes {
		if t := out.Nodes[i].TLS; t != nil {
			t.SHA256 = ""
		}
		if s := out.Nodes[i].SSH; s != nil {
			s.HostKey, _, _ = strings.Cut(s.HostKey, " ")
			if strings.Contains(s.HostKey, "SHA256:") {
				s.HostKey = ""
			}
		}
	}
	for i := range out.Steps {
		s, file := &out.Steps[i], h.manifest.Steps[i].File
		if file == "" {
			continue
		}
		s.File = h.names[file]
		data, ok := files[s.File]
		if !ok {
			return nil, fmt.Errorf("the manifest names the file %s, and the folder does not have it", file)
		}
		sum := sha256.Sum256(data)
		s.SHA256, s.Bytes = hex.EncodeToString(sum[:]), len(data)
	}
	out.sort()
	return out, nil
}

func (h *hider) tree(v any) any {
	switch v := v.(type) {
	case string:
		return h.words.Replace(v)
	case []any:
		for i := range v {
			v[i] = h.tree(v[i])
		}
	case map[string]any:
		for key := range v {
			if !slices.Contains(asIs, key) {
				v[key] = h.tree(v[key])
			}
		}
	}
	return v
}

// writeMap writes pseudonyms and real words. A map that is there already is never replaced.
func (h *hider) writeMap(folder, mapFile, plan string) (err error) {
	if mapFile != "" {
		err := safefile.Write(mapFile, 0o600, func(w io.Writer) error { return h.words.Write(w, "plan "+plan) })
		if err = cmp.Or(err, os.Chmod(mapFile, 0o600)); err != nil {
			return fmt.Errorf("write the map of the pseudonyms: %w", err)
		}
		return nil
	}
	out, err := os.OpenFile(MapFile(folder), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the map of the pseudonyms: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return h.words.Write(out, "plan "+plan)
}

// swap writes a folder with these files next to this one, and puts it in its place.
func (f *Folder) swap(files map[string][]byte) (err error) {
	name, err := filepath.Abs(f.name)
	if err != nil {
		return err
	}
	made, err := os.MkdirTemp(filepath.Dir(name), ".cupclint-hidden-*") // 0700
	if err != nil {
		return err
	}
	defer func() {
		if made != "" {
			err = errors.Join(err, os.RemoveAll(made))
		}
	}()
	root, err := os.OpenRoot(made)
	if err != nil {
		return err
	}
	for file, data := range files {
		local := filepath.FromSlash(file)
		err = cmp.Or(err, root.MkdirAll(filepath.Dir(local), 0o700), safefile.Create(root, local, 0o600, func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		}))
	}
	if err = errors.Join(err, root.Close()); err != nil {
		return err
	}
	aside := made + "-real"
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(name, aside); err != nil {
		return errors.Join(err, f.reopen())
	}
	if err := os.Rename(made, name); err != nil {
		return errors.Join(err, os.Rename(aside, name), f.reopen())
	}
	made = ""
	f.hidden = true
	return errors.Join(os.RemoveAll(aside), f.reopen())
}

func (f *Folder) reopen() error {
	again, err := openFolder(f.name)
	if err != nil {
		return err
	}
	f.root, f.log, f.content = again.root, again.log, again.content
	return nil
}

// maxMap bounds a map, in bytes.
const maxMap = 256 << 20

// earlierWords reads the map of an earlier folder, where there is one.
func earlierWords(what []string, mapFile string) (*conceal.Words, error) {
	if mapFile == "" {
		return conceal.New(what, stopWords()), nil
	}
	in, err := os.Open(mapFile)
	if errors.Is(err, fs.ErrNotExist) {
		return conceal.New(what, stopWords()), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the map of the pseudonyms: %w", err)
	}
	defer in.Close()
	words, err := conceal.Read(io.LimitReader(in, maxMap), what, stopWords())
	if err != nil {
		return nil, fmt.Errorf("read the map of the pseudonyms from %s: %w", mapFile, err)
	}
	return words, nil
}

// CheckMap reports whether a map can be used again, or begun, where it is.
func CheckMap(mapFile string) error {
	_, err := earlierWords(nil, mapFile)
	return err
}

// CheckMapFile reports whether the map of a folder can be written.
func CheckMapFile(folder string) error {
	if _, err := os.Lstat(MapFile(folder)); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: move the map of an earlier folder away, or name another folder with --out", MapFile(folder))
	}
	return nil
}

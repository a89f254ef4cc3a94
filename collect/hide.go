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
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/export/tables"
	"cupclint/internal/pseudonym"
	"cupclint/internal/safefile"
)

// What --hide takes.
const (
	HideAddresses = "addresses"
	HideNames     = "names"
)

// MapFile is the name of the file with pseudonyms and real words: beside the folder, never in it.
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
	words    *pseudonym.Map
	manifest *Manifest
	real     map[string][]byte
	names    map[string]string // hidden by real file name
	paths    [][2]string       // parts of paths that are no plain names
	problem  HiddenError
}

// Hide writes the folder of a run that has ended anew, with pseudonyms in the place of what is hidden, and returns its manifest. The hidden
// folder is made beside the real one and takes its place. The map of the pseudonyms is written to MapFile. A *HiddenError says that the
// folder is written and yet not fit to be given away; after any other error the real folder is as it was.
func Hide(ctx context.Context, f *Folder, m *Manifest, what []string) (*Manifest, error) {
	h := &hider{manifest: m, real: map[string][]byte{}, names: map[string]string{}, words: pseudonym.New(pseudonym.Hide{
		Addresses: slices.Contains(what, HideAddresses), Names: slices.Contains(what, HideNames)}, stopWords())}
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
			h.names[name] = h.path(name)
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
		if len(h.words.Left(name+"\n"+decode(data))) > 0 {
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
	if err := h.writeMap(f.name, m.Plan); err != nil {
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

// stopWords are words that the readers of the folder know: they stay where they stand alone.
func stopWords() []string {
	var words []string
	add := func(text string) {
		words = append(words, text)
		words = append(words, strings.FieldsFunc(text, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
		})...)
	}
	for _, k := range export.Keys() {
		add(k.Name)
		for _, v := range slices.Concat(k.Values, k.Aliases) {
			add(v)
		}
	}
	for _, r := range tables.All() {
		for _, c := range r.Columns {
			add(c.Name)
		}
	}
	for _, s := range Steps() {
		add(s.ID)
		add(s.Text)
		add(s.File)
	}
	return words
}

// learn takes in the words of the site: from the request, the manifest, the properties of the files, and their texts.
func (h *hider) learn() {
	element := regexp.MustCompile(`</?(?:\w+:)?([A-Za-z][\w-]*)`)
	for _, data := range h.real { // elements that an answer has are no names
		for _, e := range element.FindAllSubmatch(data, -1) {
			h.words.Stay(string(e[1]))
		}
	}
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
	reader := export.Reader{Evidence: true}
	for name, data := range h.real {
		if name == ManifestFile || name == LogFile {
			continue
		}
		if e, err := reader.Parse(name, bytes.Clone(data)); err == nil {
			for i := range e.Properties {
				h.property(&e.Properties[i])
			}
		}
		h.words.LearnText(decode(data))
	}
	for _, name := range slices.Concat([]string{m.Request.Domain}, m.Request.SOAPFor, m.Request.LookAt) {
		h.odd(name)
	}
	for _, n := range m.Nodes {
		h.odd(n.Name)
	}
}

// odd remembers a name that a path holds in another form.
func (h *hider) odd(name string) {
	if safe := pathName(name); name != "" && safe != strings.ToLower(name) {
		h.paths = append(h.paths, [2]string{safe, pathName(h.words.Replace(name))})
	}
}

func (h *hider) property(p *export.Property) {
	if p.Secret() || p.Key == export.NoKey {
		return
	}
	t := p.Key.Type()
	if t == export.List {
		t = p.Key.Get().Item
	}
	switch t {
	case export.Host, export.IP, export.ACL, export.Site, export.URL, export.URI:
		for v := range strings.FieldsFuncSeq(p.Value, func(r rune) bool { return strings.ContainsRune(" \t,;/()[]", r) }) {
			switch {
			case t == export.ACL && strings.Trim(v, "0123456789.") == "":
				h.words.Prefix(v)
			case strings.Contains(v, ".") || v == strings.TrimSpace(p.Value) && t == export.Host:
				h.words.Learn(pseudonym.Host, v)
			}
		}
	case export.Domain:
		for v := range strings.FieldsFuncSeq(p.Value, func(r rune) bool { return strings.ContainsRune(" \t,;", r) }) {
			if strings.Contains(v, ".") || v == strings.TrimSpace(p.Value) {
				h.words.Learn(pseudonym.Domain, v)
			}
		}
	case export.BindName:
		if !strings.ContainsAny(p.Value, "=@\\") {
			h.words.Learn(pseudonym.User, p.Value)
		}
		h.words.LearnText(p.Value)
	case export.Text:
		last := p.Canonical()[strings.LastIndexByte(p.Canonical(), '.')+1:]
		if strings.EqualFold(last, "userid") || strings.EqualFold(last, "username") || strings.EqualFold(last, "user") {
			h.words.Learn(pseudonym.User, p.Value)
		}
	}
}

// path hides a file name.
func (h *hider) path(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		for _, odd := range h.paths {
			p = strings.ReplaceAll(p, odd[0], odd[1])
		}
		parts[i] = h.words.Replace(p)
	}
	return path.Join(parts...)
}

// file hides the content of a file, and proves that it is read as before.
func (h *hider) file(name string, data []byte) []byte {
	if strings.HasPrefix(name, "evidence/tls/") {
		return []byte(h.words.Replace(certificateFacts(data)))
	}
	text := decode(data)
	hidden := encode(h.words.Replace(withoutPEM(text)), data)
	if !slices.Equal(shape(name, data), shape(name, hidden)) {
		h.problem.Changed = append(h.problem.Changed, h.path(name))
	}
	return hidden
}

// shape is what a reader finds in a file, less the values.
func shape(name string, data []byte) []string {
	reader := export.Reader{Evidence: true}
	e, err := reader.Parse(name, bytes.Clone(data))
	if err != nil {
		return []string{"not read"}
	}
	out := []string{e.Format.String()}
	for i := range e.Properties {
		out = append(out, fmt.Sprint(e.Properties[i].Key, e.Properties[i].N))
	}
	return out
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

// hiddenManifest makes the manifest of the hidden folder. Fingerprints of certificates and keys would tell whose they are: they go.
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
func (h *hider) writeMap(folder, plan string) (err error) {
	out, err := os.OpenFile(MapFile(folder), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the map of the pseudonyms: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	var b strings.Builder
	fmt.Fprintf(&b, "# pseudonym, tab, real word. Keep this file: it is never part of the folder. Plan %s\n", plan)
	for _, p := range h.words.Pairs() {
		fmt.Fprintf(&b, "%s\t%s\n", p[0], p[1])
	}
	_, err = out.WriteString(b.String())
	return err
}

// swap writes a folder with these files beside this one, and puts it in its place.
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

// CheckMapFile reports whether the map of a folder can be written.
func CheckMapFile(folder string) error {
	if _, err := os.Lstat(MapFile(folder)); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: move the map of an earlier folder away, or name another folder with --out", MapFile(folder))
	}
	return nil
}

package conceal

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/export/tables"
	"cupclint/internal/lazy"
	"cupclint/internal/pseudonym"
)

// What can be hidden.
const (
	Addresses = "addresses" // hosts, domains, IP addresses and hardware addresses
	Names     = "names"     // accounts, persons, parts of distinguished names
)

// Check refuses a word that names nothing that can be hidden.
func Check(what []string) error {
	for _, w := range what {
		if w != Addresses && w != Names {
			return fmt.Errorf("unknown word %q: use addresses, names, or both with a comma between them", w)
		}
	}
	return nil
}

// Words are the names of a site with their pseudonyms. They are not safe for use by many goroutines.
type Words struct {
	*pseudonym.Map
	paths [][2]string // parts of paths that are not plain names
}

// New makes words with pseudonyms of their own. stop are words that stay, next to those that exports have.
func New(what, stop []string) *Words {
	return &Words{Map: pseudonym.New(hidden(what), append(stopWords(), stop...))}
}

// Read makes words that have the pseudonyms of an earlier run, which pseudonym.Map.Write wrote.
func Read(r io.Reader, what, stop []string) (*Words, error) {
	m, err := pseudonym.Read(r, hidden(what), append(stopWords(), stop...))
	if err != nil {
		return nil, err
	}
	return &Words{Map: m}, nil
}

func hidden(what []string) pseudonym.Hide {
	return pseudonym.Hide{Addresses: slices.Contains(what, Addresses), Names: slices.Contains(what, Names)}
}

// stopWords are words that the readers of exports know: they stay where they are alone.
func stopWords() []string {
	var words []string
	add := func(text string) { words = append(words, Parts(text)...) }
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
	return words
}

// Parts are a text and the words in it.
func Parts(text string) []string {
	return append(strings.FieldsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}), text)
}

var element = lazy.Pattern{Expr: `</?(?:\w+:)?([A-Za-z][\w-]*)`}

// LearnFile takes in the words of a file: from its properties and its text. Elements of XML are not names.
func (w *Words) LearnFile(name string, data []byte) {
	text := decode(data)
	for _, e := range element.Get().FindAllStringSubmatch(text, -1) {
		w.Stay(e[1])
	}
	reader := export.Reader{Evidence: true}
	if e, err := reader.Parse(name, bytes.Clone(data)); err == nil {
		for i := range e.Properties {
			w.property(&e.Properties[i])
		}
	}
	w.learnCoded(plain(text))
}

// owner is the person who answers for a comment that suppresses findings.
var owner = lazy.Pattern{Expr: `(?i)cupclint:\s*ignore[^\n]*?\sowner=(\S+)`}

// learnCoded learns the words of a text, and of what is coded in it.
func (w *Words) learnCoded(text string) {
	coded(text, func(s string) string {
		w.LearnText(s)
		for _, o := range owner.Get().FindAllStringSubmatch(s, -1) {
			w.Learn(pseudonym.User, o[1])
		}
		return s
	})
}

func (w *Words) property(p *export.Property) {
	if p.Secret() {
		return
	}
	if p.Key == export.NoKey {
		w.person(p.Name, p.Value)
		return
	}
	w.person(p.Canonical(), p.Value)
	t := p.Key.Type()
	if t == export.List {
		t = p.Key.Get().Item
	}
	switch t {
	case export.Host, export.IP, export.ACL, export.Site, export.URL, export.URI:
		for v := range strings.FieldsFuncSeq(p.Value, func(r rune) bool { return strings.ContainsRune(" \t,;/()[]", r) }) {
			switch {
			case t == export.ACL && strings.Trim(v, "0123456789.") == "":
				w.Prefix(v)
			case strings.Contains(v, ".") || v == strings.TrimSpace(p.Value) && t == export.Host:
				w.Learn(pseudonym.Host, v)
			}
		}
	case export.Domain:
		for v := range strings.FieldsFuncSeq(p.Value, func(r rune) bool { return strings.ContainsRune(" \t,;", r) }) {
			if strings.Contains(v, ".") || v == strings.TrimSpace(p.Value) {
				w.Learn(pseudonym.Domain, v)
			}
		}
	case export.BindName:
		if !strings.ContainsAny(p.Value, "=@\\") {
			w.Learn(pseudonym.User, p.Value)
		}
		w.LearnText(p.Value)
	}
}

// accountKeys and personKeys are the last parts of keys, in lower case and without hyphens, whose values are an account or words of a
// person's name.
const (
	accountKeys = "userid username user uid account accountname loginname samaccountname userprincipalname enduser mailid"
	personKeys  = "firstname lastname middlename givenname surname displayname fullname"
)

// person learns accounts and persons by the name of a key.
func (w *Words) person(key, value string) {
	last := strings.ReplaceAll(strings.ToLower(key[strings.LastIndexByte(key, '.')+1:]), "-", "")
	switch {
	case among(accountKeys, last), strings.EqualFold(key, "User.ID"):
		w.Learn(pseudonym.User, value)
	case among(personKeys, last):
		for word := range strings.FieldsSeq(value) {
			w.Learn(pseudonym.User, word)
		}
	}
}

// Odd remembers a name that paths hold in the form that safe gives it.
func (w *Words) Odd(name string, safe func(string) string) {
	if s := safe(name); name != "" && s != strings.ToLower(name) {
		w.paths = append(w.paths, [2]string{s, safe(w.Replace(name))})
	}
}

// Path hides the name of a file, with slashes, part by part.
func (w *Words) Path(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		for _, odd := range w.paths {
			p = strings.ReplaceAll(p, odd[0], odd[1])
		}
		parts[i] = w.Replace(p)
	}
	return strings.Join(parts, "/")
}

// File hides the content of a file. same says that readers find in it what they find in the real one, but for the values.
func (w *Words) File(name string, data []byte) (out []byte, same bool) {
	out = encode(coded(withoutPEM(plain(decode(data))), w.Replace), data)
	return out, slices.Equal(shape(name, data), shape(name, out))
}

// Certificates hides a file of nothing but certificates: a text with their dates, keys and hidden names takes its place.
func (w *Words) Certificates(data []byte) []byte { return []byte(w.Replace(certificateFacts(data))) }

// LeftIn finds words of the site that a file or its name still holds, in the text and in what readers make of it.
func (w *Words) LeftIn(name string, data []byte) []string {
	text := decode(data)
	left := w.Left(name + "\n" + text)
	coded(text, func(s string) string {
		if s != text {
			left = append(left, w.Left(s)...)
		}
		return s
	})
	reader := export.Reader{Evidence: true}
	if e, err := reader.Parse(name, bytes.Clone(data)); err == nil {
		for i := range e.Properties {
			left = append(left, w.Left(e.Properties[i].Value)...)
		}
	}
	slices.Sort(left)
	return slices.Compact(left)
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

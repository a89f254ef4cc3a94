package export

import (
	"errors"
	"fmt"
	"strings"

	"cupclint/internal/fold"
)

// jabberPrefix begins the keys of Jabber's own files. Their facts have names of their own rather than those of the client configuration
// web service: the values follow other rules, and what a Jabber client does with them depends on the section they are in.
const jabberPrefix = "Jabber."

// A jabberDocument is a jabber-config.xml.
type jabberDocument struct {
	section []byte // that is being read, as a key begins
	nested  []byte
}

// jabberRoot reports whether the root element is that of jabber-config.xml.
func jabberRoot(space, local string) bool {
	return space == "" && strings.EqualFold(local, "config")
}

func (x *xmlReader) beginJabber() xmlDocument { return &x.jabber }

// element looks at an element of jabber-config.xml: the sections are below the root, the keys below the sections. Some keys have
// elements of their own in them, as the tabs of a browser; those have the outer names in front.
func (d *jabberDocument) element(x *xmlReader, start int, _, local string) error {
	depth := len(x.open)
	if depth > 1 && len(x.attrs) > 0 || depth > 3 { // a name may be in one element or attribute, and its secret in another
		x.loose = true
	}
	switch {
	case depth == 1:
		return nil
	case depth == 2:
		x.into = false
		if k := NoKey; !jabberSection(local) {
			if k = inOtherSection(local); k != NoKey { // a key without its section: the value is judged all the same
				x.property = Property{Key: k, Name: jabberPrefix + local, nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(local))}
				x.enter()
			}
		}
		d.section = append(d.section[:0], jabberPrefix...)
		d.section = append(d.section, local...)
		if x.learns() {
			x.expect(string(d.section), "", depth)
		}
		return nil
	default:
		x.into = false // what was treated as a key holds elements
		name := append(d.nested[:0], d.section...)
		for _, e := range x.open[2:depth] {
			name = append(append(name, '.'), e.name...)
		}
		d.nested = name
		k, n, ok := Lookup(string(name))
		if !ok && (depth == 3 || depth == 4 && jabberSection(x.open[2].name)) {
			k = inOtherSection(local) // the value is judged all the same
		}
		x.property = Property{Key: k, N: n, Name: string(name), nameStart: int32(start + 1), nameEnd: int32(start + 1 + len(local))}
		x.enter()
		return nil
	}
}

func (d *jabberDocument) value(*xmlReader, *Property) bool { return true }

func (d *jabberDocument) text(x *xmlReader, start, end int) { x.r.ignore(start, end) }

func (d *jabberDocument) end(x *xmlReader) error {
	if x.outer {
		return x.endSections()
	}
	if !x.r.exp.knownJabber() {
		x.r.looksLike("XML with the root element config, but without a section of jabber-config.xml", "")
		return x.r.notUnderstood(ErrNoProperties)
	}
	x.r.exp.recognised = true
	return nil
}

// jabberSections are the sections of jabber-config.xml ("Parameters Reference Guide for Cisco Jabber").
var jabberSections = [...]string{"Client", "Options", "Phone", "Policies", "Presence", "Voicemail", "Directory", "BrowserContactAndChat"}

// endSections ends sections without the element config around them, as people paste them. A file for clients has it.
func (x *xmlReader) endSections() error {
	e := &x.r.exp
	if !e.known() {
		x.r.looksLike(fmt.Sprintf("XML with the root element %s, and without a key of jabber-config.xml", trim(x.first)), "")
		return x.r.notUnderstood(ErrNoProperties)
	}
	e.recognised = true
	if fold.HasPrefix(e.File[strings.LastIndexAny(e.File, "/!")+1:], "jabber-config") {
		e.Problem = x.r.fail(0, errors.New("the sections are not in an element config. Jabber clients read no setting of such a file"))
	}
	return nil
}

// knownJabber reports whether a document whose root is config is Jabber's: other programs have such files, too.
func (e *Export) knownJabber() bool {
	for i := range e.Properties {
		p := &e.Properties[i]
		if p.Key != NoKey {
			return true
		}
		section, _, _ := strings.Cut(strings.TrimPrefix(p.Name, jabberPrefix), ".")
		for _, known := range jabberSections {
			if strings.EqualFold(section, known) {
				return true
			}
		}
	}
	return false
}

// ignoresAll is what a client does with a jabber-config.xml that it cannot read (deployment guides for Cisco Jabber).
const ignoresAll = "Jabber clients ignore the whole file when it is not well-formed XML"

// clientIgnores adds to a fault in a jabber-config.xml what it means.
func (r *Reader) clientIgnores(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || r.exp.Format != Jabber && !configName(r.exp.File) {
		return err
	}
	if _, bound := errors.AsType[*BoundError](err); bound {
		return err
	}
	if _, foreign := errors.AsType[*NotUnderstoodError](err); foreign {
		return err
	}
	e.Err = fmt.Errorf("%w. %s", e.Err, ignoresAll)
	return err
}

// configName reports whether a file has the name of the file that clients download.
func configName(file string) bool {
	base := file[strings.LastIndexAny(file, "/!\\")+1:]
	return fold.HasPrefix(base, "jabber-config") || strings.EqualFold(base[max(0, len(base)-len("jabber-config.xml")):], "jabber-config.xml")
}

// clientFinds adds to the error of a file with that name, in which there is something else, what it means.
func (r *Reader) clientFinds(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || r.Force != Auto || !configName(r.exp.File) {
		return err
	}
	other, ok := errors.AsType[*NotUnderstoodError](err)
	switch {
	case ok && strings.HasPrefix(strings.TrimLeft(r.exp.text, " \t\r\n"), "<"):
		other.Hint = strings.TrimSpace(other.Hint + " Jabber clients find no setting in it and use their defaults.")
	case ok:
		other.Hint = strings.TrimSpace(other.Hint + " " + ignoresAll + ".")
	case errors.Is(err, ErrEmpty), errors.Is(err, ErrNotUTF8), errors.Is(err, ErrBinary):
		e.Err = fmt.Errorf("%w. %s", e.Err, ignoresAll)
	}
	return err
}

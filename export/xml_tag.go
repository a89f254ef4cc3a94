package export

import (
	"fmt"
	"slices"
	"strings"

	"cupclint/internal/chars"

	"github.com/tdewolff/parse/v2/xml"
)

type attribute struct {
	name       string
	value      string // raw
	plain      bool   // the value stands for itself
	start, end int    // of the value
}

// startTag reads a tag up to its closing bracket.
func (x *xmlReader) startTag(start int, name string) error {
	if x.rootDone && len(x.open) == 0 {
		return x.fail(start, "a second root element: %s", x.name(name))
	}
	if !validName(name) {
		return x.fail(start, "%s is not an element name", x.quoted(name))
	}
	if len(x.open) >= MaxDepth {
		return x.r.fail(start, &BoundError{"elements inside one another", MaxDepth, "deep"})
	}
	x.open = append(x.open, element{name: name, start: start, bindings: len(x.bindings)})
	void, err := x.attributes(start)
	if err != nil {
		return err
	}
	space, local, err := x.resolve(start, name)
	if err != nil {
		return err
	}
	if err := x.attributePrefixes(); err != nil {
		return err
	}
	if len(x.open) == 1 {
		if err := x.root(start, space, local); err != nil {
			return err
		}
	}
	if err := x.doc.element(x, start, space, local); err != nil {
		return err
	}
	x.learn(start, void)
	if !x.begins {
		x.learnPrologue(start, void)
	}
	if void {
		return x.close()
	}
	return nil
}

// root finds the kind of the document.
func (x *xmlReader) root(start int, space, local string) error {
	e := &x.r.exp
	for i := range xmlKinds {
		k := &xmlKinds[i]
		if !k.root(space, local) || x.r.Force == SOAP && k.format == Jabber || x.r.Force == Jabber && k.format != Jabber {
			continue
		}
		e.Format = k.format
		x.doc = k.begin(x)
		return nil
	}
	if space == "" && (x.r.Force == Auto || x.r.Force == Jabber) && slices.Contains(jabberSections[:], local) {
		e.Format = Jabber
		x.doc = x.beginJabber()
		x.open = slices.Insert(x.open, 0, element{name: "config", start: start})
		x.outer, x.begins, x.first = true, true, local
		return nil
	}
	if local == "property" && (space == "" || space == unbound) && x.namesKey() { // an answer without what was around its properties
		e.Format = SOAP
		x.doc = x.beginService()
		x.open = slices.Insert(x.open, 0, element{name: "Body", start: start})
		x.outer, x.begins, x.cut = true, true, true
		return nil
	}
	if (space == "" || space == unbound) && x.axlCut(start, local) {
		return nil
	}
	if prefix, _, _ := strings.Cut(x.open[0].name, ":"); space == unbound {
		return x.fail(start, "the prefix %s is not bound to a namespace", x.name(prefix))
	}
	if slices.Contains([]string{"body", "div", "p", "pre", "span", "table", "code", "article", "section", "blockquote", "br"}, local) {
		x.r.looksLike("a part of an HTML page", "Save the text that the page shows, not its source.")
	}
	x.r.looksLike(fmt.Sprintf("XML with the root element %s", trim(local)), "")
	return x.r.notUnderstood(ErrUnknownFormat)
}

// namesKey reports whether an attribute of the tag is the name of a known key.
func (x *xmlReader) namesKey() bool {
	a := attributeNamed(x, "name")
	if a == nil {
		return false
	}
	name, err := x.attributeValue(a)
	_, _, ok := Lookup(name)
	return err == nil && ok
}

// cutSpace is the namespace of an element whose prefix is bound outside, by its name.
func cutSpace(local string) string {
	switch {
	case local == "Envelope", local == "Header", local == "Body", local == "Fault":
		return soap11Namespace
	case axlAnswerName(local):
		return axlNamespace
	}
	return epasNamespace
}

// doctype skips a document type declaration that declares nothing.
func (x *xmlReader) doctype(start int, token string) error {
	switch {
	case x.rootDone || len(x.open) > 0:
		return x.fail(start, "the document type declaration is not before the root element")
	case !strings.HasSuffix(token, ">"):
		return x.fail(start, "the document type declaration does not end")
	case strings.IndexByte(token, '[') >= 0:
		return x.fail(start, "the document type declaration contains declarations: these could declare entities, so cupclint does not read the "+
			"file")
	}
	_, err := x.legal(start, token)
	return err
}

func (x *xmlReader) attributePrefixes() error {
	for i := range x.attrs {
		switch name, _, _ := strings.Cut(x.attrs[i].name, ":"); name {
		case "name", "xmlns", "version":
		default:
			x.loose = true
		}
		if strings.IndexByte(x.attrs[i].name, ':') >= 0 {
			if _, _, err := x.resolveIn(x.attrs[i].start, x.attrs[i].name, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// attributes reads up to the end of the tag, keeps the attributes and notes the namespaces they bind.
func (x *xmlReader) attributes(start int) (void bool, err error) {
	x.attrs = x.attrs[:0]
	for {
		before := x.in.Offset()
		switch tt, token := x.lex.Next(); tt {
		case xml.StartTagCloseToken:
			return false, nil
		case xml.StartTagCloseVoidToken:
			return true, nil
		case xml.AttributeToken:
			// The token begins at the blanks in front of it.
			a, err := x.attribute(before, before+len(token))
			if err != nil {
				return false, err
			}
			for i := range x.attrs {
				if x.attrs[i].name == a.name {
					return false, x.fail(a.start, "the attribute %s occurs twice", x.name(a.name))
				}
			}
			x.attrs = append(x.attrs, a)
			if len(x.attrs) > maxAttributes {
				return false, x.r.fail(start, &BoundError{"attributes of one element", maxAttributes, "attributes"})
			}
			if err := x.bind(&x.attrs[len(x.attrs)-1]); err != nil {
				return false, err
			}
		default:
			return false, x.fail(len(x.text), "the text ends inside a tag that line %d begins", x.r.lineOf(start))
		}
	}
}

func (x *xmlReader) attribute(from, to int) (attribute, error) {
	nameAt := from + chars.Blanks(x.text[from:to])
	trimmed := x.text[nameAt:to]
	if nameAt == from {
		return attribute{}, x.fail(from, "a space is missing before an attribute")
	}
	eq := strings.IndexByte(trimmed, '=')
	if eq < 0 {
		return attribute{}, x.fail(nameAt, "the attribute %s has no value", x.quoted(trimmed))
	}
	name := trimmed[:eq]
	for name != "" && chars.Blank(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	if !validName(name) {
		return attribute{}, x.fail(nameAt, "%s is not an attribute name", x.quoted(name))
	}
	rest := trimmed[eq+1:]
	rest = rest[chars.Blanks(rest):]
	at := to - len(rest)
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return attribute{}, x.fail(at, "the value of %s is not quoted", x.name(name))
	}
	if len(rest) < 2 || rest[len(rest)-1] != rest[0] {
		return attribute{}, x.fail(at, "the quoted value of %s does not end", x.name(name))
	}
	a := attribute{name: name, value: rest[1 : len(rest)-1], start: at + 1, end: to - 1}
	if i := strings.IndexByte(a.value, '<'); i >= 0 {
		return attribute{}, x.fail(a.start+i, "a < inside the value of %s: its closing quote may be missing", x.name(name))
	}
	var err error
	if a.plain, err = x.legal(a.start, a.value); err == nil && !a.plain {
		_, err = x.decode(a.start, a.value) // its references must be defined, whether or not anybody reads it
	}
	return a, err
}

func (x *xmlReader) bind(a *attribute) error {
	prefix, declares := strings.CutPrefix(a.name, "xmlns")
	if !declares || prefix != "" && prefix[0] != ':' {
		return nil
	}
	space, err := x.attributeValue(a)
	if err != nil {
		return err
	}
	if prefix != "" {
		prefix = prefix[1:]
		if prefix == "" || prefix == "xmlns" || prefix == "xml" && space != xmlNamespace || space == "" {
			return x.fail(a.start, "%s=%s is not a valid declaration of a namespace", x.name(a.name), x.quoted(space))
		}
	}
	x.bindings = append(x.bindings, binding{prefix, space})
	x.memo = nil
	return nil
}

// resolve splits a name and finds the namespace of its prefix.
func (x *xmlReader) resolve(start int, name string) (space, local string, err error) {
	return x.resolveIn(start, name, len(x.open) <= 1)
}

// resolveIn does that; root says that the name is that of the root element.
func (x *xmlReader) resolveIn(start int, name string, root bool) (space, local string, err error) {
	prefix, local, found := strings.Cut(name, ":")
	if !found {
		prefix, local = "", name
	} else if prefix == "" || local == "" || strings.Contains(local, ":") {
		return "", "", x.fail(start, "%s is not a qualified name", x.quoted(name))
	}
	for i := len(x.bindings) - 1; i >= 0; i-- {
		if x.bindings[i].prefix == prefix {
			return x.bindings[i].space, local, nil
		}
	}
	switch prefix {
	case "", "xmlns":
		return "", local, nil
	case "xml":
		return xmlNamespace, local, nil
	}
	if x.cut || root { // the document may have been cut out of the element that binds the prefix
		x.cut = true
		return unbound, local, nil
	}
	return "", "", x.fail(start, "the prefix %s is not bound to a namespace", x.name(prefix))
}

package export

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// An embeddedText is a text inside another one: the value of a cell, of an element. at has, for each byte of text and for its end, the
// place in the decoded text of the export.
type embeddedText struct {
	text string
	at   []int32
}

// embeddedAt is a text that is in the export unchanged, from a place on.
func embeddedAt(text string, start int) embeddedText {
	at := make([]int32, len(text)+1)
	for i := range at {
		at[i] = int32(start + i)
	}
	return embeddedText{text, at}
}

// readEmbedded reads settings of Jabber that are as XML inside another document, at their place in it: a cell of the table ucservicexml
// or the field of a service profile. The XML may be escaped (&lt;Options&gt;) or URL-encoded (%3COptions%3E), and values in it may be
// URL-encoded. It reports whether the text is such a document. One that is not well-formed is read up to that place, which becomes the
// export's Problem.
func (r *Reader) readEmbedded(t embeddedText) (ours bool, err error) {
	for range 2 {
		switch trimmed := strings.TrimLeft(t.text, " \t\r\n"); {
		case fold.HasPrefix(trimmed, "&lt;"):
			t = t.unescaped()
		case fold.HasPrefix(trimmed, "%3c"):
			t = t.percentDecoded()
		}
	}
	if !isProfile(t.text) {
		return false, nil
	}
	dec := xml.NewDecoder(strings.NewReader(t.text))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var open []string
	leaf := false // the element that is open last has no elements in it
	from := 0     // where its text begins
	for {
		before := int(dec.InputOffset())
		token, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return true, nil
		case err != nil:
			at := min(int(dec.InputOffset()), len(t.text))
			if r.exp.Problem == nil {
				r.exp.Problem = r.fail(int(t.at[at]), fmt.Errorf("the XML of this value is not well-formed: %w", err))
			}
			return true, nil
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(open) == 0 && strings.EqualFold(token.Name.Local, "config") {
				continue // a whole file
			}
			if len(open) >= MaxDepth {
				return true, r.fail(int(t.at[before]), &BoundError{"elements inside one another", MaxDepth, "deep"})
			}
			open = append(open, token.Name.Local)
			leaf, from = true, int(dec.InputOffset())
		case xml.EndElement:
			if len(open) == 0 {
				continue
			}
			if leaf && len(open) > 1 {
				if err := r.addEmbedded(t, open, from, before); err != nil {
					return true, err
				}
			}
			open, leaf = open[:len(open)-1], false
		}
	}
}

// addEmbedded adds the setting of a section, whose text is a part of the embedded one.
func (r *Reader) addEmbedded(t embeddedText, open []string, from, to int) error {
	raw := t.text[from:to]
	value := embeddedAt(raw, 0).unescaped().text
	if !validUTF8(value) {
		value = raw
	}
	p := Property{
		Name: jabberPrefix + strings.Join(open, "."), Value: percentDecoded(value),
		nameStart: t.at[from], nameEnd: t.at[from], valueStart: t.at[from], valueEnd: t.at[to],
	}
	p.Key, p.N, _ = Lookup(p.Name)
	if p.Key == NoKey && len(open) == 2 {
		p.Key = inOtherSection(open[1])
	}
	return r.add(&p)
}

// isProfile reports whether a text begins with a section of jabber-config.xml.
func isProfile(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n")
	if strings.HasPrefix(text, "<?xml") {
		_, text, _ = strings.Cut(text, "?>")
		text = strings.TrimLeft(text, " \t\r\n")
	}
	if !strings.HasPrefix(text, "<") {
		return false
	}
	name := text[1:]
	if i := strings.IndexAny(name, " \t\r\n/>"); i >= 0 {
		name = name[:i]
	}
	return strings.EqualFold(name, "config") || jabberSection(name)
}

func jabberSection(name string) bool {
	for _, s := range jabberSections {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// unescaped undoes the references that XML has.
func (t embeddedText) unescaped() embeddedText {
	if strings.IndexByte(t.text, '&') < 0 {
		return t
	}
	return t.mapped(func(rest string) (string, int) {
		if rest[0] != '&' {
			return "", 0
		}
		end := strings.IndexByte(rest[:min(len(rest), chars.MaxReference)], ';')
		if end < 0 {
			return "", 0
		}
		c, ok := chars.Reference(rest[1:end])
		if !ok {
			return "", 0
		}
		return string(c), end + 1
	})
}

func (t embeddedText) percentDecoded() embeddedText {
	out := t.mapped(func(rest string) (string, int) {
		if rest[0] == '%' {
			if c, ok := chars.Hex(rest[1:]); ok {
				return string([]byte{c}), 3
			}
		}
		if rest[0] == '+' {
			return " ", 1 // a blank, where the whole text is encoded as a form
		}
		return "", 0
	})
	if !validUTF8(out.text) {
		return t
	}
	return out
}

// mapped replaces what decode recognises at the begin of a text: it returns what stands for how many bytes, 0 for none.
func (t embeddedText) mapped(decode func(rest string) (string, int)) embeddedText {
	var b strings.Builder
	at := make([]int32, 0, len(t.at))
	for i := 0; i < len(t.text); {
		with, n := decode(t.text[i:])
		if n == 0 {
			with, n = t.text[i:i+1], 1
		}
		for range len(with) {
			at = append(at, t.at[i])
		}
		b.WriteString(with)
		i += n
	}
	return embeddedText{b.String(), append(at, t.at[len(t.text)])}
}

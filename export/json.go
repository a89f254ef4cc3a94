package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"cupclint/internal/jsonplace"
)

// richText begins a document in RTF.
const richText = `{\rtf`

// readJSON reads objects of our own keys, nested, dotted or both, as readYAML does. Numbers and truth values are taken as
// written, null is an empty value, and a name that occurs twice gives two properties.
func (r *Reader) readJSON() error {
	if strings.HasPrefix(strings.TrimLeft(r.exp.text, " \t\r\n"), richText) {
		return r.notUnderstood(ErrUnknownFormat)
	}
	w := jsonWalk{r: r, dec: json.NewDecoder(strings.NewReader(r.exp.text))}
	w.dec.UseNumber()
	if err := w.value("", Property{}, 0); err != nil {
		return err
	}
	if _, _, err := w.token(); !errors.Is(err, io.EOF) {
		return r.fail(w.at(), errors.New("there is more text after the end of the JSON value"))
	}
	r.pairSecrets()
	if r.passwords {
		r.coverAgain() // in the values that are skipped below, too
	}
	r.asAppConfig()
	if e := &r.exp; r.Force == Auto && !e.known() && installs(e.text) {
		clear(e.first[:])
		clear(e.Properties)
		e.Properties, e.Format = e.Properties[:0], JabberInstall
		return r.readJabberInstall()
	}
	if r.Force != JSON && !r.exp.known() {
		r.asCustomSettings()
		r.asRegistryObject()
	}
	return nil
}

type jsonWalk struct {
	r   *Reader
	dec *json.Decoder
}

// at returns where the next token begins.
func (w *jsonWalk) at() int { return jsonplace.Token(w.r.exp.text, w.dec) }

func (w *jsonWalk) token() (json.Token, int, error) {
	at := w.at()
	t, err := w.dec.Token()
	return t, at, err
}

func (w *jsonWalk) next() (json.Token, int, error) {
	t, at, err := w.token()
	if err == nil {
		return t, at, nil
	}
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, at, w.r.fail(len(w.r.exp.text), errors.New("the JSON text ends too early"))
	case errors.As(err, &syntax):
		return nil, at, w.r.fail(at, errors.New("this is not valid JSON: a quote, a comma, a colon or a bracket is missing or misplaced"))
	}
	return nil, at, w.r.fail(at, err)
}

// value reads one value. name carries the place of the key.
func (w *jsonWalk) value(path string, name Property, depth int) error {
	t, at, err := w.next()
	if err != nil {
		return err
	}
	if depth > MaxDepth {
		return w.r.fail(at, &BoundError{"objects and lists inside one another", MaxDepth, "deep"})
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			err = w.object(path, depth)
		} else {
			err = w.list(path, depth)
		}
		if err != nil {
			return err
		}
		_, _, err = w.next() // the closing bracket
		return err
	case nil:
		return w.scalar(path, "", name, at)
	case string:
		return w.scalar(path, t, name, at)
	case json.Number:
		return w.scalar(path, t.String(), name, at)
	default:
		return w.scalar(path, fmt.Sprint(t), name, at)
	}
}

func (w *jsonWalk) object(path string, depth int) error {
	for w.dec.More() {
		t, at, err := w.next()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return w.r.fail(at, errors.New("a key is not text"))
		}
		name := Property{nameStart: int32(at + 1), nameEnd: int32(int(w.dec.InputOffset()) - 1)}
		if err := w.value(join(path, key), name, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *jsonWalk) list(path string, depth int) error {
	for i := 1; w.dec.More(); i++ {
		at := int32(w.at())
		if err := w.value(join(path, fmt.Sprint(i)), Property{nameStart: at, nameEnd: at}, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *jsonWalk) scalar(path, value string, p Property, at int) error {
	if path == "" {
		return w.r.fail(at, errors.New("a value has no key: cupclint expects an object of keys and values"))
	}
	end := int(w.dec.InputOffset())
	if w.r.exp.text[at] == '"' {
		at, end = at+1, end-1
	}
	p.Name, p.Value = path, value
	p.valueStart, p.valueEnd = int32(at), int32(end)
	p.Key, p.N, _ = Lookup(path)
	return w.r.add(&p)
}

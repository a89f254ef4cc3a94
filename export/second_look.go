package export

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cupclint/internal/chars"
)

// A text that no reader understands is looked at again in other ways: as a mail whose parts are encoded, as lines that a mail or a ticket
// folded, as a table of settings. Only such a text is, so what is read as it is never becomes anything else.

// A look is one of these ways.
type look struct {
	// part makes the text that is read out of that of the file, with its places; nil where it is that of the file.
	part func(r *Reader)
	// name is that of the file that the text was in: an attachment; empty where it is that of the input.
	name string
	// start is where the part begins in the text of the file. With an end, it is a document in the text that is read.
	start, end int
	// joined joins lines of the text, from which everything was taken that does not belong to it; nil where there is nothing to join.
	joined func(r *Reader)
	// sure says that it is known what the text is: what is wrong with it is what the user has to know.
	sure bool
	// as is the reader of the text; nil where its content says which.
	as *formatReader
}

// lookAgain reads an input in the other ways; what the first attempt gave stays where none gives anything. Each way is cheap where it does
// not apply.
func (r *Reader) lookAgain(file string, data []byte, e *Export, err error) (*Export, error) {
	parts := r.partLooks(r.exp.fileText())
	documents := r.documentLooks(r.exp.text)
	looks := r.textLooks()
	if r.tryDocuments(file, data, documents) {
		return &r.exp, nil
	}
	for i := range looks {
		if e, err := r.parse(file, data, &looks[i]); understood(e, err) || looks[i].sure && err != nil && !notUnderstood(err) {
			return e, err
		}
	}
	for i := range parts {
		if r.tryPart(file, data, &parts[i]) {
			r.noteOthers(file, data, parts[i+1:])
			return &r.exp, nil
		}
	}
	if len(looks)+len(parts)+len(documents) > 0 {
		return r.parse(file, data, nil)
	}
	return e, err
}

// tryLook reads an input in one way. It reports whether anything was understood.
func (r *Reader) tryLook(file string, data []byte, l *look) bool {
	return understood(r.parse(file, data, l))
}

func understood(e *Export, err error) bool { return err == nil && !notUnderstood(e.Problem) }

// tryPart reads a part of an input as it is, and in the ways that its text allows.
func (r *Reader) tryPart(file string, data []byte, part *look) bool {
	if r.tryLook(file, data, part) {
		return true
	}
	for _, l := range r.textLooks() {
		l.part, l.name = part.part, part.name
		if r.tryLook(file, data, &l) {
			return true
		}
	}
	return false
}

// noteOthers makes an error of parts with other settings: one of a mail is read.
func (r *Reader) noteOthers(file string, data []byte, parts []look) {
	e := &r.exp
	for i := range parts {
		other := Reader{Force: r.Force}
		l := &parts[i]
		read := slices.ContainsFunc(e.lifted, func(p mailPart) bool { return p.start == l.start })
		if read || e.Problem != nil || !other.tryPart(file, bytes.Clone(data), l) || !other.exp.known() || sameSettings(e, &other.exp) {
			continue
		}
		line, column := other.exp.rawAt.seek(other.exp.copy.Original, l.start)
		e.Problem = &Error{File: e.File, Line: line, Column: column, Err: fmt.Errorf("settings are in this part, too (%s), and cupclint read "+
			"only the first part that has any: save this one as a file, and check it as well", cmp.Or(trim(l.name), "without a name"))}
	}
}

// sameSettings reports whether two parts have the same settings: a mail has its text twice, once as HTML.
func sameSettings(a, b *Export) bool {
	return slices.EqualFunc(a.Properties, b.Properties, func(p, q Property) bool { return p.Key == q.Key && p.Value == q.Value })
}

// textLooks are the ways that apply to the text of the last attempt.
func (r *Reader) textLooks() []look {
	text := r.exp.text
	return slices.Concat(r.foldedLooks(text), r.objectLooks(text), r.tableLooks(text), r.headingLooks(text), r.pageLooks(text))
}

var pairsReader = formatReader{Properties, nil, (*Reader).readText}

// headingLooks finds a pasted window whose first line is a heading, as Show Server Health has one: YAML begins with a key, an item or a
// mark.
func (r *Reader) headingLooks(text string) []look {
	if r.Force != Auto || r.exp.Format != YAML {
		return nil
	}
	for _, line := range chars.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if strings.ContainsAny(line, ":=#{}[]|>&*!%@") || line[0] == '-' || line[0] == '"' || line[0] == '\'' || line[0] == '?' {
			return nil
		}
		return []look{{as: &pairsReader}}
	}
	return nil
}

// fileText is the decoded text of the file, with all that was taken out of it.
func (e *Export) fileText() string {
	if e.copy.Decorated() {
		return e.copy.Original
	}
	return e.text
}

// notUnderstood reports whether nothing in an input had a meaning.
func notUnderstood(err error) bool {
	_, ok := errors.AsType[*NotUnderstoodError](err)
	return ok
}

// mayLookAgain reports whether an error leaves a text that can be read in another way.
func mayLookAgain(err error) bool {
	if _, bound := errors.AsType[*BoundError](err); bound {
		return false
	}
	for _, e := range [...]error{ErrEmpty, ErrBinary, ErrNoBOM, ErrNotUTF8, ErrLoneCR, ErrRefused} {
		if errors.Is(err, e) {
			return false
		}
	}
	return true
}

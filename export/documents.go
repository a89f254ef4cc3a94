package export

import (
	"bytes"
	"strings"

	"cupclint/internal/chars"
)

// A capture of a session has several answers of a server in one text: that of the log-in, then the configuration. Each is a document.

// maxDocuments bounds the documents of one text that are read one after the other.
const maxDocuments = 12

// documentLooks finds the documents of a text with more than one.
func (r *Reader) documentLooks(text string) (looks []look) {
	if r.Force != Auto && r.Force != SOAP && r.Force != AXL || strings.Count(text, "Envelope>") < 2 {
		return nil
	}
	const closing = "Envelope>"
	var starts []int
	closed := true
	for start, line := range chars.Lines(text) {
		from := start + chars.Blanks(line)
		if closed && from < start+len(line) && envelopeBegins(text[from:start+len(line)]) {
			starts, closed = append(starts, from), false
		}
		closed = closed || strings.HasSuffix(strings.TrimRight(line, " \t"), closing)
	}
	if len(starts) < 2 || len(starts) > maxDocuments {
		return nil
	}
	for i, from := range starts {
		next := len(text)
		if i+1 < len(starts) {
			next = starts[i+1]
		}
		if end := strings.LastIndex(text[from:next], closing); end >= 0 {
			looks = append(looks, look{start: from, end: from + end + len(closing)})
		}
	}
	return looks
}

// envelopeBegins reports whether a line begins a document with an Envelope, which may be in the next line.
func envelopeBegins(line string) bool {
	if strings.HasPrefix(line, "<?xml") {
		return true
	}
	name := line[1:]
	if end := strings.IndexAny(name, " \t>"); end >= 0 {
		name = name[:end]
	}
	return line[0] == '<' && (name == "Envelope" || strings.HasSuffix(name, ":Envelope"))
}

// tryDocuments reads the first of several documents that has settings. One with other settings is an error: they are not of this export.
func (r *Reader) tryDocuments(file string, data []byte, looks []look) bool {
	for i := range looks {
		if !r.tryLook(file, data, &looks[i]) {
			continue
		}
		for _, l := range looks[i+1:] {
			if r.exp.Problem != nil {
				break
			}
			other := Reader{Force: r.Force}
			if other.tryLook(file, bytes.Clone(data), &l) && other.exp.known() && !sameSettings(&r.exp, &other.exp) {
				r.exp.Problem = r.fail(l.start, errOther)
			}
		}
		return true
	}
	return false
}

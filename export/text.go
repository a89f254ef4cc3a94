package export

import (
	"strings"
)

// readText reads key = value and key: value lines: a client log with any prefix before the key, a pasted Show Server
// Health, a .properties file.
//
// One blank behind the separator belongs to it; all further blanks, and those at the end of the line, are part of the
// value. A backslash is a backslash (ACME\svc is a frequent value), so .properties escapes and continuation lines
// are not undone. A line without a key is passed over: logs are full of them.
func (r *Reader) readText() error {
	text := r.exp.text
	for start := 0; start < len(text); {
		end := strings.IndexByte(text[start:], '\n')
		next := len(text)
		if end < 0 {
			end = len(text)
		} else {
			end += start
			next = end + 1
		}
		if end > start && text[end-1] == '\r' {
			end--
		}
		if err := r.textLine(start, end); err != nil {
			return err
		}
		start = next
	}
	return nil
}

func (r *Reader) textLine(start, end int) error {
	text := r.exp.text
	first := start
	for first < end && (text[first] == ' ' || text[first] == '\t') {
		first++
	}
	if first == end || text[first] == '#' || text[first] == '!' || text[first] == ';' {
		return nil
	}
	// The first known key in the line wins; an unknown one counts only where nothing stands before it.
	var atStart Property
	for at := first; at < end; {
		sep := strings.IndexAny(text[at:end], "=:")
		if sep < 0 {
			break
		}
		sep += at
		if p, ok := keyBefore(text, first, sep, end); ok {
			if p.Key != NoKey || p.Secret() {
				return r.add(&p) // a secret counts wherever it stands, so that redact finds it
			}
			// A colon is in every other line of prose; it makes a key only behind a word with dots and before a blank.
			dotted := strings.Contains(p.Name, ".") && (sep+1 == end || text[sep+1] == ' ' || text[sep+1] == '\t')
			if int(p.nameStart) == first && (text[sep] == '=' || dotted) {
				atStart = p
			}
		}
		at = sep + 1
	}
	if atStart.Name == "" {
		r.ignore(first, end)
		return nil
	}
	return r.add(&atStart)
}

// keyBefore takes the word in front of a separator as a key, and what stands behind it as the value.
func keyBefore(text string, first, sep, end int) (Property, bool) {
	nameEnd := sep
	for nameEnd > first && (text[nameEnd-1] == ' ' || text[nameEnd-1] == '\t') {
		nameEnd--
	}
	nameStart := nameEnd
	for nameStart > first && keyByte(text[nameStart-1]) {
		nameStart--
	}
	name := text[nameStart:nameEnd]
	if name == "" || !letter(name[0]) || strings.HasSuffix(name, ".") {
		return Property{}, false
	}
	value := sep + 1
	if value < end && (text[value] == ' ' || text[value] == '\t') {
		value++
	}
	k, n, _ := Lookup(name)
	return Property{
		Key: k, N: n, Name: name, Value: text[value:end],
		nameStart: int32(nameStart), nameEnd: int32(nameEnd), valueStart: int32(value), valueEnd: int32(end),
	}, true
}

func keyByte(c byte) bool {
	return letter(c) || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-'
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

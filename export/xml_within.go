package export

import (
	"path"
	"strings"

	"cupclint/internal/chars"
)

// maxOutside is how many lines around an XML document a text may have: a mail or a ticket around the file that someone was asked for.
const maxOutside = 60

// xmlWithin finds an XML document that is read, between lines of prose: from its declaration or root to the end of its last line. A text
// that has settings outside of the document is not such a mail.
func xmlWithin(text string) (from, to int, found bool) {
	if strings.IndexByte(text, '<') < 0 { // as in most exports that are not XML
		return 0, 0, false
	}
	outside := 0
	for start, line := range chars.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			continue
		}
		if documentBegins(trimmed) {
			from, found = start+strings.IndexByte(line, '<'), true
			break
		}
		if outside++; outside > maxOutside || isSetting(trimmed) {
			return 0, 0, false
		}
	}
	if !found {
		return 0, 0, false
	}
	to = from
	for start, line := range chars.Lines(text[from:]) {
		trimmed := strings.TrimRight(line, " \t")
		if strings.HasSuffix(trimmed, ">") {
			to = from + start + len(trimmed)
		}
	}
	for _, line := range chars.Lines(text[to:]) {
		if trimmed := strings.TrimSpace(line); trimmed != "" {
			if outside++; outside > maxOutside || isSetting(trimmed) {
				return 0, 0, false
			}
		}
	}
	return from, to, to > from
}

// clientsOwn reports whether a document is the file that clients download.
func clientsOwn(file, document string) bool {
	return strings.EqualFold(path.Ext(file), ".xml") && strings.Contains(document[:min(len(document), 512)], "<config")
}

// isSetting reports whether a line sets a key that is known.
func isSetting(line string) bool {
	i := strings.IndexAny(line, "=:")
	if i <= 0 {
		return false
	}
	_, _, ok := Lookup(strings.TrimSpace(line[:i]))
	return ok
}

// documentBegins reports whether a line begins a document of a kind that is read.
func documentBegins(line string) bool {
	if line[0] != '<' {
		return false
	}
	name := line[1:]
	if end := strings.IndexAny(name, " \t/>"); end >= 0 {
		name = name[:end]
	}
	if name == "?xml" {
		return true
	}
	prefix, local, prefixed := strings.Cut(name, ":")
	if !prefixed {
		local = name
	} else if prefix == "" || local == "" {
		return false
	}
	return !prefixed && (jabberRoot("", local) || plistRoot("", local) || localRoot("", local) || updateRoot("", local) ||
		jabberSection(local)) || serviceRoot(unbound, local)
}

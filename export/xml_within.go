package export

import (
	"path"
	"strings"

	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// maxOutside is how many lines around an XML document a text may have: a mail or a ticket around the file that someone was asked for.
const maxOutside = 60

// xmlWithin finds an XML document that is read, between lines of prose: from its declaration or root to its end. That is the end of the
// last line with a tag; of a jabber-config.xml its end tag, because a signature may follow, or another document, whose place is returned,
// too. A text that has settings outside of the documents is not such a mail.
func xmlWithin(text string) (from, to, other int, found bool) {
	if strings.IndexByte(text, '<') < 0 { // as in most exports that are not XML
		return 0, 0, 0, false
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
			return 0, 0, 0, false
		}
	}
	if !found {
		return 0, 0, 0, false
	}
	if to, other = configEnd(text, from); to == 0 {
		to = from
		for start, line := range chars.Lines(text[from:]) {
			trimmed := strings.TrimRight(line, " \t")
			if strings.HasSuffix(trimmed, ">") {
				to = from + start + len(trimmed)
			}
		}
	}
	for _, line := range chars.Lines(text[to:]) {
		if trimmed := strings.TrimSpace(line); trimmed != "" && (other == 0 || trimmed[0] != '<') {
			if outside++; outside > maxOutside || isSetting(trimmed) {
				return 0, 0, 0, false
			}
		}
	}
	return from, to, other, to > from
}

// configEnd is the place after the end tag of a jabber-config.xml that begins at a place, and where another one begins after it that says
// something else. They are 0 where there is none: a text that ends too early has no end tag.
func configEnd(text string, from int) (to, other int) {
	root := nextElement(text, from)
	if !jabberRoot("", elementName(text, root)) {
		return 0, 0
	}
	next := nextConfig(text, root+1)
	if to = lastEndTag(text, root, next); to == 0 {
		return 0, 0
	}
	first := squeezed(text[from:to])
	for next < len(text) {
		begin := next
		next = nextConfig(text, max(nextElement(text, begin), begin)+1)
		if end := lastEndTag(text, begin, next); end == 0 || squeezed(text[begin:end]) != first {
			return to, begin
		}
	}
	return to, 0
}

// nextConfig is the place of the next line that begins such a file; the end of the text where none does.
func nextConfig(text string, at int) int {
	for start, line := range chars.Lines(text[at:]) {
		from := at + start + chars.Blanks(line)
		if strings.HasPrefix(text[from:], "<") && (jabberRoot("", elementName(text, from)) ||
			strings.HasPrefix(text[from:], "<?xml") && jabberRoot("", elementName(text, nextElement(text, from)))) {
			return from
		}
	}
	return len(text)
}

// lastEndTag is the place after the last end tag of such a file in a part of a text; 0 where there is none. One may be in a comment.
func lastEndTag(text string, from, to int) int {
	const tag = "</config"
	i := fold.LastIndex(text[from:to], tag)
	if i < 0 {
		return 0
	}
	end := strings.TrimLeft(text[from+i+len(tag):to], " \t\r\n")
	if !strings.HasPrefix(end, ">") {
		return 0
	}
	return to - len(end) + 1
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

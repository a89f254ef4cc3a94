package export

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"cupclint/export/copied"
	"cupclint/internal/chars"
	"cupclint/internal/fold"
)

// A configuration that someone put into a wiki, a ticket or a mail comes back as a page of HTML, in which its own signs are references:
// &lt;config&gt;. The page shows the configuration, with a navigation, comments and prose around it.

var documentReader = formatReader{SOAP, nil, (*Reader).readXML}

// pageLooks finds a configuration of Jabber in the text that a page shows. In a file with the name that clients download, they do not.
func (r *Reader) pageLooks(text string) []look {
	if r.Force != Auto && r.Force != Jabber || configName(r.exp.File) || len(text) > copied.Max || !mayShowDocument(text) {
		return nil
	}
	shown := copies.Show(text)
	s := pageSearch{t: &shown.Shown, page: shown.Page, sections: sectionsOfCDATA(shown.Shown.Original)}
	if !s.find() {
		return nil
	}
	return []look{{as: &documentReader, sure: s.config, joined: func(r *Reader) {
		if t := r.exp.copied(); shown.Apply(&t) {
			r.exp.adopt(t)
		}
		r.exp.from, r.exp.to, r.exp.other = s.from, s.to, s.other
	}}}
}

// mayShowDocument reports whether a text can have a document in it as text. It is asked about every text that is not understood, and cheap.
func mayShowDocument(text string) bool {
	signs := strings.Contains(text, copied.CDATA)
	if isJSON(strings.TrimLeft(text, " \t\r\n")) {
		signs = signs || strings.Contains(text, "</") || strings.Contains(text, `<\/`) || fold.Index(text, `\u003c`) >= 0
	}
	for _, reference := range [...]string{"&lt;", "&#60;", "&#x3c;"} {
		signs = signs || fold.Index(text, reference) >= 0
	}
	return signs && (slices.ContainsFunc(jabberSections[:], func(section string) bool { return strings.Contains(text, section) }) ||
		fold.Index(text, "dict") >= 0 || fold.Index(text, "userconfig") >= 0 || fold.Index(text, "jabberupdate") >= 0)
}

// A pageSearch looks for documents in the text of a page.
type pageSearch struct {
	t        *copied.Text
	page     bool    // the text is that of a page
	sections []span0 // of CDATA in the page; those that are passed are dropped
	from, to int     // of the document
	other    int     // where another one begins that says something else; 0 where none does
	config   bool    // it is a jabber-config.xml, also where it is damaged
}

// find finds the first document that is read, and the first one after it that is different: pages have their text twice, to copy it.
func (s *pageSearch) find() (found bool) {
	text := s.t.S
	for at := 0; ; {
		from, name := s.next(at)
		if from < 0 {
			return found
		}
		to := documentEnd(text, from, name)
		switch {
		case !found:
			s.from, s.to, s.config, found = from, to, jabberRoot("", name), true
		case !s.config && isSection(name) && nextElement(text, s.to) == from: // the next section of a part of a file
			s.to = to
		case squeezed(text[from:to]) != squeezed(text[s.from:s.to]):
			s.other = from
			return true
		}
		at = to
	}
}

// next is where a document begins from a place on, with the name of its root; -1 where none does.
func (s *pageSearch) next(at int) (from int, name string) {
	for text := s.t.S; ; at++ {
		i := strings.IndexByte(text[at:], '<')
		if i < 0 {
			return -1, ""
		}
		if at += i; !s.shows(at) {
			continue
		}
		root := at
		if fold.HasPrefix(text[at:], "<?xml") {
			if root = nextElement(text, at); root < 0 {
				continue
			}
			if _, lead, _ := strings.Cut(text[at:root], "?>"); strings.ContainsAny(lead, digits) {
				at = root // with the number of its line in front, which no document has there
			}
		}
		name := elementName(text, root)
		first := "" // of the elements in it: a name alone, in prose, has none
		if end := strings.IndexByte(text[root:min(len(text), root+maxLead)], '>'); end > 0 {
			first = elementName(text, nextElement(text, root+end+1))
		}
		switch {
		case jabberRoot("", name) && jabberSection(first), plistRoot("", name) && first != "", localRoot("", name) && first != "",
			updateRoot("", name) && first != "", isSection(name) && isKeyOf(name, first):
			return at, name
		}
	}
}

// shows reports whether a bracket of the text is one that the page shows: a reference, or in a section of CDATA. The others are of tags.
func (s *pageSearch) shows(at int) bool {
	if !s.page {
		return true
	}
	place := int32(s.t.Place(at))
	for len(s.sections) > 0 && s.sections[0].end <= place {
		s.sections = s.sections[1:]
	}
	return s.t.Original[place] == '&' || len(s.sections) > 0 && s.sections[0].start <= place
}

// sectionsOfCDATA are the places of such sections in a page.
func sectionsOfCDATA(page string) (sections []span0) {
	for at := 0; ; {
		i := strings.Index(page[at:], copied.CDATA)
		if i < 0 {
			return sections
		}
		from := at + i + len(copied.CDATA)
		if at = len(page); strings.Contains(page[from:], "]]>") {
			at = from + strings.Index(page[from:], "]]>")
		}
		sections = append(sections, span0{int32(from), int32(at)})
	}
}

// maxLead bounds the comments and blanks between two tags, in bytes.
const maxLead = 4 << 10

// digits are those of the numbers that pages show in front of lines.
const digits = "0123456789"

// nextElement is the place of the next tag after blanks, line numbers, comments and declarations; -1 where there is something else.
func nextElement(text string, at int) int {
	for near := text[:min(len(text), at+maxLead)]; ; {
		at = len(near) - len(strings.TrimLeftFunc(near[at:], func(c rune) bool { return unicode.IsSpace(c) || unicode.IsDigit(c) }))
		sign := ""
		switch rest := near[at:]; {
		case strings.HasPrefix(rest, "<!--"):
			sign = "-->"
		case strings.HasPrefix(rest, "<!"), strings.HasPrefix(rest, "<?"):
			sign = ">"
		case strings.HasPrefix(rest, "<"):
			return at
		default:
			return -1
		}
		end := strings.Index(near[at:], sign)
		if end < 0 {
			return -1
		}
		at += end + len(sign)
	}
}

// elementName is the name in the tag at a place; "" where none begins there.
func elementName(text string, at int) string {
	if at < 0 || at >= len(text) || text[at] != '<' {
		return ""
	}
	end := at + 1
	for end < len(text) && end < at+maxKey && (chars.Key(text[end]) || text[end] == ':') {
		end++
	}
	return text[at+1 : end]
}

// documentEnd is the place after the tag that ends a document; without one, after the last tag.
func documentEnd(text string, from int, name string) int {
	tag := "</" + strings.ToLower(name)
	for at := from; ; {
		i := fold.Index(text[at:], tag)
		if i < 0 {
			return max(strings.LastIndexByte(text, '>')+1, from+1)
		}
		at += i + len(tag)
		if rest := strings.TrimLeft(text[at:], " \t\r\n"); strings.HasPrefix(rest, ">") { // else it is that of a longer name
			return len(text) - len(rest) + 1
		}
	}
}

func isSection(name string) bool { return slices.Contains(jabberSections[:], name) }

// isKeyOf reports whether a key is known, in this section or in another one.
func isKeyOf(section, name string) bool {
	_, _, ok := Lookup(jabberPrefix + section + "." + name)
	return ok || inOtherSection(name) != NoKey
}

// errOther says that an input has settings in another place, too.
var errOther = errors.New("settings are in this place, too, and cupclint read only the first ones: save these as a file, and " +
	"check it as well")

package page

import (
	"html/template"
	"slices"
	"strings"

	"cupclint/docs"
	"cupclint/internal/lazy"
)

// vocabulary is the glossary with a way to find its terms in a text.
type vocabulary struct {
	terms []docs.Term
	names [256][]termName // by the first byte in lower case, the longest first: "SIP proxy" before "SIP"
}

// A termName is one name of a term.
type termName struct {
	text  string
	exact bool // an abbreviation counts in capitals only
	term  int
}

// ordinary are names of terms that texts also use as ordinary words, or that the product uses for its own parts.
var ordinary = [...]string{"base", "bind", "case", "cause", "deployment", "edge", "evidence", "export", "finding", "proxy", "rule",
	"symptom",
	"train", "440", "certificate", "CA", "ES", "SU", "HA", "URI", "stratum", "SIP", "licence", "license", "CUPC", "Jabber", "index",
	"application user", "area", "baseline", "cluster", "end user", "inside", "log-in", "node", "outside", "plan", "probe", "severity",
	"sign-in",
	"site", "target", "view"}

var theVocabulary = lazy.Value[*vocabulary]{New: func() *vocabulary {
	w := &vocabulary{terms: docs.Glossary()}
	for i, t := range w.terms {
		for _, name := range t.Names {
			if name != "" && !slices.Contains(ordinary[:], name) {
				first := lower(name[0])
				w.names[first] = append(w.names[first], termName{name, name == strings.ToUpper(name), i})
			}
		}
	}
	for _, names := range w.names {
		slices.SortStableFunc(names, func(a, b termName) int { return len(b.text) - len(a.text) })
	}
	return w
}}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// at finds the term whose name begins at a byte of the text, and where it ends.
func (w *vocabulary) at(text string, i int) (term, end int, ok bool) {
	if wordAt(text, i-1) {
		return 0, 0, false
	}
	for _, n := range w.names[lower(text[i])] {
		end = i + len(n.text)
		if end > len(text) || wordAt(text, end) {
			continue
		}
		if found := text[i:end]; found == n.text || !n.exact && strings.EqualFold(found, n.text) {
			return n.term, end, true
		}
	}
	return 0, 0, false
}

// mark escapes a text and explains the terms in it, each once on a page.
func (v *view) mark(text string) template.HTML {
	const most = 4096 // a longer text is not from the knowledge
	w := theVocabulary.Get()
	if len(text) > most {
		return template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // escaped
	}
	var b strings.Builder
	at := 0
	for from := 0; from < len(text); from++ {
		i, end, ok := w.at(text, from)
		if !ok {
			continue
		}
		name, begin := text[from:end], from
		from = end - 1
		t := v.term(&w.terms[i])
		if v.marked[t.ID] {
			continue
		}
		v.marked[t.ID] = true
		v.Terms = append(v.Terms, t)
		b.WriteString(template.HTMLEscapeString(text[at:begin]))
		b.WriteString(`<span class="term"><a href="#` + t.ID + `" aria-describedby="tip-` + t.ID + `">` + template.HTMLEscapeString(name) +
			`</a><span class="tip" role="tooltip" id="tip-` + t.ID + `"`)
		if t.Lang != "" {
			b.WriteString(` lang="` + t.Lang + `"`)
		}
		b.WriteString(`>` + template.HTMLEscapeString(t.Meaning) + `</span></span>`)
		at = end
	}
	b.WriteString(template.HTMLEscapeString(text[at:]))
	return template.HTML(b.String()) //nolint:gosec // every part was escaped
}

// wordAt reports whether the byte at i continues a word.
func wordAt(text string, i int) bool {
	if i < 0 || i >= len(text) {
		return false
	}
	c := text[i]
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || c == '-' || c == '.' && i+1 < len(text) &&
		text[i+1] != ' ' || c >= 0x80
}

// termID is the fragment of a term on a page.
func termID(name string) string {
	var b strings.Builder
	b.WriteString("term-")
	for _, c := range strings.ToLower(name) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			b.WriteRune(c)
		} else {
			b.WriteByte('-')
		}
	}
	return b.String()
}

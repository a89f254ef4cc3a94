package page

import (
	"html/template"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cupclint/docs"
)

// vocabulary is the glossary with a way to find its terms in a text.
type vocabulary struct {
	terms []docs.Term
	byFld map[string]int // by name in lower case
	find  *regexp.Regexp
}

// ordinary are names of terms that texts also use as ordinary words, or that the product uses for its own parts.
var ordinary = [...]string{"base", "bind", "case", "cause", "deployment", "edge", "evidence", "export", "finding", "proxy", "rule",
	"symptom",
	"train", "440", "certificate", "CA", "ES", "SU", "HA", "URI", "stratum", "SIP", "licence", "license", "CUPC", "Jabber", "index"}

var theVocabulary = sync.OnceValue(func() *vocabulary {
	w := &vocabulary{terms: docs.Glossary(), byFld: make(map[string]int)}
	var names []string
	for i, t := range w.terms {
		for _, name := range t.Names {
			if slices.Contains(ordinary[:], name) {
				continue
			}
			names = append(names, name)
			w.byFld[strings.ToLower(name)] = i
		}
	}
	// the longest first: "SIP proxy" before "SIP"
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	for i, name := range names {
		pattern := regexp.QuoteMeta(name)
		if name != strings.ToUpper(name) { // an abbreviation counts in capitals only
			pattern = "(?i:" + pattern + ")"
		}
		names[i] = pattern
	}
	w.find = regexp.MustCompile(strings.Join(names, "|"))
	return w
})

// mark escapes a text and explains the terms in it, each once on a page.
func (v *view) mark(text string) template.HTML {
	const most = 4096 // what is longer is no text of the knowledge
	w := theVocabulary()
	if len(text) > most {
		return template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // escaped
	}
	var b strings.Builder
	at := 0
	for _, m := range w.find.FindAllStringIndex(text, -1) {
		name := text[m[0]:m[1]]
		i, ok := w.byFld[strings.ToLower(name)]
		if !ok || wordAt(text, m[0]-1) || wordAt(text, m[1]) || m[0] < at {
			continue
		}
		t := v.term(&w.terms[i])
		if v.marked[t.ID] {
			continue
		}
		v.marked[t.ID] = true
		v.Terms = append(v.Terms, t)
		b.WriteString(template.HTMLEscapeString(text[at:m[0]]))
		b.WriteString(`<span class="term"><a href="#` + t.ID + `" aria-describedby="tip-` + t.ID + `">` + template.HTMLEscapeString(name) +
			`</a><span class="tip" role="tooltip" id="tip-` + t.ID + `"`)
		if t.Lang != "" {
			b.WriteString(` lang="` + t.Lang + `"`)
		}
		b.WriteString(`>` + template.HTMLEscapeString(t.Meaning) + `</span></span>`)
		at = m[1]
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

package pseudonym

import (
	"slices"
	"strings"
)

// An index finds the words of a site in texts: by the letters and digits that each word begins with.
type index struct {
	words  map[string][]string
	counts [5]int // of what it was made from
}

func (m *Map) sizes() [5]int {
	return [5]int{len(m.pairs), len(m.bare), len(m.full), len(m.users), len(m.stop)}
}

func (m *Map) index() *index {
	if m.search != nil && m.search.counts == m.sizes() {
		return m.search
	}
	words, pseudonyms := map[string]string{}, map[string]bool{}
	for w, p := range m.pairs {
		pseudonyms[p] = true
		if !m.loose[w] {
			words[w] = p
		}
	}
	if m.hide.Addresses {
		for w := range m.bare {
			if !m.fixed(w) {
				words[w] = m.label(w)
			}
		}
		for w := range m.full {
			words[w] = m.name(w, false)
		}
	}
	if m.hide.Names {
		for w := range m.users {
			if !m.fixed(w) {
				words[w] = ""
			}
		}
	}
	x := &index{words: map[string][]string{}, counts: m.sizes()}
	for w, p := range words {
		if w != p && !pseudonyms[w] && !m.kept(w) {
			head := w[:run(w)]
			x.words[head] = append(x.words[head], w)
		}
	}
	m.search = x
	return x
}

// run is how many letters and digits a text begins with.
func run(s string) int {
	n := 0
	for n < len(s) && wordByte(s[n]) {
		n++
	}
	return n
}

// Left finds words of the site that a text still holds; those of distinguished names only where they are known as names, too. Words that
// are also the pseudonym of another one are not looked for.
func (m *Map) Left(text string) []string {
	x := m.index()
	text = lower(strings.Join(strings.FieldsFunc(text, invisible), " "))
	var left []string
	look := func(head string, at int) {
		for _, w := range x.words[head] {
			if end := at + len(w); strings.HasPrefix(text[at:], w) && (end == len(text) || !wordByte(text[end]) || !wordByte(w[len(w)-1])) {
				left = append(left, w)
			}
		}
	}
	for at := 0; at < len(text); {
		n := run(text[at:])
		look("", at)
		if n == 0 {
			at++
			continue
		}
		look(text[at:at+n], at)
		at += n
	}
	slices.Sort(left)
	return slices.Compact(left)
}

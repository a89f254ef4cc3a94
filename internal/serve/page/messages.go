package page

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed messages/*.tsv
var messageFiles embed.FS

// A language is one file of messages: a key, a tab and a text in each line. English has the texts of the page; those of the knowledge
// (complaints, questions, causes) are in causes.yaml. Other languages have both.
type language struct {
	Tag  string // en, de
	Name string // in the language itself
	text map[string]string
}

// english is what everything falls back to.
const english = "en"

// loadLanguages reads all files, English first, then by tag.
func loadLanguages() ([]*language, error) {
	names, err := fs.Glob(messageFiles, "messages/*.tsv")
	if err != nil {
		return nil, err
	}
	var out []*language
	for _, name := range names {
		data, err := messageFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		l, err := parseLanguage(strings.TrimSuffix(path.Base(name), ".tsv"), string(data))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b *language) int {
		switch {
		case a.Tag == b.Tag:
			return 0
		case a.Tag == english:
			return -1
		case b.Tag == english:
			return 1
		}
		return strings.Compare(a.Tag, b.Tag)
	})
	return out, nil
}

func parseLanguage(tag, data string) (*language, error) {
	l := &language{Tag: tag, text: make(map[string]string)}
	number := 0
	for line := range strings.Lines(data) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, text, ok := strings.Cut(line, "\t")
		if !ok || key == "" || strings.TrimSpace(text) == "" {
			return nil, fmt.Errorf("line %d: write a key, a tab and a text", number)
		}
		if _, twice := l.text[key]; twice {
			return nil, fmt.Errorf("line %d: %s is there twice", number, key)
		}
		l.text[key] = text
	}
	if l.Name = l.text["language"]; l.Name == "" {
		return nil, fmt.Errorf("the key language is missing: the name of the language in itself")
	}
	return l, nil
}

// fill puts the arguments in the place of {1}, {2} ...
func fill(text string, args []any) string {
	for i, a := range args {
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i+1)+"}", fmt.Sprint(a))
	}
	return text
}

// choose gives the language for a request: the one that was asked for by ?lang=, else the best of Accept-Language, else English.
func choose(languages []*language, asked, accept string) (l *language, chosen bool) {
	find := func(tag string) *language {
		tag, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		i := slices.IndexFunc(languages, func(l *language) bool { return l.Tag == tag })
		if i < 0 {
			return nil
		}
		return languages[i]
	}
	if asked != "" {
		if l := find(asked); l != nil {
			return l, true
		}
	}
	best := 0.0
	for i, part := range strings.Split(accept, ",") {
		if i == 20 {
			break
		}
		tag, parameters, _ := strings.Cut(part, ";")
		quality := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
			var err error
			if quality, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		if found := find(tag); found != nil && quality > best {
			l, best = found, quality
		}
	}
	if l == nil {
		l = find(english)
	}
	return l, false
}

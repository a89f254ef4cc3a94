package page

import (
	"html/template"
	"net/http"
	"strings"

	"cupclint/docs"
	"cupclint/internal/diagnose"
	"cupclint/internal/report"
	"cupclint/internal/serve/guard"
)

// A view is what the templates show: one page in one language.
type view struct {
	h      *handler
	r      *http.Request
	status int
	chosen bool // the address names the language

	language *language
	Lang     string
	Kind     string // which page: form, result, address, glossary, rule, targets, target, problem
	Title    string
	Token    string
	Problem  string

	Complaints []choice
	Result     *result
	Address    *addressView
	Rule       *ruleView
	Targets    []Target
	Target     *targetView
	Terms      []term // of the glossary

	marked map[string]bool // terms that are explained on the page already
}

func (h *handler) newView(_ http.ResponseWriter, r *http.Request) *view {
	v := &view{h: h, r: r, status: http.StatusOK, marked: make(map[string]bool)}
	v.language, v.chosen = choose(h.languages, r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	v.Lang = v.language.Tag
	if h.Token != nil {
		v.Token = h.Token(r)
	}
	return v
}

// Languages lists the languages for the links at the top.
func (v *view) Languages() []*language { return v.h.languages }

// Assets are the addresses of style, script and picture.
func (v *view) Assets() assets { return v.h.assets }

// Version is that of the program.
func (v *view) Version() string { return v.h.Version }

// HasProbes says whether live probes are allowed.
func (v *view) HasProbes() bool { return v.h.Probes != nil }

// TokenField is the name of the first field of a form.
func (v *view) TokenField() string { return guard.TokenField }

// T is a text of the page.
func (v *view) T(key string, args ...any) string {
	if text, ok := v.language.text[key]; ok {
		return fill(text, args)
	}
	return fill(v.h.languages[0].text[key], args)
}

// Count is a text for a number: KEY.one for 1, KEY.other else.
func (v *view) Count(key string, n int) string {
	if n == 1 {
		return v.T(key+".one", n)
	}
	return v.T(key+".other", n)
}

// said is a text of the knowledge, translated where the language has it. Terms of the glossary are explained. What stays English is marked
// as such.
func (v *view) said(key, text string) template.HTML {
	if own, ok := v.language.text[key]; ok {
		return v.mark(own)
	}
	return v.foreign(v.mark(text))
}

// plain is said without markup, for attributes and buttons; lang is that of the text.
func (v *view) plain(key, text string) (string, string) {
	if own, ok := v.language.text[key]; ok {
		return own, v.Lang
	}
	return text, english
}

// English marks a text that is English on a page of another language.
func (v *view) English(text string) template.HTML { return v.foreign(v.mark(report.Clean(text))) }

func (v *view) foreign(html template.HTML) template.HTML {
	if v.Lang == english || html == "" {
		return html
	}
	return `<span lang="en">` + html + `</span>` //nolint:gosec // what it surrounds is escaped
}

// A choice is one of a list: a complaint, an answer.
type choice struct {
	Word, Title, Help   string
	TitleLang, HelpLang string // empty where it is the page's
	Given               bool
	Name                string // the part of the title before a colon
	Rest                string
}

func (v *view) langOf(lang string) string {
	if lang == v.Lang {
		return ""
	}
	return lang
}

func (v *view) complaints() []choice {
	var out []choice
	for i := range v.h.k.Complaints {
		c := &v.h.k.Complaints[i]
		title, titleLang := v.plain("complaint."+c.ID, c.Title)
		help, helpLang := v.plain("complaint."+c.ID+".help", c.Help)
		one := choice{Word: c.ID, Title: title, Help: help, TitleLang: v.langOf(titleLang), HelpLang: v.langOf(helpLang)}
		var ok bool
		if one.Name, one.Rest, ok = strings.Cut(title, ": "); !ok {
			one.Name = title
		}
		out = append(out, one)
	}
	return out
}

func (v *view) answers(q *diagnose.Question) []choice {
	var out []choice
	for _, w := range q.Words() {
		title, lang := v.plain("answer."+q.ID+"."+w, q.Answers[w])
		out = append(out, choice{Word: w, Title: title, TitleLang: v.langOf(lang)})
	}
	return out
}

// form is the first page.
func (h *handler) form(v *view) error {
	v.Kind, v.Title = "form", v.T("form.title")
	v.Complaints = v.complaints()
	return nil
}

// A term of the glossary.
type term struct {
	ID, Name, Others string
	Meaning          string
	Lang             string
}

func (v *view) term(t *docs.Term) term {
	meaning, lang := v.plain("term."+t.Names[0], t.Meaning)
	return term{ID: termID(t.Names[0]), Name: t.Names[0], Others: strings.Join(t.Names[1:], ", "), Meaning: meaning, Lang: v.langOf(lang)}
}

// glossary is the page with all terms.
func (h *handler) glossary(v *view) error {
	v.Kind, v.Title = "glossary", v.T("glossary.title")
	for _, t := range docs.Glossary() {
		v.Terms = append(v.Terms, v.term(&t))
	}
	return nil
}

// Chosen says that the address names the language.
func (v *view) Chosen() bool { return v.chosen }

// MaxUpload is the bound on one form in megabytes.
func (v *view) MaxUpload() int64 { return v.h.MaxUpload >> 20 }

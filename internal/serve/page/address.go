package page

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cupclint/docs"
	"cupclint/internal/report"
	"cupclint/internal/secret"
	"cupclint/resolve"
)

func itoa(n int) string { return strconv.Itoa(n) }

func trimmed(s string) string { return strings.TrimSpace(s) }

// An addressView is the derivation of one presence address.
type addressView struct {
	Node, Domain   string
	Asked          bool
	Value, Verdict string
	Reason         string
	Lines          []resolve.Line
	Rules          []string
}

// maxTyped bounds a typed name, in bytes.
const maxTyped = 1 << 10

// address is the small form for a node name and a domain. Values are taken byte for byte: blanks count.
func (h *handler) address(v *view) error {
	query := v.r.URL.Query()
	a := &addressView{Node: hideTyped(query.Get("node")), Domain: hideTyped(query.Get("domain"))}
	if len(a.Node) > maxTyped || len(a.Domain) > maxTyped {
		return v.fail(http.StatusBadRequest, v.T("error.form"))
	}
	if a.Asked = query.Has("node"); a.Asked {
		r := resolve.Presence(a.Node, a.Domain)
		a.Value, a.Verdict, a.Reason, a.Lines, a.Rules = r.Value, string(r.Verdict()), report.Sentence(r.Reason(), ""), r.Explain(), r.Rules()
	}
	v.Kind, v.Title, v.Address = "address", v.T("address.title"), a
	return nil
}

// hideTyped masks credentials that a user typed as a part of something else, such as the password in ldap://alice:password@dc1.
func hideTyped(text string) string {
	if !strings.ContainsAny(text, "@?&") {
		return text
	}
	inside := slices.DeleteFunc(secret.Find(text, nil), func(s secret.Span) bool { return !s.Inside })
	return secret.Replace(text, inside, secret.Mask)
}

// A ruleView is the page of a rule.
type ruleView struct {
	ID, Name, Summary string
	Text              template.HTML
}

// rule shows the page of a rule of the program.
func (h *handler) rule(v *view) error {
	id := v.r.PathValue("id")
	text, err := docs.RulePageHTML(id)
	if err != nil {
		return v.fail(http.StatusNotFound, v.T("error.not-found"))
	}
	r := &ruleView{ID: id}
	for _, known := range h.Rules {
		if known.ID == id {
			r.Name, r.Summary = known.Name, known.Summary
		}
	}
	// References to other rules are fragments in a report; here each rule has a page. The text is the program's own.
	r.Text = template.HTML(strings.ReplaceAll(text, `href="#rule-`, `href="`+rulesPath+`/`)) //nolint:gosec // built in
	v.Kind, v.Title, v.Rule = "rule", id+" "+r.Name, r
	return nil
}

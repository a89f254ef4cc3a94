package ownrules

import (
	"fmt"
	"html"
	"strings"

	"go.yaml.in/yaml/v3"
)

// page writes the page of a rule in the form of those in docs/rules.
func (r *rule) page(found map[string]*yaml.Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s\n\n%s.\n\n", r.rule.ID, r.rule.Name, r.rule.Summary)
	fmt.Fprintf(&b, "Severity: %s. Area: %s. A rule of your own. It checks each %s.\n\n## What it finds\n\n", r.rule.Severity, Area, r.each)
	code := func(what, field string) {
		if n := found[field]; n != nil {
			fmt.Fprintf(&b, "%s\n\n```\n%s\n```\n\n", what, strings.TrimSpace(strings.ReplaceAll(n.Value, "```", "'''")))
		}
	}
	what := "What does not fulfil"
	if r.each == Property {
		keys := make([]string, len(r.keys))
		for i, p := range r.keys {
			keys[i] = p.text
		}
		what = "Values of the keys " + strings.Join(keys, ", ") + " that do not fulfil"
	}
	code(what, "must")
	code("It applies where this is true:", "when")
	code("The message:", "message")
	if n := found["fix"]; n != nil {
		fmt.Fprintf(&b, "## How to fix it\n\n%s\n\n", strings.TrimSpace(n.Value))
	}
	for _, outcome := range []string{wrong, right} {
		for i := range r.examples {
			if e := &r.examples[i]; e.expect == outcome {
				fmt.Fprintf(&b, "## %s\n\n```\n%s\n```\n\n", strings.ToUpper(outcome[:1])+outcome[1:],
					strings.TrimSpace(strings.ReplaceAll(e.shown(), "```", "'''")))
				break
			}
		}
	}
	if r.rule.URL != "" {
		fmt.Fprintf(&b, "More: <%s>\n\n", r.rule.URL)
	}
	fmt.Fprintf(&b, "Source: %s.\n", r.rule.Source)
	return b.String()
}

// HTML gives a page as a fragment of HTML: without its title, with headings from the third level on. Everything in it is escaped.
func HTML(page string) string {
	var b strings.Builder
	fenced := false
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		heading, isHeading := strings.CutPrefix(line, "## ")
		address, isAddress := strings.CutPrefix(line, "More: <")
		address = html.EscapeString(strings.TrimSuffix(address, ">"))
		switch {
		case line == "```":
			b.WriteString(map[bool]string{false: "<pre><code>", true: "</code></pre>\n"}[fenced])
			fenced = !fenced
		case fenced:
			b.WriteString(html.EscapeString(line) + "\n")
		case isHeading:
			fmt.Fprintf(&b, "<h3>%s</h3>\n", html.EscapeString(heading))
		case isAddress:
			fmt.Fprintf(&b, "<p>More: <a href=\"%s\">%s</a></p>\n", address, address)
		case line != "" && !strings.HasPrefix(line, "# "):
			fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(line))
		}
	}
	return b.String()
}

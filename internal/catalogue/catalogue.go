// Package catalogue is the one list of all rules of the program, static and live, and the one list of all areas that can be probed.
package catalogue

import (
	"cupclint/docs"
	"cupclint/lint"
	"cupclint/lint/ownrules"
	"cupclint/lint/rules"
)

// All returns every rule: the static ones, then the live ones. The order is that of the documentation.
func All() []*lint.Rule { return append(rules.All(), lint.AllLive()...) }

// Page returns the function that gives the pages of rules: those of the program, and those that a configuration added.
func Page(rules []*lint.Rule) func(id string) (string, error) {
	return func(id string) (string, error) {
		for _, r := range rules {
			if r.Own && r.ID == id {
				return r.Text, nil
			}
		}
		return docs.RulePage(id)
	}
}

// PageHTML is Page for pages as fragments of HTML.
func PageHTML(rules []*lint.Rule) func(id string) (string, error) {
	return func(id string) (string, error) {
		for _, r := range rules {
			if r.Own && r.ID == id {
				return ownrules.HTML(r.Text), nil
			}
		}
		return docs.RulePageHTML(id)
	}
}

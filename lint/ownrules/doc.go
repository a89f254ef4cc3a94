// Package ownrules makes rules from expressions that an administrator writes in the configuration: over one property, one export, or all
// exports of a site. It reads YAML nodes and returns rules for the engine of package lint, or every mistake with its place.
//
// An expression is compiled and type-checked once, when the configuration is read. It sees keys, values and pure functions of this field,
// and never a secret, a file, the network, the time or the environment. Its cost is bounded by counting steps, so that a rule that costs
// too much fails in the same way on every machine.
package ownrules

import (
	"sync"

	"cupclint/internal/lazy"
	"cupclint/lint"
)

// Area is the area of all own rules.
const Area = "own"

// IDForm is the form of IDs: an own prefix, a hyphen and a number. No ID, name or area of the program has this form.
const IDForm = `^[A-Z][A-Z0-9]{1,15}-[0-9]{1,4}$`

var validID = lazy.Pattern{Expr: IDForm}

var validName = lazy.Pattern{Expr: `^[a-z][a-z0-9]*(-[a-z0-9]+)+$`}

// Each says what one evaluation of a rule looks at.
type Each string

// What a rule can look at.
const (
	Property   Each = "property"
	Export     Each = "export"
	Deployment Each = "deployment"
)

// A Field is one field of an own rule, for the documentation and the schema.
type Field struct {
	Name     string
	Values   []string // the words that it can be; nil for any text
	Default  string
	List     bool // a text or a list of them
	Required bool
	Meaning  string
}

// Fields lists the fields of a rule in the order of the documentation. The field examples is described by ExampleFields.
func Fields() []Field {
	return []Field{
		{Name: "id", Required: true, Meaning: "A prefix of your own in capitals and digits, a hyphen, and a number: `ACME-001`."},
		{Name: "must", Required: true, Meaning: "The expression that must be true. If it is false, the rule reports a finding."},
		{Name: "message", Required: true, Meaning: "The message of a finding. `{EXPRESSION}` is replaced by its value; write `{{` for a brace."},
		{Name: "each", Values: []string{string(Property), string(Export), string(Deployment)}, Default: string(Export),
			Meaning: "What the expression looks at: every property that `keys` names, every export, or every deployment."},
		{Name: "when", Meaning: "The expression that says where the rule applies. Without it, the rule applies everywhere."},
		{Name: "keys", List: true, Meaning: "With `each: property`: the keys of the properties, without case; `*` stands for any characters."},
		{Name: "key", Meaning: "The key that a finding points to. Without it, the first that `must` asks for."},
		{Name: "severity", Values: []string{"error", "warning", "info"}, Default: "warning", Meaning: "The severity of the findings."},
		{Name: "name", Meaning: "A readable name in small letters, with a hyphen: `acme-presence-address`. Without it, the ID in small letters."},
		{Name: "summary", Meaning: "One line for `cupclint rules`. Without it, the message."},
		{Name: "fix", Meaning: "What to do. `{EXPRESSION}` is replaced as in `message`."},
		{Name: "url", Meaning: "The address of a page with more information: `https://...`."},
		{Name: "examples", Meaning: "Inputs with the result that `cupclint rules test` expects."},
	}
}

// ExampleFields lists the fields of an example.
func ExampleFields() []Field {
	return []Field{
		{Name: "expect", Required: true, Values: []string{right, wrong}, Meaning: "`wrong` where the rule must find something."},
		{Name: "properties", Meaning: "The input: a map of keys to values."},
		{Name: "export", Meaning: "The input: the text of an export, in any format that `lint` reads."},
		{Name: "files", Meaning: "The inputs: a map of file names to texts of exports."},
		{Name: "message", Meaning: "The message that the finding must have."},
		{Name: "key", Meaning: "The key that the finding must point to."},
		{Name: "line", Meaning: "The line of the text that the finding must point to."},
	}
}

// A Set is the rules of one configuration. It does not change.
type Set struct {
	rules []*rule
	pools map[Each]*sync.Pool // of evaluators
}

// Rules returns the rules for the engine, in the order of the configuration.
func (s *Set) Rules() []*lint.Rule {
	if s == nil {
		return nil
	}
	rules := make([]*lint.Rule, len(s.rules))
	for i, r := range s.rules {
		rules[i] = r.rule
	}
	return rules
}

package ownrules

import (
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"

	"cupclint/export"
	"cupclint/internal/nearest"
	"cupclint/lint"

	"go.yaml.in/yaml/v3"
)

// maxRules bounds the rules of one configuration.
const maxRules = 1000

// An Error is a mistake in a rule, with its place in the configuration.
type Error struct {
	Origin lint.Origin
	Err    error
}

func (e *Error) Error() string { return e.Origin.String() + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Read reads the list of rules of a configuration with that name and text. known are the rules of the program; no own rule may have a name
// of these. Read returns every mistake. If there is one, only the names of the rules in the set can be used.
func Read(name string, text []byte, list *yaml.Node, known []*lint.Rule) (*Set, []*Error) {
	l := &loader{src: newSource(name, text), known: known, set: &Set{pools: make(map[Each]*sync.Pool)}}
	for _, each := range everywhere {
		l.set.pools[each] = &sync.Pool{New: func() any { return newEvaluator(each) }}
	}
	if list.Kind != yaml.SequenceNode {
		l.wrong(list, "own-rules must be a list of rules")
	} else if len(list.Content) > maxRules {
		l.wrong(list, "own-rules has %d rules; at most %d are allowed", len(list.Content), maxRules)
	} else {
		for _, n := range list.Content {
			l.rule(resolved(n))
		}
	}
	return l.set, l.errors
}

type loader struct {
	src    *source
	known  []*lint.Rule
	set    *Set
	errors []*Error
	label  string // the rule that is being read
}

func (l *loader) wrong(n *yaml.Node, format string, args ...any) {
	l.at(l.src.origin(n), fmt.Errorf(format, args...))
}

func (l *loader) at(o lint.Origin, err error) {
	if l.label != "" {
		err = fmt.Errorf("%s: %w", l.label, err)
	}
	l.errors = append(l.errors, &Error{o, err})
}

// resolved follows an alias.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isText(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag != "!!null" && strings.TrimSpace(n.Value) != ""
}

// fields reads a map whose keys are those of a table.
func (l *loader) fields(n *yaml.Node, what string, table []Field) map[string]*yaml.Node {
	if n.Kind != yaml.MappingNode {
		l.wrong(n, "%s must be a map of fields to values", what)
		return nil
	}
	var names []string
	for _, f := range table {
		names = append(names, f.Name)
	}
	found := make(map[string]*yaml.Node)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := resolved(n.Content[i]), resolved(n.Content[i+1])
		switch {
		case !slices.Contains(names, key.Value):
			if near := nearest.Word(key.Value, names); near != "" {
				l.wrong(key, "unknown field %q: did you mean %q?", key.Value, near)
			} else {
				l.wrong(key, "unknown field %q: use %s", key.Value, strings.Join(names, ", "))
			}
		case found[key.Value] != nil:
			l.wrong(key, "%s is set here and in line %d", key.Value, found[key.Value].Line)
		default:
			found[key.Value] = value
		}
	}
	for _, f := range table {
		value := found[f.Name]
		switch {
		case value == nil && f.Required:
			l.wrong(n, "%s is missing", f.Name)
		case value != nil && f.Values != nil && (!isText(value) || !slices.Contains(f.Values, value.Value)):
			l.wrong(value, "%s must be one of %s", f.Name, strings.Join(f.Values, ", "))
			delete(found, f.Name)
		}
	}
	return found
}

// text returns the value of a field that is one text; nil where it is missing or wrong.
func (l *loader) text(found map[string]*yaml.Node, name string) *yaml.Node {
	n := found[name]
	if n != nil && !isText(n) {
		l.wrong(n, "%s must be a text that is not empty", name)
		return nil
	}
	return n
}

func (l *loader) rule(n *yaml.Node) {
	l.label = ""
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "id" && isText(n.Content[i+1]) {
				l.label = n.Content[i+1].Value
			}
		}
	}
	defer func() { l.label = "" }()
	before := len(l.errors)
	found := l.fields(n, "a rule", Fields())
	if found == nil {
		return
	}
	r := &rule{set: l.set, src: l.src, each: Export, node: n}
	r.rule = &lint.Rule{Own: true, Area: Area, Severity: lint.Warning, Kind: lint.ExportKind,
		Source: "A rule of one's own, " + l.src.origin(n).String()}
	l.identity(r, found)
	if each := found["each"]; each != nil {
		r.each = Each(each.Value)
	}
	if severity := found["severity"]; severity != nil {
		if s, err := lint.ParseSeverity(severity.Value); err == nil {
			r.rule.Severity = s
		}
	}
	r.when = l.condition(r, found, "when")
	r.must = l.condition(r, found, "must")
	r.message = l.template(r, found, "message")
	r.fix = l.template(r, found, "fix")
	l.summary(r, found)
	l.url(r, found)
	l.place(r, found)
	l.examples(r, found["examples"])
	switch r.each {
	case Property:
		r.rule.Check = r.checkProperties
	case Export:
		r.rule.Check = r.checkExport
	case Deployment:
		r.rule.Kind, r.rule.Fleet = lint.FleetKind, r.newSites
	}
	if len(l.errors) == before {
		r.rule.Text = r.page(found)
	}
	if r.rule.ID != "" {
		l.set.rules = append(l.set.rules, r)
	}
}

// identity reads ID and name, which nothing else may have.
func (l *loader) identity(r *rule, found map[string]*yaml.Node) {
	if id := l.text(found, "id"); id != nil {
		if !validID.Get().MatchString(id.Value) {
			l.wrong(id, "the ID %q does not have the form PREFIX-NUMBER: 2 to 16 capital letters and digits, a hyphen, 1 to 4 digits, "+
				"such as ACME-001", id.Value)
		} else if l.taken(id.Value) {
			l.wrong(id, "another rule has the ID %s", id.Value)
		}
		r.rule.ID, r.rule.Name = id.Value, strings.ToLower(id.Value)
	}
	if name := l.text(found, "name"); name != nil {
		if !validName.Get().MatchString(name.Value) {
			l.wrong(name, "the name %q is invalid: use small letters and digits with hyphens between them, such as acme-presence-address",
				name.Value)
		} else if l.taken(name.Value) {
			l.wrong(name, "%q is the name of another rule, or of an area", name.Value)
		}
		r.rule.Name = name.Value
	}
}

// taken reports whether a rule or an area has the name.
func (l *loader) taken(name string) bool {
	is := func(r *lint.Rule) bool {
		return strings.EqualFold(r.ID, name) || strings.EqualFold(r.Name, name) || strings.EqualFold(r.Area, name)
	}
	return slices.ContainsFunc(l.known, is) || slices.ContainsFunc(l.set.rules, func(r *rule) bool { return is(r.rule) })
}

func (l *loader) problems(n *yaml.Node, field string, offset int, problems []problem) {
	for _, p := range problems {
		l.at(l.src.within(n, offset+p.offset), fmt.Errorf("%s: %w (character %d)", field, p.err, offset+p.offset+1))
	}
}

func (l *loader) condition(r *rule, found map[string]*yaml.Node, field string) *program {
	n := l.text(found, field)
	if n == nil {
		return nil
	}
	p, problems := compile(n.Value, r.each, reflect.Bool)
	l.problems(n, field, 0, problems)
	if p != nil {
		p.node = n
	}
	return p
}

func (l *loader) template(r *rule, found map[string]*yaml.Node, field string) *template {
	n := l.text(found, field)
	if n == nil {
		return nil
	}
	t, problems := newTemplate(n, r.each)
	l.problems(n, field, 0, problems)
	return t
}

// summary is the message as it is written if there is no summary.
func (l *loader) summary(r *rule, found map[string]*yaml.Node) {
	n := l.text(found, "summary")
	if n == nil {
		n = found["message"]
	}
	if n != nil {
		r.rule.Summary = strings.TrimSuffix(strings.Join(strings.Fields(n.Value), " "), ".")
	}
}

func (l *loader) url(r *rule, found map[string]*yaml.Node) {
	n := l.text(found, "url")
	if n == nil {
		return
	}
	u, err := url.Parse(n.Value)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		l.wrong(n, "url is not the address of a page: write https://wiki.acme.com/cupclint/ACME-001")
		return
	}
	r.rule.URL = u.String()
}

// place reads which properties the rule is about, and where its findings point to.
func (l *loader) place(r *rule, found map[string]*yaml.Node) {
	keys, key := found["keys"], l.text(found, "key")
	if r.each == Property {
		if keys == nil {
			l.at(l.src.origin(r.node), errors.New("keys is missing: name the keys of the properties, * for all"))
		} else {
			l.patterns(r, keys)
		}
		if key != nil {
			l.wrong(key, "key is only for rules on an export or a deployment: a finding of this rule points to its property")
		}
		return
	}
	if keys != nil {
		l.wrong(keys, "keys is only for rules with each: property")
	}
	if key != nil {
		check := checkKey
		if r.each == Deployment {
			check = checkReadable
		}
		if err := check(key.Value); err != nil {
			l.wrong(key, "key: %w", err)
			return
		}
		r.key = key.Value
	}
	for _, p := range r.programs() {
		for _, k := range p.keys {
			if r.key == "" {
				r.key = k
			}
			if !slices.ContainsFunc(r.asked, func(have string) bool { return strings.EqualFold(have, k) }) {
				r.asked = append(r.asked, k)
			}
		}
	}
	if r.key != "" && !slices.ContainsFunc(r.asked, func(have string) bool { return strings.EqualFold(have, r.key) }) {
		r.asked = append(r.asked, r.key)
	}
}

// programs lists all expressions, must first.
func (r *rule) programs() []*program {
	var all []*program
	for _, p := range []*program{r.must, r.when} {
		if p != nil {
			all = append(all, p)
		}
	}
	for _, t := range []*template{r.message, r.fix} {
		if t != nil {
			all = append(all, t.programs...)
		}
	}
	return all
}

// patterns reads keys.
func (l *loader) patterns(r *rule, n *yaml.Node) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	if len(items) == 0 {
		l.wrong(n, "keys is empty")
	}
	r.byKey = new([export.NumKeys]bool)
	for _, item := range items {
		item = resolved(item)
		if !isText(item) {
			l.wrong(item, "keys must be a text or a list of texts")
			continue
		}
		p := pattern{text: strings.ToLower(item.Value)}
		if !strings.Contains(p.text, "*") {
			if err := checkReadable(item.Value); err != nil {
				l.wrong(item, "keys: %w", err)
				continue
			}
			p.key, p.n, _ = lookupKey(item.Value)
			r.byKey[p.key] = true
		} else {
			r.byKey[export.NoKey] = true
			for k := export.KeyID(1); k < export.NumKeys; k++ {
				if may(p.text, k) {
					r.byKey[k] = true
				}
			}
		}
		r.keys = append(r.keys, p)
	}
}

// may reports whether a property with the key can match a pattern. Output of servers has names of its own, and an indexed key a number.
func may(pattern string, k export.KeyID) bool {
	return k.Type() == export.Printed || k.Indexed() || lint.MatchKey(pattern, strings.ToLower(k.String())) ||
		strings.HasPrefix(k.String(), "Appliance")
}

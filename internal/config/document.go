package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cupclint/internal/nearest"
	"cupclint/lint"
	"cupclint/lint/ownrules"

	"go.yaml.in/yaml/v3"
)

// A document is the configuration file as YAML nodes. Checking it fills the settings that need positions, case
// or order, and gathers what is wrong.
type document struct {
	name     string
	keys     []Key
	settings *lint.Settings
	config   *Config
	problems []error
	text     []byte
	at       map[string]lint.Origin // where keys are; nil where they are not needed
}

func (d *document) wrong(n *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, &Error{At: d.origin(n).String(), Err: fmt.Errorf(format, args...)})
}

func (d *document) origin(n *yaml.Node) lint.Origin {
	return lint.Origin{File: d.name, Line: n.Line, Column: n.Column}
}

// check reads the whole file. An empty one is right.
func (d *document) check(text []byte) {
	if line, column, ok := unreadable(text); ok {
		d.problems = append(d.problems, &Error{
			At:  fmt.Sprintf("%s:%d:%d", d.name, line, column),
			Err: errors.New("a byte that is not text: the configuration must be UTF-8 without control characters"),
		})
		return
	}
	d.text = text
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	if err := dec.Decode(&root); errors.Is(err, io.EOF) {
		return
	} else if err != nil {
		d.malformed(err)
		return
	}
	if err := dec.Decode(&more); err == nil {
		d.wrong(&more, "a second document in the file: only one is allowed")
	} else if !errors.Is(err, io.EOF) {
		d.malformed(err)
		return
	}
	top := resolved(root.Content[0])
	if top.Kind == yaml.ScalarNode && top.Tag == "!!null" {
		return
	}
	d.pairs(top, "the configuration", func(name string, key, value *yaml.Node) {
		i := slices.IndexFunc(d.keys, func(k Key) bool { return k.Name == name })
		switch {
		case i < 0:
			d.unknown(key, "key", name, d.fileKeys())
		case d.keys[i].Sources&File == 0:
			d.wrong(key, "%s cannot be set in the file. Use the flag --%s, or rules:", name, name)
		default:
			if d.at != nil {
				d.at[name] = d.origin(key)
			}
			d.value(d.keys[i], value)
		}
	})
}

func (d *document) fileKeys() []string {
	var names []string
	for _, k := range d.keys {
		if k.Sources&File != 0 {
			names = append(names, k.Name)
		}
	}
	return names
}

// unreadable finds the first byte that YAML does not allow; the parser would not say where it is.
func unreadable(text []byte) (line, column int, found bool) {
	line, column = 1, 1
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 || r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f {
			return line, column, true
		}
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
		text = text[n:]
	}
	return 0, 0, false
}

// malformed reports a YAML error, whose text is "yaml: line N: what".
func (d *document) malformed(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	at := d.name
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if line, what, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(line); err == nil {
				// The library's parser counts lines from 0, its scanner from 1.
				if strings.HasPrefix(what, "did not find expected") {
					n++
				}
				at, text = fmt.Sprintf("%s:%d", at, n), what
			}
		}
	}
	d.problems = append(d.problems, &Error{At: at, Err: fmt.Errorf("malformed YAML: %s", text)})
}

func (d *document) unknown(n *yaml.Node, what, name string, known []string) {
	if near := nearest.Word(name, known); near != "" {
		d.wrong(n, "unknown %s %q: did you mean %q?", what, name, near)
		return
	}
	d.wrong(n, "unknown %s %q: use %s", what, name, strings.Join(known, ", "))
}

// pairs calls do for every key of a map. Each key may be there once.
func (d *document) pairs(n *yaml.Node, what string, do func(name string, key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.wrong(n, "%s must be a map of keys to values", what)
		return
	}
	seen := make(map[string]int) // lines
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], resolved(n.Content[i+1])
		name, ok := text(resolved(key))
		if !ok {
			d.wrong(key, "a key of %s must be a word", what)
			continue
		}
		// Viper folds case: of two keys that differ only in case it is undefined which one wins.
		if line, twice := seen[strings.ToLower(name)]; twice {
			d.wrong(key, "%s is set here and in line %d. Remove one of the two", name, line)
			continue
		}
		seen[strings.ToLower(name)] = key.Line
		do(name, key, value)
	}
}

// value checks the value of a key against its type.
func (d *document) value(k Key, n *yaml.Node) {
	switch k.Type {
	case Levels:
		d.pairs(n, k.Name, func(name string, key, value *yaml.Node) {
			level, ok := text(value)
			if !ok {
				d.wrong(value, "%s: the level must be a word: %s", name, strings.Join(lint.Levels(), ", "))
				return
			}
			d.settings.Rules = append(d.settings.Rules, lint.RuleLevel{Rule: name, Level: level, Origin: d.origin(key)})
		})
	case Globs:
		d.list(n, k.Name, func(item *yaml.Node) {
			if glob, ok := text(item); !ok || glob == "" {
				d.wrong(item, "%s: a glob must be a text that is not empty", k.Name)
			} else {
				d.settings.Ignore = append(d.settings.Ignore, lint.Glob{Pattern: glob, Origin: d.origin(item)})
			}
		})
	case Suppress:
		d.list(n, k.Name, d.suppression)
	case OwnRules:
		d.ownRules(n)
	case Paths:
		d.pairs(n, k.Name, func(name string, key, value *yaml.Node) {
			before := len(d.problems)
			made := d.deployment(name, key, value)
			if len(d.problems) == before { // else it would be reported again, as one without paths
				d.settings.Deployments = append(d.settings.Deployments, made)
			}
		})
	case Words:
		if n.Kind == yaml.SequenceNode {
			d.list(n, k.Name, func(item *yaml.Node) { d.scalar(k, item) })
			return
		}
		d.scalar(k, n)
	default:
		d.scalar(k, n)
	}
}

// ownRules reads own rules. They are kept even if one is wrong, so that settings that name them are not reported as wrong.
func (d *document) ownRules(n *yaml.Node) {
	set, wrong := ownrules.Read(d.name, d.text, n, d.config.Rules)
	for _, err := range wrong {
		d.problems = append(d.problems, &Error{At: err.Origin.String(), Err: err.Err})
	}
	d.config.Own = set
	d.config.Rules = slices.Concat(d.config.Rules, set.Rules())
}

func (d *document) scalar(k Key, n *yaml.Node) {
	value, ok := text(n)
	if !ok || value == "" {
		d.wrong(n, "%s: the value is missing or is a list", k.Name)
	} else if err := k.check(value); err != nil {
		d.wrong(n, "%s: %w", k.Name, err)
	}
}

func (d *document) list(n *yaml.Node, what string, do func(item *yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		d.wrong(n, "%s must be a list", what)
		return
	}
	for _, item := range n.Content {
		do(resolved(item))
	}
}

// deployment reads the globs of one deployment; a single one needs no list.
func (d *document) deployment(name string, key, n *yaml.Node) lint.DeploymentPaths {
	made := lint.DeploymentPaths{Name: name, Origin: d.origin(key)}
	add := func(item *yaml.Node) {
		if glob, ok := text(item); !ok || glob == "" {
			d.wrong(item, "%s: a glob must be a text that is not empty", name)
		} else {
			made.Paths = append(made.Paths, lint.Glob{Pattern: glob, Origin: d.origin(item)})
		}
	}
	if n.Kind == yaml.SequenceNode {
		d.list(n, name, add)
	} else {
		add(n)
	}
	return made
}

func (d *document) suppression(n *yaml.Node) {
	s := lint.Suppression{Origin: d.origin(n)}
	fields := map[string]*string{"rule": &s.Rule, "path": &s.Path, "key": &s.Key, "reason": &s.Reason, "expires": &s.Expires,
		"owner": &s.Owner}
	before := len(d.problems)
	d.pairs(n, "a suppression", func(name string, key, value *yaml.Node) {
		field, ok := fields[name]
		if !ok {
			d.unknown(key, "key of a suppression", name, suppressKeys[:])
		} else if *field, ok = text(value); !ok {
			d.wrong(value, "%s must be a text", name)
		} else if name == "expires" && *field == "" {
			d.wrong(value, "expires is empty: write the last day as 2027-03-31")
		}
	})
	// A value that is wrong already would only be reported again, as missing.
	if len(d.problems) == before {
		d.settings.Suppress = append(d.settings.Suppress, s)
	}
}

// resolved follows an alias.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// text returns a scalar as it is written: "off" and "010" are not turned into anything else.
func text(n *yaml.Node) (string, bool) {
	return n.Value, n.Kind == yaml.ScalarNode && n.Tag != "!!null"
}

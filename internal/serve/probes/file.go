package probes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"cupclint/internal/area"
	"cupclint/internal/nearest"
	"cupclint/internal/serve/metrics"
)

// Bounds of the file of --allow-probes.
const (
	MaxFile     = 1 << 20 // bytes
	maxEntries  = 500
	maxSettings = 100
	maxText     = 200 // bytes of a name or value
)

// An Entry is one entry of the file: a server, or exports whose plan is offered.
type Entry struct {
	// Name is what people call it.
	Name string
	// Area and Settings are those of a server, in the words of an export.
	Area     string
	Settings map[string]string
	// Port and Security of the connection; zero for those of the area.
	Port     int
	Security string
	// Exports is a path of exports, and Areas the areas of their plan that are offered; all if empty.
	Exports string
	Areas   []string
	Line    int
}

// An Error is what is wrong with the file, and where.
type Error struct {
	Line, Column int
	Err          error
}

func (e *Error) Error() string { return fmt.Sprintf("line %d, column %d: %v", e.Line, e.Column, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// Parse reads the file. areas are those that can be probed.
func Parse(text []byte, areas []area.Area) ([]Entry, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("more than %d bytes", MaxFile)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	if err := dec.Decode(&root); errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty: it has the key targets")
	} else if err != nil {
		return nil, fmt.Errorf("malformed YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, errors.New("a second document in the file: only one is allowed")
	}
	p := &parser{areas: areas}
	p.fields(root.Content[0], "file", map[string]func(*yaml.Node){"targets": p.targets})
	if p.err == nil && len(p.entries) == 0 {
		p.wrong(root.Content[0], "the file has no target")
	}
	return p.entries, p.err
}

// A parser reads the nodes of a file up to the first mistake.
type parser struct {
	areas   []area.Area
	entries []Entry
	err     error
}

func (p *parser) wrong(n *yaml.Node, format string, args ...any) {
	if p.err == nil {
		p.entries, p.err = nil, &Error{n.Line, n.Column, fmt.Errorf(format, args...)}
	}
}

// fields reads a map whose keys are known. what is what it describes.
func (p *parser) fields(n *yaml.Node, what string, known map[string]func(*yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		p.wrong(n, "this is not a map with the keys of a %s", what)
		return
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, ok := known[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			p.wrong(key, "a key is a word")
		case seen[key.Value]:
			p.wrong(key, "the key %s is there twice", key.Value)
		case !ok:
			var names []string
			for name := range known {
				names = append(names, name)
			}
			hint := ""
			if near := nearest.Word(key.Value, names); near != "" {
				hint = fmt.Sprintf(": did you mean %s?", near)
			}
			p.wrong(key, "a %s has no such key%s", what, hint) // the key may be a misplaced secret
		default:
			read(value)
		}
		seen[key.Value] = true
		if p.err != nil {
			return
		}
	}
}

func (p *parser) targets(n *yaml.Node) {
	if n.Kind != yaml.SequenceNode {
		p.wrong(n, "targets is a list")
		return
	}
	if len(n.Content) > maxEntries {
		p.wrong(n, "more than %d targets", maxEntries)
	}
	for _, item := range n.Content {
		if p.err == nil {
			p.target(item)
		}
	}
}

func (p *parser) target(n *yaml.Node) {
	e := Entry{Line: n.Line}
	address := ""
	text := func(to *string) func(*yaml.Node) { return func(n *yaml.Node) { *to = p.text(n) } }
	p.fields(n, "target", map[string]func(*yaml.Node){
		"name": text(&e.Name), "address": text(&address), "exports": text(&e.Exports), "security": text(&e.Security),
		"area":     func(n *yaml.Node) { e.Area = p.area(n) },
		"settings": func(n *yaml.Node) { e.Settings = p.settings(n) },
		"areas": func(n *yaml.Node) {
			if n.Kind != yaml.SequenceNode {
				p.wrong(n, "areas is a list")
				return
			}
			for _, item := range n.Content {
				e.Areas = append(e.Areas, p.area(item))
			}
		},
	})
	if p.err != nil {
		return
	}
	switch server := e.Area+address+e.Security != "" || e.Settings != nil; {
	case e.Exports != "" && server:
		p.wrong(n, "exports goes with neither area, address, security nor settings: a target is a server, or what exports name")
	case e.Exports == "" && e.Areas != nil:
		p.wrong(n, "areas belongs to exports")
	case e.Exports == "" && e.Area == "":
		p.wrong(n, "a target has an area with an address, or exports")
	case e.Exports == "" && address == "" && len(e.Settings) == 0:
		p.wrong(n, "a target of an area has an address or settings")
	case e.Exports == "":
		p.address(n, &e, address)
	}
	if e.Name == "" {
		e.Name = e.Exports + address
	}
	if p.err == nil {
		p.entries = append(p.entries, e)
	}
}

// address makes settings of the address: the key that names a server to the area. A port is kept apart.
func (p *parser) address(n *yaml.Node, e *Entry, address string) {
	if address == "" {
		return
	}
	target, err := metrics.ParseTarget(address)
	if err != nil {
		p.wrong(n, "the address: %w", err)
		return
	}
	at := slices.IndexFunc(p.areas, func(a area.Area) bool { return a.Info().Name == e.Area })
	key := p.areas[at].Info().Host
	if _, twice := e.Settings[key]; twice {
		p.wrong(n, "the address is in the settings, too: %s", key)
		return
	}
	if e.Settings == nil {
		e.Settings = make(map[string]string)
	}
	e.Settings[key], e.Port = target.Host, target.Port
}

// area reads the name of an area, or of the command that probes it alone.
func (p *parser) area(n *yaml.Node) string {
	word := p.text(n)
	var names []string
	for _, a := range p.areas {
		if info := a.Info(); strings.EqualFold(info.Name, word) {
			return info.Name
		}
	}
	for _, a := range p.areas {
		info := a.Info()
		if strings.EqualFold(info.Command, word) {
			return info.Name
		}
		names = append(names, info.Name)
	}
	p.wrong(n, "unknown area: use %s", strings.Join(names, ", "))
	return ""
}

// settings reads keys and values of an export.
func (p *parser) settings(n *yaml.Node) map[string]string {
	if n.Kind != yaml.MappingNode {
		p.wrong(n, "settings is a map of keys and values, as an export has them")
		return nil
	}
	out := make(map[string]string)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := p.text(n.Content[i])
		if _, twice := out[key]; twice {
			p.wrong(n.Content[i], "the key %s is there twice", key)
		}
		out[key] = p.text(n.Content[i+1])
	}
	if len(out) > maxSettings {
		p.wrong(n, "more than %d settings", maxSettings)
	}
	return out
}

// text reads a word or a number as it is written.
func (p *parser) text(n *yaml.Node) string {
	switch {
	case n.Kind != yaml.ScalarNode:
		p.wrong(n, "this is not a text")
	case n.Value == "" || len(n.Value) > maxText:
		p.wrong(n, "a text has 1 to %d bytes", maxText)
	case !utf8.ValidString(n.Value) || strings.ContainsFunc(n.Value, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }):
		p.wrong(n, "a text has no control characters")
	default:
		return n.Value
	}
	return ""
}

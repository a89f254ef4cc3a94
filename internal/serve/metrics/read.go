package metrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"cupclint/internal/area"
	"cupclint/internal/loginbudget"
	"cupclint/internal/nearest"
	"cupclint/internal/probe"
	"cupclint/internal/safefile"
	"cupclint/resolve"
)

// Modules are those of a file, in its order.
type Modules []*Module

// Find gives the module of a name, or nil.
func (m Modules) Find(name string) *Module {
	i := slices.IndexFunc(m, func(m *Module) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	return m[i]
}

// ReadModules reads a file of modules: YAML, docs/schema/modules.schema.json. areas is the list of all areas. An error has a line for each
// fault, with its place.
func ReadModules(ctx context.Context, name string, areas []area.Area) (Modules, error) {
	text, err := safefile.Read(ctx, name, maxFile)
	if err != nil {
		return nil, fmt.Errorf("read the modules: %w", err)
	}
	return ParseModules(name, text, areas)
}

// ParseModules reads the text of a file of modules.
func ParseModules(name string, text []byte, areas []area.Area) (Modules, error) {
	d := &moduleFile{name: name, areas: areas}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	if err := dec.Decode(&root); errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: the file is empty; it has the key modules", name)
	} else if err != nil {
		return nil, fmt.Errorf("%s: malformed YAML: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: a second document in the file: only one is allowed", name)
	}
	top := root.Content[0]
	d.fields(top, "the file", map[string]func(*yaml.Node){"modules": d.modules})
	if len(d.problems) == 0 && len(d.out) == 0 {
		d.wrong(top, "the file has no module")
	}
	if len(d.problems) > 0 {
		return nil, errors.Join(d.problems...)
	}
	return d.out, nil
}

// A moduleFile is a file under way.
type moduleFile struct {
	name     string
	areas    []area.Area
	out      Modules
	problems []error
}

func (d *moduleFile) wrong(n *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, fmt.Errorf("%s:%d:%d: %w", d.name, n.Line, n.Column, fmt.Errorf(format, args...)))
}

// pairs calls do for each key of a map. An alias is followed once: it cannot lead to itself.
func (d *moduleFile) pairs(n *yaml.Node, what string, do func(key string, at, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.wrong(n, "%s is not a map of keys to values", what)
		return
	}
	seen := make(map[string]int)
	for i := 0; i+1 < len(n.Content); i += 2 {
		at, value := n.Content[i], n.Content[i+1]
		if value.Kind == yaml.AliasNode || at.Kind != yaml.ScalarNode || at.Tag == "!!merge" {
			d.wrong(at, "write the values here: aliases and merge keys are not read")
			continue
		}
		if line, twice := seen[at.Value]; twice {
			d.wrong(at, "%s is set here and in line %d", at.Value, line)
			continue
		}
		seen[at.Value] = at.Line
		do(at.Value, at, value)
	}
}

// fields calls the function of each key. Keys without one are errors.
func (d *moduleFile) fields(n *yaml.Node, what string, known map[string]func(*yaml.Node)) {
	d.pairs(n, what, func(key string, at, value *yaml.Node) {
		if do, ok := known[key]; ok {
			do(value)
			return
		}
		names := make([]string, 0, len(known))
		for name := range known {
			names = append(names, name)
		}
		slices.Sort(names)
		if near := nearest.Word(key, names); near != "" {
			d.wrong(at, "unknown key %q of %s: did you mean %q?", key, what, near)
			return
		}
		d.wrong(at, "unknown key %q of %s: use %s", key, what, strings.Join(names, ", "))
	})
}

func (d *moduleFile) text(into *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Value == "" || n.Tag == "!!null" {
			d.wrong(n, "the value is not a text")
			return
		}
		*into = n.Value
	}
}

func (d *moduleFile) yes(into *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Decode(into) != nil {
			d.wrong(n, "the value is not true or false")
		}
	}
}

func (d *moduleFile) number(least, most int, into *int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || v < least || v > most {
			d.wrong(n, "the value is not a whole number from %d to %d", least, most)
			return
		}
		*into = v
	}
}

func (d *moduleFile) duration(least, most time.Duration, into *time.Duration) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v, err := time.ParseDuration(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || v < least || v > most {
			d.wrong(n, "the value is not a duration from %s to %s, such as 10s", least, most)
			return
		}
		*into = v
	}
}

// list takes a list of texts; a single text needs no list.
func (d *moduleFile) list(check func(string) error, into *[]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		items := []*yaml.Node{n}
		if n.Kind == yaml.SequenceNode {
			items = n.Content
		}
		for _, item := range items {
			var s string
			before := len(d.problems)
			if d.text(&s)(item); len(d.problems) > before {
				continue
			}
			if err := check(s); err != nil {
				d.wrong(item, "%w", err)
				continue
			}
			*into = append(*into, s)
		}
	}
}

func (d *moduleFile) modules(n *yaml.Node) {
	d.pairs(n, "modules", func(name string, at, value *yaml.Node) {
		if !isName(name) {
			d.wrong(at, "%q is not a name of a module: use letters, digits, -, _ and .", name)
			return
		}
		before := len(d.problems)
		m := d.module(name, at, value)
		if len(d.problems) > before {
			return
		}
		if err := m.Check(d.areas); err != nil {
			d.wrong(at, "module %s: %w", name, err)
			return
		}
		d.out = append(d.out, m)
	})
}

func (d *moduleFile) module(name string, at, n *yaml.Node) *Module {
	m := &Module{Name: name, Folder: filepath.Dir(d.name)}
	var areaName, generation, family string
	threshold, days := -1, -1
	before := len(d.problems)
	var window time.Duration
	anyText := func(string) error { return nil }
	d.fields(n, "a module", map[string]func(*yaml.Node){
		"area":                  d.text(&areaName),
		"targets":               d.list(checkAllowed, &m.Targets),
		"port":                  d.number(1, 65535, &m.Port),
		"security":              d.text(&m.Security),
		"server-name":           d.text(&m.ServerName),
		"settings":              func(n *yaml.Node) { d.settings(n, m) },
		"generation":            d.text(&generation),
		"timeout":               d.duration(100*time.Millisecond, maxTimeout, &m.Timeout),
		"resolvers":             d.list(anyText, &m.Resolvers),
		"outside":               d.list(anyText, &m.Outside),
		"view":                  d.text(&m.View),
		"ca-file":               d.text(&m.CAFile),
		"family":                d.text(&family),
		"trust-any-certificate": d.yes(&m.TrustAnyCertificate),
		"old-tls":               d.yes(&m.OldTLS),
		"certificate-days":      d.number(0, 100_000, &days),
		"log-in":                func(n *yaml.Node) { d.account(n, "log-in", &m.LogIn) },
		"auditor":               func(n *yaml.Node) { d.account(n, "auditor", &m.Auditor) },
		"lockout-threshold":     d.number(0, 10_000, &threshold),
		"lockout-window":        d.duration(0, 366*24*time.Hour, &window),
	})
	var err error
	if generation != "" {
		if m.Generation, err = resolve.ParseGeneration(generation); err != nil {
			d.wrong(at, "module %s: generation: %w", name, err)
		}
	}
	if family != "" {
		if m.Family, err = probe.ParseFamily(family); err != nil {
			d.wrong(at, "module %s: family: %w", name, err)
		}
	}
	switch {
	case days == 0:
		m.CertificateSoon = -1
	case days > 0:
		m.CertificateSoon = time.Duration(days) * 24 * time.Hour
	}
	if m.Area = areaName; areaName == "" && len(d.problems) == before {
		d.wrong(at, "module %s has no area", name)
	}
	if len(m.Targets) == 0 && len(d.problems) == before {
		d.wrong(at, "module %s has no targets: list the hosts that it may contact", name)
	}
	if m.LogIn.User != "" && !m.LogIn.hasPassword() && !m.Auditor.hasPassword() {
		d.wrong(at, "module %s: log-in needs password-file or password-env, or an auditor that looks at the account", name)
	}
	if m.Auditor.User != "" && !m.Auditor.hasPassword() {
		d.wrong(at, "module %s: auditor needs password-file or password-env", name)
	}
	if threshold >= 0 {
		m.Policy = loginbudget.Policy{Threshold: loginbudget.LocksAt(threshold), Window: window}
		if window == 0 {
			m.Policy.Window = loginbudget.Forever
		}
	} else if window > 0 {
		d.wrong(at, "module %s: lockout-window needs lockout-threshold", name)
	}
	if _, err := m.names(noRoots); err != nil {
		d.wrong(at, "module %s: %w", name, err)
	}
	return m
}

func (d *moduleFile) account(n *yaml.Node, what string, into *Account) {
	d.fields(n, what, map[string]func(*yaml.Node){
		"user": d.text(&into.User), "password-file": d.text(&into.PasswordFile), "password-env": d.text(&into.PasswordEnv),
	})
	switch {
	case into.User == "":
		d.wrong(n, "%s has no user", what)
	case into.PasswordFile != "" && into.PasswordEnv != "":
		d.wrong(n, "%s has password-file and password-env: use one of them", what)
	}
}

func (d *moduleFile) settings(n *yaml.Node, m *Module) {
	m.Settings = make(map[string]string)
	d.pairs(n, "settings", func(key string, at, value *yaml.Node) {
		if value.Kind != yaml.ScalarNode {
			d.wrong(value, "%s: the value is not a text", key)
			return
		}
		if err := CheckSetting(key, value.Value); err != nil {
			d.wrong(at, "%w", err)
			return
		}
		m.Settings[key] = value.Value
	})
}

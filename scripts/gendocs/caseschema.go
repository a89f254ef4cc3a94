package main

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"cupclint/dnscheck"
	"cupclint/internal/audit"
	"cupclint/internal/catalogue"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// caseSchema describes what cupclint audit --save writes, from the types that it writes.
func caseSchema() string {
	g := &schemas{defs: object{}}
	root := g.of(reflect.TypeFor[audit.Case]())
	top := g.defs["Case"].(object)
	delete(g.defs, "Case")
	_ = root
	properties := top["properties"].(object)
	properties["cupclintCase"] = object{"description": "The version of this format.", "const": audit.Form}
	properties["observations"] = g.observations()
	text, err := json.MarshalIndent(object{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     "case.schema.json",
		"title":   "Case",
		"description": fmt.Sprintf("What cupclint audit --save writes, and --replay and cupclint diagnose --case read: what lint found and "+
			"what the probes saw, without secrets. At most %d MiB.", audit.MaxCase>>20),
		"type":       "object",
		"required":   append([]string{"cupclintCase"}, top["required"].([]string)...),
		"properties": properties,
		"$defs":      g.defs,
	}, "", "  ")
	if err != nil {
		panic(err) // maps, slices and strings always marshal
	}
	return string(text) + "\n"
}

// schemas turns types into schemas. Named structs become definitions.
type schemas struct{ defs object }

// observations has a field for each area: a list of what the area's Decode reads.
func (g *schemas) observations() object {
	fields := object{}
	for _, a := range catalogue.Areas(nil) {
		name := a.Info().Name
		seen, err := a.Decode(map[string]json.RawMessage{name: json.RawMessage("[{}]")})
		if err != nil || len(seen) == 0 { // names in DNS have a form of their own
			continue
		}
		fields[name] = object{"type": "array", "items": g.of(reflect.TypeOf(seen[0]).Elem())}
	}
	asked := reflect.TypeFor[dnscheck.Asked]()
	for i := range asked.NumField() {
		f := asked.Field(i)
		switch {
		case f.Type == reflect.TypeFor[dnscheck.Kept]():
			fields["dns"] = object{"description": "The names that were looked up in DNS.", "type": "object",
				"required": []string{"lookups", "subjects"},
				"properties": object{"lookups": object{"type": "array", "items": object{"type": "object"}},
					"subjects": object{"type": "array", "items": object{"type": "object"}}}}
		case f.IsExported():
			fields[strings.ToLower(f.Name)] = nullable(g.of(f.Type))
		}
	}
	return object{"description": "What the probes saw, by area. Areas without a target are missing.", "type": "object",
		"properties": fields}
}

func nullable(s object) object {
	if kind, ok := s["type"].(string); ok {
		s["type"] = []string{kind, "null"}
	}
	return s
}

func (g *schemas) of(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case reflect.TypeFor[probe.Duration]():
		return object{"type": "number", "description": "milliseconds"}
	case reflect.TypeFor[lint.Severity]():
		return object{"enum": []string{"error", "warning", "info"}}
	}
	if t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return object{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.of(t.Elem())
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice, reflect.Array:
		return object{"type": "array", "items": g.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": g.of(t.Elem())}
	case reflect.Struct:
		return g.structure(t)
	case reflect.Interface:
		return object{}
	}
	if t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64 {
		return object{"type": "integer"}
	}
	return object{}
}

func (g *schemas) structure(t reflect.Type) object {
	name := t.Name()
	if i := strings.LastIndexByte(t.PkgPath(), '/'); name != "Case" {
		name = t.PkgPath()[i+1:] + "." + name
	}
	ref := object{"$ref": "#/$defs/" + name}
	if _, known := g.defs[name]; known {
		return ref
	}
	properties, required := object{}, []string{}
	g.defs[name] = object{"type": "object", "properties": properties}
	g.fields(t, properties, &required)
	if len(required) > 0 || name == "Case" {
		g.defs[name].(object)["required"] = required
	}
	return ref
}

// fields adds the fields of a struct as encoding/json writes them: those of embedded structs belong to the outer one.
func (g *schemas) fields(t reflect.Type, properties object, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-", !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && name == "":
			g.fields(f.Type, properties, required)
			continue
		case name == "":
			name = f.Name
		}
		if t == reflect.TypeFor[audit.Case]() && name == "observations" {
			*required = append(*required, name)
			continue
		}
		s := g.of(f.Type)
		if k := f.Type.Kind(); (k == reflect.Slice || k == reflect.Map) && !strings.Contains(options, "omitempty") {
			s = nullable(s)
		}
		properties[name] = s
		if !strings.Contains(options, "omit") {
			*required = append(*required, name)
		}
	}
}

package main

import (
	"encoding/json"
	"maps"
	"strconv"

	"cupclint/internal/catalogue"
	"cupclint/internal/config"
	"cupclint/lint"
	"cupclint/lint/ownrules"
)

// object is a JSON object. Its keys are written in order of their names, so the schema is the same every time.
type object = map[string]any

// configSchema describes .cupclint.yaml for editors, from the tables that the program itself checks the file against.
func configSchema() string {
	properties := object{}
	for _, k := range config.Keys() {
		if k.Sources&config.File == 0 {
			continue
		}
		p := ofType(k)
		p["description"] = k.Meaning
		if k.Default != "" {
			p["default"] = value(k)
		}
		properties[k.Name] = p
	}
	text, err := json.MarshalIndent(object{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"$id":                  "config.schema.json",
		"title":                ".cupclint.yaml",
		"description":          "The configuration of cupclint. See docs/configuration.md.",
		"type":                 []string{"object", "null"},
		"additionalProperties": false,
		"properties":           properties,
	}, "", "  ")
	if err != nil {
		panic(err) // maps, slices and strings always marshal
	}
	return string(text) + "\n"
}

func value(k config.Key) any {
	if n, err := strconv.Atoi(k.Default); err == nil && k.Type == config.Number {
		return n
	}
	return k.Default
}

func ofType(k config.Key) object {
	texts := object{"type": "array", "items": object{"type": "string", "minLength": 1}}
	switch k.Type {
	case config.Word:
		return object{"type": "string", "enum": k.Values}
	case config.Number:
		return object{"type": "integer", "minimum": 0}
	case config.Words:
		return object{"oneOf": []object{{"type": "string", "minLength": 1}, texts}}
	case config.Globs:
		return texts
	case config.Levels:
		return levels()
	case config.Suppress:
		return suppressions()
	case config.OwnRules:
		return ownRules()
	case config.Paths:
		some := object{"type": "array", "items": object{"type": "string", "minLength": 1}, "minItems": 1}
		return object{"type": "object", "additionalProperties": object{"oneOf": []object{{"type": "string", "minLength": 1}, some}}}
	default:
		return object{"type": "string", "minLength": 1}
	}
}

// ruleNames are all the names that a rule, an area or all of them have, each with what it stands for.
func ruleNames() (names []string, meaning map[string]string) {
	meaning = map[string]string{lint.All: "every rule"}
	names = append(names, lint.All)
	for _, r := range catalogue.All() {
		for _, name := range []string{r.Area, r.ID, r.Name} {
			if _, known := meaning[name]; known {
				continue
			}
			names = append(names, name)
			meaning[name] = r.ID + " " + r.Name + ": " + r.Summary
			if name == r.Area {
				meaning[name] = "every rule of the area " + r.Area
			}
		}
	}
	return names, meaning
}

func levels() object {
	names, meaning := ruleNames()
	properties := object{}
	for _, name := range names {
		properties[name] = object{"$ref": "#/properties/rules/additionalProperties", "description": meaning[name]}
	}
	return object{
		"type":       "object",
		"properties": properties,
		// Names are compared without case, so others than those listed may be right, too: cupclint itself says which are not.
		"additionalProperties": object{"enum": append([]any{true, false}, anys(lint.Levels())...)},
	}
}

func anys(words []string) []any {
	var out []any
	for _, w := range words {
		out = append(out, w)
	}
	return out
}

// ownRules describes rules of one's own by the tables that the program checks them against.
func ownRules() object {
	rule := fields(ownrules.Fields())
	properties, _ := rule["properties"].(object)
	properties["id"] = object{"type": "string", "pattern": ownrules.IDForm, "description": meaningOf(ownrules.Fields(), "id")}
	properties["examples"] = object{"type": "array", "items": example(), "description": meaningOf(ownrules.Fields(), "examples")}
	return object{"type": "array", "items": rule}
}

func example() object {
	texts := object{"type": "object", "additionalProperties": object{"type": []string{"string", "number", "boolean", "null"}}}
	e := fields(ownrules.ExampleFields())
	properties, _ := e["properties"].(object)
	for _, name := range []string{"properties", "files"} {
		m := maps.Clone(texts)
		m["description"] = meaningOf(ownrules.ExampleFields(), name)
		properties[name] = m
	}
	properties["line"] = object{"type": "integer", "minimum": 1, "description": meaningOf(ownrules.ExampleFields(), "line")}
	e["oneOf"] = []object{{"required": []string{"properties"}}, {"required": []string{"export"}}, {"required": []string{"files"}}}
	return e
}

func meaningOf(table []ownrules.Field, name string) string {
	for _, f := range table {
		if f.Name == name {
			return f.Meaning
		}
	}
	return ""
}

// fields describes a map whose fields a table lists.
func fields(table []ownrules.Field) object {
	properties, required := object{}, []string{}
	for _, f := range table {
		text := object{"type": "string", "minLength": 1}
		var p object
		switch {
		case f.Values != nil:
			p = object{"enum": f.Values}
		case f.List:
			p = object{"oneOf": []object{text, {"type": "array", "items": text, "minItems": 1}}}
		default:
			p = text
		}
		p["description"] = f.Meaning
		if f.Default != "" {
			p["default"] = f.Default
		}
		if f.Required {
			required = append(required, f.Name)
		}
		properties[f.Name] = p
	}
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func suppressions() object {
	names, _ := ruleNames()
	text := func(meaning string) object {
		return object{"type": "string", "minLength": 1, "description": meaning}
	}
	return object{
		"type": "array",
		"items": object{
			"type": "object",
			"properties": object{
				"rule":   object{"anyOf": []object{{"enum": names[1:]}, {"type": "string"}}, "description": "The rule, by ID or name."},
				"path":   text("Glob of the files, relative to the folder of the configuration file."),
				"key":    text("Key of the property; * stands for any characters."),
				"reason": text("Why the finding is accepted."),
				"expires": object{"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
					"description": "The last day on which the suppression counts, in UTC."},
				"owner": text("Who decides whether the suppression is still right."),
			},
			"required":             []string{"rule", "reason"},
			"anyOf":                []object{{"required": []string{"path"}}, {"required": []string{"key"}}},
			"additionalProperties": false,
		},
	}
}

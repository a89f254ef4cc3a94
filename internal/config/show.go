package config

import (
	"fmt"
	"strings"

	"cupclint/lint"

	"github.com/spf13/viper"
)

// A Setting is one value in effect, and where it comes from.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// From is "default", "--FLAG", a variable, or FILE:LINE:COLUMN.
	From string `json:"from"`
}

// sources remembers where values come from while they are merged.
type sources struct {
	path   string // what names the configuration file
	keys   []Key
	merged *viper.Viper
	from   map[string]string      // by key, where it is neither the file nor the default
	at     map[string]lint.Origin // by key, in the file
	lint.Settings
}

// Settings lists all values in effect in the order of the documentation. Lists and maps have a line for each entry.
func (c *Config) Settings() []Setting {
	s := c.sources
	list := []Setting{{"configuration file", c.File, s.path}}
	for i := range s.keys {
		k := &s.keys[i]
		if k.Hidden {
			continue
		}
		from, set := s.from[k.Name]
		at, inFile := s.at[k.Name]
		switch {
		case set:
		case inFile:
			from = at.String()
		default:
			from = "default"
		}
		before := len(list)
		list = append(list, s.entries(k)...)
		if len(list) > before {
			continue
		}
		value := ""
		switch k.Type {
		case Word, Text, Number:
			value = s.merged.GetString(k.Name)
		case Words:
			value = strings.Join(words(s.merged, k.Name), ", ")
		default:
			if inFile {
				value = "set"
			}
		}
		list = append(list, Setting{k.shown(), value, from})
	}
	return list
}

func (k *Key) shown() string {
	if k.Shown != "" {
		return k.Shown
	}
	return k.Name
}

// entries are those of a list or map.
func (s *sources) entries(k *Key) (list []Setting) {
	add := func(name, value string, at lint.Origin) { list = append(list, Setting{name, value, at.String()}) }
	switch k.Type {
	case Globs:
		for i, g := range s.Ignore {
			add(fmt.Sprintf("%s[%d]", k.Name, i+1), g.Pattern, g.Origin)
		}
	case Levels:
		for _, l := range s.Rules {
			add(k.Name+"."+l.Rule, l.Level, l.Origin)
		}
	case Suppress:
		for i, x := range s.Suppress {
			var parts []string
			for _, p := range [...][2]string{{"rule", x.Rule}, {"path", x.Path}, {"key", x.Key}, {"expires", x.Expires}, {"owner", x.Owner},
				{"reason", x.Reason}} {
				if p[1] != "" {
					parts = append(parts, p[0]+": "+p[1])
				}
			}
			add(fmt.Sprintf("%s[%d]", k.Name, i+1), strings.Join(parts, ", "), x.Origin)
		}
	case Paths:
		for _, d := range s.Deployments {
			var globs []string
			for _, g := range d.Paths {
				globs = append(globs, g.Pattern)
			}
			add(k.Name+"."+d.Name, strings.Join(globs, ", "), d.Origin)
		}
	}
	return list
}

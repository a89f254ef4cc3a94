package ownrules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"cupclint/lint"
)

// The values that a rule with each: deployment gathers, as the report of a shard carries them. Secrets are masked in them already.

type carriedSites struct {
	Sites []carriedSite `json:"sites"`
	Named []string      `json:"named"`
}

type carriedSite struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Exports int          `json:"exports"`
	First   lint.Place   `json:"first"`
	Bags    []carriedBag `json:"values"` // as rule.asked
}

type carriedBag struct {
	With   int           `json:"exports"`
	Values []carriedHeld `json:"different"`
}

type carriedHeld struct {
	Text    string     `json:"text"`
	Exports int        `json:"exports"`
	First   lint.Place `json:"first"`
}

// Carry gives the values of all sites.
func (s *sites) Carry() any {
	carried := carriedSites{Sites: []carriedSite{}, Named: slices.Sorted(maps.Keys(s.named))}
	for _, id := range slices.Sorted(maps.Keys(s.by)) {
		st := s.by[id]
		c := carriedSite{id, st.name, st.exports, st.first, []carriedBag{}}
		for i := range st.bags {
			b := carriedBag{st.bags[i].with, []carriedHeld{}}
			for _, text := range slices.Sorted(maps.Keys(st.bags[i].values)) {
				h := st.bags[i].values[text]
				b.Values = append(b.Values, carriedHeld{text, h.exports, h.first})
			}
			c.Bags = append(c.Bags, b)
		}
		carried.Sites = append(carried.Sites, c)
	}
	return carried
}

// Receive takes over the values of another run.
func (s *sites) Receive(rule *lint.Rule, _ int, facts []byte) error {
	var carried carriedSites
	if err := json.Unmarshal(facts, &carried); err != nil {
		return err
	}
	o := &sites{rule: s.rule, by: make(map[string]*site), named: make(map[string]bool)}
	for _, folder := range carried.Named {
		o.named[folder] = true
	}
	for _, c := range carried.Sites {
		st := newSite(s.rule, c.Name)
		if len(c.Bags) != len(st.bags) {
			return fmt.Errorf("%d lists of values, and the rule asks for %d", len(c.Bags), len(st.bags))
		}
		st.exports, st.first = c.Exports, c.First.By(rule)
		for i, b := range c.Bags {
			st.bags[i].with = b.With
			for _, h := range b.Values {
				st.bags[i].values[h.Text] = &held{h.Exports, h.First.By(rule)}
			}
		}
		o.by[c.ID] = st
	}
	s.Merge(o)
	return nil
}

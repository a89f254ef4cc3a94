package compare

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// SettingsFinder gathers the properties of all exports, each different one once for each folder. The zero value is ready to use.
type SettingsFinder struct{ found map[setting]bool }

// A setting is a property without its place. The folder stands for its exports: sites are folders.
type setting struct {
	folder, deployment, key, value string
	secret                         bool
	digest                         lint.Digest
}

// Rule makes a rule whose run leaves in s what the exports say. It finds nothing and is not in the catalogue.
func (s *SettingsFinder) Rule() *lint.Rule {
	first := true
	return &lint.Rule{
		ID: "collect-settings", Name: "collect-settings", Area: "dns", Kind: lint.FleetKind,
		// The run makes the accumulators one after the other and merges all others into the first.
		Fleet: func() lint.Fleet {
			if first {
				first = false
				return s
			}
			return new(SettingsFinder)
		},
	}
}

// maxValue bounds, in bytes, the value of a setting that is kept.
const maxValue = 400

// Add implements lint.Fleet.
func (s *SettingsFinder) Add(in *lint.Input) {
	if s.found == nil {
		s.found = make(map[setting]bool)
	}
	folder := in.File[:strings.LastIndexAny(in.File, "/!")+1]
	for i := range in.Properties {
		p := &in.Properties[i]
		if f, ok := p.Key.Appliance(); ok && f.Row().Passing {
			continue
		}
		one := setting{folder: folder, deployment: in.Deployment, key: keyOf(p), secret: p.Secret()}
		switch {
		case one.secret:
			one.digest = lint.DigestOf(p.Value)
		case len(p.Value) > maxValue:
			one.value, one.digest = strings.ToValidUTF8(p.Value[:maxValue], "")+"...", lint.DigestOf(p.Value)
		default:
			one.value = p.Value
		}
		if !s.found[one] {
			one.folder, one.deployment, one.key, one.value = strings.Clone(one.folder), strings.Clone(one.deployment), strings.Clone(one.key),
				strings.Clone(one.value)
			s.found[one] = true
		}
	}
}

// keyOf is the key without the number of a member: another order is not a change.
func keyOf(p *export.Property) string {
	if p.N == 0 {
		return p.Canonical()
	}
	if p.Key == export.NoKey {
		return p.Name
	}
	return p.Key.String()
}

// Merge implements lint.Fleet.
func (s *SettingsFinder) Merge(other lint.Fleet) {
	if s.found == nil {
		s.found = make(map[setting]bool)
	}
	maps.Copy(s.found, other.(*SettingsFinder).found)
}

// Findings finds nothing.
func (s *SettingsFinder) Findings() []lint.Finding { return nil }

// Facts are the settings, with a name of a file that stands for all of its folder.
func (s *SettingsFinder) Facts() []Fact {
	facts := make([]Fact, 0, len(s.found))
	for one := range s.found {
		f := Fact{Site: one.deployment, Name: one.key, Value: one.value, Secret: one.secret, Digest: one.digest}
		if f.Site == "" {
			f.File = one.folder + "*"
		}
		if !one.secret && one.digest != 0 { // the value is cut
			f.Same = fmt.Sprint(one.value, one.digest)
		}
		facts = append(facts, f)
	}
	slices.SortFunc(facts, func(a, b Fact) int {
		return strings.Compare(join(a.Site, a.File, a.Name, a.Value), join(b.Site, b.File, b.Name, b.Value))
	})
	return facts
}

package audit

import (
	"encoding/json"
	"slices"

	"cupclint/internal/area"
	"cupclint/internal/report"
)

// Observations are what the probes of a plan saw, by area. They hold no secret. The zero value holds none and knows no area.
type Observations struct {
	areas []area.Area
	seen  map[string][]area.Observation
}

// NewObservations makes an empty list that knows the areas.
func NewObservations(areas []area.Area) *Observations {
	return &Observations{areas: areas, seen: make(map[string][]area.Observation)}
}

// Add takes observations of one of the areas.
func (o *Observations) Add(a area.Area, list ...area.Observation) {
	name := a.Info().Name
	o.seen[name] = append(o.seen[name], list...)
}

// Merge takes the observations of a later part of the same plan.
func (o *Observations) Merge(later *Observations) {
	later.each(func(a area.Area, _ area.Info, seen []area.Observation) { o.Add(a, seen...) })
}

// Of lists the observations of an area.
func (o *Observations) Of(name string) []area.Observation { return o.seen[name] }

// each calls f with every area that was looked at, in the order of the list of areas.
func (o *Observations) each(f func(a area.Area, info area.Info, seen []area.Observation)) {
	for _, a := range o.areas {
		info := a.Info()
		if list := o.seen[info.Name]; len(list) > 0 {
			f(a, info, list)
		}
	}
}

// eachTarget calls f with every target.
func (o *Observations) eachTarget(f func(info area.Info, s *area.Seen)) {
	o.each(func(_ area.Area, info area.Info, list []area.Observation) {
		for _, one := range list {
			for _, s := range one.Seen() {
				f(info, &s)
			}
		}
	})
}

// MarshalJSON has a field for each area. A case holds it.
func (o *Observations) MarshalJSON() ([]byte, error) {
	fields := make(map[string]any)
	o.each(func(a area.Area, _ area.Info, list []area.Observation) { a.Encode(list, fields) })
	return json.Marshal(fields)
}

// UnmarshalJSON reads the fields of the areas that it knows.
func (o *Observations) UnmarshalJSON(text []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	read := NewObservations(o.areas)
	for _, a := range o.areas {
		list, err := a.Decode(fields)
		if err != nil {
			return err
		}
		read.Add(a, list...)
	}
	*o = *read
	return nil
}

// Probes says of every target what came of it, in the order of the plan; names in DNS one by one.
func (o *Observations) Probes() []report.Probe {
	var out []report.Probe
	o.eachTarget(func(info area.Info, s *area.Seen) { out = append(out, probeOf(info.Name, s)) })
	return out
}

func probeOf(name string, s *area.Seen) report.Probe {
	p := report.Probe{Area: name, Target: s.Target, Summary: s.Summary, Incomplete: s.Incomplete, File: s.Place.File}
	p.Phases = phasesOf(s)
	return p
}

func phasesOf(s *area.Seen) (out []report.Phase) {
	for _, ph := range s.Phases {
		out = append(out, report.Phase{Name: ph.Name, Took: ph.Took, Error: ph.Error})
	}
	return out
}

// A Looked is a rule that a probe looked for to its end at one place. Without a finding of it there, what the rule is about is not so.
type Looked struct {
	Rule string
	Key  string // of the setting that named the target
}

// LookedFor lists what the probes looked for. Probes that failed or did not come to their end are left out: what they did not
// find may be so all the same.
func (o *Observations) LookedFor() []Looked {
	var out []Looked
	o.eachTarget(func(info area.Info, s *area.Seen) {
		if !s.Looked {
			return
		}
		for _, key := range s.Keys {
			for _, r := range slices.Concat(info.Rules, info.Shared) {
				if !slices.Contains(s.Unasked, r) {
					out = append(out, Looked{r.ID, key})
				}
			}
		}
	})
	return out
}

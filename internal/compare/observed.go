package compare

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cupclint/internal/area"
	"cupclint/internal/report"
	"cupclint/lint"
)

// Observed takes the facts out of the observations of a case, given in their JSON form by area. What counts as a fact says the table of
// each area.
func Observed(areas []area.Area, observations map[string]json.RawMessage) ([]Fact, error) {
	facts := []Fact{}
	for _, a := range areas {
		info := a.Info()
		text, ok := observations[info.Name]
		if !ok {
			continue
		}
		var seen any
		if err := json.Unmarshal(text, &seen); err != nil {
			return nil, fmt.Errorf("observations.%s: %w", info.Name, err)
		}
		list, ok := seen.([]any)
		if !ok {
			list = []any{seen}
		}
		for _, spec := range info.FactSpecs() {
			for _, o := range list {
				root, _ := o.(map[string]any)
				w := walker{spec: &spec, area: info.Name, facts: &facts, at: timeOf(root)}
				if !strings.HasPrefix(spec.Path, "[") {
					w.target = target(root)
				}
				w.walk(o, spec.Path, w.target)
			}
		}
	}
	return facts, nil
}

// timeOf is when the observation was made.
func timeOf(o map[string]any) time.Time {
	text, _ := o["at"].(string)
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// target is what was contacted.
func target(o map[string]any) string {
	t, _ := o["target"].(map[string]any)
	if t == nil {
		return ""
	}
	host, _ := t["host"].(string)
	port, _ := t["port"].(float64)
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return fmt.Sprintf("%s:%d", host, int(port))
}

type walker struct {
	spec  *area.FactSpec
	area  string
	facts *[]Fact
	at    time.Time
	// target is the server that was contacted; empty where the observation is of none.
	target string
}

// walk follows the path from a value.
func (w *walker) walk(v any, path, subject string) {
	if path == "" {
		w.value(v, subject)
		return
	}
	if rest, ok := strings.CutPrefix(path, "["); ok {
		inside, rest, _ := strings.Cut(rest, "]")
		rest = strings.TrimPrefix(rest, ".")
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		if n, err := strconv.Atoi(inside); err == nil {
			if n < len(list) {
				w.walk(list[n], rest, subject)
			}
			return
		}
		for _, member := range list {
			w.walk(member, rest, about(subject, member, inside))
		}
		return
	}
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		end = len(path)
	}
	object, _ := v.(map[string]any)
	if next, ok := object[path[:end]]; ok && next != nil {
		w.walk(next, strings.TrimPrefix(path[end:], "."), subject)
	}
}

// about adds the values of fields to a subject.
func about(subject string, v any, fields string) string {
	if fields == "" {
		return subject
	}
	object, _ := v.(map[string]any)
	for field := range strings.SplitSeq(fields, ",") {
		if text, ok := shown(object[field]); ok && text != "" {
			subject = strings.TrimSpace(subject + " " + text)
		}
	}
	return subject
}

// shown writes a value as a person reads it.
func shown(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		if v {
			return "yes", true
		}
		return "no", true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

func (w *walker) value(v any, subject string) {
	text, ok := shown(v)
	if !ok {
		return
	}
	f := Fact{Area: w.area, Subject: subject, Target: cmp.Or(w.target, subject), Name: w.spec.Name, Value: text}
	if w.spec.Form == "date" {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			f.Value = t.UTC().Format("2006-01-02 15:04 UTC")
			f.Same = t.UTC().Truncate(time.Second).Format(time.RFC3339)
			if days := int(t.Sub(w.at) / (24 * time.Hour)); !w.at.IsZero() && t.After(w.at) {
				f.Value += fmt.Sprintf(" (%d days left)", days)
			}
		}
	}
	*w.facts = append(*w.facts, f)
}

// AddressFacts makes facts of presence addresses.
func AddressFacts(rows []lint.AddressRow) []Fact {
	facts := []Fact{}
	for i := range rows {
		r := &rows[i]
		facts = append(facts, Fact{File: r.File, Area: "presence", Name: "presence address (" + r.Role + ")",
			Value: fmt.Sprintf("%s (%s)", r.Address, r.Verdict)})
	}
	return facts
}

// resultFacts makes facts of the lines that a report has about probes.
func resultFacts(probes []report.Probe) []Fact {
	facts := []Fact{}
	for i := range probes {
		p := &probes[i]
		result := p.Summary
		if p.Incomplete != "" {
			result += "; not finished: " + p.Incomplete
		}
		facts = append(facts, Fact{Area: p.Area, Subject: p.Target, Target: p.Target, Name: "result", Value: result})
	}
	return facts
}

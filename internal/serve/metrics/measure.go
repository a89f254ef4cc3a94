package metrics

import (
	"time"

	"cupclint/internal/probe"
)

// phases are all that a probe can have, in their order: those that were not reached have a duration of 0.
var phases = [...]probe.Phase{probe.DNS, probe.Connect, probe.TLS, probe.Protocol, probe.Auth}

// measure puts what came of a probe into a set.
func (r *Result) measure(s *set, now time.Time) {
	s.add(famSuccess, yes(r.Success()))
	s.add(famDuration, r.Took.Seconds())
	s.add(famErrors, float64(len(r.Errors)))
	took := make(map[string]time.Duration)
	good, reached := make(map[string]bool), make(map[string]bool)
	for i := range r.Seen {
		seen := &r.Seen[i]
		for _, ph := range seen.Phases {
			took[ph.Name] += time.Duration(ph.Took)
			good[ph.Name] = (good[ph.Name] || !reached[ph.Name]) && ph.Error == ""
			reached[ph.Name] = true
		}
		if end := seen.NotAfter; !end.IsZero() {
			s.add(famNotAfter, float64(end.Unix()), seen.Target)
			s.add(famLeft, end.Sub(now).Truncate(time.Second).Seconds(), seen.Target)
		}
	}
	for _, ph := range phases {
		s.add(famPhase, took[string(ph)].Seconds(), string(ph))
		if reached[string(ph)] {
			s.add(famPhaseOK, yes(good[string(ph)]), string(ph))
		}
	}
	type key struct{ rule, severity string }
	count := make(map[key]int)
	for i := range r.Findings {
		count[key{r.Findings[i].Rule, r.Findings[i].Severity.String()}]++
	}
	for k, n := range count {
		s.add(famFindings, float64(n), k.rule, k.severity)
	}
	for _, m := range r.Measures {
		s.add(&Family{*m.Metric, Gauge}, m.Value, m.Labels...)
	}
}

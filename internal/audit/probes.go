package audit

import (
	"time"

	"cupclint/dnscheck"
	"cupclint/internal/probe"
	"cupclint/internal/report"
	"cupclint/ldapcheck"
	"cupclint/lint"
	"cupclint/mailcheck"
	"cupclint/sipcheck"
)

// Probes says of every target what came of it, in the order of the plan; names in DNS one by one.
func (o *Observations) Probes() []report.Probe {
	var out []report.Probe
	for i := range o.Names {
		out = append(out, nameProbe(&o.Names[i]))
	}
	for _, d := range o.Directories {
		out = append(out, directoryProbe(d))
	}
	for _, s := range o.Stores {
		out = append(out, storeProbe(s))
	}
	for _, c := range o.Calendars {
		out = append(out, calendarProbe(c))
	}
	for _, s := range o.Presence {
		out = append(out, presenceProbe(s))
	}
	for _, c := range o.CTI {
		out = append(out, ctiProbe(c))
	}
	return out
}

// A nameProbe has one phase, whose time is that of all attempts, one after the other or not.
func nameProbe(o *dnscheck.Observation) report.Probe {
	verdict, usable := o.Verdict()
	var took time.Duration
	for _, s := range o.Steps {
		for i := range s.Answers {
			for _, a := range s.Answers[i].Attempts {
				took += time.Duration(a.Microseconds) * time.Microsecond
			}
		}
	}
	if o.Kind == dnscheck.Domain {
		verdict = domainSummary(o)
	}
	p := report.Probe{Area: AreaDNS, Target: o.Name, Summary: verdict}
	if len(o.Steps) > 0 {
		phase := report.Phase{Name: string(probe.DNS), Took: probe.Duration(took)}
		if !usable && o.Kind == dnscheck.Host {
			phase.Error = verdict
		}
		p.Phases = []report.Phase{phase}
	}
	if o.Cancelled() {
		p.Incomplete = cancelled
	}
	return p
}

const cancelled = "the run was cancelled"

// domainSummary: a domain need not have an address; what counts is which services it names.
func domainSummary(o *dnscheck.Observation) string {
	found := 0
	for _, s := range o.Steps {
		switch s.Why {
		case dnscheck.WhyNAPTR, dnscheck.WhySIP, dnscheck.WhyDiscovery:
			if s.Effective().Outcome == dnscheck.Found {
				found++
			}
		}
	}
	return plural(found, "service record") + " of the SIP domain found"
}

func directoryProbe(o *ldapcheck.Observation) report.Probe {
	return probeOf(AreaDirectory, &o.Observation, o.Summary(), o.Incomplete)
}

func storeProbe(o *mailcheck.IMAPObservation) report.Probe {
	return probeOf(AreaMail, &o.Observation, o.Summary(), o.Incomplete)
}

func calendarProbe(o *mailcheck.CalendarObservation) report.Probe {
	return probeOf(AreaCalendar, &o.Observation, o.Summary(), o.Incomplete)
}

func presenceProbe(o *sipcheck.SIPObservation) report.Probe {
	return probeOf(AreaSIP, &o.Observation, o.Summary(), o.Incomplete)
}

func ctiProbe(o *sipcheck.CTIObservation) report.Probe {
	return probeOf(AreaCTI, &o.Observation, o.Summary(), o.Incomplete)
}

// probeOf lists the phases that were begun.
func probeOf(area string, o *probe.Observation, summary, incomplete string) report.Probe {
	p := report.Probe{Area: area, Target: probe.Clean(o.Target.String()), Summary: summary, Incomplete: incomplete}
	order := []struct {
		phase probe.Phase
		took  probe.Duration
	}{{probe.DNS, o.Phases.DNS}, {probe.Connect, o.Phases.Connect}, {probe.TLS, o.Phases.TLS}, {probe.Protocol, o.Phases.Protocol}, {probe.Auth, o.Phases.Auth}}
	for _, ph := range order {
		failed := o.Error != nil && o.Error.Phase == ph.phase
		if ph.took == 0 && !failed {
			continue
		}
		phase := report.Phase{Name: string(ph.phase), Took: ph.took}
		if failed {
			phase.Error = o.Error.Error()
		}
		p.Phases = append(p.Phases, phase)
	}
	return p
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
	add := func(rules []*lint.Rule, key string, failed bool) {
		if failed {
			return
		}
		for _, r := range rules {
			out = append(out, Looked{r.ID, key})
		}
	}
	for i := range o.Names {
		n := &o.Names[i]
		_, usable := n.Verdict()
		for _, u := range n.Uses {
			add(dnscheck.Rules(), u.Key, n.Cancelled() || n.NotSent != "" || n.Kind == dnscheck.Host && !usable)
		}
	}
	for _, d := range o.Directories {
		add(ldapcheck.Rules(), d.Place.Key, d.Error != nil || d.Incomplete != "")
	}
	for _, s := range o.Stores {
		add(mailcheck.Rules(), s.Place.Key, s.Error != nil || s.Incomplete != "")
	}
	for _, c := range o.Calendars {
		add(mailcheck.Rules(), c.Place.Key, c.Error != nil || c.Incomplete != "")
	}
	for _, s := range o.Presence {
		add(sipcheck.Rules(), s.Place.Key, s.Error != nil || s.Incomplete != "")
	}
	for _, c := range o.CTI {
		add(sipcheck.Rules(), c.Place.Key, c.Error != nil || c.Incomplete != "")
	}
	return out
}

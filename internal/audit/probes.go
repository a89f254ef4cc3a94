package audit

import (
	"time"

	"cupclint/dnscheck"
	"cupclint/internal/probe"
	"cupclint/internal/report"
	"cupclint/ldapcheck"
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

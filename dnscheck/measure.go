package dnscheck

import (
	"strings"

	"github.com/miekg/dns"

	"cupclint/internal/area"
	"cupclint/internal/probe"
)

// The metrics of names.
var (
	metricResolves = &area.Metric{Name: "cupclint_name_resolves", Labels: []string{"name", "use"},
		Help: "1 if the name has an address that clients can use. Missing if no resolver could answer."}
	metricPresence = &area.Metric{Name: "cupclint_presence_address_resolves", Labels: []string{"address"},
		Help: "1 if the presence address, the host that clients register to, has an address. Missing if no resolver could answer."}
	metricService = &area.Metric{Name: "cupclint_srv_record_present", Labels: []string{"record"},
		Help: "1 if the SRV record exists. Missing if no resolver could answer."}
)

func metrics() []*area.Metric { return []*area.Metric{metricResolves, metricPresence, metricService} }

// Measures implements area.Measured.
func (o *Asked) Measures() (out []area.Measure) {
	for i := range o.Names {
		out = append(out, o.Names[i].measures()...)
	}
	return out
}

func (o *Observation) measures() (out []area.Measure) {
	o = new(unpacked).open(o)
	if o.NotSent == "" && (!o.Begun || o.Cancelled()) {
		return nil
	}
	name := probe.Clean(o.Name)
	a := o.step(WhyAddress, dns.TypeA)
	known := o.Kind == Address || o.NotSent != "" || a != nil && a.Effective().Outcome.Says()
	if _, usable := o.Verdict(); o.Kind != Domain && known {
		use := ""
		if len(o.Uses) > 0 {
			use = o.Uses[0].Role.Text()
		}
		out = append(out, metricResolves.Has(usable, name, use))
		if o.presence() {
			out = append(out, metricPresence.Has(usable, name))
		}
	}
	for _, s := range o.Steps() {
		if e := s.Effective(); s.Type == dns.TypeSRV && (s.Why == WhySIP || s.Why == WhyDiscovery) && e.Outcome.Says() {
			out = append(out, metricService.Has(e.Outcome == Found, probe.Clean(strings.TrimSuffix(s.Name, "."))))
		}
	}
	return out
}

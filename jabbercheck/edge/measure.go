package edge

import (
	"cupclint/internal/area"
	"cupclint/internal/probe"
)

// The metrics of Mobile and Remote Access.
var (
	metricRecord = &area.Metric{Name: "cupclint_discovery_record_present", Labels: []string{"view", "record"},
		Help: "1 if the service discovery SRV record exists in the view. Missing if the resolvers failed."}
	metricPort = &area.Metric{Name: "cupclint_edge_port_reached", Labels: []string{"host", "service"},
		Help: "1 if the port of the Expressway-E was reached, with TLS if it has TLS."}
	metricHost = &area.Metric{Name: "cupclint_edge_host_usable", Labels: []string{"host"},
		Help: "0 if clients cannot use the name in the record."}
)

// Measures implements area.Measured.
func (o *Observation) Measures() (out []area.Measure) {
	for _, v := range o.Views {
		for _, r := range []struct {
			name string
			*Record
		}{{"_cisco-uds", &v.UDS}, {"_cuplogin", &v.Login}, {"_collab-edge", &v.Edge}} {
			if r.Found || r.Absent {
				out = append(out, metricRecord.Has(r.Found, string(v.View), r.name))
			}
		}
	}
	for i := range o.Targets {
		t := &o.Targets[i]
		host := probe.Clean(t.Host)
		out = append(out, metricHost.Has(t.Fault == "", host))
		for _, p := range t.ports() {
			out = append(out, metricPort.Has(p.seen.Error == nil, host, p.name))
		}
	}
	return out
}

package ntpcheck

import (
	"context"
	_ "embed"
	"net/netip"
	"strings"

	"cupclint/export"
	"cupclint/export/appliance"
	"cupclint/internal/area"
	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/lint"
)

//go:embed facts.tsv
var facts string

// Servers are the time servers as a live area.
func Servers() *area.Service[Request, Observation] {
	return area.New(area.Service[Request, Observation]{
		About: area.Info{
			Name: "ntp", Command: "ntp", Facts: facts, Rules: Rules(), Unreachable: ruleUnreachable.Rule(),
			Link: area.Link{Order: 4, Name: "Time server", Protocol: "NTP", From: "cti", Keys: []string{"Network.TimeServer."},
				Areas: []string{"ntp", "time"}},
			Host: "Network.TimeServer.1.Address", Ports: &area.Ports{UDP: Port}, Metrics: metrics(),
		},
		Requests: func(in *lint.Input) ([]Request, area.Known) { return FromExport(in.Export), area.Known{} },
		Reads:    area.KeysOf("Network.TimeServer.", "Appliance.{node}.Ntp."),
		Same:     func(r *Request) string { return area.SameTarget(r.Target) },
		Target:   func(r *Request) *probe.Target { return &r.Target },
		Describe: func(r *Request) area.Row { return area.RowTo(r.Target, "time", "", r.Place) },
		Probe: func(ctx context.Context, t area.Tools, r Request) *Observation {
			return (&Checker{Prober: t.Prober}).Probe(ctx, r)
		},
		Judged: func(seen []*Observation, _ area.Known) []lint.Finding { return Judge(seen) },
	})
}

// Seen implements area.Observation.
func (o *Observation) Seen() []area.Seen {
	return area.SeenServer(&o.Observation, o.Place, o.Summary(), o.Incomplete)
}

// TargetOf is the target of a time server; port 0 means 123.
func TargetOf(host string, port int) probe.Target {
	if port == 0 {
		port = Port
	}
	return probe.Target{Network: "udp", Host: host, Port: port}
}

// FromExport finds the time servers that an export names: its own keys Network.TimeServer, and the sources in outputs of a server's command
// line (utils ntp status, utils ntp server list). The node's own clock is not one. Everything is copied; the export may be dropped.
func FromExport(e *export.Export) []Request {
	var out []Request
	for _, key := range [...]export.KeyID{export.NetworkTimeServerAddress, export.ApplianceKey(appliance.NtpServer),
		export.ApplianceKey(appliance.NtpSource)} {
		for p := range e.All(key) {
			host := strings.TrimSpace(p.Value)
			if host == "" || key == export.ApplianceKey(appliance.NtpSource) && !askable(host) {
				continue
			}
			port := 0
			if key == export.NetworkTimeServerAddress {
				port = live.Port(live.Numbered(e, export.NetworkTimeServerPort, p.N), 0)
			}
			out = append(out, Request{Target: TargetOf(strings.Clone(host), port), Place: live.PlaceOf(e, p)})
		}
	}
	return out
}

// cut is the width of the column of names in the table of sources: longer ones are cut there, and a cut name cannot be asked for.
const cut = 15

func askable(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err == nil {
		return !addr.IsLoopback() && !addr.IsUnspecified()
	}
	return len(host) < cut && !strings.HasPrefix(host, "LOCAL") && !strings.HasPrefix(host, ".")
}

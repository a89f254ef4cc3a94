package ntpcheck

import (
	"time"

	"cupclint/internal/area"
)

// The metrics of time servers.
var (
	metricStratum = &area.Metric{Name: "cupclint_ntp_stratum",
		Help: "Stratum of the time server: 1 to 15; 16 and 0 mean a server without time."}
	metricSynchronised = &area.Metric{Name: "cupclint_ntp_synchronised", Help: "1 if the time server says that it is synchronised."}
	metricOffset       = &area.Metric{Name: "cupclint_ntp_offset_seconds",
		Help: "Clock of the time server minus the clock of the computer that asks."}
	metricDelay = &area.Metric{Name: "cupclint_ntp_round_trip_seconds",
		Help: "Time to the time server and back, without the time it needs itself."}
	metricRoot = &area.Metric{Name: "cupclint_ntp_root_distance_seconds", Help: "How wrong the time of the server may be: half the delay " +
		"to the reference clock, and the dispersion."}
)

func metrics() []*area.Metric {
	return []*area.Metric{metricStratum, metricSynchronised, metricOffset, metricDelay, metricRoot}
}

// Measures implements area.Measured.
func (o *Observation) Measures() []area.Measure {
	a := o.Answer
	if a == nil {
		return nil
	}
	out := []area.Measure{metricStratum.Is(float64(a.Stratum)), metricSynchronised.Has(a.synchronised()),
		metricRoot.Is(a.Distance().Seconds())}
	if a.Timed {
		out = append(out, metricOffset.Is(time.Duration(a.Offset).Seconds()), metricDelay.Is(time.Duration(a.Delay).Seconds()))
	}
	return out
}

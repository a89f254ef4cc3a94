package tftp

import (
	"cupclint/internal/area"
	"cupclint/internal/probe"
)

// metricLoaded is about the files that clients load.
var metricLoaded = &area.Metric{Name: "cupclint_configuration_file_loaded", Labels: []string{"file"},
	Help: "1 if the server gave the whole configuration file."}

// Measures implements area.Measured.
func (o *Observation) Measures() (out []area.Measure) {
	for _, f := range o.Files {
		out = append(out, metricLoaded.Has(f.Loaded, probe.Clean(f.Name)))
	}
	return out
}

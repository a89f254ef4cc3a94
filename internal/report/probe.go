package report

import (
	"slices"

	"cupclint/internal/probe"
)

// A Probe is one thing that was contacted, or left out, for formats that show what a run did.
type Probe struct {
	// Area is the part of the deployment: "dns", "directory", "mail", "calendar", "sip", "cti", "ntp", "uds" and so on.
	Area string `json:"area"`
	// Target is what was contacted as the configuration names it: host and port, or the name asked for.
	Target string `json:"target"`
	// Summary is the result in a line.
	Summary string `json:"summary,omitempty"`
	// Incomplete says why the probe was not carried out to its end; empty if it was.
	Incomplete string  `json:"incomplete,omitempty"`
	Phases     []Phase `json:"phases,omitempty"`
	// File is the first export that names the target; empty where none does. It is not in the JSON form.
	File string `json:"-"`
}

// A Phase is a step of a probe: name resolution, connect, TLS, bind and so on, in the order they were taken.
type Phase struct {
	Name string `json:"phase"`
	// Took is how long it took; in JSON milliseconds.
	Took probe.Duration `json:"took"`
	// Error is what went wrong; empty if nothing did.
	Error string `json:"error,omitempty"`
}

// failed reports whether a phase went wrong.
func (p *Probe) failed() bool {
	return slices.ContainsFunc(p.Phases, func(ph Phase) bool { return ph.Error != "" })
}

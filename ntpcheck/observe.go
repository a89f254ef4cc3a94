package ntpcheck

import (
	"fmt"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/probe"
)

// Port is the port of NTP (RFC 5905).
const Port = 123

// A Request is one time server to ask.
type Request struct {
	Target probe.Target // UDP; Port 0 means 123
	Place  live.Place
}

// An Observation is what one time server answered.
type Observation struct {
	probe.Observation
	Place live.Place `json:"place"`
	At    time.Time  `json:"at"`
	// Answer is nil if none came, or none that is NTP.
	Answer *Answer `json:"answer,omitempty"`
	// Asked is how many questions were sent.
	Asked int `json:"asked,omitempty"`
	// Incomplete says why the probe was not finished, for reasons on this side.
	Incomplete string `json:"incomplete,omitempty"`
}

// An Answer is what an NTP packet says.
type Answer struct {
	// Version of the answer; the question has version 4.
	Version int `json:"version"`
	// Leap is the leap indicator: 3 means that the server is not synchronised.
	Leap    int `json:"leap"`
	Stratum int `json:"stratum"`
	// Reference is the server's own source: a name for stratum 1, an address or a hash above.
	Reference string `json:"reference,omitempty"`
	// Kiss is the code of a refusal, if Stratum is 0: RATE, DENY, RSTR and others.
	Kiss string `json:"kiss,omitempty"`
	// RootDelay and RootDispersion are the way to the reference clock, and how uncertain the time is.
	RootDelay      probe.Duration `json:"rootDelay"`
	RootDispersion probe.Duration `json:"rootDispersion"`
	// Offset is the server's clock minus this computer's, Delay the round trip. Both are 0 if Timed is not set.
	Offset probe.Duration `json:"offset"`
	Delay  probe.Duration `json:"delay"`
	Timed  bool           `json:"timed,omitempty"`
	// Updated is when the server's clock was last set; zero if it never was.
	Updated time.Time `json:"updated,omitzero"`
}

// Distance is how wrong the time may be: half the delay to the reference clock, and the dispersion.
func (a *Answer) Distance() time.Duration {
	return time.Duration(a.RootDelay)/2 + time.Duration(a.RootDispersion)
}

// refused reports whether the answer is a kiss-of-death.
func (a *Answer) refused() bool {
	return a.Stratum == 0 && a.Kiss != "" && a.Kiss != "INIT" && a.Kiss != "STEP"
}

// synchronised reports whether the server says that it has time.
func (a *Answer) synchronised() bool {
	return a.Leap != 3 && a.Stratum > 0 && a.Stratum < noTimeStratum
}

// ServerName is host:port as configured.
func (o *Observation) ServerName() string { return probe.Clean(o.Target.String()) }

// Summary says in a few words how the probe went, for a line on the terminal.
func (o *Observation) Summary() string {
	a := o.Answer
	switch {
	case a == nil && o.Error != nil:
		return fmt.Sprintf("%s (%s)", o.Error, o.Phases.Total())
	case a == nil:
		return "no answer"
	case a.refused():
		return fmt.Sprintf("NTPv%d, refused: %s (%s)", a.Version, a.Kiss, o.Phases.Total())
	case !a.synchronised():
		return fmt.Sprintf("NTPv%d, not synchronised (%s)", a.Version, o.Phases.Total())
	}
	return fmt.Sprintf("NTPv%d, stratum %d, source %s, root dispersion %s, offset %s (%s)", a.Version, a.Stratum, a.Reference,
		short(time.Duration(a.RootDispersion)), short(time.Duration(a.Offset)), o.Phases.Total())
}

// short writes a time in seconds or milliseconds.
func short(d time.Duration) string {
	if d.Abs() >= time.Second {
		return fmt.Sprintf("%.3f s", d.Seconds())
	}
	return fmt.Sprintf("%.3f ms", float64(d.Microseconds())/1000)
}

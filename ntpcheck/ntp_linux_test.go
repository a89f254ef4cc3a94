package ntpcheck_test

import (
	"testing"
	"time"

	"cupclint/internal/servertest"
	"cupclint/ntpcheck"
)

// TestARealServer asks chrony, with and without time.
func TestARealServer(t *testing.T) {
	for _, c := range []struct {
		name            string
		stratum         int
		rules           string
		seen, leap      int
		free, timeKnown bool
	}{
		{"stratum 3", 3, "NTP108:info", 3, 0, true, true},
		{"stratum 4", 4, "NTP103:warning NTP108:info", 4, 0, true, true},
		{"stratum 10", 10, "NTP103:error NTP108:info", 10, 0, true, true},
		{"without time", 0, "NTP102:error", 0, 3, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := servertest.Chrony(t, servertest.ChronyConfig{Stratum: c.stratum})
			o := checker().Probe(t.Context(), request(t, server.Addr))
			if o.Error != nil || o.Answer == nil {
				t.Fatalf("%v, %+v", o.Error, o.Answer)
			}
			a := o.Answer
			if a.Version != 4 || a.Stratum != c.seen || a.Leap != c.leap || !a.Timed || o.Asked != 1 {
				t.Errorf("%+v, asked %d", a, o.Asked)
			}
			if c.free && a.Reference != "127.127.1.1" {
				t.Errorf("reference %q", a.Reference)
			}
			if off := time.Duration(a.Offset).Abs(); c.seen > 0 && off > time.Second {
				t.Errorf("offset %s to a server on this machine", off)
			}
			if got := ruleIDs(ntpcheck.Judge([]*ntpcheck.Observation{o})); got != c.rules {
				t.Errorf("rules %q, want %q", got, c.rules)
			}
		})
	}
}

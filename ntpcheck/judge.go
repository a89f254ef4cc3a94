package ntpcheck

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/probe"
	"cupclint/lint"
)

// Limits of time servers.
const (
	highestStratum  = 4  // of a source of Unified CM; 1 to 3 are recommended (ta-p/3166570)
	ownClockStratum = 10 // the appliance's own clock
	noTimeStratum   = 16
	// farthest is the distance from the reference clock above which clients reject a source.
	farthest = time.Second
	// offsetSuspicious is cupclint's own choice; above offsetRestart the appliance's watchdog restarts its time service.
	offsetSuspicious = time.Second
	offsetRestart    = 3 * time.Second
)

// Judge turns the observations of one run into findings, in a fixed order.
func Judge(seen []*Observation) []lint.Finding {
	var out []lint.Finding
	for _, o := range seen {
		for _, judge := range [...]func(*Observation) []lint.Finding{judgeReach, judgeRefusal, judgeVersion, judgeTime} {
			for _, f := range judge(o) {
				out = append(out, o.Place.Put(f))
			}
		}
	}
	out = append(out, judgeOffsets(seen)...)
	slices.SortStableFunc(out, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	return out
}

func (o *Observation) server() string { return "time server " + o.ServerName() }

// evidence is what the answer says.
func (o *Observation) evidence() []string {
	a := o.Answer
	out := []string{fmt.Sprintf("NTPv%d, leap indicator %d, stratum %d, source %q", a.Version, a.Leap, a.Stratum, a.Reference)}
	if a.Timed {
		out = append(out, fmt.Sprintf("root delay %s, root dispersion %s, offset to this computer %s, round trip %s",
			short(time.Duration(a.RootDelay)), short(time.Duration(a.RootDispersion)), short(time.Duration(a.Offset)),
			short(time.Duration(a.Delay))))
	}
	return append(out, live.Timing(&o.Observation))
}

// judgeReach is NTP101.
func judgeReach(o *Observation) []lint.Finding {
	f, found := live.Unreachable(ruleUnreachable, o.server(), &o.Observation)
	if !found {
		return nil
	}
	if o.Error.Class == probe.Timeout && o.Error.Phase == probe.Protocol {
		f.Message = fmt.Sprintf("%s does not answer: %d NTP requests over UDP, and no answer", o.server(), o.Asked)
		f.Fix = "Check that the server runs, that its address is right, and that UDP port 123 is open in both directions, also from the call " +
			"manager's publisher. utils network capture port 123 shows it there."
	}
	return []lint.Finding{f}
}

// kiss says what a code of RFC 5905, section 7.4, means.
func kiss(code string) string {
	switch code {
	case "RATE":
		return "it limits how often a client may ask"
	case "DENY":
		return "it denies access to this client"
	case "RSTR":
		return "its access list does not allow this client"
	case "AUTH", "CRYP":
		return "it asks for authentication"
	}
	return "see RFC 5905, section 7.4"
}

// judgeRefusal is NTP105.
func judgeRefusal(o *Observation) []lint.Finding {
	if o.Answer == nil || !o.Answer.refused() {
		return nil
	}
	f := ruleRefusal.New(o.ServerName()+" kiss", "%s refuses to answer (kiss-of-death %s): %s. Unified CM gets no time from it", o.server(),
		o.Answer.Kiss, kiss(o.Answer.Kiss))
	f.Evidence = o.evidence()
	f.Fix = "Allow the call manager's publisher in the access list of the server. Switch its rate limit with kiss-of-death off, because " +
		"Unified CM asks in bursts. The server may refuse this computer but not the publisher; test from the publisher's network."
	return []lint.Finding{f}
}

// judgeVersion is NTP104.
func judgeVersion(o *Observation) []lint.Finding {
	if o.Answer == nil || o.Answer.Version >= 4 {
		return nil
	}
	f := ruleVersion.New(o.ServerName()+" version",
		"%s answers NTPv4 requests with NTPv%d, as Windows Time does. Unified CM stays without time", o.server(), o.Answer.Version)
	f.Evidence = o.evidence()
	f.Fix = "Use an NTPv4 server that is not Windows: a router, a Linux server or an appliance of stratum 1 to 3. Cisco does not support " +
		"Windows Time as a source in any release."
	return []lint.Finding{f}
}

// judgeTime is NTP102, NTP103, NTP106 and NTP108: of the first three the one that explains the others.
func judgeTime(o *Observation) []lint.Finding {
	a := o.Answer
	if a == nil || a.refused() {
		return nil
	}
	if !a.synchronised() {
		f := ruleNoTime.New(o.ServerName()+" unsynchronised",
			"%s has no time itself: it says that it is not synchronised. No client uses its time", o.server())
		f.Evidence = o.evidence()
		f.Fix = "First correct the time sources of this server, or use another server. A server that has just started needs some minutes."
		return []lint.Finding{f}
	}
	var out []lint.Finding
	if a.Stratum >= highestStratum {
		f := ruleStratum.New(o.ServerName()+" stratum", "%s has stratum %d. Unified CM accepts sources up to stratum %d; 1 to 3 are recommended",
			o.server(), a.Stratum, highestStratum)
		switch {
		case a.Stratum == highestStratum:
			f.Severity = lint.Warning
		case a.Stratum >= ownClockStratum:
			f.Message = fmt.Sprintf("%s has stratum %d. Unified CM never uses a source at stratum %d or above, because its own clock is equally "+
				"good",
				o.server(), a.Stratum, ownClockStratum)
		}
		f.Evidence = o.evidence()
		f.Fix = "Use a source with stratum 1 to 3."
		out = append(out, f)
	}
	if d := a.Distance(); d > farthest {
		f := ruleDispersion.New(o.ServerName()+" dispersion", "%s says that its time may be wrong by %s. NTP clients reject a source above 1 s",
			o.server(), short(d))
		f.Evidence = o.evidence()
		f.Fix = "If the server has just started, wait. Windows Time announces 10 s by default: set LocalClockDispersion in its registry to 0. " +
			"It is better to use an NTP server that is not Windows."
		out = append(out, f)
	}
	if a.freeRunning() {
		f := ruleFree.New(o.ServerName()+" free", "%s runs on its own clock (source %s), which is never corrected", o.server(), a.Reference)
		f.Evidence = o.evidence()
		f.Fix = "Give the server a source that follows a reference clock. Otherwise its time differs from that of clients, certificates and " +
			"logs of other systems."
		out = append(out, f)
	}
	return out
}

// freeRunning knows the references of servers that have no source: ntpd's and chronyd's local clock, and LOCL of RFC 5905.
func (a *Answer) freeRunning() bool {
	name := strings.Trim(a.Reference, ".")
	if name == "LOCL" || name == "LOCAL" {
		return true
	}
	addr, err := netip.ParseAddr(a.Reference)
	return err == nil && addr.Is4() && addr.As4()[0] == 127 && addr.As4()[1] == 127
}

// judgeOffsets is NTP107. Three or more servers are compared with each other, one or two with this computer. If all
// servers agree and this computer differs, this computer's clock is wrong.
func judgeOffsets(seen []*Observation) []lint.Finding {
	var timed []*Observation
	for _, o := range seen {
		if a := o.Answer; a != nil && a.Timed && a.synchronised() {
			timed = append(timed, o)
		}
	}
	if len(timed) == 0 {
		return nil
	}
	offset := func(o *Observation) time.Duration { return time.Duration(o.Answer.Offset) }
	byOffset := slices.Clone(timed)
	slices.SortStableFunc(byOffset, func(a, b *Observation) int { return int(offset(a)/time.Millisecond - offset(b)/time.Millisecond) })
	reference, than := time.Duration(0), "this computer's clock"
	middle := offset(byOffset[len(byOffset)/2])
	agree := offset(byOffset[len(byOffset)-1])-offset(byOffset[0]) <= offsetSuspicious
	switch {
	case len(timed) >= 2 && agree && middle.Abs() > offsetSuspicious:
		f := ruleOffset.New("this computer", "%d time servers agree, but the clock of this computer is %s off", len(timed), seconds(middle))
		f.Severity = lint.Info
		f.Evidence = timed[0].evidence()
		f.Fix = "Correct the clock of this computer. The time servers are right."
		return []lint.Finding{timed[0].Place.Put(f)}
	case len(timed) >= 3:
		reference, than = middle, "the middle of the other servers"
	}
	var out []lint.Finding
	for _, o := range timed {
		off := offset(o) - reference
		if off.Abs() <= offsetSuspicious {
			continue
		}
		f := ruleOffset.New(o.ServerName()+" offset", "the time of %s is %s off %s", o.server(), seconds(off), than)
		if off.Abs() > offsetRestart && len(timed) >= 3 {
			f.Severity = lint.Error
			f.Message += ". Above 3 s the appliances restart their time service again and again"
		}
		f.Evidence = o.evidence()
		f.Fix = "Compare the server with a source that you trust, and correct the wrong one."
		out = append(out, o.Place.Put(f))
	}
	return out
}

// seconds writes how far a clock is off.
func seconds(d time.Duration) string {
	if d.Abs() > time.Hour {
		return d.Abs().Round(time.Minute).String()
	}
	return fmt.Sprintf("%.1f s", d.Abs().Seconds())
}

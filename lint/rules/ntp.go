package rules

import (
	"fmt"
	"math"
	"strings"

	"cupclint/export/appliance"
	"cupclint/lint"
)

func ntp() []*lint.Rule {
	return []*lint.Rule{
		printed("NTP001", ntpUnsynchronised),
		printed("NTP002", ntpStratum),
		printed("NTP003", ntpSilent),
		printed("NTP004", ntpLoss),
		printed("NTP005", ntpOffset),
		printed("NTP006", ntpWrongSource),
		printed("NTP007", ntpPublisherBlocks),
		printed("NTP008", ntpFreeRunning),
		printed("NTP009", ntpVersion3),
		printed("NTP010", ntpNoAnswer),
		printed("NTP011", windowsTimeSource),
		printed("NTP012", windowsTimeRegistry),
		printed("NTP013", ntpSingle),
	}
}

// Limits of time sources.
const (
	ownClockStratum  = 10   // the node's own clock: a source at this stratum or above is never used
	highestStratum   = 4    // of an external source; 1 to 3 are recommended
	noTimeStratum    = 16   // the source has no time itself
	offsetRestart    = 3000 // ms: the watchdog restarts ntpd
	offsetSuspicious = 1000 // ms: own choice
)

const ntpFix = "Configure reachable NTPv4 servers of stratum 1 to 3 on the publisher (utils ntp server add) and open UDP port 123 to " +
	"them. Wait some minutes: utils ntp status must then show a * in front of one."

func ntpUnsynchronised(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, s := range e.states() {
		if s.synchronised() || e.folded(s) {
			continue
		}
		how, before, check := "no time source is selected", "", "First"
		if s.daemon != nil && s.daemon.Value == "none" {
			how = "the time service does not run"
			before, check = "Restart the time service (utils ntp restart). ", "Then"
		}
		f := d.At(s.place(), "node %s is not synchronised: %s. Replication, certificates and services of the cluster depend on the time",
			s.node.name, how)
		f.Evidence = s.evidence()
		f.Fix = before + ntpFix + e.atRisk(s.node)
		if s.node.dependent() {
			f.Fix = before + check + " check the time of the publisher: this node takes its time from there. Then test UDP port 123 " +
				"between the two with utils network capture port 123."
		}
		findings = append(findings, f)
	}
	return findings
}

func ntpStratum(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, s := range e.states() {
		stratum, place := -1, s.sentence
		switch {
		case s.chosen != nil && s.chosen.local:
			continue
		case s.chosen != nil && s.chosen.stratum >= 0:
			stratum, place = s.chosen.stratum, s.chosen.get(appliance.NtpStratum)
		case len(s.sources) == 0 && isSource(s.server) && s.stratum > 0:
			stratum = s.stratum - 1 // the sentence has the node's own stratum
		}
		limit := highestStratum
		if s.node.dependent() {
			limit++ // its source is the publisher, one more than the source of that
		}
		if stratum < limit || s.node.dependent() && stratum == limit {
			continue
		}
		f := d.At(place, "the time source of node %s has stratum %d. Unified CM accepts sources up to stratum %d; 1 to 3 are recommended",
			s.node.name, stratum, highestStratum)
		if stratum == highestStratum || s.node.dependent() && stratum < ownClockStratum {
			f.Severity = lint.Warning
		}
		if stratum >= ownClockStratum {
			f.Message = fmt.Sprintf("the time source of node %s has stratum %d. A node never uses a source at stratum %d or above, because its "+
				"own clock is equally good", s.node.name, stratum, ownClockStratum)
			if stratum == noTimeStratum {
				f.Message = fmt.Sprintf("the time source of node %s has stratum %d: it has no time itself", s.node.name, stratum)
			}
		}
		f.Evidence = s.evidence()
		f.Fix = "Use a source with stratum 1 to 3. Look at the column st of utils ntp status. The sentence \"at stratum N\" shows the node's " +
			"own stratum, which is one higher."
		findings = append(findings, f)
	}
	return findings
}

func ntpSilent(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, s := range e.states() {
		all := s.external()
		var silent []*ntpSource
		for _, src := range all {
			if src.silent() {
				silent = append(silent, src)
			}
		}
		if len(silent) == 0 || e.folded(s) {
			continue
		}
		const fix = "Check that the server runs, that its address is right, and that UDP port 123 is open in both directions (utils network " +
			"capture port 123)."
		if len(silent) == len(all) {
			f := d.At(silent[0].place, "no time source of node %s answers: %s", s.node.name, sourceNames(silent))
			for _, src := range silent[1:] {
				f.Related = append(f.Related, src.place.Related("time source %s does not answer", src.name))
			}
			f.Evidence = s.evidence()
			f.Fix = fix
			findings = append(findings, f)
			continue
		}
		for _, src := range silent {
			f := d.At(src.place, "time source %s of node %s does not answer", src.name, s.node.name)
			f.Severity = lint.Warning
			f.Evidence = []string{src.describe()}
			if when := src.text(appliance.NtpWhen); when != "" && when != "-" {
				f.Evidence = append(f.Evidence, "last answer: "+when+" ago")
			}
			f.Fix = fix
			findings = append(findings, f)
		}
	}
	return findings
}

func ntpLoss(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, s := range e.states() {
		for _, src := range s.external() {
			if src.reach <= 0 || src.silent() || src.reach&(src.reach+1) == 0 { // 1, 3, 7 ... 377: all since the start
				continue
			}
			lost := 0
			for bit, begun := 7, false; bit >= 0; bit-- {
				got := src.reach>>bit&1 == 1
				begun = begun || got
				if begun && !got {
					lost++
				}
			}
			f := d.At(src.get(appliance.NtpReach),
				"%d of the last 8 answers of time source %s were lost. reach %o is an octal number with one bit for each poll", lost, src.name,
				src.reach)
			f.Evidence = []string{fmt.Sprintf("reach %o = %08b, the newest poll is on the right", src.reach, src.reach), src.describe()}
			f.Fix = "Look for packet loss on the network path to the server. The server may also limit the rate of requests (kiss-of-death)."
			findings = append(findings, f)
		}
	}
	return findings
}

func ntpOffset(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, s := range e.states() {
		worst := s.chosen
		if worst == nil {
			for _, src := range s.external() {
				if src.reach != 0 && (worst == nil || math.Abs(src.offset) > math.Abs(worst.offset)) {
					worst = src
				}
			}
		}
		if worst == nil || worst.local || math.Abs(worst.offset) <= offsetSuspicious {
			continue
		}
		f := d.At(worst.get(appliance.NtpOffset), "the clock of node %s is %.1f s off that of time source %s", s.node.name,
			math.Abs(worst.offset)/1000, worst.name)
		f.Severity = lint.Warning
		if math.Abs(worst.offset) > offsetRestart {
			f.Severity = lint.Error
			f.Message += ". Above 3 s the watchdog restarts the time service again and again"
		}
		f.Evidence = []string{fmt.Sprintf("offset %s ms", worst.text(appliance.NtpOffset)), worst.describe()}
		f.Fix = "After a restart, wait some minutes. If the offset stays, compare the sources with each other. On a virtual machine, switch " +
			"off the time synchronisation with the host."
		findings = append(findings, f)
	}
	return findings
}

func ntpWrongSource(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, s := range e.states() {
		publisher := e.publisherOf(s.node)
		if publisher == nil || !s.node.dependent() || !s.synchronised() || publisher == s.node.row {
			continue
		}
		source, place := s.server, s.sentence
		if s.chosen != nil {
			source, place = s.chosen.name, s.chosen.place
		}
		if source == "" || publisher.is(source) || e.addressOf(publisher, source) {
			continue
		}
		if publisher.address == "" && isAddress(source) {
			continue
		}
		f := d.At(place, "node %s takes its time from %s, not from the publisher %s. All nodes of a cluster must take it from the publisher",
			s.node.name, source, publisher.host)
		f.Related = []lint.Related{publisher.get(appliance.MemberHost).Related("the publisher is %s (%s)", publisher.host, publisher.address)}
		f.Fix = "You cannot configure this on the node: it gets the time from the publisher automatically. Check the publisher's time, UDP " +
			"port 123 between the two, and the publisher's address in System > Server. Then restart the time service (utils ntp restart)."
		findings = append(findings, f)
	}
	return findings
}

// addressOf reports whether an address is one that the publisher's own card has.
func (e *evidence) addressOf(publisher *memberRow, address string) bool {
	n := e.node(publisher.host)
	return n != nil && n.text(appliance.CardAddress) == address
}

func ntpPublisherBlocks(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, publisher := range e.states() {
		if e.blocked()[publisher] != publisher {
			continue
		}
		var others []*ntpState
		var names []string
		for _, s := range e.states() {
			if s != publisher && e.blocked()[s] == publisher {
				others, names = append(others, s), append(names, s.node.name)
			}
		}
		f := d.At(publisher.place(), "the publisher %s is not synchronised, so no other node has time: %s. They take it from the publisher only",
			publisher.node.name, shortList(names))
		f.Evidence = publisher.evidence()
		for _, src := range publisher.external() {
			if src.silent() {
				f.Related = append(f.Related, src.place.Related("time source %s of the publisher does not answer", src.name))
			}
		}
		for _, o := range others {
			f.Related = append(f.Related, o.place().Related("%s is not synchronised, because the publisher is not", o.node.name))
		}
		f.Fix = "First correct the time of the publisher. The other nodes follow within some minutes. " + ntpFix + e.atRisk(publisher.node)
		findings = append(findings, f)
	}
	return findings
}

func ntpFreeRunning(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, s := range e.states() {
		if !s.synchronised() {
			continue
		}
		var f lint.Finding
		switch {
		case s.chosen != nil && s.chosen.local, s.chosen == nil && !isSource(s.server) && s.server != "":
			place := s.sentence
			if s.chosen != nil {
				place = s.chosen.place
			}
			f = d.At(place, "node %s runs on its own clock", s.node.name)
		case s.chosen != nil && (strings.HasPrefix(s.chosen.refid, "LOCAL") || strings.HasPrefix(s.chosen.refid, ".LOC") ||
			strings.HasPrefix(s.chosen.refid, "127.127.1.")):
			f = d.At(s.chosen.place, "time source %s of node %s runs on its own clock (%s), which is never corrected", s.chosen.name, s.node.name,
				s.chosen.refid)
		default:
			continue
		}
		f.Fix = "Use a source that follows a reference clock. Otherwise its time differs from that of clients, certificates and logs of other " +
			"systems."
		findings = append(findings, f)
	}
	return findings
}

func ntpSingle(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, s := range e.states() {
		all := s.external()
		if s.node.dependent() || len(all) != 1 {
			continue
		}
		f := d.At(all[0].place, "node %s has only one time source, %s. If it fails, the whole cluster has no time", s.node.name, all[0].name)
		f.Fix = "Add a second and a third NTP server on the publisher (utils ntp server add)."
		findings = append(findings, f)
	}
	return findings
}

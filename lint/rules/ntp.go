package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"cupclint/export/appliance"
	"cupclint/lint"
)

const timeArea = "time"

func ntp() []*lint.Rule {
	rule := func(id, name string, severity lint.Severity, summary string, joined func(*evidence, *lint.Deployment) []lint.Finding) *lint.Rule {
		return printedRule(timeArea, id, name, severity, summary, joined)
	}
	return []*lint.Rule{
		rule("NTP001", "ntp-unsynchronised", lint.Error, "a node is not synchronised to any time source", ntpUnsynchronised),
		rule("NTP002", "ntp-stratum-too-high", lint.Error, "the chosen time source has a stratum above 4", ntpStratum),
		rule("NTP003", "ntp-source-silent", lint.Error, "a time source does not answer", ntpSilent),
		rule("NTP004", "ntp-loss", lint.Warning, "answers of a time source were lost", ntpLoss),
		rule("NTP005", "ntp-offset", lint.Error, "the clock of a node is far from that of its time source", ntpOffset),
		rule("NTP006", "ntp-subscriber-wrong-source", lint.Error, "a node other than the publisher does not take its time from the publisher", ntpWrongSource),
		rule("NTP007", "ntp-publisher-blocks-cluster", lint.Error, "the publisher has no time, so the other nodes have none", ntpPublisherBlocks),
		rule("NTP008", "ntp-free-running", lint.Info, "the time comes from a clock that nothing corrects", ntpFreeRunning),
		rule("NTP009", "ntp-version3-answer", lint.Error, "a time server answers NTPv4 questions with NTPv3", ntpVersion3),
		rule("NTP010", "ntp-no-answer", lint.Error, "a time server does not answer in a packet capture", ntpNoAnswer),
		rule("NTP011", "windows-time-source", lint.Warning, "the time source is Windows Time, which is not supported", windowsTimeSource),
		rule("NTP012", "windows-time-registry", lint.Error, "a setting of Windows Time keeps clients from using it", windowsTimeRegistry),
		rule("NTP013", "ntp-single-source", lint.Info, "the publisher has one time source only", ntpSingle),
	}
}

// Limits of time sources.
const (
	ownClockStratum  = 10   // the node's own clock: a source at this stratum or above is never taken
	highestStratum   = 4    // of an external source; 1 to 3 are recommended
	noTimeStratum    = 16   // the source has no time itself
	offsetRestart    = 3000 // ms: the watchdog restarts ntpd
	offsetSuspicious = 1000 // ms: own choice
)

// An ntpState is what the last "utils ntp status" of a node says.
type ntpState struct {
	node    *node
	sources []ntpSource
	chosen  *ntpSource
	// sentence is "synchronised to ..." or "unsynchronised"; server is the source in it, empty without one.
	sentence *lint.Fact
	server   string
	stratum  int // of the node; 0 where no sentence says it
	daemon   *lint.Fact
}

// An ntpSource is a row of the table of sources.
type ntpSource struct {
	record
	place          *lint.Fact
	name, refid    string
	chosen, local  bool
	stratum, reach int // -1 where unknown
	offset         float64
}

// time returns what is known of a node's time, or nil.
func (e *evidence) time(n *node) *ntpState {
	if s, ok := e.times[n]; ok {
		return s
	}
	var s *ntpState
	var last *output
	for _, o := range n.outputs {
		if o.has(appliance.NtpSource) || o.has(appliance.NtpSynchronised) || o.has(appliance.NtpDaemon) {
			last = o
		}
	}
	if last != nil {
		s = newNtpState(n, last)
	}
	e.times[n] = s
	return s
}

func newNtpState(n *node, o *output) *ntpState {
	s := &ntpState{node: n, daemon: o.first(appliance.NtpDaemon), sentence: o.first(appliance.NtpSynchronised)}
	if s.sentence != nil && s.sentence.Value != "no" {
		s.server = s.sentence.Value
	}
	s.stratum, _ = strconv.Atoi(o.text(appliance.NtpOwnStratum))
	marked := false
	for r, place := range o.all(appliance.NtpSource) {
		src := ntpSource{record: r, place: place, name: place.Value, refid: r.text(appliance.NtpRefid), stratum: -1, reach: -1}
		tally := r.text(appliance.NtpTally)
		marked = marked || tally != ""
		src.chosen = tally == "*" || tally == "o"
		src.local = r.text(appliance.NtpType) == "l" || strings.HasPrefix(src.name, "127.127.")
		if n, err := strconv.Atoi(r.text(appliance.NtpStratum)); err == nil {
			src.stratum = n
		}
		if n, err := strconv.ParseInt(r.text(appliance.NtpReach), 8, 32); err == nil {
			src.reach = int(n)
		}
		src.offset, _ = strconv.ParseFloat(r.text(appliance.NtpOffset), 64)
		s.sources = append(s.sources, src)
	}
	for i := range s.sources {
		// A copy may have lost the signs in front of all rows; the sentence names the chosen one then.
		if src := &s.sources[i]; src.chosen || !marked && s.server != "" && src.name == s.server {
			s.chosen = src
			break
		}
	}
	return s
}

// synchronised reports whether the node has time. Live rows count more than the sentence.
func (s *ntpState) synchronised() bool {
	if s.daemon != nil && s.daemon.Value == "none" {
		return false
	}
	if s.sentence != nil && s.server == "" {
		return false
	}
	if len(s.sources) > 0 {
		return s.chosen != nil
	}
	return s.sentence != nil || s.daemon != nil
}

// place is where a finding about the state as a whole points to.
func (s *ntpState) place() *lint.Fact {
	switch {
	case s.sentence != nil:
		return s.sentence
	case len(s.sources) > 0:
		return s.sources[0].place
	}
	return s.daemon
}

// external lists the sources beside the node's own clock.
func (s *ntpState) external() []*ntpSource {
	var out []*ntpSource
	for i := range s.sources {
		if !s.sources[i].local {
			out = append(out, &s.sources[i])
		}
	}
	return out
}

func (s *ntpSource) silent() bool { return s.reach == 0 || s.refid == ".INIT." }

// describe says what a source looks like, for evidence.
func (s *ntpSource) describe() string {
	text := "source " + s.name
	if s.stratum >= 0 {
		text += fmt.Sprintf(", stratum %d", s.stratum)
	}
	if s.refid != "" {
		text += ", its own source " + s.refid
	}
	if s.reach >= 0 {
		text += fmt.Sprintf(", reach %o", s.reach)
	}
	return text
}

// states lists the nodes whose time is known.
func (e *evidence) states() []*ntpState {
	var out []*ntpState
	for _, n := range e.nodes {
		if s := e.time(n); s != nil {
			out = append(out, s)
		}
	}
	return out
}

// blocked returns the state of a publisher that has no time, and those of the other nodes that therefore have none. Their findings are
// under that of the publisher.
func (e *evidence) blocked() (publisher *ntpState, others []*ntpState) {
	for _, s := range e.states() {
		if s.node.publisher() && !s.synchronised() {
			publisher = s
		}
	}
	if publisher == nil {
		return nil, nil
	}
	for _, s := range e.states() {
		if s != publisher && !s.synchronised() && e.publisherOf(s.node) == publisher.node.row {
			others = append(others, s)
		}
	}
	if len(others) == 0 {
		return nil, nil
	}
	return publisher, others
}

// folded reports whether a state is told by NTP007.
func (e *evidence) folded(s *ntpState) bool {
	publisher, others := e.blocked()
	if s == publisher {
		return publisher != nil
	}
	for _, o := range others {
		if o == s {
			return true
		}
	}
	return false
}

const ntpFix = "Configure reachable NTPv4 servers of stratum 1 to 3 on the publisher (utils ntp server add), open UDP port 123 to them, and wait some minutes: utils ntp status must show a * in front of one."

func ntpUnsynchronised(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, s := range e.states() {
		if s.synchronised() || e.folded(s) {
			continue
		}
		how := "no time source is chosen"
		if s.daemon != nil && s.daemon.Value == "none" {
			how = "the time service does not run"
		}
		f := d.At(s.place(), "node %s is not synchronised: %s. Replication, certificates and services of the cluster depend on the time", s.node.name, how)
		f.Evidence = s.evidence()
		f.Fix = ntpFix + e.atRisk(s.node)
		if s.node.dependent() {
			f.Fix = "First check the time of the publisher: this node takes its time from there. Then test UDP port 123 between the two with utils network capture port 123."
		}
		findings = append(findings, f)
	}
	return findings
}

func (s *ntpState) evidence() []string {
	var out []string
	for i := range s.sources {
		out = append(out, s.sources[i].describe())
	}
	return out
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
		f := d.At(place, "the time source of node %s has stratum %d. Unified CM accepts sources up to stratum %d; 1 to 3 are recommended", s.node.name, stratum, highestStratum)
		if stratum == highestStratum || s.node.dependent() && stratum < ownClockStratum {
			f.Severity = lint.Warning
		}
		if stratum >= ownClockStratum {
			f.Message = fmt.Sprintf("the time source of node %s has stratum %d. A node never takes a source at stratum %d or above, because its own clock is as good", s.node.name, stratum, ownClockStratum)
			if stratum == noTimeStratum {
				f.Message = fmt.Sprintf("the time source of node %s has stratum %d: it has no time itself", s.node.name, stratum)
			}
		}
		f.Evidence = s.evidence()
		f.Fix = "Use a source nearer to a reference clock: stratum 1 to 3, as the column st of utils ntp status shows it. The sentence \"at stratum N\" is the node's own stratum, one more than that of the source."
		findings = append(findings, f)
	}
	return findings
}

// isSource leaves out the node's own clock.
func isSource(server string) bool {
	return server != "" && !strings.HasPrefix(server, "127.127.") && !strings.HasPrefix(server, "local")
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
		const fix = "Check that the server runs, that its address is right, and that UDP port 123 is open in both directions (utils network capture port 123)."
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

func sourceNames(sources []*ntpSource) string {
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = s.name
	}
	return shortList(names)
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
			f := d.At(src.get(appliance.NtpReach), "%d of the last 8 answers of time source %s were lost: reach %o is an octal number, one bit for each poll", lost, src.name, src.reach)
			f.Evidence = []string{fmt.Sprintf("reach %o = %08b, the newest poll is on the right", src.reach, src.reach), src.describe()}
			f.Fix = "Look for packet loss on the way to the server, or for a server that limits the rate of questions (kiss-of-death)."
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
		f := d.At(worst.get(appliance.NtpOffset), "the clock of node %s is %.1f s off that of time source %s", s.node.name, math.Abs(worst.offset)/1000, worst.name)
		f.Severity = lint.Warning
		if math.Abs(worst.offset) > offsetRestart {
			f.Severity = lint.Error
			f.Message += ". Above 3 s the watchdog restarts the time service again and again"
		}
		f.Evidence = []string{fmt.Sprintf("offset %s ms", worst.text(appliance.NtpOffset)), worst.describe()}
		f.Fix = "Wait some minutes after a restart. If the offset stays, check the sources against each other, and on a virtual machine switch off the time synchronisation with the host."
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
		f := d.At(place, "node %s takes its time from %s, and not from the publisher %s. All nodes of a cluster take it from the publisher", s.node.name, source, publisher.host)
		f.Related = []lint.Related{publisher.get(appliance.MemberHost).Related("the publisher is %s (%s)", publisher.host, publisher.address)}
		f.Fix = "Nothing can be configured on this node: it takes the time from the publisher of its own accord. Check the publisher's time, UDP port 123 between the two, and the publisher's address in System > Server; then restart the time service (utils ntp restart)."
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
	publisher, others := e.blocked()
	if publisher == nil {
		return nil
	}
	names := make([]string, len(others))
	for i, o := range others {
		names[i] = o.node.name
	}
	f := d.At(publisher.place(), "the publisher %s is not synchronised, so no other node has time: %s. They take it from the publisher only", publisher.node.name, shortList(names))
	f.Evidence = publisher.evidence()
	for _, src := range publisher.external() {
		if src.silent() {
			f.Related = append(f.Related, src.place.Related("time source %s of the publisher does not answer", src.name))
		}
	}
	for _, o := range others {
		f.Related = append(f.Related, o.place().Related("%s is not synchronised, because the publisher is not", o.node.name))
	}
	f.Fix = "Correct the time of the publisher first; the other nodes follow within some minutes. " + ntpFix + e.atRisk(publisher.node)
	return one(f)
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
		case s.chosen != nil && (strings.HasPrefix(s.chosen.refid, "LOCAL") || strings.HasPrefix(s.chosen.refid, ".LOC") || strings.HasPrefix(s.chosen.refid, "127.127.1.")):
			f = d.At(s.chosen.place, "time source %s of node %s runs on its own clock (%s): nothing corrects it", s.chosen.name, s.node.name, s.chosen.refid)
		default:
			continue
		}
		f.Fix = "Use a source that follows a reference clock. Clients, certificates and logs of other systems have another time otherwise."
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
		f := d.At(all[0].place, "node %s has one time source only, %s: when it fails the whole cluster has no time", s.node.name, all[0].name)
		f.Fix = "Add a second and a third NTP server on the publisher (utils ntp server add)."
		findings = append(findings, f)
	}
	return findings
}

// captures yields the records of packet captures.
func (e *evidence) captures(yield func(record, *lint.Fact) bool) {
	for _, o := range e.outputs {
		for r, server := range o.all(appliance.CaptureServer) {
			if !yield(r, server) {
				return
			}
		}
	}
}

func answeredBy3(r record) bool {
	return r.text(appliance.CaptureClientVersion) >= "4" && r.text(appliance.CaptureServerVersion) == "3"
}

func ntpVersion3(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for r, server := range e.captures {
		if !answeredBy3(r) {
			continue
		}
		f := d.At(r.get(appliance.CaptureServerVersion), "%s answers NTPv4 questions with NTPv3: the node that asks stays without time", server.Value)
		f.Related = []lint.Related{server.Related("%s asks with version %s", r.text(appliance.CaptureClient), r.text(appliance.CaptureClientVersion))}
		f.Fix = "Use an NTPv4 server as the source. Windows Time answers in this way and is not supported."
		findings = append(findings, f)
	}
	return findings
}

func ntpNoAnswer(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for r, server := range e.captures {
		if asked := r.text(appliance.CaptureAsked); asked != "0" && r.text(appliance.CaptureAnswered) == "0" {
			f := d.At(server, "%s does not answer: %s NTP questions in the capture and no answer", server.Value, asked)
			f.Fix = "Open UDP port 123 between the node and the server in both directions, and check that the server runs."
			findings = append(findings, f)
		}
	}
	return findings
}

var windowsTimeFields = [...]appliance.Field{
	appliance.WindowsTimeEnabled, appliance.WindowsTimeType, appliance.WindowsTimeAnnounceFlags, appliance.WindowsTimeDispersion,
}

func windowsTimeSource(e *evidence, d *lint.Deployment) []lint.Finding {
	const fix = "Use an NTP server that is not Windows: a router, a Linux server or an appliance of stratum 1 to 3."
	var findings []lint.Finding
	for _, o := range e.outputs {
		for _, field := range windowsTimeFields {
			if fact := o.first(field); fact != nil {
				f := d.At(fact, "the time source is Windows Time. Cisco does not support it as a time source of Unified CM, in any release")
				f.Fix = fix
				findings = append(findings, f)
				break
			}
		}
	}
	for r, server := range e.captures {
		if answeredBy3(r) {
			f := d.At(server, "%s answers as Windows Time does, with NTPv3. Cisco does not support Windows Time as a time source of Unified CM", server.Value)
			f.Fix = fix
			findings = append(findings, f)
		}
	}
	return findings
}

func windowsTimeRegistry(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	add := func(fact *lint.Fact, severity lint.Severity, what, want string) {
		f := d.At(fact, "%s of Windows Time is %s: %s", strings.TrimPrefix(fact.Place.Key[strings.LastIndex(fact.Place.Key, "WindowsTime."):], "WindowsTime."), fact.Value, what)
		f.Severity = severity
		f.Fix = "Set it to " + want + " and restart the service Windows Time. A source that is not Windows is the better way."
		findings = append(findings, f)
	}
	for _, o := range e.outputs {
		for _, fact := range o.all(appliance.WindowsTimeEnabled) {
			if fact.Value != "1" {
				add(fact, lint.Error, "the server does not answer NTP questions", "1")
			}
		}
		for _, fact := range o.all(appliance.WindowsTimeType) {
			if !strings.EqualFold(fact.Value, "NTP") {
				add(fact, lint.Error, "the server does not take its time from NTP servers", "NTP")
			}
		}
		for _, fact := range o.all(appliance.WindowsTimeAnnounceFlags) {
			switch fact.Value {
			case "5":
			case "6":
				add(fact, lint.Info, "it works for others; the value that is known to work with Unified CM is 5", "5")
			default:
				add(fact, lint.Error, "the server does not announce itself as a reliable source", "5")
			}
		}
		for _, fact := range o.all(appliance.WindowsTimeDispersion) {
			if fact.Value != "0" {
				add(fact, lint.Error, "the server announces so much uncertainty that NTP clients reject it", "0")
			}
		}
	}
	return findings
}

package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cupclint/export/appliance"
	"cupclint/lint"
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
		return s.chosen != nil || s.unread()
	}
	return s.sentence != nil || s.daemon != nil
}

// unread reports whether the source that the sentence names has no row: the copy lost it, or it is damaged.
func (s *ntpState) unread() bool {
	return isSource(s.server) && !slices.ContainsFunc(s.sources, func(src ntpSource) bool { return src.name == s.server })
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

// external lists the sources without the node's own clock.
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

// blocked gives each node without time the publisher that has none either and is the cause; such a publisher has itself. Their findings are
// under that of the publisher.
func (e *evidence) blocked() map[*ntpState]*ntpState {
	if e.blockedBy == nil {
		e.blockedBy = make(map[*ntpState]*ntpState)
		for _, s := range e.states() {
			if p := e.timeOfPublisher(s); p != nil && !s.synchronised() && !p.synchronised() {
				e.blockedBy[s], e.blockedBy[p] = p, p
			}
		}
	}
	return e.blockedBy
}

// timeOfPublisher is the time of the publisher that a node belongs to; nil where that is not certain, or the node is one itself.
func (e *evidence) timeOfPublisher(s *ntpState) *ntpState {
	if s.node.publisher() {
		return nil
	}
	var found *ntpState
	row := e.publisherOf(s.node)
	for _, p := range e.states() {
		if p.node.publisher() && p.node.row == row {
			if found != nil {
				return nil
			}
			found = p
		}
	}
	return found
}

// folded reports whether NTP007 reports a state.
func (e *evidence) folded(s *ntpState) bool { return e.blocked()[s] != nil }

func (s *ntpState) evidence() []string {
	var out []string
	for i := range s.sources {
		out = append(out, s.sources[i].describe())
	}
	return out
}

// isSource leaves out the node's own clock.
func isSource(server string) bool {
	return server != "" && !strings.HasPrefix(server, "127.127.") && !strings.HasPrefix(server, "local")
}

func sourceNames(sources []*ntpSource) string {
	names := make([]string, len(sources))
	for i, s := range sources {
		names[i] = s.name
	}
	return shortList(names)
}

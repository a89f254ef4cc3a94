package tftp

import (
	"fmt"
	"strings"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/probe"
)

// The ports of the configuration download.
const (
	PortHTTP  = 6970
	PortHTTPS = 6972
	PortTFTP  = 69
)

// The file that clients load when nothing else is said, and the one that holds the default service profile.
const (
	DefaultName = "jabber-config.xml"
	profileName = "SPDefault.cnf.xml"
)

// A Request is one server to load from.
type Request struct {
	// Ways are tried in this order until one answers: HTTP, HTTPS, TFTP (network udp). There is one at least.
	Ways []probe.Target
	// Rank says which setting names the server: "TftpServer1", "cluster node".
	Rank  string
	Place live.Place
	// Node says that only a list of cluster nodes names the server, so it is not known whether it serves files.
	Node bool
	// Names of the global files; DefaultName where there are none. Groups are names of group files.
	Names, Groups []string
}

// An Observation is what one server gave. It holds no secret.
type Observation struct {
	probe.Observation
	Rank  string     `json:"rank,omitempty"`
	Place live.Place `json:"place"`
	At    time.Time  `json:"at"`
	Node  bool       `json:"node,omitempty"`
	// Others are the further ways that were tried, in order. The last one is in use if it has no error.
	Others []Way  `json:"others,omitempty"`
	Files  []File `json:"files,omitempty"`
	// Incomplete says why the probe was not finished, for reasons on this side.
	Incomplete string `json:"incomplete,omitempty"`
}

// A Way is another port of the server.
type Way struct {
	Target probe.Target `json:"target"`
	Error  *probe.Error `json:"error,omitempty"`
}

// What a File is for.
const (
	Global  = "global"
	Group   = "group"
	Profile = "profile" // the default service profile
)

// A File is one that was asked for.
type File struct {
	Name string `json:"name"`
	// Role is Global, Group or Profile.
	Role string `json:"role"`
	URL  string `json:"url"`
	// Status is that of HTTP; 0 for TFTP.
	Status   int    `json:"status,omitempty"`
	Location string `json:"location,omitempty"`
	// Missing says that the server does not have it, Loaded that it gave it, whole.
	Missing bool `json:"missing,omitempty"`
	Loaded  bool `json:"loaded,omitempty"`
	Bytes   int  `json:"bytes,omitempty"`
	// Modified is the header Last-Modified; zero where there was none.
	Modified time.Time `json:"modified,omitzero"`
	// Content is equal for files that are equal byte by byte, in one run. It does not reveal the bytes.
	Content string `json:"content,omitempty"`
	// Text is the file with its secrets masked; empty for a profile, and if it is too large to keep.
	Text string `json:"text,omitempty"`
	// Secrets are the names of settings that hold one.
	Secrets []string `json:"secrets,omitempty"`
	// Bad says why a client cannot use the file: not XML, a web page, cut.
	Bad string `json:"bad,omitempty"`
	// Error is why the request failed.
	Error *probe.Error `json:"error,omitempty"`
}

// ServerName is host:port as configured.
func (o *Observation) ServerName() string { return probe.Clean(o.Target.String()) }

// reached reports whether a way answered, and which: 0 is the first, 1 the first of Others.
func (o *Observation) reached() (way int, ok bool) {
	if o.Error == nil {
		return 0, true
	}
	if n := len(o.Others); n > 0 && o.Others[n-1].Error == nil {
		return n, true
	}
	return 0, false
}

// protocol names how a target is asked.
func protocol(t probe.Target) string {
	switch {
	case t.Network == "udp":
		return "TFTP"
	case t.Security == probe.ImplTLS:
		return "HTTPS"
	}
	return "HTTP"
}

// Summary says in a few words how the probe went, for a line on the terminal.
func (o *Observation) Summary() string {
	var facts []string
	if o.Error != nil {
		facts = append(facts, o.Error.Error())
	}
	for _, w := range o.Others {
		state := "answers"
		if w.Error != nil {
			state = w.Error.Error()
		}
		facts = append(facts, fmt.Sprintf("%s %d: %s", protocol(w.Target), w.Target.Port, state))
	}
	for i := range o.Files {
		f := &o.Files[i]
		switch {
		case f.Role == Profile && !f.Loaded:
		case f.Loaded && f.Bad != "":
			facts = append(facts, f.Name+": "+f.Bad)
		case f.Loaded:
			facts = append(facts, fmt.Sprintf("%s: %d bytes", f.Name, f.Bytes))
		case f.Missing:
			facts = append(facts, f.Name+" not found")
		default:
			facts = append(facts, f.Name+": "+f.answer())
		}
	}
	return fmt.Sprintf("%s (%s)", strings.Join(facts, ", "), o.Phases.Total())
}

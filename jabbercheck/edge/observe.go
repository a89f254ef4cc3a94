package edge

import (
	"fmt"
	"strings"
	"time"

	"cupclint/dnscheck"
	"cupclint/internal/area"
	"cupclint/internal/live"
	"cupclint/internal/probe"
)

// The records of service discovery, in the order in which Jabber uses them (Cisco Jabber DNS Configuration Guide 9.7).
const (
	udsRecord   = "_cisco-uds._tcp."
	loginRecord = "_cuplogin._tcp."
	edgeRecord  = "_collab-edge._tls."
)

// The ports of an Expressway-E that Jabber contacts (Cisco Expressway IP Port Usage Configuration Guide, MRA connections).
const (
	portHTTPS = 8443
	portXMPP  = 5222
	portSIP   = 5061
)

// A Request is one domain of service discovery.
type Request struct {
	Domain string
	Place  live.Place
}

// An Observation has the results for one domain.
type Observation struct {
	Domain string     `json:"domain"`
	Place  live.Place `json:"place"`
	At     time.Time  `json:"at"`
	// Views are the views that were asked: inside, then outside.
	Views []View `json:"views"`
	// Targets are the hosts that the record outside names.
	Targets []Target `json:"targets,omitempty"`
	// More counts targets beyond those that were contacted.
	More int `json:"moreTargets,omitempty"`
	// Incomplete says why the probe was not finished, for reasons on this side.
	Incomplete string `json:"incomplete,omitempty"`
}

// A View is what the resolvers of one view say.
type View struct {
	// View is inside or outside. Concluded says that the user did not say which: it was concluded from the records.
	View      dnscheck.View `json:"view"`
	Concluded bool          `json:"concluded,omitempty"`
	// Shared says that the DNS rules ask the same resolvers, and judge the targets.
	Shared    bool     `json:"shared,omitempty"`
	Resolvers []string `json:"resolvers"`
	UDS       Record   `json:"ciscoUDS"`
	Login     Record   `json:"cuplogin"`
	Edge      Record   `json:"collabEdge"`
}

// A Record is one SRV record as a view has it.
type Record struct {
	Name string `json:"name"`
	// Found says that it exists, Absent that it does not. If neither is true, the resolvers failed, and Failure says how.
	Found   bool   `json:"found,omitempty"`
	Absent  bool   `json:"absent,omitempty"`
	Failure string `json:"failure,omitempty"`
	// Lines are the answers, in the form of a zone file.
	Lines []string `json:"answers,omitempty"`
}

// A Target is one host that the record names.
type Target struct {
	Host string `json:"host"` // without the root dot
	Port int    `json:"port"`
	// Fault says what is wrong with the name. Then nothing was contacted, unless the fault is an alias or a name that is not an FQDN.
	Fault Fault `json:"fault,omitempty"`
	// Detail is the target of the alias, or how the look-up failed.
	Detail string   `json:"detail,omitempty"`
	Lines  []string `json:"answers,omitempty"`
	// HTTPS, XMPP and SIP are the three ports; nil if they were not contacted.
	HTTPS *probe.Observation `json:"https,omitempty"`
	XMPP  *probe.Observation `json:"xmpp,omitempty"`
	SIP   *probe.Observation `json:"sip,omitempty"`
}

// A Fault is what is wrong with the name of a target.
type Fault string

// The faults of targets.
const (
	NotOffered Fault = "not-offered" // "." (RFC 2782)
	IsAddress  Fault = "address"
	NotFQDN    Fault = "not-fqdn"
	IsAlias    Fault = "alias"
	NoName     Fault = "nxdomain"
	NoAddress  Fault = "no-address"
	NoAnswer   Fault = "no-answer" // the resolvers failed
)

// view finds a view; nil if it was not asked.
func (o *Observation) view(v dnscheck.View) *View {
	for i := range o.Views {
		if o.Views[i].View == v {
			return &o.Views[i]
		}
	}
	return nil
}

// ServerName is the record that is looked for.
func (o *Observation) ServerName() string { return probe.Clean(edgeRecord + o.Domain) }

// Summary says in a few words what was seen, and as which view it is judged.
func (o *Observation) Summary() string {
	var parts []string
	for i := range o.Views {
		parts = append(parts, o.Views[i].summary(len(o.Views) == 1))
	}
	reached := 0
	for i := range o.Targets {
		if t := &o.Targets[i]; t.HTTPS != nil && t.HTTPS.Error == nil {
			reached++
		}
	}
	if n := len(o.Targets); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d targets reached", reached, n))
	}
	return strings.Join(parts, "; ")
}

// summary says which records a view has. alone says that it is the only one, so that the text must say how it was chosen.
func (v *View) summary(alone bool) string {
	var has []string
	for _, r := range []*Record{&v.UDS, &v.Login, &v.Edge} {
		short, _, _ := strings.Cut(r.Name, ".")
		switch {
		case r.Found:
			has = append(has, short)
		case !r.Absent:
			has = append(has, short+" unknown ("+r.Failure+")")
		}
	}
	text := string(v.View) + ": "
	if alone {
		text = "judged as the view " + text
		if v.Concluded {
			text = strings.TrimSuffix(text, ": ") + " (concluded from the records; --view sets it): "
		}
	}
	if len(has) == 0 {
		return text + "no record"
	}
	return text + strings.Join(has, ", ")
}

// Seen implements area.Observation: the records are one target, and every port that was contacted is one.
func (o *Observation) Seen() []area.Seen {
	s := area.Seen{Target: o.ServerName(), Summary: o.Summary(), Incomplete: o.Incomplete, Keys: []string{o.Place.Key},
		Place: o.Place, Looked: o.Incomplete == ""}
	if v := o.view(dnscheck.ViewOutside); v == nil {
		s.Looked = false
	}
	out := []area.Seen{s}
	for i := range o.Targets {
		for _, p := range o.Targets[i].ports() {
			summary := "reached"
			switch {
			case p.seen.Error != nil:
				summary = p.seen.Error.Error()
			case p.seen.TLS != nil:
				summary = "reached, " + p.seen.TLS.Version
			}
			out = append(out, area.SeenServer(p.seen, o.Place, p.name+" "+summary, cancelled(p.seen))...)
		}
	}
	return out
}

func cancelled(o *probe.Observation) string {
	if o.Error != nil && o.Error.Class == probe.Cancelled {
		return "the run was cancelled"
	}
	return ""
}

// A port is one port that was contacted.
type port struct {
	name string
	seen *probe.Observation
}

func (t *Target) ports() []port {
	var out []port
	for _, p := range []port{{"HTTPS", t.HTTPS}, {"XMPP", t.XMPP}, {"SIP over TLS", t.SIP}} {
		if p.seen != nil {
			out = append(out, p)
		}
	}
	return out
}

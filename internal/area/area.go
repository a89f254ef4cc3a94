// Package area is the one interface of everything that an audit can contact: names in DNS, directories, mail stores, calendar gateways,
// presence servers, CTIManagers. An area names its rules, gathers from exports what must be contacted, probes one target, and judges
// what was observed. The plan, the live view, the report, a saved case and diagnose know areas only through this package; the list of
// all areas is in internal/catalogue.
//
// An area of servers is a Service: a few functions over its own types of request and observation. A probe observes and never judges or
// prints; a judgement never opens a socket.
package area

import (
	"context"
	"encoding/json"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/lint"
	"cupclint/resolve"
)

// An Area is one part of a deployment that can be contacted.
type Area interface {
	Info() Info
	// NewGatherer makes an empty collection of what exports call for. One collection serves one goroutine.
	NewGatherer() Gatherer
	// Judge turns what was observed into findings. The observations are those of this area.
	Judge(seen []Observation, known Known) []lint.Finding
	// Encode adds the observations to the fields of a saved case, Decode reads them again. An error names the field.
	Encode(seen []Observation, into map[string]any)
	Decode(from map[string]json.RawMessage) ([]Observation, error)
}

// A Weigher is an Area that has a say in static findings: DNS confirms or contradicts what rules say about a presence address.
type Weigher interface {
	// Weigh changes severity and evidence of static findings.
	Weigh(static []lint.Finding, seen []Observation)
}

// Info describes an area.
type Info struct {
	// Name is what plans, reports and cases call the area; Command is the command that probes it alone. Both select it.
	Name, Command string
	// Generation is that of the clients that use the area; empty where both do.
	Generation resolve.Generation
	// Rules are its live rules; each live rule of the catalogue belongs to one area. An area is probed only if at least one of them is on.
	Rules []*lint.Rule
	// Shared are further rules that its findings may carry and another area lists.
	Shared []*lint.Rule
	// Unreachable is the rule that finds a target unreachable, or nil. Its finding is left out where DNS says that the name does not exist.
	Unreachable *lint.Rule
	// Link is how the report draws the connection.
	Link Link
	// Facts is a table of what two cases are compared by, in addition to what all servers have: see FactSpec. It may be empty.
	Facts string
	// Note, if set, is what the plan adds when the area logs in.
	Note string
	// Host is the key whose value names a server, or a name, to the area: a probe without an export sets it. Empty for none; such a probe
	// has to set the keys itself.
	Host string
	// Ports are those of the service; nil where a probe cannot choose a port.
	Ports *Ports
	// Metrics are what Measures of its observations give.
	Metrics []*Metric
}

// A Link is a connection in the report's picture.
type Link struct {
	// Order is the place from the top.
	Order int
	// Name is the service at the far end, Protocol what is spoken.
	Name, Protocol string
	// From names areas, separated by blanks: the connection starts at the box of the one that is drawn right before it. Empty for the client.
	From string
	// Keys are beginnings of keys whose findings belong to the connection, Areas the areas of rules.
	Keys, Areas []string
}

// A Gatherer collects what exports call for.
type Gatherer interface {
	// Add takes what one export calls for and copies it.
	Add(in *lint.Input)
	// Merge takes over what another collection of the same area holds.
	Merge(other Gatherer)
	// Tasks lists every target once, in the order of the exports, however they were spread over collections.
	Tasks() []Task
	// Covered is where exports name targets that Tasks leaves out, because a secret inside the name is covered. Tasks comes before it.
	Covered() []live.Place
	// Known is what the exports say that no server tells.
	Known() Known
}

// Known is what no server tells and a judgement needs.
type Known struct {
	// Clients share the directory account, and each tries again after RetryInterval; zero when the exports do not say.
	Clients       int
	RetryInterval time.Duration
	// Soon is the time before an expiry in which it is reported; zero means that of the area.
	Soon time.Duration
	// CertificateSoon is the time before the expiry of a certificate in which it is reported; zero means the default, negative never.
	CertificateSoon time.Duration
	// Local are Jabber's configuration files among the exports: what servers give is compared with them.
	Local []LocalFile
}

// A LocalFile is a configuration file of Jabber in the repository, without its secrets.
type LocalFile struct {
	File string `json:"file"`
	// Modified is the time of the file on this computer; zero where it has none.
	Modified time.Time `json:"modified,omitzero"`
	Settings []Setting `json:"settings,omitempty"`
}

// A Setting is one of a LocalFile; the value of a secret is masked.
type Setting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	Line  int    `json:"line,omitempty"`
}

// Merge keeps what makes a lock-out most likely: the most clients, the shortest interval.
func (k Known) Merge(o Known) Known {
	k.Clients = max(k.Clients, o.Clients)
	if o.RetryInterval > 0 && (k.RetryInterval == 0 || o.RetryInterval < k.RetryInterval) {
		k.RetryInterval = o.RetryInterval
	}
	k.Soon = max(k.Soon, o.Soon)
	k.Local = append(k.Local[:len(k.Local):len(k.Local)], o.Local...)
	return k
}

// A Task is one target to contact.
type Task interface {
	// Row describes the target for the plan and the live view.
	Row() Row
	// Login is the account of the target. Its fields point into the task; they are nil where no log-in is ever made.
	Login() Login
	// Outside takes the log-in out of the task: the target is only looked at.
	Outside()
	// Probe contacts the target. It returns what was seen, whatever failed.
	Probe(ctx context.Context, t Tools) Observation
}

// A Login is who would log in, and with which password.
type Login struct {
	User   *string
	Secret *loginbudget.Secret
	// Scope tells accounts of one name apart: the enterprise directory's, Unity Connection's, digest credentials.
	Scope string
	// Anonymous says that the target is used without a log-in.
	Anonymous bool
	// Auditor, where the area has one, is an account that reads the lock-out policy and the state of User. With OnlyAudit set, User does not
	// log in.
	Auditor       *string
	AuditorSecret *loginbudget.Secret
	OnlyAudit     *bool
}

// Tools are what all probes of a run share.
type Tools struct {
	Prober *probe.Prober
	Budget *loginbudget.Budget
	// AssumePolicy, when Known, is the lock-out policy the user vouches for.
	AssumePolicy loginbudget.Policy
	// TrustAnyCertificate lets passwords be sent to a server whose certificate does not verify.
	TrustAnyCertificate bool
	// OldTLS accepts a server that speaks nothing newer than TLS 1.1.
	OldTLS bool
	// Hold is how long a connection must stay open where nothing else can be asked; zero means one second.
	Hold time.Duration
	// WebProxy, if set, names the web proxy that this computer's environment sets for a URL, without an account; empty for none. No probe
	// uses it.
	WebProxy func(url string) string
	// Progress, if set, gets how far a probe of many names is. It may be called from many goroutines.
	Progress func(done, total int)
}

// An Observation is what one probe saw, as plain data without secrets: its JSON form can be kept and judged again.
type Observation interface {
	// Seen says of every target what came of it.
	Seen() []Seen
}

// Troubled is an Observation that has something to say beyond its targets: what kept probes from being made.
type Troubled interface{ Trouble() []string }

// Summarized is an Observation of many targets that sums them up in a line.
type Summarized interface{ Summary() string }

// Seen is what came of one target.
type Seen struct {
	// Target is what was contacted as the configuration names it: host and port, or the name asked for.
	Target string
	// Summary is the result in a line; Incomplete says why the probe was not carried out to its end, empty if it was.
	Summary, Incomplete string
	// Phases are the steps that were begun.
	Phases []Phase
	// Keys are those of the settings that name the target.
	Keys []string
	// Looked says that the probe came to its end, so that a rule without a finding is known not to apply.
	Looked bool
	// Unasked are rules of the area that this probe did not look for all the same: without a log-in nothing is known of the password.
	Unasked []*lint.Rule
	// NotAfter is the end of the first certificate of the chain that ends; zero where none was shown.
	NotAfter time.Time
	// Blind are the accounts that logged in although neither the lock-out threshold nor the count of failures was known.
	Blind []string
	// Absent is a name that DNS was asked for and that has no address.
	Absent string
	// Unresolved is the name whose look-up ended the probe, Place the setting that has it.
	Unresolved string
	Place      live.Place
}

// A Phase is one step of a probe.
type Phase struct {
	Name  string
	Took  probe.Duration
	Error string
}

// SeenServer describes the probe of one server.
func SeenServer(o *probe.Observation, place live.Place, summary, incomplete string) []Seen {
	s := Seen{
		Target: probe.Clean(o.Target.String()), Summary: summary, Incomplete: incomplete, Keys: []string{place.Key},
		Looked: o.Error == nil && incomplete == "", Place: place,
	}
	if o.TLS != nil {
		for i := range o.TLS.Chain {
			if end := o.TLS.Chain[i].NotAfter; !end.IsZero() && (s.NotAfter.IsZero() || end.Before(s.NotAfter)) {
				s.NotAfter = end
			}
		}
	}
	order := []struct {
		phase probe.Phase
		took  probe.Duration
	}{{probe.DNS, o.Phases.DNS}, {probe.Connect, o.Phases.Connect}, {probe.TLS, o.Phases.TLS}, {probe.Protocol, o.Phases.Protocol},
		{probe.Auth, o.Phases.Auth}}
	for _, ph := range order {
		failed := o.Error != nil && o.Error.Phase == ph.phase
		if ph.took == 0 && !failed {
			continue
		}
		phase := Phase{Name: string(ph.phase), Took: ph.took}
		if failed {
			phase.Error = o.Error.Error()
		}
		s.Phases = append(s.Phases, phase)
	}
	if o.Error != nil && o.Error.Phase == probe.DNS {
		s.Unresolved = o.Target.Host
	}
	return []Seen{s}
}

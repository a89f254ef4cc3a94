package rules

import (
	_ "embed"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/export/appliance"
	"cupclint/internal/lazy"
	"cupclint/internal/nearest"
	"cupclint/lint"
)

func svc() []*lint.Rule {
	return []*lint.Rule{
		printed("SVC001", neededServiceDown),
		printed("SVC002", serviceFailed),
		printed("SVC003", servicesStuck),
		printed("SVC004", serviceOrder),
		printed("SVC005", axlOff),
		printed("SVC006", serviceUnknown),
	}
}

// A serviceRow is one line of a service list.
type serviceRow struct {
	record
	name, state, reason string
	place               *lint.Fact
}

func (s *serviceRow) started() bool { return s.state == "STARTED" }

// services lists the services of the last list of a node.
func (n *node) services() []serviceRow {
	o := n.last(appliance.Service)
	if o == nil {
		return nil
	}
	var out []serviceRow
	for r, state := range o.all(appliance.Service) {
		out = append(out, serviceRow{
			record: r, name: serviceName(r.text(appliance.ServiceName)), state: strings.ReplaceAll(strings.ToUpper(state.Value), " ", ""),
			reason: r.text(appliance.ServiceReason), place: state,
		})
	}
	return out
}

// serviceName writes the names of releases up to 8.x as those of later ones: without UP.
func serviceName(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	if rest, ok := strings.CutPrefix(name, "Cisco UP "); ok {
		name = "Cisco " + rest
	}
	return name
}

func (n *node) service(name string) *serviceRow {
	for _, s := range n.services() {
		if strings.EqualFold(s.name, name) {
			return &s
		}
	}
	return nil
}

// productOf knows the product by the name of a service that only this product has.
func productOf(service string) string {
	service = serviceName(service)
	switch {
	case strings.HasPrefix(service, "Cisco XCP "), slices.Contains([]string{"Cisco Presence Engine", "Cisco SIP Proxy", "Cisco Sync Agent",
		"Cisco Client Profile Agent", "Cisco Login Datastore"}, service):
		return "cups"
	case slices.Contains([]string{"Cisco CallManager", "Cisco CTIManager", "Cisco Tftp", "Cisco DirSync", "Cisco AXL Web Service"}, service):
		return "callmanager"
	case slices.Contains([]string{"Cisco Emergency Responder", "CER Provider", "Cisco Phone Tracking Engine"}, service):
		return "cer"
	case strings.HasPrefix(service, "Connection "):
		return "connection"
	}
	return ""
}

//go:embed needs.tsv
var needsTable string

// A need is a row of needs.tsv: services that a setting of a client depends on.
type need struct {
	keys     []export.KeyID
	services []string
	// sip and xmpp say for which generations of clients the need is.
	sip, xmpp bool
	what      string
	severity  lint.Severity
}

// clientNeeds reads the table when a rule first asks. A test proves that it can be read.
var clientNeeds = lazy.Value[[]need]{New: func() []need {
	var out []need
	header := true
	for line := range strings.Lines(needsTable) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if header {
			header = false
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) != 7 {
			panic("needs.tsv: a row without its seven columns: " + line)
		}
		n := need{what: columns[0], sip: columns[2] != "xmpp", xmpp: columns[2] != "sip", services: strings.Split(columns[3], ";")}
		for name := range strings.FieldsSeq(columns[4]) {
			key, _, ok := export.Lookup(name)
			if !ok {
				panic("needs.tsv: unknown key " + name)
			}
			n.keys = append(n.keys, key)
		}
		severity, err := lint.ParseSeverity(columns[5])
		if err != nil {
			panic("needs.tsv: " + err.Error())
		}
		n.severity = severity
		out = append(out, n)
	}
	return out
}}

func neededServiceDown(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	seen := map[*lint.Fact]bool{}
	for _, m := range e.clients {
		for _, want := range clientNeeds.Get() {
			if m.SIP && !want.sip || !m.SIP && !want.xmpp {
				continue
			}
			for host := range m.All(want.keys...) {
				n := e.node(host.Value)
				if n == nil || e.stuck(n) != nil {
					continue
				}
				for _, name := range want.services {
					s := n.service(name)
					if s == nil || s.started() || s.state == "NOTRUNNING" || seen[s.place] {
						continue
					}
					if m.SIP && n.xmpp() && name == "Cisco Login Datastore" {
						continue
					}
					seen[s.place] = true
					f := d.At(s.place, "%s does not run on node %s. Clients that have it as %s lose %s", s.name, n.name, host.Place.Key, want.what)
					f.Related = []lint.Related{host.Related("%s is %s", host.Place.Key, host.Value)}
					if s.reason != "" {
						f.Evidence = []string{s.reason}
					}
					f.Fix = "Activate and start the service in Serviceability of the node (Tools > Service Activation, Control Center)."
					f.Severity = want.severity
					if backup := e.backup(m, want, host, name); backup != "" {
						f.Severity = min(f.Severity, lint.Warning)
						f.Message += ". The backup " + backup + " runs it"
					}
					findings = append(findings, f)
				}
			}
		}
	}
	return findings
}

func (n *node) xmpp() bool { return n.service("Cisco XCP Router") != nil }

// backup names another node of the client's settings that runs the service.
func (e *evidence) backup(m *lint.Member, want need, down *lint.Fact, service string) string {
	for host := range m.All(want.keys...) {
		if host == down {
			continue
		}
		if n := e.node(host.Value); n != nil {
			if s := n.service(service); s != nil && s.started() {
				return n.name
			}
		}
	}
	return ""
}

func serviceFailed(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		var failed []serviceRow
		for _, s := range n.services() {
			if s.state == "NOTRUNNING" {
				failed = append(failed, s)
			}
		}
		for _, s := range failed {
			f := d.At(s.place, "%s on node %s was started but failed", s.name, n.name)
			f.Fix = "Look for the cause in the log of the service, then start it (utils service start " + s.name + ")."
			if len(failed) == 1 && s.name == "Cisco Presence Engine" {
				f.Fix = "First check that the node is in a presence redundancy group (Unified CM Administration > System > Presence Redundancy " +
					"Groups). Presence Datastore, SIP Proxy, XCP Router and Sync Agent must then run."
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// manyStarting is how many services in STARTING are more than a single one that is slow.
const manyStarting = 4

// stuck returns the services of a node that do not come out of STARTING, or nil.
func (e *evidence) stuck(n *node) []serviceRow {
	var out []serviceRow
	for _, s := range n.services() {
		if s.state == "STARTING" {
			out = append(out, s)
		}
	}
	if len(out) < manyStarting {
		return nil
	}
	return out
}

func servicesStuck(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		stuck := e.stuck(n)
		if stuck == nil {
			continue
		}
		f := d.At(stuck[0].place, "%d services of node %s stay in STARTING", len(stuck), n.name)
		for _, s := range stuck[1:] {
			f.Related = append(f.Related, s.place.Related("%s is STARTING", s.name))
		}
		f.Fix = "High availability of the presence redundancy group was not switched off before the restart, or the replication is bad. First " +
			"check utils dbreplication runtimestate. Then switch off high availability, restart the node, and switch it on again."
		bad := false
		for other, o := range e.views {
			if e.apart(n, other) {
				continue
			}
			for _, r := range badRows(o) {
				bad = true
				f.Related = append(f.Related, r.get(appliance.ReplicationState).Related("the replication of %s is in state (%s)",
					r.text(appliance.ReplicationServer), r.text(appliance.ReplicationState)))
			}
		}
		if cause := e.withoutTime(n); cause != nil {
			f.Related = append(f.Related, cause.place().Related("node %s is not synchronised", cause.node.name))
		}
		if bad { // the replication is the cause, and has a finding of its own
			f.Severity = lint.Info
			f.Message += ". They wait for the replication, which is bad. First correct the replication"
			f.Fix = "Correct the replication. When it is in state (2) on all nodes, the services start. If not, switch off high availability and " +
				"restart the node."
		}
		findings = append(findings, f)
	}
	return findings
}

func serviceOrder(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		router := n.service("Cisco XCP Router")
		if router == nil || !router.started() {
			continue
		}
		var down []serviceRow
		for _, s := range n.services() {
			if strings.HasPrefix(s.name, "Cisco XCP ") && s.state == "STOPPED" && !strings.EqualFold(s.reason, "Service Not Activated") {
				down = append(down, s)
			}
		}
		if len(down) == 0 {
			continue
		}
		names := make([]string, len(down))
		for i, s := range down {
			names[i] = s.name
		}
		f := d.At(down[0].place, "the XCP Router runs on node %s, but services that stop with it do not: %s", n.name, shortList(names))
		for _, s := range down[1:] {
			f.Related = append(f.Related, s.place.Related("%s is stopped: %s", s.name, s.reason))
		}
		f.Fix = "Start each of them (utils service start NAME). They do not start when the XCP Router is started, only when it is restarted."
		findings = append(findings, f)
	}
	return findings
}

func axlOff(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		axl := n.service("Cisco AXL Web Service")
		if axl == nil || axl.started() || n.product() != "callmanager" || n.dependent() {
			continue
		}
		agent := e.syncAgentOf(n)
		if agent == nil {
			continue
		}
		f := d.At(axl.place, "Cisco AXL Web Service does not run on %s. The Sync Agent of %s gets no users and contacts from there", n.name,
			agent.name)
		f.Related = []lint.Related{agent.service("Cisco Sync Agent").place.Related("Cisco Sync Agent of %s", agent.name)}
		f.Fix = "Activate Cisco AXL Web Service on the publisher (Serviceability > Tools > Service Activation), then restart the Sync Agent."
		findings = append(findings, f)
	}
	return findings
}

// syncAgentOf is the presence node whose Sync Agent reads a call manager, or nil.
func (e *evidence) syncAgentOf(manager *node) *node {
	var agent *node
	for _, n := range e.nodes {
		s := n.service("Cisco Sync Agent")
		if s != nil && !strings.EqualFold(s.reason, "Service Not Activated") && !e.apart(n, manager) {
			agent = n
		}
	}
	return agent
}

func serviceUnknown(e *evidence, d *lint.Deployment) []lint.Finding {
	known := appliance.ServiceNames()
	var findings []lint.Finding
	for _, n := range e.nodes {
		for _, s := range n.services() {
			if slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, s.name) }) {
				continue
			}
			near := nearest.Word(s.name, known)
			if near == "" {
				continue // a service of a release that cupclint has no list of
			}
			f := d.At(s.place, "cupclint does not know a service %q. Did you mean %s?", s.name, near)
			f.Fix = "Check the name in the script or list where it is written."
			findings = append(findings, f)
		}
	}
	return findings
}

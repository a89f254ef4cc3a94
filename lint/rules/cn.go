package rules

import (
	"fmt"
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/export/appliance"
	"cupclint/lint"
)

func changes() []*lint.Rule {
	return []*lint.Rule{
		printed("CN001", changeWaiting),
		printed("CN002", changeBlocked),
		printed("CN003", syncAgentMissing),
	}
}

// A queue is a row of "show tech notify".
type queue struct {
	record
	place     *lint.Fact
	client    string
	waiting   int // changes in shared memory, or between head and tail
	processed int
	row       string
}

func queues(o *output) []queue {
	var out []queue
	for r, client := range o.all(appliance.NotifyClient) {
		number := func(f appliance.Field) int {
			n, _ := strconv.Atoi(r.text(f))
			return n
		}
		q := queue{record: r, place: client, client: client.Value, processed: number(appliance.NotifyProcessed)}
		behind := number(appliance.NotifyTail) - number(appliance.NotifyHead)
		q.waiting = max(number(appliance.NotifyWaiting), behind, -behind)
		q.row = fmt.Sprintf("I %s P %s H %s T %s", r.text(appliance.NotifyWaiting), r.text(appliance.NotifyProcessed),
			r.text(appliance.NotifyHead), r.text(appliance.NotifyTail))
		out = append(out, q)
	}
	return out
}

// A queuePair is the last output of a node, and the one before it where there is one.
type queuePair struct {
	node         *node
	last, before []queue
}

// earlier returns the row of the same client in the output before, or nil.
func (p *queuePair) earlier(q queue) *queue {
	for i := range p.before {
		if p.before[i].client == q.client {
			return &p.before[i]
		}
	}
	return nil
}

// state says what became of a client's queue.
func (p *queuePair) state(q queue) (waiting, blocked bool) {
	if q.waiting == 0 {
		return false, false
	}
	old := p.earlier(q)
	switch {
	case old == nil || old.waiting == 0 || q.processed < old.processed: // seen once, or the client started anew
		return true, false
	case q.processed > old.processed:
		return q.waiting > old.waiting, false // at work; it is a problem only if the queue grows
	}
	return true, q.waiting >= old.waiting
}

// notifications lists the outputs of "show tech notify" by node. Two files that do not name their node belong to one node if they list
// the same clients on the same ports.
func (e *evidence) notifications() []queuePair {
	var pairs []queuePair
	for _, n := range e.nodes {
		all := n.with(appliance.NotifyClient)
		if len(all) == 0 {
			continue
		}
		p := queuePair{node: n, last: queues(all[len(all)-1])}
		if len(all) > 1 {
			p.before = queues(all[len(all)-2])
		}
		if k := len(pairs) - 1; k >= 0 && len(all) == 1 && all[0].guessed && n.row == nil && pairs[k].node.row == nil &&
			sameClients(pairs[k].last, p.last) {
			pairs[k].before, pairs[k].last = pairs[k].last, p.last
			continue
		}
		pairs = append(pairs, p)
	}
	for i := range pairs {
		pairs[i].order()
	}
	return pairs
}

// order puts the older of two outputs first if they are in two files: file names do not give the time, but the counters only grow.
func (p *queuePair) order() {
	if len(p.last) == 0 || len(p.before) == 0 || p.last[0].place.Place.File == p.before[0].place.Place.File {
		return
	}
	sum := func(all []queue) (n int) {
		for _, q := range all {
			n += q.processed + q.waiting
		}
		return n
	}
	if sum(p.before) > sum(p.last) {
		p.before, p.last = p.last, p.before
	}
}

func sameClients(a, b []queue) bool {
	if len(a) != len(b) {
		return false
	}
	ports := false
	for i := range a {
		if a[i].client != b[i].client {
			return false
		}
		ports = ports || strings.Contains(a[i].client, "]:")
	}
	return ports
}

// changesWait is the begin of a sentence about a queue.
func changesWait(n int) string {
	if n == 1 {
		return "1 change waits"
	}
	return fmt.Sprintf("%d changes wait", n)
}

func isSyncAgent(client string) bool { return strings.Contains(strings.ToLower(client), "syncagent") }

func changeWaiting(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, p := range e.notifications() {
		for _, q := range p.last {
			waiting, blocked := p.state(q)
			if !waiting || blocked {
				continue
			}
			f := d.At(q.place, "%s for %s on node %s. It does not have the latest changes of the call manager yet", changesWait(q.waiting),
				q.client, p.node.name)
			f.Evidence = []string{q.row}
			if old := p.earlier(q); old != nil {
				f.Evidence = append(f.Evidence, "the output before: "+old.row)
			}
			f.Fix = "Run show tech notify again after ten minutes. If P has not changed and the queue is not shorter, the client is blocked. If " +
				"the queue changes, the client is only busy."
			findings = append(findings, f)
		}
	}
	return findings
}

func changeBlocked(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, p := range e.notifications() {
		for _, q := range p.last {
			if _, blocked := p.state(q); !blocked {
				continue
			}
			old := p.earlier(q)
			f := d.At(q.place, "%s processes no changes: %d waited, now %d wait, and P stays at %d. It does not get the changes of the call manager",
				q.client, old.waiting, q.waiting, q.processed)
			f.Related = []lint.Related{old.place.Related("the output before: %s", old.row)}
			f.Evidence = []string{q.row}
			f.Fix = "Restart the client of the queue. A client that was blocked for 10 minutes is disconnected, and then only a restart of the " +
				"server helps."
			if isSyncAgent(q.client) {
				f.Fix = "Restart the Sync Agent of the presence server. It then makes a full synchronisation without the queue. If the queue grows " +
					"again, check the trust between the clusters (host name in the publisher's server list, security password). A client that was " +
					"blocked for 10 minutes is disconnected, and then only a restart of the server helps."
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// presenceServer returns the name of a presence server of the deployment and the fact that shows it, or nil. A table of nodes without one
// counts more than the settings of clients.
func (e *evidence) presenceServer(d *lint.Deployment, asked *node) (name string, place *lint.Fact) {
	for _, r := range e.rows {
		if r.product == "cups" && !e.apart(asked, &node{row: r}) {
			return r.host, r.get(appliance.MemberHost)
		}
	}
	for _, n := range e.nodes {
		if n != asked && n.product() == "cups" && !e.apart(asked, n) {
			return n.name, n.outputs[0].fact
		}
	}
	for m, f := range d.Facts(export.ClusterNodeRole) {
		if !strings.EqualFold(f.Value, "cups") {
			continue
		}
		if name := m.Get(export.ClusterNodeName, f.N); name != nil {
			return name.Value, name
		}
		return f.Value, f
	}
	if len(e.rows) > 0 {
		return "", nil
	}
	for _, m := range e.clients {
		for f := range m.All(export.PresencePrimaryAddress, export.JabberPresencePresenceServerAddress, export.JabberBootstrapCupAddress) {
			return f.Value, f
		}
	}
	return "", nil
}

func syncAgentMissing(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, p := range e.notifications() {
		if p.node.dependent() || p.node.product() == "cups" {
			continue
		}
		name, presence := e.presenceServer(d, p.node)
		if presence == nil {
			continue
		}
		found := false
		for _, q := range p.last {
			found = found || isSyncAgent(q.client)
		}
		if found {
			continue
		}
		f := d.At(p.last[len(p.last)-1].place,
			"the Sync Agent of the presence server is not a client of the change notification on node %s. The presence server does not get the "+
				"changes of the call manager", p.node.name)
		f.Related = []lint.Related{presence.Related("there is a presence server: %s", name)}
		f.Fix = "Check on the presence server that the Cisco Sync Agent is started. Check on the call manager publisher that the Cisco AXL Web " +
			"Service is started. Then restart the Sync Agent: it subscribes again and makes a full synchronisation."
		findings = append(findings, f)
	}
	return findings
}

package rules

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cupclint/export/appliance"
	"cupclint/lint"
)

func repl() []*lint.Rule {
	return []*lint.Rule{
		printed("REPL001", replicationState),
		printed("REPL002", replicationUnreachable),
		printed("REPL003", replicationQueue),
		printed("REPL004", replicationMismatch),
		printed("REPL005", replicationStale),
		printed("REPL006", replicationMissing),
		printed("REPL007", replicationTime),
	}
}

// views yields the last view of each node.
func (e *evidence) views(yield func(*node, *output) bool) {
	for _, n := range e.nodes {
		if o := n.last(appliance.ReplicationServer); o != nil && !yield(n, o) {
			return
		}
	}
}

// replicationMeaning says what a state that is not 2 means.
func replicationMeaning(state string) string {
	switch state {
	case "0":
		return "not started"
	case "1":
		return "the number of replicates is wrong"
	case "3":
		return "bad in the cluster"
	case "4":
		return "the setup did not succeed"
	case "-":
		return "unknown"
	}
	return ""
}

// badRows yields the rows of a view whose state is not 2.
func badRows(o *output) []record {
	var out []record
	for r := range o.all(appliance.ReplicationState) {
		if r.text(appliance.ReplicationState) != "2" {
			out = append(out, r)
		}
	}
	return out
}

// withoutTime returns the state of the time of a node's publisher where that is bad, and so the cause of bad replication.
func (e *evidence) withoutTime(n *node) *ntpState {
	for _, s := range e.states() {
		if !s.synchronised() && !s.node.dependent() && !e.apart(s.node, n) {
			return s
		}
	}
	return nil
}

func replicationState(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for n, o := range e.views {
		if e.withoutTime(n) != nil {
			continue // REPL007 reports the cause
		}
		for _, r := range badRows(o) {
			state := r.get(appliance.ReplicationState)
			f := d.At(state, "the replication of %s is in state (%s): %s. Only (2) is good", r.text(appliance.ReplicationServer), state.Value,
				replicationMeaning(state.Value))
			if state.Value == "0" && resetRuns(o, r) {
				f.Severity = lint.Warning
				f.Message += ". This is normal for some minutes after a reset"
			}
			if details := r.text(appliance.ReplicationDetails); details != "" {
				f.Evidence = []string{details}
			}
			if len(findings) == 0 {
				f.Related = e.waiting(nil)
			}
			f.Fix = "First check time, utils network connectivity in both directions, show network cluster and the database services. Then run " +
				"utils dbreplication repair for mismatches, or utils dbreplication reset, and wait. After an upgrade this can take hours."
			findings = append(findings, f)
		}
	}
	return findings
}

// resetRuns reports whether a state of 0 is that of a setup that is still running.
func resetRuns(o *output, r record) bool {
	text := strings.ToLower(r.text(appliance.ReplicationDetails) + " " + o.text(appliance.ReplicationActivity))
	return strings.Contains(text, "progress") || strings.Contains(text, "reset") || strings.Contains(text, "initializ") ||
		strings.Contains(text, "initialis")
}

func replicationUnreachable(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, o := range e.views {
		for r, server := range o.all(appliance.ReplicationServer) {
			rpc, status := r.get(appliance.ReplicationRPC), r.get(appliance.ReplicationStatus)
			var place *lint.Fact
			var what string
			switch {
			case rpc != nil && strings.Contains(rpc.Value, "/") && strings.Contains(rpc.Value, "N"):
				parts := strings.Split(rpc.Value, "/")
				var down []string
				for i, name := range []string{"database", "RPC", "monitor (DbMon)"} {
					if i < len(parts) && parts[i] == "N" {
						down = append(down, name)
					}
				}
				place, what = rpc, strings.Join(down, ", ")
			case rpc != nil && strings.EqualFold(rpc.Value, "No"):
				place, what = rpc, "RPC"
			case status != nil && !strings.EqualFold(status.Value, "Connected") && !strings.EqualFold(status.Value, "Local"): // itself
				place, what = status, status.Value
			default:
				continue
			}
			f := d.At(place, "the replication cannot reach server %s: %s", server.Value, what)
			f.Fix = "Check that the server runs. Check utils network connectivity between the two, show network cluster on both, and the services " +
				"A Cisco DB, A Cisco DB Replicator and Cisco Database Layer Monitor."
			findings = append(findings, f)
		}
	}
	return findings
}

func queueOf(r record) int {
	n, err := strconv.Atoi(r.text(appliance.ReplicationQueue))
	if err != nil {
		return -1
	}
	return n
}

const longQueue = 1000 // own choice

func replicationQueue(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for n, o := range e.views {
		before := map[string]int{}
		if all := n.with(appliance.ReplicationServer); len(all) > 1 {
			for r, server := range all[len(all)-2].all(appliance.ReplicationServer) {
				before[server.Value] = queueOf(r)
			}
		}
		for r, server := range o.all(appliance.ReplicationServer) {
			queue := queueOf(r)
			old, seen := before[server.Value]
			grows := seen && queue > old && old > 0
			if queue <= 0 || r.text(appliance.ReplicationState) == "2" && !grows && queue <= longQueue {
				continue
			}
			if r.text(appliance.ReplicationState) != "2" && e.withoutTime(n) != nil {
				continue // REPL007 reports it
			}
			f := d.At(r.get(appliance.ReplicationQueue), "%s for server %s", changesWait(queue), server.Value)
			if grows {
				f.Message += fmt.Sprintf(", after %d in the output before", old)
			}
			f.Fix = "Check the state first: in state (2) a queue is normal. Take a second output after some minutes and compare."
			findings = append(findings, f)
		}
	}
	return findings
}

func replicationMismatch(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	const fix = "First correct time and connectivity. Then run utils dbreplication status again, and utils dbreplication repair for the " +
		"tables that it names."
	for _, o := range e.views {
		if result := o.first(appliance.ReplicationResult); result != nil {
			text := strings.ToLower(result.Value)
			if !strings.HasPrefix(text, "no ") && !strings.Contains(text, "no errors") {
				f := d.At(result, "the check of the tables found differences between the servers")
				f.Fix = fix
				findings = append(findings, f)
			}
		}
		for r, tables := range o.all(appliance.ReplicationTables) {
			if !strings.EqualFold(tables.Value, "match") {
				f := d.At(tables, "the tables of server %s do not match: %s", r.text(appliance.ReplicationServer), tables.Value)
				f.Fix = fix
				findings = append(findings, f)
			}
		}
	}
	return findings
}

const staleCheck = 7 * 24 * time.Hour

func replicationStale(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, o := range e.views {
		started := o.first(appliance.ReplicationStarted)
		if started == nil {
			continue
		}
		now, ok := serverTime(o.text(appliance.ReplicationTime))
		then, err := time.Parse("2006-01-02-15-04", started.Value)
		if err != nil && len(started.Value) > len(time.DateOnly) { // a terminal broke the line in the time of day
			then, err = time.Parse(time.DateOnly, started.Value[:len(time.DateOnly)])
		}
		if !ok || err != nil || now.Sub(then) < staleCheck {
			continue
		}
		f := d.At(started, "the result of the check of the tables is %d days old. It does not show the state of today",
			int(now.Sub(then).Hours()/24))
		f.Evidence = []string{"server time: " + o.text(appliance.ReplicationTime)}
		f.Fix = "Run utils dbreplication status, wait, and run utils dbreplication runtimestate again. The rows of the table are live."
		findings = append(findings, f)
	}
	return findings
}

// serverTime reads "Tue May 14 10:02:31 CDT 2019". The zone does not matter for days.
func serverTime(s string) (time.Time, bool) {
	w := strings.Fields(s)
	if len(w) == 6 {
		w = append(w[:4], w[5])
	}
	if len(w) != 5 {
		return time.Time{}, false
	}
	t, err := time.Parse("Jan 2 15:04:05 2006", strings.Join(w[1:], " "))
	return t, err == nil
}

// partOfView reports a view that has fewer rows than its head says: the copy ends too early, or a row is damaged.
func partOfView(n *node, o *output, d *lint.Deployment) (lint.Finding, bool) {
	head := o.first(appliance.ReplicationServers)
	shown := 0
	for r := range o.all(appliance.ReplicationServer) {
		if r.get(appliance.ReplicationState) != nil {
			shown++
		}
	}
	if of, err := strconv.Atoi(o.text(appliance.ReplicationServers)); err != nil || shown >= of {
		return lint.Finding{}, false
	}
	f := d.At(head, "only %d of the %s servers in the replication view of %s can be read. The others are not checked", shown, head.Value,
		n.name)
	f.Severity = lint.Info
	f.Fix = "Copy the whole output of utils dbreplication runtimestate."
	return f, true
}

func replicationMissing(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		o := n.last(appliance.ReplicationServer)
		if o == nil {
			o = n.last(appliance.ReplicationServers)
		}
		if o == nil {
			continue
		}
		if f, part := partOfView(n, o, d); part { // a node of the cluster may be one of the others
			findings = append(findings, f)
			continue
		}
		own := n.row
		if own == nil {
			for _, server := range o.all(appliance.ReplicationServer) {
				if own = e.called(server.Value); own != nil {
					break
				}
			}
		}
		if own == nil {
			continue
		}
		for _, row := range e.rows {
			if row.table != own.table || row.product != own.product {
				continue
			}
			found := false
			for r, server := range o.all(appliance.ReplicationServer) {
				found = found || row.is(server.Value) || row.address != "" && r.text(appliance.ReplicationAddress) == row.address
			}
			if found {
				continue
			}
			place := o.first(appliance.ReplicationView)
			if place == nil {
				place = o.first(appliance.ReplicationServer)
			}
			f := d.At(place, "node %s of the cluster is not in the replication of %s", row.host, own.host)
			f.Related = []lint.Related{row.get(appliance.MemberHost).Related("show network cluster lists %s", row.host)}
			f.Fix = "Check that the node runs and is authenticated, then run utils dbreplication reset for it."
			findings = append(findings, f)
		}
	}
	return findings
}

func replicationTime(e *evidence, d *lint.Deployment) []lint.Finding {
	var causes []*ntpState
	bad := map[*ntpState][]record{}
	names := map[*ntpState][]string{}
	for n, o := range e.views {
		cause, rows := e.withoutTime(n), badRows(o)
		if cause == nil || len(rows) == 0 {
			continue
		}
		if bad[cause] == nil {
			causes = append(causes, cause)
		}
		bad[cause], names[cause] = append(bad[cause], rows...), append(names[cause], n.name)
	}
	var findings []lint.Finding
	for _, cause := range causes {
		findings = append(findings, e.replicationWithoutTime(d, cause, bad[cause], names[cause]))
	}
	return findings
}

func (e *evidence) replicationWithoutTime(d *lint.Deployment, cause *ntpState, bad []record, names []string) lint.Finding {
	f := d.At(bad[0].get(appliance.ReplicationState), "the replication of %s is bad, and node %s has no time. First correct the time",
		shortList(names), cause.node.name)
	f.Related = []lint.Related{cause.place().Related("node %s is not synchronised", cause.node.name)}
	for _, r := range bad[1:] {
		state := r.get(appliance.ReplicationState)
		f.Related = append(f.Related, state.Related("%s is in state (%s)", r.text(appliance.ReplicationServer), state.Value))
	}
	for _, r := range bad {
		if queue := queueOf(r); queue > 0 {
			f.Evidence = append(f.Evidence, fmt.Sprintf("%s for server %s", changesWait(queue), r.text(appliance.ReplicationServer)))
		}
	}
	f.Related = append(f.Related, e.waiting(cause)...)
	f.Fix = "Correct the time sources of the publisher. When utils ntp status shows a * on all nodes, reset the replication (utils " +
		"dbreplication reset all)."
	return f
}

// waiting are the nodes whose services stay in STARTING because the replication is bad: those whose publisher has the bad time, or, if that
// is nil, those whose time is good.
func (e *evidence) waiting(cause *ntpState) []lint.Related {
	var out []lint.Related
	for _, n := range e.nodes {
		if stuck := e.stuck(n); stuck != nil && e.withoutTime(n) == cause {
			out = append(out, stuck[0].place.Related("%d services of node %s stay in STARTING", len(stuck), n.name))
		}
	}
	return out
}

package rules

import (
	"slices"
	"strings"

	"cupclint/export/appliance"
	"cupclint/lint"
)

func clu() []*lint.Rule {
	return []*lint.Rule{
		printed("CLU001", notAuthenticated),
		printed("CLU002", reverseDNS),
		printed("CLU003", diagnoseFailed),
		printed("CLU004", connectivityFailed),
		printed("CLU005", ungracefulShutdown),
		printed("CLU006", nameSpelledTwice),
	}
}

func notAuthenticated(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		o := n.last(appliance.MemberHost)
		if o == nil {
			continue
		}
		for r, host := range o.all(appliance.MemberHost) {
			words := r.text(appliance.MemberAuthenticated)
			if words == appliance.CutOff || strings.HasPrefix(strings.ToLower(words), "authenticated") {
				continue
			}
			f := d.At(host, "node %s is not authenticated in the cluster", host.Value)
			if words != "" {
				f.Evidence = []string{"show network cluster: " + words}
			}
			f.Fix = "Compare the security password of the node with that of the publisher (utils os secure, set password user security), and " +
				"check that the node is in System > Server of the publisher."
			findings = append(findings, f)
		}
	}
	return findings
}

func reverseDNS(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	const fix = "Check the DNS servers of the node (show network eth0), and create A and PTR records for all nodes of the cluster."
	for _, n := range e.nodes {
		for _, o := range n.outputs {
			for _, fact := range o.all(appliance.BannerDNS) {
				f := d.At(fact, "node %s warns at log-in that it cannot reach DNS", n.name)
				f.Fix = fix
				findings = append(findings, f)
			}
			for r, fact := range o.all(appliance.TestResult) {
				if dnsTest(fact.Value) {
					f := d.At(fact, "test %s on node %s failed: %s", r.text(appliance.TestName), n.name, fact.Value)
					f.Fix = fix
					findings = append(findings, f)
				}
			}
			for _, fact := range o.all(appliance.HostExternal) {
				if text := strings.ToLower(fact.Value); strings.Contains(text, "no external servers found") || strings.Contains(text, "not found") ||
					strings.Contains(text, "timed out") {
					f := d.At(fact, "no DNS server knows %s", orNode(o.text(appliance.HostQuery)))
					if strings.Contains(text, "timed out") { // then it is not known whether the record is there
						f.Message = "no DNS server answers the query for " + orNode(o.text(appliance.HostQuery))
					}
					f.Evidence = []string{fact.Value}
					if local := o.first(appliance.HostLocal); local != nil {
						f.Evidence = append(f.Evidence, "hosts file: "+local.Value)
					}
					f.Fix = fix
					findings = append(findings, f)
				}
			}
		}
	}
	return findings
}

func orNode(name string) string {
	if name == "" {
		return "the node"
	}
	return name
}

func dnsTest(result string) bool {
	text := strings.ToLower(result)
	return strings.Contains(text, "dns") && !strings.HasPrefix(text, "passed")
}

func diagnoseFailed(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		o := n.last(appliance.TestResult)
		if o == nil {
			continue
		}
		for r, fact := range o.all(appliance.TestResult) {
			if strings.HasPrefix(strings.ToLower(fact.Value), "passed") || dnsTest(fact.Value) {
				continue
			}
			f := d.At(fact, "test %s on node %s did not pass: %s", r.text(appliance.TestName), n.name, fact.Value)
			f.Fix = "Correct what the test names, then run utils diagnose test again. Some runs stop after the first failed test."
			findings = append(findings, f)
		}
	}
	return findings
}

func connectivityFailed(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		for _, o := range n.outputs {
			for r, fact := range o.all(appliance.ConnectivityResult) {
				if succeeded(fact.Value, r.text(appliance.ConnectivityTarget)) {
					continue
				}
				f := d.At(fact, "the connection from node %s to %s failed: %s", n.name, r.text(appliance.ConnectivityTarget), fact.Value)
				f.Fix = "Check routing and firewalls between the two nodes, in both directions."
				findings = append(findings, f)
			}
		}
	}
	return findings
}

// succeeded judges the result of a test. What the servers print for a good test of one port is in no source, so there only a word of
// failure counts.
func succeeded(result, target string) bool {
	result = strings.ToLower(result)
	if strings.Contains(result, "completed successfully") {
		return true
	}
	if !strings.Contains(target, ":") {
		return false
	}
	return !slices.ContainsFunc(failureWords[:], func(word string) bool { return strings.Contains(result, word) })
}

var failureWords = [...]string{"fail", "not ", "cannot", "can't", "unable", "refused", "timed out", "timeout", "unreach", "inaccessible",
	"no route", "error", "closed", "blocked", "unsuccessful", "invalid"}

// whileRunning are the first words of events that do not restart a node: backups (DRS), COP files (Cisco Option Install), and what an
// installation says of itself. Only a restart, a shutdown, an installation or an upgrade is before a start that was meant.
var whileRunning = [...]string{"drs", "cisco", "product", "kernel"}

func ungracefulShutdown(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		o := n.last(appliance.HistoryEvent)
		if o == nil {
			continue
		}
		var boot record
		for r, event := range o.all(appliance.HistoryEvent) {
			if slices.Contains(whileRunning[:], strings.ToLower(event.Value)) {
				continue
			}
			if !strings.EqualFold(event.Value, "Boot") {
				boot = nil
				continue
			}
			if boot != nil {
				f := d.At(event, "node %s started at %s without a shutdown or restart before. The power was cut, or the machine was reset", n.name,
					r.text(appliance.HistoryTime))
				f.Related = []lint.Related{boot.get(appliance.HistoryEvent).Related("the start before: %s", boot.text(appliance.HistoryTime))}
				f.Fix = "Check the file system and the replication of the node. You may have to rebuild the node. Shut down nodes only with utils " +
					"system shutdown."
				findings = append(findings, f)
			}
			boot = r
		}
	}
	return findings
}

package rules

import (
	"strings"

	"cupclint/export"
	"cupclint/export/appliance"
	"cupclint/lint"
)

// A writtenName is how a table or a setting of a server writes the name of a node.
type writtenName struct {
	fact  *lint.Fact
	where string
	// agent says that it is the setting of the Sync Agent. It must be written as in the server table, with or without the domain. table
	// says that it is the server table.
	agent, table bool
}

// spellings lists the names of nodes in the tables and settings of servers. Addresses are not names. The names with domains of show network
// cluster are left out: they come from DNS, where case does not matter.
func (e *evidence) spellings(d *lint.Deployment) []writtenName {
	var out []writtenName
	add := func(f *lint.Fact, where string, agent bool) {
		if f != nil && f.Value != "" && !isAddress(f.Value) && !strings.Contains(f.Value, ":") {
			out = append(out, writtenName{f, where, agent, strings.HasPrefix(where, "the server table")})
		}
	}
	for _, o := range e.outputs {
		for _, f := range o.all(appliance.ServerTableEntry) {
			add(f, "the server table (processnode)", false)
		}
	}
	for m, f := range d.Facts(export.ClusterNodeName) {
		if m.Format == export.RunSQL || m.Format == export.AXL {
			add(f, "the server table (processnode)", false)
		}
	}
	for _, o := range e.outputs {
		for _, f := range o.all(appliance.MemberHost) {
			add(f, "show network cluster", false)
		}
		for _, f := range o.all(appliance.HostName) {
			add(f, "show status", false)
		}
		for _, f := range o.all(appliance.SyncAgentPublisher) {
			add(f, "the settings of the Sync Agent (ccmpublisherip)", true)
		}
	}
	return out
}

func nameSpelledTwice(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	seen := map[string]writtenName{}
	said := map[string]bool{}
	for _, s := range e.spellings(d) {
		name := strings.TrimSuffix(strings.TrimSpace(s.fact.Value), ".")
		host, _, _ := strings.Cut(name, ".")
		key := strings.ToLower(host)
		first, ok := seen[key]
		if !ok {
			seen[key] = s
			continue
		}
		other := strings.TrimSuffix(first.fact.Value, ".")
		if said[key] || !spelledTwice(name, other, s.agent && first.table) {
			continue
		}
		said[key] = true
		f := d.At(s.fact, "a node is called %s in %s, but %s in %s. Upgrades and the Sync Agent compare the names letter by letter, and fail",
			name, s.where, other, first.where)
		f.Related = []lint.Related{first.fact.Related("%s in %s", other, first.where)}
		f.Fix = "Write the name in both places exactly as the host name of the node, with the same upper and lower case (presence server: " +
			"System > CUCM Publisher; call manager: System > Server)."
		findings = append(findings, f)
	}
	return findings
}

// spelledTwice compares two names of one host. whole says that one name with a domain and one without is a difference, too.
func spelledTwice(a, b string, whole bool) bool {
	hostA, domainA, _ := strings.Cut(a, ".")
	hostB, domainB, _ := strings.Cut(b, ".")
	switch {
	case domainA != "" && domainB != "" && !strings.EqualFold(domainA, domainB): // two nodes of two clusters
		return false
	case hostA != hostB:
		return true
	case domainA != "" && domainB != "":
		return domainA != domainB
	}
	return whole && domainA != domainB
}

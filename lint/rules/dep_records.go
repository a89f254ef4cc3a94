package rules

import (
	"maps"
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// Rules on single tables of the servers' databases: users, the Sync Agent, directory servers in two lists.

// userTwice looks at rows of the users' table. A user ID or URI that exists twice is not accepted by IM and Presence (Cisco TAC 220225).
func userTwice(in *lint.Input) []lint.Finding {
	if in.Get(export.CUCMUserUserID) == nil {
		return nil
	}
	var findings []lint.Finding
	said := map[int]bool{} // records that a finding is about
	for _, k := range [...]struct {
		key  export.KeyID
		what string
	}{
		{export.CUCMUserUserID, "user ID"}, {export.CUCMUserDirectoryURI, "directory URI"}, {export.CUCMUserIMAddress, "IM address"},
	} {
		seen := map[string]*export.Property{}
		for p := range in.All(k.key) {
			name := strings.ToLower(strings.TrimSpace(p.Value))
			first := seen[name]
			switch {
			case name == "":
			case first == nil:
				seen[name] = p
			case !said[p.N] && len(findings) < maxNames:
				said[p.N] = true
				f := in.At(p, "there are two records with the %s %q. IM and Presence does not accept the user, and the log-in fails", k.what, p.Value)
				f.Related = []lint.Related{in.Related(first, "the first record is here: %q", first.Value)}
				f.Fix = "Find out which record is right (check both clusters, if there are two). For the other one switch IM and Presence off, or " +
					"give it another user ID or URI."
				findings = append(findings, f)
			}
		}
	}
	return findings
}

// syncFailed reads the sentence of the Sync Agent (Cisco TAC 220329): "Sync Completed" with a time is right; any text about a failure
// after it is not.
func syncFailed(in *lint.Input) []lint.Finding {
	var findings []lint.Finding
	for p := range in.All(export.SyncAgentStatus) {
		status := strings.ToLower(p.Value)
		bad := false
		for _, word := range [...]string{"fail", "unable", "not connect", "could not", "error", "retry", "abort"} {
			bad = bad || strings.Contains(status, word)
		}
		if !bad {
			continue
		}
		f := in.At(p, "the Sync Agent says %q. The presence server does not get users and changes from the call manager", p.Value)
		if strings.HasPrefix(status, "sync completed") || strings.HasPrefix(status, "completed") {
			f = in.At(p, "the Sync Agent says %q. It has copied the users once, but the presence server does not get later changes from the call "+
				"manager", p.Value)
		}
		f.Fix = "Check that the AXL service runs on the publisher of the call manager. Check the address of the publisher and the AXL account " +
			"in the Sync Agent's settings. Then restart the Sync Agent (Cisco Unified Serviceability)."
		findings = append(findings, f)
	}
	return findings
}

// A hostSides gathers the directory servers that the call manager synchronises with and those that it authenticates users with, by folder,
// archive or deployment. If the lists share a server and one of them has another server, too, that is probably left over from a
// replacement. If they share none, it may be intended.
type hostSides map[string]*hostSide

type hostSide struct {
	sync, logIn map[string]lint.Place // by the name of the server
}

// maxHosts bounds the servers that are kept of one list.
const maxHosts = 64

func (a hostSides) Add(in *lint.Input) {
	if in.Get(export.CUCMLDAPDirectoryServerAddress) == nil && in.Get(export.CUCMLDAPAuthenticationServerAddress) == nil {
		return
	}
	name := in.Deployment
	if name == "" {
		name = groupOf(in.File)
	}
	g := a[name]
	if g == nil {
		g = &hostSide{map[string]lint.Place{}, map[string]lint.Place{}}
		a[strings.Clone(name)] = g
	}
	keep := func(list map[string]lint.Place, k export.KeyID) {
		for p := range in.All(k) {
			if v := strings.TrimSpace(p.Value); v != "" && len(list) < maxHosts && isNews(list, v, in) {
				list[strings.Clone(v)] = in.Place(p)
			}
		}
	}
	if v, ok := in.Value(export.CUCMLDAPDirectoryEnabled); !ok || isTrue(v) {
		keep(g.sync, export.CUCMLDAPDirectoryServerAddress)
	}
	if v, ok := in.Value(export.CUCMLDAPAuthenticationEnabled); !ok || isTrue(v) {
		keep(g.logIn, export.CUCMLDAPAuthenticationServerAddress)
	}
}

func (a hostSides) Merge(other lint.Fleet) {
	for name, o := range other.(hostSides) {
		g := a[name]
		if g == nil {
			a[name] = o
			continue
		}
		mergeFirst(g.sync, o.sync)
		mergeFirst(g.logIn, o.logIn)
	}
}

func (a hostSides) Findings() []lint.Finding {
	var findings []lint.Finding
	for _, name := range slices.Sorted(maps.Keys(a)) {
		g := a[name]
		var shared, syncOnly, logInOnly []string
		for _, host := range slices.Sorted(maps.Keys(g.sync)) {
			if among(host, g.logIn) {
				shared = append(shared, host)
			} else {
				syncOnly = append(syncOnly, host)
			}
		}
		for _, host := range slices.Sorted(maps.Keys(g.logIn)) {
			if !among(host, g.sync) {
				logInOnly = append(logInOnly, host)
			}
		}
		if len(g.sync) == 0 || len(g.logIn) == 0 || oneIsAddress(syncOnly, logInOnly) {
			continue
		}
		for _, host := range syncOnly {
			findings = append(findings, oneSided(host, g.sync, g.logIn, "synchronises", "authenticates", len(shared) > 0))
		}
		for _, host := range logInOnly {
			if len(shared) == 0 {
				break // the findings on the other list report it
			}
			findings = append(findings, oneSided(host, g.logIn, g.sync, "authenticates", "synchronises", true))
		}
	}
	return findings
}

func oneSided(host string, list, other map[string]lint.Place, does, otherwise string, shared bool) lint.Finding {
	names := slices.Sorted(maps.Keys(other))
	f := list[host].Finding("the call manager %s users with the directory server %s, but %s them with %s. A server that was replaced may "+
		"still be in one of the lists",
		does, host, otherwise, shortList(names))
	if !shared {
		f.Severity = lint.Info
	}
	f.Related = []lint.Related{other[names[0]].Related("it %s users with %s", otherwise, names[0])}
	f.Fix = "Compare System > LDAP > LDAP Directory with LDAP Authentication, and remove or add the server in one of them."
	return f
}

func among(host string, list map[string]lint.Place) bool {
	for other := range list {
		if lint.SameNode(other, host) {
			return true
		}
	}
	return false
}

// oneIsAddress reports whether one list has names and the other has addresses: only DNS knows which name has which address.
func oneIsAddress(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if isAddress(x) != isAddress(y) {
				return true
			}
		}
	}
	return false
}

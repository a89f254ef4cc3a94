package rules

import (
	"fmt"
	"strings"

	"cupclint/export/appliance"
	"cupclint/internal/release"
	"cupclint/lint"
)

func ver() []*lint.Rule {
	return []*lint.Rule{
		printed("VER001", presenceMismatch),
		printed("VER002", presenceNodesDiffer),
		printed("VER003", upgradeBlocked),
		printed("VER004", upgradeNeedsFile),
		printed("VER005", specialsLost),
		printed("VER006", inactiveVersion),
		printed("VER007", versionsDisagree),
		printed("VER008", clientMismatch),
		printed("VER009", clusterNodesDiffer),
	}
}

func presenceMismatch(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	managers := e.groups("callmanager")
	for _, g := range e.groups("cups") {
		presence := g.nodes[0]
		var worst *nodeVersion
		var row *release.Pairing
		verdict := release.Fits
		for _, m := range e.partners(g, managers) {
			v, r := release.Pair(m.nodes[0].Number, presence.Number)
			if v == release.Fits || r == nil {
				worst = nil
				break
			}
			if worst == nil || v == release.Unknown {
				worst, row, verdict = m.nodes[0], r, v
			}
		}
		if worst == nil {
			continue
		}
		does := "is not compatible"
		if verdict == release.Unknown {
			does = "may not be compatible"
		}
		f := d.At(presence.place, "version %s of presence server %s %s with version %s of call manager %s: %s",
			presence.Describe(), presence.node.name, does, worst.Describe(), worst.node.name, row.Says)
		f.Related = []lint.Related{worst.place.Related("call manager %s has %s", worst.node.name, worst.Describe())}
		f.Evidence = []string{"source: " + row.Source}
		f.Fix = "Bring both to compatible releases: the call manager first, then the presence server."
		if p := release.Partner(worst.Number); p != nil {
			f.Fix += fmt.Sprintf(" The presence release for %s is IM and Presence %s (%s).", worst.Describe(), p.Name, p.Number)
		}
		if verdict == release.Unknown {
			f.Severity = lint.Info
			f.Fix = "Find the pair in the compatibility matrix of the release."
		}
		if in := presence.node.versionIn(appliance.VersionInactive); in != nil {
			if v, _ := release.Pair(worst.Number, in.Number); v == release.Fits {
				f.Fix = fmt.Sprintf("The inactive version %s of %s is compatible: switch versions there (utils system switch-version).", in.Describe(),
					presence.node.name)
			}
		}
		findings = append(findings, f)
	}
	return findings
}

func presenceNodesDiffer(e *evidence, d *lint.Deployment) []lint.Finding {
	return e.nodesDiffer(d, "cups",
		"presence node %s has version %s, but %s has %s. All presence nodes of a cluster must have the same version, in all five numbers. "+
			"Otherwise replication and high availability do not work",
		"Bring all presence nodes to the version of the publisher, publisher first. If the upgrade is installed on all of them, switch the "+
			"version on those that still run the old one.")
}

func clusterNodesDiffer(e *evidence, d *lint.Deployment) []lint.Finding {
	return e.nodesDiffer(d, "callmanager", "call manager %s has version %s, but %s has %s. An upgrade or a switch of versions is not finished",
		"Finish the upgrade: publisher first, then the subscribers, and switch versions in the same order.")
}

func (e *evidence) nodesDiffer(d *lint.Deployment, product, message, fix string) []lint.Finding {
	var findings []lint.Finding
	for _, g := range e.groups(product) {
		first := g.nodes[0]
		for _, v := range g.nodes[1:] {
			if v.Equal(first.Number) {
				continue
			}
			f := d.At(v.place, message, v.node.name, v.Describe(), first.node.name, first.Describe())
			f.Related = []lint.Related{first.place.Related("%s has %s", first.node.name, first.Describe())}
			f.Fix = fix
			findings = append(findings, f)
		}
	}
	return findings
}

// switches yields the nodes with an active and an inactive version that differ.
func (e *evidence) switches(yield func(active, inactive *nodeVersion) bool) {
	for _, n := range e.nodes {
		active, inactive := n.version(), n.versionIn(appliance.VersionInactive)
		if active != nil && inactive != nil && !active.Equal(inactive.Number) && !yield(active, inactive) {
			return
		}
	}
}

// tableProduct is the product of a node as the tables of releases call it; they have call managers and presence servers only.
func (n *node) tableProduct() (product string, ok bool) {
	switch n.runs() {
	case "cups":
		return release.Presence, true
	case "callmanager", "":
		return release.CallManager, true
	}
	return "", false
}

func upgradeBlocked(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for active, inactive := range e.switches {
		product, ok := active.node.tableProduct()
		if !ok {
			continue
		}
		state, row := release.Upgrade(product, active.Number, inactive.Number)
		if state != release.Blocked {
			continue
		}
		f := d.At(inactive.place, "node %s cannot be upgraded from %s to %s: %s", active.node.name, active.Describe(), inactive.Describe(),
			row.Says)
		f.Related = []lint.Related{active.place.Related("the active version is %s", active.Describe())}
		f.Evidence = []string{"source: " + row.Source}
		f.Fix = "Do not switch to the inactive version. Use an upgrade path of the compatibility matrix of the target (cupclint releases FROM " +
			"TO)."
		findings = append(findings, f)
	}
	return findings
}

func upgradeNeedsFile(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for active, inactive := range e.switches {
		product, ok := active.node.tableProduct()
		if !ok {
			continue
		}
		if state, _ := release.Upgrade(product, active.Number, inactive.Number); state == release.Blocked {
			continue // VER003 reports more
		}
		for _, file := range release.FilesFor(product, active.Number, inactive.Number) {
			if active.node.hasOption(file.Name) {
				continue
			}
			f := d.At(inactive.place, "the upgrade of node %s from %s to %s needs the COP file %s, which is not among the installed options: %s",
				active.node.name, active.Describe(), inactive.Describe(), file.Name, file.Says)
			f.Fix = "Install the COP file on all nodes before the upgrade (utils system upgrade initiate)."
			switch file.How {
			case release.PCD:
				f.Severity = lint.Info
				f.Message += ". It is required if Prime Collaboration Deployment makes the upgrade"
			case release.Back:
				f.Severity = lint.Info
				f.Message = fmt.Sprintf("to switch node %s back from %s to %s you need the COP file %s: %s", active.node.name, active.Describe(),
					inactive.Describe(), file.Name, file.Says)
				f.Fix = "Install the COP file after a switch back to the inactive version."
			}
			f.Related = []lint.Related{active.place.Related("the active version is %s", active.Describe())}
			f.Evidence = []string{"source: " + file.Source}
			findings = append(findings, f)
		}
	}
	return findings
}

// hasOption reports whether a COP file is among the installed options. Its name continues with a version and endings.
func (n *node) hasOption(name string) bool {
	for _, o := range n.outputs {
		for _, field := range [...]appliance.Field{appliance.VersionOption, appliance.VersionInactiveOption} {
			for _, option := range o.all(field) {
				if strings.HasPrefix(strings.ToLower(option.Value), strings.ToLower(name)) {
					return true
				}
			}
		}
	}
	return false
}

func specialsLost(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	report := func(low, high *nodeVersion) {
		f := d.At(high.place, "%s of node %s is higher than %s but lacks its engineering special: security patch level %d with ES %d, instead "+
			"of level %d with ES %d",
			high, high.node.name, low, high.PatchLevel(), high.Special(), low.PatchLevel(), low.Special())
		f.Related = []lint.Related{low.place.Related("%s of node %s has ES %d", low, low.node.name, low.Special())}
		f.Fix = "In numbers of this form, the thousands are security patches of the operating system, and the rest is the engineering special. " +
			"Install a version that has at least both (cupclint releases FROM TO)."
		findings = append(findings, f)
	}
	for active, inactive := range e.switches {
		if release.LosesSpecials(active.Number, inactive.Number) {
			report(active, inactive)
		} else if release.LosesSpecials(inactive.Number, active.Number) {
			report(inactive, active)
		}
	}
	for _, product := range [...]string{"callmanager", "cups"} {
		for _, g := range e.groups(product) {
			for _, v := range g.nodes[1:] {
				if first := g.nodes[0]; release.LosesSpecials(first.Number, v.Number) {
					report(first, v)
				} else if release.LosesSpecials(v.Number, first.Number) {
					report(v, first)
				}
			}
		}
	}
	return findings
}

func inactiveVersion(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for active, inactive := range e.switches {
		how := "older"
		if release.Compare(inactive.Number, active.Number) > 0 {
			how = "newer"
		}
		f := d.At(inactive.place, "the inactive version %s of node %s is %s than the active one, %s", inactive.Describe(), active.node.name, how,
			active.Describe())
		f.Related = []lint.Related{active.place.Related("the active version is %s", active.Describe())}
		f.Fix = "Before a switch, remember that each version has a database of its own. Changes that were made after the other version was " +
			"installed are lost."
		findings = append(findings, f)
	}
	return findings
}

func versionsDisagree(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		type source struct {
			name string
			*nodeVersion
		}
		var all []source
		for _, s := range []source{
			{"show version active", n.versionIn(appliance.VersionActive)}, {"Product Ver", n.versionIn(appliance.VersionProduct)}, {"DB Version",
				n.versionIn(appliance.VersionDatabase)},
		} {
			if s.nodeVersion == nil || s.name == "DB Version" && n.runs() == "cups" && e.runsOnManager(s.Number) {
				continue // the replication of a presence node may be that of the call manager
			}
			all = append(all, s)
		}
		same := func(i, k int) bool { return all[i].Equal(all[k].Number) }
		odd := -1
		switch len(all) {
		case 2:
			if !same(0, 1) {
				odd = 0
			}
		case 3:
			switch {
			case same(0, 1) && same(1, 2):
			case same(0, 1):
				odd = 2
			case same(0, 2):
				odd = 1
			default:
				odd = 0
			}
		}
		if odd < 0 {
			continue
		}
		var names []string
		f := d.At(all[odd].place, "")
		for i, s := range all {
			names = append(names, fmt.Sprintf("%s %s", s.name, s.Number))
			if i != odd {
				f.Related = append(f.Related, s.place.Related("%s is %s", s.name, s.Number))
			}
		}
		f.Message = fmt.Sprintf("the outputs of node %s show different versions: %s. They are from before and after a switch of versions, or "+
			"the switch is not finished", n.name, strings.Join(names, ", "))
		f.Fix = "Take all outputs again at the same time. If they still differ, finish the switch of versions, or the upgrade."
		findings = append(findings, f)
	}
	return findings
}

// runsOnManager reports whether a call manager has the version.
func (e *evidence) runsOnManager(number release.Number) bool {
	for _, g := range e.groups("callmanager") {
		for _, v := range g.nodes {
			if v.Equal(number) {
				return true
			}
		}
	}
	return false
}

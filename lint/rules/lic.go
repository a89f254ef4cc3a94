package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cupclint/export/appliance"
	"cupclint/lint"
)

func lic() []*lint.Rule {
	return []*lint.Rule{
		printed("LIC001", licenceHostID),
		printed("LIC002", licenceMissing),
		printed("LIC003", licenceUnits),
		printed("LIC004", emergencyResponder),
		printed("LIC005", licenceExpiring),
		printed("LIC006", licenceAtRisk),
		printed("LIC007", licenceVersion),
		printed("LIC008", licenceMixed),
	}
}

func licenceHostID(e *evidence, d *lint.Deployment) []lint.Finding {
	type key struct{ file, id string }
	at := map[key]int{}
	var findings []lint.Finding
	all := e.licences()
	for _, l := range all {
		holders := e.holders(l.family)
		if l.id == "" || len(holders) == 0 {
			continue
		}
		known := true
		for _, n := range holders {
			known = known && n.files() && len(n.licenceMACs()) > 0
		}
		if !known || slices.ContainsFunc(holders, func(n *node) bool { return n.holds(l.id) }) {
			continue
		}
		if l.family == "cer" && len(holders) == 1 && holders[0].second() {
			continue // it is the licence of the other server; LIC004 says what is missing here
		}
		k := key{l.file(), l.id}
		if i, seen := at[k]; seen {
			findings[i].Related = append(findings[i].Related, l.place().Related("%s is for the same server", l.feature.Value))
			continue
		}
		mac := holders[0].licenceMACs()[0]
		f := d.At(l.place(), "the licence %s is locked to host ID %s. %s, which must have it, has %s, so the licence is not accepted there",
			l.feature.Value, l.text(appliance.LicenceHostID), holders[0].name, mac.Value)
		f.Related = []lint.Related{mac.Related("%s has %s", holders[0].name, mac.Value)}
		if other := e.holderOf(l.id); other != nil {
			f.Message += ". This host ID belongs to " + other.name
		}
		f.Fix = "Have the licence reissued (rehosted) for the MAC of the right node. For a cluster that is the publisher; for Emergency " +
			"Responder each server has its own licence. On virtual machines it is the License MAC of show status."
		at[k] = len(findings)
		findings = append(findings, f)
	}
	return findings
}

func licenceMissing(e *evidence, d *lint.Deployment) []lint.Finding {
	publisher, lines := e.managed()
	if publisher == nil || publisher.major() == 0 {
		return nil
	}
	var findings []lint.Finding
	var node *licenceLine
	nodes, software := 0, false
	for _, l := range lines {
		switch feature := strings.ToUpper(l.feature.Value); {
		case feature == "CCM_NODE":
			if node == nil {
				node = l
			}
			nodes += max(l.count, 0)
		case isSoftwareLicence(feature):
			software = true
		}
	}
	version := publisher.version()
	missing := func(place *lint.Fact, fix, format string, args ...any) {
		f := d.At(place, format, args...)
		f.Related = []lint.Related{version.place.Related("%s has version %s", publisher.name, version)}
		f.Fix = fix + " Licences of several files are added up: check that all files of the publisher are here (System > Licensing > License " +
			"File Upload)."
		findings = append(findings, f)
	}
	have := e.managers(publisher)
	switch {
	case node == nil:
		missing(lines[0].feature, "Order a node licence (CCM_NODE) for each call manager.",
			"the licences of %s include none for nodes (CCM_NODE). No call manager of the cluster is licensed", publisher.name)
	case nodes < have && node.count >= 0:
		missing(node.feature, "Order node licences (CCM_NODE) for the other call managers.",
			"the node licences of %s are for %s, but the cluster has %d call managers", publisher.name, count(nodes, "server"), have)
	}
	if !software && publisher.major() >= firstWithSoftwareLicence {
		missing(lines[0].feature, "Order the software licence (SW_FEATURE) of the release.",
			"the licences of %s include none for the software (SW_FEATURE). Releases from 7.0 on need one", publisher.name)
	}
	return findings
}

func emergencyResponder(e *evidence, d *lint.Deployment) []lint.Finding {
	lines, servers := linesOf(e.licences(), "cer"), e.holders("cer")
	if len(lines) == 0 || len(servers) == 0 || slices.ContainsFunc(servers, func(n *node) bool { return !n.files() }) {
		return nil
	}
	ids := map[string]bool{}
	for _, l := range lines {
		if l.id != "" {
			ids[l.id] = true
		}
	}
	const fix = "Order a licence file for the MAC of each Emergency Responder, and upload it on that server. If two servers show the " +
		"message \"license expired\", the cause is the same."
	var findings []lint.Finding
	unknown := 0
	for _, n := range servers {
		macs := n.licenceMACs()
		if len(macs) == 0 {
			unknown++
			continue
		}
		if slices.ContainsFunc(macs, func(mac *lint.Fact) bool { return ids[hexDigits(mac.Value)] }) || len(servers) == 1 && !n.second() {
			continue
		}
		f := d.At(macs[0], "Emergency Responder %s has no licence for its own MAC %s. Publisher and subscriber need one file each", n.name,
			macs[0].Value)
		f.Related = []lint.Related{lines[0].place().Related("the licence is for %s", lines[0].text(appliance.LicenceHostID))}
		f.Fix = fix
		findings = append(findings, f)
	}
	if len(findings) == 0 && unknown > 0 && len(ids) > 0 && len(ids) < len(servers) {
		f := d.At(lines[0].place(), "the licences are for %s, but there are %d servers of Emergency Responder. Publisher and "+
			"subscriber need one file each", count(len(ids), "host ID"), len(servers))
		f.Fix = fix
		findings = append(findings, f)
	}
	return findings
}

func licenceExpiring(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, l := range e.licences() {
		if expiry := l.get(appliance.LicenceExpiry); expiry != nil && !strings.EqualFold(expiry.Value, "permanent") {
			f := d.At(expiry, "the licence %s ends: %s", l.feature.Value, expiry.Value)
			f.Fix = "Order a permanent licence before that day. A licence with an end date is for a trial or a demonstration."
			findings = append(findings, f)
		}
	}
	for _, o := range e.outputs {
		seen := map[string]bool{}
		for _, state := range o.all(appliance.LicenceState) {
			text := strings.ReplaceAll(strings.ToUpper(state.Value), "_", " ")
			what := ""
			switch {
			case strings.Contains(text, "EXPIRED"):
				what = "users can no longer be configured"
			case text == "OUT OF COMPLIANCE":
				what = "more licences are in use than exist. After 90 days users can no longer be configured"
			case strings.HasPrefix(text, "EVAL"):
				what = "it ends after 90 days"
			case text == "UNREGISTERED":
				what = "the node is not registered and runs in evaluation mode, which ends after 90 days"
			}
			if what == "" || seen[what] {
				continue
			}
			seen[what] = true
			f := d.At(state, "smart licensing of node %s is in the state %s: %s", o.node.name, state.Value, what)
			f.Fix = "Register the node, or order the licences that are missing (System > Licensing > License Management)."
			findings = append(findings, f)
		}
	}
	return findings
}

func licenceVersion(e *evidence, d *lint.Deployment) []lint.Finding {
	publisher, lines := e.managed()
	if publisher == nil || publisher.major() < firstWithSoftwareLicence {
		return nil
	}
	var wrong *licenceLine
	for _, l := range lines {
		version := l.get(appliance.LicenceVersion)
		if !isSoftwareLicence(l.feature.Value) || version == nil {
			continue
		}
		major, _, _ := strings.Cut(version.Value, ".")
		if major == strconv.Itoa(publisher.major()) {
			return nil
		}
		wrong = l
	}
	if wrong == nil {
		return nil
	}
	f := d.At(wrong.get(appliance.LicenceVersion),
		"the software licence (SW_FEATURE) of %s is for %s, but version %s runs. The release is not licensed", publisher.name,
		wrong.text(appliance.LicenceVersion), publisher.version())
	f.Related = []lint.Related{publisher.version().place.Related("%s has version %s", publisher.name, publisher.version())}
	f.Fix = fmt.Sprintf("Order the upgrade licence for %d.x and upload it on the publisher. Node and device licences of an earlier release "+
		"stay valid.", publisher.major())
	return one(f)
}

func licenceMixed(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	first := map[string]*licenceLine{}
	told := map[string]bool{}
	for _, l := range e.licences() {
		if orig := l.get(appliance.LicenceOrigMAC); orig != nil && l.id != "" && hexDigits(orig.Value) != "" && hexDigits(orig.Value) != l.id {
			f := d.At(l.place(), "the licence %s was ordered for %s but is locked to %s. It was moved to another server", l.feature.Value,
				orig.Value, l.text(appliance.LicenceHostID))
			f.Fix = "Check that the licence was reissued (rehosted) by the vendor, and that the file was not edited."
			findings = append(findings, f)
		}
		if l.id == "" {
			continue
		}
		if one := first[l.file()]; one == nil {
			first[l.file()] = l
		} else if one.id != l.id && !told[l.file()] {
			told[l.file()] = true
			f := d.At(l.place(), "the lines of the file are for different servers: %s and %s", one.text(appliance.LicenceHostID),
				l.text(appliance.LicenceHostID))
			f.Related = []lint.Related{one.place().Related("%s is for %s", one.feature.Value, one.text(appliance.LicenceHostID))}
			f.Fix = "Upload each line on the server that it is for. A file with lines for several servers was edited by hand."
			findings = append(findings, f)
		}
	}
	return findings
}

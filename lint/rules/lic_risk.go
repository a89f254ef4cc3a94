package rules

import (
	"slices"
	"strings"

	"cupclint/export/appliance"
	"cupclint/lint"
)

// Rules whose fixes change what a License MAC is computed from: the time servers, which only the publisher has. Those of the card
// and of DNS come with them.
func timeRules() []printedCheck {
	return []printedCheck{
		ntpUnsynchronised, ntpStratum, ntpSilent, ntpPublisherBlocks, ntpVersion3, ntpNoAnswer, windowsTimeSource,
	}
}

// locked reports whether the node has licences that are locked to a License MAC, with the fact that shows it.
func (e *evidence) locked(n *node) *lint.Fact {
	if n.runs() == "callmanager" && n.dependent() {
		return nil // the publisher has the licences
	}
	mac := n.fact(appliance.LicenseMAC)
	var line *licenceLine
	for _, l := range e.licences() {
		if slices.Contains(e.holders(l.family), n) && (mac == nil || l.id == hexDigits(mac.Value)) {
			line = l
			break
		}
	}
	switch {
	case n.metal() || !n.files() || mac == nil && (line == nil || !n.virtual()):
		return nil
	case n.major() == 0 && line == nil, n.major() != 0 && n.major() < firstWithLicenseMAC && mac == nil: // it is the MAC of the card
		return nil
	case mac != nil && !n.virtual() && hasMAC(n.cards(), hexDigits(mac.Value)):
		return nil // a machine of metal prints it, too
	case mac != nil:
		return mac
	}
	return line.place()
}

// atRisk is a sentence for the fixes of time: what they do to the licences of the node.
func (e *evidence) atRisk(n *node) string {
	if n.dependent() || e.locked(n) == nil {
		return ""
	}
	return " If you use another time server, the License MAC of this node changes, and its licences must be reissued (LIC006)."
}

// changesMAC reports whether the fix of a finding about a network card changes what a License MAC is computed from.
func changesMAC(f *lint.Finding) bool {
	for _, field := range [...]appliance.Field{appliance.CardDHCP, appliance.CardMode, appliance.CardDNS1} {
		if strings.HasSuffix(f.Key, "."+field.String()) {
			return true
		}
	}
	return false
}

func licenceAtRisk(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings, times []lint.Finding
	for _, find := range timeRules() {
		times = append(times, find(e, d)...)
	}
	names := slices.Concat(reverseDNS(e, d), slices.DeleteFunc(cardSetting(e, d), func(f lint.Finding) bool { return !changesMAC(&f) }))
	for _, n := range e.nodes {
		place := e.locked(n)
		if place == nil {
			continue
		}
		causes := names
		if !n.dependent() {
			causes = slices.Concat(times, names)
		}
		f := d.At(place, "the licences of node %s are locked to its License MAC. It changes with time server, DNS server, time zone, host name "+
			"and address, and a fault of the node needs such a change. The licences are void 30 days after it", n.name)
		for i := range causes {
			if c := &causes[i]; c.Severity >= lint.Warning && n.at(c) {
				f.Related = append(f.Related, lint.Related{File: c.File, Line: c.Line, Column: c.Column, Message: c.Message})
			}
		}
		if len(f.Related) == 0 {
			continue
		}
		f.Fix = "Write down the License MAC (show status) before and after the change. If it differs, have the licences reissued (rehosted) " +
			"for the new one within the 30 days."
		findings = append(findings, f)
	}
	return findings
}

// at reports whether a finding is about an output of the node.
func (n *node) at(f *lint.Finding) bool {
	return slices.ContainsFunc(n.outputs, func(o *output) bool { return strings.HasPrefix(f.Key, "Appliance."+o.name+".") })
}

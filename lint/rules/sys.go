package rules

import (
	"strconv"
	"strings"

	"cupclint/export/appliance"
	"cupclint/lint"
)

func sys() []*lint.Rule {
	return []*lint.Rule{
		printed("SYS001", partitionFull),
		printed("SYS002", cardSetting),
		printed("SYS003", hardwareRefused),
		printed("SYS004", vmTooEarly),
	}
}

// Water marks of the logging (common) partition, in percent.
const (
	partitionLow  = 90
	partitionHigh = 95
)

func partitionFull(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		o := n.last(appliance.DiskUsed)
		if o == nil {
			continue
		}
		for r, used := range o.all(appliance.DiskUsed) {
			percent, err := strconv.Atoi(used.Value)
			if err != nil || percent < partitionLow || !strings.EqualFold(r.text(appliance.DiskName), "logging") {
				continue
			}
			f := d.At(used, "the logging partition of node %s is %d %% full. Services stop when they cannot write, and an upgrade has no space",
				n.name, percent)
			if percent < partitionHigh {
				f.Severity = lint.Warning
			}
			if free := r.text(appliance.DiskFree); free != "" {
				f.Evidence = []string{"free: " + free + " KB"}
			}
			f.Fix = "Delete old traces and core files (file delete activelog, or Trace & Log Central), reduce trace levels, and set the limits in " +
				"Serviceability > Trace > Troubleshooting Trace Settings."
			findings = append(findings, f)
		}
	}
	return findings
}

// cardOutput is the last output of a node about its first network card. The second one is usually not in use.
func (n *node) cardOutput() *output {
	var last *output
	for _, f := range [...]appliance.Field{appliance.CardDHCP, appliance.CardLink, appliance.CardMode, appliance.CardDNS1} {
		for _, o := range n.with(f) {
			if !strings.Contains(o.command, "eth1") {
				last = o
			}
		}
		if last != nil {
			return last
		}
	}
	return nil
}

func cardSetting(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		o := n.cardOutput()
		if o == nil {
			continue
		}
		add := func(place *lint.Fact, fix, format string, args ...any) {
			f := d.At(place, format, args...)
			f.Fix = fix
			findings = append(findings, f)
		}
		is := func(field appliance.Field, words ...string) *lint.Fact {
			fact := o.first(field)
			if fact == nil {
				return nil
			}
			for _, w := range words {
				if strings.Contains(strings.ToLower(fact.Value), w) {
					return fact
				}
			}
			return nil
		}
		if fact := is(appliance.CardDHCP, "enabled", "yes"); fact != nil {
			add(fact, "Set a fixed address: set network dhcp eth0 disable. If the address changes, follow the procedure for changing addresses of "+
				"the release.",
				"node %s gets its address by DHCP. When the address changes, the other nodes and the clients no longer find it", n.name)
		}
		if fact := is(appliance.CardLink, "no"); fact != nil {
			add(fact, "Check cable and switch port. On a virtual machine, check that the network adapter is connected.",
				"the network card of node %s has no link", n.name)
		} else if fact := is(appliance.CardStatus, "down"); fact != nil {
			add(fact, "Check the switch port. On a virtual machine, check that the network adapter is connected.",
				"the network card of node %s is down", n.name)
		}
		if fact := is(appliance.CardDuplicate, "yes"); fact != nil {
			add(fact, "Find the other computer by its MAC address (arp on the switch or router) and give it another address.",
				"another computer in the network has the address %s of node %s", o.text(appliance.CardAddress), n.name)
		}
		if fact := is(appliance.CardMode, "half"); fact != nil {
			add(fact, "Set both sides to automatic negotiation, or both to full duplex (set network nic eth0). If only one side is automatic, it "+
				"uses half duplex.",
				"the network card of node %s runs in half duplex mode. Under load, packets are lost", n.name)
		}
		if fact := o.first(appliance.CardDNS1); fact != nil && notConfigured(fact.Value) && notConfigured(o.text(appliance.CardDNS2)) {
			if named := e.fullName(); named != nil {
				add(fact, "Configure two DNS servers that resolve names and addresses of all nodes: set network dns primary, set network dns "+
					"secondary.",
					"node %s has no DNS server, but nodes of the cluster have full names such as %s", n.name, named.Value)
				findings[len(findings)-1].Related = []lint.Related{named.Related("the name %s needs DNS", named.Value)}
			}
		}
	}
	return findings
}

func notConfigured(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	return s == "" || s == "none" || s == "-" || strings.HasPrefix(s, "not ") || s == "0.0.0.0"
}

// fullName returns a node that the cluster knows by a name with a domain, or nil.
func (e *evidence) fullName() *lint.Fact {
	for _, r := range e.rows {
		if strings.Contains(r.name, ".") && !isAddress(r.name) {
			return r.get(appliance.MemberName)
		}
	}
	for _, o := range e.outputs {
		for _, entry := range o.all(appliance.ServerTableEntry) {
			if strings.Contains(entry.Value, ".") && !isAddress(entry.Value) {
				return entry
			}
		}
	}
	return nil
}

func hardwareRefused(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, o := range e.outputs {
		for _, part := range o.all(appliance.HardwareRefused) {
			f := d.At(part, "the installer refuses the hardware: %s", part.Value)
			f.Fix = "Compare the part with the list of supported hardware of the release. A replaced board may have lost its machine type: have " +
				"the vendor set it again."
			findings = append(findings, f)
		}
	}
	return findings
}

// firstVirtual is the first major release that is supported on VMware.
const firstVirtual = 8

func vmTooEarly(e *evidence, d *lint.Deployment) []lint.Finding {
	var findings []lint.Finding
	for _, n := range e.nodes {
		platform := n.fact(appliance.HardwarePlatform)
		if platform == nil || !strings.Contains(strings.ToLower(platform.Value), "vmware") {
			platform = n.fact(appliance.BannerVMware)
		}
		if platform == nil {
			continue
		}
		for _, field := range [...]appliance.Field{appliance.VersionActive, appliance.VersionProduct, appliance.VersionDatabase} {
			version := n.fact(field)
			if version == nil {
				continue
			}
			major, _, _ := strings.Cut(version.Value, ".")
			if m, err := strconv.Atoi(major); err != nil || m >= firstVirtual {
				break
			}
			f := d.At(platform, "node %s runs release %s on VMware. Releases before %d.0 are not supported on VMware in production", n.name,
				version.Value, firstVirtual)
			f.Related = []lint.Related{version.Related("release %s", version.Value)}
			f.Fix = "Move the node to supported hardware, or upgrade to 8.0 or later on a supported virtual machine. The SNMP agent does not " +
				"start in 7.x on VMware, and Emergency Responder needs it."
			findings = append(findings, f)
			break
		}
	}
	return findings
}

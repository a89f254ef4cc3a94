package rules

import (
	"slices"
	"strings"

	"cupclint/export/appliance"
	"cupclint/lint"
)

// major is the major release that the node runs, 0 where it is not known.
func (n *node) major() int {
	if v := n.version(); v != nil {
		return v.Major
	}
	return 0
}

// Releases with licence files on the nodes: up to 8.x, Emergency Responder up to 9.x. Later releases use a licence manager.
const (
	lastWithFiles          = 8
	lastResponderWithFiles = 9
)

const (
	firstWithSoftwareLicence = 7
	firstWithLicenseMAC      = 8 // of virtual machines; before, it is the MAC of the card
)

// files reports whether the node can hold licence files. Where the version is not known, it can.
func (n *node) files() bool {
	if n.runs() == "cer" {
		return n.major() <= lastResponderWithFiles
	}
	return n.major() <= lastWithFiles
}

// virtual and metal report what is known about the machine; both are false if nothing is known.
func (n *node) virtual() bool {
	if n.fact(appliance.BannerVMware) != nil {
		return true
	}
	platform := strings.ToLower(n.text(appliance.HardwarePlatform))
	return strings.Contains(platform, "vmware") || strings.Contains(platform, "virtual")
}

func (n *node) metal() bool { return n.text(appliance.HardwarePlatform) != "" && !n.virtual() }

// cards lists the MAC addresses of the network cards.
func (n *node) cards() []*lint.Fact {
	var out []*lint.Fact
	for _, o := range n.outputs {
		for _, mac := range o.all(appliance.CardMAC) {
			if hexDigits(mac.Value) != "" {
				out = append(out, mac)
			}
		}
	}
	return out
}

// licenceMACs lists the MACs that licences of the node are locked to: its License MAC, or on machines without one the MAC of a card. It is
// empty if that is not known: from 8.x on a virtual machine has a License MAC, which is not that of its card.
func (n *node) licenceMACs() []*lint.Fact {
	if mac := n.fact(appliance.LicenseMAC); mac != nil && hexDigits(mac.Value) != "" {
		return []*lint.Fact{mac}
	}
	if n.major() >= firstWithLicenseMAC && !n.metal() {
		return nil
	}
	return n.cards()
}

func (n *node) holds(id string) bool { return hasMAC(n.licenceMACs(), id) }

func hasMAC(macs []*lint.Fact, id string) bool {
	return slices.ContainsFunc(macs, func(mac *lint.Fact) bool { return hexDigits(mac.Value) == id })
}

// holders lists the nodes that can hold the licences of a product: the publisher, of Emergency Responder both nodes.
func (e *evidence) holders(family string) []*node {
	out, known := e.holding[family]
	if !known {
		out = e.findHolders(family)
		e.holding[family] = out
	}
	return out
}

func (e *evidence) findHolders(family string) []*node {
	if family == "" {
		return nil
	}
	var own, first, unknown []*node
	silent := true // nothing says what any node is
	for _, n := range e.nodes {
		switch n.runs() {
		case family:
			own = append(own, n)
			if n.first() {
				first = append(first, n)
			}
		case "":
			if n.fact(appliance.HostName) != nil || len(n.licenceMACs()) > 0 || n.version() != nil {
				unknown = append(unknown, n)
			}
		default:
			silent = false
		}
	}
	switch {
	case family == "cer" && len(own) > 0:
		return own
	case len(first) > 0:
		return first
	case len(own) == 1 && !own[0].second():
		return own
	case len(own) > 0 || !silent:
		return nil
	case len(unknown) == 1 || family == "cer" && len(linesOf(e.licences(), family)) == len(e.licences()):
		return unknown // the licence says what it is
	}
	return nil
}

// second reports whether a node is known not to be the publisher of its product.
func (n *node) second() bool {
	return n.row != nil && n.row.database == "DBSub" || strings.EqualFold(n.text(appliance.ServicePrimary), "false")
}

// holderOf returns the node with a MAC, or nil.
func (e *evidence) holderOf(id string) *node {
	for _, n := range e.nodes {
		if n.holds(id) {
			return n
		}
	}
	return nil
}

// managed returns the call manager that holds the licences, if its release has licence files and there is only one, and the lines
// for it.
func (e *evidence) managed() (publisher *node, lines []*licenceLine) {
	holders := e.holders("callmanager")
	lines = linesOf(e.licences(), "callmanager")
	if len(holders) != 1 || len(lines) == 0 || !holders[0].files() {
		return nil, nil
	}
	return holders[0], lines
}

// managers counts the call managers of a cluster.
func (e *evidence) managers(publisher *node) int {
	n := 0
	for _, r := range e.rows {
		if publisher.row != nil && r.table == publisher.row.table && (r.product == "callmanager" || r.product == "") {
			n++
		}
	}
	if n == 0 {
		for _, node := range e.nodes {
			if node.runs() == "callmanager" {
				n++
			}
		}
	}
	return n
}

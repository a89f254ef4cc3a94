package rules

import (
	"slices"
	"strings"

	"cupclint/export"
	"cupclint/lint"
)

// A directoryServer is one that a client or the call manager is configured with.
type directoryServer struct {
	address *lint.Fact
	port    *lint.Fact // nil when the export does not say
}

var clientDirectories = [...][2]export.KeyID{
	{export.DirectoryPrimaryAddress, export.DirectoryPrimaryPort},
	{export.DirectoryBackup1Address, export.DirectoryBackup1Port},
	{export.DirectoryBackup2Address, export.DirectoryBackup2Port},
	{export.JabberDirectoryPrimaryServerName, export.JabberDirectoryServerPort1},
	{export.JabberDirectorySecondaryServerName, export.JabberDirectoryServerPort2},
}

// directories lists the servers of clients and those that the call manager authenticates users with, each pair of address and port once.
func directories(d *lint.Deployment) (clients, managers []directoryServer) {
	for _, m := range d.Members {
		for _, keys := range clientDirectories {
			if a := m.Get(keys[0], 0); a != nil {
				clients = addDirectory(clients, directoryServer{a, m.Get(keys[1], 0)})
			}
		}
		if on := m.Get(export.CUCMLDAPAuthenticationEnabled, 0); on != nil && strings.EqualFold(strings.TrimSpace(on.Value), "FALSE") {
			continue
		}
		for a := range m.All(export.CUCMLDAPAuthenticationServerAddress) {
			managers = addDirectory(managers, directoryServer{a, m.Get(export.CUCMLDAPAuthenticationServerPort, a.N)})
		}
	}
	return clients, managers
}

func addDirectory(list []directoryServer, s directoryServer) []directoryServer {
	if slices.ContainsFunc(list, func(o directoryServer) bool {
		return o.address.Key == s.address.Key && o.address.Value == s.address.Value && o.portValue() == s.portValue()
	}) {
		return list
	}
	return append(list, s)
}

func (s directoryServer) portValue() string {
	if s.port == nil {
		return ""
	}
	return strings.TrimSpace(s.port.Value)
}

func (s directoryServer) name() string { return strings.TrimSpace(s.address.Value) }

// globalCatalog reports whether the port is one of the Global Catalog, and whether it is one of a directory at all.
func globalCatalog(port string) (catalog, known bool) {
	switch port {
	case "3268", "3269":
		return true, true
	case "389", "636":
		return false, true
	}
	return false, false
}

func ldapServerDiffers(d *lint.Deployment) []lint.Finding {
	clients, managers := directories(d)
	var findings []lint.Finding
	for _, c := range clients {
		if c.address.Key != export.DirectoryPrimaryAddress && c.address.Key != export.JabberDirectoryPrimaryServerName ||
			seenDirectory(findings, c) {
			continue
		}
		others := slices.DeleteFunc(slices.Clone(managers), func(m directoryServer) bool {
			return m.address.Place.File == c.address.Place.File || isAddress(m.name()) != isAddress(c.name())
		})
		if len(others) == 0 || len(findings) == maxNames ||
			slices.ContainsFunc(others, func(m directoryServer) bool { return answersAlike(c, m) }) {
			continue
		}
		f := d.At(c.address, "clients search in %s, but the call manager authenticates with %s. A user that one server knows may be unknown to "+
			"the other", c.name(), others[0].name())
		f.Related = []lint.Related{others[0].address.Related("the call manager authenticates with %s", others[0].name())}
		f.Fix = "Check that both are domain controllers of one forest and that both answer. If not, use the same servers in both places."
		findings = append(findings, f)
	}
	return findings
}

// answersAlike reports whether two servers are the same, or Global Catalogs of what looks like one forest: those of sites.
func answersAlike(c, m directoryServer) bool {
	if lint.SameNode(m.name(), c.name()) {
		return true
	}
	one, _ := globalCatalog(c.portValue())
	other, _ := globalCatalog(m.portValue())
	return one && other && tree(c.name()) != "" && tree(c.name()) == tree(m.name())
}

// tree returns the last two labels of a full name, without the host.
func tree(name string) string {
	labels := strings.Split(lint.NodeName(name), ".")
	if len(labels) < 3 {
		return ""
	}
	return strings.Join(labels[len(labels)-2:], ".")
}

func seenDirectory(findings []lint.Finding, c directoryServer) bool {
	return slices.ContainsFunc(findings, func(f lint.Finding) bool { return f.File == c.address.Place.File && f.Line == c.address.Place.Line })
}

func ldapPortDiffers(d *lint.Deployment) []lint.Finding {
	clients, managers := directories(d)
	var findings []lint.Finding
	for _, c := range clients {
		catalog, known := globalCatalog(c.portValue())
		others := slices.DeleteFunc(slices.Clone(managers), func(m directoryServer) bool {
			_, ok := globalCatalog(m.portValue())
			return !ok || !lint.SameNode(m.name(), c.name()) || m.address.Place.File == c.address.Place.File
		})
		same := func(m directoryServer) bool {
			other, _ := globalCatalog(m.portValue())
			return other == catalog
		}
		if !known || len(findings) == maxNames || len(others) == 0 || slices.ContainsFunc(others, same) {
			continue
		}
		m := others[0]
		f := d.At(c.port, "the client uses port %[2]s of %[1]s, the call manager port %[3]s", c.name(), c.portValue(), m.portValue())
		f.Related = []lint.Related{m.port.Related("the call manager authenticates on %s", m.portValue())}
		if catalog {
			f.Fix = "Let the call manager use the Global Catalog too (3268, with TLS 3269) and restart the CTI Manager. It does not follow " +
				"referrals, and phone control fails with \"invalid credentials\"."
		} else {
			f.Severity = lint.Info
			f.Fix = "Keep this if clients need attributes that are not in the Global Catalog. If not, use 3268 (with TLS 3269) in both places."
		}
		findings = append(findings, f)
	}
	return findings
}

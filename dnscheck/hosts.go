package dnscheck

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
)

// A HostsEntry is one address that the hosts file gives a name.
type HostsEntry struct {
	Addr netip.Addr `json:"address"`
	Line int        `json:"line"`
}

// A HostsFile is the content of hosts(5). The zero value is an empty one.
type HostsFile struct {
	Path    string
	entries map[string][]HostsEntry
}

// ReadHosts reads a hosts file: an address, then names, up to a '#'. It skips other lines and
// ignores the case of names, as the system does.
func ReadHosts(path string, r io.Reader) (*HostsFile, error) {
	h := &HostsFile{Path: path, entries: make(map[string][]HostsEntry)}
	lines := newLines(r)
	for lines.Scan() {
		if lines.number > maxHostLines {
			return h, fmt.Errorf("more than %d lines; the rest was not read", maxHostLines)
		}
		text, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(text)
		if len(fields) < 2 {
			continue
		}
		addr, err := netip.ParseAddr(fields[0])
		if err != nil {
			continue
		}
		for _, name := range fields[1:] {
			key := hostsKey(name)
			h.entries[key] = append(h.entries[key], HostsEntry{addr.Unmap(), lines.number})
		}
	}
	return h, lines.Err()
}

// Lookup returns what the file says about a name, in the order of the file.
func (h *HostsFile) Lookup(name string) []HostsEntry {
	if h == nil || len(h.entries) == 0 {
		return nil
	}
	return h.entries[hostsKey(name)]
}

func hostsKey(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
